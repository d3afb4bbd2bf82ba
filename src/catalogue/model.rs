//! What a product is.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::ids::{OrganisationId, ProductId};
use crate::values::{Amount, Gtin, Json, Jurisdiction, Name, Prose, UnitsPerPack, Word, words};

words! {
    /// The class of an injectable; licences, supplier approvals and locations are scoped by it.
    ProductClass {
        /// Hyaluronic acid filler.
        HaFiller "ha_filler",
        /// Calcium hydroxylapatite filler.
        CahaFiller "caha_filler",
        /// Hyaluronic acid with calcium hydroxylapatite.
        HybridFiller "hybrid_filler",
        /// Poly-L-lactic acid biostimulator.
        PllaBiostimulator "plla_biostimulator",
        /// Botulinum toxin.
        Neuromodulator "neuromodulator",
        /// Intra-articular hyaluronan.
        Viscosupplement "viscosupplement",
        /// Skin booster.
        SkinBooster "skin_booster",
        /// Fat-dissolving injection.
        Lipolytic "lipolytic",
        /// Hyaluronidase and the like: reverses a treatment.
        ReversalAgent "reversal_agent",
        /// Anything else.
        Other "other",
    }
    /// Whether a product may be used in a jurisdiction.
    ApprovalStatus {
        /// It may.
        Authorised "authorised",
        /// It may not.
        NotAuthorised "not_authorised",
        /// Nobody has found out: counts as not authorised.
        Unknown "unknown",
    }
}

/// What is known of a product's authorisation in a jurisdiction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Where.
    pub jurisdiction: Jurisdiction,
    /// Whether it may be used there.
    pub status: ApprovalStatus,
    /// Where that is written.
    pub source: Prose,
    /// When somebody looked.
    #[serde(deserialize_with = "crate::values::day")]
    pub verified_on: NaiveDate,
}

/// Hours that a product may spend up to a temperature, over its life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StabilityAllowance {
    /// Up to this temperature, in milli-degrees Celsius.
    pub max_mc: i32,
    /// For so many hours in all.
    pub hours: i32,
}

/// A product of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::products, treat_none_as_null = true)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// The organisation whose catalogue it is in.
    pub organisation_id: OrganisationId,
    /// The GTIN of a pack.
    pub gtin: Gtin,
    /// The brand name.
    pub name: Name,
    /// Who makes it.
    pub manufacturer: Name,
    /// Its class.
    pub class: ProductClass,
    /// How many units a pack holds.
    pub units_per_pack: UnitsPerPack,
    /// What a unit is: `prefilled syringe`, `vial`.
    pub unit_presentation: Word,
    /// How much a unit holds, as a decimal number.
    pub unit_amount: Amount,
    /// What `unit_amount` counts: `mL`, `U`, `mg`.
    pub unit_amount_unit: Word,
    /// The lower end of the labelled storage band, in milli-degrees Celsius.
    pub storage_min_mc: i32,
    /// The upper end of the labelled storage band, in milli-degrees Celsius.
    pub storage_max_mc: i32,
    /// Whether freezing spoils it.
    pub do_not_freeze: bool,
    /// Whether light spoils it.
    pub protect_from_light: bool,
    /// How long an opened unit may be used, in hours.
    pub in_use_hours: Option<i32>,
    /// Whether a unit is for one patient only.
    pub single_patient: bool,
    /// Whether a practitioner needs training evidence for it.
    pub requires_training: bool,
    /// Whether a prescriber must be named.
    pub requires_prescriber: bool,
    /// What is known of its authorisation.
    pub approvals: Json<Vec<Approval>>,
    /// Hours allowed outside its band.
    pub stability_budget: Json<Vec<StabilityAllowance>>,
    /// When it was registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and is not accepted for new use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
}
