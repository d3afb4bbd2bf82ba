DROP TABLE evidence_claims;
DROP TABLE evidence_totals;
DROP INDEX idempotency_keys_by_age;
