//! What a backup says of itself.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::OrganisationId;

/// The form of backups that this program writes, and the newest that it reads.
pub const FORM: u32 = 1;

/// What a backup is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the folder.
    pub form: u32,
    /// The version of the program that made it.
    pub lotline: String,
    /// The newest migration of the database in it.
    pub migration: String,
    /// What the database is of which it was made: `sqlite` or `postgres`.
    pub database: String,
    /// When it was begun: everything that was acknowledged before is in it.
    pub began_at: Moment,
    /// When it was verified.
    pub verified_at: Moment,
    /// Events of the journal.
    pub events: u64,
    /// Rows of the record.
    pub rows: u64,
    /// Readings of sensors.
    pub readings: u64,
    /// Files of evidence.
    pub evidence_files: u64,
    /// The ids of the keys that sign tokens.
    pub signing_keys: Vec<String>,
    /// What tells its patients' keys from those of every other deployment; null where it has none.
    pub patients_keys: Option<String>,
    /// The custody log of each organisation.
    pub logs: Vec<Log>,
    /// What verification found, if it was kept all the same; some of it, where there is much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<String>,
}

/// How far a custody log goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// Whose it is.
    pub organisation_id: OrganisationId,
    /// What it is called.
    pub origin: String,
    /// How many entries its last checkpoint commits to.
    pub tree_size: u64,
    /// The root of their tree, in hexadecimal.
    pub root: String,
}
