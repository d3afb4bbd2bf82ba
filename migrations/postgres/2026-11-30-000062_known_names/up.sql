-- What places and suppliers are called is kept in memory like the rest of what seldom changes.
CREATE TRIGGER locations_known AFTER INSERT OR UPDATE OR DELETE ON locations FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER suppliers_known AFTER INSERT OR UPDATE OR DELETE ON suppliers FOR EACH ROW EXECUTE FUNCTION known_changed();
