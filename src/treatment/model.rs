//! What an administration is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::decision::Decision;
use crate::ids::{AdministrationId, LocationId, LotId, OrganisationId, PractitionerId, ProductId, SiteId};
use crate::values::{Code, Json, PatientRef, Prose, Serial, Word, words};

words! {
    /// What a code is scanned for.
    ScanPurpose {
        /// To use it on a patient.
        Administer "administer",
        /// To receive it.
        Receive "receive",
        /// To return it.
        Return "return",
    }
}

/// What was done with the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    /// The area treated.
    pub area: Word,
    /// The plane of injection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<Word>,
    /// The technique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique: Option<Word>,
    /// Needle or cannula, with its gauge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Word>,
    /// How it was diluted or reconstituted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilution: Option<Word>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Prose>,
}

/// Units of a lot, administered to one patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::administrations)]
pub struct Administration {
    /// Its id.
    pub id: AdministrationId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// The serial number of the pack, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// How many units.
    pub units: i64,
    /// At which site.
    pub site_id: SiteId,
    /// From which location.
    pub location_id: LocationId,
    /// Who treated.
    pub practitioner_id: PractitionerId,
    /// Who prescribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prescriber_id: Option<PractitionerId>,
    /// Who was treated: a reference that means something only to the clinic.
    pub patient_ref: PatientRef,
    /// What was done.
    pub treatment: Json<Treatment>,
    /// The visit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter_ref: Option<Word>,
    /// The code, as scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Code>,
    /// What the rules said.
    pub decision: Json<Decision>,
    /// Who recorded it, by the subject of the token.
    pub recorded_by: String,
    /// When it happened.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
}
