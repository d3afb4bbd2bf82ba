//! Every statement has its index: what the scenarios ask of either database is planned, and nothing that grows is scanned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use diesel::connection::{Instrumentation, InstrumentationEvent, SimpleConnection, set_default_instrumentation};
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use lotline::db::{DatabaseUrl, Db};

use super::support::{Database, Kind, World, run};

/// Tables that hold more with every day of work. The others are master data (sites, places, products, suppliers, practitioners,
/// licences and what became of them, policies), or hold only what waits or happened lately.
const GROWING: &str = "events event_subjects origin_events lots accounts postings receipts receipt_lines receipt_corrections \
    receipt_voids opening_stock packs pack_balances inspections inspection_reversals releases release_allocations holds hold_accounts \
    administrations administration_voids deviations movements movement_reversals count_reviews orders order_lines \
    decision_licences licence_checks idempotency_keys evidence readings climate_hours reading_contradictions excursions \
     excursion_lots excursion_administrations containers claims claim_lines stock_takes stock_take_scans recalls recall_acknowledgements recall_contacts prescriptions visits visit_entries follow_ups adverse_events adverse_event_administrations adverse_event_entries signal_counts signal_reviews log_leaves log_tiles";

/// What may look through a table, and why.
const MAY: &[(&str, &str)] = &[
    ("inspections`.`site_id` IS NULL", "an upgrade settles what an older version left, once"),
    ("\"inspections\".\"site_id\" IS NULL", "the same on PostgreSQL"),
    (" AS line FROM \"", "verification compares every row, beside the server and on a connection of its own"),
    ("`readings`.`batch` FROM `readings` ORDER", "the same: it reads every reading, one at a time"),
    ("\"readings\".\"batch\" FROM \"readings\" ORDER", "the same on PostgreSQL"),
    ("FROM `climate_hours` ORDER BY", "the same: every hour that is kept"),
    ("FROM \"climate_hours\" ORDER BY", "the same on PostgreSQL"),
    ("FROM accounts GROUP BY 1, 2", "the same: it recounts every lot"),
    (
        "FROM \"hold_accounts\" WHERE ((\"hold_accounts\".\"organisation_id\" = $3)",
        "PostgreSQL takes the holds of the organisation, of which few are open, and looks for their scopes",
    ),
    ("FROM events ORDER BY position", "the same: it replays the journal"),
    ("`evidence`.`organisation_id` > ?", "the same: it looks at the files of all organisations, page by page"),
    ("FROM `licence_checks` WHERE  NOT (EXISTS", "an upgrade learns who made older checks, once"),
    (
        "(SELECT COUNT(*) FROM `event_subjects`",
        "what was known of sites, people, products, licences and policies: their kinds of events are few, those of a site many",
    ),
    (
        "accounts.kind IN ('quarantined', 'passed', 'rejected', 'in_use')",
        "the index holds only what waits, the longest first",
    ),
    ("AND unconfirmed > 0)", "the index holds only what waits"),
    (
        "stock_takes.state IN ('counting', 'closed')) ORDER BY",
        "the index holds only those that are open, in their order",
    ),
    ("claims.state IN ('open', 'sent')) ORDER BY", "the index holds only those that wait, in their order"),
    ("AND units_to_count > 0)", "the same"),
    ("signal_counts.reported > signal_counts.reviewed)", "the index holds only what may wait for a review"),
    ("`recalls`.`closed_at` IS NULL", "the index holds only recalls that are open"),
    ("ORDER BY `lots`.`id` DESC LIMIT ? OFFSET ?", "the place of the thousandth newest, in the order of the index"),
];

static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Keeps what every connection that is opened from now on is asked.
pub fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| set_default_instrumentation(watcher).unwrap());
}

fn watcher() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            let text = query.to_string();
            let text = text.split(" -- binds:").next().unwrap_or_default();
            if ["SELECT", "UPDATE", "DELETE", "INSERT"].iter().any(|verb| text.starts_with(verb)) {
                SEEN.lock().unwrap_or_else(PoisonError::into_inner).insert(shortened(text));
            }
        }
    }))
}

/// Whether a plan says something of a statement: one that adds rows looks at none, and a list of nothing (which diesel
/// writes as `1=0`) is not looked for. Migrations keep what they cannot take over in a table that is gone afterwards.
fn is_planned(text: &str) -> bool {
    let adds = text.starts_with("INSERT") && text.contains(" VALUES ");
    !adds
        && !["1=0", "cannot_be_kept", "to_regclass", "current_setting", "found_readings", "told_hours"]
            .iter()
            .any(|part| text.contains(part))
}

/// The same with two entries in every list: how many there are changes no plan.
fn shortened(text: &str) -> String {
    let mut text = text.to_owned();
    while text.contains("?, ?, ?") {
        text = text.replace("?, ?, ?", "?, ?");
    }
    text
}

#[test]
fn no_statement_scans_what_grows() {
    watch();
    let work: Vec<_> = [Kind::Sqlite, Kind::Postgres]
        .into_iter()
        .flat_map(|kind| scenarios().into_iter().map(move |scenario| (kind, scenario)))
        .collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((kind, scenario)) = work.get(next.fetch_add(1, Ordering::SeqCst)) {
                    run(*kind, *scenario);
                }
            });
        }
    });
    let seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut planned = BTreeMap::new();
    let mut wrong = Vec::new();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let Some(database) = Database::create(kind) else { continue };
        // The store of patients' keys is a database of its own; its statements are asked of its tables here.
        lotline::sealing::Patients::at(database.url.clone()).ready().unwrap();
        let mut db = open(&database);
        for text in seen
            .iter()
            .filter(|text| is_of(kind, text) && is_planned(text) && !MAY.iter().any(|(part, _)| text.contains(part)))
        {
            let found = match &mut db {
                Db::Sqlite(_) => on_sqlite(&mut db, text),
                Db::Postgres(_) => on_postgres(&mut db, text),
            };
            *planned.entry(format!("{kind:?}")).or_insert(0) += 1;
            wrong.extend(found.into_iter().map(|what| format!("{kind:?}: {what}\n    {text}")));
        }
    }
    println!("{planned:?} statements");
    assert!(planned.values().all(|statements| *statements > 100), "{planned:?}");
    assert!(wrong.is_empty(), "{} statements:\n{}", wrong.len(), wrong.join("\n"));
}

fn scenarios() -> Vec<fn(&World)> {
    let files: [&[fn(&World)]; 39] = [
        super::bounded::SCENARIOS,
        super::bundles::SCENARIOS,
        super::chair::SCENARIOS,
        super::claims::SCENARIOS,
        super::containers::SCENARIOS,
        super::corrections::SCENARIOS,
        super::custody::SCENARIOS,
        super::custody_log::SCENARIOS,
        super::deliveries::SCENARIOS,
        super::excursions::SCENARIOS,
        super::files::SCENARIOS,
        super::follow_ups::SCENARIOS,
        super::identifiers::SCENARIOS,
        super::licences::SCENARIOS,
        super::lists::SCENARIOS,
        super::mis_keyed_receipts::SCENARIOS,
        super::movements_back::SCENARIOS,
        super::names::SCENARIOS,
        super::pasts::SCENARIOS,
        super::periods::SCENARIOS,
        super::places::SCENARIOS,
        super::plots::SCENARIOS,
        super::prescriptions::SCENARIOS,
        super::protocols::SCENARIOS,
        super::purchasing::SCENARIOS,
        super::replenishment::SCENARIOS,
        super::retention::SCENARIOS,
        super::recalls::SCENARIOS,
        super::journeys::SCENARIOS,
        super::scorecards::SCENARIOS,
        super::safety::SCENARIOS,
        super::sensors::SCENARIOS,
        super::serials::SCENARIOS,
        super::signals::SCENARIOS,
        super::stocktakes::SCENARIOS,
        super::versions::SCENARIOS,
        super::work::SCENARIOS,
        super::verifications::SCENARIOS,
        super::visits::SCENARIOS,
    ];
    files.concat()
}

fn open(database: &Database) -> Db {
    match &database.url {
        DatabaseUrl::Sqlite(path) => {
            Db::Sqlite(diesel::sqlite::SqliteConnection::establish(&path.to_string_lossy()).unwrap())
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = diesel::pg::PgConnection::establish(url).unwrap();
            // What is empty is planned as if it were large: no scan is cheap.
            conn.batch_execute(
                "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
                 SET plan_cache_mode = force_generic_plan",
            )
            .unwrap();
            Db::Postgres(conn)
        }
    }
}

/// Which database a statement is for: each writes names and parameters in its own way, what is written by hand is for both.
fn is_of(kind: Kind, text: &str) -> bool {
    let (sqlite, postgres) = (text.contains(['`', '?']), text.contains('"') || text.contains("$1"));
    match kind {
        Kind::Sqlite => sqlite || !(postgres || ["pg_", "LATERAL", "unnest"].iter().any(|word| text.contains(word))),
        Kind::Postgres => {
            !(sqlite
                || ["sqlite_", "pragma_", "total_changes", "json_each", "found_readings", "told_hours"]
                    .iter()
                    .any(|word| text.contains(word)))
        }
    }
}

fn grows(name: &str) -> bool {
    // The names that statements written by hand give to tables.
    let table = match name {
        "older" | "newer" | "alike" | "other" => "lots",
        "candidate" => "accounts",
        "line" => "receipt_lines",
        "about" => "event_subjects",
        "event" => "events",
        "r" => "readings",
        name => name,
    };
    GROWING.split_whitespace().any(|grows| grows == table)
}

/// What is wrong with a plan of SQLite: a scan, a search by nothing but the organisation, or one through all organisations.
fn on_sqlite(db: &mut Db, text: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }
    let steps: Vec<Step> = match sql_query(format!("EXPLAIN QUERY PLAN {text}")).load(db) {
        Ok(steps) => steps,
        Err(error) => return vec![format!("cannot be planned: {error}")],
    };
    let mut wrong = Vec::new();
    for Step { detail } in steps {
        let mut words = detail.split_whitespace();
        let (verb, table) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_alone = detail.ends_with("(organisation_id=?)") || detail.ends_with("(organisation_id=? AND kind=?)");
        let is_of_any = detail.contains("(ANY(organisation_id)");
        if grows(table) && (verb == "SCAN" || is_alone || is_of_any || detail.contains("AUTOMATIC")) {
            wrong.push(detail);
        }
    }
    wrong
}

/// The same of PostgreSQL, but for which index is taken: on tables that hold nothing each costs the same. How many rows its
/// lists look at is counted on tables that are filled (`bounded.rs`).
fn on_postgres(db: &mut Db, text: &str) -> Vec<String> {
    let parameters = (1..).take_while(|number| text.contains(&format!("${number}"))).count();
    let given = if parameters == 0 { String::new() } else { format!("({})", vec!["NULL"; parameters].join(", ")) };
    let prepared = db.batch_execute(&format!("DEALLOCATE ALL; PREPARE asked AS {text}"));
    if let Err(error) = prepared {
        return vec![format!("cannot be planned: {error}")];
    }
    let explained: Result<Vec<Plan>, _> = sql_query(format!("EXPLAIN EXECUTE asked{given}")).load(db);
    let lines: Vec<String> = match explained {
        Ok(lines) => lines.into_iter().map(|plan| plan.line).collect(),
        Err(error) => return vec![format!("cannot be planned: {error}")],
    };
    let mut wrong = Vec::new();
    for line in &lines {
        let table =
            |after: &str| line.split(after).nth(1)?.split_whitespace().next().map(|name| name.trim_matches('"'));
        if let Some(table) = table("Seq Scan on ").filter(|table| grows(table)) {
            wrong.push(format!("Seq Scan on {table}"));
        }
    }
    wrong
}

/// EXPLAIN names its column with a space in it.
struct Plan {
    line: String,
}

impl<DB: diesel::backend::Backend> QueryableByName<DB> for Plan
where
    String: diesel::deserialize::FromSql<Text, DB>,
{
    fn build<'a>(row: &impl diesel::row::NamedRow<'a, DB>) -> diesel::deserialize::Result<Self> {
        Ok(Plan { line: diesel::row::NamedRow::get::<Text, String>(row, "QUERY PLAN")? })
    }
}
