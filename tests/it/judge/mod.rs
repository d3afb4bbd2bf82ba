//! A brute-force judge: random histories against a replay of the journal that knows DOMAIN.md and none of the service's
//! rules.
//!
//! [`generator`] does everything that can be done, entered in any order of what happened; [`verdict`] reads the journal
//! and says what must not have happened; [`holes`] are journals by hand, one for each known hole, so that the judge
//! itself cannot be blind; `tests/mutations/run` opens holes that are closed, one by one.
//!
//! `LOTLINE_JUDGE_CASES` sets how many histories there are, `LOTLINE_JUDGE_SEED` which, `LOTLINE_JUDGE_SORT` which sort of
//! violation is told of where there are several, `LOTLINE_JUDGE_SHRINKS` how often a shorter history is tried for it;
//! with `LOTLINE_JUDGE_STOP` the first violation ends it.

mod authority;
mod first_out;
mod generator;
mod groundless;
mod grounds;
mod holes;
mod journal;
mod mutations;
mod verdict;
mod visiting;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use lotline::ids::OrganisationId;
use lotline::sealing::Patients;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;

use self::generator::{History, STEPS, Step, Tally};
pub use self::journal::{Event, Key, Line};
use self::verdict::{Violation, reconcile};
pub use self::verdict::{judge, report};
use super::support::{Database, Kind, World, on_both_databases};

on_both_databases!(nothing_forbidden_has_happened);

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} must be a number")))
}

fn nothing_forbidden_has_happened(world: &World) {
    let cases = if matches!(world.database.kind, Kind::Sqlite) { 30 } else { 10 };
    let cases = setting("LOTLINE_JUDGE_CASES").unwrap_or(cases);
    let seed = RngSeed::Fixed(setting("LOTLINE_JUDGE_SEED").unwrap_or(20_261_121));
    let mut runner = TestRunner::new(Config { rng_seed: seed, failure_persistence: None, ..Config::default() });
    let histories = prop::collection::vec((0..STEPS, any::<u64>()), 60);
    let (tally, begun) = (RefCell::new(Tally::default()), Instant::now());
    let mut sorts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut first = None;
    // Which sort of violation the story is to be of.
    let sort = std::env::var("LOTLINE_JUDGE_SORT").ok();
    let (mut at_patients, mut late) = (0, 0);
    for number in 0..cases {
        let steps = histories.new_tree(&mut runner).unwrap().current();
        let (journal, found) = tried(world, number as usize, &steps, &tally);
        at_patients += journal.iter().filter(|event| is_allowed(event)).count();
        late += journal.iter().filter(|event| is_allowed(event) && event.occurred_at < event.recorded_at).count();
        found.iter().for_each(|violation| *sorts.entry(violation.kind).or_default() += 1);
        let wanted = |violation: &&Violation| sort.as_ref().is_none_or(|sort| sort == violation.kind);
        if let Some(violation) = found.iter().find(wanted).filter(|_| first.is_none()) {
            first = Some((steps, violation.kind));
        }
        // One is enough to know that there is a hole.
        if first.is_some() && setting("LOTLINE_JUDGE_STOP").is_some() {
            break;
        }
    }
    println!(
        "{:?}: {cases} histories in {:.1} s, {at_patients} allowed at the chair, {late} of them late; done and refused: {:?}; \
         reasons: {:?}; violations: {sorts:?}",
        world.database.kind,
        begun.elapsed().as_secs_f64(),
        tally.borrow().done,
        tally.borrow().refused
    );
    if let Some((steps, kind)) = first {
        let (steps, journal, found) = shrunk(world, steps, kind, &tally);
        panic!("judge: {sorts:?}\n{} steps are enough:{}", steps.len(), report(&journal, &found));
    }
    assert!(sorts.is_empty(), "judge: {sorts:?}");
    // Nor would reports in which nothing came or went.
    println!("{:?}: units that reports have told: {:?}", world.database.kind, tally.borrow().told);
    let tally = tally.borrow();
    let told = ["received", "administered", "voided", "wasted", "returned", "destroyed", "adjusted", "transferred_in"];
    let untold: Vec<_> = told.iter().filter(|name| tally.told.get(*name).is_none_or(|units| *units == 0)).collect();
    assert!(cases < 10 || untold.is_empty(), "no report has told of {untold:?}");
    // Histories in which nothing reaches a patient, or nothing is entered late, would prove nothing.
    assert!(at_patients as u64 >= 2 * cases, "{at_patients} administrations in {cases} histories");
    assert!(late as u64 * 2 >= cases, "{late} late administrations in {cases} histories");
}

/// The journal of an organisation, oldest first.
pub fn journal_of(database: &Database, organisation: &OrganisationId) -> Vec<Event> {
    let bytes = match database.kind {
        Kind::Sqlite => "CAST(bytes AS TEXT)",
        Kind::Postgres => "convert_from(bytes, 'UTF8')",
    };
    let query =
        format!("SELECT {bytes} AS line FROM events WHERE organisation_id = '{organisation}' ORDER BY position");
    let patients = database.patients();
    journal::read(database.lines(&query).iter().map(|line| opened(&patients, organisation, line)))
}

/// An event with what was asked for as it was asked: it names a patient, and is sealed.
fn opened(patients: &Patients, organisation: &OrganisationId, line: &str) -> Value {
    let mut event: Value = serde_json::from_str(line).unwrap();
    for pointer in [
        "/data/request",
        "/data/administration/clinical",
        "/data/prescription/clinical",
        "/data/clinical",
        "/data/said",
    ] {
        let Some(place) = event.pointer_mut(pointer) else { continue };
        let Some(sealed) = place.as_str().and_then(|text| text.parse().ok()) else { continue };
        *place = patients.open::<Value>(organisation, &sealed).unwrap().expect("nobody is erased");
    }
    event
}

fn is_allowed(event: &Event) -> bool {
    event.data["administration"]["decision"]["allowed"] == true
}

/// Runs a history and judges it.
fn tried(world: &World, number: usize, steps: &[Step], tally: &RefCell<Tally>) -> (Vec<Event>, Vec<Violation>) {
    let mut history = History::begin(world, number, tally);
    steps.iter().for_each(|step| history.take(*step));
    let journal = history.journal();
    let chosen = steps.iter().fold(0_u64, |sum, (_, number)| sum.rotate_left(5) ^ number);
    super::periods::assert_told(world, &history.token("auditor"), &journal, chosen, &mut tally.borrow_mut().told);
    let mut found = judge(&journal);
    found.append(&mut history.seen);
    found.extend(history.reconciliations().iter().filter_map(|(lot, said)| reconcile(&journal, lot, said)));
    (journal, found)
}

/// The same sort of violation with fewer steps: halves, quarters and so on are left out while it is still found.
fn shrunk(
    world: &World,
    mut steps: Vec<Step>,
    kind: &str,
    tally: &RefCell<Tally>,
) -> (Vec<Step>, Vec<Event>, Vec<Violation>) {
    let of_kind = |mut found: Vec<Violation>| {
        found.retain(|violation| violation.kind == kind);
        found
    };
    let (mut journal, found) = tried(world, 0, &steps, tally);
    let mut found = of_kind(found);
    let mut size = steps.len() / 2;
    let mut tries = setting("LOTLINE_JUDGE_SHRINKS").unwrap_or(60);
    while size > 0 && tries > 0 {
        let mut from = 0;
        while from < steps.len() && tries > 0 {
            tries -= 1;
            let mut fewer = steps.clone();
            fewer.drain(from..(from + size).min(fewer.len()));
            let (its_journal, its) = tried(world, 0, &fewer, tally);
            let its = of_kind(its);
            if its.is_empty() {
                from += size;
            } else {
                (steps, journal, found) = (fewer, its_journal, its);
            }
        }
        size /= 2;
    }
    (steps, journal, found)
}
