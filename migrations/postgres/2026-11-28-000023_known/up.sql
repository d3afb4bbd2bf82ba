-- What decisions rest on and what seldom changes is kept in memory by each process (src/known.rs), for as long as the version
-- that stands here is the one under which it was read. Whatever changes one of these tables, in whatever way, puts another in
-- its place: one that was never there, so that what was rolled back is not taken for what came after it.
CREATE TABLE known_versions (
    organisation_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES organisations (id),
    version TEXT COLLATE "C" NOT NULL
);
INSERT INTO known_versions (organisation_id, version) SELECT id, gen_random_uuid()::text FROM organisations;

CREATE FUNCTION known_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO known_versions (organisation_id, version)
    VALUES (COALESCE(NEW.organisation_id, OLD.organisation_id), gen_random_uuid()::text)
    ON CONFLICT (organisation_id) DO UPDATE SET version = excluded.version;
    RETURN NULL;
END
$$;
CREATE TRIGGER sites_known AFTER INSERT OR UPDATE OR DELETE ON sites FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER practitioners_known AFTER INSERT OR UPDATE OR DELETE ON practitioners FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER policies_known AFTER INSERT OR UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER products_known AFTER INSERT OR UPDATE OR DELETE ON products FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER product_identifiers_known AFTER INSERT OR UPDATE OR DELETE ON product_identifiers FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER licences_known AFTER INSERT OR UPDATE OR DELETE ON licences FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER licence_checks_known AFTER INSERT OR UPDATE OR DELETE ON licence_checks FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER licence_check_discounts_known AFTER INSERT OR UPDATE OR DELETE ON licence_check_discounts FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER licence_reversals_known AFTER INSERT OR UPDATE OR DELETE ON licence_reversals FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER practitioner_subjects_known AFTER INSERT OR UPDATE OR DELETE ON practitioner_subjects FOR EACH ROW EXECUTE FUNCTION known_changed();
CREATE TRIGGER known_versions_refuse_truncate BEFORE TRUNCATE ON known_versions FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
