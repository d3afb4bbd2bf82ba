-- All tables become STRICT, each made anew with its rows. SQL cannot say that of tables as it finds them:
-- src/db/strict.rs does it in the place of this.
SELECT 1;
