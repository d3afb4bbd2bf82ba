-- Answers that are kept end after their time.
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- How many bytes an organisation's files have together: the row that uploads of the same moment meet at.
CREATE TABLE evidence_totals (
    organisation_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES organisations (id),
    bytes BIGINT NOT NULL CHECK (bytes > 0)
);
INSERT INTO evidence_totals (organisation_id, bytes)
    SELECT organisation_id, CAST(SUM(bytes) AS BIGINT) FROM evidence GROUP BY organisation_id;
CREATE TRIGGER evidence_totals_refuse_truncate BEFORE TRUNCATE ON evidence_totals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Bytes that are being written, or removed, and have no record yet or will have none; not part of the record.
CREATE TABLE evidence_claims (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    sha256 TEXT COLLATE "C" NOT NULL,
    arriving BIGINT NOT NULL CHECK (arriving >= 0),
    leaving BOOLEAN NOT NULL,
    since TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, sha256)
);
CREATE INDEX evidence_claims_by_age ON evidence_claims (since);
CREATE TRIGGER evidence_claims_refuse_truncate BEFORE TRUNCATE ON evidence_claims FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
