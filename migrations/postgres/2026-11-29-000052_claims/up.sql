-- What is claimed of a supplier for what came damaged, short-dated, at another price or not at all.
CREATE TABLE claims (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    receipt_id TEXT COLLATE "C" NOT NULL REFERENCES receipts (id),
    supplier_id TEXT COLLATE "C" NOT NULL REFERENCES suppliers (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    currency TEXT COLLATE "C",
    note TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'sent', 'settled', 'withdrawn')),
    opened_by TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    sent_by TEXT COLLATE "C",
    sent_at TIMESTAMP,
    reference TEXT COLLATE "C",
    ended_by TEXT COLLATE "C",
    ended_at TIMESTAMP,
    end_reason TEXT COLLATE "C",
    credit_minor BIGINT CHECK (credit_minor >= 0),
    replacement_id TEXT COLLATE "C" REFERENCES receipts (id),
    CHECK ((sent_at IS NULL) = (sent_by IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((ended_at IS NOT NULL) = (state IN ('settled', 'withdrawn'))),
    CHECK (state IN ('open', 'withdrawn') OR sent_at IS NOT NULL),
    CHECK ((state = 'settled') = (credit_minor IS NOT NULL OR replacement_id IS NOT NULL))
);
CREATE INDEX claims_by_organisation ON claims (organisation_id, id);
CREATE INDEX claims_by_receipt ON claims (organisation_id, receipt_id, id);
CREATE INDEX claims_by_supplier ON claims (organisation_id, supplier_id, id);
CREATE INDEX claims_waiting ON claims (organisation_id, id) WHERE state IN ('open', 'sent');

-- What it is about: units of a line of the receipt, or units of a line of its order that did not come.
CREATE TABLE claim_lines (
    claim_id TEXT COLLATE "C" NOT NULL REFERENCES claims (id),
    line INTEGER NOT NULL CHECK (line >= 0),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    receipt_line_id TEXT COLLATE "C" REFERENCES receipt_lines (id),
    order_line_id TEXT COLLATE "C",
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    reason TEXT COLLATE "C" NOT NULL,
    units BIGINT NOT NULL CHECK (units > 0),
    amount_minor BIGINT CHECK (amount_minor >= 0),
    note TEXT COLLATE "C",
    evidence TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (claim_id, line),
    CHECK ((receipt_line_id IS NULL) <> (order_line_id IS NULL)),
    CHECK ((order_line_id IS NOT NULL) = (reason = 'not_delivered'))
);
CREATE INDEX claim_lines_by_receipt_line ON claim_lines (organisation_id, receipt_line_id) WHERE receipt_line_id IS NOT NULL;
CREATE INDEX claim_lines_by_order_line ON claim_lines (organisation_id, order_line_id) WHERE order_line_id IS NOT NULL;

CREATE TRIGGER claims_refuse_update BEFORE UPDATE OF id, organisation_id, receipt_id, supplier_id, site_id, currency, note, opened_by, opened_at ON claims FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claims_refuse_delete BEFORE DELETE ON claims FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claims_refuse_truncate BEFORE TRUNCATE ON claims FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER claim_lines_refuse_update BEFORE UPDATE ON claim_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_lines_refuse_delete BEFORE DELETE ON claim_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER claim_lines_refuse_truncate BEFORE TRUNCATE ON claim_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
