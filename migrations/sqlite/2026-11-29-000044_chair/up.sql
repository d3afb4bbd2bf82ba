-- At the chair: which lots of a product have not run out, and what a patient was given in the last minute.
CREATE INDEX lots_by_expiry ON lots (organisation_id, product_id, expiry, id);
