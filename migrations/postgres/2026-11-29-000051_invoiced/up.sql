-- What a supplier invoiced for what came.
ALTER TABLE receipts ADD COLUMN currency TEXT COLLATE "C";
ALTER TABLE receipt_lines ADD COLUMN pack_price_minor BIGINT CHECK (pack_price_minor >= 0);
DROP TRIGGER receipt_lines_refuse_update ON receipt_lines;
CREATE TRIGGER receipt_lines_refuse_update BEFORE UPDATE OF id, organisation_id, receipt_id, line, product_id, lot_id, packs, units, serials, flags, scan, ordered, corrects, correction_reason, identifier, replaces, pack_price_minor ON receipt_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP TRIGGER receipts_refuse_update ON receipts;
CREATE TRIGGER receipts_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, location_id, delivery_note, received_by, occurred_at, recorded_at, arrival_temperature_mc, logger_reference, documents, currency ON receipts FOR EACH ROW EXECUTE FUNCTION refuse_change();
