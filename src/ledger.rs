//! The words of the ledger: accounts, and the postings that move units between them.
//!
//! An account is a lot at a location in a disposition with a use-by date; the outside (supplier, patient, waste …) has
//! accounts too. Every posting takes units from one account and gives them to another, so a lot's accounts always add up to
//! zero. The only writer of them is [`crate::journal`].

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Moment;
use crate::ids::{
    AccountId, ContainerId, ExcursionId, InspectionId, LocationId, LotId, OrganisationId, PackId, SiteId,
};
use crate::values::{Json, words};

words! {
    /// Where units are: a disposition inside, or one of the outside accounts.
    AccountKind {
        /// Inside: received, not released.
        Quarantined "quarantined",
        /// Inside: passed an inspection, not released.
        Passed "passed",
        /// Inside: may be administered.
        Available "available",
        /// Inside: blocked by a hold, a recall or an excursion.
        Held "held",
        /// Inside: failed inspection.
        Rejected "rejected",
        /// Inside: opened.
        InUse "in_use",
        /// Outside: where units come from.
        Supplier "supplier",
        /// Outside: administered.
        Patient "patient",
        /// Outside: wasted.
        Waste "waste",
        /// Outside: returned to the supplier.
        Returned "returned",
        /// Outside: destroyed.
        Destroyed "destroyed",
        /// Outside: lost.
        Lost "lost",
        /// Outside: differences that a count found.
        Adjustment "adjustment",
        /// Outside: units that were administered though the books did not have them.
        Unaccounted "unaccounted",
    }
    /// The disposition of units on hand.
    Disposition {
        /// Received, not released.
        Quarantined "quarantined",
        /// Passed an inspection, not released: still in quarantine.
        Passed "passed",
        /// May be administered.
        Available "available",
        /// Blocked by a hold, a recall or an excursion.
        Held "held",
        /// Failed inspection.
        Rejected "rejected",
        /// Opened.
        InUse "in_use",
    }
}

impl From<Disposition> for AccountKind {
    fn from(disposition: Disposition) -> Self {
        match disposition {
            Disposition::Quarantined => AccountKind::Quarantined,
            Disposition::Passed => AccountKind::Passed,
            Disposition::Available => AccountKind::Available,
            Disposition::Held => AccountKind::Held,
            Disposition::Rejected => AccountKind::Rejected,
            Disposition::InUse => AccountKind::InUse,
        }
    }
}

impl AccountKind {
    /// The disposition, for an inside account.
    pub fn disposition(self) -> Option<Disposition> {
        match self {
            AccountKind::Quarantined => Some(Disposition::Quarantined),
            AccountKind::Passed => Some(Disposition::Passed),
            AccountKind::Available => Some(Disposition::Available),
            AccountKind::Held => Some(Disposition::Held),
            AccountKind::Rejected => Some(Disposition::Rejected),
            AccountKind::InUse => Some(Disposition::InUse),
            _ => None,
        }
    }

    /// Whether it gives units to us, so that its balance goes below zero.
    pub fn is_source(self) -> bool {
        matches!(self, AccountKind::Supplier | AccountKind::Adjustment | AccountKind::Unaccounted)
    }
}

/// Where inside units are, beside the lot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The location.
    pub location_id: LocationId,
    /// Its site.
    pub site_id: SiteId,
    /// The last day on which the units may be used: the effective expiry.
    pub use_by: NaiveDate,
}

/// An account of a lot, as events name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Account {
    /// Disposition or outside.
    pub kind: AccountKind,
    /// Where, for an inside account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The inspection that the units passed, for an account of passed units: a pass is something that units have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspection_id: Option<InspectionId>,
    /// The excursions that hold the units, for an account of held units: which ones a unit was exposed to is something that
    /// it has, and takes along. In the order of their ids.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excursion_ids: Vec<ExcursionId>,
    /// The container that the unit is, where it was opened (DOMAIN rule 18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
    /// The excursions that use up the stability budget of the units, whether they hold them or not: how warm a unit was over its
    /// life is something that it has, too. In the order of their ids; none of a product without a budget.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charged_ids: Vec<ExcursionId>,
}

impl Account {
    /// An account outside.
    pub fn outside(kind: AccountKind) -> Self {
        let (excursion_ids, charged_ids) = (Vec::new(), Vec::new());
        Account { kind, place: None, inspection_id: None, excursion_ids, container_id: None, charged_ids }
    }

    /// An account inside, of units that passed no inspection or need none any more.
    pub fn inside(disposition: Disposition, place: Place) -> Self {
        Account { place: Some(place), ..Account::outside(disposition.into()) }
    }

    /// The account of units in quarantine that passed an inspection.
    pub fn passed(inspection: InspectionId, place: Place) -> Self {
        Account { inspection_id: Some(inspection), ..Account::inside(Disposition::Passed, place) }
    }

    /// The account of a unit of these that was opened, and can be used until a day at the latest.
    pub fn opened(&self, container: ContainerId, use_by: NaiveDate) -> Self {
        let limited = |place: &Place| Place { use_by: place.use_by.min(use_by), ..place.clone() };
        let place = self.place.as_ref().map(limited);
        Account { place, container_id: Some(container), ..self.turned(Disposition::InUse) }
    }

    /// The account of the same units when they have passed an inspection; the same for one outside.
    pub fn passing(&self, inspection: &InspectionId) -> Self {
        let inspection_id = self.place.is_some().then(|| inspection.clone());
        Account { inspection_id, ..self.turned(Disposition::Passed) }
    }

    /// The account of units at the same place whose stability budget an excursion uses up, too (DOMAIN rule 16).
    pub fn charged_by(&self, excursion: &ExcursionId) -> Self {
        let mut charged_ids = self.charged_ids.clone();
        charged_ids.push(excursion.clone());
        charged_ids.sort();
        charged_ids.dedup();
        Account { charged_ids, ..self.clone() }
    }

    /// The account of units at the same place that an excursion holds, too (DOMAIN rule 16).
    pub fn exposed_to(&self, excursion: &ExcursionId) -> Self {
        let mut excursion_ids = self.excursion_ids.clone();
        excursion_ids.push(excursion.clone());
        excursion_ids.sort();
        excursion_ids.dedup();
        Account { excursion_ids, ..self.turned(Disposition::Held) }
    }

    /// The account of held units at the same place that an excursion does not hold any more.
    pub fn freed_of(&self, excursion: &ExcursionId) -> Self {
        let left = self.excursion_ids.iter().filter(|id| *id != excursion).cloned();
        Account { excursion_ids: left.collect(), ..self.clone() }
    }

    /// The account of the same place and use-by date in another disposition; the same for one outside. What has used up the
    /// budget of the units has done so. What was opened stays so: where others would be quarantined, passed or available, it is
    /// rejected.
    pub fn turned(&self, disposition: Disposition) -> Self {
        let Some(place) = &self.place else { return self.clone() };
        let stays_open = matches!(disposition, Disposition::InUse | Disposition::Held | Disposition::Rejected);
        let disposition = if self.container_id.is_some() && !stays_open { Disposition::Rejected } else { disposition };
        let (container_id, charged_ids) = (self.container_id.clone(), self.charged_ids.clone());
        Account { container_id, charged_ids, ..Account::inside(disposition, place.clone()) }
    }

    /// The account of the same disposition and use-by date at another location. A pass goes where its units go (DOMAIN rule
    /// 12).
    pub fn moved(&self, location: &LocationId, site: &SiteId) -> Self {
        let moved = |place: &Place| Place { location_id: location.clone(), site_id: site.clone(), ..place.clone() };
        Account { place: self.place.as_ref().map(moved), ..self.clone() }
    }

    /// The id of this account of a lot.
    ///
    /// It is computed from what the account is (a UUIDv8, RFC 9562 section 5.8, of a SHA-256), so that two commands
    /// which open the same account at once mean the same row, and a replay finds the same ids.
    pub fn id(&self, lot: &LotId) -> AccountId {
        let mut name = format!("{lot}/{}", self.kind);
        if let Some(place) = &self.place {
            name = format!("{name}/{}/{}", place.location_id, place.use_by);
        }
        if let Some(inspection) = &self.inspection_id {
            name = format!("{name}/{inspection}");
        }
        for excursion in &self.excursion_ids {
            name = format!("{name}/{excursion}");
        }
        if let Some(container) = &self.container_id {
            name = format!("{name}/{container}");
        }
        for excursion in &self.charged_ids {
            name = format!("{name}/charged/{excursion}");
        }
        let digest = Sha256::digest(name.as_bytes());
        let mut bytes = [0; 16];
        bytes.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        AccountId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Units that move from one account of a lot to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// The lot.
    pub lot_id: LotId,
    /// Where they come from.
    pub from: Account,
    /// Where they go.
    pub to: Account,
    /// How many.
    pub units: i64,
    /// The pack that they belong to, where packs are known by serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_id: Option<PackId>,
    /// When they moved, where that is another moment than that of the event: a late entry takes from what a hold moved
    /// after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

/// An account with its balance, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::accounts, treat_none_as_default_value = false)]
pub struct Balance {
    /// The account.
    pub id: AccountId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The lot.
    pub lot_id: LotId,
    /// Disposition or outside.
    pub kind: AccountKind,
    /// Where, for an inside account.
    pub location_id: Option<LocationId>,
    /// At which site, for an inside account.
    pub site_id: Option<SiteId>,
    /// The effective expiry, for an inside account.
    pub use_by: Option<NaiveDate>,
    /// Units; below zero only where units come from.
    pub units: i64,
    /// The inspection that the units passed, for an account of passed units.
    pub inspection_id: Option<InspectionId>,
    /// The excursions that hold the units, for an account of units that any do.
    pub excursion_ids: Option<Json<Vec<ExcursionId>>>,
    /// The latest moment at which units moved here: whoever asks for an earlier one asks for the past.
    pub changed_at: Moment,
    /// The container that the unit is, for an account of one that was opened.
    pub container_id: Option<ContainerId>,
    /// The excursions that use up the stability budget of the units, for an account of units of which any do.
    pub charged_ids: Option<Json<Vec<ExcursionId>>>,
}

impl Balance {
    /// Where the units are, for an inside account.
    pub fn place(&self) -> Option<Place> {
        match (&self.location_id, &self.site_id, self.use_by) {
            (Some(location_id), Some(site_id), Some(use_by)) => {
                Some(Place { location_id: location_id.clone(), site_id: site_id.clone(), use_by })
            }
            _ => None,
        }
    }

    /// The account without its balance.
    pub fn account(&self) -> Account {
        Account {
            kind: self.kind,
            place: self.place(),
            inspection_id: self.inspection_id.clone(),
            excursion_ids: self.excursions().to_vec(),
            container_id: self.container_id.clone(),
            charged_ids: self.charges().to_vec(),
        }
    }

    /// The excursions that use up the stability budget of the units.
    pub fn charges(&self) -> &[ExcursionId] {
        self.charged_ids.as_ref().map_or(&[], |ids| ids.as_slice())
    }

    /// The excursions that hold the units.
    pub fn excursions(&self) -> &[ExcursionId] {
        self.excursion_ids.as_ref().map_or(&[], |ids| ids.as_slice())
    }
}
