-- What was prescribed for a patient. `drawn` is in millionths of a unit, and follows from what was administered.
CREATE TABLE prescriptions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    patient_id TEXT COLLATE "C" NOT NULL,
    prescriber_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    product_id TEXT COLLATE "C" REFERENCES products (id),
    class TEXT COLLATE "C",
    units BIGINT NOT NULL CHECK (units > 0),
    seen TEXT COLLATE "C" NOT NULL,
    valid_until DATE NOT NULL,
    clinical TEXT COLLATE "C" NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    prescribed_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    drawn BIGINT NOT NULL DEFAULT 0 CHECK (drawn >= 0 AND drawn <= units * 1000000),
    withdrawn_by TEXT COLLATE "C",
    withdrawn_at TIMESTAMP,
    withdrawal_reason TEXT COLLATE "C",
    CHECK ((product_id IS NULL) <> (class IS NULL)),
    CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_by IS NULL) = (withdrawal_reason IS NULL))
);
CREATE INDEX prescriptions_by_organisation ON prescriptions (organisation_id, id);
CREATE INDEX prescriptions_by_patient ON prescriptions (organisation_id, patient_id, id);
-- What is drawn on: of a patient's, the one that lapses first.
CREATE INDEX prescriptions_by_end ON prescriptions (organisation_id, patient_id, valid_until, id);
CREATE TRIGGER prescriptions_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, patient_id, prescriber_id, product_id, class, units, seen, valid_until, clinical, recorded_by, prescribed_at, recorded_at ON prescriptions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER prescriptions_refuse_delete BEFORE DELETE ON prescriptions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER prescriptions_refuse_truncate BEFORE TRUNCATE ON prescriptions FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER prescriptions_withdrawn_once BEFORE UPDATE OF withdrawn_by, withdrawn_at, withdrawal_reason ON prescriptions FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
