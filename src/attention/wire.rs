//! Requests and answers about the morning list.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::kinds::WorkKind;
use super::people::{LicenceByOne, UnconfirmedAdministration};
use super::rules::{Lapse, Likeness};
use super::service::Attention;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::custody::refusals::Refused;
use crate::excursions::wire::ExcursionView;
use crate::holds::wire::HoldView;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{
    AdministrationId, AdverseEventId, LicenceId, LocationId, LotId, OrderId, PractitionerId, PrescriptionId, ProductId,
    ReleaseId, SensorId, SiteId, SupplierId,
};
use crate::licences::model::{Licence, LicenceKind, Scope, Touched};
use crate::licences::wire::Holder;
use crate::movements::wire::MovementView;
use crate::purchasing::model::{Order, OrderStatus};
use crate::recalls::wire::OpenRecall;
use crate::safety::model::{AdverseEvent, AdverseEventState, Duty};
use crate::safety::signals::ToReview;
use crate::sensors::model::Sensor;
use crate::sensors::suspicions::Suspicion;
use crate::sensors::wire::SuspicionView;
use crate::stock::model::{Balance, Disposition, Lot};
use crate::stock::wire::StockItem;
use crate::treatment::model::{Administration, Void};
use crate::treatment::wire::DeviationView;
use crate::values::{Jurisdiction, LotText, Name, Word};

/// How far ahead the list can look, in days.
pub(super) const DAYS_MAX: u32 = 366;

/// A licence that does not count, or soon will not.
#[derive(Debug, Serialize, ToSchema)]
pub struct LapsingLicence {
    pub(super) licence_id: LicenceId,
    pub(super) holder: Holder,
    pub(super) kind: LicenceKind,
    pub(super) authority: Word,
    pub(super) number: Word,
    /// What is wrong.
    pub(super) lapse: Lapse,
    /// Since or from which day.
    pub(super) on: NaiveDate,
}

impl LapsingLicence {
    fn of(licence: Licence, lapse: Lapse, on: NaiveDate) -> Self {
        let Licence { id, holder_type, holder_id, kind, authority, number, .. } = licence;
        let holder = Holder { kind: holder_type, id: holder_id };
        LapsingLicence { licence_id: id, holder, kind, authority, number, lapse, on }
    }
}

/// An authorisation of a product that is no longer verified, or soon will not be.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovalToVerify {
    pub(super) product_id: ProductId,
    pub(super) name: Name,
    pub(super) jurisdiction: Jurisdiction,
    /// When somebody looked last.
    pub(super) verified_on: NaiveDate,
    /// The last day for which that counts.
    pub(super) verify_by: NaiveDate,
}

impl ApprovalToVerify {
    fn of(product: Product, jurisdiction: Jurisdiction, verified_on: NaiveDate, verify_by: NaiveDate) -> Self {
        ApprovalToVerify { product_id: product.id, name: product.name, jurisdiction, verified_on, verify_by }
    }
}

/// An order whose goods were expected before today.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverdueOrder {
    pub(super) order_id: OrderId,
    pub(super) site_id: SiteId,
    pub(super) supplier_id: SupplierId,
    pub(super) status: OrderStatus,
    pub(super) expected_on: Option<NaiveDate>,
}

impl From<Order> for OverdueOrder {
    fn from(order: Order) -> Self {
        let Order { id, site_id, supplier_id, status, expected_on, .. } = order;
        OverdueOrder { order_id: id, site_id, supplier_id, status, expected_on }
    }
}

/// A licence that was lost earlier than anybody knew.
#[derive(Debug, Serialize, ToSchema)]
pub struct TouchedByLicence {
    pub(super) licence_id: LicenceId,
    pub(super) holder: Holder,
    /// Orders that were placed meanwhile.
    pub(super) orders: Vec<OrderId>,
    /// Administrations meanwhile.
    pub(super) administrations: Vec<AdministrationId>,
    /// Releases to stock meanwhile.
    pub(super) releases: Vec<ReleaseId>,
    /// Prescriptions meanwhile.
    pub(super) prescriptions: Vec<PrescriptionId>,
    /// Whether there are more than are listed.
    pub(super) more: bool,
}

impl TouchedByLicence {
    fn of(licence: Licence, touched: Touched) -> Self {
        let Touched { orders, administrations, releases, prescriptions, more } = touched;
        let holder = Holder { kind: licence.holder_type, id: licence.holder_id };
        TouchedByLicence { licence_id: licence.id, holder, orders, administrations, releases, prescriptions, more }
    }
}

/// A lot of a pair whose texts are alike.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarLot {
    pub(super) lot_id: LotId,
    pub(super) lot: LotText,
    pub(super) expiry: NaiveDate,
    pub(super) first_received_at: Moment,
}

impl From<Lot> for SimilarLot {
    fn from(lot: Lot) -> Self {
        let Lot { id, lot, expiry, first_received_at, .. } = lot;
        SimilarLot { lot_id: id, lot, expiry, first_received_at }
    }
}

/// Two lots of a product that are kept apart by their texts, which are alike: one of them may have been typed wrong. Listed
/// as long as both have units on hand.
#[derive(Debug, Serialize, ToSchema)]
pub struct SimilarLots {
    pub(super) product_id: ProductId,
    pub(super) likeness: Likeness,
    /// The two, the older first.
    pub(super) lots: [SimilarLot; 2],
}

impl SimilarLots {
    fn of(older: Lot, newer: Lot) -> Self {
        SimilarLots {
            product_id: newer.product_id.clone(),
            likeness: Likeness::of(&older.lot, &newer.lot),
            lots: [older.into(), newer.into()],
        }
    }
}

/// Units that came back with a void of what was recorded in retrospect, and that were never received.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitsToCount {
    pub(super) administration_id: AdministrationId,
    pub(super) site_id: SiteId,
    /// Where they are said to be.
    pub(super) location_id: Option<LocationId>,
    pub(super) lot_id: LotId,
    pub(super) units: i64,
    pub(super) voided_at: Moment,
}

impl UnitsToCount {
    fn of(void: Void, administration: Administration) -> Self {
        UnitsToCount {
            administration_id: administration.id,
            site_id: administration.site_id,
            location_id: void.location_id,
            lot_id: administration.lot_id,
            units: void.units_to_count,
            voided_at: void.occurred_at,
        }
    }
}

/// Somebody who was refused at least five times within seven days: a rule is misunderstood, something is not set up, or
/// somebody is trying. `GET /v1/events?kind=gate_refused&actor=` tells each.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedOften {
    /// The subject of their token.
    pub(super) subject: String,
    /// How often, within these days (UTC).
    pub(super) times: i64,
    /// When the first of these was.
    pub(super) since: Moment,
    /// When the last was.
    pub(super) last_at: Moment,
    /// Why, the last time: the codes of the reasons.
    pub(super) last_reasons: Vec<String>,
}

impl From<Refused> for RefusedOften {
    fn from(refused: Refused) -> Self {
        let Refused { subject, times, since, last_at, last_reasons } = refused;
        RefusedOften { subject, times, since, last_at, last_reasons }
    }
}

/// A sensor that has said nothing for three times its interval: nobody knows how warm it is there.
#[derive(Debug, Serialize, ToSchema)]
pub struct SilentSensor {
    pub(super) sensor_id: SensorId,
    pub(super) name: Name,
    pub(super) site_id: SiteId,
    pub(super) location_id: LocationId,
    /// Its last reading; null when there never was one.
    pub(super) last_reading_at: Option<Moment>,
    /// Since when it counts as silent.
    pub(super) silent_since: Moment,
}

impl SilentSensor {
    fn of(sensor: Sensor, last_reading_at: Option<Moment>, silent_since: Moment) -> Self {
        let Sensor { id, name, site_id, location_id, .. } = sensor;
        SilentSensor { sensor_id: id, name, site_id, location_id, last_reading_at, silent_since }
    }
}

/// A sensor that has measured exactly the same for a day or longer: how warm it is there it may not tell.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuspectSensor {
    pub(super) sensor_id: SensorId,
    pub(super) name: Name,
    pub(super) site_id: SiteId,
    pub(super) location_id: LocationId,
    /// All that speaks against it.
    pub(super) suspicions: Vec<SuspicionView>,
}

impl SuspectSensor {
    fn of(sensor: Sensor, suspicions: &[Suspicion]) -> Self {
        let Sensor { id, name, site_id, location_id, .. } = sensor;
        let suspicions = suspicions.iter().map(SuspicionView::from).collect();
        SuspectSensor { sensor_id: id, name, site_id, location_id, suspicions }
    }
}

/// A sensor that must be calibrated.
#[derive(Debug, Serialize, ToSchema)]
pub struct SensorToCalibrate {
    pub(super) sensor_id: SensorId,
    pub(super) name: Name,
    pub(super) site_id: SiteId,
    pub(super) location_id: LocationId,
    /// The day from which on it must have been.
    pub(super) calibration_due: NaiveDate,
}

impl SensorToCalibrate {
    fn of(sensor: Sensor, calibration_due: NaiveDate) -> Self {
        let Sensor { id, name, site_id, location_id, .. } = sensor;
        SensorToCalibrate { sensor_id: id, name, site_id, location_id, calibration_due }
    }
}

/// An adverse event of which something is due.
#[derive(Debug, Serialize, ToSchema)]
pub struct AdverseEventDue {
    pub(super) adverse_event_id: AdverseEventId,
    pub(super) site_id: SiteId,
    pub(super) state: AdverseEventState,
    pub(super) reported_by: String,
    pub(super) reported_at: Moment,
    /// By when somebody who may treat must see the patient, where nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) see_by: Option<Moment>,
    /// To whom it must still be reported, and by when.
    pub(super) reports: Vec<Duty>,
}

impl From<AdverseEvent> for AdverseEventDue {
    fn from(event: AdverseEvent) -> Self {
        AdverseEventDue {
            state: event.standing.state,
            see_by: event.standing.to_see_by(),
            reports: event.standing.duties.iter().filter(|duty| duty.sent_at.is_none()).cloned().collect(),
            adverse_event_id: event.id,
            site_id: event.site_id,
            reported_by: event.reported_by,
            reported_at: event.recorded_at,
        }
    }
}

/// A lot or a product of which harm came more often than of others.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignalToReview {
    pub(super) product_id: ProductId,
    /// The lot; left out where it is the product against its class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot_id: Option<LotId>,
    /// When an adverse event was reported last.
    pub(super) since: Moment,
}

impl From<ToReview> for SignalToReview {
    fn from(ToReview { product_id, lot_id, since }: ToReview) -> Self {
        SignalToReview { product_id, lot_id, since }
    }
}

/// What somebody should look at; at most 200 entries of each kind.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Attention)]
pub struct AttentionView {
    /// Units on hand that expire soon, or have expired; first expired first.
    pub(super) expiring_stock: Vec<StockItem>,
    /// Units that must not stay where stock for use is: held, rejected or expired.
    pub(super) held_stock_to_move: Vec<StockItem>,
    /// Licences that do not count, or soon will not.
    pub(super) lapsing_licences: Vec<LapsingLicence>,
    /// Authorisations of products that are no longer verified, or soon will not be; the oldest first.
    pub(super) approvals_to_verify: Vec<ApprovalToVerify>,
    /// Orders whose goods were expected before today.
    pub(super) overdue_orders: Vec<OverdueOrder>,
    /// Licences that were lost earlier than anybody knew, with what rested on them meanwhile and nobody has acknowledged.
    pub(super) touched_by_licences: Vec<TouchedByLicence>,
    /// Lots whose texts are easily taken for each other; the newest first.
    pub(super) similar_lots: Vec<SimilarLots>,
    /// Counts that found a difference: those that wait for a second person, then those of the last 7 days.
    pub(super) count_differences: Vec<MovementView>,
    /// Units that came back with a void and that the books never had: they are no stock until somebody counts them there; the
    /// newest first.
    pub(super) units_to_count: Vec<UnitsToCount>,
    /// Licences that rest on less than two people: nobody but whoever registered one has verified it, or its holder is known
    /// by no subject.
    pub(super) licences_by_one: Vec<LicenceByOne>,
    /// Administrations that wait for the word of somebody for whom another recorded them; the oldest entries first.
    pub(super) unconfirmed_administrations: Vec<UnconfirmedAdministration>,
    /// Open recalls, the oldest first, twenty at the most.
    pub(super) open_recalls: Vec<OpenRecall>,
    /// Open holds.
    pub(super) open_holds: Vec<HoldView>,
    /// Excursions that nobody has assessed, or that hold units although readings have shown since that there was none, and
    /// silences that go on; the earliest first. One that is over is left out where stability budgets cover all that was there,
    /// as it holds nothing: `GET /v1/excursions?state=closed` lists it.
    pub(super) open_excursions: Vec<ExcursionView>,
    /// Open deviations.
    pub(super) deviations: Vec<DeviationView>,
    /// Sensors in use that have said nothing for three times their interval; the longest first.
    pub(super) silent_sensors: Vec<SilentSensor>,
    /// Sensors in use that have said exactly the same for a day or longer, though they can tell smaller changes; the longest
    /// first. What such a one measures is judged like anything else.
    pub(super) suspect_sensors: Vec<SuspectSensor>,
    /// Sensors in use whose calibration ends soon, or has; the first first.
    pub(super) sensors_to_calibrate: Vec<SensorToCalibrate>,
    /// Who was refused over and over; the most often first.
    pub(super) refused_often: Vec<RefusedOften>,
    /// Adverse events of which something is due, the most urgent first at each site; for who reads treatments.
    pub(super) adverse_events: Vec<AdverseEventDue>,
    /// Lots and products of which harm came more often than of others, until somebody has reviewed that; for who reads treatments at
    /// all sites.
    pub(super) signals: Vec<SignalToReview>,
}

impl From<Attention> for AttentionView {
    fn from(attention: Attention) -> Self {
        let items =
            |found: &[(Balance, Lot)]| found.iter().filter_map(|(balance, lot)| StockItem::of(balance, lot)).collect();
        AttentionView {
            expiring_stock: items(&attention.expiring),
            held_stock_to_move: items(&attention.to_move),
            lapsing_licences: attention
                .lapsing
                .into_iter()
                .map(|(licence, lapse, on)| LapsingLicence::of(licence, lapse, on))
                .collect(),
            approvals_to_verify: attention
                .approvals
                .into_iter()
                .map(|(product, at, verified_on, verify_by)| ApprovalToVerify::of(product, at, verified_on, verify_by))
                .collect(),
            overdue_orders: attention.overdue.into_iter().map(OverdueOrder::from).collect(),
            touched_by_licences: attention
                .touched
                .into_iter()
                .map(|(licence, touched)| TouchedByLicence::of(licence, touched))
                .collect(),
            similar_lots: attention.similar.into_iter().map(|(older, newer)| SimilarLots::of(older, newer)).collect(),
            count_differences: attention.differences,
            units_to_count: attention
                .to_count
                .into_iter()
                .map(|(void, administration)| UnitsToCount::of(void, administration))
                .collect(),
            licences_by_one: attention.by_one,
            unconfirmed_administrations: attention
                .unconfirmed
                .into_iter()
                .map(UnconfirmedAdministration::from)
                .collect(),
            open_recalls: attention.recalls,
            open_holds: attention.holds.into_iter().map(HoldView::from).collect(),
            open_excursions: attention.excursions,
            deviations: attention.deviations,
            silent_sensors: attention
                .silent
                .into_iter()
                .map(|(sensor, last, since)| SilentSensor::of(sensor, last, since))
                .collect(),
            suspect_sensors: attention
                .suspect
                .into_iter()
                .map(|(sensor, found)| SuspectSensor::of(sensor, &found))
                .collect(),
            sensors_to_calibrate: attention
                .to_calibrate
                .into_iter()
                .map(|(sensor, due)| SensorToCalibrate::of(sensor, due))
                .collect(),
            refused_often: attention.refused.into_iter().map(RefusedOften::from).collect(),
            adverse_events: attention.adverse_events.into_iter().map(AdverseEventDue::from).collect(),
            signals: attention.signals.into_iter().map(SignalToReview::from).collect(),
        }
    }
}

/// For where and how far ahead.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AttentionQuery {
    /// Only this site.
    pub(super) site_id: Option<SiteId>,
    /// How many days ahead; 30 if left out.
    #[param(minimum = 0, maximum = 366)]
    pub(super) days: Option<u16>,
}

/// What is known of the body of a call that settles something. What is missing is for whoever calls to say.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct KnownBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot_id: Option<LotId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) state: Option<Disposition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_id: Option<OrderId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supplier_id: Option<SupplierId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site_id: Option<SiteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) administration_id: Option<AdministrationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) holder: Option<Holder>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<LicenceKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) authority: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<Word>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jurisdiction: Option<Jurisdiction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_classes: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_id: Option<ProductId>,
    /// To whom something is reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to: Option<Word>,
}

/// The query of a call that settles something.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KnownQuery {
    pub(super) kind: &'static str,
    pub(super) actor: String,
}

/// The call that settles something.
#[derive(Debug, Serialize, ToSchema)]
pub struct Call {
    /// The id of the operation in the OpenAPI document.
    pub(super) operation: &'static str,
    /// Its method.
    pub(super) method: &'static str,
    /// Its path, with the id of what it is about.
    pub(super) path: String,
    /// What is known of its query; left out where it needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) query: Option<KnownQuery>,
    /// What is known of its body; left out where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<KnownBody>,
}

/// What something is about, by names and ids; what it has nothing to do with is left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkNames {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_id: Option<ProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot_id: Option<LotId>,
    /// The lot text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lot: Option<LotText>,
    /// The labelled expiry of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expiry: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site_id: Option<SiteId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) site: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location_id: Option<LocationId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) practitioner_id: Option<PractitionerId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) practitioner: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supplier_id: Option<SupplierId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) supplier: Option<Name>,
    /// Who did what is to be looked at: inspected, counted, recorded, registered, opened it, or was refused; by the subject of their
    /// token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) person: Option<String>,
    /// What it is called or why it is so, where nothing else names it: the reference of an order or a recall, kind, authority and number of
    /// a licence, the name of a sensor, the kind of an excursion, the reason of a hold, the codes of what was against a rule, the
    /// other lot of two, the jurisdiction of an authorisation, the authority that an adverse event is reported to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) what: Option<String>,
}

/// Something that waits for the caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkItem {
    /// What is to be done.
    pub(super) kind: WorkKind,
    /// What it is about.
    pub(super) names: WorkNames,
    /// How many units it is about; left out where it is about none. Of a count, the difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) units: Option<i64>,
    /// Since when it waits. Of units, the latest moment at which any of them came or went there.
    pub(super) since: Moment,
    /// By when it is to be done; left out where there is no such moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Moment>,
    /// The call that settles it. Its own rules still judge it.
    pub(super) call: Call,
    #[serde(skip)]
    pub(super) place: (Moment, String),
}

impl WorkItem {
    /// What a cursor says of it.
    pub(super) fn keys(&self) -> [String; 2] {
        let (at, id) = &self.place;
        [at.to_string(), id.clone()]
    }
}

/// Which work.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorkQuery {
    /// Only at this site, and what is of no site.
    pub(super) site_id: Option<SiteId>,
    /// Only of this kind.
    pub(super) kind: Option<WorkKind>,
    /// How many days ahead what is due is looked for; 30 if left out.
    #[param(minimum = 0, maximum = 366)]
    pub(super) days: Option<u16>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}
