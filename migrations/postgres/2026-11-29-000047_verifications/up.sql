-- Verifications that somebody asked for: how far each is, and what it found. They say something of the record, and are no part of it.
CREATE TABLE verifications (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    started_by TEXT COLLATE "C" NOT NULL,
    started_at TIMESTAMP NOT NULL,
    process TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    touched_at TIMESTAMP NOT NULL,
    steps_done BIGINT NOT NULL CHECK (steps_done >= 0),
    steps BIGINT NOT NULL CHECK (steps >= 0),
    ended_at TIMESTAMP,
    outcome TEXT COLLATE "C",
    CHECK ((state = 'done') = (outcome IS NOT NULL))
);
-- One at a time, whichever process and whichever organisation.
CREATE UNIQUE INDEX verifications_running ON verifications (state) WHERE state = 'running';
CREATE INDEX verifications_by_organisation ON verifications (organisation_id, id);
CREATE TRIGGER verifications_refuse_truncate BEFORE TRUNCATE ON verifications FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
