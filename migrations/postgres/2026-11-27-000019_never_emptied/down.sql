DROP FUNCTION refuse_truncate() CASCADE;
