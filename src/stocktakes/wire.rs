//! Requests and answers about stock-takes.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Elsewhere, Scan, StockTake, StockTakeState, Told};
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{LocationId, LotId, MovementId, SiteId, StockTakeId, StockTakeScanId};
use crate::names::service::Known;
use crate::names::wire::Names;
use crate::values::{Codes, Name, Prose, Serial, Units, words};

/// A stock-take to open.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "location_ids": ["loc_01932c07-8d00-7000-8000-000000000007", "loc_01932c07-8d00-7000-8000-000000000008"],
    "reason": "End of the quarter"
}))]
pub struct NewStockTake {
    /// The places that are counted, all of one site.
    #[schema(min_items = 1, max_items = 20)]
    pub location_ids: Vec<LocationId>,
    /// Why.
    #[serde(default)]
    pub reason: Option<Prose>,
    /// By when it is to be done.
    #[serde(default)]
    pub due: Option<Moment>,
}

/// What somebody scanned, or counted and typed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scans": [{"lot_id": "lot_01932c07-8d00-7000-8000-000000000006", "location_id": "loc_01932c07-8d00-7000-8000-000000000007", "units": 2}]
}))]
pub struct NewScans {
    /// In any order, and in as many requests as there need be.
    #[schema(min_items = 1, max_items = 200)]
    pub scans: Vec<NewScanned>,
}

/// One of them: by the code of a label, or by the lot.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScanned {
    /// The code, as the scanner types it; or a list of the codes of one label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Codes>,
    /// Or the lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_id: Option<LotId>,
    /// The serial number of the pack, where the code does not say it. A number counts once in a stock-take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// Where; needed where several places are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// How many units there are. Left out, as many as what carries the code holds, or as a full pack of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<Units>,
}

words! {
    /// What became of a scan.
    ScanOutcome {
        /// It counts.
        Counted "counted",
        /// The pack with this number was scanned before in this stock-take: it counts once.
        ScannedAlready "scanned_already",
        /// The code cannot be read, or does not say which product it is.
        CodeUnreadable "code_unreadable",
        /// The code names a product that is not in the catalogue.
        ProductUnknown "product_unknown",
        /// The code carries no lot.
        LotRequired "lot_required",
        /// The books do not know the lot, or not with this expiry: it was never received.
        LotUnknown "lot_unknown",
        /// No pack of the lot with this number was received.
        SerialUnknown "serial_unknown",
        /// The code and the field name two numbers.
        SerialsMismatch "serials_mismatch",
        /// Several places are counted: say which.
        LocationRequired "location_required",
        /// The place is none of those that are counted.
        LocationNotCounted "location_not_counted",
        /// Nothing says how many units.
        UnitsRequired "units_required",
        /// More units than a pack with this number holds.
        TooManyUnits "too_many_units",
        /// The differences have shown, and this lot at this place was not reopened: its count stays.
        NotReopened "not_reopened",
        /// Name a code or a lot, and not both.
        CodeOrLot "code_or_lot",
    }
}

/// What became of one scan.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScanVerdict {
    /// Its place in the list, from 0.
    pub(super) index: i64,
    /// What became of it.
    pub(super) outcome: ScanOutcome,
    /// What is wrong, for a person; left out where it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<String>,
    /// The scan, where it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scan: Option<ScanView>,
}

/// What became of scans.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScansTaken {
    /// How many of them count.
    pub(super) counted: i64,
    /// Each, in the order in which they were sent.
    pub(super) scans: Vec<ScanVerdict>,
}

/// Something that was counted in a stock-take.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockTakeScan)]
pub struct ScanView {
    pub(super) id: StockTakeScanId,
    pub(super) location_id: LocationId,
    pub(super) lot_id: LotId,
    /// What it is called.
    pub(super) names: Names,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<Serial>,
    pub(super) units: i64,
    /// Who scanned it, by the subject of the token.
    pub(super) scanned_by: String,
    pub(super) scanned_at: Moment,
    /// Whether it counts: nobody took it back, and what it is of was not counted again since.
    pub(super) counts: bool,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) withdrawn_reason: Option<Prose>,
}

impl ScanView {
    pub(super) fn of(take: &StockTake, scan: Scan, known: &Known) -> Self {
        ScanView {
            counts: take.counts(&scan),
            names: known.names(&scan.lot_id, Some(&scan.location_id), None),
            id: scan.id,
            location_id: scan.location_id,
            lot_id: scan.lot_id,
            serial: scan.serial,
            units: scan.units,
            scanned_by: scan.scanned_by,
            scanned_at: scan.scanned_at,
            withdrawn_at: scan.withdrawn_at,
            withdrawn_reason: scan.withdrawn_reason,
        }
    }
}

/// A scan of one's own to take back.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"scan_id": "sts_01932c07-8d00-7000-8000-000000000006", "reason": "Scanned at the wrong shelf"}))]
pub struct NewWithdrawal {
    /// The scan.
    pub scan_id: StockTakeScanId,
    /// Why.
    pub reason: Prose,
}

/// What is to be counted again. Nothing named: everything that must be, because it moved meanwhile.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "location_ids": ["loc_01932c07-8d00-7000-8000-000000000007"], "reason": "Somebody restocked meanwhile"
}))]
pub struct NewRecount {
    /// Lots at places.
    #[serde(default)]
    pub lines: Vec<NewRecountLine>,
    /// All of these places.
    #[serde(default)]
    pub location_ids: Vec<LocationId>,
    /// Why.
    pub reason: Prose,
}

/// A lot at a place.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecountLine {
    /// The place.
    pub location_id: LocationId,
    /// The lot.
    pub lot_id: LotId,
}

/// What there is to say about the end of counting, or of a stock-take.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Counted twice"}))]
pub struct StockTakeRemark {
    /// Why.
    #[serde(default)]
    pub reason: Option<Prose>,
}

/// Why a stock-take is given up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The wrong room"}))]
pub struct NewCancellation {
    /// Why.
    pub reason: Prose,
}

/// A place that is counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct CountedPlace {
    pub(super) location_id: LocationId,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Name>,
}

/// A pack that was seen where the books do not have it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PackElsewhere {
    pub(super) serial: Serial,
    /// Where the books have it: transfer it, or count there too. Null where it has left: given, wasted, returned, destroyed.
    pub(super) location_id: Option<LocationId>,
}

impl From<Elsewhere> for PackElsewhere {
    fn from(elsewhere: Elsewhere) -> Self {
        PackElsewhere { serial: elsewhere.serial, location_id: elsewhere.location_id }
    }
}

/// A lot at a place: what was counted beside what the books say.
#[derive(Debug, Serialize, ToSchema)]
pub struct StockTakeLine {
    pub(super) location_id: LocationId,
    pub(super) lot_id: LotId,
    /// What it is called.
    pub(super) names: Names,
    /// How many units were counted; packs that the books have elsewhere are not among them. A lot that lies there by the books and
    /// that nobody scanned is counted as none.
    pub(super) counted: i64,
    /// How many units the books have, at the moment of the last scan; of what was counted more than 30 days ago, now.
    pub(super) on_books: i64,
    /// Counted less on books: below zero where units are missing.
    pub(super) difference: i64,
    /// Packs that the books have there and that nobody saw, where others of the lot were counted by their numbers.
    pub(super) serials_missing: Vec<Serial>,
    /// Packs that were seen and that the books had lost, or that are missing at another place of the stock-take.
    pub(super) serials_found: Vec<Serial>,
    /// Packs that were seen and that the books have elsewhere: they are no difference, and nothing is posted for them.
    pub(super) elsewhere: Vec<PackElsewhere>,
    /// Packs of which the approval took units off the books; none before, and none where it took units without numbers only.
    pub(super) serials_written_off: Vec<Serial>,
    /// Who counted, by the subjects of the tokens; where nothing was scanned, who said that counting is over.
    pub(super) counted_by: Vec<String>,
    /// The moment of the books that it is compared with: that of its last scan.
    pub(super) counted_at: Moment,
    /// Whether it must be counted again before the differences can be approved: units came there or left since the first scan of
    /// it, or that was more than 30 days ago.
    pub(super) count_again: bool,
    /// The count that was posted for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) movement_id: Option<MovementId>,
}

impl StockTakeLine {
    pub(super) fn of(told: Told, (again, movement_id): (bool, Option<MovementId>), known: &Known) -> Self {
        StockTakeLine {
            names: known.names(&told.lot_id, Some(&told.location_id), None),
            location_id: told.location_id,
            lot_id: told.lot_id,
            counted: told.counted,
            on_books: told.on_books,
            difference: told.counted - told.on_books,
            serials_missing: told.missing,
            serials_found: told.found,
            elsewhere: told.elsewhere.into_iter().map(PackElsewhere::from).collect(),
            serials_written_off: told.written_off,
            counted_by: told.counted_by,
            counted_at: told.counted_at,
            count_again: again,
            movement_id,
        }
    }
}

/// A stock-take.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StockTake)]
pub struct StockTakeView {
    pub(super) id: StockTakeId,
    pub(super) site_id: SiteId,
    /// The name of the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<Name>,
    /// The places that are counted.
    pub(super) locations: Vec<CountedPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<Prose>,
    /// By when it is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Moment>,
    /// How far it is.
    pub(super) state: StockTakeState,
    /// How often counting has begun.
    pub(super) round: i32,
    pub(super) opened_by: String,
    pub(super) opened_at: Moment,
    /// Who said last that counting is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed_at: Option<Moment>,
    /// Who approved it or gave it up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_reason: Option<Prose>,
    /// What was counted beside what the books say, lot by lot at each place; only of one stock-take that is closed or approved:
    /// while people count, nobody is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lines: Option<Vec<StockTakeLine>>,
}

impl StockTakeView {
    pub(super) fn of(take: StockTake, known: &Known, lines: Option<Vec<StockTakeLine>>) -> Self {
        let place = |location_id: LocationId| CountedPlace {
            location: known.place(&location_id).map(|place| place.name.clone()),
            location_id,
        };
        StockTakeView {
            site: known.site(&take.site_id).map(|site| site.name.clone()),
            locations: take.location_ids.into_inner().into_iter().map(place).collect(),
            id: take.id,
            site_id: take.site_id,
            reason: take.reason,
            due: take.due,
            state: take.state,
            round: take.round,
            opened_by: take.opened_by,
            opened_at: take.opened_at,
            closed_by: take.closed_by,
            closed_at: take.closed_at,
            ended_by: take.ended_by,
            ended_at: take.ended_at,
            end_reason: take.end_reason,
            lines,
        }
    }
}

/// Which stock-takes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockTakeFilter {
    /// Only of this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those that are so far.
    pub(super) state: Option<StockTakeState>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// Which scans of a stock-take.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScanFilter {
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
