-- Before which moment the readings of a sensor were let go: none of them is there any more. It is said by events.
ALTER TABLE sensor_series ADD COLUMN let_go_before_us INTEGER;
CREATE INDEX sensor_series_by_organisation ON sensor_series (organisation_id, series);

-- What stays of them: each hour of a sensor, in whole numbers. Each is committed to by an event.
CREATE TABLE climate_hours (
    series INTEGER NOT NULL,
    from_us INTEGER NOT NULL,
    readings INTEGER NOT NULL CHECK (readings > 0),
    min_mc INTEGER NOT NULL,
    max_mc INTEGER NOT NULL,
    sum_mc INTEGER NOT NULL,
    first_us INTEGER NOT NULL,
    first_mc INTEGER NOT NULL,
    last_us INTEGER NOT NULL,
    last_mc INTEGER NOT NULL,
    joined_ms INTEGER NOT NULL,
    joined_nc INTEGER NOT NULL,
    alike_nc INTEGER NOT NULL,
    PRIMARY KEY (series, from_us)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER climate_hours_refuse_delete BEFORE DELETE ON climate_hours BEGIN SELECT RAISE(ABORT, 'climate_hours is never emptied'); END;

DROP TRIGGER readings_refuse_delete;
CREATE TRIGGER readings_refuse_delete BEFORE DELETE ON readings
WHEN NOT EXISTS (SELECT 1 FROM sensor_series WHERE series = OLD.series AND OLD.at_us < let_go_before_us)
BEGIN SELECT RAISE(ABORT, 'readings are removed only when they were let go'); END;
