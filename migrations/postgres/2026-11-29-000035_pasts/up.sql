-- What was on hand at another time may be gone: accounts are gone through whether they are empty or not, first expired first.
CREATE INDEX accounts_ever ON accounts (organisation_id, use_by, id) WHERE use_by IS NOT NULL;
CREATE INDEX accounts_ever_at_site ON accounts (organisation_id, site_id, use_by, id) WHERE use_by IS NOT NULL;
CREATE INDEX accounts_ever_at_location ON accounts (organisation_id, location_id, use_by, id) WHERE use_by IS NOT NULL;
