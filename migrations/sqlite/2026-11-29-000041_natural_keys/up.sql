-- What people call things: a list that is brought in twice makes nothing twice.
CREATE INDEX sites_by_name ON sites (organisation_id, name);
CREATE INDEX locations_by_name ON locations (site_id, name);
CREATE INDEX suppliers_by_name ON suppliers (organisation_id, name);
CREATE INDEX suppliers_by_gln ON suppliers (organisation_id, gln) WHERE gln IS NOT NULL;
CREATE INDEX practitioners_by_name ON practitioners (organisation_id, name);
