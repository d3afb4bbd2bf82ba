-- A line that a correction replaced, or that was voided, stays and counts for nothing any more.
DROP TRIGGER receipt_lines_refuse_update;
ALTER TABLE receipt_lines ADD COLUMN stands BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE receipt_lines SET stands = FALSE WHERE id IN (SELECT corrects FROM receipt_lines WHERE corrects IS NOT NULL);
CREATE TRIGGER receipt_lines_refuse_update BEFORE UPDATE OF id, organisation_id, receipt_id, line, product_id, lot_id, packs, units, serials, flags, scan, ordered, corrects, correction_reason, identifier ON receipt_lines BEGIN SELECT RAISE(ABORT, 'receipt_lines is append-only'); END;

-- A receipt has the supplier and the order that it should have had; what it said before is in its corrections.
DROP TRIGGER receipts_refuse_update;
CREATE TRIGGER receipts_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, location_id, delivery_note, received_by, occurred_at, recorded_at, arrival_temperature_mc, logger_reference, documents ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;

CREATE TABLE receipt_corrections (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    receipt_id TEXT NOT NULL REFERENCES receipts (id),
    number INTEGER NOT NULL,
    was_supplier_id TEXT NOT NULL REFERENCES suppliers (id),
    was_order_id TEXT REFERENCES orders (id),
    supplier_id TEXT NOT NULL REFERENCES suppliers (id),
    order_id TEXT REFERENCES orders (id),
    reason TEXT NOT NULL,
    corrected_by TEXT NOT NULL,
    corrected_at TIMESTAMP NOT NULL,
    UNIQUE (receipt_id, number)
);

-- What never came, or was entered twice: a receipt, or one line of it.
CREATE TABLE receipt_voids (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subject_id TEXT NOT NULL UNIQUE,
    receipt_id TEXT NOT NULL REFERENCES receipts (id),
    line_id TEXT REFERENCES receipt_lines (id),
    reason TEXT NOT NULL,
    voided_by TEXT NOT NULL,
    voided_at TIMESTAMP NOT NULL
);
CREATE INDEX receipt_voids_by_receipt ON receipt_voids (receipt_id, id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER receipt_corrections_refuse_update BEFORE UPDATE ON receipt_corrections BEGIN SELECT RAISE(ABORT, 'receipt_corrections is append-only'); END;
CREATE TRIGGER receipt_corrections_refuse_delete BEFORE DELETE ON receipt_corrections BEGIN SELECT RAISE(ABORT, 'receipt_corrections is append-only'); END;
CREATE TRIGGER receipt_voids_refuse_update BEFORE UPDATE ON receipt_voids BEGIN SELECT RAISE(ABORT, 'receipt_voids is append-only'); END;
CREATE TRIGGER receipt_voids_refuse_delete BEFORE DELETE ON receipt_voids BEGIN SELECT RAISE(ABORT, 'receipt_voids is append-only'); END;
