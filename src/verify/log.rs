//! The custody log: its leaves are gone through in their order, the tree is grown again from the leaf hashes of the replayed journal,
//! and what is kept of it (tiles, sizes, checkpoints) is compared with that. So are checkpoints that were kept elsewhere, at the
//! size that each commits to.
//!
//! Nothing that is held grows with the log but what the tree itself needs, which is its right edge.

use std::collections::{BTreeMap, BTreeSet};

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use super::tables::{self, Value};
use super::{Report, attempt};
use crate::clock::Moment;
use crate::custody_log::store::put_tile;
use crate::custody_log::witness::{Seen, organisation_of};
use crate::db::schema::{events, log_leaves, organisations};
use crate::db::{Db, transaction, violates_unique};
use crate::error::{Error, Result};
use crate::ids::OrganisationId;
use crate::merkle::{self, Edge, Hash};
use crate::note::{Checkpoint, Note, VerifierKey};

/// Leaves that are gone through in one transaction of the scratch database.
const BATCH: u64 = 1_000;

/// A checkpoint that was kept elsewhere.
struct Kept {
    /// What it is called in findings.
    name: String,
    checkpoint: Checkpoint,
}

/// The log of an organisation, as its leaves make it.
#[derive(Default)]
struct Grown {
    size: u64,
    root: Option<Hash>,
    /// The roots of the sizes that kept checkpoints commit to.
    roots: BTreeMap<u64, Hash>,
    /// Whether the tree is not that of its leaves, because one of them is missing or of no event.
    is_broken: bool,
}

/// What one row of the heads says.
struct Head {
    size: Value,
    checkpoint: Value,
    signed_at: Value,
}

/// Compares the log with the replayed journal, and with checkpoints that were kept elsewhere: texts by what they are called.
pub(super) fn compare(
    seen: &Seen,
    saved: &[(String, String)],
    db: &mut Db,
    replayed: &mut Db,
    report: &mut Report,
) -> Result<()> {
    let kept = read_kept(seen, saved, report);
    let known: BTreeSet<String> =
        organisations::table.select(organisations::id).load::<String>(replayed)?.into_iter().collect();
    let mut grown = BTreeMap::new();
    attempt("log_leaves", db, report, |db, report| {
        grown = grow(&kept, &known, db, replayed, report)?;
        Ok(())
    })?;
    attempt("log_heads", db, report, |db, report| compare_heads(seen, &grown, &known, db, report))?;
    attempt("log_tiles", db, report, |db, report| {
        let described = tables::described(replayed, |table| table == "log_tiles")?;
        described.iter().try_for_each(|table| tables::compare(table, db, replayed, report))
    })?;
    attempt("log_pending", db, report, compare_marks)?;
    for (whose, kept) in kept.iter().flat_map(|(whose, kept)| kept.iter().map(move |kept| (whose, kept))) {
        compare_kept(whose, kept, known.contains(whose), grown.get(whose), report);
    }
    Ok(())
}

/// Reads the checkpoints that were kept, by organisation; what is none, or is of another key, is said.
fn read_kept(seen: &Seen, saved: &[(String, String)], report: &mut Report) -> BTreeMap<String, Vec<Kept>> {
    let mut kept: BTreeMap<String, Vec<Kept>> = BTreeMap::new();
    for (name, text) in seen.published.iter().chain(saved) {
        match read(text, seen) {
            Ok((whose, checkpoint)) => {
                report.checkpoints += 1;
                kept.entry(whose.to_string()).or_default().push(Kept { name: name.clone(), checkpoint });
            }
            Err(why) => report.find(format!("checkpoint {name} {why}")),
        }
    }
    kept
}

/// Reads a checkpoint, and whose it is: signed by the key of this deployment.
fn read(text: &str, seen: &Seen) -> std::result::Result<(OrganisationId, Checkpoint), String> {
    let note = Note::read(text)?;
    let checkpoint = Checkpoint::read(note.text)?;
    let Some(whose) = organisation_of(&checkpoint.origin) else {
        return Err(format!("is of {}, which is no log of an organisation", checkpoint.origin));
    };
    let Some(key) = seen.key else {
        return Err("cannot be verified: the data directory has no key of the log".to_owned());
    };
    if note.is_signed_by(&VerifierKey { name: checkpoint.origin.clone(), key }) {
        Ok((whose, checkpoint))
    } else {
        Err("is not signed by the key of this deployment".to_owned())
    }
}

/// Grows the tree of every organisation again, and leaves its tiles in the scratch database.
fn grow(
    kept: &BTreeMap<String, Vec<Kept>>,
    known: &BTreeSet<String>,
    db: &mut Db,
    replayed: &mut Db,
    report: &mut Report,
) -> Result<BTreeMap<String, Grown>> {
    let columns = ["organisation_id", "leaf_index", "event_id", "known_at"];
    let kinds = tables::kinds("log_leaves", db)?;
    if columns.iter().any(|column| !kinds.contains_key(*column)) {
        report.find("log_leaves: leaves cannot be read".to_owned());
        return Ok(BTreeMap::new());
    }
    let mut all: BTreeMap<String, Grown> = BTreeMap::new();
    let mut growing = Growing::of("", BTreeSet::new());
    transaction::begin_write(replayed)?;
    for line in tables::rows(db, "log_leaves", &columns, &columns[..2], &kinds)? {
        let row = tables::Row::new(line?, &[0, 1]);
        report.rows += 1;
        let values = row.values();
        let [Value::Text(_), Value::Integer(index), event, known_at] = &values[..] else {
            report.find(format!("log_leaves {}: the row is in no event", row.name()));
            continue;
        };
        let whose = values.first().and_then(Value::text).unwrap_or_default();
        if !known.contains(whose) || *index < 0 {
            report.find(format!("log_leaves {}: the row is in no event", row.name()));
            continue;
        }
        if growing.whose != whose {
            let sizes = kept.get(whose).into_iter().flatten().map(|kept| kept.checkpoint.size).collect();
            let before = std::mem::replace(&mut growing, Growing::of(whose, sizes));
            before.end(&mut all, replayed)?;
        }
        growing.take(u64::try_from(*index).unwrap_or(u64::MAX), (event, known_at), replayed, report)?;
        if report.rows.is_multiple_of(BATCH) {
            transaction::commit(replayed)?;
            transaction::begin_write(replayed)?;
        }
    }
    growing.end(&mut all, replayed)?;
    transaction::commit(replayed)?;
    Ok(all)
}

/// The tree of one organisation while it grows.
struct Growing {
    whose: String,
    organisation: Option<OrganisationId>,
    edge: Edge,
    sizes: BTreeSet<u64>,
    grown: Grown,
    /// When the last of its leaves was recorded.
    known_by: Moment,
}

impl Growing {
    fn of(whose: &str, sizes: BTreeSet<u64>) -> Self {
        let (whose, organisation) = (whose.to_owned(), whose.parse().ok());
        let (edge, grown, known_by) = (Edge::default(), Grown::default(), Moment::FIRST);
        Growing { whose, organisation, edge, sizes, grown, known_by }
    }

    /// Takes the next leaf.
    fn take(
        &mut self,
        index: u64,
        (event, known_at): (&Value, &Value),
        replayed: &mut Db,
        report: &mut Report,
    ) -> Result<()> {
        let Growing { whose, organisation: Some(organisation), edge, sizes, grown, known_by } = self else {
            return Ok(());
        };
        if index > grown.size {
            grown.is_broken = true;
            report.find(missing(whose, grown.size, index));
        }
        grown.size = index.saturating_add(1);
        let name = format!("log_leaves {whose}/{index}");
        let hash = match leaf_of(whose, index, event, known_by, replayed)? {
            Ok(hash) => hash,
            Err(why) => {
                grown.is_broken = true;
                report.find(format!("{name}: event_id is {event}{why}"));
                return Ok(());
            }
        };
        if known_at.moment() != Some(*known_by) {
            report.find(format!("{name}: known_at is {known_at}, and the events up to it were recorded by {known_by}"));
        }
        edge.push(hash, |place, tile| put_tile(replayed, organisation, place, tile))?;
        if sizes.contains(&edge.size()) {
            grown.roots.insert(edge.size(), edge.root());
        }
        Ok(())
    }

    fn end(mut self, all: &mut BTreeMap<String, Grown>, replayed: &mut Db) -> Result<()> {
        let Some(organisation) = &self.organisation else { return Ok(()) };
        for (place, tile) in self.edge.tiles() {
            put_tile(replayed, organisation, place, tile)?;
        }
        self.grown.root = Some(self.edge.root());
        all.insert(self.whose, self.grown);
        Ok(())
    }
}

/// What is said of leaves that are not there, from the first on and before another.
fn missing(whose: &str, first: u64, end: u64) -> String {
    let others = match end.saturating_sub(first) {
        0 | 1 => String::new(),
        many => format!(", and {} after it", many - 1),
    };
    format!("log_leaves {whose}/{first}: the row is missing{others}")
}

/// The hash of a leaf, from the replayed journal; or why there is none. Notes when the last was recorded.
fn leaf_of(
    whose: &str,
    index: u64,
    event: &Value,
    known_by: &mut Moment,
    replayed: &mut Db,
) -> Result<std::result::Result<Hash, &'static str>> {
    let Value::Text(_) = event else { return Ok(Err(" (no text)")) };
    let id = event.text().unwrap_or_default();
    let found: Option<(String, Vec<u8>, Moment)> = events::table
        .filter(events::id.eq(id))
        .select((events::organisation_id, events::leaf_hash, events::recorded_at))
        .first(replayed)
        .optional()?;
    let Some((of, hash, recorded_at)) = found else { return Ok(Err(", which the journal does not have")) };
    if of != whose {
        return Ok(Err(", which is of another organisation"));
    }
    *known_by = recorded_at.max(*known_by);
    let row = (
        log_leaves::organisation_id.eq(whose),
        log_leaves::leaf_index.eq(i64::try_from(index).unwrap_or(i64::MAX)),
        log_leaves::event_id.eq(id),
        log_leaves::known_at.eq(*known_by),
    );
    match diesel::insert_into(log_leaves::table).values(row).execute(replayed) {
        Err(error) if violates_unique(&error) => return Ok(Err(", which has another leaf")),
        done => done?,
    };
    Hash::try_from(hash.as_slice()).map(Ok).map_err(|_| Error::internal("a leaf hash of another length"))
}

/// Compares the heads with what the leaves make.
fn compare_heads(
    seen: &Seen,
    grown: &BTreeMap<String, Grown>,
    known: &BTreeSet<String>,
    db: &mut Db,
    report: &mut Report,
) -> Result<()> {
    let columns = ["organisation_id", "size", "checkpoint", "signed_at"];
    let kinds = tables::kinds("log_heads", db)?;
    if columns.iter().any(|column| !kinds.contains_key(*column)) {
        report.find("log_heads: they cannot be read".to_owned());
        return Ok(());
    }
    let mut found = BTreeSet::new();
    for line in tables::rows(db, "log_heads", &columns, &columns[..1], &kinds)? {
        let row = tables::Row::new(line?, &[0]);
        report.rows += 1;
        let values = row.values();
        let whose = values.first().and_then(Value::text).unwrap_or_default();
        let [_, size, checkpoint, signed_at] = &values[..] else { continue };
        if !known.contains(whose) {
            report.find(format!("log_heads {}: the row is in no event", row.name()));
            continue;
        }
        found.insert(whose.to_owned());
        let head = Head { size: size.clone(), checkpoint: checkpoint.clone(), signed_at: signed_at.clone() };
        let none = Grown::default();
        compare_head(whose, &head, grown.get(whose).unwrap_or(&none), seen, report);
    }
    for whose in known.difference(&found) {
        report.find(format!("log_heads {whose}: the row is missing"));
    }
    Ok(())
}

fn compare_head(whose: &str, head: &Head, grown: &Grown, seen: &Seen, report: &mut Report) {
    let name = format!("log_heads {whose}");
    let size = match head.size {
        Value::Integer(size) => u64::try_from(size).ok(),
        _ => None,
    };
    if size != Some(grown.size) {
        report.find(format!("{name}: size is {}, and the log has {} leaves", head.size, grown.size));
    }
    if let Some(size) = size.filter(|size| *size > grown.size) {
        report.find(missing(whose, grown.size, size));
    }
    let has_time = match grown.size {
        0 => head.signed_at == Value::Null,
        _ => head.signed_at.moment().is_some(),
    };
    if !has_time {
        report.find(format!("{name}: signed_at is {}, which is no moment of a checkpoint", head.signed_at));
    }
    if let Err(why) = expect_checkpoint(whose, &head.checkpoint, grown, seen) {
        let shown = head.checkpoint.to_string().replace('\n', "\\n");
        report.find(format!("{name}: checkpoint is {shown}: it {why}"));
    }
}

/// The checkpoint of a head is of its log, its size and its root, and signed.
fn expect_checkpoint(whose: &str, checkpoint: &Value, grown: &Grown, seen: &Seen) -> std::result::Result<(), String> {
    let text = match (checkpoint, grown.size) {
        (Value::Null, 0) => return Ok(()),
        (Value::Text(_), 1..) => checkpoint.text().unwrap_or_default(),
        (Value::Null, _) => return Err("is missing".to_owned()),
        _ => return Err("is no checkpoint".to_owned()),
    };
    let note = Note::read(text)?;
    let read = Checkpoint::read(note.text)?;
    let key = seen.key.map(|key| VerifierKey { name: read.origin.clone(), key });
    if organisation_of(&read.origin).is_none_or(|of| of.as_str() != whose) {
        Err(format!("is of {}", read.origin))
    } else if read.size != grown.size {
        Err(format!("commits to {} leaves of {}", read.size, grown.size))
    } else if !grown.is_broken && grown.root != Some(read.root) {
        Err("has another root than the leaves".to_owned())
    } else if key.is_some_and(|key| !note.is_signed_by(&key)) {
        Err("is not signed by the key of this deployment".to_owned())
    } else {
        Ok(())
    }
}

/// Compares a checkpoint that was kept elsewhere with the log as it is.
fn compare_kept(whose: &str, kept: &Kept, is_known: bool, grown: Option<&Grown>, report: &mut Report) {
    let Kept { name, checkpoint: Checkpoint { origin, size, root } } = kept;
    let none = Grown::default();
    let grown = grown.unwrap_or(&none);
    let wrong = if !is_known {
        format!("is of {origin}, and this database has no such organisation")
    } else if *size > grown.size {
        format!("commits to {size} entries of the log of {whose}, which has {}: its end is gone", grown.size)
    } else if grown.is_broken {
        format!("cannot be compared: the log of {whose} is not whole")
    } else if grown.roots.get(size).copied().unwrap_or_else(merkle::empty) != *root {
        format!("commits to other entries: the first {size} of the log of {whose} were changed, or it is another log")
    } else {
        return;
    };
    report.find(format!("checkpoint {name} {wrong}"));
}

/// Every event has a leaf or waits for one, and nothing else waits.
fn compare_marks(db: &mut Db, report: &mut Report) -> Result<()> {
    let place = "CAST(w.organisation_id AS TEXT) || '/' || CAST(w.event_position AS TEXT)";
    let of_event = "CAST(e.organisation_id AS TEXT) || '/' || CAST(e.position AS TEXT)";
    let waits = "EXISTS (SELECT 1 FROM log_pending w WHERE w.organisation_id = e.organisation_id AND w.event_position = e.position)";
    let has_leaf = "EXISTS (SELECT 1 FROM log_leaves l WHERE l.event_id = e.id)";
    let queries = [
        format!(
            "SELECT 'log_pending ' || {place} || ': the row is in no event' AS line FROM \"log_pending\" w \
             WHERE NOT EXISTS (SELECT 1 FROM events e WHERE e.position = w.event_position AND e.organisation_id = w.organisation_id)"
        ),
        format!(
            "SELECT 'log_pending ' || {of_event} || ': the row is missing, and the event has no leaf in the log' AS line \
             FROM \"events\" e WHERE NOT {waits} AND NOT {has_leaf}"
        ),
        format!(
            "SELECT 'log_pending ' || {of_event} || ': the event has its leaf already' AS line FROM \"events\" e \
             WHERE {waits} AND {has_leaf}"
        ),
    ];
    queries.iter().try_for_each(|query| report_lines(query, db, report))
}

fn report_lines(query: &str, db: &mut Db, report: &mut Report) -> Result<()> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let query = sql_query(query);
    let lines: Box<dyn Iterator<Item = QueryResult<Line>>> = match db {
        Db::Sqlite(conn) => Box::new(query.load_iter::<Line, DefaultLoadingMode>(conn)?),
        Db::Postgres(conn) => Box::new(query.load_iter::<Line, PgRowByRowLoadingMode>(conn)?),
    };
    for line in lines {
        report.find(line?.line);
    }
    Ok(())
}
