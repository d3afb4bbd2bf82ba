-- What speaks against the sensor of an excursion.
ALTER TABLE excursions ADD COLUMN suspicions TEXT COLLATE "C" NOT NULL DEFAULT '[]';

-- Of each sensor that has measured: its last reading, since when all that follow on each other say the same, whether any of
-- them shows that it can tell more than half degrees, and when nobody will have heard of it for too long. It follows from the
-- readings, whatever their order, and is no part of the record.
CREATE TABLE sensor_latest (
    sensor_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES sensors (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    at_us BIGINT NOT NULL,
    milli_c INTEGER NOT NULL,
    since_us BIGINT NOT NULL,
    is_fine BOOLEAN NOT NULL,
    silent_at_us BIGINT
);
CREATE INDEX sensor_latest_to_watch ON sensor_latest (silent_at_us) WHERE silent_at_us IS NOT NULL;
CREATE TRIGGER sensor_latest_refuse_truncate BEFORE TRUNCATE ON sensor_latest FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

INSERT INTO sensor_latest (sensor_id, organisation_id, at_us, milli_c, since_us, is_fine, silent_at_us)
SELECT
    belonging.sensor_id, belonging.organisation_id, last.at_us, last.milli_c,
    (SELECT MIN(same.at_us) FROM readings AS same WHERE same.series = belonging.series AND same.at_us > COALESCE(
        (SELECT MAX(other.at_us) FROM readings AS other WHERE other.series = belonging.series AND other.milli_c <> last.milli_c),
        -9223372036854775807)),
    EXISTS (SELECT 1 FROM readings AS fine WHERE fine.series = belonging.series AND fine.milli_c % 500 <> 0),
    last.at_us + 3000000 * sensors.interval_seconds
FROM sensor_series AS belonging
JOIN sensors ON sensors.id = belonging.sensor_id
JOIN readings AS last ON last.series = belonging.series
    AND last.at_us = (SELECT MAX(newest.at_us) FROM readings AS newest WHERE newest.series = belonging.series);
