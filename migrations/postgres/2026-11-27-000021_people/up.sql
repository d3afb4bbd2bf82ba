-- Every subject that a practitioner's token ever had, as subjects are compared: whoever checks a licence is independent of
-- its holder by history.
CREATE TABLE practitioner_subjects (
    practitioner_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    identity TEXT COLLATE "C" NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    given_at TIMESTAMP NOT NULL,
    PRIMARY KEY (practitioner_id, identity)
);
CREATE INDEX practitioner_subjects_by_identity ON practitioner_subjects (organisation_id, identity, practitioner_id);
CREATE TRIGGER practitioner_subjects_refuse_change BEFORE UPDATE OR DELETE ON practitioner_subjects FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER practitioner_subjects_refuse_truncate BEFORE TRUNCATE ON practitioner_subjects FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who registered a licence: whoever verifies it should be somebody else.
ALTER TABLE licences ADD COLUMN registered_by TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE licences SET registered_by = COALESCE((
    SELECT e.actor FROM event_subjects s JOIN events e ON e.id = s.event_id
    WHERE s.organisation_id = licences.organisation_id AND s.subject = licences.id AND e.kind = 'licence_registered'
), '');

-- Who checked whose licence, as people are compared: circles are followed along it.
CREATE TABLE licence_check_people (
    check_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES licence_checks (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    holder_id TEXT COLLATE "C" NOT NULL,
    identity TEXT COLLATE "C" NOT NULL
);
CREATE INDEX licence_check_people_by_identity ON licence_check_people (organisation_id, identity, holder_id);
CREATE INDEX licence_check_people_by_holder ON licence_check_people (organisation_id, holder_id, check_id);
CREATE TRIGGER licence_check_people_refuse_change BEFORE UPDATE OR DELETE ON licence_check_people FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_check_people_refuse_truncate BEFORE TRUNCATE ON licence_check_people FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Checks that stopped counting: whoever made them turned out to be the holder, or somebody whom the holder vouches for.
CREATE TABLE licence_check_discounts (
    check_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES licence_checks (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    cause TEXT COLLATE "C" NOT NULL,
    practitioner_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    discounted_by TEXT COLLATE "C" NOT NULL,
    discounted_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_check_discounts_by_licence ON licence_check_discounts (organisation_id, licence_id);
CREATE TRIGGER licence_check_discounts_refuse_change BEFORE UPDATE OR DELETE ON licence_check_discounts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_check_discounts_refuse_truncate BEFORE TRUNCATE ON licence_check_discounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whose word an administration waits for, and of how many of them still: it counts down, whatever else is written for ever.
DROP TRIGGER administrations_refuse_change ON administrations;
ALTER TABLE administrations ADD COLUMN to_confirm TEXT COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE administrations ADD COLUMN unconfirmed BIGINT NOT NULL DEFAULT 0;
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, decision, recorded_by, occurred_at, recorded_at, udi_di, to_confirm ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER administrations_refuse_delete BEFORE DELETE ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE INDEX administrations_unconfirmed ON administrations (organisation_id, id) WHERE unconfirmed > 0;
CREATE INDEX administrations_unconfirmed_by_site ON administrations (site_id, id) WHERE unconfirmed > 0;
CREATE TABLE administration_confirmations (
    administration_id TEXT COLLATE "C" NOT NULL REFERENCES administrations (id),
    role TEXT COLLATE "C" NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    practitioner_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    confirmed_by TEXT COLLATE "C" NOT NULL,
    confirmed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (administration_id, role)
);
CREATE TRIGGER administration_confirmations_refuse_change BEFORE UPDATE OR DELETE ON administration_confirmations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER administration_confirmations_refuse_truncate BEFORE TRUNCATE ON administration_confirmations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
