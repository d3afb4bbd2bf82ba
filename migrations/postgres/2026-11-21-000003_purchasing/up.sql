-- An organisation's policy: each change is a new version, and the newest one counts.
CREATE TABLE policies (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    version BIGINT NOT NULL CHECK (version > 0),
    body TEXT COLLATE "C" NOT NULL,
    set_by TEXT COLLATE "C" NOT NULL,
    set_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, version)
);

CREATE TABLE orders (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    supplier_id TEXT COLLATE "C" NOT NULL REFERENCES suppliers (id),
    reference TEXT COLLATE "C",
    expected_on DATE,
    status TEXT COLLATE "C" NOT NULL CHECK (status IN ('draft', 'placed', 'partially_received', 'received', 'cancelled')),
    created_by TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    decision TEXT COLLATE "C",
    placed_by TEXT COLLATE "C",
    placed_at TIMESTAMP,
    ended_by TEXT COLLATE "C",
    ended_at TIMESTAMP,
    end_reason TEXT COLLATE "C"
);
CREATE INDEX orders_by_organisation ON orders (organisation_id, id);
CREATE INDEX orders_by_status ON orders (organisation_id, status, expected_on);

-- What was ordered, and what came: the two are never made to agree.
CREATE TABLE order_lines (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id),
    line INTEGER NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    packs BIGINT NOT NULL CHECK (packs > 0),
    units BIGINT NOT NULL CHECK (units > 0),
    units_received BIGINT NOT NULL CHECK (units_received >= 0)
);
CREATE INDEX order_lines_by_order ON order_lines (order_id, line);

-- Which licences a decision rested on: what a licence that is found lost later has touched.
CREATE TABLE decision_licences (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    subject_id TEXT COLLATE "C" NOT NULL,
    occurred_on DATE NOT NULL,
    PRIMARY KEY (licence_id, subject_id)
);
CREATE INDEX decision_licences_by_organisation ON decision_licences (organisation_id, licence_id, occurred_on);

CREATE INDEX receipts_by_order ON receipts (order_id, id);
ALTER TABLE receipts ADD COLUMN arrival_temperature_mc INTEGER;
ALTER TABLE receipts ADD COLUMN logger_reference TEXT COLLATE "C";
ALTER TABLE receipts ADD COLUMN documents TEXT COLLATE "C";
ALTER TABLE receipt_lines ADD COLUMN ordered TEXT COLLATE "C";
ALTER TABLE receipt_lines ADD COLUMN corrects TEXT COLLATE "C";
ALTER TABLE receipt_lines ADD COLUMN correction_reason TEXT COLLATE "C";

-- What an auditor reads is only ever added to.
CREATE TRIGGER policies_refuse_change BEFORE UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policies_refuse_truncate BEFORE TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_licences_refuse_change BEFORE UPDATE OR DELETE ON decision_licences FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_licences_refuse_truncate BEFORE TRUNCATE ON decision_licences FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A pack of a mis-keyed receipt line moves to the lot that it is of; what it is stays.
DROP TRIGGER packs_refuse_change ON packs;
CREATE TRIGGER packs_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, serial ON packs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER packs_refuse_delete BEFORE DELETE ON packs FOR EACH ROW EXECUTE FUNCTION refuse_change();
