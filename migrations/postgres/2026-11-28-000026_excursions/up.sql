-- Which excursions hold units is something that the units have: an account of their own. Only held units have any.
ALTER TABLE accounts ADD COLUMN excursion_ids TEXT COLLATE "C" CHECK (excursion_ids IS NULL OR kind = 'held');

-- Times at which the sensor of a location measured what its alarm rules do not allow, or nothing.
CREATE TABLE excursions (
    id TEXT COLLATE "C" PRIMARY KEY NOT NULL,
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    location_id TEXT COLLATE "C" NOT NULL REFERENCES locations (id),
    sensor_id TEXT COLLATE "C" NOT NULL REFERENCES sensors (id),
    kind TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    opened_at TIMESTAMP NOT NULL,
    closed_at TIMESTAMP,
    min_mc INTEGER,
    max_mc INTEGER,
    mkt_uc BIGINT,
    minutes BIGINT NOT NULL,
    extends TEXT COLLATE "C" REFERENCES excursions (id),
    recorded_at TIMESTAMP NOT NULL,
    assessed_at TIMESTAMP,
    assessed_by TEXT COLLATE "C",
    disposition TEXT COLLATE "C",
    new_expiry DATE,
    assessment_reason TEXT COLLATE "C",
    CHECK ((kind = 'silent') = (rule IS NULL)),
    CHECK (assessed_at IS NULL OR state IN ('assessed', 'withdrawn')),
    CHECK (assessed_at IS NOT NULL OR state != 'assessed'),
    CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE INDEX excursions_by_organisation ON excursions (organisation_id, id);
CREATE INDEX excursions_by_sensor ON excursions (sensor_id, state, opened_at);
CREATE INDEX excursions_by_location ON excursions (location_id, state, opened_at);
CREATE INDEX excursions_by_state ON excursions (organisation_id, state, kind, id);

-- How many units of which lots were there meanwhile, and whether it holds any.
CREATE TABLE excursion_lots (
    excursion_id TEXT COLLATE "C" NOT NULL REFERENCES excursions (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    units_exposed BIGINT NOT NULL CHECK (units_exposed >= 0),
    held BOOLEAN NOT NULL,
    PRIMARY KEY (excursion_id, lot_id)
);
CREATE INDEX excursion_lots_by_lot ON excursion_lots (lot_id, excursion_id);

-- What was administered of them.
CREATE TABLE excursion_administrations (
    excursion_id TEXT COLLATE "C" NOT NULL REFERENCES excursions (id),
    administration_id TEXT COLLATE "C" NOT NULL REFERENCES administrations (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    units BIGINT NOT NULL CHECK (units >= 0),
    PRIMARY KEY (excursion_id, administration_id)
);
CREATE TRIGGER excursions_refuse_truncate BEFORE TRUNCATE ON excursions FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER excursion_lots_refuse_truncate BEFORE TRUNCATE ON excursion_lots FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER excursion_administrations_refuse_truncate BEFORE TRUNCATE ON excursion_administrations FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
