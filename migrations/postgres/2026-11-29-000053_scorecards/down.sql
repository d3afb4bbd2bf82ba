ALTER TABLE orders DROP COLUMN version;
DROP INDEX claims_in_order;
DROP INDEX inspections_by_receipt;
DROP INDEX receipts_by_supplier;
DROP INDEX orders_by_supplier;
