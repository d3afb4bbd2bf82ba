//! What a verification is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{OrganisationId, VerificationId};
use crate::values::{Json, words};

words! {
    /// How a verification stands.
    State {
        /// It goes on.
        Running "running",
        /// It came to its end, whatever it found.
        Done "done",
        /// It could not be done: the server's log says why.
        Failed "failed",
        /// The process that was at it has ended.
        Interrupted "interrupted",
    }
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Events replayed.
    pub events: u64,
    /// Rows compared.
    pub rows: u64,
    /// Readings compared.
    pub readings: u64,
    /// Files of evidence compared.
    pub evidence_files: u64,
    /// How much disagrees.
    pub disagreements: u64,
    /// The first of it, one sentence each.
    pub findings: Vec<String>,
}

/// A verification, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::verifications)]
#[diesel(treat_none_as_default_value = false)]
pub struct Verification {
    /// Its id.
    pub id: VerificationId,
    /// Whose token asked for it.
    pub organisation_id: OrganisationId,
    /// Who asked.
    pub started_by: String,
    /// When.
    pub started_at: Moment,
    /// The process that is at it: any name that no other has.
    pub process: String,
    /// How it stands, as was written last.
    pub state: State,
    /// When that was written.
    pub touched_at: Moment,
    /// Steps that are done.
    pub steps_done: i64,
    /// Steps in all; 0 until that is known.
    pub steps: i64,
    /// When it ended.
    pub ended_at: Option<Moment>,
    /// What it found, when it is done.
    pub outcome: Option<Json<Outcome>>,
}

/// For how long nobody need have written that it goes on, in minutes: the process is gone then.
const SILENT_MINUTES: i64 = 1;

impl Verification {
    /// Whether nobody is at it any more though it says so. Where processes share nothing (`alone`), one of another process is over, as that has
    /// ended.
    pub fn is_interrupted(&self, process: &str, alone: bool, now: Moment) -> bool {
        self.state == State::Running
            && self.process != process
            && (alone || self.touched_at.plus_minutes(SILENT_MINUTES) < now)
    }
}
