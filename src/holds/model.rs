//! What a hold is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{AccountId, HoldId, LotId, OrganisationId, ProductId};
use crate::stock::model::{Account, Disposition};
use crate::values::{Prose, words};

words! {
    /// What a hold covers.
    ScopeType {
        /// Every unit of a lot.
        Lot "lot",
        /// Every unit of a product.
        Product "product",
        /// The units of a lot at one location.
        Account "account",
    }
    /// Why a hold was opened.
    CauseType {
        /// Somebody decided so.
        Manual "manual",
        /// A recall.
        Recall "recall",
        /// A temperature excursion.
        Excursion "excursion",
        /// The lot text is known with another expiry.
        Twin "twin",
    }
}

/// What a hold covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every unit of a lot.
    Lot(LotId),
    /// Every unit of a product.
    Product(ProductId),
    /// The units of a lot at one location with one use-by date.
    Account(AccountId),
}

impl Scope {
    /// Its words: type and id.
    pub fn parts(&self) -> (ScopeType, String) {
        match self {
            Scope::Lot(id) => (ScopeType::Lot, id.to_string()),
            Scope::Product(id) => (ScopeType::Product, id.to_string()),
            Scope::Account(id) => (ScopeType::Account, id.to_string()),
        }
    }
}

/// The name under which holds know units of a lot at a place, whatever their disposition: the account of those available.
/// None for units that are nowhere inside.
pub fn available_side(lot: &LotId, account: &Account) -> Option<AccountId> {
    account.place.clone().map(|place| Account::inside(Disposition::Available, place).id(lot))
}

/// Why a hold was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The kind of cause.
    pub kind: CauseType,
    /// The recall, excursion or twin lot.
    pub id: Option<String>,
}

impl Cause {
    /// Somebody decided so.
    pub fn manual() -> Self {
        Cause { kind: CauseType::Manual, id: None }
    }
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::holds)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What kind of thing it covers.
    pub scope_type: ScopeType,
    /// Which one.
    pub scope_id: String,
    /// Why, in words.
    pub reason: Prose,
    /// What caused it.
    pub cause_type: CauseType,
    /// Which recall, excursion or twin lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_id: Option<String>,
    /// Who opened it.
    pub opened_by: String,
    /// When it was opened.
    pub opened_at: Moment,
    /// When it was lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<Moment>,
    /// Who lifted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<String>,
    /// Why it was lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift_reason: Option<Prose>,
}

/// The end of a hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// The hold.
    pub hold_id: HoldId,
    /// When it was lifted.
    pub lifted_at: Moment,
    /// Who lifted it.
    pub lifted_by: String,
    /// Why.
    pub lift_reason: Prose,
}
