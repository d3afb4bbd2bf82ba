//! What the morning list says of people: whose word is missing, and which licences rest on one person.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::ids::{AdministrationId, LicenceId, PractitionerId, SiteId};
use crate::licences::model::{Doubt, Held, LicenceKind};
use crate::licences::people::doubts;
use crate::licences::wire::Holder;
use crate::treatment::confirming::Waiting;
use crate::treatment::model::ConfirmationRole;
use crate::values::Word;

/// An administration that waits for the word of somebody for whom another recorded it.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnconfirmedAdministration {
    administration_id: AdministrationId,
    site_id: SiteId,
    /// Whose word it waits for.
    practitioner_id: PractitionerId,
    /// As what they are in it.
    role: ConfirmationRole,
    /// Who recorded it.
    recorded_by: String,
    occurred_at: Moment,
    /// Whether a subject of theirs is known: without one they cannot confirm, until an admin sets it.
    can_confirm: bool,
}

impl From<Waiting> for UnconfirmedAdministration {
    fn from(Waiting { administration, role, practitioner_id, can_confirm }: Waiting) -> Self {
        UnconfirmedAdministration {
            administration_id: administration.id,
            site_id: administration.site_id,
            practitioner_id,
            role,
            recorded_by: administration.recorded_by,
            occurred_at: administration.occurred_at,
            can_confirm,
        }
    }
}

/// A licence that rests on less than two people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LicenceByOne {
    licence_id: LicenceId,
    holder: Holder,
    kind: LicenceKind,
    authority: Word,
    number: Word,
    /// Why.
    doubts: Vec<Doubt>,
}

/// The licences that rest on less than two people at a moment, of those that are valid then; so many at the most.
pub fn by_one(held: &[Held], at: Moment, recheck_days: i64, most: usize) -> Vec<LicenceByOne> {
    let today = at.day_in(chrono_tz::Tz::UTC);
    let valid = held.iter().filter(|held| held.licence.valid_to >= today);
    let doubted = valid.map(|held| (held, doubts(held, at, recheck_days))).filter(|(_, doubts)| !doubts.is_empty());
    let shown = |(held, doubts): (&Held, Vec<Doubt>)| LicenceByOne {
        licence_id: held.licence.id.clone(),
        holder: Holder { kind: held.licence.holder_type, id: held.licence.holder_id.clone() },
        kind: held.licence.kind,
        authority: held.licence.authority.clone(),
        number: held.licence.number.clone(),
        doubts,
    };
    doubted.take(most).map(shown).collect()
}
