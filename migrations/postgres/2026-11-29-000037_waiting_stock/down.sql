DROP INDEX accounts_that_wait;
DROP INDEX accounts_that_wait_at_site;
