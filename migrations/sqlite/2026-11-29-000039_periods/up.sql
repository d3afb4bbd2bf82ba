-- What moved at a site since a moment, for reports on a period; and what moved between accounts that are at no site: units that were
-- used though the books did not have them, and voided ones that are not back.
CREATE INDEX accounts_moved_at_site ON accounts (organisation_id, site_id, changed_at, id) WHERE site_id IS NOT NULL;
CREATE INDEX accounts_moved_outside ON accounts (organisation_id, changed_at, id) WHERE kind IN ('unaccounted', 'waste');
