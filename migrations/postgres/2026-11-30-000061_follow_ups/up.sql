-- What is to be looked at after a treatment, and when a patient is usually treated again.
CREATE TABLE follow_ups (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    visit_id TEXT COLLATE "C" NOT NULL REFERENCES visits (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    patient_id TEXT COLLATE "C" NOT NULL,
    practitioner_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    kind TEXT COLLATE "C" NOT NULL,
    protocol_id TEXT COLLATE "C" NOT NULL REFERENCES protocols (id),
    check_code TEXT COLLATE "C",
    class TEXT COLLATE "C",
    due_on DATE NOT NULL,
    planned_at TIMESTAMP NOT NULL,
    ended_by TEXT COLLATE "C",
    ended_at TIMESTAMP,
    entry_id TEXT COLLATE "C" REFERENCES visit_entries (id),
    ended_in TEXT COLLATE "C" REFERENCES visits (id),
    end_reason TEXT COLLATE "C",
    CHECK ((ended_by IS NULL) = (ended_at IS NULL)),
    CHECK (ended_at IS NOT NULL OR (entry_id IS NULL AND ended_in IS NULL AND end_reason IS NULL)),
    CHECK ((check_code IS NULL) <> (class IS NULL))
);
CREATE INDEX follow_ups_by_visit ON follow_ups (organisation_id, visit_id, id);
-- What is due, in the order of its days: everywhere, and at one site.
CREATE INDEX follow_ups_due ON follow_ups (organisation_id, due_on, id) WHERE ended_at IS NULL;
CREATE INDEX follow_ups_due_at_site ON follow_ups (organisation_id, site_id, due_on, id) WHERE ended_at IS NULL;
-- What of a patient ends when they are treated again.
CREATE INDEX follow_ups_of_patient ON follow_ups (organisation_id, patient_id, id) WHERE ended_at IS NULL;
CREATE TRIGGER follow_ups_refuse_update BEFORE UPDATE OF id, organisation_id, visit_id, site_id, patient_id, practitioner_id, kind, protocol_id, check_code, class, due_on, planned_at ON follow_ups FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER follow_ups_refuse_delete BEFORE DELETE ON follow_ups FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER follow_ups_refuse_truncate BEFORE TRUNCATE ON follow_ups FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER follow_ups_ended_once BEFORE UPDATE ON follow_ups FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
