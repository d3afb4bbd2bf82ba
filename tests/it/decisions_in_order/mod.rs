//! The order of the journal is the order of the decisions: pairs of commands that touch the same facts, given at the same
//! moment to two processes on one PostgreSQL.
//!
//! What each of the two must answer is known from doing them one after the other, in either order, on a database where
//! nothing can run beside anything: so the race has to end as one of these, and as the one whose order the journal has.
//! Each journal is also judged by itself (`judge`), its moments go with its positions, and it is verified.
//!
//! `LOTLINE_RACES` sets how often each pair runs (twice if it is not set), `LOTLINE_RACE` runs only pairs whose name has it.

mod pairs;
mod stalled;

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use lotline::caller::Role;
use serde_json::Value;

use super::judge::{self, Event};
use super::support::client::codes;
use super::support::{Client, Clinic, Database, Kind, Process, World};

/// What is there when the two begin: a clinic in an organisation of its own, and things in it by name.
pub struct Stage<'a> {
    pub clinic: Clinic<'a>,
    pub things: BTreeMap<&'static str, String>,
}

impl Stage<'_> {
    fn get(&self, name: &str) -> &str {
        self.things.get(name).unwrap_or_else(|| panic!("no {name} on the stage"))
    }
}

/// A request, and in which roles somebody sends it.
pub struct Step {
    pub roles: &'static [Role],
    pub method: &'static str,
    pub path: String,
    pub body: Value,
}

/// Two commands.
pub struct Pair {
    pub name: &'static str,
    pub stage: for<'a> fn(&'a World) -> Stage<'a>,
    /// What ann does, and what bob does.
    pub steps: [fn(&Stage<'_>) -> Step; 2],
}

/// Who gives the two commands: nobody else on the stage has these names.
const WHO: [&str; 2] = ["ann", "bob"];

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    /// What each was answered: status, code, reasons, and how a receipt was flagged.
    answers: [String; 2],
    /// Units by kind of account.
    left: Vec<String>,
}

/// What the journal says of the two.
struct Told {
    journal: Vec<Event>,
    /// Whose events they are, in their order.
    whose: Vec<usize>,
}

impl Told {
    fn of(stage: &Stage<'_>) -> Self {
        let journal = judge::journal_of(&stage.clinic.database, &stage.clinic.organisation);
        let whose = journal.iter().filter_map(|event| WHO.iter().position(|who| *who == event.actor)).collect();
        Told { journal, whose }
    }

    /// Who came first; nobody knows when one of them left nothing.
    fn first(&self) -> Option<usize> {
        let both = (0..WHO.len()).all(|who| self.whose.contains(&who));
        self.whose.first().copied().filter(|_| both)
    }

    fn left(&self) -> Vec<String> {
        let mut units: BTreeMap<String, i64> = BTreeMap::new();
        for line in self.journal.iter().flat_map(|event| &event.lines) {
            *units.entry(line.from.account.kind.clone()).or_default() -= line.units;
            *units.entry(line.to.account.kind.clone()).or_default() += line.units;
        }
        units.retain(|_, units| *units != 0);
        units.into_iter().map(|(kind, units)| format!("{units} {kind}")).collect()
    }

    /// Moments go with positions: whoever is written later was judged later.
    fn out_of_time(&self) -> Option<String> {
        let ours: Vec<_> = self.journal.iter().filter(|event| WHO.contains(&event.actor.as_str())).collect();
        let pair = ours.windows(2).find(|pair| pair[0].recorded_at > pair[1].recorded_at)?;
        Some(format!("{} is written before {}, and was judged after it", pair[0].kind, pair[1].kind))
    }
}

fn send(http: &Client, token: &str, step: &Step) -> String {
    let bearer = format!("Bearer {token}");
    let content = if step.method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
    let headers = [("authorization", bearer.as_str()), ("content-type", content)];
    let body = step.body.to_string();
    let answer = http.send(step.method, &step.path, &headers, Some(body.as_bytes()));
    let json = answer.json();
    let mut said = vec![answer.status.to_string()];
    said.extend(json["code"].as_str().map(str::to_owned));
    if answer.status >= 300 {
        let mut reasons = codes(&json);
        reasons.sort();
        said.extend(reasons);
        let dependents = json["dependents"].as_array().into_iter().flatten();
        said.extend(dependents.filter_map(|dependent| dependent["type"].as_str()).map(str::to_owned));
    }
    for line in json["lines"].as_array().into_iter().flatten() {
        said.extend(line["flags"].as_array().into_iter().flatten().map(ToString::to_string));
    }
    said.join(" ")
}

fn token(stage: &Stage<'_>, who: usize, step: &Step) -> String {
    stage.clinic.token_as(WHO[who], step.roles)
}

/// What comes of a pair when one of them is first and the other waits for the answer.
fn one_after_the_other(world: &mut World, pair: &Pair, first: usize) -> Outcome {
    world.turn_to_organisation(pair.name);
    let stage = (pair.stage)(world);
    let steps = pair.steps.map(|step| step(&stage));
    let mut answers = [String::new(), String::new()];
    for who in [first, 1 - first] {
        answers[who] = send(&world.http, &token(&stage, who, &steps[who]), &steps[who]);
    }
    let told = Told::of(&stage);
    assert!(told.first().is_none_or(|found| found == first), "{}: {:?}", pair.name, told.whose);
    Outcome { answers, left: told.left() }
}

/// Both at once, each to a process of its own; one of them a little later, to meet the other at every step.
fn at_once(world: &mut World, servers: &[Process; 2], pair: &Pair, round: u32) -> (Outcome, Told) {
    world.turn_to_organisation(&format!("{} {round}", pair.name));
    let stage = (pair.stage)(world);
    let steps = pair.steps.map(|step| step(&stage));
    let tokens = [token(&stage, 0, &steps[0]), token(&stage, 1, &steps[1])];
    let start = Barrier::new(2);
    let late = (round % 2) as usize;
    let later = Duration::from_micros(u64::from(round / 2 % 12) * 500);
    let answers: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2)
            .map(|who| {
                let (start, step, token, http) = (&start, &steps[who], &tokens[who], &servers[(who + late) % 2].http);
                scope.spawn(move || {
                    start.wait();
                    let begun = Instant::now();
                    while who == late && begun.elapsed() < later {
                        std::hint::spin_loop();
                    }
                    send(http, token, step)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let told = Told::of(&stage);
    (Outcome { answers: answers.try_into().unwrap(), left: told.left() }, told)
}

fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[test]
fn every_decision_is_what_the_journal_before_it_decides() {
    let Some(database) = Database::create(Kind::Postgres) else { return };
    let rounds: u32 = setting("LOTLINE_RACES").map_or(2, |text| text.parse().unwrap());
    let only = setting("LOTLINE_RACE").unwrap_or_default();
    let servers = [Process::serve(&database), Process::serve(&database)];
    let mut world = World::beside(database, servers[0].http.clone());
    let mut alone = World::start(Kind::Sqlite).unwrap();
    let (begun, mut wrong) = (Instant::now(), Vec::new());
    let mut races = 0;
    for pair in pairs::ALL.iter().filter(|pair| pair.name.contains(&only)) {
        let expected = [0, 1].map(|first| one_after_the_other(&mut alone, pair, first));
        assert_ne!(expected[0].answers, [const { String::new() }; 2]);
        let (mut firsts, mut found) = ([0, 0], Vec::new());
        for round in 0..rounds {
            let (outcome, told) = at_once(&mut world, &servers, pair, round);
            races += 1;
            let first = told.first();
            firsts.iter_mut().enumerate().filter(|(who, _)| first == Some(*who)).for_each(|(_, count)| *count += 1);
            let fits = match first {
                Some(first) => outcome == expected[first],
                None => expected.contains(&outcome),
            };
            let judged = judge::judge(&told.journal);
            found.extend(if !fits {
                Some(format!("by {first:?} first: {outcome:?}, not as in {expected:?}"))
            } else if !judged.is_empty() {
                Some(judge::report(&told.journal, &judged))
            } else {
                told.out_of_time()
            });
        }
        println!("{}: {} of {rounds} wrong; {firsts:?} written first", pair.name, found.len());
        if let Some(first) = found.first() {
            wrong.push(format!("{}, {} of {rounds}: {first}", pair.name, found.len()));
        }
    }
    println!("{races} races of {} pairs in {:.1} s", pairs::ALL.len(), begun.elapsed().as_secs_f64());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.assert_verified();
    alone.assert_verified();
}
