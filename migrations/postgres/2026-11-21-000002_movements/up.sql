-- What moves stock and is neither receipt, inspection, release nor administration. Of a count, units is the difference
-- that it found: below zero when units are missing.
CREATE TABLE movements (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('transfer', 'wastage', 'return', 'destruction', 'count')),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    from_location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    to_location_id TEXT COLLATE "C" REFERENCES locations (id),
    units BIGINT NOT NULL,
    units_counted BIGINT CHECK (units_counted >= 0),
    state TEXT COLLATE "C" CHECK (state IN ('quarantined', 'available', 'held', 'rejected', 'in_use')),
    serials TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    moved_by TEXT COLLATE "C" NOT NULL,
    decision TEXT COLLATE "C",
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CHECK (kind = 'count' OR units > 0),
    CHECK ((kind = 'count') = (units_counted IS NOT NULL)),
    CHECK ((kind = 'transfer') = (to_location_id IS NOT NULL)),
    CHECK ((kind = 'count') = (decision IS NULL))
);
CREATE INDEX movements_by_organisation ON movements (organisation_id, id);
CREATE INDEX movements_by_lot ON movements (lot_id, id);


-- What an auditor reads is only ever added to.
CREATE TRIGGER movements_refuse_change BEFORE UPDATE OR DELETE ON movements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movements_refuse_truncate BEFORE TRUNCATE ON movements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
