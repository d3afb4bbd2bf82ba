-- Whose a file of evidence is: a site where it was uploaded or used, or the organisation where it is evidence for what all
-- sites share.
CREATE TABLE evidence_owners (
    organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
    sha256 TEXT COLLATE "C" NOT NULL,
    owner_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation_id, sha256, owner_id)
);
CREATE TRIGGER evidence_owners_refuse_change BEFORE UPDATE OR DELETE ON evidence_owners FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER evidence_owners_refuse_truncate BEFORE TRUNCATE ON evidence_owners FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Files of before are of the sites where they were used. Nobody knows for which site they were uploaded.
INSERT INTO evidence_owners (organisation_id, sha256, owner_id)
SELECT inspections.organisation_id, digest.value, events.site_id
FROM inspections
JOIN event_subjects
    ON event_subjects.organisation_id = inspections.organisation_id AND event_subjects.subject = inspections.id
JOIN events ON events.id = event_subjects.event_id AND events.kind = 'packaging_inspected'
CROSS JOIN jsonb_array_elements_text(CAST(inspections.evidence AS JSONB)) AS digest (value)
WHERE events.site_id IS NOT NULL
UNION
SELECT receipts.organisation_id, document.value ->> 'sha256', receipts.site_id
FROM receipts
CROSS JOIN jsonb_array_elements(CAST(receipts.documents AS JSONB)) AS document (value)
WHERE receipts.documents IS NOT NULL
UNION
SELECT
    licence_checks.organisation_id,
    licence_checks.evidence_sha256,
    CASE WHEN licences.holder_type = 'site' THEN licences.holder_id ELSE licence_checks.organisation_id END
FROM licence_checks
JOIN licences ON licences.id = licence_checks.licence_id
WHERE licence_checks.evidence_sha256 IS NOT NULL;

-- Units of a voided administration that the books never had: somebody counts what is there.
ALTER TABLE administration_voids ADD COLUMN units_to_count BIGINT NOT NULL DEFAULT 0 CHECK (units_to_count >= 0);
-- The morning list looks for those.
CREATE INDEX administration_voids_to_count ON administration_voids (organisation_id, id) WHERE units_to_count > 0;
-- A lot that was used at a site though the books never had it there is no secret to that site.
CREATE INDEX administrations_of_no_place ON administrations (lot_id, site_id) WHERE location_id IS NULL;
