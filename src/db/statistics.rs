//! What SQLite's planner is told of the tables: that they are large, and which columns tell rows apart.
//!
//! Without statistics it takes every first column of an index for one that leads to ten rows. Each of ours that begins with
//! the organisation would lead through everything: a look-up by product and serial number took the index of the
//! organisation's administrations. Statistics that are gathered would say the same as long as little is stored, and plans
//! would change from day to day. So the program writes them (sqlite.org/fileformat2.html#stat1tab), from the names of the
//! columns alone, and plans are the same on every day and in every test.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{QueryableByName, RunQueryDsl, sql_query};

use crate::error::Result;

/// Tables that stay small: master data, and what only waits or happened lately.
const SMALL: [&str; 19] = [
    "organisations",
    "sites",
    "locations",
    "products",
    "product_identifiers",
    "product_approvals",
    "suppliers",
    "practitioners",
    "licences",
    "licence_reversals",
    "licence_acknowledgements",
    "policies",
    "counts_waiting",
    "refusals_by_day",
    "idempotency_keys",
    "log_heads",
    "log_pending",
    "verifications",
    "__diesel_schema_migrations",
];

/// Rows of a small table, and of any other.
const ROWS: (u64, u64) = (1_000, 1_000_000);
/// One row of so many is in an index of only some rows.
const PART: u64 = 10;

/// Into how many parts the values of a column divide the rows that have the same values in the columns before.
fn parts(column: &str) -> u64 {
    match column {
        "organisation_id" => 1,
        "kind" | "status" | "strand" | "outcome" | "scope_type" | "scheme" | "version" | "number" | "level"
        | "line" => 10,
        "site_id" | "location_id" | "actor" | "product_id" | "practitioner_id" | "supplier_id" | "jurisdiction" => 20,
        _ => 10_000,
    }
}

/// The columns that, last in an index, leave one row.
fn is_key(column: &str) -> bool {
    matches!(column, "id" | "event_id" | "movement_id" | "subject_id")
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    #[diesel(sql_type = Bool)]
    is_primary: bool,
    #[diesel(sql_type = Bool)]
    is_partial: bool,
    #[diesel(sql_type = Text)]
    column_name: String,
}

#[derive(QueryableByName, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Statistic {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    index_name: String,
    #[diesel(sql_type = Text)]
    stat: String,
}

/// Writes the statistics, unless they are there already.
///
/// # Errors
/// What the database answers.
pub(super) fn write(conn: &mut SqliteConnection) -> Result<()> {
    let columns: Vec<Column> = sql_query(
        "SELECT m.name AS table_name, l.name AS index_name, l.\"unique\" AS is_unique, l.origin = 'pk' AS is_primary, \
         l.partial AS is_partial, i.name AS column_name \
         FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) i \
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND i.name IS NOT NULL ORDER BY m.name, l.name, i.seqno",
    )
    .load(conn)?;
    let mut indexes: BTreeMap<(&str, &str), Vec<&Column>> = BTreeMap::new();
    for column in &columns {
        indexes.entry((&column.table_name, &column.index_name)).or_default().push(column);
    }
    let mut wanted: Vec<Statistic> = Vec::new();
    for ((table, index), columns) in indexes {
        let stat = statistic(table, &columns);
        // Of a table that is its own index, the key has the name of the table.
        let is_primary = columns.first().is_some_and(|column| column.is_primary);
        for name in [Some(index), Some(table).filter(|_| is_primary)].into_iter().flatten() {
            wanted.push(Statistic { table_name: table.to_owned(), index_name: name.to_owned(), stat: stat.clone() });
        }
    }
    wanted.sort();
    // This makes the table of statistics, where there is none.
    let is_made: Vec<Statistic> = sql_query(
        "SELECT name AS table_name, '' AS index_name, '' AS stat FROM sqlite_master WHERE name = 'sqlite_stat1'",
    )
    .load(conn)?;
    if !is_made.is_empty() {
        let mut found: Vec<Statistic> =
            sql_query("SELECT tbl AS table_name, COALESCE(idx, '') AS index_name, stat FROM sqlite_stat1")
                .load(conn)?;
        found.sort();
        if found == wanted {
            return Ok(());
        }
    }
    conn.batch_execute("ANALYZE organisations")?;
    conn.immediate_transaction(|conn| -> Result<()> {
        conn.batch_execute("DELETE FROM sqlite_stat1")?;
        for Statistic { table_name, index_name, stat } in &wanted {
            sql_query("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)")
                .bind::<Text, _>(table_name)
                .bind::<Text, _>(index_name)
                .bind::<Text, _>(stat)
                .execute(conn)?;
        }
        Ok(())
    })?;
    conn.batch_execute("ANALYZE sqlite_schema")?;
    Ok(())
}

/// How many rows an index has, and how many have the same values in its first column, its first two, and so on.
fn statistic(table: &str, columns: &[&Column]) -> String {
    let whole = if SMALL.contains(&table) { ROWS.0 } else { ROWS.1 };
    let is = |of: fn(&Column) -> bool| columns.first().is_some_and(|column| of(column));
    let mut rows = if is(|column| column.is_partial) { whole / PART } else { whole };
    let mut numbers = vec![rows.to_string()];
    for (place, column) in columns.iter().enumerate() {
        let is_last = place.saturating_add(1) == columns.len();
        let name = column.column_name.as_str();
        rows = if is_last && (column.is_unique || is_key(name)) { 1 } else { (rows / parts(name)).max(1) };
        numbers.push(rows.to_string());
    }
    numbers.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statistic_of(table: &str, columns: &[&str], is_unique: bool, is_partial: bool) -> String {
        let column = |name: &&str| Column {
            table_name: table.to_owned(),
            index_name: String::new(),
            is_unique,
            is_primary: false,
            is_partial,
            column_name: (*name).to_owned(),
        };
        let columns: Vec<_> = columns.iter().map(column).collect();
        statistic(table, &columns.iter().collect::<Vec<_>>())
    }

    #[test]
    fn an_organisation_tells_no_rows_apart_and_an_id_all() {
        assert_eq!(statistic_of("events", &["organisation_id", "id"], false, false), "1000000 1000000 1");
        assert_eq!(
            statistic_of("administrations", &["organisation_id", "lot_id", "occurred_at", "id"], false, false),
            "1000000 1000000 100 1 1"
        );
        assert_eq!(statistic_of("holds", &["organisation_id", "id"], false, true), "100000 100000 1");
        assert_eq!(statistic_of("sites", &["organisation_id", "name"], true, false), "1000 1000 1");
    }

    #[test]
    fn they_are_written_once() {
        let mut db = crate::db::migrate::scratch().unwrap();
        let crate::db::Db::Sqlite(conn) = &mut db else { panic!("SQLite") };
        let count = |conn: &mut SqliteConnection| {
            let all: Vec<Statistic> =
                sql_query("SELECT tbl AS table_name, COALESCE(idx, '') AS index_name, stat FROM sqlite_stat1")
                    .load(conn)
                    .unwrap();
            all.len()
        };
        let written = count(conn);
        assert!(written > 80, "{written}");
        write(conn).unwrap();
        assert_eq!(count(conn), written);
    }
}
