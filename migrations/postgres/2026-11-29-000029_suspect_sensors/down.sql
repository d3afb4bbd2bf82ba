DROP TABLE sensor_latest;
ALTER TABLE excursions DROP COLUMN suspicions;
