-- How much of a product a site keeps: at least, and at most, in packs.
CREATE TABLE levels (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    minimum_packs INTEGER NOT NULL CHECK (minimum_packs >= 0),
    maximum_packs INTEGER NOT NULL CHECK (maximum_packs >= minimum_packs),
    version INTEGER NOT NULL CHECK (version > 0),
    set_by TEXT NOT NULL,
    set_at TEXT NOT NULL,
    UNIQUE (site_id, product_id)
) STRICT;
CREATE INDEX levels_by_organisation ON levels (organisation_id, id);
CREATE INDEX levels_by_site ON levels (organisation_id, site_id, id);
-- Of whom a product was bought last.
CREATE INDEX order_lines_by_product ON order_lines (organisation_id, product_id, order_id);
CREATE TRIGGER levels_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, product_id ON levels BEGIN SELECT RAISE(ABORT, 'levels is append-only'); END;
CREATE TRIGGER levels_refuse_delete BEFORE DELETE ON levels BEGIN SELECT RAISE(ABORT, 'levels is append-only'); END;
