//! Verification: the journal is replayed into an empty database, and every column of every table is compared with it.
//!
//! It reads one snapshot, so it runs beside a serving process. It finds what was changed behind our back (a row edited,
//! added or removed, an event's bytes altered) and it recounts every lot from the postings alone.

use std::collections::BTreeMap;

use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{RunQueryDsl, sql_query};

use super::model::Event;
use super::{canonical, journal, projection, store};
use crate::db::{DatabaseUrl, Db, migrate, open_for_verification, transaction};
use crate::error::{Error, Result};

/// Tables that are not part of the record.
const NOT_RECORDED: [&str; 2] = ["__diesel_schema_migrations", "idempotency_keys"];
/// Columns that are not in the events: the journal's own numbering.
const NOT_IN_EVENTS: [(&str, &str); 1] = [("events", "position")];
/// Events and rows that are read at once.
const CHUNK: i64 = 1_000;

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Events replayed.
    pub events: u64,
    /// Rows compared.
    pub rows: u64,
    /// Everything that disagrees, one sentence each.
    pub findings: Vec<String>,
}

/// Replays the journal of a database and compares every table with it.
///
/// # Errors
/// When the database cannot be read. What disagrees is no error, but a finding.
pub fn verify(url: &DatabaseUrl) -> Result<Report> {
    let mut db = open_for_verification(url)?;
    migrate::verify_current(&mut db)?;
    transaction::begin_read(&mut db)?;
    let mut replayed = migrate::scratch()?;
    let mut report = Report::default();
    replay(&mut db, &mut replayed, &mut report)?;
    for table in tables(&mut replayed)? {
        compare(&table, &mut db, &mut replayed, &mut report)?;
    }
    transaction::rollback(&mut db)?;
    Ok(report)
}

fn replay(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let mut counts = Counts::default();
    let mut after = 0;
    loop {
        let chunk = store::journal(db, after, CHUNK)?;
        let Some(last) = chunk.last() else { break };
        after = last.position;
        transaction::begin_write(replayed)?;
        for kept in &chunk {
            report.events += 1;
            if let Err(why) = replay_one(kept, replayed, &mut counts) {
                report.findings.push(format!("event {}: {why}", kept.id));
            }
        }
        transaction::commit(replayed)?;
    }
    counts.report(db, report)
}

/// Applies one event; what is wrong with it, if anything.
fn replay_one(kept: &store::Kept, replayed: &mut Db, counts: &mut Counts) -> std::result::Result<(), String> {
    if journal::leaf_hash(&kept.bytes).as_slice() != kept.leaf_hash {
        return Err("its bytes are not those that its leaf hash commits to".to_owned());
    }
    let event: Event = serde_json::from_slice(&kept.bytes).map_err(|e| format!("its bytes cannot be read: {e}"))?;
    let same = canonical::text(&event).is_ok_and(|text| text.as_bytes() == kept.bytes);
    if !same {
        return Err("its bytes are not the canonical form of what they say".to_owned());
    }
    counts.add(&event);
    projection::apply(replayed, &event)
        .and_then(|()| journal::append(replayed, std::slice::from_ref(&event)))
        .map_err(|e| format!("it cannot be replayed: {e:?}"))
}

/// Units by lot and account kind, counted from postings alone: what the ledger should say, by other means.
#[derive(Default)]
struct Counts(BTreeMap<(String, &'static str), i64>);

impl Counts {
    fn add(&mut self, event: &Event) {
        for posting in event.deed.postings() {
            for (kind, units) in [(posting.from.kind, -posting.units), (posting.to.kind, posting.units)] {
                *self.0.entry((posting.lot_id.to_string(), kind.as_str())).or_default() += units;
            }
        }
    }

    fn report(&self, db: &mut Db, report: &mut Report) -> Result<()> {
        #[derive(QueryableByName)]
        struct Sum {
            #[diesel(sql_type = Text)]
            lot_id: String,
            #[diesel(sql_type = Text)]
            kind: String,
            #[diesel(sql_type = BigInt)]
            units: i64,
        }
        let sums: Vec<Sum> = sql_query(
            "SELECT lot_id, kind, CAST(COALESCE(SUM(units), 0) AS BIGINT) AS units FROM accounts GROUP BY lot_id, kind",
        )
        .load(db)?;
        let mut booked: BTreeMap<(String, String), i64> =
            sums.into_iter().map(|sum| ((sum.lot_id, sum.kind), sum.units)).collect();
        for ((lot, kind), units) in &self.0 {
            let found = booked.remove(&(lot.clone(), (*kind).to_owned())).unwrap_or(0);
            if found != *units {
                report.findings.push(format!("lot {lot}: {kind} has {found} units, its postings add up to {units}"));
            }
        }
        for ((lot, kind), units) in booked.into_iter().filter(|(_, units)| *units != 0) {
            report.findings.push(format!("lot {lot}: {kind} has {units} units that no posting put there"));
        }
        Ok(())
    }
}

/// A table with its columns.
struct Table {
    name: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: String,
    key: i32,
}

/// The tables of the record, as the replayed database describes them.
fn tables(replayed: &mut Db) -> Result<Vec<Table>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        table_name: String,
        #[diesel(sql_type = Text)]
        column_name: String,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Integer)]
        key: i32,
    }
    let rows: Vec<Row> = sql_query(
        "SELECT t.name AS table_name, c.name AS column_name, upper(c.type) AS kind, c.pk AS key \
         FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' \
         ORDER BY t.name, c.cid",
    )
    .load(replayed)?;
    let mut tables: Vec<Table> = Vec::new();
    for row in rows.into_iter().filter(|row| !NOT_RECORDED.contains(&row.table_name.as_str())) {
        if tables.last().is_none_or(|table| table.name != row.table_name) {
            tables.push(Table { name: row.table_name.clone(), columns: Vec::new() });
        }
        if let Some(table) = tables.last_mut() {
            table.columns.push(Column { name: row.column_name, kind: row.kind, key: row.key });
        }
    }
    for table in &mut tables {
        let left_out: Vec<_> = NOT_IN_EVENTS.iter().filter(|(name, _)| *name == table.name).map(|(_, c)| *c).collect();
        table.columns.retain(|column| !left_out.contains(&column.name.as_str()));
        // A table whose key is left out is told apart by its id.
        if table.columns.iter().all(|column| column.key == 0) {
            table.columns.iter_mut().filter(|column| column.name == "id").for_each(|column| column.key = 1);
        }
    }
    Ok(tables)
}

type Rows = BTreeMap<String, Vec<Option<String>>>;

/// Compares a table row by row and column by column, a chunk of keys at a time.
fn compare(table: &Table, db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let (mut stored, mut expected) = (Chunks::new(table), Chunks::new(table));
    loop {
        stored.fill(db)?;
        expected.fill(replayed)?;
        // Both are complete up to the smaller of their last keys.
        let horizon = match (stored.horizon(), expected.horizon()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        let (mine, theirs) = (stored.take_to(horizon.as_ref()), expected.take_to(horizon.as_ref()));
        for (key, row) in &mine {
            report.rows += 1;
            match theirs.get(key) {
                None => report.findings.push(format!("{} {key}: the row is in no event", table.name)),
                Some(expected) => differences(table, key, row, expected, report),
            }
        }
        for key in theirs.keys().filter(|key| !mine.contains_key(*key)) {
            report.findings.push(format!("{} {key}: the row is missing", table.name));
        }
        if horizon.is_none() {
            return Ok(());
        }
    }
}

fn differences(table: &Table, key: &str, row: &[Option<String>], expected: &[Option<String>], report: &mut Report) {
    for ((column, found), expected) in table.columns.iter().zip(row).zip(expected) {
        if found != expected {
            report.findings.push(format!(
                "{} {key}: {} is {}, the journal says {}",
                table.name,
                column.name,
                found.as_deref().unwrap_or("null"),
                expected.as_deref().unwrap_or("null"),
            ));
        }
    }
}

/// A table read in the order of its key, a chunk at a time.
struct Chunks<'a> {
    table: &'a Table,
    last: Option<String>,
    done: bool,
    rows: Rows,
}

impl<'a> Chunks<'a> {
    fn new(table: &'a Table) -> Self {
        Chunks { table, last: None, done: false, rows: Rows::new() }
    }

    /// Reads the next chunk, unless one is left.
    fn fill(&mut self, db: &mut Db) -> Result<()> {
        if self.done || !self.rows.is_empty() {
            return Ok(());
        }
        let chunk = read(self.table, db, self.last.as_deref())?;
        self.done = i64::try_from(chunk.len()).is_ok_and(|rows| rows < CHUNK);
        self.last = chunk.last_key_value().map(|(key, _)| key.clone()).or(self.last.take());
        self.rows = chunk;
        Ok(())
    }

    /// The key up to which everything was read; none when that is the end.
    fn horizon(&self) -> Option<String> {
        if self.done { None } else { self.last.clone() }
    }

    /// Takes the rows up to a key, or all.
    fn take_to(&mut self, horizon: Option<&String>) -> Rows {
        match horizon {
            None => std::mem::take(&mut self.rows),
            Some(key) => {
                let rest = self.rows.split_off(&format!("{key}\u{0}"));
                std::mem::replace(&mut self.rows, rest)
            }
        }
    }
}

/// Reads a chunk of rows as text: each column in a form that is the same for both databases.
fn read(table: &Table, db: &mut Db, after: Option<&str>) -> Result<Rows> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        key: String,
        #[diesel(sql_type = Nullable<Text>)]
        columns: Option<String>,
    }
    let postgres = matches!(db, Db::Postgres(_));
    let mut keys: Vec<_> = table.columns.iter().filter(|column| column.key > 0).collect();
    keys.sort_by_key(|column| column.key);
    let key =
        keys.iter().map(|column| format!("CAST({} AS TEXT)", column.name)).collect::<Vec<_>>().join(" || '/' || ");
    let key = if postgres { format!("(({key}) COLLATE \"C\")") } else { format!("({key})") };
    let texts: Vec<_> = table.columns.iter().map(|column| as_text(column, postgres)).collect();
    let array = if postgres { "json_build_array" } else { "json_array" };
    let columns = format!("CAST({array}({}) AS TEXT)", texts.join(", "));
    let name = &table.name;
    let query =
        format!("SELECT {key} AS key, {columns} AS columns FROM {name} WHERE {key} > $1 ORDER BY {key} LIMIT {CHUNK}");
    let rows: Vec<Row> = sql_query(query).bind::<Text, _>(after.unwrap_or("")).load(db)?;
    rows.into_iter()
        .map(|row| {
            let columns: Vec<Option<String>> = serde_json::from_str(row.columns.as_deref().unwrap_or("[]"))
                .map_err(|e| Error::internal(format!("{name}: {e}")))?;
            let columns = table.columns.iter().zip(columns).map(|(column, text)| normal(column, text)).collect();
            Ok((row.key, columns))
        })
        .collect()
}

fn as_text(column: &Column, postgres: bool) -> String {
    let name = &column.name;
    match (column.kind.as_str(), postgres) {
        ("BLOB", true) => format!("encode({name}, 'hex')"),
        ("BLOB", false) => format!("lower(hex({name}))"),
        ("BOOLEAN", true) => format!("CAST(CAST({name} AS INTEGER) AS TEXT)"),
        _ => format!("CAST({name} AS TEXT)"),
    }
}

/// Times are the same when they mean the same: SQLite leaves out what PostgreSQL writes, and the other way round.
fn normal(column: &Column, text: Option<String>) -> Option<String> {
    if column.kind != "TIMESTAMP" {
        return text;
    }
    text.map(|text| {
        let time = chrono::NaiveDateTime::parse_from_str(&text.replace('T', " "), "%Y-%m-%d %H:%M:%S%.f");
        time.map(|time| time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()).unwrap_or(text)
    })
}
