-- At the chair: which lots of a product have not run out.
CREATE INDEX lots_by_expiry ON lots (organisation_id, product_id, expiry, id);
