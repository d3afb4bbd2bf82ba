DROP TRIGGER events_await_leaf ON events;
DROP TRIGGER organisations_begin_log ON organisations;
DROP TABLE log_heads;
DROP TABLE log_tiles;
DROP TABLE log_leaves;
DROP TABLE log_pending;
DROP FUNCTION await_leaf();
DROP FUNCTION begin_log();
