//! What an event is: who did what, when, and everything that follows from it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::tables::Tables;
use crate::caller::Role;
use crate::canonical;
use crate::clock::Moment;
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::ids::{AdministrationId, CommandId, EventId, LotId, OrganisationId, SiteId};
use crate::ledger::Posting;
use crate::values::{number, words};

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// The subject of their token.
    pub subject: String,
    /// The roles that it carried.
    pub roles: Vec<Role>,
}

/// Who, when and where: what every event says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The event's id.
    pub id: EventId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The command that it belongs to.
    pub command_id: CommandId,
    /// The version of its form.
    pub version: i32,
    /// At which site it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Ids under which it is found.
    pub subjects: Vec<String>,
    /// Who did it.
    pub actor: Actor,
    /// When it happened.
    pub occurred_at: Moment,
    /// When it was recorded.
    pub recorded_at: Moment,
}

/// What happened, as it is told: `kind` and `data`. [`events`] makes it of a slice's declaration.
pub trait Told: fmt::Debug + Send {
    /// The name of its kind.
    fn kind(&self) -> &'static str;

    /// Its kind and its data.
    ///
    /// # Errors
    /// When the data have no place in JSON.
    fn told(&self) -> serde_json::Result<Value>;
}

/// What happened, and what follows from it. A slice says it of its own events, and leaves out nothing: whoever forgets the
/// postings of a new kind is told by the compiler.
pub trait Recordable: Told {
    /// The version of its form.
    fn version(&self) -> i32 {
        1
    }

    /// What it does to the tables.
    ///
    /// # Errors
    /// [`Error::Race`] when something that can happen only once has happened; what the database answers otherwise.
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()>;

    /// The units that it moves.
    fn postings(&self) -> &[Posting];

    /// The decision that it rested on, if a gate was asked.
    fn decision(&self) -> Option<&Decision>;

    /// One sentence for a person.
    fn summary(&self) -> String;

    /// Where in its data, as JSON pointers (RFC 6901), stands what only the key of a patient opens.
    fn sealed(&self) -> &'static [&'static str] {
        &[]
    }

    /// Takes what is too much for one event out of it, and gives what continues it. What deliveries bring stays in one
    /// event each: a receipt is bounded by itself ([`RECEIPT_SERIALS_MAX`](crate::limits::RECEIPT_SERIALS_MAX)).
    fn split(&mut self, _event: &EventId) -> Vec<Box<dyn Recordable>> {
        Vec::new()
    }

    /// Ties it, when it is in the journal, to chains of custody that it is found in by something else than its subjects.
    ///
    /// # Errors
    /// What the database answers.
    fn tie(&self, _tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        Ok(())
    }
}

/// One thing that happened. Its canonical JSON is what the journal stores and the log commits to.
#[derive(Debug)]
pub struct Event {
    /// Who, when and where.
    pub head: Head,
    /// What.
    pub deed: Box<dyn Recordable>,
}

impl Event {
    /// An event from its bytes.
    ///
    /// # Errors
    /// When the bytes are no event, or one of a kind that nobody knows.
    pub fn read(bytes: &[u8], reader: Reader) -> Result<Self> {
        let value =
            serde_json::from_slice(bytes).map_err(|e| Error::internal(format!("an event cannot be read: {e}")))?;
        Event::of(&value, reader)
    }

    /// An event from what its bytes say.
    ///
    /// # Errors
    /// When that is no event, or one of a kind that nobody knows.
    pub fn of(value: &Value, reader: Reader) -> Result<Self> {
        let unreadable = |why: &dyn fmt::Display| Error::internal(format!("an event cannot be read: {why}"));
        let kind = value.get("kind").and_then(Value::as_str).ok_or_else(|| unreadable(&"it is of no kind"))?;
        let kinds = reader(kind).ok_or_else(|| unreadable(&format!("there is no kind {kind}")))?;
        let head = Head::deserialize(value).map_err(|e| unreadable(&e))?;
        Ok(Event { head, deed: (kinds.read)(value).map_err(|e| unreadable(&e))? })
    }

    /// Its canonical text (RFC 8785).
    ///
    /// # Errors
    /// When it holds a number that is not an integer of at most 53 bits.
    pub fn canonical(&self) -> Result<String> {
        let failed = |e: serde_json::Error| Error::internal(format!("canonical JSON: {e}"));
        let mut value = serde_json::to_value(&self.head).map_err(failed)?;
        if let (Value::Object(all), Value::Object(told)) = (&mut value, self.deed.told().map_err(failed)?) {
            all.extend(told);
        }
        Ok(canonical::of(&value)?)
    }
}

/// The kinds of events that a slice has, and how one is read.
pub struct Kinds {
    /// Their names.
    pub names: &'static [&'static str],
    /// Reads what happened from what an event of one of these kinds says.
    pub read: fn(&Value) -> serde_json::Result<Box<dyn Recordable>>,
}

/// Finds the kinds that one is of, among those of all slices.
pub type Reader = fn(&str) -> Option<&'static Kinds>;

/// Declares what can happen in a slice: for each kind its name and its content.
macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident $kind:literal $body:tt)+) => {
        $crate::journal::model::events!(@enum [] $($(#[$doc])* $variant $kind $body)+);

        impl $crate::journal::model::Told for Deed {
            fn kind(&self) -> &'static str {
                match self { $(Deed::$variant { .. } => $kind,)+ }
            }

            fn told(&self) -> serde_json::Result<serde_json::Value> {
                serde_json::to_value(self)
            }
        }

        /// The kinds of this slice.
        pub const EVENTS: $crate::journal::model::Kinds = $crate::journal::model::Kinds {
            names: &[$($kind,)+],
            read: |value| Ok(Box::new(<Deed as serde::Deserialize>::deserialize(value)?)),
        };
    };
    (@enum [$($done:tt)*]) => {
        /// What happened.
        #[allow(clippy::large_enum_variant)] // one lives for as long as it takes to be recorded
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind", content = "data")]
        pub enum Deed { $($done)* }
    };
    (@enum [$($done:tt)*] $(#[$doc:meta])* $variant:ident $kind:literal $body:tt $($rest:tt)*) => {
        $crate::journal::model::events!(@enum [$($done)* $(#[$doc])* #[serde(rename = $kind)] $variant $body,] $($rest)*);
    };
}
pub(crate) use events;

/// The kind of a refusal.
pub const REFUSED: &str = "gate_refused";

words! {
    /// Which part of a chain of custody an event belongs to.
    Strand {
        /// What happened to the lot.
        Course "course",
        /// What happened to one patient's treatment.
        Treatment "treatment",
        /// What was refused.
        Refusal "refusal",
    }
}

impl Strand {
    /// The strand that an event is in of a subject's chain; only lots and administrations have one.
    pub fn of(event: &Event, subject: &str) -> Option<Self> {
        let names = |subject: &str, prefix: &str| subject.strip_prefix(prefix).is_some_and(|id| id.starts_with('_'));
        let is_of_a_treatment = |subject: &str| names(subject, AdministrationId::PREFIX);
        if !is_of_a_treatment(subject) && !names(subject, LotId::PREFIX) {
            None
        } else if event.deed.kind() == REFUSED {
            Some(Strand::Refusal)
        } else if event.head.subjects.iter().any(|subject| is_of_a_treatment(subject)) {
            Some(Strand::Treatment)
        } else {
            Some(Strand::Course)
        }
    }
}

/// How many units some postings move.
pub fn units_of(postings: &[Posting]) -> i64 {
    postings.iter().map(|posting| posting.units).sum()
}

/// The verb for so many.
pub fn be(count: i64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// So many units, with their verb.
pub fn units_were(count: i64) -> String {
    format!("{} {}", number(count, "unit"), be(count))
}

/// What can happen only once did not: another command was first.
///
/// # Errors
/// [`Error::Race`].
pub fn once(changed: bool) -> Result<()> {
    if changed { Ok(()) } else { Err(Error::Race) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns_and_verbs() {
        for (count, text) in [(0, "0 units were"), (1, "1 unit was"), (2, "2 units were")] {
            assert_eq!(units_were(count), text);
        }
    }
}
