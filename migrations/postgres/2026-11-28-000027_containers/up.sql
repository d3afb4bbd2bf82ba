-- Units that were opened (DOMAIN rule 18).
CREATE TABLE containers (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    product_id TEXT COLLATE "C" NOT NULL REFERENCES products (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    serial TEXT COLLATE "C",
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    opened_at TIMESTAMP NOT NULL,
    opened_by TEXT COLLATE "C" NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    diluent TEXT COLLATE "C",
    diluent_ul BIGINT,
    amount BIGINT NOT NULL CHECK (amount > 0),
    amount_unit TEXT COLLATE "C" NOT NULL,
    volume_ul BIGINT,
    sealed_use_by DATE NOT NULL,
    use_by DATE NOT NULL,
    usable_until TIMESTAMP NOT NULL,
    amount_left BIGINT NOT NULL,
    CHECK (amount_left >= 0 AND amount_left <= amount)
);
CREATE INDEX containers_by_organisation ON containers (organisation_id, id);
CREATE INDEX containers_by_lot ON containers (lot_id, id);
CREATE TRIGGER containers_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, site_id, location_id, opened_at, opened_by, recorded_at, diluent, diluent_ul, amount, amount_unit, volume_ul, sealed_use_by, use_by, usable_until ON containers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER containers_refuse_delete BEFORE DELETE ON containers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER containers_refuse_truncate BEFORE TRUNCATE ON containers FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();

-- Which container a unit is, is something that it has: an account of its own.
ALTER TABLE accounts ADD COLUMN container_id TEXT COLLATE "C" REFERENCES containers (id) CHECK ((container_id IS NULL AND kind <> 'in_use') OR (container_id IS NOT NULL AND kind IN ('in_use', 'held', 'rejected')));
CREATE INDEX accounts_by_container ON accounts (container_id) WHERE container_id IS NOT NULL;

-- What was given out of one.
DROP TRIGGER administrations_refuse_update ON administrations;
ALTER TABLE administrations ADD COLUMN container_id TEXT COLLATE "C" REFERENCES containers (id);
CREATE TRIGGER administrations_refuse_update BEFORE UPDATE OF id, organisation_id, product_id, lot_id, serial, units, site_id, location_id, practitioner_id, prescriber_id, patient_ref, treatment, encounter_ref, scan, retrospective_reason, recorded_by, occurred_at, recorded_at, udi_di, to_confirm, container_id ON administrations FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE INDEX administrations_by_container ON administrations (container_id, occurred_at, id) WHERE container_id IS NOT NULL;
