DROP INDEX administrations_by_serial;
CREATE INDEX administrations_by_serial ON administrations (product_id, serial);
DELETE FROM idempotency_keys WHERE body IS NULL;
CREATE TABLE kept_answers (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subject TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (organisation_id, subject, idempotency_key)
) STRICT;
INSERT INTO kept_answers SELECT organisation_id, subject, idempotency_key, request_hash, status, body, created_at FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE kept_answers RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
DROP TRIGGER administrations_refuse_update;
ALTER TABLE administrations ADD COLUMN decision TEXT NOT NULL DEFAULT '';
UPDATE administrations SET decision = (SELECT json_extract(CAST(e.bytes AS TEXT), '$.data.administration.decision') FROM event_subjects s JOIN events e ON e.id = s.event_id
    WHERE s.organisation_id = administrations.organisation_id AND s.subject = administrations.id AND e.kind = 'stock_administered');
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, decision, recorded_by, occurred_at, recorded_at, udi_di, to_confirm ON administrations BEGIN SELECT RAISE(ABORT, 'administrations is append-only'); END;
