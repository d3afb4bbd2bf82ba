-- What is clinical of an administration stands in its event alone, sealed under the patient's key; the program seals what older
-- versions recorded when this is done, and says here that it has. Its patient has an id that says nothing.
DROP TRIGGER administrations_refuse_update;
DROP INDEX administrations_by_patient;
ALTER TABLE administrations DROP COLUMN patient_ref;
ALTER TABLE administrations DROP COLUMN treatment;
ALTER TABLE administrations DROP COLUMN encounter_ref;
ALTER TABLE administrations DROP COLUMN retrospective_reason;
ALTER TABLE administrations ADD COLUMN patient_id TEXT NOT NULL DEFAULT '';
CREATE INDEX administrations_by_patient ON administrations (organisation_id, patient_id, occurred_at, id);
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, scan, recorded_by, occurred_at, recorded_at, udi_di, to_confirm, container_id, patient_id ON administrations BEGIN SELECT RAISE(ABORT, 'administrations is append-only'); END;

-- What is known of the deployment beside the record: which upgrades were done that need more than statements, and whose
-- patients' keys it has.
CREATE TABLE deployment (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;

-- Patients who were erased: nobody can read what is recorded of them.
CREATE TABLE patient_erasures (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    patient_id TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    override_reason TEXT,
    erased_by TEXT NOT NULL,
    erased_at TEXT NOT NULL
) STRICT;
CREATE TRIGGER patient_erasures_refuse_update BEFORE UPDATE ON patient_erasures BEGIN SELECT RAISE(ABORT, 'patient_erasures is append-only'); END;
CREATE TRIGGER patient_erasures_refuse_delete BEFORE DELETE ON patient_erasures BEGIN SELECT RAISE(ABORT, 'patient_erasures is append-only'); END;

-- Kept answers name patients: those of older versions are not given again, and their keys are not free.
UPDATE idempotency_keys SET request_hash = X'', body = X'', made_of = NULL, digest = NULL;
