-- What was on the shelf before Lotline, by the word of whoever attested it: once for each place and lot.
CREATE TABLE opening_stock (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    location_id TEXT NOT NULL REFERENCES locations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    units INTEGER NOT NULL CHECK (units > 0),
    attestation TEXT NOT NULL,
    attested_by TEXT NOT NULL,
    attested_at TEXT NOT NULL,
    UNIQUE (location_id, lot_id)
) STRICT;
-- What an auditor reads is only ever added to.
CREATE TRIGGER opening_stock_refuse_update BEFORE UPDATE ON opening_stock BEGIN SELECT RAISE(ABORT, 'opening_stock is append-only'); END;
CREATE TRIGGER opening_stock_refuse_delete BEFORE DELETE ON opening_stock BEGIN SELECT RAISE(ABORT, 'opening_stock is append-only'); END;
