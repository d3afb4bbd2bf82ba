-- Lists of what was inspected and released in the order in which it happened, of packs, and of deliveries by their notes.
CREATE INDEX inspections_in_order ON inspections (organisation_id, occurred_at, id);
CREATE INDEX inspections_of_lot ON inspections (organisation_id, lot_id, occurred_at, id);
CREATE INDEX releases_in_order ON releases (organisation_id, occurred_at, id);
CREATE INDEX releases_of_lot ON releases (organisation_id, lot_id, occurred_at, id);
CREATE INDEX packs_in_order ON packs (organisation_id, id);
CREATE INDEX packs_by_number ON packs (organisation_id, serial, id);
CREATE INDEX receipts_by_note ON receipts (organisation_id, delivery_note, occurred_at, id) WHERE delivery_note IS NOT NULL;
