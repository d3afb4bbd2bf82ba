DROP TABLE deviations;
DROP TABLE administration_voids;
