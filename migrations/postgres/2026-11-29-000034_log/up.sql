-- The custody log: a Merkle tree (RFC 6962) for each organisation over the bytes of its events. None of it is in an event, for it is
-- about all of them: `verify` computes it again from the journal.

-- Events that have no leaf yet. The mark is made by the journal's own insert, so that no event can be without one; where a leaf is
-- made it goes. No foreign key: an event that is written locks no other row for it.
CREATE TABLE log_pending (
    organisation_id TEXT COLLATE "C" NOT NULL,
    event_position BIGINT NOT NULL,
    PRIMARY KEY (organisation_id, event_position)
);

-- Which event is which leaf: from 0 and without a gap in each organisation. `known_at` is when the last of these and all earlier ones
-- was recorded, so that it never falls, and a moment tells how many leaves there were by then.
CREATE TABLE log_leaves (
    organisation_id TEXT COLLATE "C" NOT NULL,
    leaf_index BIGINT NOT NULL CHECK (leaf_index >= 0),
    event_id TEXT COLLATE "C" NOT NULL UNIQUE,
    known_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, leaf_index)
);

-- The hashes of the tree in tiles of 256 (C2SP tlog-tiles). Only the last tile of a level is shorter, and grows.
CREATE TABLE log_tiles (
    organisation_id TEXT COLLATE "C" NOT NULL,
    level INTEGER NOT NULL CHECK (level >= 0),
    tile_index BIGINT NOT NULL CHECK (tile_index >= 0),
    bytes BYTEA NOT NULL CHECK (length(bytes) BETWEEN 32 AND 8192 AND length(bytes) % 32 = 0),
    PRIMARY KEY (organisation_id, level, tile_index)
);

-- How far each organisation's log goes, and the last checkpoint. Whoever makes leaves has the row.
CREATE TABLE log_heads (
    organisation_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES organisations (id),
    size BIGINT NOT NULL CHECK (size >= 0),
    checkpoint TEXT COLLATE "C",
    signed_at TIMESTAMP,
    CHECK ((checkpoint IS NULL) = (signed_at IS NULL)),
    CHECK ((size = 0) = (checkpoint IS NULL))
);
CREATE INDEX log_heads_by_age ON log_heads (signed_at) WHERE signed_at IS NOT NULL;

INSERT INTO log_heads (organisation_id, size) SELECT id, 0 FROM organisations;
INSERT INTO log_pending (organisation_id, event_position) SELECT organisation_id, position FROM events;

CREATE FUNCTION begin_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_heads (organisation_id, size) VALUES (NEW.id, 0);
    RETURN NULL;
END;
$$;
CREATE TRIGGER organisations_begin_log AFTER INSERT ON organisations FOR EACH ROW EXECUTE FUNCTION begin_log();

CREATE FUNCTION await_leaf() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_pending (organisation_id, event_position) VALUES (NEW.organisation_id, NEW.position);
    RETURN NULL;
END;
$$;
CREATE TRIGGER events_await_leaf AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION await_leaf();

CREATE TRIGGER log_pending_refuse_update BEFORE UPDATE ON log_pending FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_pending_refuse_truncate BEFORE TRUNCATE ON log_pending FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER log_leaves_refuse_change BEFORE UPDATE OR DELETE ON log_leaves FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_leaves_refuse_truncate BEFORE TRUNCATE ON log_leaves FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER log_tiles_refuse_update BEFORE UPDATE OF organisation_id, level, tile_index ON log_tiles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tiles_refuse_whole BEFORE UPDATE OF bytes ON log_tiles FOR EACH ROW WHEN (length(OLD.bytes) = 8192) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tiles_refuse_delete BEFORE DELETE ON log_tiles FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tiles_refuse_truncate BEFORE TRUNCATE ON log_tiles FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
CREATE TRIGGER log_heads_refuse_update BEFORE UPDATE OF organisation_id ON log_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_heads_refuse_less BEFORE UPDATE OF size ON log_heads FOR EACH ROW WHEN (NEW.size < OLD.size) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_heads_refuse_delete BEFORE DELETE ON log_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_heads_refuse_truncate BEFORE TRUNCATE ON log_heads FOR EACH STATEMENT EXECUTE FUNCTION refuse_truncate();
