DROP TABLE reading_contradictions;
DROP TABLE readings;
DROP TABLE sensor_series;
DROP TABLE sensors;
