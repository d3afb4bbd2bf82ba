//! Problem details (RFC 9457): the one shape of every error.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;

use crate::decision::Reason;
pub(crate) use crate::problem_code::problems;
pub use crate::problem_code::{PROBLEMS, ProblemCode};
use crate::values::{Invalid, words};

/// Where the documentation of the codes is; `type` leads there.
pub const DOCUMENTATION: &str = "/docs/problems";

words! {
    /// What can rest on something else.
    DependentType {
        /// An order.
        Order "order",
        /// A receipt.
        Receipt "receipt",
        /// A line of a receipt.
        ReceiptLine "receipt_line",
        /// A packaging inspection.
        Inspection "inspection",
        /// A release from quarantine.
        Release "release",
        /// A movement of stock: a transfer, wastage, return, destruction or count.
        Movement "movement",
        /// An administration.
        Administration "administration",
        /// A hold.
        Hold "hold",
        /// An excursion.
        Excursion "excursion",
        /// An opened unit.
        Container "container",
        /// A lot.
        Lot "lot",
        /// A pack.
        Pack "pack",
        /// A location.
        Location "location",
        /// A licence.
        Licence "licence",
        /// A check of a licence.
        LicenceCheck "licence_check",
    }
}

/// Something that rests on what was to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Dependent {
    /// The kind of thing.
    #[serde(rename = "type")]
    pub kind: DependentType,
    /// Its id.
    pub id: String,
}

impl Dependent {
    /// The most that one problem names.
    pub const MOST: usize = 100;
    /// The most that its sentence names.
    const SAID: usize = 10;

    /// A dependent by its kind and id.
    pub fn new(kind: DependentType, id: impl ToString) -> Self {
        Dependent { kind, id: id.to_string() }
    }
}

/// What a caller is told of a rate, in the words of draft-ietf-httpapi-ratelimit-headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What is allowed.
    pub policy: String,
    /// What remains of it.
    pub remains: String,
}

/// Too many, and when there may be more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// What the caller is told of the rate.
    pub told: Told,
    /// After how many seconds there may be another one.
    pub wait_seconds: u64,
}

/// A problem on its way to the caller. What it holds may be read by anyone who could send the request.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Which problem.
    pub code: ProblemCode,
    /// What is wrong with this request.
    pub detail: String,
    /// Which fields are wrong, as paths such as `lines[0].packs`.
    pub fields: Vec<String>,
    /// The reasons, where a rule refused.
    pub reasons: Vec<Reason>,
    /// What stands in the way or rests on what was to be taken back, the first of it.
    pub dependents: Box<[Dependent]>,
    /// The methods that a path knows, for 405.
    pub allow: Option<Box<str>>,
    /// How many there may be, and when again, for 429.
    pub too_many: Option<Box<TooMany>>,
}

impl Problem {
    /// A problem with its code and a sentence about this request.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Problem {
            code,
            detail,
            fields: Vec::new(),
            reasons: Vec::new(),
            dependents: Box::default(),
            allow: None,
            too_many: None,
        }
    }

    /// The same, pointing at a field.
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// What cannot be taken back, and the things that rest on it. Past [`Dependent::MOST`] it says only that there are
    /// more.
    pub fn rests_on(what: &str, mut dependents: Vec<Dependent>) -> Self {
        let more = dependents.len() > Dependent::MOST;
        dependents.truncate(Dependent::MOST);
        let said: Vec<_> = dependents.iter().take(Dependent::SAID).map(|d| format!("{} {}", d.kind, d.id)).collect();
        let unsaid = dependents.len().saturating_sub(said.len());
        let rest = match (more, unsaid) {
            (false, 0) => String::new(),
            (false, unsaid) => format!(" and {unsaid} more"),
            (true, unsaid) => format!(" and more than {unsaid} more"),
        };
        let detail = format!("{what} cannot be taken back: {}{rest} rest on it.", said.join(", "));
        Problem { dependents: dependents.into(), ..Problem::new(ProblemCode::OthersRestOnIt, detail) }
    }

    /// The refusal of a gate.
    pub fn refused(reasons: Vec<Reason>) -> Self {
        let detail = reasons.iter().map(|r| r.message.as_str()).collect::<Vec<_>>().join(" ");
        Problem { reasons, ..Problem::new(ProblemCode::GateRefused, detail) }
    }
}

impl From<Invalid> for Problem {
    fn from(invalid: Invalid) -> Self {
        Problem::new(invalid.code, format!("The value {}.", invalid.rule))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

/// The body of every error, `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Leads to the documentation of the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// One line that says what the code means.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request.
    pub detail: String,
    /// The request id: names this occurrence in the log.
    pub instance: String,
    /// The stable code.
    pub code: String,
    /// Which fields are wrong, as paths such as `lines[0].packs`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The reasons, where a rule refused (`gate_refused`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// What stands in the way or rests on what was to be taken back, the first of it; `detail` says how much there is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependents: Vec<Dependent>,
}

impl Problem {
    /// The body, with the request id that names this occurrence.
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            kind: format!("{DOCUMENTATION}#{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            instance: format!("urn:request:{request_id}"),
            code: self.code.as_str().to_owned(),
            fields: self.fields.clone(),
            reasons: self.reasons.clone(),
            dependents: self.dependents.to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_rests_on_it_is_listed_and_bounded() {
        let of = |count: usize| {
            let all = (0..count).map(|n| Dependent::new(DependentType::Order, format!("o{n}"))).collect();
            Problem::rests_on("The licence", all)
        };
        assert_eq!(of(2).detail, "The licence cannot be taken back: order o0, order o1 rest on it.");
        assert!(of(12).detail.ends_with("order o9 and 2 more rest on it."), "{}", of(12).detail);
        assert!(of(101).detail.ends_with("order o9 and more than 90 more rest on it."), "{}", of(101).detail);
        assert_eq!([2, 100, 101].map(|count| of(count).dependents.len()), [2, 100, 100]);
    }
}
