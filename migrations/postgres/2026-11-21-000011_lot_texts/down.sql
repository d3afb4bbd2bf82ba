DROP INDEX lots_by_likeness;
DROP INDEX lots_by_key;
ALTER TABLE lots DROP COLUMN likeness;
ALTER TABLE lots DROP COLUMN lot_key;
