//! Tampering with a SQLite file.

use std::fs;

use super::{
    Attack, Column, KINDS_MIN, LAST_REMOVED, assert_beyond, assert_named, by_table, filled, is_looked_at,
    is_of_the_log, made_up, name_of_row, of_the_log, row_with,
};
use crate::support::{Database, Kind};

/// A copy of a file that nobody uses.
fn copy(original: &Database) -> Database {
    original.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let copy = Database::embedded();
    fs::copy(original.dir().join("lotline.db"), copy.dir().join("lotline.db")).unwrap();
    copy.execute("PRAGMA ignore_check_constraints = ON; PRAGMA writable_schema = ON").unwrap();
    copy
}

/// Does something to the definitions of all tables, something to their rows, and puts the definitions back: nothing but
/// the rows shows it.
const LOOSEN: &str = "CREATE TEMPORARY TABLE kept AS SELECT type, name, tbl_name, sql FROM sqlite_master; \
    UPDATE sqlite_master SET sql = replace(replace(replace(replace(sql, ' IS NOT NULL', ' NOTNULL'), ' NOT NULL', ''), ') STRICT, WITHOUT', ') WITHOUT'), ') STRICT', ')') \
    WHERE type = 'table'; DELETE FROM sqlite_master WHERE type = 'trigger'; PRAGMA writable_schema = RESET; \
    PRAGMA writable_schema = ON";
const TIGHTEN: &str = "UPDATE sqlite_master SET sql = (SELECT sql FROM kept WHERE kept.name = sqlite_master.name AND kept.type = 'table') \
    WHERE type = 'table'; \
    INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) SELECT 'trigger', name, tbl_name, 0, sql \
    FROM kept WHERE type = 'trigger'; DROP TABLE kept; \
    PRAGMA writable_schema = RESET";

fn columns(database: &Database) -> Vec<Column> {
    let lines = database.lines(
        "SELECT t.name || '|' || c.name || '|' || c.type || '|' || c.pk AS line FROM sqlite_master t \
         JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' \
         AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY t.name, c.cid",
    );
    let columns = lines.iter().map(|line| {
        let [table, name, kind, key] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let is_key = if table == "events" { name == "id" } else { key != "0" };
        Column { table: table.to_owned(), name: name.to_owned(), kind: kind.to_owned(), is_key }
    });
    columns.filter(|column| is_looked_at(&column.table)).collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Retyped,
    Changed,
    Emptied,
}

impl Change {
    /// The new value of a column, as SQL.
    fn of(self, column: &Column) -> String {
        let Column { name, kind, is_key, .. } = column;
        match (self, kind.as_str()) {
            (Change::Retyped, "BLOB") => format!("COALESCE(CAST({name} AS TEXT), '')"),
            (Change::Retyped, _) => format!("COALESCE(CAST(CAST({name} AS TEXT) AS BLOB), x'00')"),
            (Change::Changed, "BLOB") => format!("CAST({name} || x'00' AS BLOB)"),
            // Of a key, to one that no other row has.
            (Change::Changed, "INTEGER" | "BIGINT" | "BOOLEAN") if *is_key => format!("COALESCE({name}, 0) + 1000"),
            (Change::Changed, "INTEGER" | "BIGINT" | "BOOLEAN") => format!("COALESCE({name}, 0) + 1"),
            (Change::Changed, _) => format!("COALESCE({name}, '') || 'x'"),
            (Change::Emptied, "INTEGER" | "BIGINT" | "BOOLEAN") if *is_key => "-1".to_owned(),
            (Change::Emptied, _) if *is_key => "''".to_owned(),
            (Change::Emptied, "INTEGER" | "BIGINT" | "BOOLEAN") => format!("CASE WHEN {name} IS NULL THEN 0 END"),
            (Change::Emptied, _) => format!("CASE WHEN {name} IS NULL THEN '' END"),
        }
    }
}

/// The attack on a column of one row.
fn on_column(original: &Database, table: &[&Column], column: &Column, change: Change) -> Option<Attack> {
    let (name, Column { table, name: column_name, is_key, .. }) = (name_of_row(table), column);
    let row = row_with(original, table, &name, column_name)?;
    let sql = format!("UPDATE {table} SET {column_name} = {} WHERE {name} = '{row}'", change.of(column));
    let finding = match (table.as_str(), column_name.as_str()) {
        ("events", "bytes" | "leaf_hash") if change != Change::Retyped => {
            format!("event {row}: its bytes are not those")
        }
        // Kept answers are in no event: what is wrong with them is said.
        ("idempotency_keys", _) if *is_key => "idempotency_keys".to_owned(),
        _ if *is_key => format!("{table} {row}: the row is missing"),
        _ => format!("{table} {row}: {column_name} is "),
    };
    Some(Attack::new(sql, finding))
}

/// What cannot be told of a kept answer: it names another caller or another request (on the list).
fn is_beyond(column: &Column, change: Change) -> bool {
    column.table == "idempotency_keys"
        && matches!((column.name.as_str(), change), ("subject" | "idempotency_key", Change::Changed))
}

/// Columns whose change changes what everything else is compared with: they are attacked one by one.
fn is_alone(column: &Column) -> bool {
    let of_the_journal = matches!(column.name.as_str(), "position" | "bytes" | "leaf_hash");
    (column.table == "events" && of_the_journal) || is_of_the_log(&column.table)
}

fn every_column(original: &Database) -> usize {
    let columns = columns(original);
    let mut done = 0;
    for change in [Change::Retyped, Change::Changed, Change::Emptied] {
        // The first is for what is no key; one for each part of a key; then one for each that must be alone.
        let mut batches: Vec<Vec<Attack>> = vec![Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()];
        for table in by_table(&columns).values() {
            let mut keys = 0;
            for column in table.iter().filter(|column| !is_beyond(column, change) && column.name != "position") {
                let Some(attack) = on_column(original, table, column, change) else { continue };
                let batch = if is_alone(column) {
                    batches.push(Vec::new());
                    batches.len() - 1
                } else if column.is_key {
                    keys += 1; // a row whose key is changed is another row
                    keys
                } else {
                    0
                };
                batches[batch].push(attack);
            }
        }
        for batch in batches.iter().filter(|batch| !batch.is_empty()) {
            let copy = copy(original);
            copy.execute(LOOSEN).unwrap();
            done += attack_between(original, &copy, batch);
        }
    }
    done
}

/// Does attacks on loosened tables, and tightens them again before anybody looks.
fn attack_between(original: &Database, copy: &Database, attacks: &[Attack]) -> usize {
    for attack in attacks {
        copy.execute(&attack.sql).unwrap_or_else(|error| panic!("{}: {error}", attack.sql));
    }
    let quiet: Vec<_> = attacks.iter().map(|attack| Attack::new("", &attack.finding)).collect();
    copy.execute(TIGHTEN).unwrap();
    assert_named(original, copy, &quiet)
}

/// The batch of a table: what is done to the journal is done alone, as everything is compared with it.
fn alone<'a>(table: &str, batches: &'a mut [Vec<Attack>; 4], batch: usize) -> &'a mut Vec<Attack> {
    &mut batches[if table == "events" { batch + 2 } else { batch }]
}

/// A value that a column of another row could have.
fn other_value(column: &Column) -> String {
    match column.kind.as_str() {
        "BLOB" => column.name.clone(),
        _ if column.name == "position" => "NULL".to_owned(),
        "INTEGER" | "BIGINT" | "BOOLEAN" => format!("{} + 1000", column.name),
        _ => format!("{} || 'x'", column.name),
    }
}

/// What a row with other values is called.
fn added_name(original: &Database, table: &str, columns: &[&Column], row: &str) -> String {
    let key = columns.iter().filter(|column| column.is_key);
    let other =
        key.map(|column| format!("CAST({} AS TEXT)", other_value(column))).collect::<Vec<_>>().join(" || '/' || ");
    let name = name_of_row(columns);
    original.lines(&format!("SELECT {other} AS line FROM {table} WHERE {name} = '{row}'")).remove(0)
}

/// A row removed and a row added, in every table.
fn every_row(original: &Database) -> usize {
    let columns = columns(original);
    let mut batches = [Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    for (table, columns) in by_table(&columns) {
        let name = name_of_row(&columns);
        let Some(row) = row_with(original, table, &name, &columns[0].name) else {
            batches[1].push(made_up(table, &columns));
            continue;
        };
        if table != "idempotency_keys" {
            let removed = format!("DELETE FROM {table} WHERE {name} = '{row}'");
            let finding =
                if table == "events" { format!("{row}: ") } else { format!("{table} {row}: the row is missing") };
            alone(table, &mut batches, 0).push(Attack::new(removed, finding));
        }
        // A copy of the row that is another in everything that may have to be unique.
        let values = columns.iter().map(|column| other_value(column)).collect::<Vec<_>>().join(", ");
        let added = format!("INSERT INTO {table} SELECT {values} FROM {table} WHERE {name} = '{row}'");
        let finding = match table {
            "events" => format!("event {row}x: "),
            "idempotency_keys" => "idempotency_keys ".to_owned(),
            _ => format!("{table} {}: the row is in no event", added_name(original, table, &columns, &row)),
        };
        alone(table, &mut batches, 1).push(Attack::new(added, finding));
    }
    let mut done = 0;
    for batch in batches {
        let copy = copy(original);
        copy.execute(LOOSEN).unwrap();
        done += attack_between(original, &copy, &batch);
    }
    done
}

/// Every object dropped, and every definition changed.
fn every_object(original: &Database) -> usize {
    let objects = original.lines(
        "SELECT type || ' ' || name AS line FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' \
         AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY rowid",
    );
    let of = |kind: &str| objects.iter().filter(|name| name.starts_with(kind)).cloned().collect::<Vec<_>>();
    let missing = |name: &String| Attack::new(format!("DROP {name}"), format!("schema: {name} is missing"));
    let mut batches: Vec<Vec<Attack>> =
        vec![of("trigger").iter().map(missing).collect(), of("index").iter().map(missing).collect()];
    // Each table alone: they refer to one another.
    batches.push(of("table").iter().filter(|name| *name != "table events").map(missing).collect());
    batches.push(vec![missing(&"table events".to_owned())]);
    let otherwise = |name: &String, sql: String| Attack::new(sql, format!("schema: {name} is defined otherwise"));
    let sql_of = |name: &str| {
        original.lines(&format!("SELECT sql AS line FROM sqlite_master WHERE type || ' ' || name = '{name}'")).remove(0)
    };
    let is_without_rowid = |name: &str| sql_of(name).contains("WITHOUT ROWID");
    let rewritten = |name: &String, from: &str, to: &str| {
        let plain = name.split_once(' ').unwrap().1;
        let sql = sql_of(name);
        // (A default cannot stand in a constraint of the whole table.)
        let fits = sql.contains(from) && !(to.contains("DEFAULT 0") && sql.contains("FOREIGN KEY"));
        fits.then(|| {
            let update = format!(
                "UPDATE sqlite_master SET sql = replace(sql, '{}', '{}') WHERE name = '{plain}'",
                from.replace('\'', "''"),
                to.replace('\'', "''")
            );
            otherwise(name, update)
        })
    };
    for (from, to) in [
        (" TEXT NOT NULL", " TEXT"),
        (" CHECK (", " CHECK (1 OR "),
        (" REFERENCES organisations (id)", ""),
        (" REFERENCES", " DEFAULT 0 REFERENCES"),
        (" DEFAULT '", " DEFAULT 'x"),
        (") STRICT, WITHOUT", ") WITHOUT"),
        (" TEXT", " ANY"),
    ] {
        batches.push(of("table").iter().filter_map(|name| rewritten(name, from, to)).collect());
    }
    let strict = of("table").into_iter().filter(|name| !is_without_rowid(name)).collect::<Vec<_>>();
    batches.push(strict.iter().filter_map(|name| rewritten(name, ") STRICT", ")")).collect());
    for (from, to) in [
        ("BEGIN SELECT RAISE(ABORT, ", "BEGIN SELECT max(1, "),
        ("BEFORE UPDATE ON", "BEFORE UPDATE OF organisation_id ON"),
    ] {
        batches.push(of("trigger").iter().filter_map(|name| rewritten(name, from, to)).collect());
    }
    // An index of no row at all.
    let emptied = of("index").into_iter().filter_map(|name| {
        let sql = sql_of(&name);
        (!sql.contains(" WHERE ")).then(|| otherwise(&name, format!("DROP {name}; {sql} WHERE 0")))
    });
    batches.push(emptied.collect());
    let tables = of("table");
    let added = tables.iter().map(|name| {
        let plain = name.split_once(' ').unwrap().1;
        otherwise(name, format!("ALTER TABLE {plain} ADD COLUMN extra TEXT"))
    });
    batches.push(added.collect());
    batches.push(vec![
        Attack::new("CREATE TABLE more (id TEXT)", "schema: table more is none of ours"),
        Attack::new("CREATE VIEW few AS SELECT 1 AS one", "schema: view few is none of ours"),
        Attack::new("CREATE INDEX other ON holds (reason)", "schema: index other is none of ours"),
        Attack::new(
            "CREATE TRIGGER unseen AFTER INSERT ON holds BEGIN DELETE FROM holds WHERE id = NEW.id; END",
            "schema: trigger unseen is none of ours",
        ),
    ]);
    let mut done = 0;
    for batch in batches.iter().filter(|batch| !batch.is_empty()) {
        let copy = copy(original);
        done += assert_named(original, &copy, batch);
    }
    done
}

/// What is left: the journal's order and numbering, an index that does not have what its table has, kept answers.
fn the_rest(original: &Database) -> usize {
    let one = |sql: &str| original.lines(sql).remove(0);
    let last = one("SELECT CAST(MAX(position) AS TEXT) AS line FROM events");
    let next = |number: i64| (last.parse::<i64>().unwrap() + number).to_string();
    let event =
        |kind: &str| one(&format!("SELECT id AS line FROM events WHERE kind = '{kind}' ORDER BY position LIMIT 1"));
    let (received, administered) = (event("stock_received"), event("stock_administered"));
    let swap = format!(
        "CREATE TEMPORARY TABLE two AS SELECT id, position FROM events WHERE id IN ('{received}', '{administered}'); \
         UPDATE events SET position = -position WHERE id IN (SELECT id FROM two); \
         UPDATE events SET position = (SELECT position FROM two WHERE two.id <> events.id) WHERE position < 0; DROP TABLE two"
    );
    let batches = vec![
        vec![Attack::new("DELETE FROM events WHERE position = 1", "events: position 1 of the journal is missing")],
        vec![Attack::new(
            "DELETE FROM events WHERE position IN (5, 6)",
            "events: positions 5 to 6 of the journal are missing",
        )],
        vec![Attack::new(
            format!("DELETE FROM events WHERE position = {last}"),
            format!("events: position {last} of the journal is missing"),
        )],
        vec![Attack::new(swap, format!("event {administered}: it cannot be replayed"))],
        vec![Attack::new(
            format!("UPDATE events SET position = {} WHERE position = {last}", next(5)),
            format!("events: positions {last} to {} of the journal are missing", next(4)),
        )],
        vec![Attack::new(
            "UPDATE sqlite_sequence SET seq = seq + 1",
            format!("events: position {} of the journal is missing", next(1)),
        )],
        vec![Attack::new("UPDATE sqlite_sequence SET seq = seq - 1", "but its numbering stands at")],
        vec![Attack::new("DELETE FROM sqlite_sequence", "but its numbering stands at 0")],
        vec![Attack::new(
            "DELETE FROM __diesel_schema_migrations WHERE version = '20261121000009'",
            "migration 20261121000009",
        )],
        vec![Attack::new(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
            "migration 99990101000000",
        )],
        // A hold that an index does not have is not seen by who asks the index.
        vec![Attack::new(
            "UPDATE holds SET scope_id = scope_id || 'x' WHERE id = (SELECT MIN(id) FROM holds); \
             CREATE TEMPORARY TABLE one AS SELECT * FROM sqlite_master WHERE name = 'holds_by_scope'; \
             DELETE FROM sqlite_master WHERE name = 'holds_by_scope'; PRAGMA writable_schema = RESET; PRAGMA writable_schema = ON; \
             UPDATE holds SET scope_id = rtrim(scope_id, 'x') WHERE id = (SELECT MIN(id) FROM holds); \
             INSERT INTO sqlite_master SELECT * FROM one; DROP TABLE one",
            "index holds_by_scope",
        )],
        vec![Attack::new("UPDATE idempotency_keys SET status = 500", "status is nothing that a kept answer has")],
        vec![Attack::new("UPDATE idempotency_keys SET status = 99", "status is nothing that a kept answer has")],
        vec![Attack::new(
            "UPDATE idempotency_keys SET body = CAST('{' AS BLOB) WHERE body IS NOT NULL",
            "body is nothing that a kept answer has",
        )],
        vec![Attack::new(
            "UPDATE idempotency_keys SET body = CAST('[]' AS BLOB) WHERE body IS NOT NULL",
            "body is nothing that a kept answer has",
        )],
        vec![Attack::new(
            "UPDATE idempotency_keys SET organisation_id = 'org_x'",
            "organisation_id is nothing that a kept answer has",
        )],
        vec![Attack::new(
            "UPDATE idempotency_keys SET created_at = 'soon'",
            "created_at is nothing that a kept answer has",
        )],
    ];
    let mut done = 0;
    for batch in batches.into_iter().chain(of_the_log(original).into_iter().map(|attack| vec![attack])) {
        let (copy, batch) = (copy(original), &batch);
        copy.execute(LOOSEN).unwrap();
        done += attack_between(original, &copy, batch);
    }
    done
}

/// What is on the list is not found.
fn beyond(original: &Database) {
    let removed = format!("{LAST_REMOVED}; UPDATE sqlite_sequence SET seq = seq - 1");
    let kept =
        "UPDATE idempotency_keys SET body = CAST('{}' AS BLOB), request_hash = zeroblob(32) WHERE body IS NOT NULL";
    for (sql, listed) in [
        (removed.as_str(), "events at the end of the journal, with everything that follows from them"),
        (kept, "a kept answer that still has the form of one"),
        ("DELETE FROM idempotency_keys", "a kept answer that was removed"),
        ("UPDATE __diesel_schema_migrations SET run_on = '2000-01-01 00:00:00'", "when a migration ran"),
    ] {
        assert_beyond(original, &copy(original), sql, listed);
    }
}

#[test]
fn whatever_is_done_to_a_file_is_named() {
    let original = filled(Kind::Sqlite).unwrap();
    let kinds = every_column(&original) + every_row(&original) + every_object(&original) + the_rest(&original);
    assert!(kinds >= KINDS_MIN, "{kinds} kinds");
    println!("{kinds} kinds of tampering with a SQLite file, each named");
    beyond(&original);
}
