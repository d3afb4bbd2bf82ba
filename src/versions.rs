//! Master data in versions (DOMAIN rule 25): corrected, retired and reinstated, never deleted.
//!
//! A row is the version in force. Every version is in the journal, as the event that made it, with the whole row; so
//! decisions and records made under an earlier one can be read as they were made.
//!
//! One mechanism for all kinds: each slice [declares](versioned) what it keeps so, and has a `correct` that says what may not
//! change and what its rows must be.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::decision::{Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, SiteId};
use crate::journal;
use crate::journal::model::Recordable;
use crate::problem::{Problem, ProblemCode};
use crate::values::Prose;

/// The version of a row as it was registered.
pub const FIRST: i64 = 1;

/// A new version of a row, and why there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision<T> {
    /// The whole row, as it is now.
    pub row: T,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Prose>,
}

/// How many things of one name are looked at, those in use first, when one is meant by its name.
pub const SAME_NAME_MAX: i64 = 20;

/// What stands under the name of something that is asked for, beside what it would be by what is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike<T> {
    /// What stands.
    pub stands: T,
    /// What it would be.
    pub asked: T,
}

/// A row that is kept in versions.
pub trait Versioned: Clone + PartialEq {
    /// What can happen to it.
    type Deed: Recordable + DeserializeOwned + 'static;
    /// What it is called.
    const WHAT: &'static str;
    /// The deed of a correction.
    const CORRECT: fn(Box<Revision<Self>>) -> Self::Deed;
    /// The deed of a retirement.
    const RETIRE: fn(Box<Revision<Self>>) -> Self::Deed;
    /// The deed of a reinstatement.
    const REINSTATE: fn(Box<Revision<Self>>) -> Self::Deed;

    /// Its id.
    fn id(&self) -> &str;
    /// Its name.
    fn name(&self) -> &str;
    /// The site that it is at.
    fn site_id(&self) -> Option<&SiteId>;
    /// Its version.
    fn version(&self) -> i64;
    /// When it was retired.
    fn retired_at(&self) -> Option<Moment>;
    /// The same as another version, registered when `earlier` was.
    fn after(self, earlier: &Self, version: i64, retired_at: Option<Moment>) -> Self;
    /// The row that an event put in force, if it is one of these.
    fn of(deed: Self::Deed) -> Option<Self>;
}

/// Declares what is kept in versions, beside the events of its slice.
macro_rules! versioned {
    ($row:ident $what:literal $register:ident $correct:ident $retire:ident $reinstate:ident $site:expr) => {
        impl $crate::versions::Versioned for $row {
            type Deed = Deed;
            const WHAT: &'static str = $what;
            const CORRECT: fn(Box<$crate::versions::Revision<Self>>) -> Deed = Deed::$correct;
            const RETIRE: fn(Box<$crate::versions::Revision<Self>>) -> Deed = Deed::$retire;
            const REINSTATE: fn(Box<$crate::versions::Revision<Self>>) -> Deed = Deed::$reinstate;

            fn id(&self) -> &str {
                self.id.as_str()
            }

            fn name(&self) -> &str {
                self.name.as_str()
            }

            fn site_id(&self) -> Option<&$crate::ids::SiteId> {
                let site: fn(&Self) -> Option<&$crate::ids::SiteId> = $site;
                site(self)
            }

            fn version(&self) -> i64 {
                self.version
            }

            fn retired_at(&self) -> Option<$crate::clock::Moment> {
                self.retired_at
            }

            fn after(self, earlier: &Self, version: i64, retired_at: Option<$crate::clock::Moment>) -> Self {
                $row { registered_at: earlier.registered_at, version, retired_at, ..self }
            }

            fn of(deed: Deed) -> Option<Self> {
                match deed {
                    Deed::$register(row) => Some($crate::versions::unboxed(row)),
                    Deed::$correct(revision) | Deed::$retire(revision) | Deed::$reinstate(revision) => {
                        Some(revision.row)
                    }
                    #[allow(unreachable_patterns)] // where the slice has no other events
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use versioned;

/// A row by which a gate decides.
pub trait Gating: Versioned {
    /// What it is as the subject of a reason.
    const SUBJECT: SubjectType;
    /// Why a retired one is refused.
    const RETIRED: ReasonCode;
}

/// Declares which of what is kept in versions a gate decides by.
macro_rules! gating {
    ($row:ident $retire:ident) => {
        impl $crate::versions::Gating for $row {
            const SUBJECT: $crate::decision::SubjectType = $crate::decision::SubjectType::$row;
            const RETIRED: $crate::decision::ReasonCode = $crate::decision::ReasonCode::$retire;
        }
    };
}
pub(crate) use gating;

/// A row, which some events keep in a box.
pub fn unboxed<T>(row: impl Into<Box<T>>) -> T {
    *row.into()
}

/// The version of a row that was in force at a moment in the past. The first counts for earlier moments, too: what was
/// registered today was there before (DOMAIN rule 20a).
///
/// # Errors
/// What the database answers; an internal error when the journal has no such version.
pub fn at<T: Versioned>(db: &mut Db, organisation: &OrganisationId, row: T, past: Option<Moment>) -> Result<T> {
    let Some(past) = past.filter(|_| row.version() > FIRST) else { return Ok(row) };
    let [registered, corrected, retired, reinstated] =
        ["registered", "corrected", "retired", "reinstated"].map(|what| format!("{}_{what}", T::WHAT));
    let changes = [corrected.as_str(), &retired, &reinstated];
    let found = match journal::store::newest(db, organisation, row.id(), &changes, Some(past))? {
        Some(bytes) => Some(bytes),
        None => journal::store::newest(db, organisation, row.id(), &[&registered], None)?,
    };
    let version = found.map(|bytes| journal::store::deed(&bytes)).transpose()?.and_then(T::of);
    version.ok_or_else(|| Error::internal(format!("{} {} has no first version in the journal", T::WHAT, row.id())))
}

/// What a correction says beside the row.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The version that it changes, if the caller said so.
    pub expected: Option<i64>,
    /// Why.
    pub reason: Option<Prose>,
    /// Whether what the caller leaves out stays as it is.
    pub merges: bool,
}

/// Why something is retired.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "No longer in use"}))]
pub struct Retirement {
    /// Why.
    pub reason: Prose,
}

/// Why something is in use again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Retired by mistake"}))]
pub struct Reinstatement {
    /// Why.
    pub reason: Prose,
}

/// The version in force of what a path names, if it is the one that the caller changes.
///
/// # Errors
/// `not_found`, `precondition_failed`.
pub fn in_force<T: Versioned>(found: Option<T>, change: &Change) -> Result<T> {
    let row = found.ok_or_else(|| Error::not_found(T::WHAT))?;
    if change.expected.is_some_and(|expected| expected != row.version()) {
        let detail = format!("Version {} is in force: read it and make your change again.", row.version());
        return Err(Error::problem(ProblemCode::PreconditionFailed, detail));
    }
    Ok(row)
}

/// What cannot be corrected, because it is what other records know the row by.
///
/// # Errors
/// `identity_fixed`.
pub fn fixed<V: PartialEq>(field: &str, earlier: &V, now: &V) -> Result<()> {
    if earlier == now {
        return Ok(());
    }
    let detail = format!("{field} cannot be corrected: retire this one and register another.");
    Err(Error::Problem(Problem::new(ProblemCode::IdentityFixed, detail).at(field)))
}

/// Puts a new version in force. One that says what the earlier one says changes nothing.
///
/// # Errors
/// `retired`; [`Error::Race`] when `earlier` is no longer in force; what the database answers.
pub fn correct<T: Versioned>(cmd: &mut Command<'_>, earlier: &T, now: T, change: &Change) -> Result<T> {
    let now = now.after(earlier, earlier.version(), earlier.retired_at());
    if now == *earlier {
        return Ok(now);
    }
    in_use(earlier)?;
    let row = now.after(earlier, earlier.version().saturating_add(1), earlier.retired_at());
    record(cmd, T::CORRECT, Revision { row, reason: change.reason.clone() })
}

/// Retires what a path names, as a new version: it stays on record, and is not accepted for new use.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire<T: Versioned>(cmd: &mut Command<'_>, found: Option<T>, retirement: &Retirement) -> Result<T> {
    let earlier = in_force(found, &Change::default())?;
    if let Some(retired_at) = earlier.retired_at() {
        let detail = format!("{} was retired at {}.", earlier.name(), retired_at.told());
        return Err(Error::problem(ProblemCode::AlreadyRetired, detail));
    }
    let row = earlier.clone().after(&earlier, earlier.version().saturating_add(1), Some(cmd.now));
    record(cmd, T::RETIRE, Revision { row, reason: Some(retirement.reason.clone()) })
}

/// Puts what a path names back into use, as a new version.
///
/// # Errors
/// `not_found`, `not_retired`.
pub fn reinstate<T: Versioned>(cmd: &mut Command<'_>, found: Option<T>, reinstatement: &Reinstatement) -> Result<T> {
    let earlier = in_force(found, &Change::default())?;
    if earlier.retired_at().is_none() {
        let detail = format!("{} is in use.", earlier.name());
        return Err(Error::problem(ProblemCode::NotRetired, detail));
    }
    let row = earlier.clone().after(&earlier, earlier.version().saturating_add(1), None);
    record(cmd, T::REINSTATE, Revision { row, reason: Some(reinstatement.reason.clone()) })
}

/// What is retired stays as it is until it is reinstated.
///
/// # Errors
/// `retired`.
pub fn in_use<T: Versioned>(row: &T) -> Result<()> {
    let Some(retired_at) = row.retired_at() else { return Ok(()) };
    let (name, at) = (row.name(), retired_at.told());
    let detail = format!("{name} was retired at {at}: reinstate the {} first.", T::WHAT);
    Err(Error::problem(ProblemCode::Retired, detail))
}

fn record<T: Versioned>(
    cmd: &mut Command<'_>,
    deed: fn(Box<Revision<T>>) -> T::Deed,
    revision: Revision<T>,
) -> Result<T> {
    let row = revision.row.clone();
    let mut subjects = vec![row.id().to_owned()];
    subjects.extend(row.site_id().map(ToString::to_string));
    let about = About { occurred_at: cmd.now, site_id: row.site_id().cloned(), subjects };
    cmd.record(about, deed(Box::new(revision)))?;
    Ok(row)
}

/// DOMAIN rule 25: what is retired is not accepted for new use. What happened before it was is judged as of then.
pub fn not_retired<T: Gating>(row: &T, at: Moment, findings: &mut Findings) {
    if let Some(retired_at) = row.retired_at()
        && retired_at <= at
    {
        let message = format!("{} was retired at {}.", row.name(), retired_at.told());
        findings.refuse(T::RETIRED, Subject::new(T::SUBJECT, row.id()), message);
    }
}

impl<T: Versioned> Revision<T> {
    /// One sentence for a person.
    pub fn summary(&self, done: &str) -> String {
        let why = self.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let row = &self.row;
        format!("{} {} was {done}, now version {}{why}.", capitalised(T::WHAT), row.name(), row.version())
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
