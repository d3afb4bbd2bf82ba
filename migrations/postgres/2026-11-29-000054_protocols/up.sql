-- What a clinic asks, explains, tells patients and keeps at hand: versions of documents, each in force from a day on.
CREATE TABLE protocols (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    kind TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    title TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    effective_from DATE NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    author TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    UNIQUE (organisation_id, kind, scope, version)
);
CREATE INDEX protocols_by_organisation ON protocols (organisation_id, id);
CREATE TRIGGER protocols_refuse_update BEFORE UPDATE ON protocols FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER protocols_refuse_delete BEFORE DELETE ON protocols FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER protocols_refuse_truncate BEFORE TRUNCATE ON protocols FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER protocols_known AFTER INSERT OR UPDATE OR DELETE ON protocols FOR EACH ROW EXECUTE FUNCTION known_changed();
