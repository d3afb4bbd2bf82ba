DROP INDEX receipts_by_supplier_note;
DROP INDEX receipts_by_note;
CREATE INDEX receipts_by_note ON receipts (organisation_id, delivery_note, occurred_at, id) WHERE delivery_note IS NOT NULL;
ALTER TABLE receipts DROP COLUMN delivery_note_key;
DROP INDEX receipt_lines_by_replaced;
ALTER TABLE receipt_lines DROP COLUMN replaces;
ALTER TABLE order_lines DROP COLUMN pack_price_minor;
ALTER TABLE orders DROP COLUMN currency;
