-- Columns of PostgreSQL keep what they say, and always did: this number is SQLite's.
SELECT 1;
