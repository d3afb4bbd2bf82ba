//! Requests and answers about lists that are brought in.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{ImportKind, Outcome};

/// What is brought in, and whether it is.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// What the list has.
    #[param(inline)]
    pub kind: ImportKind,
    /// Whether only to say what would become of it: nothing is changed. Left out: false.
    #[serde(default)]
    #[param(default = false)]
    pub dry_run: bool,
}

/// What became of a list, or would.
#[derive(Debug, Serialize, ToSchema)]
pub struct Import {
    /// What it has.
    pub kind: ImportKind,
    /// Whether it was only asked.
    pub dry_run: bool,
    /// Whether it was brought in: all of it, or nothing.
    pub imported: bool,
    /// How many rows it has.
    pub rows: usize,
    /// Of how many something was made, or would be.
    pub created: usize,
    /// How many say what stands.
    pub unchanged: usize,
    /// How many add something to what stands.
    pub updated: usize,
    /// How many were refused; with one of them nothing is brought in.
    pub refused: usize,
    /// What became of each row, in the order of the file.
    pub verdicts: Vec<Verdict>,
}

/// What became of a row, or would.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verdict {
    /// The line of the file that it begins on; the names of the columns are on line 1, unless there is something above them.
    pub line: u64,
    /// The column that it is refused for, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'static str>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The outcome, or why it is refused: the code of the problem that the request for one such thing would answer, the reason of
    /// a rule, `formula`, `differs` from what stands, `contradicts_row` of the same file, or `ambiguous_name`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// The id of what it makes, or of what stands; absent while it is only asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}
