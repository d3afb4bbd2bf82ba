DROP TRIGGER readings_refuse_delete ON readings;
DROP TRIGGER readings_refuse_change ON readings;
CREATE TRIGGER readings_refuse_change BEFORE UPDATE OR DELETE ON readings FOR EACH ROW EXECUTE FUNCTION refuse_change();
DROP FUNCTION refuse_kept_reading();
DROP TABLE climate_hours;
DROP INDEX sensor_series_by_organisation;
ALTER TABLE sensor_series DROP COLUMN let_go_before_us;
