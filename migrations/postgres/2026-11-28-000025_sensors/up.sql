-- What measures the temperature of a location.
CREATE TABLE sensors (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    name TEXT COLLATE "C" NOT NULL,
    interval_seconds BIGINT NOT NULL CHECK (interval_seconds > 0),
    alarm_rules TEXT COLLATE "C" NOT NULL,
    calibration_due DATE,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL,
    retired_at TIMESTAMP
);
CREATE INDEX sensors_by_organisation ON sensors (organisation_id, id);
CREATE INDEX sensors_by_location ON sensors (location_id, id);
CREATE TRIGGER sensors_refuse_truncate BEFORE TRUNCATE ON sensors FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- The number that the readings of a sensor are kept under, and what came until now.
CREATE TABLE sensor_series (
    sensor_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES sensors (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    series BIGINT NOT NULL UNIQUE,
    batches BIGINT NOT NULL,
    readings BIGINT NOT NULL
);
CREATE TRIGGER sensor_series_refuse_truncate BEFORE TRUNCATE ON sensor_series FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Readings are millions: nothing in a row that is not of this reading. Each batch is committed to by an event.
CREATE TABLE readings (
    series BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    milli_c INTEGER NOT NULL,
    batch BIGINT NOT NULL,
    PRIMARY KEY (series, at_us)
);
CREATE TRIGGER readings_refuse_change BEFORE UPDATE OR DELETE ON readings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER readings_refuse_truncate BEFORE TRUNCATE ON readings FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- What was sent for a moment of which another temperature was kept.
CREATE TABLE reading_contradictions (
    sensor_id TEXT COLLATE "C" NOT NULL REFERENCES sensors (id),
    at_us BIGINT NOT NULL,
    sent_mc INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    kept_mc INTEGER NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    PRIMARY KEY (sensor_id, at_us, sent_mc)
);
CREATE TRIGGER reading_contradictions_refuse_change BEFORE UPDATE OR DELETE ON reading_contradictions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER reading_contradictions_refuse_truncate BEFORE TRUNCATE ON reading_contradictions FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
