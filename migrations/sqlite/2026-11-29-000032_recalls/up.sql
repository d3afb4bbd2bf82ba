-- A hold that a recall opened says what the recall is called, and which packs it covers where that is not all of a lot.
ALTER TABLE holds ADD COLUMN cause_reference TEXT;
ALTER TABLE holds ADD COLUMN pack_ids TEXT CHECK (pack_ids IS NULL OR scope_type = 'lot');
CREATE INDEX holds_by_cause ON holds (organisation_id, cause_id, id) WHERE cause_id IS NOT NULL;

-- What a recall names is found by when lots were made.
CREATE INDEX lots_by_production ON lots (organisation_id, product_id, production_date, id);

-- Recalls: what must not be used any more, whoever has it.
CREATE TABLE recalls (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    reference TEXT NOT NULL,
    reference_key TEXT NOT NULL,
    classification TEXT NOT NULL,
    gtin TEXT NOT NULL,
    named TEXT NOT NULL,
    reason TEXT NOT NULL,
    opened_by TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    closed_at TEXT,
    closed_by TEXT,
    closing TEXT,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL)),
    CHECK ((closed_at IS NULL) = (closing IS NULL)),
    UNIQUE (organisation_id, reference_key)
) STRICT;
CREATE INDEX recalls_by_organisation ON recalls (organisation_id, id);
CREATE INDEX recalls_open ON recalls (organisation_id, id) WHERE closed_at IS NULL;

-- Sites that have seen a recall and looked for what it names.
CREATE TABLE recall_acknowledgements (
    recall_id TEXT NOT NULL REFERENCES recalls (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    acknowledged_by TEXT NOT NULL,
    acknowledged_at TEXT NOT NULL,
    PRIMARY KEY (recall_id, site_id)
) STRICT, WITHOUT ROWID;

-- What came of telling patients.
CREATE TABLE recall_contacts (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    recall_id TEXT NOT NULL REFERENCES recalls (id),
    administration_id TEXT NOT NULL REFERENCES administrations (id),
    outcome TEXT NOT NULL,
    contacted_by TEXT NOT NULL,
    contacted_at TEXT NOT NULL,
    recorded_at TEXT NOT NULL
) STRICT;
CREATE INDEX recall_contacts_by_administration ON recall_contacts (recall_id, administration_id, id);
CREATE TRIGGER recalls_refuse_update BEFORE UPDATE OF id, organisation_id, reference, reference_key, classification, gtin, named, reason, opened_by, opened_at, recorded_at ON recalls BEGIN SELECT RAISE(ABORT, 'recalls is append-only'); END;
CREATE TRIGGER recalls_refuse_delete BEFORE DELETE ON recalls BEGIN SELECT RAISE(ABORT, 'recalls is append-only'); END;
CREATE TRIGGER recall_acknowledgements_refuse_update BEFORE UPDATE ON recall_acknowledgements BEGIN SELECT RAISE(ABORT, 'recall_acknowledgements is append-only'); END;
CREATE TRIGGER recall_acknowledgements_refuse_delete BEFORE DELETE ON recall_acknowledgements BEGIN SELECT RAISE(ABORT, 'recall_acknowledgements is append-only'); END;
CREATE TRIGGER recall_contacts_refuse_update BEFORE UPDATE ON recall_contacts BEGIN SELECT RAISE(ABORT, 'recall_contacts is append-only'); END;
CREATE TRIGGER recall_contacts_refuse_delete BEFORE DELETE ON recall_contacts BEGIN SELECT RAISE(ABORT, 'recall_contacts is append-only'); END;
