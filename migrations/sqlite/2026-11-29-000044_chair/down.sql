DROP INDEX lots_by_expiry;
