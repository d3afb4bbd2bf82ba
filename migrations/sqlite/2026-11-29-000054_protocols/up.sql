-- What a clinic asks, explains, tells patients and keeps at hand: versions of documents, each in force from a day on.
CREATE TABLE protocols (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL,
    scope TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    title TEXT NOT NULL,
    source TEXT NOT NULL,
    effective_from TEXT NOT NULL,
    reason TEXT NOT NULL,
    content TEXT NOT NULL,
    author TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    UNIQUE (organisation_id, kind, scope, version)
) STRICT;
CREATE INDEX protocols_by_organisation ON protocols (organisation_id, id);
CREATE TRIGGER protocols_refuse_update BEFORE UPDATE ON protocols BEGIN SELECT RAISE(ABORT, 'protocols is append-only'); END;
CREATE TRIGGER protocols_refuse_delete BEFORE DELETE ON protocols BEGIN SELECT RAISE(ABORT, 'protocols is append-only'); END;

CREATE TRIGGER protocols_known_insert AFTER INSERT ON protocols BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER protocols_known_update AFTER UPDATE ON protocols BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER protocols_known_delete AFTER DELETE ON protocols BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
