-- Stock-takes: places are counted blind, by several people, and a second person approves what differs from the books.
CREATE TABLE stock_takes (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_ids TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    due TIMESTAMP,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('counting', 'closed', 'approved', 'cancelled')),
    round INTEGER NOT NULL CHECK (round > 0),
    recounts TEXT COLLATE "C" NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_by TEXT COLLATE "C",
    closed_at TIMESTAMP,
    ended_by TEXT COLLATE "C",
    ended_at TIMESTAMP,
    end_reason TEXT COLLATE "C",
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK ((ended_at IS NOT NULL) = (state IN ('approved', 'cancelled')))
);
CREATE INDEX stock_takes_by_organisation ON stock_takes (organisation_id, id);
CREATE INDEX stock_takes_by_site ON stock_takes (organisation_id, site_id, id);
CREATE INDEX stock_takes_open ON stock_takes (organisation_id, id) WHERE state IN ('counting', 'closed');

-- What somebody scanned, or counted and typed: once for each pack with a number that counts.
CREATE TABLE stock_take_scans (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    stock_take_id TEXT COLLATE "C" NOT NULL REFERENCES stock_takes (id),
    round INTEGER NOT NULL CHECK (round > 0),
    location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    pack_id TEXT COLLATE "C" REFERENCES packs (id),
    serial TEXT COLLATE "C",
    units BIGINT NOT NULL CHECK (units > 0),
    scanned_by TEXT COLLATE "C" NOT NULL,
    scanned_at TIMESTAMP NOT NULL,
    withdrawn_by TEXT COLLATE "C",
    withdrawn_at TIMESTAMP,
    withdrawn_reason TEXT COLLATE "C",
    CHECK ((pack_id IS NULL) = (serial IS NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_reason IS NULL))
);
CREATE INDEX stock_take_scans_in_order ON stock_take_scans (stock_take_id, id);

-- A count that a stock-take came to says which.
ALTER TABLE movements ADD COLUMN stock_take_id TEXT COLLATE "C" REFERENCES stock_takes (id);
CREATE INDEX movements_by_stock_take ON movements (stock_take_id, id) WHERE stock_take_id IS NOT NULL;

CREATE TRIGGER stock_takes_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, location_ids, reason, due, opened_by, opened_at ON stock_takes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_takes_refuse_delete BEFORE DELETE ON stock_takes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_takes_refuse_truncate BEFORE TRUNCATE ON stock_takes FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER stock_take_scans_refuse_update BEFORE UPDATE OF id, organisation_id, stock_take_id, round, location_id, lot_id, pack_id, serial, units, scanned_by, scanned_at ON stock_take_scans FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_take_scans_refuse_delete BEFORE DELETE ON stock_take_scans FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_take_scans_refuse_truncate BEFORE TRUNCATE ON stock_take_scans FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
