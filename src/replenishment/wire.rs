//! Requests and answers about levels and replenishment.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Item, Level};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{LevelId, ProductId, SiteId, SupplierId};
use crate::names::service::Known;
use crate::purchasing::wire::OrderView;
use crate::values::{Name, Packs, Word, decimal};

/// How much of a product a site is to keep.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "site_01932c07-8d00-7000-8000-000000000001", "product_id": "prd_01932c07-8d00-7000-8000-000000000007",
    "minimum_packs": 2, "maximum_packs": 6
}))]
pub struct NewLevel {
    /// The site.
    pub site_id: SiteId,
    /// The product.
    pub product_id: ProductId,
    /// Below so many packs it is bought; 0 means never.
    #[schema(minimum = 0, maximum = 10000)]
    pub minimum_packs: i64,
    /// Up to so many packs.
    #[schema(minimum = 0, maximum = 10000)]
    pub maximum_packs: i64,
}

/// How much of a product a site keeps.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockLevel)]
pub struct LevelView {
    pub(super) id: LevelId,
    pub(super) site_id: SiteId,
    /// The name of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<Name>,
    pub(super) product_id: ProductId,
    /// The name of the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<Name>,
    pub(super) minimum_packs: i64,
    pub(super) maximum_packs: i64,
    /// Counts how often it was set.
    pub(super) version: i64,
    /// Who set it, by the subject of the token.
    pub(super) set_by: String,
    pub(super) set_at: Moment,
}

impl LevelView {
    pub(super) fn of(level: Level, known: &Known) -> Self {
        LevelView {
            site: known.site(&level.site_id).map(|site| site.name.clone()),
            product: known.product(&level.product_id).map(|product| product.name.clone()),
            id: level.id,
            site_id: level.site_id,
            product_id: level.product_id,
            minimum_packs: level.minimum_packs,
            maximum_packs: level.maximum_packs,
            version: level.version,
            set_by: level.set_by,
            set_at: level.set_at,
        }
    }
}

/// Which levels.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LevelFilter {
    /// Only of this site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this product.
    pub(super) product_id: Option<ProductId>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// A product by its id and its name.
#[derive(Debug, Serialize, ToSchema)]
pub struct NamedProduct {
    pub(super) id: ProductId,
    pub(super) name: Name,
    /// How many units a pack holds.
    pub(super) units_per_pack: i64,
}

/// What a site has of a product, how long it lasts, and what is to be bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplenishmentItem {
    pub(super) product: NamedProduct,
    /// Units at the site that may be used, or will be when they were looked at: available, and quarantined with the passed ones. Neither
    /// expired ones nor what is held, rejected or opened.
    pub(super) on_hand: i64,
    /// Of these, those that may be used.
    pub(super) available: i64,
    /// Units at the site that a hold, a recall or an excursion blocks: they count for nothing here.
    pub(super) held: i64,
    /// Units of orders that were placed and have not arrived.
    pub(super) on_order: i64,
    /// Units in drafts of orders: they are not suggested again.
    pub(super) drafted: i64,
    /// Units that patients were given in the last 4 weeks, those of voids less.
    pub(super) used_4_weeks: i64,
    /// The same of the last 13 weeks.
    pub(super) used_13_weeks: i64,
    /// Units a week over the last 13 weeks, as a decimal number.
    pub(super) per_week: String,
    /// The same over the last 4 weeks.
    pub(super) per_week_of_4: String,
    /// How many whole days what is on hand lasts, used as in the last 13 weeks and what runs out first first; what runs out before it is
    /// used is no cover. Null where nothing was used: nobody can say.
    pub(super) days_of_cover: Option<i64>,
    /// How many of the units on hand will run out before they are used; 0 where nothing was used.
    pub(super) expires_unused: i64,
    /// The first day on which units on hand run out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_expiry: Option<NaiveDate>,
    /// Below so many packs it is bought; left out where no level was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minimum_packs: Option<i64>,
    /// Up to so many packs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum_packs: Option<i64>,
    /// Packs to buy: none where what is on hand, on order and drafted, less what will run out unused, is the minimum or more; else as many
    /// as fit under the maximum, and at least what brings it to the minimum.
    pub(super) suggested_packs: i64,
    /// Of whom it was ordered last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_supplier_id: Option<SupplierId>,
}

impl From<Item> for ReplenishmentItem {
    fn from(item: Item) -> Self {
        let (suggested_packs, per_week) = (item.suggested_packs(), item.per_week());
        ReplenishmentItem {
            product: NamedProduct {
                units_per_pack: item.product.units_per_pack.get(),
                id: item.product.id,
                name: item.product.name,
            },
            on_hand: item.on_hand,
            available: item.available,
            held: item.held,
            on_order: item.on_order,
            drafted: item.drafted,
            used_4_weeks: item.used_4_weeks,
            used_13_weeks: item.used_13_weeks,
            per_week: decimal(per_week.0),
            per_week_of_4: decimal(per_week.1),
            days_of_cover: item.cover.days,
            expires_unused: item.cover.expires_unused,
            first_expiry: item.first_expiry,
            minimum_packs: item.level.as_ref().map(|level| level.minimum_packs),
            maximum_packs: item.level.as_ref().map(|level| level.maximum_packs),
            suggested_packs,
            last_supplier_id: item.last_supplier,
        }
    }
}

/// Of which site.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReplenishmentQuery {
    /// The site.
    pub(super) site_id: SiteId,
    /// How many products are looked at for a page.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Drafts of orders to write.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "lines": [{
        "product_id": "prd_01932c07-8d00-7000-8000-000000000007",
        "supplier_id": "sup_01932c07-8d00-7000-8000-000000000002", "packs": 4
    }]
}))]
pub struct NewReplenishment {
    /// The site.
    pub site_id: SiteId,
    /// Which products. Left out: everything that is suggested for the site and was bought before.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 200)]
    pub lines: Option<Vec<NewReplenishmentLine>>,
    /// The number of the orders in your own books.
    #[serde(default)]
    pub reference: Option<Word>,
    /// The day by which the goods are expected.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub expected_on: Option<NaiveDate>,
}

/// A product to order.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReplenishmentLine {
    /// The product.
    pub product_id: ProductId,
    /// Of whom; left out, of whom it was ordered last.
    #[serde(default)]
    pub supplier_id: Option<SupplierId>,
    /// How many packs; left out, as many as are suggested.
    #[serde(default)]
    pub packs: Option<Packs>,
}

/// Something that is suggested and that no draft orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct LeftOut {
    pub(super) product_id: ProductId,
    pub(super) product: Name,
    pub(super) suggested_packs: i64,
    /// Why, for a person.
    pub(super) message: String,
}

/// What became of suggestions.
#[derive(Debug, Serialize, ToSchema)]
pub struct Replenished {
    /// Drafts: one for each supplier.
    pub(super) orders: Vec<OrderView>,
    /// What is suggested and was never bought: name its supplier.
    pub(super) left_out: Vec<LeftOut>,
}
