DROP INDEX accounts_ever_at_location;
DROP INDEX accounts_ever_at_site;
DROP INDEX accounts_ever;
