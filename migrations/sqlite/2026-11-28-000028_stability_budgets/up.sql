-- Which excursions use up the stability budget of units is something that the units have: an account of their own. None for those
-- of a product without a budget.
ALTER TABLE accounts ADD COLUMN charged_ids TEXT;

-- Of the units that were there, those that the budget of their product covers: they are not held.
ALTER TABLE excursion_lots ADD COLUMN units_within_budget INTEGER NOT NULL DEFAULT 0 CHECK (units_within_budget >= 0);
