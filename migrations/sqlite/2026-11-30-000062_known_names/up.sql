-- What places and suppliers are called is kept in memory like the rest of what seldom changes.
CREATE TRIGGER locations_known_insert AFTER INSERT ON locations BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
CREATE TRIGGER locations_known_update AFTER UPDATE ON locations BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
CREATE TRIGGER locations_known_delete AFTER DELETE ON locations BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
CREATE TRIGGER suppliers_known_insert AFTER INSERT ON suppliers BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
CREATE TRIGGER suppliers_known_update AFTER UPDATE ON suppliers BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
CREATE TRIGGER suppliers_known_delete AFTER DELETE ON suppliers BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
