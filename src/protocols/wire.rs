//! Requests and answers about protocols.

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::model::{
    AdverseEvents, Aftercare, AppliesTo, Consent, Content, EmergencyKit, FollowUp, Protocol, ProtocolKind, Retreatment,
    Screening,
};
use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::http::paging::{Cursor, Limit};
use crate::ids::{ProductId, ProtocolId};
use crate::problem::ProblemCode;
use crate::values::{Name, Prose};

/// A version of a protocol to write.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "screening", "applies_to": {"class": "hybrid_filler"}, "title": "Before a filler",
    "source": "Example consensus on fillers, 2025, table 2", "effective_from": "2026-07-01", "reason": "First version",
    "content": {"valid_days": 30, "questions": [
        {"code": "pregnancy", "text": "Are you pregnant or breastfeeding?", "answer": {"type": "yes_no", "yes": "stop", "no": "none"}},
        {"code": "infection", "text": "When did you last have an infection?", "answer": {"type": "date", "min_days_since": 14, "sooner": "stop"}}
    ]}
}))]
pub struct NewProtocol {
    /// What it is about.
    pub kind: ProtocolKind,
    /// For which product or class; for everything if left out. It is the next version of what is there for the same.
    #[serde(default)]
    pub applies_to: AppliesTo,
    /// What it is called.
    pub title: Name,
    /// Where it is from: a guideline, a manufacturer's instructions, a consensus. Sources disagree: say whose this is.
    pub source: Prose,
    /// The first day on which it is in force. The first version may speak for earlier days; a later one for none before today.
    #[serde(deserialize_with = "crate::values::day")]
    pub effective_from: NaiveDate,
    /// Why there is this version.
    pub reason: Prose,
    /// What it says, in the form of its kind; nothing where it `ends` the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ProtocolContent>)]
    pub content: Option<Value>,
    /// Whether it ends the protocol: from its day on the next wider one counts, if there is one. A later version may begin it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends: bool,
}

impl NewProtocol {
    /// What it says, in the form of its kind.
    ///
    /// # Errors
    /// As for a body that has not this form, each field named from `content` on; `missing_field` for neither it nor an end, `invalid_protocol`
    /// for both.
    pub fn content(&self) -> Result<Content> {
        let content = match (&self.content, self.ends) {
            (Some(content), false) => content,
            (None, true) => return Ok(Content::Ended),
            (None, false) => return Err(Error::invalid(ProblemCode::MissingField, "content", "is missing")),
            (Some(_), true) => {
                let rule = "excludes content: what ends says nothing";
                return Err(Error::invalid(ProblemCode::InvalidProtocol, "ends", rule));
            }
        };
        let value = serde_json::json!({ "content": content });
        Ok(match self.kind {
            ProtocolKind::Screening => Content::Screening(read(value)?),
            ProtocolKind::Consent => Content::Consent(read(value)?),
            ProtocolKind::Aftercare => Content::Aftercare(read(value)?),
            ProtocolKind::FollowUp => Content::FollowUp(read(value)?),
            ProtocolKind::AdverseEvent => Content::AdverseEvent(read(value)?),
            ProtocolKind::Retreatment => Content::Retreatment(read(value)?),
            ProtocolKind::EmergencyKit => Content::EmergencyKit(read(value)?),
        })
    }
}

/// Reads a content of one form where it stands in the body, so that what is wrong with it is named from there.
fn read<T: DeserializeOwned>(value: Value) -> Result<T> {
    #[derive(Deserialize)]
    struct Body<T> {
        content: T,
    }
    Ok(crate::http::input::read::<Body<T>>(value)?.content)
}

/// What a protocol says: `screening` has questions, `consent` points, `aftercare` languages, `follow_up` checks, `adverse_event` kinds,
/// `retreatment` days, `emergency_kit` items.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ProtocolContent {
    /// What is asked.
    Screening(Screening),
    /// What is explained.
    Consent(Consent),
    /// What a patient is told.
    Aftercare(Aftercare),
    /// What is looked at.
    FollowUp(FollowUp),
    /// What is done when something goes wrong.
    AdverseEvent(AdverseEvents),
    /// How long one waits.
    Retreatment(Retreatment),
    /// What is at hand.
    EmergencyKit(EmergencyKit),
}

impl ProtocolContent {
    /// What a version says; none where it ends the protocol.
    fn of(content: Content) -> Option<Self> {
        Some(match content {
            Content::Screening(content) => ProtocolContent::Screening(content),
            Content::Consent(content) => ProtocolContent::Consent(content),
            Content::Aftercare(content) => ProtocolContent::Aftercare(content),
            Content::FollowUp(content) => ProtocolContent::FollowUp(content),
            Content::AdverseEvent(content) => ProtocolContent::AdverseEvent(content),
            Content::Retreatment(content) => ProtocolContent::Retreatment(content),
            Content::EmergencyKit(content) => ProtocolContent::EmergencyKit(content),
            Content::Ended => return None,
        })
    }
}

/// A version of a protocol. It never changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Protocol)]
pub struct ProtocolView {
    pub(super) id: ProtocolId,
    pub(super) kind: ProtocolKind,
    pub(super) applies_to: AppliesTo,
    /// Its number among those of the same kind for the same, from 1.
    pub(super) version: i64,
    pub(super) title: Name,
    pub(super) source: Prose,
    /// The first day on which it is in force, until the day of the version that follows it.
    pub(super) effective_from: NaiveDate,
    pub(super) reason: Prose,
    /// What it says; null where it ends the protocol.
    pub(super) content: Option<ProtocolContent>,
    /// Whether it ends the protocol.
    pub(super) ends: bool,
    /// Who wrote it, by the subject of the token.
    pub(super) author: String,
    pub(super) recorded_at: Moment,
}

impl From<Protocol> for ProtocolView {
    fn from(protocol: Protocol) -> Self {
        ProtocolView {
            applies_to: protocol.applies_to(),
            id: protocol.id,
            kind: protocol.kind,
            version: protocol.version,
            title: protocol.title,
            source: protocol.source,
            effective_from: protocol.effective_from,
            reason: protocol.reason,
            ends: *protocol.content == Content::Ended,
            content: ProtocolContent::of(protocol.content.into_inner()),
            author: protocol.author,
            recorded_at: protocol.recorded_at,
        }
    }
}

/// Which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProtocolFilter {
    /// Only of this kind.
    pub(super) kind: Option<ProtocolKind>,
    /// Only those for this product itself.
    pub(super) product_id: Option<ProductId>,
    /// Only those for this class itself.
    pub(super) class: Option<ProductClass>,
    /// Only those in force on this day.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub(super) on: Option<NaiveDate>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
