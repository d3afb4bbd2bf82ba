ALTER TABLE administrations DROP COLUMN udi_di;
ALTER TABLE receipt_lines DROP COLUMN identifier;
ALTER TABLE products ALTER COLUMN gtin SET NOT NULL;
DROP TABLE product_identifiers;
ALTER TABLE products DROP COLUMN identifiers;
