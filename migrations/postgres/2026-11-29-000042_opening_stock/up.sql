-- What was on the shelf before Lotline, by the word of whoever attested it: once for each place and lot.
CREATE TABLE opening_stock (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    units BIGINT NOT NULL CHECK (units > 0),
    attestation TEXT COLLATE "C" NOT NULL,
    attested_by TEXT COLLATE "C" NOT NULL,
    attested_at TIMESTAMP NOT NULL,
    UNIQUE (location_id, lot_id)
);
-- What an auditor reads is only ever added to.
CREATE TRIGGER opening_stock_refuse_change BEFORE UPDATE OR DELETE ON opening_stock FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER opening_stock_refuse_truncate BEFORE TRUNCATE ON opening_stock FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
