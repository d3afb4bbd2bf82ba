DROP TRIGGER locations_known_insert;
DROP TRIGGER locations_known_update;
DROP TRIGGER locations_known_delete;
DROP TRIGGER suppliers_known_insert;
DROP TRIGGER suppliers_known_update;
DROP TRIGGER suppliers_known_delete;
