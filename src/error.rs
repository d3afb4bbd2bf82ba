//! One error type for everything below HTTP: what the caller may know, apart from what only the log may know.

use crate::canonical::NotCanonical;
use crate::decision::Refusal;
use crate::problem::{Problem, ProblemCode};
use crate::values::Invalid;

/// Why a command or a query did not succeed.
#[derive(Debug)]
pub enum Error {
    /// The caller's doing: a problem that they may read.
    Problem(Problem),
    /// A gate refuses; the refusal is journalled, then answered as `gate_refused`.
    Refused(Box<Refusal>),
    /// Another command changed what this one had read. Nothing is wrong: it is run again.
    Race,
    /// The database said no.
    Database(diesel::result::Error),
    /// Something that this process needs is not there at the moment; the text goes to the log.
    Unavailable(String),
    /// A defect or a database changed from outside; the text goes to the log, never to the caller.
    Internal(String),
}

impl Error {
    /// A problem with a code and a sentence.
    pub fn problem(code: ProblemCode, detail: impl Into<String>) -> Self {
        Error::Problem(Problem::new(code, detail))
    }

    /// A path names nothing that exists (or something of another organisation, which is the same).
    pub fn not_found(what: &str) -> Self {
        Error::problem(ProblemCode::NotFound, format!("There is no such {what}."))
    }

    /// A field of the body names nothing that exists.
    pub fn reference_unknown(field: &str) -> Self {
        Error::Problem(
            Problem::new(ProblemCode::ReferenceUnknown, format!("{field} names nothing that exists.")).at(field),
        )
    }

    /// A well-formed field with a value that does not fit.
    pub fn invalid(code: ProblemCode, field: &str, rule: impl Into<String>) -> Self {
        Error::Problem(Problem::new(code, format!("{field} {}.", rule.into())).at(field))
    }

    /// A defect.
    pub fn internal(what: impl Into<String>) -> Self {
        Error::Internal(what.into())
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Error::Database(error)
    }
}

impl From<NotCanonical> for Error {
    fn from(why: NotCanonical) -> Self {
        Error::Internal(why.0)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::Problem(problem)
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Error::Problem(Problem::from(invalid))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Problem(problem) => problem,
            Error::Refused(refusal) => Problem::refused(refusal.decision.reasons),
            Error::Race => Problem::new(ProblemCode::Unavailable, "Others were changing the same stock; try again."),
            Error::Unavailable(why) => {
                tracing::warn!(why, "unavailable");
                Problem::new(ProblemCode::Unavailable, "The database cannot be reached at the moment; try again.")
            }
            Error::Database(error) => {
                // What a database quotes after a colon is a value, and may be anybody's.
                let error = error.to_string();
                tracing::error!(error = error.split(": \"").next(), "database error");
                Problem::new(ProblemCode::Internal, ProblemCode::Internal.title())
            }
            Error::Internal(why) => {
                tracing::error!(why, "internal error");
                Problem::new(ProblemCode::Internal, ProblemCode::Internal.title())
            }
        }
    }
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
