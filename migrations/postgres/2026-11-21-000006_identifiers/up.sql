-- A product is known by several identifiers: GTINs of case, pack and unit, HIBC, ICCBBA. The row has them for reading;
-- this table is what a scanned code is looked up in.
ALTER TABLE products ADD COLUMN identifiers TEXT COLLATE "C" NOT NULL DEFAULT '[]';

CREATE TABLE product_identifiers (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    scheme TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    level TEXT COLLATE "C" NOT NULL,
    units BIGINT NOT NULL CHECK (units > 0),
    PRIMARY KEY (organisation_id, scheme, value)
);
CREATE INDEX product_identifiers_by_product ON product_identifiers (product_id);

-- A product that has no GTIN is known by its HIBC or ICCBBA alone.
ALTER TABLE products ALTER COLUMN gtin DROP NOT NULL;

-- Products that are there already are known by the GTIN of their pack.
INSERT INTO product_identifiers (organisation_id, scheme, value, product_id, level, units)
SELECT organisation_id, 'gtin', gtin, id, 'pack', units_per_pack FROM products;

-- What was received, and what was used, was identified by this; lines and administrations from before do not say.
ALTER TABLE receipt_lines ADD COLUMN identifier TEXT COLLATE "C";
ALTER TABLE administrations ADD COLUMN udi_di TEXT COLLATE "C";
