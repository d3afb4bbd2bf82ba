-- An organisation's policy: each change is a new version, and the newest one counts.
CREATE TABLE policies (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    version BIGINT NOT NULL CHECK (version > 0),
    body TEXT NOT NULL,
    set_by TEXT NOT NULL,
    set_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, version)
);

CREATE TABLE orders (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    supplier_id TEXT NOT NULL REFERENCES suppliers (id),
    reference TEXT,
    expected_on DATE,
    status TEXT NOT NULL CHECK (status IN ('draft', 'placed', 'partially_received', 'received', 'cancelled')),
    created_by TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    decision TEXT,
    placed_by TEXT,
    placed_at TIMESTAMP,
    ended_by TEXT,
    ended_at TIMESTAMP,
    end_reason TEXT
);
CREATE INDEX orders_by_organisation ON orders (organisation_id, id);
CREATE INDEX orders_by_status ON orders (organisation_id, status, expected_on);

-- What was ordered, and what came: the two are never made to agree.
CREATE TABLE order_lines (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    line INTEGER NOT NULL,
    product_id TEXT NOT NULL REFERENCES products (id),
    packs BIGINT NOT NULL CHECK (packs > 0),
    units BIGINT NOT NULL CHECK (units > 0),
    units_received BIGINT NOT NULL CHECK (units_received >= 0)
);
CREATE INDEX order_lines_by_order ON order_lines (order_id, line);

-- Which licences a decision rested on: what a licence that is found lost later has touched.
CREATE TABLE decision_licences (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    licence_id TEXT NOT NULL REFERENCES licences (id),
    subject_id TEXT NOT NULL,
    occurred_on DATE NOT NULL,
    PRIMARY KEY (licence_id, subject_id)
);
CREATE INDEX decision_licences_by_organisation ON decision_licences (organisation_id, licence_id, occurred_on);

CREATE INDEX receipts_by_order ON receipts (order_id, id);
ALTER TABLE receipts ADD COLUMN arrival_temperature_mc INTEGER;
ALTER TABLE receipts ADD COLUMN logger_reference TEXT;
ALTER TABLE receipts ADD COLUMN documents TEXT;
ALTER TABLE receipt_lines ADD COLUMN ordered TEXT;
ALTER TABLE receipt_lines ADD COLUMN corrects TEXT;
ALTER TABLE receipt_lines ADD COLUMN correction_reason TEXT;

-- What an auditor reads is only ever added to.
CREATE TRIGGER policies_refuse_update BEFORE UPDATE ON policies BEGIN SELECT RAISE(ABORT, 'policies is append-only'); END;
CREATE TRIGGER policies_refuse_delete BEFORE DELETE ON policies BEGIN SELECT RAISE(ABORT, 'policies is append-only'); END;
CREATE TRIGGER decision_licences_refuse_update BEFORE UPDATE ON decision_licences BEGIN SELECT RAISE(ABORT, 'decision_licences is append-only'); END;
CREATE TRIGGER decision_licences_refuse_delete BEFORE DELETE ON decision_licences BEGIN SELECT RAISE(ABORT, 'decision_licences is append-only'); END;

-- A pack of a mis-keyed receipt line moves to the lot that it is of; what it is stays.
DROP TRIGGER packs_refuse_update;
CREATE TRIGGER packs_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, serial ON packs BEGIN SELECT RAISE(ABORT, 'packs is append-only'); END;
