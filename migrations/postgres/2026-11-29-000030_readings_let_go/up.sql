-- Before which moment the readings of a sensor were let go: none of them is there any more. It is said by events.
ALTER TABLE sensor_series ADD COLUMN let_go_before_us BIGINT;
CREATE INDEX sensor_series_by_organisation ON sensor_series (organisation_id, series);

-- What stays of them: each hour of a sensor, in whole numbers. Each is committed to by an event.
CREATE TABLE climate_hours (
    series BIGINT NOT NULL,
    from_us BIGINT NOT NULL,
    readings BIGINT NOT NULL CHECK (readings > 0),
    min_mc INTEGER NOT NULL,
    max_mc INTEGER NOT NULL,
    sum_mc BIGINT NOT NULL,
    first_us BIGINT NOT NULL,
    first_mc INTEGER NOT NULL,
    last_us BIGINT NOT NULL,
    last_mc INTEGER NOT NULL,
    joined_ms BIGINT NOT NULL,
    joined_nc BIGINT NOT NULL,
    alike_nc BIGINT NOT NULL,
    PRIMARY KEY (series, from_us)
);
CREATE TRIGGER climate_hours_refuse_delete BEFORE DELETE ON climate_hours FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER climate_hours_refuse_truncate BEFORE TRUNCATE ON climate_hours FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

CREATE FUNCTION refuse_kept_reading() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM sensor_series WHERE series = OLD.series AND OLD.at_us < let_go_before_us) THEN
        RAISE EXCEPTION 'readings are removed only when they were let go' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END;
$$;
DROP TRIGGER readings_refuse_change ON readings;
CREATE TRIGGER readings_refuse_change BEFORE UPDATE ON readings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER readings_refuse_delete BEFORE DELETE ON readings FOR EACH ROW EXECUTE FUNCTION refuse_kept_reading();
