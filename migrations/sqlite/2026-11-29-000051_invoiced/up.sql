-- What a supplier invoiced for what came.
ALTER TABLE receipts ADD COLUMN currency TEXT;
ALTER TABLE receipt_lines ADD COLUMN pack_price_minor INTEGER CHECK (pack_price_minor >= 0);
DROP TRIGGER receipt_lines_refuse_update;
CREATE TRIGGER receipt_lines_refuse_update BEFORE UPDATE OF id, organisation_id, receipt_id, line, product_id, lot_id, packs, units, serials, flags, scan, ordered, corrects, correction_reason, identifier, replaces, pack_price_minor ON receipt_lines BEGIN SELECT RAISE(ABORT, 'receipt_lines is append-only'); END;
DROP TRIGGER receipts_refuse_update;
CREATE TRIGGER receipts_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, location_id, delivery_note, received_by, occurred_at, recorded_at, arrival_temperature_mc, logger_reference, documents, currency ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;
