-- What was moved, counted or inspected is taken back by a row that points at it; both stay.
CREATE TABLE movement_reversals (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    movement_id TEXT NOT NULL UNIQUE REFERENCES movements (id),
    reason TEXT NOT NULL,
    reversed_by TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE TRIGGER movement_reversals_refuse_update BEFORE UPDATE ON movement_reversals BEGIN SELECT RAISE(ABORT, 'movement_reversals is append-only'); END;
CREATE TRIGGER movement_reversals_refuse_delete BEFORE DELETE ON movement_reversals BEGIN SELECT RAISE(ABORT, 'movement_reversals is append-only'); END;

CREATE TABLE inspection_reversals (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    inspection_id TEXT NOT NULL UNIQUE REFERENCES inspections (id),
    units BIGINT NOT NULL CHECK (units >= 0),
    reason TEXT NOT NULL,
    reversed_by TEXT NOT NULL,
    reversed_at TIMESTAMP NOT NULL
);
CREATE TRIGGER inspection_reversals_refuse_update BEFORE UPDATE ON inspection_reversals BEGIN SELECT RAISE(ABORT, 'inspection_reversals is append-only'); END;
CREATE TRIGGER inspection_reversals_refuse_delete BEFORE DELETE ON inspection_reversals BEGIN SELECT RAISE(ABORT, 'inspection_reversals is append-only'); END;

-- The morning list looks for counts: those that wait, and those of the last days that found a difference.
CREATE INDEX movements_that_wait ON movements (organisation_id, recorded_at) WHERE waits;
CREATE INDEX movements_that_differ ON movements (organisation_id, recorded_at) WHERE kind = 'count';
