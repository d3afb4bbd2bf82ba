-- SQLite has no TRUNCATE, and a DELETE of all rows asks the triggers of each: there is nothing to add.
SELECT 1;
