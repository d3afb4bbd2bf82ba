DROP TABLE recall_contacts;
DROP TABLE recall_acknowledgements;
DROP TABLE recalls;
DROP INDEX lots_by_production;
DROP INDEX holds_by_cause;
ALTER TABLE holds DROP COLUMN pack_ids;
ALTER TABLE holds DROP COLUMN cause_reference;
