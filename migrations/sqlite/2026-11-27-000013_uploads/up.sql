-- Answers that are kept end after their time.
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- How many bytes an organisation's files have together: the row that uploads of the same moment meet at.
CREATE TABLE evidence_totals (
    organisation_id TEXT PRIMARY KEY NOT NULL REFERENCES organisations (id),
    bytes INTEGER NOT NULL CHECK (bytes > 0)
) STRICT;
INSERT INTO evidence_totals (organisation_id, bytes)
    SELECT organisation_id, SUM(bytes) FROM evidence GROUP BY organisation_id;

-- Bytes that are being written, or removed, and have no record yet or will have none; not part of the record.
CREATE TABLE evidence_claims (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    sha256 TEXT NOT NULL,
    arriving INTEGER NOT NULL CHECK (arriving >= 0),
    leaving INTEGER NOT NULL CHECK (leaving IN (0, 1)),
    since TEXT NOT NULL,
    PRIMARY KEY (organisation_id, sha256)
) STRICT;
CREATE INDEX evidence_claims_by_age ON evidence_claims (since);
