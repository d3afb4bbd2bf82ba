//! What a level is.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::rules::{self, Cover, Position};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::ids::{LevelId, OrganisationId, ProductId, SiteId, SupplierId};

/// How much of a product a site keeps, in packs: below the minimum it is bought, up to the maximum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = crate::db::schema::levels)]
pub struct Level {
    /// Its id.
    pub id: LevelId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The site.
    pub site_id: SiteId,
    /// The product.
    pub product_id: ProductId,
    /// The least that is kept.
    pub minimum_packs: i64,
    /// The most that is bought up to; nothing where it is 0.
    pub maximum_packs: i64,
    /// Counts how often it was set.
    pub version: i64,
    /// Who set it, by the subject of the token.
    pub set_by: String,
    /// When.
    pub set_at: Moment,
}

/// A product at a site.
#[derive(Clone, Debug)]
pub struct Item {
    /// The product.
    pub product: Product,
    /// How much of it is kept.
    pub level: Option<Level>,
    /// Units that may be used, or will be when they were looked at.
    pub on_hand: i64,
    /// Of these, those that may be used.
    pub available: i64,
    /// Units that something blocks.
    pub held: i64,
    /// Units that are ordered and have not come.
    pub on_order: i64,
    /// Units in drafts.
    pub drafted: i64,
    /// Units used in 4 weeks.
    pub used_4_weeks: i64,
    /// Units used in 13 weeks.
    pub used_13_weeks: i64,
    /// How long what is on hand lasts.
    pub cover: Cover,
    /// The first day on which any of it runs out.
    pub first_expiry: Option<NaiveDate>,
    /// Of whom it was ordered last.
    pub last_supplier: Option<SupplierId>,
}

impl Item {
    /// How many packs are to be bought.
    pub fn suggested_packs(&self) -> i64 {
        let position = Position {
            on_hand: self.on_hand,
            expires_unused: self.cover.expires_unused,
            coming: self.on_order.saturating_add(self.drafted),
        };
        let range = self.level.as_ref().map(|level| (level.minimum_packs, level.maximum_packs));
        range.map_or(0, |range| rules::suggested(position, range, self.product.units_per_pack.get()))
    }

    /// Units a week over 13 weeks and over 4, in millionths of a unit.
    pub fn per_week(&self) -> (i64, i64) {
        (rules::per_week(self.used_13_weeks, 13), rules::per_week(self.used_4_weeks, 4))
    }

    /// Whether there is anything to say of it: a level, units, an order, or that some were used.
    pub fn is_of_interest(&self) -> bool {
        let units = [self.on_hand, self.held, self.on_order, self.drafted, self.used_13_weeks];
        self.level.is_some() || units.iter().any(|units| *units != 0)
    }
}
