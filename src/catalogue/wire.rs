//! Requests and answers about products.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Approval, Identifier, IdentifierScheme, Level, Product, ProductClass};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::ProductId;
use crate::values::{Amount, Celsius, Gtin, Json, Name, UdiDi, Units, UnitsPerPack, Word, gtin_of_any_length_optional};

/// What one patient gets: a syringe, a vial.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// What it is.
    pub presentation: Word,
    /// How much it holds, a decimal number as text.
    pub amount: Amount,
    /// What `amount` counts.
    pub amount_unit: Word,
}

/// How the label says that the product must be kept.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// The lower end of the band, °C.
    pub min_c: Celsius,
    /// The upper end of the band, °C.
    pub max_c: Celsius,
    /// Whether freezing spoils it.
    #[serde(default)]
    pub do_not_freeze: bool,
    /// Whether light spoils it.
    #[serde(default)]
    pub protect_from_light: bool,
}

/// Hours that a unit may spend warmer than its label allows, up to a temperature, over its life. Of several, each hour counts
/// against the lowest temperature that is not below it, as the part of its hours that it is; all parts come to one at the most.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StabilityBudget {
    /// Up to this temperature, °C: above `storage.max_c`, and each once.
    pub max_c: Celsius,
    /// For so many hours in all.
    #[schema(minimum = 1, maximum = 87600)]
    pub hours: i32,
}

/// Another identifier of a product, beside the GTIN of its pack.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentifier {
    /// Whose rules it follows.
    pub scheme: IdentifierScheme,
    /// A GTIN; for `hibc` labeler, product number and unit of measure, as the code decodes to `udi_di`, or the primary
    /// code as it is scanned; for `iccbba` the device identifier, without or with the `=/` in front.
    pub value: Word,
    /// What carries it: a unit, a pack or a case.
    pub level: Level,
    /// How many units that holds: from 1 to `units_per_pack` for a unit, `units_per_pack` for a pack, a multiple of it for
    /// a case.
    pub units: Units,
}

/// A product to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "gtin": "09521234567899", "identifiers": [
        {"scheme": "gtin", "value": "09521234567806", "level": "unit", "units": 1},
        {"scheme": "gtin", "value": "19521234567896", "level": "case", "units": 20},
        {"scheme": "hibc", "value": "A99912345", "level": "pack", "units": 2}
    ], "name": "HArmonyCa", "manufacturer": "Example Aesthetics", "class": "hybrid_filler",
    "units_per_pack": 2, "unit": {"presentation": "prefilled syringe", "amount": "1.25", "amount_unit": "mL"},
    "storage": {"min_c": 2, "max_c": 25, "do_not_freeze": true}, "single_patient": true,
    "approvals": [{"jurisdiction": "GB", "status": "authorised", "source": "illustrative", "verified_on": "2026-01-05"}]
}))]
pub struct NewProduct {
    /// The GTIN of a pack: 8, 12, 13 or 14 digits. A product that has none is named in `identifiers`.
    #[serde(default, deserialize_with = "gtin_of_any_length_optional")]
    pub gtin: Option<Gtin>,
    /// What else it is known by. Each leads to this product, with its number of units.
    #[serde(default)]
    pub identifiers: Vec<NewIdentifier>,
    /// The brand name.
    pub name: Name,
    /// Who makes it.
    pub manufacturer: Name,
    /// Its class.
    pub class: ProductClass,
    /// How many units a pack holds.
    pub units_per_pack: UnitsPerPack,
    /// What a unit is.
    pub unit: Unit,
    /// How the label says that it must be kept.
    pub storage: Storage,
    /// How long an opened unit may be used, in hours.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 87600)]
    pub in_use_hours: Option<i32>,
    /// Whether a unit is for one patient only.
    pub single_patient: bool,
    /// Whether a practitioner needs training evidence for it.
    #[serde(default)]
    pub requires_training: bool,
    /// Whether a prescriber must be named.
    #[serde(default)]
    pub requires_prescriber: bool,
    /// What is known of its authorisation; unknown is not authorised.
    pub approvals: Vec<Approval>,
    /// Hours allowed warmer than its label says, over the life of a unit; none where it has no such budget.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub stability_budget: Vec<StabilityBudget>,
}

/// A product.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductView {
    pub(super) id: ProductId,
    /// The GTIN of a pack; null when it has none.
    pub(super) gtin: Option<Gtin>,
    /// What else it is known by.
    pub(super) identifiers: Vec<Identifier>,
    pub(super) name: Name,
    pub(super) manufacturer: Name,
    pub(super) class: ProductClass,
    pub(super) units_per_pack: UnitsPerPack,
    pub(super) unit: Unit,
    pub(super) storage: Storage,
    /// How long an opened unit may be used, in hours; null when the label does not say.
    pub(super) in_use_hours: Option<i32>,
    pub(super) single_patient: bool,
    pub(super) requires_training: bool,
    pub(super) requires_prescriber: bool,
    pub(super) approvals: Vec<Approval>,
    /// Hours allowed warmer than its label says, over the life of a unit.
    pub(super) stability_budget: Vec<StabilityBudget>,
    pub(super) registered_at: Moment,
    /// Counts its corrections: 1 as registered. In quotes it is the ETag.
    pub(super) version: i64,
    /// When it was retired; absent while it is in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retired_at: Option<Moment>,
}

impl From<Product> for ProductView {
    fn from(product: Product) -> Self {
        ProductView {
            id: product.id,
            gtin: product.gtin,
            identifiers: Json::into_inner(product.identifiers),
            name: product.name,
            manufacturer: product.manufacturer,
            class: product.class,
            units_per_pack: product.units_per_pack,
            unit: Unit {
                presentation: product.unit_presentation,
                amount: product.unit_amount,
                amount_unit: product.unit_amount_unit,
            },
            storage: Storage {
                min_c: Celsius::from_milli(product.storage_min_mc),
                max_c: Celsius::from_milli(product.storage_max_mc),
                do_not_freeze: product.do_not_freeze,
                protect_from_light: product.protect_from_light,
            },
            in_use_hours: product.in_use_hours,
            single_patient: product.single_patient,
            requires_training: product.requires_training,
            requires_prescriber: product.requires_prescriber,
            approvals: product.approvals.into_inner(),
            stability_budget: product
                .stability_budget
                .into_inner()
                .into_iter()
                .map(|entry| StabilityBudget { max_c: Celsius::from_milli(entry.max_mc), hours: entry.hours })
                .collect(),
            registered_at: product.registered_at,
            version: product.version,
            retired_at: product.retired_at,
        }
    }
}

/// Which products.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProductFilter {
    /// Only the one with this GTIN of a unit, a pack or a case, 14 digits.
    pub(super) gtin: Option<Gtin>,
    /// Only the one with this device identifier, of whatever scheme and level.
    pub(super) udi_di: Option<UdiDi>,
    /// Only those of this class.
    pub(super) class: Option<ProductClass>,
    /// Only those with this in their name, in letters of whichever case, with or without accents.
    pub(super) name: Option<Word>,
    /// Only those that are retired, or only those that are not.
    pub(super) retired: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
