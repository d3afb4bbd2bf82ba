DROP INDEX deviations_by_administration;
DROP INDEX packs_by_receipt_line;
