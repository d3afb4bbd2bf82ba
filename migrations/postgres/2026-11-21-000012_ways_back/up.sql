-- A line that a correction replaced, or that was voided, stays and counts for nothing any more.
DROP TRIGGER receipt_lines_refuse_change ON receipt_lines;
ALTER TABLE receipt_lines ADD COLUMN stands BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE receipt_lines SET stands = FALSE WHERE id IN (SELECT corrects FROM receipt_lines WHERE corrects IS NOT NULL);
CREATE TRIGGER receipt_lines_refuse_update BEFORE UPDATE OF id, organisation_id, receipt_id, line, product_id, lot_id, packs, units, serials, flags, scan, ordered, corrects, correction_reason, identifier ON receipt_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_lines_refuse_delete BEFORE DELETE ON receipt_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A receipt has the supplier and the order that it should have had; what it said before is in its corrections.
DROP TRIGGER receipts_refuse_change ON receipts;
CREATE TRIGGER receipts_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, location_id, delivery_note, received_by, occurred_at, recorded_at, arrival_temperature_mc, logger_reference, documents ON receipts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_refuse_delete BEFORE DELETE ON receipts FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE receipt_corrections (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    receipt_id TEXT COLLATE "C" NOT NULL REFERENCES receipts (id),
    number INTEGER NOT NULL,
    was_supplier_id TEXT COLLATE "C" NOT NULL REFERENCES suppliers (id),
    was_order_id TEXT COLLATE "C" REFERENCES orders (id),
    supplier_id TEXT COLLATE "C" NOT NULL REFERENCES suppliers (id),
    order_id TEXT COLLATE "C" REFERENCES orders (id),
    reason TEXT COLLATE "C" NOT NULL,
    corrected_by TEXT COLLATE "C" NOT NULL,
    corrected_at TIMESTAMP NOT NULL,
    UNIQUE (receipt_id, number)
);

-- What never came, or was entered twice: a receipt, or one line of it.
CREATE TABLE receipt_voids (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    subject_id TEXT COLLATE "C" NOT NULL UNIQUE,
    receipt_id TEXT COLLATE "C" NOT NULL REFERENCES receipts (id),
    line_id TEXT COLLATE "C" REFERENCES receipt_lines (id),
    reason TEXT COLLATE "C" NOT NULL,
    voided_by TEXT COLLATE "C" NOT NULL,
    voided_at TIMESTAMP NOT NULL
);
CREATE INDEX receipt_voids_by_receipt ON receipt_voids (receipt_id, id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER receipt_corrections_refuse_change BEFORE UPDATE OR DELETE ON receipt_corrections FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_corrections_refuse_truncate BEFORE TRUNCATE ON receipt_corrections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_voids_refuse_change BEFORE UPDATE OR DELETE ON receipt_voids FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_voids_refuse_truncate BEFORE TRUNCATE ON receipt_voids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
