-- Receiving: drafts with prices, what replaces what came before, and delivery notes however they are written.
ALTER TABLE orders ADD COLUMN currency TEXT;
ALTER TABLE order_lines ADD COLUMN pack_price_minor INTEGER;
ALTER TABLE receipt_lines ADD COLUMN replaces TEXT;
CREATE INDEX receipt_lines_by_replaced ON receipt_lines (organisation_id, replaces) WHERE replaces IS NOT NULL;
ALTER TABLE receipts ADD COLUMN delivery_note_key TEXT;
UPDATE receipts SET delivery_note_key = replace(replace(replace(replace(replace(upper(delivery_note), ' ', ''), '-', ''), '/', ''), '.', ''), '_', '') WHERE delivery_note IS NOT NULL;
DROP INDEX receipts_by_note;
CREATE INDEX receipts_by_note ON receipts (organisation_id, delivery_note_key, occurred_at, id) WHERE delivery_note_key IS NOT NULL;
CREATE INDEX receipts_by_supplier_note ON receipts (organisation_id, supplier_id, delivery_note_key, id) WHERE delivery_note_key IS NOT NULL;
