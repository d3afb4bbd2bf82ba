//! The tables of the record, row by row and column by column: the types of values as well as the values.
//!
//! A value is written as a letter for its type and its text, bytes in hexadecimal, so that both databases write the same
//! for the same: `tABCD`, `i-5`, `bABCD`, `n`. Both sides come in the order of the key, one row at a time, and neither is
//! ever held whole.

use std::collections::BTreeMap;
use std::fmt;

use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::QueryableByName;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{Integer, Text};
use diesel::{QueryResult, RunQueryDsl, sql_query};

use super::Report;
use crate::clock::Moment;
use crate::db::Db;
use crate::error::Result;
use crate::values::hex;

/// Tables that are not part of the record.
pub const NOT_RECORDED: [&str; 13] = [
    "__diesel_schema_migrations",
    "deployment",
    "idempotency_keys",
    "evidence_claims",
    "known_versions",
    "readings",
    "climate_hours",
    "sensor_latest",
    "log_pending",
    "log_leaves",
    "log_tiles",
    "log_heads",
    // What was found of the record, which changes nothing of it.
    "verifications",
];
/// Columns that are not in the events: the journal's own numbering.
const NOT_IN_EVENTS: [(&str, &str); 1] = [("events", "position")];

/// A table with the columns that are compared.
pub(super) struct Table {
    pub name: String,
    columns: Vec<String>,
    /// Which of them tell its rows apart, in the order of the key.
    key: Vec<String>,
}

/// A value as its database keeps it. The order is that of SQLite, and of PostgreSQL with the collation "C".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Null,
    Integer(i64),
    /// Anything that no column of ours has.
    Other(String),
    Text(Vec<u8>),
    Blob(Vec<u8>),
}

impl Value {
    /// Reads what [`written`] writes.
    fn read(text: &str) -> Self {
        let other = || Value::Other(text.to_owned());
        match text.split_at_checked(1) {
            Some(("n", "")) => Value::Null,
            Some(("i", number)) => number.parse().map_or_else(|_| other(), Value::Integer),
            Some(("t", digits)) => hex::decode(digits).map_or_else(other, Value::Text),
            Some(("b", digits)) => hex::decode(digits).map_or_else(other, Value::Blob),
            _ => other(),
        }
    }

    /// Its text, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        if let Value::Text(bytes) = self { std::str::from_utf8(bytes).ok() } else { None }
    }

    /// The moment that it is, if it is one as databases write them.
    pub(super) fn moment(&self) -> Option<Moment> {
        let time = chrono::NaiveDateTime::parse_from_str(self.text()?, "%Y-%m-%d %H:%M:%S%.f").ok()?;
        Some(Moment::from(time.and_utc()))
    }

    fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Integer(_) => "an integer",
            Value::Other(_) => "a number",
            Value::Text(_) => "a text",
            Value::Blob(_) => "a blob",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Other(text) => f.write_str(text.get(1..).unwrap_or_default()),
            Value::Text(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Value::Blob(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) if !text.chars().any(char::is_control) => f.write_str(text),
                _ => f.write_str(&hex::encode(bytes)),
            },
        }
    }
}

/// A row: its values, written one after the other.
pub(super) struct Row {
    line: String,
    key: Vec<Value>,
}

impl Row {
    /// A row as [`rows`] gives it, with the places of its key.
    pub(super) fn new(line: String, key: &[usize]) -> Self {
        let values: Vec<&str> = line.split(',').collect();
        let key = key.iter().map(|place| Value::read(values.get(*place).copied().unwrap_or_default())).collect();
        Row { line, key }
    }

    /// Its values in the order in which they were asked for.
    pub(super) fn values(&self) -> Vec<Value> {
        self.line.split(',').map(Value::read).collect()
    }

    /// What it is called; a key that is no text and no integer says so.
    pub(super) fn name(&self) -> String {
        let part = |value: &Value| match value {
            Value::Text(_) | Value::Integer(_) => value.to_string(),
            other => format!("{other} ({})", other.kind()),
        };
        self.key.iter().map(part).collect::<Vec<_>>().join("/")
    }
}

/// The tables of the record, as the replayed database describes them.
pub(super) fn recorded(replayed: &mut Db) -> Result<Vec<Table>> {
    described(replayed, |table| !NOT_RECORDED.contains(&table))
}

/// Some tables, as the replayed database describes them.
pub(super) fn described(replayed: &mut Db, is_asked: impl Fn(&str) -> bool) -> Result<Vec<Table>> {
    #[derive(QueryableByName)]
    struct Described {
        #[diesel(sql_type = Text)]
        table_name: String,
        #[diesel(sql_type = Text)]
        column_name: String,
        #[diesel(sql_type = Integer)]
        key: i32,
    }
    let rows: Vec<Described> = sql_query(
        "SELECT t.name AS table_name, c.name AS column_name, c.pk AS key \
         FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' \
         ORDER BY t.name, c.cid",
    )
    .load(replayed)?;
    let mut tables: BTreeMap<String, (Vec<String>, Vec<(i32, String)>)> = BTreeMap::new();
    for row in rows {
        let is_left_out = NOT_IN_EVENTS.contains(&(row.table_name.as_str(), row.column_name.as_str()));
        if is_left_out || !is_asked(&row.table_name) {
            continue;
        }
        let (columns, key) = tables.entry(row.table_name).or_default();
        if row.key > 0 {
            key.push((row.key, row.column_name.clone()));
        }
        columns.push(row.column_name);
    }
    let table = |(name, (columns, mut key)): (String, (Vec<String>, Vec<(i32, String)>))| {
        key.sort();
        let mut key: Vec<_> = key.into_iter().map(|(_, column)| column).collect();
        if key.is_empty() {
            key.push("id".to_owned()); // a table whose key is left out
        }
        Table { name, columns, key }
    };
    Ok(tables.into_iter().map(table).collect())
}

/// Compares a table with what the journal says. Columns and tables that are not there are the schema's to report.
pub(super) fn compare(table: &Table, db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let kinds = kinds(&table.name, db)?;
    let columns: Vec<&str> =
        table.columns.iter().map(String::as_str).filter(|name| kinds.contains_key(*name)).collect();
    let key: Vec<usize> = table.key.iter().filter_map(|key| columns.iter().position(|column| column == key)).collect();
    if key.len() < table.key.len() {
        report.find(format!("{}: its rows cannot be compared without {}", table.name, table.key.join(", ")));
        return Ok(());
    }
    let order: Vec<&str> = table.key.iter().map(String::as_str).collect();
    let mut stored = rows(db, &table.name, &columns, &order, &kinds)?.map(|line| line.map(|line| Row::new(line, &key)));
    let mut expected =
        rows(replayed, &table.name, &columns, &order, &kinds)?.map(|line| line.map(|line| Row::new(line, &key)));
    let (mut found, mut wanted) = (stored.next().transpose()?, expected.next().transpose()?);
    loop {
        let (take_found, take_wanted) = match (&found, &wanted) {
            (None, None) => return Ok(()),
            (Some(row), Some(other)) => (row.key <= other.key, other.key <= row.key),
            (row, other) => (row.is_some(), other.is_some()),
        };
        match (&found, &wanted) {
            (Some(row), Some(other)) if take_found && take_wanted => differences(table, &columns, row, other, report),
            (Some(row), _) if take_found => {
                report.find(format!("{} {}: the row is in no event", table.name, row.name()));
            }
            (_, Some(other)) => report.find(format!("{} {}: the row is missing", table.name, other.name())),
            _ => {}
        }
        if take_found {
            report.rows += 1;
            found = stored.next().transpose()?;
        }
        if take_wanted {
            wanted = expected.next().transpose()?;
        }
    }
}

fn differences(table: &Table, columns: &[&str], row: &Row, expected: &Row, report: &mut Report) {
    if row.line == expected.line {
        return;
    }
    for ((column, found), expected) in columns.iter().zip(row.values()).zip(expected.values()) {
        if found == expected {
            continue;
        }
        let other_type = std::mem::discriminant(&found) != std::mem::discriminant(&expected);
        let kind = if other_type { format!(" ({})", found.kind()) } else { String::new() };
        report.find(format!("{} {}: {column} is {found}{kind}, the journal says {expected}", table.name, row.name()));
    }
}

/// The columns that a table has in a database, with their types there; none where there is no such table.
pub(super) fn kinds(table: &str, db: &mut Db) -> Result<BTreeMap<String, String>> {
    #[derive(QueryableByName)]
    struct Column {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        kind: String,
    }
    let query = match db {
        Db::Sqlite(_) => "SELECT name, type AS kind FROM pragma_table_info($1)",
        Db::Postgres(_) => {
            "SELECT CAST(attname AS text) AS name, format_type(atttypid, NULL) AS kind FROM pg_attribute \
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped"
        }
    };
    let columns: Vec<Column> = sql_query(query).bind::<Text, _>(table).load(db)?;
    Ok(columns.into_iter().map(|column| (column.name, column.kind)).collect())
}

/// The rows of a table in the order of some columns, one at a time.
pub(super) fn rows<'a>(
    db: &'a mut Db,
    table: &str,
    columns: &[&str],
    order: &[&str],
    kinds: &BTreeMap<String, String>,
) -> QueryResult<Box<dyn Iterator<Item = QueryResult<String>> + 'a>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let is_postgres = matches!(db, Db::Postgres(_));
    let kind = |column: &str| kinds.get(column).map(String::as_str).unwrap_or_default();
    let values = columns.iter().map(|column| if is_postgres { postgres(column, kind(column)) } else { sqlite(column) });
    let line = values.collect::<Vec<_>>().join(" || ',' || ");
    let order = order.iter().map(|column| match kind(column) {
        "text" if is_postgres => format!("\"{column}\" COLLATE \"C\""),
        _ => format!("\"{column}\""),
    });
    let order = order.collect::<Vec<_>>().join(", ");
    let query = sql_query(format!("SELECT {line} AS line FROM \"{table}\" ORDER BY {order}"));
    let only_line = |line: QueryResult<Line>| line.map(|line| line.line);
    Ok(match db {
        Db::Sqlite(conn) => Box::new(query.load_iter::<Line, DefaultLoadingMode>(conn)?.map(only_line)),
        Db::Postgres(conn) => Box::new(query.load_iter::<Line, PgRowByRowLoadingMode>(conn)?.map(only_line)),
    })
}

/// A value of SQLite by the type that it has, whatever its column was declared as.
fn sqlite(column: &str) -> String {
    format!(
        "CASE typeof(\"{column}\") WHEN 'null' THEN 'n' WHEN 'text' THEN 't' || hex(\"{column}\") \
         WHEN 'blob' THEN 'b' || hex(\"{column}\") WHEN 'integer' THEN 'i' || \"{column}\" ELSE 'r' || \"{column}\" END"
    )
}

/// A value of PostgreSQL as SQLite would have it: times are texts there, with as many decimals as they need (none, three
/// or six), and true is 1.
fn postgres(column: &str, kind: &str) -> String {
    let column = &format!("\"{column}\"");
    let hex = |text: &str| format!("'t' || upper(encode(convert_to({text}, 'UTF8'), 'hex'))");
    let value = match kind {
        "bytea" => format!("'b' || upper(encode({column}, 'hex'))"),
        "boolean" => format!("'i' || CAST(CAST({column} AS integer) AS text)"),
        "smallint" | "integer" | "bigint" => format!("'i' || CAST({column} AS text)"),
        "timestamp without time zone" => {
            let text = &format!("CAST({column} AS text)");
            hex(&format!(
                "CASE WHEN strpos({text}, '.') = 0 THEN {text} WHEN length({text}) <= 23 THEN rpad({text}, 23, '0') \
                 ELSE rpad({text}, 26, '0') END"
            ))
        }
        _ => hex(&format!("CAST({column} AS text)")),
    };
    format!("COALESCE({value}, 'n')")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_apart_by_type() {
        let row = Row::new("t616263,i-5,n,b00FF,b6869,r1.5".to_owned(), &[0, 1]);
        let [text, number, null, blob, readable, real] = &row.values()[..] else { panic!("six values") };
        assert_eq!((text.text(), text.to_string().as_str()), (Some("abc"), "abc"));
        assert_eq!((number, null), (&Value::Integer(-5), &Value::Null));
        assert_eq!(
            (blob.to_string(), readable.to_string(), real.to_string()),
            ("00ff".into(), "hi".into(), "1.5".into())
        );
        assert_eq!(readable.text(), None, "a blob is no text");
        assert_eq!(row.name(), "abc/-5");
        assert_eq!(Row::new("b6869".to_owned(), &[0]).name(), "hi (a blob)");
    }

    #[test]
    fn keys_sort_as_the_databases_sort_them() {
        let sorted = ["n", "i-10", "i9", "i10", "t", "t41", "t4141", "t42", "tC3A9", "b", "b00"];
        let values: Vec<_> = sorted.iter().map(|text| Value::read(text)).collect();
        assert!(values.is_sorted(), "{values:?}");
    }
}
