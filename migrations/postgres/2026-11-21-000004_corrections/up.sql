-- Corrections point at what they correct; both stay.

CREATE TABLE administration_voids (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    administration_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES administrations (id),
    reason TEXT COLLATE "C" NOT NULL,
    returned_to_stock BOOLEAN NOT NULL,
    location_id TEXT COLLATE "C" REFERENCES locations (id),
    voided_by TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- What happened against a rule, for the quality lead.
CREATE TABLE deviations (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    administration_id TEXT COLLATE "C" NOT NULL REFERENCES administrations (id),
    reason_codes TEXT COLLATE "C" NOT NULL,
    units_unaccounted BIGINT NOT NULL CHECK (units_unaccounted >= 0),
    opened_by TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_by TEXT COLLATE "C",
    closed_at TIMESTAMP,
    resolution TEXT COLLATE "C"
);
CREATE INDEX deviations_by_organisation ON deviations (organisation_id, id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER administration_voids_refuse_change BEFORE UPDATE OR DELETE ON administration_voids FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER administration_voids_refuse_truncate BEFORE TRUNCATE ON administration_voids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
