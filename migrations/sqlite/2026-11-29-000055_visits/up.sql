-- The record around a treatment. Everything clinical is sealed under the patient's key.
CREATE TABLE visits (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    patient_id TEXT NOT NULL,
    clinical TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    signed_by TEXT,
    signed_at TEXT,
    CHECK ((signed_by IS NULL) = (signed_at IS NULL))
) STRICT;
CREATE INDEX visits_by_organisation ON visits (organisation_id, id);
CREATE INDEX visits_by_patient ON visits (organisation_id, patient_id, id);
-- What waits for a signature.
CREATE INDEX visits_unsigned ON visits (organisation_id, practitioner_id, id) WHERE signed_at IS NULL;

CREATE TABLE visit_entries (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    visit_id TEXT NOT NULL REFERENCES visits (id),
    patient_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    protocol_id TEXT REFERENCES protocols (id),
    is_superseded INTEGER NOT NULL CHECK (is_superseded IN (0, 1)),
    said TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX visit_entries_by_visit ON visit_entries (organisation_id, visit_id, occurred_at, id);
-- What a patient answered before, whatever the visit.
CREATE INDEX visit_entries_by_patient ON visit_entries (organisation_id, patient_id, kind, id);

ALTER TABLE administrations ADD COLUMN visit_id TEXT REFERENCES visits (id);
CREATE INDEX administrations_by_visit ON administrations (organisation_id, visit_id, occurred_at, id) WHERE visit_id IS NOT NULL;
CREATE TRIGGER visits_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, practitioner_id, patient_id, clinical, opened_by, occurred_at, recorded_at ON visits BEGIN SELECT RAISE(ABORT, 'visits is append-only'); END;
CREATE TRIGGER visits_refuse_delete BEFORE DELETE ON visits BEGIN SELECT RAISE(ABORT, 'visits is append-only'); END;
CREATE TRIGGER visits_signed_once BEFORE UPDATE ON visits WHEN OLD.signed_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a visit is signed once'); END;
CREATE TRIGGER visit_entries_refuse_update BEFORE UPDATE ON visit_entries BEGIN SELECT RAISE(ABORT, 'visit_entries is append-only'); END;
CREATE TRIGGER visit_entries_refuse_delete BEFORE DELETE ON visit_entries BEGIN SELECT RAISE(ABORT, 'visit_entries is append-only'); END;
