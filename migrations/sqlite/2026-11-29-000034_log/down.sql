DROP TRIGGER events_await_leaf;
DROP TRIGGER organisations_begin_log;
DROP TABLE log_heads;
DROP TABLE log_tiles;
DROP TABLE log_leaves;
DROP TABLE log_pending;
