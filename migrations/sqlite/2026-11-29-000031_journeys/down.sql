ALTER TABLE movements DROP COLUMN departure_id;
ALTER TABLE sensors DROP COLUMN travels;
