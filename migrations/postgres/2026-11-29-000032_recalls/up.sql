-- A hold that a recall opened says what the recall is called, and which packs it covers where that is not all of a lot.
ALTER TABLE holds ADD COLUMN cause_reference TEXT COLLATE "C";
ALTER TABLE holds ADD COLUMN pack_ids TEXT COLLATE "C" CHECK (pack_ids IS NULL OR scope_type = 'lot');
CREATE INDEX holds_by_cause ON holds (organisation_id, cause_id, id) WHERE cause_id IS NOT NULL;

-- What a recall names is found by when lots were made.
CREATE INDEX lots_by_production ON lots (organisation_id, product_id, production_date, id);

-- Recalls: what must not be used any more, whoever has it.
CREATE TABLE recalls (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    reference TEXT COLLATE "C" NOT NULL,
    reference_key TEXT COLLATE "C" NOT NULL,
    classification TEXT COLLATE "C" NOT NULL,
    gtin TEXT COLLATE "C" NOT NULL,
    named TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    closed_by TEXT COLLATE "C",
    closing TEXT COLLATE "C",
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((closed_at IS NULL) = (closing IS NULL)),
    UNIQUE (organisation_id, reference_key)
);
CREATE INDEX recalls_by_organisation ON recalls (organisation_id, id);
CREATE INDEX recalls_open ON recalls (organisation_id, id) WHERE closed_at IS NULL;

-- Sites that have seen a recall and looked for what it names.
CREATE TABLE recall_acknowledgements (
    recall_id TEXT COLLATE "C" NOT NULL REFERENCES recalls (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    acknowledged_by TEXT COLLATE "C" NOT NULL,
    acknowledged_at TIMESTAMP NOT NULL,
    PRIMARY KEY (recall_id, site_id)
);

-- What came of telling patients.
CREATE TABLE recall_contacts (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    recall_id TEXT COLLATE "C" NOT NULL REFERENCES recalls (id),
    administration_id TEXT COLLATE "C" NOT NULL REFERENCES administrations (id),
    outcome TEXT COLLATE "C" NOT NULL,
    contacted_by TEXT COLLATE "C" NOT NULL,
    contacted_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX recall_contacts_by_administration ON recall_contacts (recall_id, administration_id, id);
CREATE TRIGGER recalls_refuse_update BEFORE UPDATE OF id, organisation_id, reference, reference_key, classification, gtin, named, reason, opened_by, opened_at, recorded_at ON recalls FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recalls_refuse_delete BEFORE DELETE ON recalls FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recalls_refuse_truncate BEFORE TRUNCATE ON recalls FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER recall_acknowledgements_refuse_change BEFORE UPDATE OR DELETE ON recall_acknowledgements FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recall_acknowledgements_refuse_truncate BEFORE TRUNCATE ON recall_acknowledgements FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER recall_contacts_refuse_change BEFORE UPDATE OR DELETE ON recall_contacts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER recall_contacts_refuse_truncate BEFORE TRUNCATE ON recall_contacts FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
