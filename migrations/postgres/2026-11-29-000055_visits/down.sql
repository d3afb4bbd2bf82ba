DROP INDEX administrations_by_visit;
ALTER TABLE administrations DROP COLUMN visit_id;
DROP TABLE visit_entries;
DROP TABLE visits;
