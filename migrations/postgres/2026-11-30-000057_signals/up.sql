-- What somebody has concluded of how many adverse events a lot or a product has, with the figures as they were.
CREATE TABLE signal_reviews (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" REFERENCES lots (id),
    events BIGINT NOT NULL,
    units BIGINT NOT NULL,
    other_events BIGINT NOT NULL,
    other_units BIGINT NOT NULL,
    rate_ratio TEXT COLLATE "C",
    lower_limit TEXT COLLATE "C" NOT NULL,
    upper_limit TEXT COLLATE "C",
    flagged BOOLEAN NOT NULL,
    reported BIGINT NOT NULL,
    conclusion TEXT COLLATE "C" NOT NULL,
    reviewed_by TEXT COLLATE "C" NOT NULL,
    reviewed_at TIMESTAMP NOT NULL
);
CREATE INDEX signal_reviews_by_organisation ON signal_reviews (organisation_id, id);

-- How many adverse events each lot and each product has that have any.
CREATE TABLE signal_counts (
    subject TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" REFERENCES lots (id),
    -- Those that count: not those whose administrations of it were all voided.
    events BIGINT NOT NULL CHECK (events >= 0),
    -- Those that were ever reported, and those of them that somebody has looked at.
    reported BIGINT NOT NULL,
    reviewed BIGINT NOT NULL,
    review_id TEXT COLLATE "C" REFERENCES signal_reviews (id),
    reported_at TIMESTAMP NOT NULL
);
CREATE INDEX signal_counts_by_product ON signal_counts (organisation_id, product_id, subject);
-- What may wait for a review: nobody looks at two events or fewer.
CREATE INDEX signal_counts_to_review ON signal_counts (organisation_id, subject) WHERE events >= 3 AND reported > reviewed;

-- Which products are of a class.
CREATE INDEX products_by_class ON products (organisation_id, class, id);
CREATE TRIGGER signal_reviews_refuse_update BEFORE UPDATE ON signal_reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_reviews_refuse_delete BEFORE DELETE ON signal_reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_reviews_refuse_truncate BEFORE TRUNCATE ON signal_reviews FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER signal_counts_refuse_delete BEFORE DELETE ON signal_counts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signal_counts_refuse_truncate BEFORE TRUNCATE ON signal_counts FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
