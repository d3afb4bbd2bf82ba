DROP INDEX administrations_by_container;
DROP TRIGGER administrations_refuse_update ON administrations;
ALTER TABLE administrations DROP COLUMN container_id;
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, recorded_by, occurred_at, recorded_at, udi_di, to_confirm ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP INDEX accounts_by_container;
ALTER TABLE accounts DROP COLUMN container_id;
DROP TABLE containers;
