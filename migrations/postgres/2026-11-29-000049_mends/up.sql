-- What was told of a stock-take when it was approved stays as it was told.
ALTER TABLE stock_takes ADD COLUMN told TEXT COLLATE "C";
-- What the checklist asked for and an inspection does not have.
ALTER TABLE inspections ADD COLUMN lacks TEXT COLLATE "C" NOT NULL DEFAULT '[]';
-- References of recalls are found however they are punctuated. `reference_key` folds case and spaces already; eight times halves
-- as many marks in a row as a reference can have.
ALTER TABLE recalls ADD COLUMN reference_sought TEXT COLLATE "C" NOT NULL DEFAULT '';
DROP TRIGGER recalls_refuse_update ON recalls;
UPDATE recalls SET reference_sought = btrim(replace(replace(replace(replace(replace(replace(replace(replace(translate(reference_key, ' /._', '----'), '--', '-'), '--', '-'), '--', '-'), '--', '-'), '--', '-'), '--', '-'), '--', '-'), '--', '-'), '-');
CREATE INDEX recalls_by_reference ON recalls (organisation_id, reference_sought, id);
CREATE TRIGGER recalls_refuse_update BEFORE UPDATE OF id, organisation_id, reference, reference_key, classification, gtin, named, reason, opened_by, opened_at, recorded_at, reference_sought ON recalls FOR EACH ROW EXECUTE FUNCTION refuse_change();
