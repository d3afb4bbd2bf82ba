//! What may be asked of the log.

use super::store::{self, Head, Rows};
use super::witness::Witness;
use crate::clock::Moment;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{EventId, OrganisationId};
use crate::merkle::{Hash, Tree};
use crate::note::{Checkpoint, Note};
use crate::problem::{Problem, ProblemCode};

pub use super::store::{first_leaf_about, leaves};

/// A checkpoint that is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// How many leaves it commits to.
    pub size: u64,
    /// The note.
    pub note: String,
    /// When it was signed.
    pub at: Moment,
}

impl Signed {
    /// Whether the key that signs now has signed it.
    pub fn is_by(&self, witness: &Witness, organisation: &OrganisationId) -> bool {
        Note::read(&self.note).is_ok_and(|note| note.claims(&witness.verifier(organisation)))
    }
}

/// The last checkpoint of an organisation's log; `published` is what was read beside the key before.
///
/// # Errors
/// `not_yet_logged` before the first leaf; `log_disagrees`; what the database answers.
pub fn signed(db: &mut Db, organisation: &OrganisationId, published: Option<&Checkpoint>) -> Result<Signed> {
    let head = store::head(db, organisation)?.unwrap_or(Head { size: 0, checkpoint: None });
    expect_published(&mut Rows { db, organisation }, head.size, published)?;
    let (note, at) = head.checkpoint.ok_or_else(|| not_yet("Nothing of this organisation is in the log yet"))?;
    Ok(Signed { size: head.size, note, at })
}

/// That an event is in a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The index of its leaf, from 0.
    pub leaf_index: u64,
    /// The hash of its leaf.
    pub leaf_hash: Vec<u8>,
    /// The proof.
    pub hashes: Vec<Hash>,
}

/// Proves that an event is in the tree of a checkpoint.
///
/// # Errors
/// `not_yet_logged` while it has no leaf there; what the database answers.
pub fn inclusion(db: &mut Db, organisation: &OrganisationId, event: &EventId, size: u64) -> Result<Inclusion> {
    let hash = store::leaf_hash(db, organisation, event)?.ok_or_else(|| Error::reference_unknown("event_id"))?;
    let leaf = store::leaf(db, organisation, event)?.filter(|leaf| *leaf < size);
    let leaf_index = leaf.ok_or_else(|| not_yet("This event is not in the log yet"))?;
    let hashes = Tree::new(&mut Rows { db, organisation }, size).inclusion(leaf_index)?;
    Ok(Inclusion { leaf_index, leaf_hash: hash, hashes })
}

/// What shows that several events are in the tree of a checkpoint, beside their leaves: see [`Tree::beside`]. The indices rise, and the
/// last of them is in the tree.
///
/// # Errors
/// What the database answers.
pub fn beside(db: &mut Db, organisation: &OrganisationId, leaves: &[u64], size: u64) -> Result<Vec<Hash>> {
    Tree::new(&mut Rows { db, organisation }, size).beside(leaves)
}

/// Proves that the tree of `to` leaves begins with the tree of `from`.
///
/// # Errors
/// `beyond_the_log`, `sizes_reversed`; what the database answers.
pub fn consistency(db: &mut Db, organisation: &OrganisationId, from: u64, to: u64, size: u64) -> Result<Vec<Hash>> {
    for (field, asked) in [("from", from), ("to", to)] {
        if asked > size {
            let detail = format!("{field} is {asked}, and the log has {size} entries.");
            return Err(Problem::new(ProblemCode::BeyondTheLog, detail).at(field).into());
        }
    }
    if from == 0 || from > to {
        return Err(Error::invalid(ProblemCode::SizesReversed, "from", "must be at least 1 and at most to"));
    }
    Tree::new(&mut Rows { db, organisation }, to).consistency(from)
}

pub(super) fn not_yet(what: &str) -> Error {
    Error::problem(ProblemCode::NotYetLogged, format!("{what}; try again in a second."))
}

/// Why nothing is signed.
pub(super) fn disagrees(why: impl std::fmt::Display) -> Error {
    let detail = format!("{why}: nothing is signed until somebody has looked.");
    Error::problem(ProblemCode::LogDisagrees, detail)
}

/// The log that is in the database leads up to what was published.
pub(super) fn expect_published(rows: &mut Rows<'_>, size: u64, published: Option<&Checkpoint>) -> Result<()> {
    let Some(published) = published else { return Ok(()) };
    if published.size > size {
        let (has, had) = (size, published.size);
        return Err(disagrees(format!("The database has {has} entries of the log, and {had} were published")));
    }
    // What cannot be read leads up to nothing.
    let root = match Tree::new(rows, published.size).root(published.size) {
        Err(Error::Internal(why)) => return Err(disagrees(why)),
        root => root?,
    };
    if root == published.root {
        return Ok(());
    }
    Err(disagrees(format!("The first {} entries of the log are not those that were published", published.size)))
}

/// The tiles are of the tree that was signed last.
pub(super) fn expect_root(head: &Head, root: Hash) -> Result<()> {
    let Some((note, _)) = &head.checkpoint else { return Ok(()) };
    let signed = Note::read(note).and_then(|note| Checkpoint::read(note.text));
    match signed {
        Ok(signed) if signed.size == head.size && signed.root == root => Ok(()),
        Ok(_) => Err(disagrees("The tiles of the log are not of the tree that was signed last")),
        Err(why) => Err(disagrees(format!("The last checkpoint {why}"))),
    }
}
