//! What a hold is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{AccountId, HoldId, LotId, OrganisationId, PackId, ProductId};
use crate::stock::model::{Account, Disposition};
use crate::values::{Json, Prose, Word, words};

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
    /// Of a lot, the units of these numbered packs.
    Packs(LotId, Vec<PackId>),
}

impl Scope {
    /// Its words: type and id.
    pub fn parts(&self) -> (ScopeType, String) {
        match self {
            Scope::Lot(id) | Scope::Packs(id, _) => (ScopeType::Lot, id.to_string()),
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
    /// What it is called, for people: the reference of a recall.
    pub reference: Option<Word>,
}

impl Cause {
    /// Somebody decided so.
    pub fn manual() -> Self {
        Cause { kind: CauseType::Manual, id: None, reference: None }
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
    /// What the cause is called: the reference of a recall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause_reference: Option<Word>,
    /// The packs that it covers, where it does not cover all of the lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_ids: Option<Json<Vec<PackId>>>,
}

impl Hold {
    /// Whether it covers numbered packs only, and nothing else of their lot.
    pub fn is_of_packs(&self) -> bool {
        self.pack_ids.is_some()
    }

    /// Whether it covers units of a pack, or units without a number, of what its scope covers.
    pub fn takes(&self, pack: Option<&PackId>) -> bool {
        self.pack_ids.as_ref().is_none_or(|own| pack.is_some_and(|pack| own.contains(pack)))
    }
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
