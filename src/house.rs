//! The house: every slice and every overview, in the order in which the documentation has them. A new capability is a
//! line here, and a folder.

use crate::command::Judge;
use crate::http::named::Naming;
use crate::http::slice::{Operation, Slice};
use crate::journal::deeds;
use crate::journal::model::Kinds;
use crate::problem::{self, ProblemCode};

/// All of them.
pub const SLICES: &[&Slice] = &[
    &crate::organisations::SLICE,
    &crate::tokens::SLICE,
    &crate::me::SLICE,
    &crate::sites::SLICE,
    &crate::sensors::SLICE,
    &crate::catalogue::SLICE,
    &crate::suppliers::SLICE,
    &crate::practitioners::SLICE,
    &crate::licences::SLICE,
    &crate::policies::SLICE,
    &crate::protocols::SLICE,
    &crate::purchasing::SLICE,
    &crate::replenishment::SLICE,
    &crate::receiving::SLICE,
    &crate::inspections::SLICE,
    &crate::claims::SLICE,
    &crate::evidence::SLICE,
    &crate::holds::SLICE,
    &crate::excursions::SLICE,
    &crate::recalls::SLICE,
    &crate::stock::SLICE,
    &crate::packs::SLICE,
    &crate::movements::SLICE,
    &crate::stocktakes::SLICE,
    &crate::containers::SLICE,
    &crate::prescriptions::SLICE,
    &crate::visits::SLICE,
    &crate::treatment::SLICE,
    &crate::safety::SLICE,
    &crate::erasures::SLICE,
    &crate::imports::SLICE,
    &crate::attention::SLICE,
    &crate::custody_log::SLICE,
    &crate::custody::SLICE,
    &crate::verifications::SLICE,
    &crate::plots::SLICE,
    &crate::reports::SLICE,
];

/// The same in the order in which a request is compared with their paths, one after the other: what is asked at the chair comes first.
pub fn served() -> impl Iterator<Item = &'static Slice> {
    let chair = &crate::treatment::SLICE;
    std::iter::once(chair).chain(SLICES.iter().copied().filter(move |slice| slice.tag != chair.tag))
}

/// What follows from what commands do, whatever they are.
pub const JUDGE: Judge = |cmd| {
    crate::recalls::service::judge(cmd)?;
    crate::safety::reviewing::judge(cmd)?;
    crate::excursions::service::judge(cmd)
};

/// What things are called, whatever they are.
pub const NAMING: Naming = crate::names::service::of_ids;

/// Every operation under `/v1`.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    SLICES.iter().flat_map(|slice| slice.operations)
}

/// The operation of that id; none means that nobody may call it.
pub fn operation(id: &str) -> Option<&'static Operation> {
    operations().find(|operation| operation.id == id)
}

/// Every problem, in the order of their status.
pub fn problems() -> Vec<ProblemCode> {
    let own = SLICES.iter().flat_map(|slice| slice.problems);
    let mut all: Vec<_> = problem::PROBLEMS.iter().chain(own).copied().collect();
    all.sort_by_key(|code| code.status());
    all
}

/// The kinds of events that one is of; none means that nobody knows it.
pub fn kinds(kind: &str) -> Option<&'static Kinds> {
    let mut all = SLICES.iter().filter_map(|slice| slice.events).chain([&deeds::EVENTS]);
    all.find(|kinds| kinds.names.contains(&kind))
}
