-- Corrections point at what they correct; both stay.

CREATE TABLE administration_voids (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    administration_id TEXT NOT NULL UNIQUE REFERENCES administrations (id),
    reason TEXT NOT NULL,
    returned_to_stock BOOLEAN NOT NULL,
    location_id TEXT REFERENCES locations (id),
    voided_by TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- What happened against a rule, for the quality lead.
CREATE TABLE deviations (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    administration_id TEXT NOT NULL REFERENCES administrations (id),
    reason_codes TEXT NOT NULL,
    units_unaccounted BIGINT NOT NULL CHECK (units_unaccounted >= 0),
    opened_by TEXT NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_by TEXT,
    closed_at TIMESTAMP,
    resolution TEXT
);
CREATE INDEX deviations_by_organisation ON deviations (organisation_id, id);

-- What an auditor reads is only ever added to.
CREATE TRIGGER administration_voids_refuse_update BEFORE UPDATE ON administration_voids BEGIN SELECT RAISE(ABORT, 'administration_voids is append-only'); END;
CREATE TRIGGER administration_voids_refuse_delete BEFORE DELETE ON administration_voids BEGIN SELECT RAISE(ABORT, 'administration_voids is append-only'); END;
