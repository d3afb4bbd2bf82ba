//! Scans and administrations over HTTP.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::facts::Named;
use super::model::{Administration, ScanPurpose, Treatment};
use super::{service, store};
use crate::barcode::Decoded;
use crate::catalogue::api::ProductView;
use crate::clock::Moment;
use crate::decision::Decision;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query};
use crate::http::paging::{Cursor, Limit, Page};
use crate::http::problem::Problem;
use crate::ids::{AdministrationId, LocationId, LotId, PractitionerId, ProductId, SiteId};
use crate::stock::api::{LotView, StockItem};
use crate::stock::model::Lot;
use crate::values::{Code, LotText, PatientRef, Serial, Units, Word};

/// The routes of this slice.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(create_scan);
    cfg.service(create_administration).service(list_administrations).service(search_administrations);
    cfg.service(get_administration);
}

/// A code to look up.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "]d201095212345678991727063010HC24A^21SN0001", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003", "purpose": "administer"
}))]
pub struct NewScan {
    /// The code, as the scanner types it.
    pub code: Code,
    /// Where you are.
    pub site_id: SiteId,
    /// Who will treat.
    #[serde(default)]
    pub practitioner_id: Option<PractitionerId>,
    /// What for.
    pub purpose: ScanPurpose,
}

/// What a scan found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Scan {
    /// What the code says.
    #[schema(value_type = Object)]
    decoded: Decoded,
    /// The product, or null when it is not in the catalogue.
    product: Option<ProductView>,
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
    queries
        .show(move |view| {
            let (named, scanned) = service::scan(view, &body.value)?;
            let Named::Scan { decoded, .. } = named else {
                return Err(crate::error::Error::internal("a scan without a code"));
            };
            let facts = scanned.facts;
            let on_hand = facts
                .lot
                .iter()
                .flat_map(|lot| facts.stock.iter().filter_map(|(balance, _)| StockItem::of(balance, lot)));
            let organisation = &view.caller.organisation_id;
            let lots = facts.lot.iter().cloned().collect();
            Ok(Scan {
                on_hand: on_hand.collect(),
                lot: crate::stock::service::states(view.db, organisation, lots)?.into_iter().map(LotView::from).next(),
                product: facts.product.map(ProductView::from),
                decoded: *decoded,
                decision: scanned.decision,
            })
        })
        .await
}

/// An administration to record.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "scan": "]d201095212345678991727063010HC24A^21SN0001", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "practitioner_id": "prac_01932c07-8d00-7000-8000-000000000003", "patient_ref": "P-1001", "units": 1,
    "treatment": {"area": "midface", "plane": "subdermal", "device": "cannula 22G"}
}))]
pub struct NewAdministration {
    /// The code of the pack, as the scanner types it; or give `lot_id`.
    #[serde(default)]
    pub scan: Option<Code>,
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
    /// Who treated.
    pub practitioner_id: PractitionerId,
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
    /// The visit that it belongs to.
    #[serde(default)]
    pub encounter_ref: Option<Word>,
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
    units: i64,
    site_id: SiteId,
    location_id: LocationId,
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
    /// Whether it was voided later.
    voided: bool,
}

impl From<(Administration, Lot)> for AdministrationView {
    fn from((administration, lot): (Administration, Lot)) -> Self {
        AdministrationView {
            id: administration.id,
            product_id: administration.product_id,
            lot_id: administration.lot_id,
            lot: lot.lot,
            expiry: lot.expiry,
            serial: administration.serial,
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
            voided: false,
        }
    }
}

/// Records an administration to a patient.
///
/// It is refused with every reason when a rule forbids it, and there is no override. The patient is a reference that
/// means something only to your clinic; it never appears in addresses, logs or error texts.
#[utoipa::path(operation_id = "create_administration", tag = "At the chair", request_body = NewAdministration,
    responses((status = 201, description = "The administration.", body = AdministrationView)))]
#[post("/administrations")]
async fn create_administration(commands: Commands, body: Body<NewAdministration>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::administer(cmd, new).map(AdministrationView::from)).await
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
        .page(
            "administrations",
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                Ok(service::with_lots(view, found)?.into_iter().map(AdministrationView::from).collect())
            },
            |administration: &AdministrationView| [administration.id.to_string()],
        )
        .await
}

/// Lists administrations.
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
