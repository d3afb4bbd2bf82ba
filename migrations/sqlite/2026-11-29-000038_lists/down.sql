DROP INDEX inspections_in_order;
DROP INDEX inspections_of_lot;
DROP INDEX releases_in_order;
DROP INDEX releases_of_lot;
DROP INDEX packs_in_order;
DROP INDEX packs_by_number;
DROP INDEX receipts_by_note;
