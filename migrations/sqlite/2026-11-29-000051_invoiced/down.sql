DROP TRIGGER receipt_lines_refuse_update;
CREATE TRIGGER receipt_lines_refuse_update BEFORE UPDATE OF id, organisation_id, receipt_id, line, product_id, lot_id, packs, units, serials, flags, scan, ordered, corrects, correction_reason, identifier ON receipt_lines BEGIN SELECT RAISE(ABORT, 'receipt_lines is append-only'); END;
DROP TRIGGER receipts_refuse_update;
CREATE TRIGGER receipts_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, location_id, delivery_note, received_by, occurred_at, recorded_at, arrival_temperature_mc, logger_reference, documents ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;
ALTER TABLE receipt_lines DROP COLUMN pack_price_minor;
ALTER TABLE receipts DROP COLUMN currency;
