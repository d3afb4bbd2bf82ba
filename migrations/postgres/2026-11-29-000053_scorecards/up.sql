-- What a supplier's scorecard is read by: its orders, receipts, inspections and claims of a period.
CREATE INDEX orders_by_supplier ON orders (organisation_id, supplier_id, placed_at, id) WHERE placed_at IS NOT NULL;
CREATE INDEX receipts_by_supplier ON receipts (organisation_id, supplier_id, occurred_at, id);
CREATE INDEX inspections_by_receipt ON inspections (organisation_id, receipt_id) WHERE receipt_id IS NOT NULL;
CREATE INDEX claims_in_order ON claims (organisation_id, supplier_id, opened_at, id);

-- Which version of an order's draft is written: whoever changes it says which they have read.
ALTER TABLE orders ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
