//! Scans and administrations over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::facts::Named;
use super::model::Standing;
use super::pictures::{self, CodeInPicture, PictureType, Pictures};
use super::wire::{
    AdministrationFilter, AdministrationSearch, AdministrationView, DeviationFilter, DeviationView, ImageScan,
    ImageScanQuery, NewAdministration, NewClosure, NewConfirmation, NewScan, NewVoid, Scan, UseFirst, VoidView,
};
use super::{confirming, service, store, voiding};
use crate::catalogue::wire::ProductView;
use crate::command::View;
use crate::error::Error;
use crate::http::commands::{Again, Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::lists::Asked;
use crate::http::paging::{self, After, Cursor, Limit, List, Page};
use crate::http::period::{Period, When};
use crate::http::slice::Routes;
use crate::http::uploads::{File, FileForm, Octets};
use crate::ids::{AdministrationId, DeviationId};
use crate::problem::Problem;
use crate::sealing::Patients;
use crate::stock::service::LotState;
use crate::stock::wire::{LotView, StockItem};
use crate::values::{Codes, PatientRef};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_scan).service(create_image_scan);
    cfg.service(create_administration).service(list_administrations).service(search_administrations);
    cfg.service(get_administration).service(void_administration).service(confirm_administration);
    cfg.service(list_deviations).service(get_deviation).service(close_deviation);
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
    let use_first = match facts.first.as_ref().and_then(|(balance, lot)| StockItem::of(balance, lot)) {
        Some(item) => {
            let places = std::slice::from_ref(&item.location_id);
            let place = crate::sites::service::locations(view.db, &view.caller.organisation_id, places)?;
            let location = place.into_iter().next().map(|place| place.name);
            Some(UseFirst { item, location })
        }
        None => None,
    };
    let on_hand =
        facts.lot.iter().flat_map(|lot| facts.stock.iter().filter_map(|(balance, _)| StockItem::of(balance, lot)));
    Ok(Scan {
        on_hand: on_hand.collect(),
        use_first,
        lot: facts.lot.clone().map(|lot| LotView::from(LotState::of(lot, &facts.books.accounts))),
        product: facts.product.map(ProductView::from),
        identifier: facts.identifier,
        container_id: facts.container.map(|opened| opened.container.id),
        decoded: *decoded,
        decision: scanned.decision,
    })
}

/// Looks up a pack by a picture of its code and says whether it may be used now.
///
/// The body is the picture itself, PNG or JPEG, at most 10 MiB and 16 million pixels, also as `application/octet-stream`; or a form
/// (`multipart/form-data`) whose one part `file` is. Data Matrix, QR codes,
/// GS1-128, HIBC and ICCBBA in Code 128, HIBC in Code 39, EAN-13 and UPC-A are read, up to 16 of them. When one code names a product and a lot, the answer
/// is that of POST /v1/scans for it; codes that contradict each other are `several_packs`. A product and its lot in
/// two codes (HIBC primary and secondary) are both listed in `codes`, without an answer. The picture is neither kept nor
/// logged. What else is in it cannot be known: a pack whose code was not read is not noticed.
///
/// A wrong text is worse than none, so that what does not pass the symbol's own error checks is not read. How often codes
/// are read from pictures that were spoilt as a telephone spoils them is measured by
/// `cargo test --test it picture_rates -- --ignored --nocapture`, and stated in the README.
#[utoipa::path(operation_id = "create_image_scan", tag = "At the chair", params(ImageScanQuery),
    request_body(description = "The picture.", content(
        (String = "image/png"), (String = "image/jpeg"),
        (Octets = "application/octet-stream"), (FileForm = "multipart/form-data"))),
    responses((status = 200, description = "What is in the picture, and whether the pack may be used now.", body = ImageScan)))]
#[post("/scans/image")]
async fn create_image_scan(
    pictures: web::Data<Pictures>,
    queries: Queries,
    query: Query<ImageScanQuery>,
    upload: File<PictureType>,
) -> Result<HttpResponse, Problem> {
    let ImageScanQuery { site_id, location_id, practitioner_id, prescriber_id, units, container_id, visit_id, purpose } =
        query.into_inner();
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
            container_id,
            patient_ref: None,
            visit_id,
            area: None,
            purpose,
            occurred_at: None,
        };
        let scan = answer(view, &new)?;
        Ok(ImageScan { symbology: Some(symbology), scan: Some(scan), codes })
    };
    queries.judge(judge, |found| found.scan.as_ref().map(|scan| &scan.decision)).await
}

const AGAIN: Again<AdministrationView> = Again {
    id: |view| view.id.to_string(),
    read: |db, caller, patients, id| {
        service::as_recorded(db, caller, id)?.map(|standing| AdministrationView::of(standing, patients)).transpose()
    },
};

/// Records an administration to a patient.
///
/// It is refused with every reason when a rule forbids it, and there is no override. What has happened already is
/// recorded all the same with `retrospective`: the record keeps the decision as it was and opens a deviation. The patient is a reference that
/// means something only to your clinic; it never appears in addresses, logs or error texts.
///
/// The same from the same caller within a minute is `looks_like_a_repeat`, unless each has an Idempotency-Key of its own: so that
/// a finger that pressed twice takes one unit.
#[utoipa::path(operation_id = "create_administration", tag = "At the chair", request_body = NewAdministration,
    responses((status = 201, description = "The administration.", body = AdministrationView)))]
#[post("/administrations")]
async fn create_administration(commands: Commands, body: Body<NewAdministration>) -> Result<HttpResponse, Problem> {
    commands.expect_patient(&body.value.patient_ref).await?;
    let is_keyed = commands.is_keyed();
    commands
        .create_told(body, AGAIN, move |cmd, new| {
            AdministrationView::of(service::administer(cmd, new, is_keyed)?, cmd.patients)
        })
        .await
}

async fn page(
    queries: Queries,
    filter: store::Filter,
    of: Option<PatientRef>,
    (from, to): (Option<When>, Option<When>),
    limit: Option<Limit>,
    cursor: Option<Cursor>,
) -> Result<HttpResponse, Problem> {
    let fetch = move |view: &mut View<'_>, after, limit| {
        let named = |of: &PatientRef| view.patients.named(&view.caller.organisation_id, of);
        let patient = of.as_ref().map(named).transpose()?;
        let zone = crate::sites::service::zone_asked(view.db, view.caller, filter.site_id.as_ref())?;
        let filter = store::Filter { patient, period: Period::of(from, to, zone), ..filter.clone() };
        let found = store::list(view.db, view.caller, &filter, &After::of(after)?, limit)?;
        found.map(|found| service::standing(view.db, &view.caller.organisation_id, found))
    };
    let key = |Standing { administration, .. }: &Standing| After::keys(administration.occurred_at, &administration.id);
    let organisation = queries.caller().organisation_id.clone();
    let show = move |patients: &Patients, found: Vec<Standing>| {
        let patients = patients.of_page(&organisation, found.iter().map(|one| &one.administration.patient_id))?;
        found.into_iter().map(|standing| AdministrationView::of(standing, &patients)).collect()
    };
    let list = List::of("administrations", [paging::moment, paging::id::<AdministrationId>]);
    let asked = Asked { list, limit, cursor, tree_size: None };
    queries.list(asked, fetch, key, show, |_, page| Ok(page)).await
}

/// Lists administrations, in the order of what happened.
#[utoipa::path(operation_id = "list_administrations", tag = "At the chair", params(AdministrationFilter),
    responses((status = 200, description = "A page of administrations.", body = Page<AdministrationView>)))]
#[get("/administrations")]
async fn list_administrations(queries: Queries, filter: Query<AdministrationFilter>) -> Result<HttpResponse, Problem> {
    let AdministrationFilter { lot_id, practitioner_id, site_id, product_id, visit_id, from, to, limit, cursor } =
        filter.into_inner();
    let filter = store::Filter { lot_id, practitioner_id, site_id, product_id, visit_id, ..store::Filter::default() };
    page(queries, filter, None, (from, to), limit, cursor).await
}

/// Finds a patient's administrations.
///
/// The reference travels in the body, so that it stands in no address and no log.
#[utoipa::path(operation_id = "search_administrations", tag = "At the chair", request_body = AdministrationSearch,
    responses((status = 200, description = "A page of administrations.", body = Page<AdministrationView>)))]
#[post("/administrations/search")]
async fn search_administrations(queries: Queries, body: Body<AdministrationSearch>) -> Result<HttpResponse, Problem> {
    let AdministrationSearch { patient_ref, limit, cursor } = body.value;
    page(queries, store::Filter::default(), Some(patient_ref), (None, None), limit, cursor).await
}

/// Shows an administration.
#[utoipa::path(operation_id = "get_administration", tag = "At the chair",
    params(("id" = AdministrationId, Path, description = "The administration.")),
    responses((status = 200, description = "The administration.", body = AdministrationView)))]
#[get("/administrations/{id}")]
async fn get_administration(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "administration", |view, id: AdministrationId| {
            service::find(view, &id)?.map(|standing| AdministrationView::of(standing, view.patients)).transpose()
        })
        .await
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
    commands.create(body, move |cmd, new| VoidView::of(voiding::void(cmd, &id, new)?, cmd.patients)).await
}

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
    commands.create(body.0, move |cmd, _| AdministrationView::of(confirming::confirm(cmd, &id)?, cmd.patients)).await
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
                found.map(|found| {
                    found.into_iter().map(|deviation| DeviationView::read(deviation, view.patients)).collect()
                })
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
            let seen = found.filter(|deviation| view.caller.sees(&deviation.site_id));
            seen.map(|deviation| DeviationView::read(deviation, view.patients)).transpose()
        })
        .await
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
        .change(body, move |cmd, new| {
            DeviationView::read(service::close_deviation(cmd, &id, &new.resolution)?, cmd.patients)
        })
        .await
}
