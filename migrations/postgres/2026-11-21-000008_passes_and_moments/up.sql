-- What units have is an account that they are in: those that passed an inspection have accounts of that inspection.
-- And a fact has a moment: postings know when they count, accounts when something last counted in them.

DROP TRIGGER postings_refuse_change ON postings;
ALTER TABLE postings ADD COLUMN counts_at TIMESTAMP;
UPDATE postings SET counts_at = COALESCE((SELECT occurred_at FROM events WHERE events.id = postings.event_id), '1970-01-01');
ALTER TABLE postings ALTER COLUMN counts_at SET NOT NULL;
CREATE INDEX postings_by_lot ON postings (lot_id, counts_at);
CREATE TRIGGER postings_refuse_change BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE accounts ADD COLUMN inspection_id TEXT COLLATE "C" REFERENCES inspections (id);
ALTER TABLE accounts ADD COLUMN changed_at TIMESTAMP;
UPDATE accounts SET changed_at = COALESCE((
    SELECT MAX(p.counts_at) FROM postings p
    WHERE p.lot_id = accounts.lot_id AND (p.from_account = accounts.id OR p.to_account = accounts.id)
), '1970-01-01');
ALTER TABLE accounts ALTER COLUMN changed_at SET NOT NULL;
ALTER TABLE accounts DROP CONSTRAINT accounts_kind_check;
ALTER TABLE accounts DROP CONSTRAINT accounts_check1;
ALTER TABLE accounts ADD CONSTRAINT accounts_kind_check CHECK (kind IN ('quarantined', 'passed', 'available', 'held', 'rejected', 'in_use', 'supplier', 'patient', 'waste', 'returned', 'destroyed', 'lost', 'adjustment', 'unaccounted'));
ALTER TABLE accounts ADD CONSTRAINT accounts_check1 CHECK ((kind IN ('quarantined', 'passed', 'available', 'held', 'rejected', 'in_use')) = (location_id IS NOT NULL AND site_id IS NOT NULL AND use_by IS NOT NULL));
ALTER TABLE accounts ADD CONSTRAINT accounts_check2 CHECK ((kind = 'passed') = (inspection_id IS NOT NULL));

-- An inspection looks at what lies in quarantine, of a receipt or at a place, and names packs that have numbers.
ALTER TABLE inspections ALTER COLUMN receipt_id DROP NOT NULL;
ALTER TABLE inspections ADD COLUMN site_id TEXT COLLATE "C";
ALTER TABLE inspections ADD COLUMN location_id TEXT COLLATE "C";
ALTER TABLE inspections ADD COLUMN serials_passed TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE inspections ADD COLUMN serials_failed TEXT COLLATE "C" NOT NULL DEFAULT '[]';

-- A difference that a count found may wait for a second person before it is posted.
ALTER TABLE movements ADD COLUMN waits BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE movements ADD CONSTRAINT movements_waits_check CHECK (kind = 'count' OR NOT waits);
ALTER TABLE movements DROP CONSTRAINT movements_state_check;
ALTER TABLE movements ADD CONSTRAINT movements_state_check CHECK (state IN ('quarantined', 'passed', 'available', 'held', 'rejected', 'in_use'));

CREATE TABLE count_reviews (
    movement_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES movements (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    outcome TEXT COLLATE "C" NOT NULL CHECK (outcome IN ('approved', 'rejected')),
    units BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    reviewed_by TEXT COLLATE "C" NOT NULL,
    reviewed_at TIMESTAMP NOT NULL
);
CREATE TRIGGER count_reviews_refuse_change BEFORE UPDATE OR DELETE ON count_reviews FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER count_reviews_refuse_truncate BEFORE TRUNCATE ON count_reviews FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
