-- What was sealed stays sealed: only the columns come back, empty.
DROP TABLE patient_erasures;
DROP TABLE deployment;
DROP TRIGGER administrations_refuse_update;
DROP INDEX administrations_by_patient;
ALTER TABLE administrations DROP COLUMN patient_id;
ALTER TABLE administrations ADD COLUMN patient_ref TEXT NOT NULL DEFAULT '';
ALTER TABLE administrations ADD COLUMN treatment TEXT NOT NULL DEFAULT '';
ALTER TABLE administrations ADD COLUMN encounter_ref TEXT;
ALTER TABLE administrations ADD COLUMN retrospective_reason TEXT;
CREATE INDEX administrations_by_patient ON administrations (organisation_id, patient_ref, occurred_at, id);
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, recorded_by, occurred_at, recorded_at, udi_di, to_confirm, container_id ON administrations BEGIN SELECT RAISE(ABORT, 'administrations is append-only'); END;
