//! Tampering with a database of PostgreSQL, as its owner.

use super::{
    Attack, Column, KINDS_MIN, LAST_REMOVED, assert_beyond, assert_named, by_table, filled, is_looked_at,
    is_of_the_log, made_up, name_of_row, of_the_log, row_with,
};
use crate::support::postgres::cluster;
use crate::support::{Database, Kind};

/// A copy of a database that goes when it is dropped.
struct Spare(Database);

impl Spare {
    fn of(original: &Database) -> Spare {
        original.disconnect();
        Spare(Database::at(cluster().unwrap().copy_of(&original.url_text()).parse().unwrap()))
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        self.0.disconnect();
        cluster().unwrap().remove(&self.0.url_text());
    }
}

/// Foreign keys and our triggers do not look at what this connection does.
const UNSEEN: &str = "SET session_replication_role = replica";

/// Nothing refuses a value any more.
const LOOSEN: &str = "DO $$ DECLARE one record; BEGIN \
    FOR one IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace \
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.t, one.conname); END LOOP; \
    FOR one IN SELECT c.oid::regclass AS t, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull AND NOT a.attisdropped \
        AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) \
    LOOP EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', one.t, one.attname); END LOOP; END $$";

fn columns(database: &Database) -> Vec<Column> {
    let lines = database.lines(
        "SELECT c.relname || '|' || a.attname || '|' || format_type(a.atttypid, NULL) || '|' || CAST(EXISTS ( \
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)) AS text) AS line \
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT LIKE '\\_\\_%' \
         ORDER BY c.relname, a.attnum",
    );
    let columns = lines.iter().map(|line| {
        let [table, name, kind, key] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let is_key = if table == "events" { name == "id" } else { key == "true" };
        Column { table: table.to_owned(), name: name.to_owned(), kind: kind.to_owned(), is_key }
    });
    columns.filter(|column| is_looked_at(&column.table)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Changed,
    Emptied,
}

impl Change {
    /// The new value of a column, as SQL.
    fn of(self, column: &Column) -> String {
        let Column { name, kind, is_key, .. } = column;
        let (more, none) = match kind.as_str() {
            "bytea" => (format!("{name} || '\\x00'"), "''"),
            "boolean" => (format!("NOT {name}"), "false"),
            // Of a key, to one that no other row has.
            "integer" | "bigint" if *is_key => (format!("{name} + 1000"), "-1"),
            "integer" | "bigint" => (format!("{name} + 1"), "-1"),
            "date" => (format!("{name} + 1"), "'2000-01-01'"),
            "timestamp without time zone" => (format!("{name} + interval '1 microsecond'"), "'2000-01-01'"),
            _ => (format!("{name} || 'x'"), "''"),
        };
        match self {
            Change::Changed => format!("COALESCE({more}, {none})"),
            Change::Emptied if *is_key => none.to_owned(),
            Change::Emptied => format!("CASE WHEN {name} IS NULL THEN CAST({none} AS {kind}) END"),
        }
    }
}

/// The attack on a column of one row.
fn on_column(original: &Database, table: &[&Column], column: &Column, change: Change) -> Option<Attack> {
    let (name, Column { table, name: column_name, is_key, .. }) = (name_of_row(table), column);
    let row = row_with(original, table, &name, column_name)?;
    let sql = format!("UPDATE {table} SET {column_name} = {} WHERE {name} = '{row}'", change.of(column));
    let finding = match (table.as_str(), column_name.as_str()) {
        ("events", "bytes" | "leaf_hash") => format!("event {row}: its bytes are not those"),
        ("idempotency_keys", _) if *is_key => "idempotency_keys".to_owned(),
        _ if *is_key => format!("{table} {row}: the row is missing"),
        _ => format!("{table} {row}: {column_name} is "),
    };
    Some(Attack::new(sql, finding))
}

/// What cannot be told of a kept answer: it names another caller, another request or another time (on the list). Nor when a
/// checkpoint was signed.
fn is_beyond(column: &Column, change: Change) -> bool {
    let of_a_checkpoint = (column.table.as_str(), column.name.as_str()) == ("log_heads", "signed_at");
    (of_a_checkpoint && change == Change::Changed)
        || column.table == "idempotency_keys"
            && matches!((column.name.as_str(), change), ("subject" | "idempotency_key" | "created_at", Change::Changed))
}

fn every_value(original: &Database) -> usize {
    let columns = columns(original);
    let mut done = 0;
    for change in [Change::Changed, Change::Emptied] {
        let mut batches: Vec<Vec<Attack>> = vec![Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        for table in by_table(&columns).values() {
            let mut keys = 0;
            for column in table.iter().filter(|column| !is_beyond(column, change) && column.name != "position") {
                let Some(attack) = on_column(original, table, column, change) else { continue };
                let of_the_journal = column.table == "events" && matches!(column.name.as_str(), "bytes" | "leaf_hash");
                if of_the_journal || is_of_the_log(&column.table) {
                    batches.push(vec![attack]);
                    continue;
                }
                keys += usize::from(column.is_key);
                batches[if column.is_key { keys } else { 0 }].push(attack);
            }
        }
        done += each(original, &batches, &format!("{LOOSEN}; {UNSEEN}"));
    }
    done
}

/// Another type for every column: a table at a time, all at once.
fn every_type(original: &Database) -> usize {
    let attacks = columns(original).into_iter().map(|column| {
        let Column { table, name, kind, .. } = &column;
        let other = match kind.as_str() {
            "bytea" => format!("text USING encode({name}, 'hex')"),
            "boolean" => format!("text USING CAST({name} AS text)"),
            "integer" => format!("bigint USING {name}"),
            "bigint" => format!("numeric USING {name}"),
            "date" => format!("timestamp USING {name}"),
            "timestamp without time zone" => format!("timestamp with time zone USING {name}"),
            _ => format!("varchar USING {name}"),
        };
        // What a default or an index says of it would be in the way.
        let sql = format!("ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT, ALTER COLUMN {name} TYPE {other}");
        Attack::new(sql, format!("schema: column {table}.{name} is defined otherwise"))
    });
    each(original, &[attacks.collect()], &format!("{LOOSEN}; {FREE}"))
}

/// Nothing refers to anything any more, and no trigger or index is of a column.
const FREE: &str = "DO $$ DECLARE one record; BEGIN \
    FOR one IN SELECT conrelid::regclass AS t, conname FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace \
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.t, one.conname); END LOOP; \
    FOR one IN SELECT tgrelid::regclass AS t, tgname FROM pg_trigger WHERE NOT tgisinternal \
    LOOP EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.t); END LOOP; \
    FOR one IN SELECT c.relname FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace \
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid) \
    LOOP EXECUTE format('DROP INDEX %I', one.relname); END LOOP; END $$";

/// A row removed and a row added, in every table.
fn every_row(original: &Database) -> usize {
    let columns = columns(original);
    let mut batches: Vec<Vec<Attack>> = (0..4).map(|_| Vec::new()).collect();
    for (table, columns) in by_table(&columns) {
        let alone = if table == "events" { 2 } else { 0 };
        let name = name_of_row(&columns);
        let Some(row) = row_with(original, table, &name, &columns[0].name) else {
            batches[1].push(made_up(table, &columns));
            continue;
        };
        if table != "idempotency_keys" {
            let finding =
                if table == "events" { format!("{row}: ") } else { format!("{table} {row}: the row is missing") };
            batches[alone].push(Attack::new(format!("DELETE FROM {table} WHERE {name} = '{row}'"), finding));
        }
        let other = |column: &Column| match column.kind.as_str() {
            _ if column.name == "position" => "nextval('events_position_seq')".to_owned(),
            "integer" | "bigint" => format!("{} + 1000", column.name),
            "text" => format!("{} || 'x'", column.name),
            _ => column.name.clone(),
        };
        let key = columns.iter().filter(|column| column.is_key);
        let key = key.map(|column| format!("CAST({} AS text)", other(column))).collect::<Vec<_>>().join(" || '/' || ");
        let added = original.lines(&format!("SELECT {key} AS line FROM {table} WHERE {name} = '{row}'")).remove(0);
        let values = columns.iter().map(|column| other(column)).collect::<Vec<_>>().join(", ");
        let names = columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
        let sql = format!("INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {name} = '{row}'");
        let finding = match table {
            "events" => format!("event {row}x: "),
            "idempotency_keys" => "idempotency_keys ".to_owned(),
            _ => format!("{table} {added}: the row is in no event"),
        };
        batches[alone + 1].push(Attack::new(sql, finding));
    }
    each(original, &batches, &format!("{LOOSEN}; {UNSEEN}"))
}

/// Every object dropped, disabled or defined otherwise.
fn every_object(original: &Database) -> usize {
    let of = |query: &str| original.lines(query);
    let pairs = |lines: Vec<String>| {
        let pair = |line: String| line.split_once('|').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        lines.into_iter().map(pair).collect::<Vec<_>>()
    };
    let tables = of(
        "SELECT CAST(relname AS text) AS line FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
                     AND relname NOT LIKE '\\_\\_%'",
    );
    let constraints = pairs(of(
        "SELECT CAST(conrelid::regclass AS text) || '|' || conname AS line FROM pg_constraint \
        WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'p', 'u') AND conname NOT LIKE '\\_\\_%'",
    ));
    let triggers = pairs(of(
        "SELECT CAST(tgrelid::regclass AS text) || '|' || tgname AS line FROM pg_trigger WHERE NOT tgisinternal",
    ));
    let indexes = of("SELECT CAST(c.relname AS text) AS line FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid \
        WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)");
    let dropped_constraint = |(table, name): &(String, String)| {
        Attack::new(
            format!("ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE"),
            format!("schema: constraint {name} of {table} is missing"),
        )
    };
    let on_trigger = |what: fn(&str, &str) -> String, how: &'static str| {
        let attack = move |(table, name): &(String, String)| {
            Attack::new(what(table, name), format!("schema: trigger {name} on {table} {how}"))
        };
        triggers.iter().map(attack).collect::<Vec<_>>()
    };
    let on_table = |sql: fn(&str) -> String, finding: fn(&str) -> String| {
        tables.iter().map(|table| Attack::new(sql(table), finding(table))).collect::<Vec<_>>()
    };
    let batches = vec![
        constraints.iter().map(dropped_constraint).collect(),
        on_trigger(|table, name| format!("DROP TRIGGER {name} ON {table}"), "is missing"),
        on_trigger(|table, name| format!("ALTER TABLE {table} DISABLE TRIGGER {name}"), "is defined otherwise"),
        on_trigger(|table, name| format!("ALTER TABLE {table} ENABLE REPLICA TRIGGER {name}"), "is defined otherwise"),
        indexes
            .iter()
            .map(|name| Attack::new(format!("DROP INDEX {name}"), format!("schema: index {name} is missing")))
            .collect(),
        on_table(
            |t| format!("ALTER TABLE {t} ADD COLUMN extra text"),
            |t| format!("schema: column {t}.extra is none of ours"),
        ),
        on_table(
            |t| format!("ALTER TABLE {t} ENABLE ROW LEVEL SECURITY"),
            |t| format!("schema: table {t} is defined otherwise"),
        ),
        on_table(
            |t| format!("CREATE RULE quiet AS ON DELETE TO {t} DO INSTEAD NOTHING"),
            |t| format!("schema: rule quiet on {t} is none of ours"),
        ),
        on_table(
            |t| format!("CREATE POLICY hidden ON {t} USING (false)"),
            |t| format!("schema: policy hidden on {t} is none of ours"),
        ),
        on_table(|t| format!("DROP TABLE IF EXISTS {t} CASCADE"), |t| format!("schema: table {t} is missing")),
        others(),
    ];
    each(original, &batches, "SELECT 1")
}

/// What there is one of, or none.
fn others() -> Vec<Attack> {
    let attack = |sql: &str, finding: &str| Attack::new(sql, finding);
    vec![
        attack("CREATE TABLE more (id text)", "schema: table more is none of ours"),
        attack("CREATE VIEW few AS SELECT 1 AS one", "schema: view few is none of ours"),
        attack("CREATE TABLE kin () INHERITS (lots)", "schema: inheritance from lots is none of ours"),
        attack("CREATE INDEX other ON holds (reason)", "schema: index other is none of ours"),
        attack("CREATE SEQUENCE numbers", "schema: sequence numbers is none of ours"),
        attack("CREATE TYPE mood AS ENUM ('good')", "schema: type mood is none of ours"),
        attack(
            "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "schema: function one() is none of ours",
        ),
        attack(
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "schema: function refuse_change() is defined otherwise",
        ),
        attack(
            "CREATE TRIGGER unseen BEFORE INSERT ON holds FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "schema: trigger unseen on holds is none of ours",
        ),
        attack(
            "ALTER TABLE postings DISABLE TRIGGER ALL",
            "of constraint postings_lot_id_fkey on postings is none of ours",
        ),
        attack(
            "ALTER TABLE suppliers ALTER COLUMN name DROP NOT NULL",
            "schema: column suppliers.name is defined otherwise",
        ),
        attack("ALTER TABLE sites ALTER COLUMN name SET DEFAULT 'x'", "schema: column sites.name is defined otherwise"),
        attack(
            "ALTER TABLE practitioners ALTER COLUMN name TYPE text COLLATE \"POSIX\"",
            "schema: column practitioners.name is defined otherwise",
        ),
        attack("ALTER TABLE idempotency_keys SET UNLOGGED", "schema: table idempotency_keys is defined otherwise"),
        attack("ALTER SEQUENCE events_position_seq CYCLE", "schema: sequence events_position_seq is defined otherwise"),
        attack(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'holds_by_scope'::regclass",
            "schema: index holds_by_scope is defined otherwise",
        ),
        attack(
            "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
            "schema: function watch() is none of ours",
        ),
        attack(
            "CREATE EVENT TRIGGER watching ON ddl_command_end EXECUTE FUNCTION watch()",
            "schema: event trigger watching is none of ours",
        ),
        attack(
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database()); END $$",
            "session_replication_role",
        ),
    ]
}

/// The journal's order and numbering, and kept answers.
fn the_rest(original: &Database) -> usize {
    let one = |sql: &str| original.lines(sql).remove(0);
    let event =
        |kind: &str| one(&format!("SELECT id AS line FROM events WHERE kind = '{kind}' ORDER BY position LIMIT 1"));
    let (received, administered) = (event("stock_received"), event("stock_administered"));
    let swap = format!(
        "CREATE TEMPORARY TABLE two AS SELECT id, position FROM events WHERE id IN ('{received}', '{administered}'); \
         UPDATE events SET position = -position WHERE id IN (SELECT id FROM two); \
         UPDATE events SET position = (SELECT position FROM two WHERE two.id <> events.id) WHERE position < 0; DROP TABLE two"
    );
    let kept = |column: &str, value: &str| {
        Attack::new(
            format!("UPDATE idempotency_keys SET {column} = {value} WHERE body IS NOT NULL"),
            format!("{column} is nothing that a kept answer has"),
        )
    };
    let batches = vec![
        vec![Attack::new(
            "DELETE FROM events WHERE position = (SELECT MIN(position) FROM events)",
            "cannot be replayed",
        )],
        vec![Attack::new(swap, format!("event {administered}: it cannot be replayed"))],
        vec![Attack::new("SELECT setval('events_position_seq', 1)", "but its numbering stands at 1")],
        vec![Attack::new(
            "UPDATE events SET position = 1000000 WHERE position = (SELECT MAX(position) FROM events)",
            "but its numbering stands at",
        )],
        vec![Attack::new(
            "DELETE FROM __diesel_schema_migrations WHERE version = '20261121000009'",
            "migration 20261121000009",
        )],
        vec![Attack::new(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
            "migration 99990101000000",
        )],
        vec![kept("status", "500")],
        vec![kept("status", "99")],
        vec![kept("body", "convert_to('{', 'UTF8')")],
        vec![kept("body", "convert_to('[]', 'UTF8')")],
        vec![kept("organisation_id", "'org_x'")],
        vec![kept("created_at", "'infinity'")],
        vec![kept("created_at", "'2026-07-01 BC'")],
        vec![Attack::new("UPDATE holds SET opened_at = '2026-07-01 10:00:00 BC'", ": opened_at is ")],
    ];
    let of_the_log = of_the_log(original).into_iter().map(|attack| vec![attack]);
    each(original, &batches.into_iter().chain(of_the_log).collect::<Vec<_>>(), UNSEEN)
}

/// Does each batch on a copy of its own, after some preparation.
fn each(original: &Database, batches: &[Vec<Attack>], first: &str) -> usize {
    let mut done = 0;
    for batch in batches.iter().filter(|batch| !batch.is_empty()) {
        let copy = Spare::of(original);
        copy.0.execute(first).unwrap();
        done += assert_named(original, &copy.0, batch);
    }
    done
}

#[test]
fn whatever_is_done_by_sql_is_named() {
    let Some(original) = filled(Kind::Postgres) else { return };
    let kinds = every_value(&original)
        + every_type(&original)
        + every_row(&original)
        + every_object(&original)
        + the_rest(&original);
    assert!(kinds >= KINDS_MIN, "{kinds} kinds");
    println!("{kinds} kinds of tampering with a database of PostgreSQL, each named");
    let kept = "UPDATE idempotency_keys SET body = convert_to('{}', 'UTF8'), subject = 'x', created_at = '2000-01-01' WHERE body IS NOT NULL";
    for (sql, listed) in [
        (LAST_REMOVED, "events at the end of the journal, with everything that follows from them"),
        (kept, "a kept answer that still has the form of one"),
        ("DELETE FROM idempotency_keys", "a kept answer that was removed"),
        ("UPDATE __diesel_schema_migrations SET run_on = '2000-01-01'", "when a migration ran"),
        (
            "UPDATE events SET position = 0 WHERE position = (SELECT MIN(position) FROM events)",
            "gaps between positions on PostgreSQL",
        ),
    ] {
        let copy = Spare::of(&original);
        assert_beyond(&original, &copy.0, sql, listed);
    }
}
