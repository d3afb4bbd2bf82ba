-- Harm that was done, or may have been. Everything clinical is sealed under the patient's key; how far it is and what is due is not.
CREATE TABLE adverse_events (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    patient_id TEXT COLLATE "C" NOT NULL,
    visit_id TEXT COLLATE "C" REFERENCES visits (id),
    protocol_id TEXT COLLATE "C" REFERENCES protocols (id),
    kind_unlisted BOOLEAN NOT NULL,
    clinical TEXT COLLATE "C" NOT NULL,
    reported_by TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    see_by TIMESTAMP,
    seen_at TIMESTAMP,
    duties TEXT COLLATE "C" NOT NULL,
    reviewed_at TIMESTAMP,
    closed_at TIMESTAMP,
    -- Where it stands among all, what is due first before the rest.
    place TEXT COLLATE "C" NOT NULL
);
CREATE INDEX adverse_events_by_place ON adverse_events (organisation_id, place);
CREATE INDEX adverse_events_at_site ON adverse_events (organisation_id, site_id, place);
CREATE INDEX adverse_events_by_patient ON adverse_events (organisation_id, patient_id, id);

-- What they are about.
CREATE TABLE adverse_event_administrations (
    adverse_event_id TEXT COLLATE "C" NOT NULL REFERENCES adverse_events (id),
    administration_id TEXT COLLATE "C" NOT NULL REFERENCES administrations (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    -- Whether the administration was voided since: then it counts for nothing.
    voided BOOLEAN NOT NULL,
    PRIMARY KEY (adverse_event_id, administration_id)
);
CREATE INDEX adverse_events_of_administration ON adverse_event_administrations (organisation_id, administration_id);
CREATE INDEX adverse_events_of_lot ON adverse_event_administrations (organisation_id, lot_id, adverse_event_id);
CREATE INDEX adverse_events_of_product ON adverse_event_administrations (organisation_id, product_id, adverse_event_id);

-- What was done and said about them since.
CREATE TABLE adverse_event_entries (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    adverse_event_id TEXT COLLATE "C" NOT NULL REFERENCES adverse_events (id),
    patient_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    said TEXT COLLATE "C" NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX adverse_event_entries_by_event ON adverse_event_entries (organisation_id, adverse_event_id, id);
CREATE TRIGGER adverse_events_refuse_update BEFORE UPDATE OF id, organisation_id, site_id, patient_id, visit_id, protocol_id, kind_unlisted, clinical, reported_by, recorded_at ON adverse_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adverse_events_refuse_delete BEFORE DELETE ON adverse_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adverse_events_refuse_truncate BEFORE TRUNCATE ON adverse_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER adverse_event_administrations_refuse_update BEFORE UPDATE OF adverse_event_id, administration_id, organisation_id, lot_id, product_id ON adverse_event_administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adverse_event_administrations_refuse_delete BEFORE DELETE ON adverse_event_administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adverse_event_administrations_refuse_truncate BEFORE TRUNCATE ON adverse_event_administrations FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER adverse_event_entries_refuse_update BEFORE UPDATE ON adverse_event_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adverse_event_entries_refuse_delete BEFORE DELETE ON adverse_event_entries FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adverse_event_entries_refuse_truncate BEFORE TRUNCATE ON adverse_event_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
