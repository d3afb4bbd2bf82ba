-- What was prescribed for a patient. `drawn` is in millionths of a unit, and follows from what was administered.
CREATE TABLE prescriptions (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    patient_id TEXT NOT NULL,
    prescriber_id TEXT NOT NULL REFERENCES practitioners (id),
    product_id TEXT REFERENCES products (id),
    class TEXT,
    units INTEGER NOT NULL CHECK (units > 0),
    seen TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    clinical TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    prescribed_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    drawn INTEGER NOT NULL DEFAULT 0 CHECK (drawn >= 0 AND drawn <= units * 1000000),
    withdrawn_by TEXT,
    withdrawn_at TEXT,
    withdrawal_reason TEXT,
    CHECK ((product_id IS NULL) <> (class IS NULL)),
    CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_by IS NULL) = (withdrawal_reason IS NULL))
) STRICT;
CREATE INDEX prescriptions_by_organisation ON prescriptions (organisation_id, id);
CREATE INDEX prescriptions_by_patient ON prescriptions (organisation_id, patient_id, id);
-- What is drawn on: of a patient's, the one that lapses first.
CREATE INDEX prescriptions_by_end ON prescriptions (organisation_id, patient_id, valid_until, id);
CREATE TRIGGER prescriptions_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, patient_id, prescriber_id, product_id, class, units, seen, valid_until, clinical, recorded_by, prescribed_at, recorded_at ON prescriptions BEGIN SELECT RAISE(ABORT, 'prescriptions is append-only'); END;
CREATE TRIGGER prescriptions_refuse_delete BEFORE DELETE ON prescriptions BEGIN SELECT RAISE(ABORT, 'prescriptions is append-only'); END;
CREATE TRIGGER prescriptions_withdrawn_once BEFORE UPDATE OF withdrawn_by, withdrawn_at, withdrawal_reason ON prescriptions WHEN OLD.withdrawn_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a prescription is withdrawn once'); END;
