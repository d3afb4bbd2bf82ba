DROP INDEX administrations_by_serial;
CREATE INDEX administrations_by_serial ON administrations (product_id, serial);
DELETE FROM idempotency_keys WHERE body IS NULL;
ALTER TABLE idempotency_keys DROP COLUMN digest;
ALTER TABLE idempotency_keys DROP COLUMN made_of;
ALTER TABLE idempotency_keys ALTER COLUMN body SET NOT NULL;
DROP TRIGGER administrations_refuse_update ON administrations;
ALTER TABLE administrations ADD COLUMN decision TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE administrations SET decision = (SELECT (convert_from(e.bytes, 'UTF8')::jsonb #> '{data,administration,decision}')::text FROM event_subjects s JOIN events e ON e.id = s.event_id
    WHERE s.organisation_id = administrations.organisation_id AND s.subject = administrations.id AND e.kind = 'stock_administered');
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, decision, recorded_by, occurred_at, recorded_at, udi_di, to_confirm ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
