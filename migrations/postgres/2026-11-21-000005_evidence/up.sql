-- Photographs and documents. Their bytes are outside the database, under the organisation and their SHA-256.
CREATE TABLE evidence (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    sha256 TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes > 0),
    uploaded_by TEXT COLLATE "C" NOT NULL,
    uploaded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, sha256)
);

-- What an auditor reads is only ever added to.
CREATE TRIGGER evidence_refuse_change BEFORE UPDATE OR DELETE ON evidence FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_refuse_truncate BEFORE TRUNCATE ON evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
