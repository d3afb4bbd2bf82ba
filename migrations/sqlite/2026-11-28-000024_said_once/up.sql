-- What an event says is not said again. The decision of an administration stands in its event.
DROP TRIGGER administrations_refuse_update;
ALTER TABLE administrations DROP COLUMN decision;
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, recorded_by, occurred_at, recorded_at, udi_di, to_confirm ON administrations BEGIN SELECT RAISE(ABORT, 'administrations is append-only'); END;

-- An answer that follows from an event is not kept, but made again: from what, and the digest that it must have.
CREATE TABLE kept_answers (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subject TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB,
    made_of TEXT,
    digest BLOB,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organisation_id, subject, idempotency_key),
    CHECK ((body IS NULL) = (made_of IS NOT NULL)),
    CHECK ((made_of IS NULL) = (digest IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO kept_answers (organisation_id, subject, idempotency_key, request_hash, status, body, created_at)
    SELECT organisation_id, subject, idempotency_key, request_hash, status, body, created_at FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE kept_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Most administrations have no number.
DROP INDEX administrations_by_serial;
CREATE INDEX administrations_by_serial ON administrations (product_id, serial) WHERE serial IS NOT NULL;
