-- What somebody has concluded of how many adverse events a lot or a product has, with the figures as they were.
CREATE TABLE signal_reviews (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT REFERENCES lots (id),
    events INTEGER NOT NULL,
    units INTEGER NOT NULL,
    other_events INTEGER NOT NULL,
    other_units INTEGER NOT NULL,
    rate_ratio TEXT,
    lower_limit TEXT NOT NULL,
    upper_limit TEXT,
    flagged INTEGER NOT NULL CHECK (flagged IN (0, 1)),
    reported INTEGER NOT NULL,
    conclusion TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_at TEXT NOT NULL
) STRICT;
CREATE INDEX signal_reviews_by_organisation ON signal_reviews (organisation_id, id);

-- How many adverse events each lot and each product has that have any.
CREATE TABLE signal_counts (
    subject TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT REFERENCES lots (id),
    -- Those that count: not those whose administrations of it were all voided.
    events INTEGER NOT NULL CHECK (events >= 0),
    -- Those that were ever reported, and those of them that somebody has looked at.
    reported INTEGER NOT NULL,
    reviewed INTEGER NOT NULL,
    review_id TEXT REFERENCES signal_reviews (id),
    reported_at TEXT NOT NULL
) STRICT;
CREATE INDEX signal_counts_by_product ON signal_counts (organisation_id, product_id, subject);
-- What may wait for a review: nobody looks at two events or fewer.
CREATE INDEX signal_counts_to_review ON signal_counts (organisation_id, subject) WHERE events >= 3 AND reported > reviewed;

-- Which products are of a class.
CREATE INDEX products_by_class ON products (organisation_id, class, id);
CREATE TRIGGER signal_reviews_refuse_update BEFORE UPDATE ON signal_reviews BEGIN SELECT RAISE(ABORT, 'signal_reviews is append-only'); END;
CREATE TRIGGER signal_reviews_refuse_delete BEFORE DELETE ON signal_reviews BEGIN SELECT RAISE(ABORT, 'signal_reviews is append-only'); END;
CREATE TRIGGER signal_counts_refuse_delete BEFORE DELETE ON signal_counts BEGIN SELECT RAISE(ABORT, 'signal_counts only counts'); END;
