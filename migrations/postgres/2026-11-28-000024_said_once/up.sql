-- What an event says is not said again. The decision of an administration stands in its event.
DROP TRIGGER administrations_refuse_update ON administrations;
ALTER TABLE administrations DROP COLUMN decision;
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, recorded_by, occurred_at, recorded_at, udi_di, to_confirm ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An answer that follows from an event is not kept, but made again: from what, and the digest that it must have.
ALTER TABLE idempotency_keys ALTER COLUMN body DROP NOT NULL;
ALTER TABLE idempotency_keys ADD COLUMN made_of TEXT COLLATE "C";
ALTER TABLE idempotency_keys ADD COLUMN digest BYTEA;
ALTER TABLE idempotency_keys ADD CHECK ((body IS NULL) = (made_of IS NOT NULL));
ALTER TABLE idempotency_keys ADD CHECK ((made_of IS NULL) = (digest IS NULL));

-- Most administrations have no number.
DROP INDEX administrations_by_serial;
CREATE INDEX administrations_by_serial ON administrations (product_id, serial) WHERE serial IS NOT NULL;
