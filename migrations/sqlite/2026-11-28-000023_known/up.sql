-- What decisions rest on and what seldom changes is kept in memory by each process (src/known.rs), for as long as the version
-- that stands here is the one under which it was read. Whatever changes one of these tables, in whatever way, puts another in
-- its place: one that was never there, so that what was rolled back is not taken for what came after it.
CREATE TABLE known_versions (
    organisation_id TEXT PRIMARY KEY NOT NULL REFERENCES organisations (id),
    version TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO known_versions (organisation_id, version) SELECT id, hex(randomblob(16)) FROM organisations;

CREATE TRIGGER sites_known_insert AFTER INSERT ON sites BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER sites_known_update AFTER UPDATE ON sites BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER sites_known_delete AFTER DELETE ON sites BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER practitioners_known_insert AFTER INSERT ON practitioners BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER practitioners_known_update AFTER UPDATE ON practitioners BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER practitioners_known_delete AFTER DELETE ON practitioners BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER policies_known_insert AFTER INSERT ON policies BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER policies_known_update AFTER UPDATE ON policies BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER policies_known_delete AFTER DELETE ON policies BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER products_known_insert AFTER INSERT ON products BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER products_known_update AFTER UPDATE ON products BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER products_known_delete AFTER DELETE ON products BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER product_identifiers_known_insert AFTER INSERT ON product_identifiers BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER product_identifiers_known_update AFTER UPDATE ON product_identifiers BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER product_identifiers_known_delete AFTER DELETE ON product_identifiers BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licences_known_insert AFTER INSERT ON licences BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licences_known_update AFTER UPDATE ON licences BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licences_known_delete AFTER DELETE ON licences BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_checks_known_insert AFTER INSERT ON licence_checks BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_checks_known_update AFTER UPDATE ON licence_checks BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_checks_known_delete AFTER DELETE ON licence_checks BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_check_discounts_known_insert AFTER INSERT ON licence_check_discounts BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_check_discounts_known_update AFTER UPDATE ON licence_check_discounts BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_check_discounts_known_delete AFTER DELETE ON licence_check_discounts BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_reversals_known_insert AFTER INSERT ON licence_reversals BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_reversals_known_update AFTER UPDATE ON licence_reversals BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER licence_reversals_known_delete AFTER DELETE ON licence_reversals BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER practitioner_subjects_known_insert AFTER INSERT ON practitioner_subjects BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER practitioner_subjects_known_update AFTER UPDATE ON practitioner_subjects BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (NEW.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;

CREATE TRIGGER practitioner_subjects_known_delete AFTER DELETE ON practitioner_subjects BEGIN
    INSERT INTO known_versions (organisation_id, version) VALUES (OLD.organisation_id, hex(randomblob(16)))
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
END;
