DROP INDEX administrations_of_no_place;
DROP INDEX administration_voids_to_count;
ALTER TABLE administration_voids DROP COLUMN units_to_count;
DROP TABLE evidence_owners;
