-- A chain of custody is read page by page, in the order in which things happened: one index gives it. Its strands are what
-- happened to the lot, to one patient's treatment, and what was refused.
DROP TRIGGER event_subjects_refuse_change ON event_subjects;
ALTER TABLE event_subjects ADD COLUMN occurred_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE event_subjects ADD COLUMN strand TEXT COLLATE "C" CHECK (strand IN ('course', 'treatment', 'refusal'));
CREATE INDEX event_subjects_by_event ON event_subjects (event_id);
UPDATE event_subjects SET
    occurred_at = (SELECT event.occurred_at FROM events AS event WHERE event.id = event_subjects.event_id),
    strand = CASE
        WHEN substr(subject, 1, 4) NOT IN ('lot_', 'adm_') THEN NULL
        WHEN (SELECT event.kind FROM events AS event WHERE event.id = event_subjects.event_id) = 'gate_refused' THEN 'refusal'
        WHEN EXISTS (SELECT 1 FROM event_subjects AS other WHERE other.event_id = event_subjects.event_id AND substr(other.subject, 1, 4) = 'adm_') THEN 'treatment'
        ELSE 'course' END
WHERE event_id IN (SELECT id FROM events);
CREATE INDEX event_subjects_in_chains ON event_subjects (organisation_id, subject, strand, occurred_at, event_id) WHERE strand IS NOT NULL;
CREATE TRIGGER event_subjects_refuse_change BEFORE UPDATE OR DELETE ON event_subjects FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What was brought and ordered is no event of a lot's own: the deliveries that brought it and the orders that they were
-- ever said to answer belong to its chain all the same. src/custody/chain.rs keeps this table.
CREATE TABLE origin_events (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    lot_id TEXT COLLATE "C" NOT NULL REFERENCES lots (id),
    event_id TEXT COLLATE "C" NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    PRIMARY KEY (organisation_id, lot_id, event_id)
);
INSERT INTO origin_events (organisation_id, lot_id, event_id, occurred_at)
SELECT line.organisation_id, line.lot_id, event.id, event.occurred_at
FROM receipt_lines AS line
JOIN event_subjects AS about ON about.organisation_id = line.organisation_id AND about.subject = line.receipt_id
JOIN events AS event ON event.id = about.event_id AND event.kind = 'receipt_recorded'
UNION
SELECT line.organisation_id, line.lot_id, event.id, event.occurred_at
FROM receipt_lines AS line
JOIN (
    SELECT id AS receipt_id, order_id FROM receipts
    UNION SELECT receipt_id, order_id FROM receipt_corrections
    UNION SELECT receipt_id, was_order_id FROM receipt_corrections
) AS answered ON answered.receipt_id = line.receipt_id
JOIN event_subjects AS about ON about.organisation_id = line.organisation_id AND about.subject = answered.order_id
JOIN events AS event ON event.id = about.event_id AND event.kind IN ('order_created', 'order_placed', 'order_closed');
CREATE INDEX origin_events_in_order ON origin_events (organisation_id, lot_id, occurred_at, event_id);
CREATE TRIGGER origin_events_refuse_change BEFORE UPDATE OR DELETE ON origin_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER origin_events_refuse_truncate BEFORE TRUNCATE ON origin_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The journal is listed by id, which is the order in which things were recorded.
DROP INDEX events_by_organisation;
DROP INDEX events_by_kind;
CREATE INDEX events_in_order ON events (organisation_id, id);
CREATE INDEX events_by_kind ON events (organisation_id, kind, id);
CREATE INDEX events_by_actor ON events (organisation_id, actor, id);

-- What is on hand, first expired first out: accounts that were emptied are many and of no interest.
DROP INDEX accounts_by_place;
CREATE INDEX accounts_on_hand ON accounts (organisation_id, use_by, id) WHERE units > 0 AND use_by IS NOT NULL;
CREATE INDEX accounts_on_hand_at_site ON accounts (organisation_id, site_id, use_by, id) WHERE units > 0 AND use_by IS NOT NULL;
CREATE INDEX accounts_on_hand_at_location ON accounts (organisation_id, location_id, use_by, id) WHERE units > 0 AND use_by IS NOT NULL;
CREATE INDEX accounts_set_apart ON accounts (organisation_id, use_by, id) WHERE units > 0 AND kind IN ('held', 'rejected');
CREATE INDEX accounts_with_units ON accounts (organisation_id, lot_id, use_by, id) WHERE units <> 0;
CREATE INDEX lots_by_product ON lots (organisation_id, product_id, id);

-- An index that begins as the question does is the one that is used.
DROP INDEX administrations_by_lot;
DROP INDEX administrations_by_practitioner;
DROP INDEX movements_by_lot;
DROP INDEX receipts_by_order;
CREATE INDEX administrations_by_lot ON administrations (organisation_id, lot_id, occurred_at, id);
CREATE INDEX administrations_by_practitioner ON administrations (organisation_id, practitioner_id, occurred_at, id);
CREATE INDEX movements_by_lot ON movements (organisation_id, lot_id, occurred_at, id);
CREATE INDEX receipts_by_order ON receipts (organisation_id, order_id, occurred_at, id);

-- What is open is little, what was ever opened is not.
CREATE INDEX holds_open ON holds (organisation_id, id) WHERE lifted_at IS NULL;
CREATE INDEX deviations_open ON deviations (organisation_id, id) WHERE closed_at IS NULL;
CREATE INDEX orders_in_status ON orders (organisation_id, status, id);
CREATE INDEX receipt_corrections_by_order ON receipt_corrections (organisation_id, order_id);
CREATE INDEX receipt_corrections_by_earlier_order ON receipt_corrections (organisation_id, was_order_id);

DROP INDEX movements_that_wait;
DROP INDEX movements_that_differ;
CREATE INDEX movements_that_differ ON movements (organisation_id, recorded_at, id) WHERE kind = 'count' AND units <> 0;

-- Counts whose difference waits for a second person; whoever reviews one takes it off.
CREATE TABLE counts_waiting (
    movement_id TEXT COLLATE "C" PRIMARY KEY NOT NULL REFERENCES movements (id),
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
    recorded_at TIMESTAMP NOT NULL
);
INSERT INTO counts_waiting (movement_id, organisation_id, site_id, recorded_at)
SELECT id, organisation_id, site_id, recorded_at FROM movements
WHERE waits AND NOT EXISTS (SELECT 1 FROM count_reviews WHERE count_reviews.movement_id = movements.id);
CREATE INDEX counts_waiting_in_order ON counts_waiting (organisation_id, recorded_at, movement_id);

-- How often somebody was refused on a day (UTC), and for which reasons the last time: what the morning list asks.
CREATE TABLE refusals_by_day (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    day DATE NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    site_id TEXT COLLATE "C" NOT NULL,
    times BIGINT NOT NULL CHECK (times > 0),
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    last_reasons TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, day, actor, site_id)
);
INSERT INTO refusals_by_day (organisation_id, day, actor, site_id, times, first_at, last_at, last_reasons)
SELECT whole.organisation_id, whole.day, whole.actor, whole.site_id, whole.times, earliest.recorded_at, latest.recorded_at, (
    SELECT COALESCE(string_agg(reason.value ->> 'code', ' ' ORDER BY reason.place), '')
    FROM jsonb_array_elements(convert_from(latest.bytes, 'UTF8')::jsonb #> '{data,decision,reasons}') WITH ORDINALITY AS reason (value, place)
)
FROM (
    SELECT organisation_id, recorded_at::date AS day, actor, COALESCE(site_id, '') AS site_id,
        COUNT(*) AS times, MIN(position) AS first, MAX(position) AS last
    FROM events WHERE kind = 'gate_refused' GROUP BY 1, 2, 3, 4
) AS whole
JOIN events AS earliest ON earliest.position = whole.first
JOIN events AS latest ON latest.position = whole.last;
