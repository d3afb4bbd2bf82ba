DROP TRIGGER recalls_refuse_update;
DROP INDEX recalls_by_reference;
ALTER TABLE recalls DROP COLUMN reference_sought;
CREATE TRIGGER recalls_refuse_update BEFORE UPDATE OF id, organisation_id, reference, reference_key, classification, gtin, named, reason, opened_by, opened_at, recorded_at ON recalls BEGIN SELECT RAISE(ABORT, 'recalls is append-only'); END;
ALTER TABLE inspections DROP COLUMN lacks;
ALTER TABLE stock_takes DROP COLUMN told;
