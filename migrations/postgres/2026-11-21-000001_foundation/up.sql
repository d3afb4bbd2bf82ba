-- Quantities are integers: units of the smallest administrable presentation; temperatures are milli-degrees Celsius.
-- Times are UTC with microseconds. Every row carries its organisation.

CREATE TABLE organisations (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    registered_at TIMESTAMP NOT NULL
);

-- The journal: the exact bytes of every event, in the order of their commands.
CREATE TABLE events (
    position BIGSERIAL PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    command_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    site_id TEXT COLLATE "C",
    actor TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    bytes BYTEA NOT NULL,
    leaf_hash BYTEA NOT NULL
);
CREATE INDEX events_by_organisation ON events (organisation_id, position);
CREATE INDEX events_by_kind ON events (organisation_id, kind, position);

CREATE TABLE event_subjects (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    subject TEXT COLLATE "C" NOT NULL,
    event_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, subject, event_id)
);

CREATE TABLE sites (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    name TEXT COLLATE "C" NOT NULL,
    jurisdiction TEXT COLLATE "C" NOT NULL,
    time_zone TEXT COLLATE "C" NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX sites_by_organisation ON sites (organisation_id, id);

CREATE TABLE locations (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    name TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL CHECK (purpose IN ('stock', 'quarantine', 'returns')),
    min_mc INTEGER NOT NULL,
    max_mc INTEGER NOT NULL CHECK (max_mc >= min_mc),
    product_classes TEXT COLLATE "C",
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX locations_by_site ON locations (site_id, id);
CREATE INDEX locations_by_organisation ON locations (organisation_id, id);

CREATE TABLE products (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    gtin TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    manufacturer TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    units_per_pack BIGINT NOT NULL CHECK (units_per_pack > 0),
    unit_presentation TEXT COLLATE "C" NOT NULL,
    unit_amount TEXT COLLATE "C" NOT NULL,
    unit_amount_unit TEXT COLLATE "C" NOT NULL,
    storage_min_mc INTEGER NOT NULL,
    storage_max_mc INTEGER NOT NULL CHECK (storage_max_mc >= storage_min_mc),
    do_not_freeze BOOLEAN NOT NULL,
    protect_from_light BOOLEAN NOT NULL,
    in_use_hours INTEGER CHECK (in_use_hours > 0),
    single_patient BOOLEAN NOT NULL,
    requires_training BOOLEAN NOT NULL,
    requires_prescriber BOOLEAN NOT NULL,
    approvals TEXT COLLATE "C" NOT NULL,
    stability_budget TEXT COLLATE "C" NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP,
    UNIQUE (organisation_id, gtin)
);

CREATE TABLE suppliers (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    name TEXT COLLATE "C" NOT NULL,
    country TEXT COLLATE "C" NOT NULL,
    gln TEXT COLLATE "C",
    approved_classes TEXT COLLATE "C" NOT NULL,
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX suppliers_by_organisation ON suppliers (organisation_id, id);

CREATE TABLE practitioners (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    name TEXT COLLATE "C" NOT NULL,
    profession TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C",
    registered_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    retired_at TIMESTAMP
);
CREATE INDEX practitioners_by_organisation ON practitioners (organisation_id, id);

CREATE TABLE licences (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    holder_type TEXT COLLATE "C" NOT NULL CHECK (holder_type IN ('site', 'supplier', 'practitioner', 'organisation')),
    holder_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    authority TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    number_validated BOOLEAN NOT NULL,
    jurisdiction TEXT COLLATE "C" NOT NULL,
    product_classes TEXT COLLATE "C" NOT NULL,
    valid_from DATE NOT NULL,
    valid_to DATE NOT NULL CHECK (valid_to >= valid_from),
    registered_at TIMESTAMP NOT NULL
);
CREATE INDEX licences_by_holder ON licences (organisation_id, holder_id, id);
CREATE INDEX licences_by_organisation ON licences (organisation_id, id);

CREATE TABLE licence_checks (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    licence_id TEXT COLLATE "C" NOT NULL REFERENCES licences (id),
    outcome TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    checked_at TIMESTAMP NOT NULL,
    effective_on DATE,
    evidence_sha256 TEXT COLLATE "C",
    note TEXT COLLATE "C",
    checked_by TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX licence_checks_by_licence ON licence_checks (licence_id, checked_at);

-- A lot is a product, a lot text and an expiry; the same text with another expiry is another lot (a twin).
CREATE TABLE lots (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot TEXT COLLATE "C" NOT NULL,
    expiry DATE NOT NULL,
    production_date DATE,
    first_received_at TIMESTAMP NOT NULL,
    UNIQUE (organisation_id, product_id, lot, expiry)
);
CREATE INDEX lots_by_organisation ON lots (organisation_id, id);

-- Stock by lot, place, disposition and use-by date, and the outside that it comes from and goes to.
-- A lot's accounts always add up to zero; only what gives to us may go below zero.
CREATE TABLE accounts (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('quarantined', 'available', 'held', 'rejected', 'in_use', 'supplier', 'patient', 'waste', 'returned', 'destroyed', 'lost', 'adjustment', 'unaccounted')),
    location_id TEXT COLLATE "C" REFERENCES locations (id),
    site_id TEXT COLLATE "C" REFERENCES sites (id),
    use_by DATE,
    units BIGINT NOT NULL,
    CHECK (units >= 0 OR kind IN ('supplier', 'adjustment', 'unaccounted')),
    CHECK ((kind IN ('quarantined', 'available', 'held', 'rejected', 'in_use')) = (location_id IS NOT NULL AND site_id IS NOT NULL AND use_by IS NOT NULL))
);
CREATE INDEX accounts_by_lot ON accounts (lot_id, id);
CREATE INDEX accounts_by_place ON accounts (organisation_id, site_id, use_by, id);

CREATE TABLE postings (
    event_id TEXT COLLATE "C" NOT NULL,
    line INTEGER NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    from_account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    to_account TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    pack_id TEXT COLLATE "C",
    units BIGINT NOT NULL CHECK (units > 0),
    PRIMARY KEY (event_id, line),
    CHECK (from_account <> to_account)
);

CREATE TABLE receipts (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    order_id TEXT COLLATE "C",
    supplier_id TEXT COLLATE "C" NOT NULL REFERENCES suppliers (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    delivery_note TEXT COLLATE "C",
    received_by TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX receipts_by_organisation ON receipts (organisation_id, id);

CREATE TABLE receipt_lines (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    receipt_id TEXT COLLATE "C" NOT NULL REFERENCES receipts (id),
    line INTEGER NOT NULL,
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    packs BIGINT NOT NULL CHECK (packs > 0),
    units BIGINT NOT NULL CHECK (units > 0),
    serials TEXT COLLATE "C" NOT NULL,
    flags TEXT COLLATE "C" NOT NULL,
    scan TEXT COLLATE "C"
);
CREATE INDEX receipt_lines_by_receipt ON receipt_lines (receipt_id, line);
CREATE INDEX receipt_lines_by_lot ON receipt_lines (lot_id, receipt_id);

-- A pack is one serial number; its units move between accounts with the postings that name it.
CREATE TABLE packs (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    serial TEXT COLLATE "C" NOT NULL,
    receipt_line_id TEXT COLLATE "C" NOT NULL REFERENCES receipt_lines (id),
    UNIQUE (organisation_id, product_id, serial)
);
CREATE INDEX packs_by_lot ON packs (lot_id, id);

CREATE TABLE pack_balances (
    pack_id TEXT COLLATE "C" NOT NULL REFERENCES packs (id),
    account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    units BIGINT NOT NULL,
    PRIMARY KEY (pack_id, account_id)
);
CREATE INDEX pack_balances_by_account ON pack_balances (account_id, pack_id);

CREATE TABLE inspections (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    receipt_id TEXT COLLATE "C" NOT NULL REFERENCES receipts (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    checks TEXT COLLATE "C" NOT NULL,
    not_examined TEXT COLLATE "C" NOT NULL,
    units_passed BIGINT NOT NULL CHECK (units_passed >= 0),
    units_failed BIGINT NOT NULL CHECK (units_failed >= 0),
    evidence TEXT COLLATE "C" NOT NULL,
    inspector TEXT COLLATE "C" NOT NULL,
    signature TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX inspections_by_lot ON inspections (lot_id, id);
CREATE INDEX inspections_by_organisation ON inspections (organisation_id, id);

CREATE TABLE releases (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    from_location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    to_location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    units BIGINT NOT NULL CHECK (units > 0),
    serials TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    released_by TEXT COLLATE "C" NOT NULL,
    signature TEXT COLLATE "C" NOT NULL,
    decision TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX releases_by_lot ON releases (lot_id, id);

-- Which passed units a release used up.
CREATE TABLE release_allocations (
    release_id TEXT COLLATE "C" NOT NULL REFERENCES releases (id),
    inspection_id TEXT COLLATE "C" NOT NULL REFERENCES inspections (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    units BIGINT NOT NULL CHECK (units > 0),
    PRIMARY KEY (release_id, inspection_id)
);
CREATE INDEX release_allocations_by_inspection ON release_allocations (inspection_id);

CREATE TABLE holds (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    scope_type TEXT COLLATE "C" NOT NULL CHECK (scope_type IN ('lot', 'product', 'account')),
    scope_id TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    cause_type TEXT COLLATE "C" NOT NULL CHECK (cause_type IN ('manual', 'recall', 'excursion', 'twin')),
    cause_id TEXT COLLATE "C",
    opened_by TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    lifted_at TIMESTAMP,
    lifted_by TEXT COLLATE "C",
    lift_reason TEXT COLLATE "C"
);
CREATE INDEX holds_by_scope ON holds (organisation_id, scope_id);
CREATE INDEX holds_by_organisation ON holds (organisation_id, id);

CREATE TABLE administrations (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    serial TEXT COLLATE "C",
    units BIGINT NOT NULL CHECK (units > 0),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_id TEXT COLLATE "C" REFERENCES locations (id),
    practitioner_id TEXT COLLATE "C" NOT NULL REFERENCES practitioners (id),
    prescriber_id TEXT COLLATE "C" REFERENCES practitioners (id),
    patient_ref TEXT COLLATE "C" NOT NULL,
    treatment TEXT COLLATE "C" NOT NULL,
    encounter_ref TEXT COLLATE "C",
    scan TEXT COLLATE "C",
    retrospective_reason TEXT COLLATE "C",
    decision TEXT COLLATE "C" NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
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
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    subject TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    request_hash BYTEA NOT NULL,
    status INTEGER NOT NULL,
    body BYTEA NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, subject, idempotency_key)
);

-- What an auditor reads is only ever added to.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_subjects_refuse_change BEFORE UPDATE OR DELETE ON event_subjects FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_subjects_refuse_truncate BEFORE TRUNCATE ON event_subjects FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_refuse_change BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_refuse_truncate BEFORE TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_checks_refuse_change BEFORE UPDATE OR DELETE ON licence_checks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER licence_checks_refuse_truncate BEFORE TRUNCATE ON licence_checks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_refuse_change BEFORE UPDATE OR DELETE ON receipts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipts_refuse_truncate BEFORE TRUNCATE ON receipts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_lines_refuse_change BEFORE UPDATE OR DELETE ON receipt_lines FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_lines_refuse_truncate BEFORE TRUNCATE ON receipt_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER packs_refuse_change BEFORE UPDATE OR DELETE ON packs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER packs_refuse_truncate BEFORE TRUNCATE ON packs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspections_refuse_change BEFORE UPDATE OR DELETE ON inspections FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inspections_refuse_truncate BEFORE TRUNCATE ON inspections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER releases_refuse_change BEFORE UPDATE OR DELETE ON releases FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER releases_refuse_truncate BEFORE TRUNCATE ON releases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_allocations_refuse_change BEFORE UPDATE OR DELETE ON release_allocations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER release_allocations_refuse_truncate BEFORE TRUNCATE ON release_allocations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER administrations_refuse_change BEFORE UPDATE OR DELETE ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER administrations_refuse_truncate BEFORE TRUNCATE ON administrations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
