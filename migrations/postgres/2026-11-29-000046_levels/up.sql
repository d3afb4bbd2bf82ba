-- How much of a product a site keeps: at least, and at most, in packs.
CREATE TABLE levels (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    minimum_packs BIGINT NOT NULL CHECK (minimum_packs >= 0),
    maximum_packs BIGINT NOT NULL CHECK (maximum_packs >= minimum_packs),
    version BIGINT NOT NULL CHECK (version > 0),
    set_by TEXT COLLATE "C" NOT NULL,
    set_at TIMESTAMP NOT NULL,
    UNIQUE (site_id, product_id)
);
CREATE INDEX levels_by_organisation ON levels (organisation_id, id);
CREATE INDEX levels_by_site ON levels (organisation_id, site_id, id);
-- Of whom a product was bought last.
CREATE INDEX order_lines_by_product ON order_lines (organisation_id, product_id, order_id);
CREATE TRIGGER levels_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, product_id ON levels FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER levels_refuse_delete BEFORE DELETE ON levels FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER levels_refuse_truncate BEFORE TRUNCATE ON levels FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
