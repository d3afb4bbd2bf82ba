-- Units that wait for somebody, by how long nothing of them has moved: to be inspected, to be released, to be sent back, to be discarded.
CREATE INDEX accounts_that_wait ON accounts (organisation_id, kind, changed_at, id)
    WHERE units > 0 AND kind IN ('quarantined', 'passed', 'rejected', 'in_use');
CREATE INDEX accounts_that_wait_at_site ON accounts (organisation_id, site_id, kind, changed_at, id)
    WHERE units > 0 AND kind IN ('quarantined', 'passed', 'rejected', 'in_use');
