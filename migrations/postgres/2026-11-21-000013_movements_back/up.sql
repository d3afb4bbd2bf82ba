-- What was moved, counted or inspected is taken back by a row that points at it; both stay.
CREATE TABLE movement_reversals (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    movement_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES movements (id),
    reason TEXT COLLATE "C" NOT NULL,
    reversed_by TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE TRIGGER movement_reversals_refuse_change BEFORE UPDATE OR DELETE ON movement_reversals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER movement_reversals_refuse_truncate BEFORE TRUNCATE ON movement_reversals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE inspection_reversals (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    inspection_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES inspections (id),
    units BIGINT NOT NULL CHECK (units >= 0),
    reason TEXT COLLATE "C" NOT NULL,
    reversed_by TEXT COLLATE "C" NOT NULL,
    reversed_at TIMESTAMP NOT NULL
);
CREATE TRIGGER inspection_reversals_refuse_change BEFORE UPDATE OR DELETE ON inspection_reversals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspection_reversals_refuse_truncate BEFORE TRUNCATE ON inspection_reversals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The morning list looks for counts: those that wait, and those of the last days that found a difference.
CREATE INDEX movements_that_wait ON movements (organisation_id, recorded_at) WHERE waits;
CREATE INDEX movements_that_differ ON movements (organisation_id, recorded_at) WHERE kind = 'count';
