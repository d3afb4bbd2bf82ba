DROP INDEX accounts_moved_at_site;
DROP INDEX accounts_moved_outside;
