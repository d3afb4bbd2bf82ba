DROP TRIGGER recalls_refuse_update ON recalls;
DROP INDEX recalls_by_reference;
ALTER TABLE recalls DROP COLUMN reference_sought;
CREATE TRIGGER recalls_refuse_update BEFORE UPDATE OF id, organisation_id, reference, reference_key, classification, gtin, named, reason, opened_by, opened_at, recorded_at ON recalls FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE inspections DROP COLUMN lacks;
ALTER TABLE stock_takes DROP COLUMN told;
