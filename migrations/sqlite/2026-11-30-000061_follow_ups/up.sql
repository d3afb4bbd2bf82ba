-- What is to be looked at after a treatment, and when a patient is usually treated again.
CREATE TABLE follow_ups (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    visit_id TEXT NOT NULL REFERENCES visits (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    patient_id TEXT NOT NULL,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    kind TEXT NOT NULL,
    protocol_id TEXT NOT NULL REFERENCES protocols (id),
    check_code TEXT,
    class TEXT,
    due_on TEXT NOT NULL,
    planned_at TEXT NOT NULL,
    ended_by TEXT,
    ended_at TEXT,
    entry_id TEXT REFERENCES visit_entries (id),
    ended_in TEXT REFERENCES visits (id),
    end_reason TEXT,
    CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
    CHECK (ended_at IS NOT NULL OR (entry_id IS NULL AND ended_in IS NULL AND end_reason IS NULL)),
    CHECK ((check_code IS NULL) <> (class IS NULL))
) STRICT;
CREATE INDEX follow_ups_by_visit ON follow_ups (organisation_id, visit_id, id);
-- What is due, in the order of its days: everywhere, and at one site.
CREATE INDEX follow_ups_due ON follow_ups (organisation_id, due_on, id) WHERE ended_at IS NULL;
CREATE INDEX follow_ups_due_at_site ON follow_ups (organisation_id, site_id, due_on, id) WHERE ended_at IS NULL;
-- What of a patient ends when they are treated again.
CREATE INDEX follow_ups_of_patient ON follow_ups (organisation_id, patient_id, id) WHERE ended_at IS NULL;
CREATE TRIGGER follow_ups_refuse_update BEFORE UPDATE OF id, organisation_id, visit_id, site_id, patient_id, practitioner_id, kind, protocol_id, check_code, class, due_on, planned_at ON follow_ups BEGIN SELECT RAISE(ABORT, 'follow_ups is append-only'); END;
CREATE TRIGGER follow_ups_refuse_delete BEFORE DELETE ON follow_ups BEGIN SELECT RAISE(ABORT, 'follow_ups is append-only'); END;
CREATE TRIGGER follow_ups_ended_once BEFORE UPDATE ON follow_ups WHEN OLD.ended_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a follow-up ends once'); END;
