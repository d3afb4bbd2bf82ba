DROP INDEX sites_by_name;
DROP INDEX locations_by_name;
DROP INDEX suppliers_by_name;
DROP INDEX suppliers_by_gln;
DROP INDEX practitioners_by_name;
