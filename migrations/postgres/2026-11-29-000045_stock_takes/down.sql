DROP INDEX movements_by_stock_take;
ALTER TABLE movements DROP COLUMN stock_take_id;
DROP TABLE stock_take_scans;
DROP TABLE stock_takes;
