//! Requests and answers about verifications.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Outcome, State, Verification};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::VerificationId;

/// Nothing needs to be said of a verification.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct NewVerification {}

/// Which verifications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VerificationFilter {
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// A verification: how far it is, and what it found.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationView {
    /// Its id.
    pub(super) id: VerificationId,
    /// How it stands.
    pub(super) state: State,
    /// Who asked for it.
    pub(super) started_by: String,
    /// When.
    pub(super) started_at: Moment,
    /// When it ended; null while it goes on.
    pub(super) ended_at: Option<Moment>,
    /// Steps that are done; they differ in how long they take.
    pub(super) steps_done: i64,
    /// Steps in all; 0 until that is known.
    pub(super) steps: i64,
    /// Whether everything agrees; null until it is done.
    pub(super) agrees: Option<bool>,
    /// How much disagrees; null until it is done.
    pub(super) disagreements: Option<u64>,
    /// What disagrees, one sentence each, at most 100 of them. Empty where the deployment has several organisations, as a sentence may be
    /// about any of them, and for a token of some sites: the server's log has them, and `lotline verify`.
    pub(super) findings: Vec<String>,
    /// Events that were replayed; null until it is done, and where findings are not shown, as the next three.
    pub(super) events: Option<u64>,
    /// Rows that were compared.
    pub(super) rows: Option<u64>,
    /// Readings that were compared.
    pub(super) readings: Option<u64>,
    /// Files of evidence that were compared.
    pub(super) evidence_files: Option<u64>,
}

impl VerificationView {
    /// One as somebody sees it: `whole` where they see all that the deployment has, `over` where nobody is at it any more.
    pub(super) fn of(verification: Verification, whole: bool, over: bool) -> Self {
        let Verification { id, started_by, started_at, state, steps_done, steps, ended_at, outcome, .. } = verification;
        let outcome = outcome.map(crate::values::Json::into_inner);
        let counted = |count: fn(&Outcome) -> u64| outcome.as_ref().map(count);
        let disagreements = counted(|outcome| outcome.disagreements);
        let shown = |count: fn(&Outcome) -> u64| counted(count).filter(|_| whole);
        VerificationView {
            id,
            state: if over { State::Interrupted } else { state },
            started_by,
            started_at,
            ended_at,
            steps_done,
            steps,
            agrees: disagreements.map(|count| count == 0),
            disagreements,
            events: shown(|outcome| outcome.events),
            rows: shown(|outcome| outcome.rows),
            readings: shown(|outcome| outcome.readings),
            evidence_files: shown(|outcome| outcome.evidence_files),
            findings: outcome.filter(|_| whole).map(|outcome| outcome.findings).unwrap_or_default(),
        }
    }
}
