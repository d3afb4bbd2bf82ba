-- What measures the temperature of a location.
CREATE TABLE sensors (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    location_id TEXT NOT NULL REFERENCES locations (id),
    name TEXT NOT NULL,
    interval_seconds INTEGER NOT NULL CHECK (interval_seconds > 0),
    alarm_rules TEXT NOT NULL,
    calibration_due TEXT,
    registered_at TEXT NOT NULL,
    version INTEGER NOT NULL,
    retired_at TEXT
) STRICT;
CREATE INDEX sensors_by_organisation ON sensors (organisation_id, id);
CREATE INDEX sensors_by_location ON sensors (location_id, id);

-- The number that the readings of a sensor are kept under, and what came until now.
CREATE TABLE sensor_series (
    sensor_id TEXT PRIMARY KEY NOT NULL REFERENCES sensors (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    series INTEGER NOT NULL UNIQUE,
    batches INTEGER NOT NULL,
    readings INTEGER NOT NULL
) STRICT;

-- Readings are millions: nothing in a row that is not of this reading. Each batch is committed to by an event.
CREATE TABLE readings (
    series INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    milli_c INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    PRIMARY KEY (series, at_us)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER readings_refuse_update BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END;
CREATE TRIGGER readings_refuse_delete BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END;

-- What was sent for a moment of which another temperature was kept.
CREATE TABLE reading_contradictions (
    sensor_id TEXT NOT NULL REFERENCES sensors (id),
    at_us INTEGER NOT NULL,
    sent_mc INTEGER NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    kept_mc INTEGER NOT NULL,
    recorded_at TEXT NOT NULL,
    PRIMARY KEY (sensor_id, at_us, sent_mc)
) STRICT;
CREATE TRIGGER reading_contradictions_refuse_update BEFORE UPDATE ON reading_contradictions BEGIN SELECT RAISE(ABORT, 'reading_contradictions is append-only'); END;
CREATE TRIGGER reading_contradictions_refuse_delete BEFORE DELETE ON reading_contradictions BEGIN SELECT RAISE(ABORT, 'reading_contradictions is append-only'); END;
