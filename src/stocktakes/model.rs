//! What a stock-take is.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{LocationId, LotId, OrganisationId, PackId, SiteId, StockTakeId, StockTakeScanId};
use crate::values::{Json, Prose, Serial, words};

words! {
    /// How far a stock-take is.
    StockTakeState {
        /// People count, and nobody is told what the books say.
        Counting "counting",
        /// Counting is over: the differences show, and wait for a second person.
        Closed "closed",
        /// A second person approved the differences, and they are posted.
        Approved "approved",
        /// It was given up: nothing was posted.
        Cancelled "cancelled",
    }
}

/// Something that is counted anew: a lot at a place, or all of a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// The place.
    pub location_id: LocationId,
    /// The lot; none where all of the place is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// The round from which on it is: what was scanned in an earlier one counts no more.
    pub round: i32,
    /// Since when.
    pub since: Moment,
    /// Who had said before that counting was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
}

impl Recount {
    /// Whether it is about a lot at a place.
    pub fn covers(&self, location: &LocationId, lot: &LotId) -> bool {
        self.location_id == *location && self.lot_id.as_ref().is_none_or(|of| of == lot)
    }
}

/// A stock-take: places that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::stock_takes)]
pub struct StockTake {
    /// Its id.
    pub id: StockTakeId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The site of its places.
    pub site_id: SiteId,
    /// The places that are counted.
    pub location_ids: Json<Vec<LocationId>>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Prose>,
    /// By when it is to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Moment>,
    /// How far it is.
    pub state: StockTakeState,
    /// How often counting has begun.
    pub round: i32,
    /// What was counted anew.
    pub recounts: Json<Vec<Recount>>,
    /// Who opened it, by the subject of the token.
    pub opened_by: String,
    /// When.
    pub opened_at: Moment,
    /// Who said last that counting is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
    /// Who approved it or gave it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<Prose>,
}

impl StockTake {
    /// Whether a scan still counts: nobody took it back, and what it is of was not counted anew since.
    pub fn counts(&self, scan: &Scan) -> bool {
        let is_older = |recount: &Recount| recount.round > scan.round;
        let set_aside = |recount: &Recount| is_older(recount) && recount.covers(&scan.location_id, &scan.lot_id);
        scan.withdrawn_at.is_none() && !self.recounts.iter().any(set_aside)
    }

    /// Whether a lot at a place may be counted now: once the differences have shown, only what was reopened for this round.
    pub fn is_open_for(&self, location: &LocationId, lot: &LotId) -> bool {
        let mut again = self.recounts.iter().filter(|recount| recount.round == self.round).peekable();
        again.peek().is_none() || again.any(|recount| recount.covers(location, lot))
    }

    /// Since when a lot at a place is counted: since the stock-take was opened, or since it was last counted anew.
    pub fn counted_since(&self, location: &LocationId, lot: &LotId) -> Moment {
        let anew = self.recounts.iter().filter(|recount| recount.covers(location, lot));
        anew.map(|recount| recount.since).max().unwrap_or(self.opened_at)
    }
}

/// Units of a lot that somebody counted at a place, or a pack with a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::stock_take_scans, treat_none_as_default_value = false)]
pub struct Scan {
    /// Its id.
    pub id: StockTakeScanId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The stock-take.
    pub stock_take_id: StockTakeId,
    /// In which round of counting.
    pub round: i32,
    /// Where.
    pub location_id: LocationId,
    /// Of which lot.
    pub lot_id: LotId,
    /// The pack, where it has a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_id: Option<PackId>,
    /// Its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// How many units.
    pub units: i64,
    /// Who scanned it, by the subject of the token.
    pub scanned_by: String,
    /// When.
    pub scanned_at: Moment,
    /// Who took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Moment>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_reason: Option<Prose>,
}

/// A pack that was seen where the books do not have it, and that they have where nobody counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// Its number.
    pub serial: Serial,
    /// Where the books have it; none where it has left: it was given to a patient, wasted, returned, destroyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
}

/// What was told of a lot at a place when the differences were approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The place.
    pub location_id: LocationId,
    /// The lot.
    pub lot_id: LotId,
    /// How many units were counted.
    pub counted: i64,
    /// How many the books had.
    pub on_books: i64,
    /// The moment of the books that it was compared with.
    pub counted_at: Moment,
    /// Who counted, or said that what nobody scanned is not there.
    pub counted_by: Vec<String>,
    /// Packs that the books had there and that nobody saw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Serial>,
    /// Packs that were seen and that the books had lost, or that were missing at another place of the stock-take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub found: Vec<Serial>,
    /// Packs that were seen and that the books had elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Elsewhere>,
    /// Packs of which units were taken off the books.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub written_off: Vec<Serial>,
}

/// How a stock-take ended, or that counting is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The stock-take.
    pub stock_take_id: StockTakeId,
    /// Who said so, by the subject of the token.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Prose>,
}
