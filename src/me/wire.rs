//! The answer about who asks.

use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::Role;
use crate::clock::Moment;
use crate::ids::{OrganisationId, PractitionerId, SiteId, TokenId};
use crate::practitioners::model::Practitioner;
use crate::sites::model::Site;
use crate::values::{Jurisdiction, Name, TimeZone, Word};

/// Who a token is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Who they are to the issuer of the token: what the journal has as the actor.
    pub(super) subject: String,
    /// The organisation that they work for; no request of theirs leaves it.
    pub(super) organisation: MyOrganisation,
    /// What they may do.
    pub(super) roles: Vec<Role>,
    /// The sites that they see, by id; null for all of them.
    pub(super) sites: Option<Vec<MySite>>,
    /// The token's own id, under which the journal has that it was given out; null for one of an older version.
    pub(super) token_id: Option<TokenId>,
    /// When the token ends.
    pub(super) expires_at: Moment,
    /// Which practitioner they are: the one who works here and whose `subject` is theirs, however it is spelt. Null where
    /// there is none, or more than one.
    pub(super) practitioner: Option<Myself>,
}

/// The organisation of a token.
#[derive(Debug, Serialize, ToSchema)]
pub struct MyOrganisation {
    pub(super) id: OrganisationId,
    pub(super) name: Name,
}

/// A site that a token is for.
#[derive(Debug, Serialize, ToSchema)]
pub struct MySite {
    pub(super) id: SiteId,
    pub(super) name: Name,
    /// The law that it is under.
    pub(super) jurisdiction: Jurisdiction,
    /// Decides when a day ends there.
    pub(super) time_zone: TimeZone,
    /// When it was retired; null while it is in use.
    pub(super) retired_at: Option<Moment>,
}

impl From<Site> for MySite {
    fn from(site: Site) -> Self {
        let Site { id, name, jurisdiction, time_zone, retired_at, .. } = site;
        MySite { id, name, jurisdiction, time_zone, retired_at }
    }
}

/// The practitioner that a token is of.
#[derive(Debug, Serialize, ToSchema)]
pub struct Myself {
    pub(super) id: PractitionerId,
    pub(super) name: Name,
    /// What they are: nurse, doctor, dentist, pharmacist.
    pub(super) profession: Word,
}

impl From<Practitioner> for Myself {
    fn from(practitioner: Practitioner) -> Self {
        let Practitioner { id, name, profession, .. } = practitioner;
        Myself { id, name, profession }
    }
}
