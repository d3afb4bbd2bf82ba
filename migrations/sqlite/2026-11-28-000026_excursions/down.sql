DROP TABLE excursion_administrations;
DROP TABLE excursion_lots;
DROP TABLE excursions;
ALTER TABLE accounts DROP COLUMN excursion_ids;
