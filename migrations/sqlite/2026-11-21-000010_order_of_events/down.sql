DROP INDEX accounts_by_location;

DROP INDEX receipts_by_organisation;
DROP INDEX receipts_by_order;
CREATE INDEX receipts_by_organisation ON receipts (organisation_id, id);
CREATE INDEX receipts_by_order ON receipts (order_id, id);

DROP INDEX movements_by_organisation;
DROP INDEX movements_by_lot;
CREATE INDEX movements_by_organisation ON movements (organisation_id, id);
CREATE INDEX movements_by_lot ON movements (lot_id, id);

DROP INDEX administrations_by_organisation;
DROP INDEX administrations_by_lot;
DROP INDEX administrations_by_patient;
DROP INDEX administrations_by_practitioner;
CREATE INDEX administrations_by_organisation ON administrations (organisation_id, id);
CREATE INDEX administrations_by_lot ON administrations (lot_id, id);
CREATE INDEX administrations_by_patient ON administrations (organisation_id, patient_ref, id);
CREATE INDEX administrations_by_practitioner ON administrations (practitioner_id, id);
