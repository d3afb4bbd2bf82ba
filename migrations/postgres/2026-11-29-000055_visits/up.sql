-- The record around a treatment. Everything clinical is sealed under the patient's key.
CREATE TABLE visits (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    practitioner_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    patient_id TEXT COLLATE "C" NOT NULL,
    clinical TEXT COLLATE "C" NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    signed_by TEXT COLLATE "C",
    signed_at TIMESTAMP,
    CHECK ((signed_by IS NULL) = (signed_at IS NULL))
);
CREATE INDEX visits_by_organisation ON visits (organisation_id, id);
CREATE INDEX visits_by_patient ON visits (organisation_id, patient_id, id);
-- What waits for a signature.
CREATE INDEX visits_unsigned ON visits (organisation_id, practitioner_id, id) WHERE signed_at IS NULL;

CREATE TABLE visit_entries (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    patient_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    protocol_id TEXT COLLATE "C" REFERENCES protocols (id),
    is_superseded BOOLEAN NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX visit_entries_by_visit ON visit_entries (organisation_id, visit_id, occurred_at, id);
-- What a patient answered before, whatever the visit.
CREATE INDEX visit_entries_by_patient ON visit_entries (organisation_id, patient_id, kind, id);

ALTER TABLE administrations ADD COLUMN visit_id TEXT COLLATE "C" REFERENCES visits (id);
CREATE INDEX administrations_by_visit ON administrations (organisation_id, visit_id, occurred_at, id) WHERE visit_id IS NOT NULL;
CREATE TRIGGER visits_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, practitioner_id, patient_id, clinical, opened_by, occurred_at, recorded_at ON visits FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER visits_refuse_delete BEFORE DELETE ON visits FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER visits_refuse_truncate BEFORE TRUNCATE ON visits FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER visits_signed_once BEFORE UPDATE ON visits FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER visit_entries_refuse_update BEFORE UPDATE ON visit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER visit_entries_refuse_delete BEFORE DELETE ON visit_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER visit_entries_refuse_truncate BEFORE TRUNCATE ON visit_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
