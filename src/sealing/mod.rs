//! What is clinical, and who may still read it: a key for each patient, apart from the database.
//!
//! Everything clinical (a patient's reference, what was done, free text about it) is [`Sealed`] under that patient's key
//! before it is recorded, so that the journal and every table hold ciphertext, and the log commits to ciphertext. Erasing a
//! patient destroys the key (DOMAIN rule 24): nothing that was recorded changes, and nobody can read it any more, in old
//! backups neither.
//!
//! Keys are in a store of their own, [`Patients`]: `keys.db` of the data directory, or another database (`--keys-url`), which
//! must not be in the database's backups. A key is durable there before anything that is sealed with it is committed. A
//! patient is found by a keyed digest of the reference, compared as people are ([`Identity`](crate::identity::Identity)),
//! and the digest goes with the key. What is left of one who was erased is a tombstone: an older copy of the database does
//! not bring them back.

mod cipher;
pub mod keeping;
mod patients;
mod sealed;
mod store;

pub use patients::{Disclosed, Patient, Patients, open_disclosed};
pub use sealed::Sealed;
