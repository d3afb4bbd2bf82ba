-- Which excursions hold units is something that the units have: an account of their own. Only held units have any.
ALTER TABLE accounts ADD COLUMN excursion_ids TEXT CHECK (excursion_ids IS NULL OR kind = 'held');

-- Times at which the sensor of a location measured what its alarm rules do not allow, or nothing.
CREATE TABLE excursions (
    id TEXT PRIMARY KEY NOT NULL,
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT NOT NULL REFERENCES sites (id),
    location_id TEXT NOT NULL REFERENCES locations (id),
    sensor_id TEXT NOT NULL REFERENCES sensors (id),
    kind TEXT NOT NULL,
    rule TEXT,
    state TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    min_mc INTEGER,
    max_mc INTEGER,
    mkt_uc INTEGER,
    minutes INTEGER NOT NULL,
    extends TEXT REFERENCES excursions (id),
    recorded_at TEXT NOT NULL,
    assessed_at TEXT,
    assessed_by TEXT,
    disposition TEXT,
    new_expiry TEXT,
    assessment_reason TEXT,
    CHECK ((kind = 'silent') = (rule IS NULL)),
    CHECK (assessed_at IS NULL OR state IN ('assessed', 'withdrawn')),
    CHECK (assessed_at IS NOT NULL OR state != 'assessed'),
    CHECK ((state = 'open') = (closed_at IS NULL))
) STRICT;
CREATE INDEX excursions_by_organisation ON excursions (organisation_id, id);
CREATE INDEX excursions_by_sensor ON excursions (sensor_id, state, opened_at);
CREATE INDEX excursions_by_location ON excursions (location_id, state, opened_at);
CREATE INDEX excursions_by_state ON excursions (organisation_id, state, kind, id);

-- How many units of which lots were there meanwhile, and whether it holds any.
CREATE TABLE excursion_lots (
    excursion_id TEXT NOT NULL REFERENCES excursions (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    units_exposed INTEGER NOT NULL CHECK (units_exposed >= 0),
    held INTEGER NOT NULL,
    PRIMARY KEY (excursion_id, lot_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX excursion_lots_by_lot ON excursion_lots (lot_id, excursion_id);

-- What was administered of them.
CREATE TABLE excursion_administrations (
    excursion_id TEXT NOT NULL REFERENCES excursions (id),
    administration_id TEXT NOT NULL REFERENCES administrations (id),
    organisation_id TEXT NOT NULL REFERENCES organisations (id),
    lot_id TEXT NOT NULL REFERENCES lots (id),
    units INTEGER NOT NULL CHECK (units >= 0),
    PRIMARY KEY (excursion_id, administration_id)
) STRICT, WITHOUT ROWID;
