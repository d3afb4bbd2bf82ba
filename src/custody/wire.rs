//! Requests and answers about events and chains of custody.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::clock::Moment;
use crate::custody_log::past::AsOf;
use crate::decision::Decision;
use crate::error::{Error, Result};
use crate::http::paging::{Cursor, Limit};
use crate::ids::{CommandId, EventId, LotId, OrganisationId, SiteId};
use crate::journal::model::{Actor, Event, Reader};
use crate::sealing::{Patients, Sealed};

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView {
    pub(super) id: EventId,
    /// What kind of thing.
    pub(super) kind: String,
    /// The command that it belongs to: what one request did.
    pub(super) command_id: CommandId,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
    /// Who did it.
    pub(super) actor: Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site_id: Option<SiteId>,
    /// Ids under which it is found.
    pub(super) subjects: Vec<String>,
    /// One sentence for a person.
    pub(super) summary: String,
    /// The same, to be read out: who, what, how many, from where to where, for which patient, on which label. In chains of custody, but for what was known at
    /// a time: things are called as they are called now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<String>,
    /// Everything that it says. Temperatures are milli-degrees Celsius.
    #[schema(value_type = Object)]
    pub(super) details: Value,
    /// The decision that it rested on, if a gate was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decision: Option<Decision>,
    /// The index of its leaf in the custody log, from 0; left out until it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leaf_index: Option<u64>,
}

impl EventView {
    /// The lots that it is about.
    pub(super) fn lots(&self) -> impl Iterator<Item = LotId> {
        self.subjects.iter().filter_map(|subject| subject.parse().ok())
    }

    /// An event as its reader sees it: what is sealed is opened, unless the patient was erased.
    ///
    /// # Errors
    /// When the bytes are no event, or what is sealed was altered; what the store of patients' keys answers.
    pub(super) fn read(bytes: &[u8], reader: Reader, patients: &Patients) -> Result<Self> {
        let unreadable = |e: serde_json::Error| Error::internal(format!("an event cannot be read: {e}"));
        let mut value: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
        let Event { head, deed } = Event::of(&value, reader)?;
        let mut details = value.get_mut("data").map(Value::take).unwrap_or_default();
        for pointer in deed.sealed() {
            open(&mut details, pointer, &head.organisation_id, patients)?;
        }
        Ok(EventView {
            kind: deed.kind().to_owned(),
            command_id: head.command_id,
            occurred_at: head.occurred_at,
            recorded_at: head.recorded_at,
            actor: head.actor,
            site_id: head.site_id,
            subjects: head.subjects,
            summary: deed.summary(),
            told: None,
            details,
            decision: deed.decision().cloned(),
            leaf_index: None,
            id: head.id,
        })
    }
}

/// Puts what is sealed at a place there as it was said: null when the patient was erased. What is said under `clinical` stands
/// beside what is not.
fn open(details: &mut Value, pointer: &str, organisation: &OrganisationId, patients: &Patients) -> Result<()> {
    let Some(place) = details.pointer_mut(pointer) else { return Ok(()) };
    let sealed: Sealed<Value> = place.as_str().unwrap_or_default().parse()?;
    let opened = patients.open(organisation, &sealed)?;
    match (pointer.strip_suffix("/clinical"), opened) {
        (Some(around), Some(Value::Object(clinical))) => {
            if let Some(Value::Object(all)) = details.pointer_mut(around) {
                all.remove("clinical");
                all.extend(clinical);
            }
        }
        (_, opened) => *place = opened.unwrap_or_default(),
    }
    Ok(())
}

/// A chain of custody, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Custody {
    /// What happened.
    pub(super) events: Vec<EventView>,
    /// Where the chain goes on; null at its end.
    pub(super) next_cursor: Option<String>,
    /// How many entries the custody log had when this was known; only where `as_of` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tree_size: Option<u64>,
}

/// How much of a chain.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChainQuery {
    /// How many events at the most; 200 if left out.
    #[param(value_type = i64, required = false, minimum = 1, maximum = 200, default = 200)]
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
    /// Whether attempts that a rule refused are told, too.
    pub(super) refusals: Option<bool>,
    /// What had happened by that time, as is known now.
    pub(super) at: Option<Moment>,
    /// What was known then: a time, or how many entries the custody log had. The answer names that number; with `at`, what was known then
    /// of that moment.
    pub(super) as_of: Option<AsOf>,
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Only of this kind, such as `stock_administered` or `gate_refused`.
    pub(super) kind: Option<String>,
    /// Only about this id.
    pub(super) subject: Option<String>,
    /// Only by this actor (the subject of their token).
    pub(super) actor: Option<String>,
    /// Only what happened from this moment on.
    pub(super) from: Option<Moment>,
    /// Only what happened before this moment.
    pub(super) to: Option<Moment>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// The key of an organisation's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogKey {
    /// Name, id and key, as C2SP signed-note writes them. The name is the log's origin.
    #[schema(
        example = "lotline.local/log/org_01932c07-8d00-7000-8000-000000000001+b6eb4e7e+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    )]
    pub(super) vkey: String,
}

/// Which event.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InclusionQuery {
    /// The event.
    pub(super) event_id: EventId,
}

/// That an event is in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inclusion {
    pub(super) event_id: EventId,
    /// The index of its leaf, from 0.
    pub(super) leaf_index: u64,
    /// How many leaves the tree of the checkpoint has.
    pub(super) tree_size: u64,
    /// SHA-256 over a zero byte and the event's exact bytes, in base64.
    pub(super) leaf_hash: String,
    /// The proof, from the leaf up: hashes in base64.
    pub(super) hashes: Vec<String>,
    /// The signed note whose root the proof leads to.
    pub(super) checkpoint: String,
}

/// Between which sizes of the log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConsistencyQuery {
    /// The smaller size, at least 1.
    #[param(minimum = 1, example = 1)]
    pub(super) from: u64,
    /// The larger size, which the log has reached.
    #[param(minimum = 1, example = 1)]
    pub(super) to: u64,
}

/// That the log of one size begins with that of another.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consistency {
    /// The smaller size.
    pub(super) from: u64,
    /// The larger size.
    pub(super) to: u64,
    /// The proof: hashes in base64.
    pub(super) hashes: Vec<String>,
}
