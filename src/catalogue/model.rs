//! What a product is.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::barcode::{self, Decoded};
use crate::clock::Moment;
use crate::ids::{OrganisationId, ProductId};
use crate::values::{Amount, Gtin, Invalid, Json, Jurisdiction, Name, Prose, UdiDi, UnitsPerPack, Word, words};

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
    /// Whose rules an identifier of a product follows.
    IdentifierScheme {
        /// GS1: a GTIN.
        Gtin "gtin",
        /// HIBCC: labeler, product or catalogue number, unit of measure.
        Hibc "hibc",
        /// ICCBBA: an ISBT 128 device identifier.
        Iccbba "iccbba",
    }
    /// What carries an identifier. Each level of packaging has its own (GS1 General Specifications 4.2).
    Level {
        /// What one patient gets, or an inner box of several.
        Unit "unit",
        /// The pack, as products are ordered.
        Pack "pack",
        /// A case of packs.
        Case "case",
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
    /// Where: a country covers its subdivisions, as `GB` covers `GB-ENG`.
    pub jurisdiction: Jurisdiction,
    /// Whether it may be used there.
    pub status: ApprovalStatus,
    /// Where that is written.
    pub source: Prose,
    /// When somebody looked.
    #[serde(deserialize_with = "crate::values::day")]
    pub verified_on: NaiveDate,
}

/// One of the identifiers of a product: the device identifier (UDI-DI) of a level of its packaging.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = crate::db::schema::product_identifiers)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// Whose rules it follows.
    pub scheme: IdentifierScheme,
    /// The device identifier.
    pub value: UdiDi,
    /// What carries it.
    pub level: Level,
    /// How many units that holds.
    pub units: i64,
}

impl Identifier {
    /// As a code gives it.
    pub fn named(&self) -> DeviceIdentifier {
        DeviceIdentifier { scheme: Some(self.scheme), value: self.value.clone() }
    }
}

/// A device identifier as a code or a person gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceIdentifier {
    /// Whose rules it follows; none where a person typed it and the catalogue knows.
    pub scheme: Option<IdentifierScheme>,
    /// The device identifier.
    pub value: UdiDi,
}

impl DeviceIdentifier {
    /// What a code names; none for a code that names no product.
    ///
    /// # Errors
    /// Never, for what [`barcode`] decodes.
    pub fn of(decoded: &Decoded) -> Result<Option<Self>, Invalid> {
        let scheme = match decoded.scheme {
            barcode::Scheme::Gs1 => IdentifierScheme::Gtin,
            barcode::Scheme::Hibc => IdentifierScheme::Hibc,
            barcode::Scheme::Iccbba => IdentifierScheme::Iccbba,
        };
        let named = decoded.udi_di.as_deref().map(str::parse).transpose()?;
        Ok(named.map(|value| DeviceIdentifier { scheme: Some(scheme), value }))
    }
}

impl From<&Gtin> for DeviceIdentifier {
    fn from(gtin: &Gtin) -> Self {
        DeviceIdentifier { scheme: Some(IdentifierScheme::Gtin), value: gtin.into() }
    }
}

impl std::fmt::Display for DeviceIdentifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = match self.scheme {
            Some(IdentifierScheme::Gtin) => "GTIN",
            Some(IdentifierScheme::Hibc) => "HIBC",
            Some(IdentifierScheme::Iccbba) => "ICCBBA",
            None => "UDI-DI",
        };
        write!(f, "{scheme} {}", self.value)
    }
}

/// Hours that a unit of a product may spend warmer than its label allows, up to a temperature, over its life.
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
    /// The GTIN of a pack, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
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
    /// Hours allowed warmer than its label says, over the life of a unit.
    pub stability_budget: Json<Vec<StabilityAllowance>>,
    /// When it was registered.
    pub registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub version: i64,
    /// When it was retired: it stays on record, and is not accepted for new use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired_at: Option<Moment>,
    /// What else it is known by: GTINs of case and unit, HIBC, ICCBBA.
    #[serde(default = "none_else", skip_serializing_if = "is_none_else")]
    pub identifiers: Json<Vec<Identifier>>,
}

fn none_else() -> Json<Vec<Identifier>> {
    Json::new(Vec::new())
}

/// Events from before there were others say nothing of them.
fn is_none_else(identifiers: &Json<Vec<Identifier>>) -> bool {
    identifiers.is_empty()
}

impl Product {
    /// Everything that it is known by, the GTIN of its pack first.
    pub fn known_by(&self) -> impl Iterator<Item = Identifier> {
        let own = self.gtin.as_ref().map(|gtin| Identifier {
            scheme: IdentifierScheme::Gtin,
            value: gtin.into(),
            level: Level::Pack,
            units: self.units_per_pack.get(),
        });
        own.into_iter().chain(self.identifiers.iter().cloned())
    }
}
