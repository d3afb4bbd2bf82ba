//! What opened units are.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{ContainerId, LocationId, LotId, OrganisationId, PatientId, ProductId, SiteId};
use crate::stock::model::{AccountKind, Balance};
use crate::values::{Serial, Word, words};

words! {
    /// How a container is.
    ContainerState {
        /// In use.
        Open "open",
        /// Blocked by a hold, a recall or an excursion.
        Held "held",
        /// To be returned or destroyed.
        Rejected "rejected",
        /// Used up, discarded, or gone otherwise.
        Finished "finished",
    }
}

/// A unit that was opened (DOMAIN rule 18). Amounts are in millionths of the product's own measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::containers)]
pub struct Container {
    /// Its id.
    pub id: ContainerId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// The serial number of the pack that it is of, where that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// At which site it was opened.
    pub site_id: SiteId,
    /// From which location.
    pub location_id: LocationId,
    /// When it was opened.
    pub opened_at: Moment,
    /// Who opened it, by the subject of the token.
    pub opened_by: String,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// What it was diluted or reconstituted with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diluent: Option<Word>,
    /// How much of that was added, in microlitres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diluent_ul: Option<i64>,
    /// How much the unit had.
    pub amount: i64,
    /// The measure of it, such as `mL` or `U`.
    pub amount_unit: Word,
    /// The volume of all of it in microlitres, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_ul: Option<i64>,
    /// The last day on which it could have been used unopened.
    pub sealed_use_by: NaiveDate,
    /// The last day on which it can be used, as was known when it was opened.
    pub use_by: NaiveDate,
    /// Until when it can be used, that moment included.
    pub usable_until: Moment,
    /// How much is left; follows from what was given out of it, and is in no event of the container's.
    #[serde(skip)]
    #[diesel(skip_insertion)]
    pub amount_left: i64,
}

impl Container {
    /// How much of the volume so much of the amount is, in whole microlitres; none where the volume is not known.
    pub fn volume_of(&self, amount: i64) -> Option<i64> {
        let part = i128::from(self.volume_ul?).saturating_mul(amount.into()).checked_div(self.amount.into())?;
        i64::try_from(part).ok()
    }
}

/// What an administration took of a container, or a void gave back to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// The container.
    pub container_id: ContainerId,
    /// How much, in millionths of the product's own measure.
    pub amount: i64,
}

/// A container as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The container.
    pub container: Container,
    /// The account that its unit is in, while it is on hand.
    pub account: Option<Balance>,
    /// The patient whom all that was ever recorded out of it was for, voided or not; none before, and where it served several.
    pub patient: Option<PatientId>,
}

impl Standing {
    /// How it is.
    pub fn state(&self) -> ContainerState {
        match self.account.as_ref().map(|account| account.kind) {
            Some(AccountKind::InUse) => ContainerState::Open,
            Some(AccountKind::Rejected) => ContainerState::Rejected,
            Some(_) => ContainerState::Held,
            None => ContainerState::Finished,
        }
    }
}
