//! What lots, accounts, packs and postings are.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::ids::{LotId, OrganisationId, PackId, ProductId, ReceiptLineId};
use crate::values::{LotText, Serial};

pub use crate::ledger::{Account, AccountKind, Balance, Disposition, Place, Posting};

/// A lot: product, lot text and expiry. The same text with another expiry is another lot, a suspected falsification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::lots)]
pub struct Lot {
    /// Its id.
    pub id: LotId,
    /// The organisation that received it.
    pub organisation_id: OrganisationId,
    /// The product.
    pub product_id: ProductId,
    /// The lot text.
    pub lot: LotText,
    /// The last day on which it may be used, as labelled.
    pub expiry: NaiveDate,
    /// When it was made, where the code said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub production_date: Option<NaiveDate>,
    /// When it was first received.
    pub first_received_at: Moment,
}

/// A pack: one serial number of a product that was received.
///
/// What carries it may be a pack or, where those are numbered, a unit: its units move under the number. A case may carry
/// one too; it is known here so that it is received once, but numbers none of the packs in the case, and has no units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::packs)]
pub struct Pack {
    /// Its id.
    pub id: PackId,
    /// The organisation that received it.
    pub organisation_id: OrganisationId,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// The serial number.
    pub serial: Serial,
    /// How it came.
    pub receipt_line_id: ReceiptLineId,
}

/// A pack's units in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackBalance {
    /// The pack.
    pub pack: Pack,
    /// The account with the lot's balance in it.
    pub account: Balance,
    /// The pack's units in that account.
    pub units: i64,
}

/// What was received under a serial number, and where its units are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The pack.
    pub pack: Pack,
    /// How many units the number marks: those of what carried it when it last arrived.
    pub marks: i64,
    /// Whether the line that it is of stands: no correction replaced it, and nobody voided it.
    pub stands: bool,
    /// Its units by account; none where the number is a case's.
    pub balances: Vec<PackBalance>,
}

impl Numbered {
    /// Whether the number is a case's, which numbers nothing of what is in it.
    pub fn is_of_case(&self) -> bool {
        self.balances.iter().all(|row| row.units == 0)
    }

    /// Whether anything was received under the number, and not only mis-keyed: what was taken back has left no units
    /// anywhere, not even at the supplier.
    pub fn was_here(&self) -> bool {
        self.stands || self.balances.iter().any(|row| row.units != 0)
    }

    /// How many units of it are in accounts of some kinds.
    pub fn units(&self, is: impl Fn(AccountKind) -> bool) -> i64 {
        self.balances.iter().filter(|row| is(row.account.kind)).map(|row| row.units).sum()
    }
}

/// Where all units of a lot are: received + adjusted = everything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Reconciliation {
    /// Units received.
    pub received: i64,
    /// Units in quarantine (passed or not), stock, on hold, rejected or opened.
    pub on_hand: i64,
    /// Units administered and not voided.
    pub administered: i64,
    /// Units wasted.
    pub wasted: i64,
    /// Units returned to the supplier.
    pub returned: i64,
    /// Units destroyed.
    pub destroyed: i64,
    /// Units lost.
    pub lost: i64,
    /// Units that counts and retrospective records added (or, below zero, took away).
    pub adjusted: i64,
    /// Of those adjusted: units administered that the books did not have.
    pub unaccounted: i64,
    /// Whether received + adjusted = on hand + administered + wasted + returned + destroyed + lost.
    pub balanced: bool,
}
