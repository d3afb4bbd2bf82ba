-- What happened is listed in the order in which it happened, not in that in which somebody got to record it.
DROP INDEX administrations_by_organisation;
DROP INDEX administrations_by_lot;
DROP INDEX administrations_by_patient;
DROP INDEX administrations_by_practitioner;
CREATE INDEX administrations_by_organisation ON administrations (organisation_id, occurred_at, id);
CREATE INDEX administrations_by_lot ON administrations (lot_id, occurred_at, id);
CREATE INDEX administrations_by_patient ON administrations (organisation_id, patient_ref, occurred_at, id);
CREATE INDEX administrations_by_practitioner ON administrations (practitioner_id, occurred_at, id);

DROP INDEX movements_by_organisation;
DROP INDEX movements_by_lot;
CREATE INDEX movements_by_organisation ON movements (organisation_id, occurred_at, id);
CREATE INDEX movements_by_lot ON movements (lot_id, occurred_at, id);

DROP INDEX receipts_by_organisation;
DROP INDEX receipts_by_order;
CREATE INDEX receipts_by_organisation ON receipts (organisation_id, occurred_at, id);
CREATE INDEX receipts_by_order ON receipts (order_id, occurred_at, id);

-- What lies at a place is asked before the place is changed or retired.
CREATE INDEX accounts_by_location ON accounts (location_id, lot_id);
