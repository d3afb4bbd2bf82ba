//! Scans and administrations over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::Named;
use super::model::{Administration, ConfirmationRole, Confirmed, Deviation, ScanPurpose, Treatment, Void};
use super::pictures::{self, CodeInPicture, PictureType, Pictures};
use super::service::Standing;
use super::{confirming, service, store};
use crate::barcode::Decoded;
use crate::catalogue::api::ProductView;
use crate::catalogue::model::Identifier;
use crate::clock::Moment;
use crate::command::View;
use crate::decision::{Decision, ReasonCode};
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, Upload, path_id};
use crate::http::paging::{self, After, Cursor, Limit, List, Page};
use crate::ids::{AdministrationId, DeviationId, LocationId, LotId, PractitionerId, ProductId, SiteId, VoidId};
use crate::picture::Symbology;
use crate::problem::Problem;
use crate::stock::api::{LotView, StockItem};
use crate::stock::service::LotState;
use crate::values::{Codes, LotText, PatientRef, Prose, Serial, UdiDi, Units, Word};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_scan).service(create_image_scan);
    cfg.service(create_administration).service(list_administrations).service(search_administrations);
    cfg.service(get_administration).service(void_administration).service(confirm_administration);
    cfg.service(list_deviations).service(get_deviation).service(close_deviation);
}

/// A code to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "]d201095212345678991729123110HC24A^21SN0001", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003", "purpose": "administer"
}))]
pub struct NewScan {
    /// The code, as the scanner types it; or a list of the codes of one label, where it is printed as several (HIBC
    /// primary and secondary).
    pub code: Codes,
    /// Where you are.
    pub site_id: SiteId,
    /// From which place; asked for where units lie in several.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Who will treat; the practitioner whose token it is if left out.
    #[serde(default)]
    pub practitioner_id: Option<PractitionerId>,
    /// Who prescribed, where the product asks for it.
    #[serde(default)]
    pub prescriber_id: Option<PractitionerId>,
    /// How many units; 1 if left out.
    #[serde(default)]
    pub units: Option<Units>,
    /// What for.
    pub purpose: ScanPurpose,
    /// When it happened, for what is entered late; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// What a scan found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scan {
    /// What the code says.
    #[schema(value_type = Object)]
    decoded: Decoded,
    /// The product, or null when it is not in the catalogue.
    product: Option<ProductView>,
    /// What carries the code, a unit, a pack or a case, and how many units it stands for; or null.
    identifier: Option<Identifier>,
    /// The lot, or null when it was never received.
    lot: Option<LotView>,
    /// Units of the lot at this site, first expired first.
    on_hand: Vec<StockItem>,
    /// Whether it may be done now, and every reason why not.
    decision: Decision,
}

/// Looks up a scanned pack and says whether it may be used now.
///
/// The answer is 200 also when it is no. The administration that follows asks the same rules about the same facts.
#[utoipa::path(operation_id = "create_scan", tag = "At the chair", request_body = NewScan,
    responses((status = 200, description = "What it is, where it is, and whether it may be used now.", body = Scan)))]
#[post("/scans")]
async fn create_scan(queries: Queries, body: Body<NewScan>) -> Result<HttpResponse, Problem> {
    queries.judge(move |view| answer(view, &body.value), |scan| Some(&scan.decision)).await
}

fn answer(view: &mut View<'_>, new: &NewScan) -> Result<Scan, Error> {
    let (named, scanned) = service::scan(view, new)?;
    let Named::Scan { decoded, .. } = named else {
        return Err(Error::internal("a scan without a code"));
    };
    let facts = scanned.facts;
    let on_hand =
        facts.lot.iter().flat_map(|lot| facts.stock.iter().filter_map(|(balance, _)| StockItem::of(balance, lot)));
    Ok(Scan {
        on_hand: on_hand.collect(),
        lot: facts.lot.clone().map(|lot| LotView::from(LotState::of(lot, &facts.books.accounts))),
        product: facts.product.map(ProductView::from),
        identifier: facts.identifier,
        decoded: *decoded,
        decision: scanned.decision,
    })
}

/// What is asked about the pack in a picture.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImageScanQuery {
    /// Where you are.
    site_id: SiteId,
    /// From which place; asked for where units lie in several.
    location_id: Option<LocationId>,
    /// Who will treat; the practitioner whose token it is if left out.
    practitioner_id: Option<PractitionerId>,
    /// Who prescribed, where the product asks for it.
    prescriber_id: Option<PractitionerId>,
    /// How many units; 1 if left out.
    units: Option<Units>,
    /// What for.
    purpose: ScanPurpose,
}

/// What was found in a picture: the codes, and the answer of POST /v1/scans for the one that names the pack.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImageScan {
    /// What kind of symbol the pack was named by. Left out, like the members of a scan, when several codes were found and
    /// none of them names a product and a lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    symbology: Option<Symbology>,
    #[serde(flatten)]
    scan: Option<Scan>,
    /// Every code that was read.
    codes: Vec<CodeInPicture>,
}

/// Looks up a pack by a picture of its code and says whether it may be used now.
///
/// The body is the picture itself: PNG or JPEG, at most 10 MiB and 16 million pixels. Data Matrix, QR codes,
/// GS1-128, HIBC and ICCBBA in Code 128, HIBC in Code 39, EAN-13 and UPC-A are read, up to 16 of them. When one code names a product and a lot, the answer
/// is that of POST /v1/scans for it; codes that contradict each other are `several_packs`. A product and its lot in
/// two codes (HIBC primary and secondary) are both listed in `codes`, without an answer. The picture is neither kept nor
/// logged. What else is in it cannot be known: a pack whose code was not read is not noticed.
///
/// A wrong text is worse than none, so that what does not pass the symbol's own error checks is not read. How often codes
/// are read from pictures that were spoilt as a telephone spoils them is measured by
/// `cargo test --test it picture_rates -- --ignored --nocapture`, and stated in the README.
#[utoipa::path(operation_id = "create_image_scan", tag = "At the chair", params(ImageScanQuery),
    request_body(description = "The picture.", content((String = "image/png"), (String = "image/jpeg"))),
    responses((status = 200, description = "What is in the picture, and whether the pack may be used now.", body = ImageScan)))]
#[post("/scans/image")]
async fn create_image_scan(
    pictures: web::Data<Pictures>,
    queries: Queries,
    query: Query<ImageScanQuery>,
    upload: Upload<PictureType>,
) -> Result<HttpResponse, Problem> {
    let ImageScanQuery { site_id, location_id, practitioner_id, prescriber_id, units, purpose } = query.into_inner();
    let symbols = pictures.read(upload).await?;
    let judge = move |view: &mut View<'_>| {
        let today = view.now.day_in(chrono_tz::Tz::UTC);
        let codes: Vec<_> = symbols.into_iter().map(|symbol| CodeInPicture::of(symbol, today)).collect();
        let pack = pictures::the_pack(&codes)?.map(|code| (code.symbology, code.text.parse::<Codes>()));
        let Some((symbology, code)) = pack else { return Ok(ImageScan { symbology: None, scan: None, codes }) };
        let new = NewScan {
            code: code?,
            site_id,
            location_id,
            practitioner_id,
            prescriber_id,
            units,
            purpose,
            occurred_at: None,
        };
        let scan = answer(view, &new)?;
        Ok(ImageScan { symbology: Some(symbology), scan: Some(scan), codes })
    };
    queries.judge(judge, |found| found.scan.as_ref().map(|scan| &scan.decision)).await
}

/// An administration to record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scan": "]d201095212345678991729123110HC24A^21SN0001", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003", "patient_ref": "P-1001", "units": 1,
    "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"}
}))]
pub struct NewAdministration {
    /// The code of the pack, its unit or its case, as the scanner types it, or a list of the codes of one label; or give
    /// `lot_id`. A serial number marks what carries it; that of a case marks nothing in it.
    #[serde(default)]
    pub scan: Option<Codes>,
    /// The lot, when no code is scanned.
    #[serde(default)]
    pub lot_id: Option<LotId>,
    /// The serial number of the pack, when no code is scanned.
    #[serde(default)]
    pub serial: Option<Serial>,
    /// Where.
    pub site_id: SiteId,
    /// From which location; needed only when available units of the lot lie in several.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// Who treated; the practitioner whose token it is if left out.
    #[serde(default)]
    pub practitioner_id: Option<PractitionerId>,
    /// Who prescribed.
    #[serde(default)]
    pub prescriber_id: Option<PractitionerId>,
    /// Who was treated: a reference that means something only to your clinic.
    pub patient_ref: PatientRef,
    /// How many units.
    pub units: Units,
    /// What was done.
    pub treatment: Treatment,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
    /// The visit that it belongs to; several administrations may share it.
    #[serde(default)]
    pub encounter_ref: Option<Word>,
    /// Given when it has happened already, whatever the rules say: then it is recorded, and a deviation opened.
    #[serde(default)]
    pub retrospective: Option<Retrospective>,
}

/// Why something is recorded though a rule may forbid it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retrospective {
    /// The reason.
    pub reason: Prose,
}

/// An administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Administration)]
pub struct AdministrationView {
    id: AdministrationId,
    product_id: ProductId,
    lot_id: LotId,
    lot: LotText,
    expiry: NaiveDate,
    serial: Option<Serial>,
    /// The device identifier, where a code was scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    udi_di: Option<UdiDi>,
    units: i64,
    site_id: SiteId,
    /// Null when the books had no unit of the lot at the site.
    location_id: Option<LocationId>,
    practitioner_id: PractitionerId,
    #[serde(skip_serializing_if = "Option::is_none")]
    prescriber_id: Option<PractitionerId>,
    patient_ref: PatientRef,
    treatment: Treatment,
    #[serde(skip_serializing_if = "Option::is_none")]
    encounter_ref: Option<Word>,
    recorded_by: String,
    occurred_at: Moment,
    recorded_at: Moment,
    /// What the rules said, with the facts that they rested on.
    decision: Decision,
    /// Why it was recorded though a rule may have forbidden it.
    #[serde(skip_serializing_if = "Option::is_none")]
    retrospective: Option<Retrospective>,
    /// What was opened for the quality lead, when it was against a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    deviation: Option<DeviationView>,
    /// Whether it waits for the word of somebody for whom another recorded it.
    unconfirmed: bool,
    /// Whose word it waited or waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    confirmations: Vec<ConfirmationView>,
    /// Whether it was voided later.
    voided: bool,
    /// By whom, when and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    void: Option<VoidView>,
}

/// The word of somebody for whom another recorded an administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Confirmation)]
pub struct ConfirmationView {
    practitioner_id: PractitionerId,
    /// As what they are in it.
    role: ConfirmationRole,
    /// The subject of the token with which they confirmed; null as long as it waits.
    confirmed_by: Option<String>,
    /// When they confirmed; null as long as it waits.
    confirmed_at: Option<Moment>,
}

fn confirmations(of: &Administration, confirmed: &[Confirmed]) -> Vec<ConfirmationView> {
    let view = |role: &ConfirmationRole| {
        let given = confirmed.iter().find(|given| given.role == *role);
        Some(ConfirmationView {
            practitioner_id: of.in_role(*role)?.clone(),
            role: *role,
            confirmed_by: given.map(|given| given.confirmed_by.clone()),
            confirmed_at: given.map(|given| given.confirmed_at),
        })
    };
    of.to_confirm.iter().filter_map(view).collect()
}

impl From<Standing> for AdministrationView {
    fn from(Standing { administration, lot, void, deviation, confirmed }: Standing) -> Self {
        let confirmations = confirmations(&administration, &confirmed);
        AdministrationView {
            id: administration.id,
            product_id: administration.product_id,
            lot_id: administration.lot_id,
            lot: lot.lot,
            expiry: lot.expiry,
            serial: administration.serial,
            udi_di: administration.udi_di,
            units: administration.units,
            site_id: administration.site_id,
            location_id: administration.location_id,
            practitioner_id: administration.practitioner_id,
            prescriber_id: administration.prescriber_id,
            patient_ref: administration.patient_ref,
            treatment: administration.treatment.into_inner(),
            encounter_ref: administration.encounter_ref,
            recorded_by: administration.recorded_by,
            occurred_at: administration.occurred_at,
            recorded_at: administration.recorded_at,
            decision: administration.decision.into_inner(),
            retrospective: administration.retrospective_reason.map(|reason| Retrospective { reason }),
            deviation: deviation.map(DeviationView::from),
            unconfirmed: administration.unconfirmed > 0 && void.is_none(),
            confirmations,
            voided: void.is_some(),
            void: void.map(VoidView::from),
        }
    }
}

/// Records an administration to a patient.
///
/// It is refused with every reason when a rule forbids it, and there is no override. What has happened already is
/// recorded all the same with `retrospective`: the record keeps the decision as it was and opens a deviation. The patient is a reference that
/// means something only to your clinic; it never appears in addresses, logs or error texts.
#[utoipa::path(operation_id = "create_administration", tag = "At the chair", request_body = NewAdministration,
    responses((status = 201, description = "The administration.", body = AdministrationView)))]
#[post("/administrations")]
async fn create_administration(commands: Commands, body: Body<NewAdministration>) -> Result<HttpResponse, Problem> {
    commands
        .create(body, |cmd, new| {
            let (administration, _) = service::administer(cmd, new)?;
            let standing = service::standing(cmd.db, cmd.organisation(), vec![administration])?;
            let standing = standing.into_iter().next();
            standing.map(AdministrationView::from).ok_or_else(|| Error::internal("an administration that is not there"))
        })
        .await
}

/// Which administrations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AdministrationFilter {
    /// Only of this lot.
    lot_id: Option<LotId>,
    /// Only by this practitioner.
    practitioner_id: Option<PractitionerId>,
    /// Only from this moment on.
    from: Option<Moment>,
    /// Only before this moment.
    to: Option<Moment>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

async fn page(
    queries: Queries,
    filter: store::Filter,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
) -> Result<HttpResponse, Problem> {
    queries
        .search(
            List::of("administrations", [paging::moment, paging::id::<AdministrationId>]),
            limit,
            cursor,
            move |view, after, limit| {
                let found = store::list(view.db, view.caller, &filter, &After::of(after)?, limit)?;
                found.map(|found| {
                    let standing = service::standing(view.db, &view.caller.organisation_id, found)?;
                    Ok(standing.into_iter().map(AdministrationView::from).collect())
                })
            },
            |administration: &AdministrationView| After::keys(administration.occurred_at, &administration.id),
        )
        .await
}

/// Lists administrations, in the order of what happened.
#[utoipa::path(operation_id = "list_administrations", tag = "At the chair", params(AdministrationFilter),
    responses((status = 200, description = "A page of administrations.", body = Page<AdministrationView>)))]
#[get("/administrations")]
async fn list_administrations(queries: Queries, filter: Query<AdministrationFilter>) -> Result<HttpResponse, Problem> {
    let AdministrationFilter { lot_id, practitioner_id, from, to, limit, cursor } = filter.into_inner();
    page(queries, store::Filter { lot_id, practitioner_id, from, to, patient_ref: None }, limit, cursor).await
}

/// Whose administrations.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"patient_ref": "P-1001"}))]
pub struct AdministrationSearch {
    /// The patient.
    pub patient_ref: PatientRef,
    /// How many items at the most.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<Cursor>,
}

/// Finds a patient's administrations.
///
/// The reference travels in the body, so that it stands in no address and no log.
#[utoipa::path(operation_id = "search_administrations", tag = "At the chair", request_body = AdministrationSearch,
    responses((status = 200, description = "A page of administrations.", body = Page<AdministrationView>)))]
#[post("/administrations/search")]
async fn search_administrations(queries: Queries, body: Body<AdministrationSearch>) -> Result<HttpResponse, Problem> {
    let AdministrationSearch { patient_ref, limit, cursor } = body.value;
    page(queries, store::Filter { patient_ref: Some(patient_ref), ..store::Filter::default() }, limit, cursor).await
}

/// Shows an administration.
#[utoipa::path(operation_id = "get_administration", tag = "At the chair",
    params(("id" = AdministrationId, Path, description = "The administration.")),
    responses((status = 200, description = "The administration.", body = AdministrationView)))]
#[get("/administrations/{id}")]
async fn get_administration(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "administration", |view, id: AdministrationId| {
            Ok(service::find(view, &id)?.map(AdministrationView::from))
        })
        .await
}

/// A void.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Recorded for the wrong patient", "returned_to_stock": true}))]
pub struct NewVoid {
    /// Why.
    pub reason: Prose,
    /// Whether the units are back; then those that the books had go into quarantine, and the others are to be counted there.
    /// Otherwise they count as wasted.
    pub returned_to_stock: bool,
    /// Into which quarantine location; needed only when the site has several.
    #[serde(default)]
    pub location_id: Option<LocationId>,
    /// When; now if left out.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// The void of an administration.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Void)]
pub struct VoidView {
    id: VoidId,
    administration_id: AdministrationId,
    reason: Prose,
    returned_to_stock: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_id: Option<LocationId>,
    /// Units that are back and that the books never had: they are no stock until somebody counts them at that location
    /// (POST /v1/counts). Left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    units_to_count: Option<i64>,
    voided_by: String,
    occurred_at: Moment,
    recorded_at: Moment,
}

impl From<Void> for VoidView {
    fn from(void: Void) -> Self {
        VoidView {
            id: void.id,
            administration_id: void.administration_id,
            reason: void.reason,
            returned_to_stock: void.returned_to_stock,
            location_id: void.location_id,
            units_to_count: Some(void.units_to_count).filter(|units| *units > 0),
            voided_by: void.voided_by,
            occurred_at: void.occurred_at,
            recorded_at: void.recorded_at,
        }
    }
}

/// Voids an administration.
///
/// Both stay visible; the deviation that was opened for it ends with it. Units that are back go into quarantine, never straight into stock. Those that the books never had (`units_to_count`)
/// were never received: a count finds them there, as one finds any others, and `attention` lists them until then.
/// Practitioners void what they recorded themselves; the quality lead may void any.
#[utoipa::path(operation_id = "void_administration", tag = "At the chair", request_body = NewVoid,
    params(("id" = AdministrationId, Path, description = "The administration.")),
    responses((status = 201, description = "The void.", body = VoidView)))]
#[post("/administrations/{id}/voids")]
async fn void_administration(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewVoid>,
) -> Result<HttpResponse, Problem> {
    let id: AdministrationId = path_id(&id, "administration")?;
    commands.create(body, move |cmd, new| service::void(cmd, &id, new).map(VoidView::from)).await
}

/// A practitioner's word.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConfirmation {}

/// Confirms an administration that another recorded.
///
/// By whoever treated or prescribed, with their own token: its subject is the practitioner's. One that they confirmed before
/// is answered as it stands, and one that was voided waits for nobody.
#[utoipa::path(operation_id = "confirm_administration", tag = "At the chair", request_body = Option<NewConfirmation>,
    params(("id" = AdministrationId, Path, description = "The administration.")),
    responses((status = 201, description = "The administration, confirmed.", body = AdministrationView)))]
#[post("/administrations/{id}/confirmations")]
async fn confirm_administration(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<NewConfirmation>,
) -> Result<HttpResponse, Problem> {
    let id: AdministrationId = path_id(&id, "administration")?;
    commands.create(body.0, move |cmd, _| confirming::confirm(cmd, &id).map(AdministrationView::from)).await
}

/// Something that happened against a rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Deviation)]
pub struct DeviationView {
    /// Its id.
    pub id: DeviationId,
    site_id: SiteId,
    administration_id: AdministrationId,
    /// The rules that it was against.
    reason_codes: Vec<ReasonCode>,
    /// Units that the books did not have.
    units_unaccounted: i64,
    opened_by: String,
    opened_at: Moment,
    /// Null while it is open.
    closed_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolution: Option<Prose>,
}

impl From<Deviation> for DeviationView {
    fn from(deviation: Deviation) -> Self {
        DeviationView {
            id: deviation.id,
            site_id: deviation.site_id,
            administration_id: deviation.administration_id,
            reason_codes: deviation.reason_codes.into_inner(),
            units_unaccounted: deviation.units_unaccounted,
            opened_by: deviation.opened_by,
            opened_at: deviation.opened_at,
            closed_at: deviation.closed_at,
            closed_by: deviation.closed_by,
            resolution: deviation.resolution,
        }
    }
}

/// Which deviations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeviationFilter {
    /// Only open ones, or only closed ones.
    open: Option<bool>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists deviations: what happened against a rule and was recorded in retrospect.
#[utoipa::path(operation_id = "list_deviations", tag = "At the chair", params(DeviationFilter),
    responses((status = 200, description = "A page of deviations.", body = Page<DeviationView>)))]
#[get("/deviations")]
async fn list_deviations(queries: Queries, filter: Query<DeviationFilter>) -> Result<HttpResponse, Problem> {
    let DeviationFilter { open, limit, cursor } = filter.into_inner();
    queries
        .search(
            List::of("deviations", [paging::id::<DeviationId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list_deviations(view.db, view.caller, None, open, &after, limit)?;
                found.map(|found| Ok(found.into_iter().map(DeviationView::from).collect()))
            },
            |deviation: &DeviationView| [deviation.id.to_string()],
        )
        .await
}

/// Shows a deviation.
#[utoipa::path(operation_id = "get_deviation", tag = "At the chair",
    params(("id" = DeviationId, Path, description = "The deviation.")),
    responses((status = 200, description = "The deviation.", body = DeviationView)))]
#[get("/deviations/{id}")]
async fn get_deviation(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "deviation", |view, id: DeviationId| {
            let found = store::deviation(view.db, &view.caller.organisation_id, &id)?;
            Ok(found.filter(|deviation| view.caller.sees(&deviation.site_id)).map(DeviationView::from))
        })
        .await
}

/// The end of a deviation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"resolution": "Patient informed; stock control retrained"}))]
pub struct NewClosure {
    /// What came of it.
    pub resolution: Prose,
}

/// Closes a deviation.
///
/// Somebody else does than who recorded it or treated.
#[utoipa::path(operation_id = "close_deviation", tag = "At the chair", request_body = NewClosure,
    params(("id" = DeviationId, Path, description = "The deviation.")),
    responses((status = 200, description = "The deviation, closed.", body = DeviationView)))]
#[post("/deviations/{id}/close")]
async fn close_deviation(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewClosure>,
) -> Result<HttpResponse, Problem> {
    let id: DeviationId = path_id(&id, "deviation")?;
    commands
        .change(body, move |cmd, new| service::close_deviation(cmd, &id, &new.resolution).map(DeviationView::from))
        .await
}
