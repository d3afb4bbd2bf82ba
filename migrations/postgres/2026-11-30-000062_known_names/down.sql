DROP TRIGGER locations_known ON locations;
DROP TRIGGER suppliers_known ON suppliers;
