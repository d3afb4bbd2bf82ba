-- What is clinical of an administration stands in its event alone, sealed under the patient's key; the program seals what older
-- versions recorded when this is done, and says here that it has. Its patient has an id that says nothing.
DROP TRIGGER administrations_refuse_update ON administrations;
DROP INDEX administrations_by_patient;
ALTER TABLE administrations DROP COLUMN patient_ref, DROP COLUMN treatment, DROP COLUMN encounter_ref, DROP COLUMN retrospective_reason;
ALTER TABLE administrations ADD COLUMN patient_id TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX administrations_by_patient ON administrations (organisation_id, patient_id, occurred_at, id);
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, scan, recorded_by, occurred_at, recorded_at, udi_di, to_confirm, container_id, patient_id ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What is known of the deployment beside the record: which upgrades were done that need more than statements, and whose
-- patients' keys it has.
CREATE TABLE deployment (
    name TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    value TEXT COLLATE "C" NOT NULL
);
CREATE TRIGGER deployment_refuse_truncate BEFORE TRUNCATE ON deployment FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Patients who were erased: nobody can read what is recorded of them.
CREATE TABLE patient_erasures (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    patient_id TEXT COLLATE "C" NOT NULL UNIQUE,
    reason TEXT COLLATE "C" NOT NULL,
    override_reason TEXT COLLATE "C",
    erased_by TEXT COLLATE "C" NOT NULL,
    erased_at TIMESTAMP NOT NULL
);
CREATE TRIGGER patient_erasures_refuse_change BEFORE UPDATE OR DELETE ON patient_erasures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER patient_erasures_refuse_truncate BEFORE TRUNCATE ON patient_erasures FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Kept answers name patients: those of older versions are not given again, and their keys are not free.
UPDATE idempotency_keys SET request_hash = '', body = '', made_of = NULL, digest = NULL;
