-- Verifications that somebody asked for: how far each is, and what it found. They say something of the record, and are no part of it.
CREATE TABLE verifications (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    started_by TEXT NOT NULL,
    started_at TEXT NOT NULL,
    process TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    touched_at TEXT NOT NULL,
    steps_done INTEGER NOT NULL CHECK (steps_done >= 0),
    steps INTEGER NOT NULL CHECK (steps >= 0),
    ended_at TEXT,
    outcome TEXT,
    CHECK ((state = 'done') = (outcome IS NOT NULL))
) STRICT;
-- One at a time, whichever process and whichever organisation.
CREATE UNIQUE INDEX verifications_running ON verifications (state) WHERE state = 'running';
CREATE INDEX verifications_by_organisation ON verifications (organisation_id, id);
