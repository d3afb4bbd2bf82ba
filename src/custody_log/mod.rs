//! The custody log: for each organisation a Merkle tree (RFC 6962) over the exact bytes of its events, so that whoever keeps a
//! signed checkpoint of it can be shown that an event is in it, and that nothing that was in it was changed or taken away.
//!
//! The transaction that appends an event leaves a mark that it waits for its leaf; the database does that itself, so that no
//! command can forget it. [`sequencing`] turns marks into leaves: whoever has the row of an organisation's head takes what
//! waits, in the order of the journal, and writes leaves, [tiles](crate::merkle), size and checkpoint in one transaction. Any
//! process may, at any time, and none is elected. What is served is read from what was committed.
//!
//! A database cannot tell by itself that it is older than it was. So the last checkpoint that anybody may have seen lies beside
//! the [signing key](witness), outside the database: one that a restored database does not lead up to stops the log
//! from being signed, until somebody has looked.
//!
//! `docs/custody-log.md` says what is signed, for whoever writes another verifier.

pub mod known;
pub mod past;
pub mod problems;
pub mod sequencing;
pub mod service;
pub mod store;
pub mod witness;

use crate::http::slice::Slice;

/// The slice. What is asked of it over HTTP, [`custody`](crate::custody) answers, which knows who may see which event.
pub const SLICE: Slice = Slice { problems: problems::PROBLEMS, ..Slice::SILENT };
