ALTER TABLE excursion_lots DROP COLUMN units_within_budget;
ALTER TABLE accounts DROP COLUMN charged_ids;
