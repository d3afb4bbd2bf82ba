//! The house: every slice and every overview, in the order in which the documentation has them. A new capability is a
//! line here, and a folder.

use crate::http::slice::{Operation, Slice};
use crate::journal::deeds;
use crate::journal::model::Kinds;

/// All of them.
pub const SLICES: &[&Slice] = &[
    &crate::organisations::SLICE,
    &crate::tokens::SLICE,
    &crate::sites::SLICE,
    &crate::catalogue::SLICE,
    &crate::suppliers::SLICE,
    &crate::practitioners::SLICE,
    &crate::licences::SLICE,
    &crate::policies::SLICE,
    &crate::purchasing::SLICE,
    &crate::receiving::SLICE,
    &crate::inspections::SLICE,
    &crate::evidence::SLICE,
    &crate::holds::SLICE,
    &crate::stock::SLICE,
    &crate::movements::SLICE,
    &crate::treatment::SLICE,
    &crate::attention::SLICE,
    &crate::custody::SLICE,
];

/// Every operation under `/v1`.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    SLICES.iter().flat_map(|slice| slice.operations)
}

/// The operation of that id; none means that nobody may call it.
pub fn operation(id: &str) -> Option<&'static Operation> {
    operations().find(|operation| operation.id == id)
}

/// The kinds of events that one is of; none means that nobody knows it.
pub fn kinds(kind: &str) -> Option<&'static Kinds> {
    let mut all = SLICES.iter().filter_map(|slice| slice.events).chain([&deeds::EVENTS]);
    all.find(|kinds| kinds.names.contains(&kind))
}
