-- What units have is an account that they are in: those that passed an inspection have accounts of that inspection.
-- And a fact has a moment: postings know when they count, accounts when something last counted in them.

-- SQLite changes no CHECK of a table that is there: the tables are made anew with the same rows. Those that refer to them
-- are looked at when all of it is done.
PRAGMA defer_foreign_keys = ON;

DROP TRIGGER postings_refuse_update;
ALTER TABLE postings ADD COLUMN counts_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
UPDATE postings SET counts_at = (SELECT occurred_at FROM events WHERE events.id = postings.event_id)
WHERE event_id IN (SELECT id FROM events);
CREATE INDEX postings_by_lot ON postings (lot_id, counts_at);
CREATE TRIGGER postings_refuse_update BEFORE UPDATE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;

CREATE TEMPORARY TABLE kept_accounts AS SELECT a.*, (
    SELECT MAX(p.counts_at) FROM postings p WHERE p.lot_id = a.lot_id AND (p.from_account = a.id OR p.to_account = a.id)
) AS changed_at FROM accounts a;
DROP TABLE accounts;
CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    kind TEXT NOT NULL CHECK (kind IN ('quarantined', 'passed', 'available', 'held', 'rejected', 'in_use', 'supplier', 'patient', 'waste', 'returned', 'destroyed', 'lost', 'adjustment', 'unaccounted')),
    location_id TEXT REFERENCES locations (id),
    site_id TEXT REFERENCES sites (id),
    use_by DATE,
    units BIGINT NOT NULL,
    inspection_id TEXT REFERENCES inspections (id),
    changed_at TIMESTAMP NOT NULL,
    CHECK (units >= 0 OR kind IN ('supplier', 'adjustment', 'unaccounted')),
    CHECK ((kind IN ('quarantined', 'passed', 'available', 'held', 'rejected', 'in_use')) = (location_id IS NOT NULL AND site_id IS NOT NULL AND use_by IS NOT NULL)),
    CHECK ((kind = 'passed') = (inspection_id IS NOT NULL))
);
INSERT INTO accounts (id, organisation_id, lot_id, kind, location_id, site_id, use_by, units, changed_at)
SELECT id, organisation_id, lot_id, kind, location_id, site_id, use_by, units, COALESCE(changed_at, '1970-01-01 00:00:00')
FROM kept_accounts;
DROP TABLE kept_accounts;
CREATE INDEX accounts_by_lot ON accounts (lot_id, id);
CREATE INDEX accounts_by_place ON accounts (organisation_id, site_id, use_by, id);

-- An inspection looks at what lies in quarantine, of a receipt or at a place, and names packs that have numbers.
ALTER TABLE inspections ALTER COLUMN receipt_id DROP NOT NULL;
ALTER TABLE inspections ADD COLUMN site_id TEXT;
ALTER TABLE inspections ADD COLUMN location_id TEXT;
ALTER TABLE inspections ADD COLUMN serials_passed TEXT NOT NULL DEFAULT '[]';
ALTER TABLE inspections ADD COLUMN serials_failed TEXT NOT NULL DEFAULT '[]';

-- A difference that a count found may wait for a second person before it is posted.
CREATE TEMPORARY TABLE kept_movements AS SELECT * FROM movements;
DROP TABLE movements;
CREATE TABLE movements (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    kind TEXT NOT NULL CHECK (kind IN ('transfer', 'wastage', 'return', 'destruction', 'count')),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    from_location_id TEXT NOT NULL REFERENCES locations (id),
    to_location_id TEXT REFERENCES locations (id),
    units BIGINT NOT NULL,
    units_counted BIGINT CHECK (units_counted >= 0),
    state TEXT CHECK (state IN ('quarantined', 'passed', 'available', 'held', 'rejected', 'in_use')),
    serials TEXT NOT NULL,
    reason TEXT NOT NULL,
    moved_by TEXT NOT NULL,
    decision TEXT,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    waits BOOLEAN NOT NULL DEFAULT FALSE,
    CHECK (kind = 'count' OR units > 0),
    CHECK ((kind = 'count') = (units_counted IS NOT NULL)),
    CHECK ((kind = 'transfer') = (to_location_id IS NOT NULL)),
    CHECK ((kind = 'count') = (decision IS NULL)),
    CHECK (kind = 'count' OR NOT waits)
);
INSERT INTO movements (id, organisation_id, kind, lot_id, site_id, from_location_id, to_location_id, units, units_counted, state, serials, reason, moved_by, decision, occurred_at, recorded_at)
SELECT id, organisation_id, kind, lot_id, site_id, from_location_id, to_location_id, units, units_counted, state, serials, reason, moved_by, decision, occurred_at, recorded_at
FROM kept_movements;
DROP TABLE kept_movements;
CREATE INDEX movements_by_organisation ON movements (organisation_id, id);
CREATE INDEX movements_by_lot ON movements (lot_id, id);
CREATE TRIGGER movements_refuse_update BEFORE UPDATE ON movements BEGIN SELECT RAISE(ABORT, 'movements is append-only'); END;
CREATE TRIGGER movements_refuse_delete BEFORE DELETE ON movements BEGIN SELECT RAISE(ABORT, 'movements is append-only'); END;

CREATE TABLE count_reviews (
    movement_id TEXT PRIMARY KEY NOT NULL REFERENCES movements (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'rejected')),
    units BIGINT NOT NULL,
    reason TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_at TIMESTAMP NOT NULL
);
CREATE TRIGGER count_reviews_refuse_update BEFORE UPDATE ON count_reviews BEGIN SELECT RAISE(ABORT, 'count_reviews is append-only'); END;
CREATE TRIGGER count_reviews_refuse_delete BEFORE DELETE ON count_reviews BEGIN SELECT RAISE(ABORT, 'count_reviews is append-only'); END;
