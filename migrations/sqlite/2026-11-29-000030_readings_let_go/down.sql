DROP TRIGGER readings_refuse_delete;
CREATE TRIGGER readings_refuse_delete BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END;
DROP TABLE climate_hours;
DROP INDEX sensor_series_by_organisation;
ALTER TABLE sensor_series DROP COLUMN let_go_before_us;
