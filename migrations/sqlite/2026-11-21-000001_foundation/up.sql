-- Quantities are integers: units of the smallest administrable presentation; temperatures are milli-degrees Celsius.
-- Times are UTC with microseconds. Every row carries its organisation.

CREATE TABLE organisations (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL
);

-- The journal: the exact bytes of every event, in the order of their commands.
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    command_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    site_id TEXT,
    actor TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    bytes BLOB NOT NULL,
    leaf_hash BLOB NOT NULL
);
CREATE INDEX events_by_organisation ON events (organisation_id, position);
CREATE INDEX events_by_kind ON events (organisation_id, kind, position);

CREATE TABLE event_subjects (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subject TEXT NOT NULL,
    event_id TEXT NOT NULL,
    PRIMARY KEY (organisation_id, subject, event_id)
);

CREATE TABLE sites (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX sites_by_organisation ON sites (organisation_id, id);

CREATE TABLE locations (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    name TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('stock', 'quarantine', 'returns')),
    min_mc INTEGER NOT NULL,
    max_mc INTEGER NOT NULL CHECK (max_mc >= min_mc),
    product_classes TEXT,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX locations_by_site ON locations (site_id, id);
CREATE INDEX locations_by_organisation ON locations (organisation_id, id);

CREATE TABLE products (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    gtin TEXT NOT NULL,
    name TEXT NOT NULL,
    manufacturer TEXT NOT NULL,
    class TEXT NOT NULL,
    units_per_pack BIGINT NOT NULL CHECK (units_per_pack > 0),
    unit_presentation TEXT NOT NULL,
    unit_amount TEXT NOT NULL,
    unit_amount_unit TEXT NOT NULL,
    storage_min_mc INTEGER NOT NULL,
    storage_max_mc INTEGER NOT NULL CHECK (storage_max_mc >= storage_min_mc),
    do_not_freeze BOOLEAN NOT NULL,
    protect_from_light BOOLEAN NOT NULL,
    in_use_hours INTEGER CHECK (in_use_hours > 0),
    single_patient BOOLEAN NOT NULL,
    requires_training BOOLEAN NOT NULL,
    requires_prescriber BOOLEAN NOT NULL,
    approvals TEXT NOT NULL,
    stability_budget TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP,
    UNIQUE (organisation_id, gtin)
);

CREATE TABLE suppliers (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    gln TEXT,
    approved_classes TEXT NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX suppliers_by_organisation ON suppliers (organisation_id, id);

CREATE TABLE practitioners (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    name TEXT NOT NULL,
    profession TEXT NOT NULL,
    subject TEXT,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX practitioners_by_organisation ON practitioners (organisation_id, id);

CREATE TABLE licences (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    holder_type TEXT NOT NULL CHECK (holder_type IN ('site', 'supplier', 'practitioner', 'organisation')),
    holder_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    number TEXT NOT NULL,
    number_validated BOOLEAN NOT NULL,
    jurisdiction TEXT NOT NULL,
    product_classes TEXT NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL CHECK (valid_to >= valid_from),
    registered_at TIMESTAMP NOT NULL
);
CREATE INDEX licences_by_holder ON licences (organisation_id, holder_id, id);
CREATE INDEX licences_by_organisation ON licences (organisation_id, id);

CREATE TABLE licence_checks (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    licence_id TEXT NOT NULL REFERENCES licences (id),
    outcome TEXT NOT NULL,
    source TEXT NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    effective_on DATE,
    evidence_sha256 TEXT,
    note TEXT,
    checked_by TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_checks_by_licence ON licence_checks (licence_id, checked_at);

-- A lot is a product, a lot text and an expiry; the same text with another expiry is another lot (a twin).
CREATE TABLE lots (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot TEXT NOT NULL,
    expiry DATE NOT NULL,
    production_date DATE,
    first_received_at TIMESTAMP NOT NULL,
    UNIQUE (organisation_id, product_id, lot, expiry)
);
CREATE INDEX lots_by_organisation ON lots (organisation_id, id);

-- Stock by lot, place, disposition and use-by date, and the outside that it comes from and goes to.
-- A lot's accounts always add up to zero; only what gives to us may go below zero.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    kind TEXT NOT NULL CHECK (kind IN ('quarantined', 'available', 'held', 'rejected', 'in_use', 'supplier', 'patient', 'waste', 'returned', 'destroyed', 'lost', 'adjustment', 'unaccounted')),
    location_id TEXT REFERENCES locations (id),
    site_id TEXT REFERENCES sites (id),
    use_by DATE,
    units BIGINT NOT NULL,
    CHECK (units >= 0 OR kind IN ('supplier', 'adjustment', 'unaccounted')),
    CHECK ((kind IN ('quarantined', 'available', 'held', 'rejected', 'in_use')) = (location_id IS NOT NULL AND site_id IS NOT NULL AND use_by IS NOT NULL))
);
CREATE INDEX accounts_by_lot ON accounts (lot_id, id);
CREATE INDEX accounts_by_place ON accounts (organisation_id, site_id, use_by, id);

CREATE TABLE postings (
    event_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    from_account TEXT NOT NULL REFERENCES accounts (id),
    to_account TEXT NOT NULL REFERENCES accounts (id),
    pack_id TEXT,
    units BIGINT NOT NULL CHECK (units > 0),
    PRIMARY KEY (event_id, line),
    CHECK (from_account <> to_account)
);

CREATE TABLE receipts (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    order_id TEXT,
    supplier_id TEXT NOT NULL REFERENCES suppliers (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    location_id TEXT NOT NULL REFERENCES locations (id),
    delivery_note TEXT,
    received_by TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX receipts_by_organisation ON receipts (organisation_id, id);

CREATE TABLE receipt_lines (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    receipt_id TEXT NOT NULL REFERENCES receipts (id),
    line INTEGER NOT NULL,
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    packs BIGINT NOT NULL CHECK (packs > 0),
    units BIGINT NOT NULL CHECK (units > 0),
    serials TEXT NOT NULL,
    flags TEXT NOT NULL,
    scan TEXT
);
CREATE INDEX receipt_lines_by_receipt ON receipt_lines (receipt_id, line);
CREATE INDEX receipt_lines_by_lot ON receipt_lines (lot_id, receipt_id);

-- A pack is one serial number; its units move between accounts with the postings that name it.
CREATE TABLE packs (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    serial TEXT NOT NULL,
    receipt_line_id TEXT NOT NULL REFERENCES receipt_lines (id),
    UNIQUE (organisation_id, product_id, serial)
);
CREATE INDEX packs_by_lot ON packs (lot_id, id);

CREATE TABLE pack_balances (
    pack_id TEXT NOT NULL REFERENCES packs (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    units BIGINT NOT NULL,
    PRIMARY KEY (pack_id, account_id)
);
CREATE INDEX pack_balances_by_account ON pack_balances (account_id, pack_id);

CREATE TABLE inspections (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    receipt_id TEXT NOT NULL REFERENCES receipts (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    checks TEXT NOT NULL,
    not_examined TEXT NOT NULL,
    units_passed BIGINT NOT NULL CHECK (units_passed >= 0),
    units_failed BIGINT NOT NULL CHECK (units_failed >= 0),
    evidence TEXT NOT NULL,
    inspector TEXT NOT NULL,
    signature TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX inspections_by_lot ON inspections (lot_id, id);
CREATE INDEX inspections_by_organisation ON inspections (organisation_id, id);

CREATE TABLE releases (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    from_location_id TEXT NOT NULL REFERENCES locations (id),
    to_location_id TEXT NOT NULL REFERENCES locations (id),
    units BIGINT NOT NULL CHECK (units > 0),
    serials TEXT NOT NULL,
    reason TEXT NOT NULL,
    released_by TEXT NOT NULL,
    signature TEXT NOT NULL,
    decision TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX releases_by_lot ON releases (lot_id, id);

-- Which passed units a release used up.
CREATE TABLE release_allocations (
    release_id TEXT NOT NULL REFERENCES releases (id),
    inspection_id TEXT NOT NULL REFERENCES inspections (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    units BIGINT NOT NULL CHECK (units > 0),
    PRIMARY KEY (release_id, inspection_id)
);
CREATE INDEX release_allocations_by_inspection ON release_allocations (inspection_id);

CREATE TABLE holds (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    scope_type TEXT NOT NULL CHECK (scope_type IN ('lot', 'product', 'account')),
    scope_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    cause_type TEXT NOT NULL CHECK (cause_type IN ('manual', 'recall', 'excursion', 'twin')),
    cause_id TEXT,
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    lifted_at TIMESTAMP,
    lifted_by TEXT,
    lift_reason TEXT
);
CREATE INDEX holds_by_scope ON holds (organisation_id, scope_id);
CREATE INDEX holds_by_organisation ON holds (organisation_id, id);

CREATE TABLE administrations (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    product_id TEXT NOT NULL REFERENCES products (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    serial TEXT,
    units BIGINT NOT NULL CHECK (units > 0),
    site_id TEXT NOT NULL REFERENCES sites (id),
    location_id TEXT REFERENCES locations (id),
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    prescriber_id TEXT REFERENCES practitioners (id),
    patient_ref TEXT NOT NULL,
    treatment TEXT NOT NULL,
    encounter_ref TEXT,
    scan TEXT,
    retrospective_reason TEXT,
    decision TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX administrations_by_organisation ON administrations (organisation_id, id);
CREATE INDEX administrations_by_lot ON administrations (lot_id, id);
CREATE INDEX administrations_by_patient ON administrations (organisation_id, patient_ref, id);
CREATE INDEX administrations_by_practitioner ON administrations (practitioner_id, id);
CREATE INDEX administrations_by_serial ON administrations (product_id, serial);

-- Answers kept so that a repeated request gets the same bytes; not part of the record.
CREATE TABLE idempotency_keys (
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    subject TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, subject, idempotency_key)
);

-- What an auditor reads is only ever added to.
CREATE TRIGGER events_refuse_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER events_refuse_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
CREATE TRIGGER event_subjects_refuse_update BEFORE UPDATE ON event_subjects BEGIN SELECT RAISE(ABORT, 'event_subjects is append-only'); END;
CREATE TRIGGER event_subjects_refuse_delete BEFORE DELETE ON event_subjects BEGIN SELECT RAISE(ABORT, 'event_subjects is append-only'); END;
CREATE TRIGGER postings_refuse_update BEFORE UPDATE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
CREATE TRIGGER postings_refuse_delete BEFORE DELETE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only'); END;
CREATE TRIGGER licence_checks_refuse_update BEFORE UPDATE ON licence_checks BEGIN SELECT RAISE(ABORT, 'licence_checks is append-only'); END;
CREATE TRIGGER licence_checks_refuse_delete BEFORE DELETE ON licence_checks BEGIN SELECT RAISE(ABORT, 'licence_checks is append-only'); END;
CREATE TRIGGER receipts_refuse_update BEFORE UPDATE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;
CREATE TRIGGER receipts_refuse_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts is append-only'); END;
CREATE TRIGGER receipt_lines_refuse_update BEFORE UPDATE ON receipt_lines BEGIN SELECT RAISE(ABORT, 'receipt_lines is append-only'); END;
CREATE TRIGGER receipt_lines_refuse_delete BEFORE DELETE ON receipt_lines BEGIN SELECT RAISE(ABORT, 'receipt_lines is append-only'); END;
CREATE TRIGGER packs_refuse_update BEFORE UPDATE ON packs BEGIN SELECT RAISE(ABORT, 'packs is append-only'); END;
CREATE TRIGGER packs_refuse_delete BEFORE DELETE ON packs BEGIN SELECT RAISE(ABORT, 'packs is append-only'); END;
CREATE TRIGGER inspections_refuse_update BEFORE UPDATE ON inspections BEGIN SELECT RAISE(ABORT, 'inspections is append-only'); END;
CREATE TRIGGER inspections_refuse_delete BEFORE DELETE ON inspections BEGIN SELECT RAISE(ABORT, 'inspections is append-only'); END;
CREATE TRIGGER releases_refuse_update BEFORE UPDATE ON releases BEGIN SELECT RAISE(ABORT, 'releases is append-only'); END;
CREATE TRIGGER releases_refuse_delete BEFORE DELETE ON releases BEGIN SELECT RAISE(ABORT, 'releases is append-only'); END;
CREATE TRIGGER release_allocations_refuse_update BEFORE UPDATE ON release_allocations BEGIN SELECT RAISE(ABORT, 'release_allocations is append-only'); END;
CREATE TRIGGER release_allocations_refuse_delete BEFORE DELETE ON release_allocations BEGIN SELECT RAISE(ABORT, 'release_allocations is append-only'); END;
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE ON administrations BEGIN SELECT RAISE(ABORT, 'administrations is append-only'); END;
CREATE TRIGGER administrations_refuse_delete BEFORE DELETE ON administrations BEGIN SELECT RAISE(ABORT, 'administrations is append-only'); END;
