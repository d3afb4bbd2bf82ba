//! Adverse events and signals over HTTP.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::signal_wire::{NewSignalReview, SignalFilter, SignalReviewView, SignalView};
use super::wire::{
    AdverseEventFilter, AdverseEventView, HeadView, NewAdverseEvent, NewClosure, NewReportSent, NewReview,
    RegulatorReport,
};
use super::{page, reporting, reviewing, service, signals, store};
use crate::command::Command;
use crate::error::{Error, Result};
use crate::evidence::model::MediaType;
use crate::evidence::photographs::{self, NewPhotograph, PhotographQuery, Whose};
use crate::evidence::service::Objects;
use crate::http::accept::Format;
use crate::http::commands::{Commands, Queries, State};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::http::uploads::{File, FileForm, Octets};
use crate::ids::{AdverseEventEntryId, AdverseEventId, LotId, ProductId};
use crate::problem::Problem;

/// The forms of a report, the usual one first.
const FORMS: &[Format] = &[Format::Json, Format::Html];

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_adverse_event).service(list_adverse_events).service(get_adverse_event);
    cfg.service(review_adverse_event).service(record_adverse_event_report).service(close_adverse_event);
    cfg.service(get_adverse_event_report).service(photograph_adverse_event).service(get_adverse_event_photograph);
    cfg.service(list_signals).service(review_signal);
}

/// An adverse event as it stands in the middle of a command.
fn shown(cmd: &mut Command<'_>, id: &AdverseEventId) -> Result<AdverseEventView> {
    let found = service::show(cmd.db, cmd.patients, (cmd.caller, cmd.now), id)?;
    found.ok_or_else(|| Error::internal("an adverse event that is gone"))
}

/// Reports an adverse event: harm that was done, or may have been.
///
/// About administrations, a visit, or only a patient. Its clock runs from now on by the adverse_event protocol that is in force for what
/// was administered: by when somebody must see the patient, and to whom it must be reported by the law of the site. Want of a protocol
/// keeps nobody from reporting. With `hold` every lot of its administrations is held in the same moment.
#[utoipa::path(operation_id = "create_adverse_event", tag = "Safety", request_body = NewAdverseEvent,
    responses((status = 201, description = "The adverse event.", body = AdverseEventView)))]
#[post("/adverse-events")]
async fn create_adverse_event(commands: Commands, body: Body<NewAdverseEvent>) -> Result<HttpResponse, Problem> {
    commands.expect_patient(&body.value.patient_ref).await?;
    commands
        .create(body, |cmd, new| {
            let id = service::report(cmd, new)?;
            shown(cmd, &id)
        })
        .await
}

/// Lists adverse events: what is due first, then those for which somebody must still do something, then the rest.
#[utoipa::path(operation_id = "list_adverse_events", tag = "Safety", params(AdverseEventFilter),
    responses((status = 200, description = "A page of adverse events.", body = Page<HeadView>)))]
#[get("/adverse-events")]
async fn list_adverse_events(queries: Queries, filter: Query<AdverseEventFilter>) -> Result<HttpResponse, Problem> {
    let AdverseEventFilter { site_id, state, product_id, lot_id, limit, cursor } = filter.into_inner();
    let filter = store::Filter { site_id, state, product_id, lot_id, patient: None };
    queries
        .search(
            List::of("adverse events", [is_place]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| service::heads(view, found))
            },
            HeadView::key,
        )
        .await
}

/// Whether a key says where an adverse event stands.
fn is_place(key: &str) -> bool {
    let parts: Vec<&str> = key.splitn(3, '.').collect();
    match parts.as_slice() {
        [urgency, at, id] => {
            matches!(*urgency, "0" | "1" | "2")
                && at.len() == 17
                && at.bytes().all(|digit| digit.is_ascii_digit())
                && id.parse::<AdverseEventId>().is_ok()
        }
        _ => false,
    }
}

/// Shows an adverse event, with all that was recorded about it.
#[utoipa::path(operation_id = "get_adverse_event", tag = "Safety",
    params(("id" = AdverseEventId, Path, description = "The adverse event.")),
    responses((status = 200, description = "The adverse event.", body = AdverseEventView)))]
#[get("/adverse-events/{id}")]
async fn get_adverse_event(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let show = |view: &mut crate::command::View<'_>, id: AdverseEventId| {
        service::show(view.db, view.patients, (view.caller, view.now), &id)
    };
    queries.find(id, "adverse event", show).await
}

/// Records something about an adverse event, and answers with all of it.
async fn enter<B: Send + Sync + 'static>(
    commands: Commands,
    id: web::Path<String>,
    body: Body<B>,
    run: fn(&mut Command<'_>, &AdverseEventId, &B) -> Result<()>,
) -> Result<HttpResponse, Problem> {
    let id: AdverseEventId = path_id(&id, "adverse event")?;
    commands
        .create(body, move |cmd, new| {
            run(cmd, &id, new)?;
            shown(cmd, &id)
        })
        .await
}

/// Reviews an adverse event: what was seen, done and is thought of it.
///
/// A review never changes; another one follows it. The first `seen_at` ends the clock by which the patient must be seen. A severity from
/// which on the protocol asks for more starts what it asks for; what runs goes on, however mild it turns out.
#[utoipa::path(operation_id = "review_adverse_event", tag = "Safety", request_body = NewReview,
    params(("id" = AdverseEventId, Path, description = "The adverse event.")),
    responses((status = 201, description = "The adverse event.", body = AdverseEventView)))]
#[post("/adverse-events/{id}/reviews")]
async fn review_adverse_event(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReview>,
) -> Result<HttpResponse, Problem> {
    enter(commands, id, body, reviewing::review).await
}

/// Records that an adverse event was reported to an authority: what was owed to them is done.
///
/// Also after it was closed: what must be reported must be reported.
#[utoipa::path(operation_id = "record_adverse_event_report", tag = "Safety", request_body = NewReportSent,
    params(("id" = AdverseEventId, Path, description = "The adverse event.")),
    responses((status = 201, description = "The adverse event.", body = AdverseEventView)))]
#[post("/adverse-events/{id}/reports-sent")]
async fn record_adverse_event_report(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReportSent>,
) -> Result<HttpResponse, Problem> {
    enter(commands, id, body, reviewing::report_sent).await
}

/// Records a photograph of an adverse event: how it looked, and when.
///
/// The body is the picture itself, at most 10 MiB, or a form (`multipart/form-data`) whose one part `file` is. It is sealed under the
/// patient's key before it is written anywhere. Also after it was closed. Pictures count for the organisation's `evidence_quota_bytes`.
#[utoipa::path(operation_id = "photograph_adverse_event", tag = "Safety",
    params(("id" = AdverseEventId, Path, description = "The adverse event."), PhotographQuery),
    request_body(description = "The picture.", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"),
        (Octets = "application/octet-stream"), (FileForm = "multipart/form-data"))),
    responses((status = 201, description = "The adverse event.", body = AdverseEventView)))]
#[post("/adverse-events/{id}/photographs")]
async fn photograph_adverse_event(
    state: web::Data<State>,
    objects: web::Data<Objects>,
    commands: Commands,
    id: web::Path<String>,
    query: Query<PhotographQuery>,
    upload: File<MediaType>,
) -> Result<HttpResponse, Problem> {
    let id: AdverseEventId = path_id(&id, "adverse event")?;
    let (caller, of) = (commands.caller().clone(), id.clone());
    let event = state.store.read(move |db| service::find(db, &caller, &of)).await?;
    let whose = event.map(|event| Whose {
        organisation_id: event.organisation_id,
        patient_id: event.patient_id,
        thing: event.id.to_string(),
    });
    let record = move |cmd: &mut Command<'_>, new: &NewPhotograph| {
        reviewing::photograph(cmd, &id, new)?;
        shown(cmd, &id)
    };
    photographs::take((&state, &objects), commands, (whose, "adverse event"), (query.into_inner(), upload), record)
        .await
}

/// Gives a photograph of an adverse event.
#[utoipa::path(operation_id = "get_adverse_event_photograph", tag = "Safety",
    params(("id" = AdverseEventId, Path, description = "The adverse event."),
        ("entry_id" = AdverseEventEntryId, Path, description = "The entry that is a photograph.")),
    responses((status = 200, description = "The picture.", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp")))))]
#[get("/adverse-events/{id}/photographs/{entry_id}")]
async fn get_adverse_event_photograph(
    objects: web::Data<Objects>,
    queries: Queries,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, entry) = path.into_inner();
    let (id, entry): (AdverseEventId, AdverseEventEntryId) =
        (path_id(&id, "adverse event")?, path_id(&entry, "photograph")?);
    let found = queries.run(move |view| service::photograph(view, &id, &entry)).await?;
    photographs::give(&objects, found).await
}

/// Closes an adverse event that was reviewed, with how it ended.
#[utoipa::path(operation_id = "close_adverse_event", tag = "Safety", request_body = NewClosure,
    params(("id" = AdverseEventId, Path, description = "The adverse event.")),
    responses((status = 200, description = "The adverse event, closed.", body = AdverseEventView)))]
#[post("/adverse-events/{id}/close")]
async fn close_adverse_event(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewClosure>,
) -> Result<HttpResponse, Problem> {
    let id: AdverseEventId = path_id(&id, "adverse event")?;
    commands
        .change(body, move |cmd, new| {
            reviewing::close(cmd, &id, new)?;
            shown(cmd, &id)
        })
        .await
}

/// Shows what a regulator asks of an adverse event.
///
/// What MHRA's Yellow Card, FDA's MedWatch 3500A and the European manufacturer's incident report ask of whoever used a device: UDI-DI,
/// lot, expiry, serial number, dates, what happened, what was done, how it went, and the reporter's profession. With `Accept: text/html` as
/// a page to print.
#[utoipa::path(operation_id = "get_adverse_event_report", tag = "Safety",
    params(("id" = AdverseEventId, Path, description = "The adverse event.")),
    responses((status = 200, description = "The report.", content(
        (RegulatorReport = "application/json"), (String = "text/html")))))]
#[get("/adverse-events/{id}/report")]
async fn get_adverse_event_report(
    request: HttpRequest,
    queries: Queries,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let format = Format::wanted(&request, FORMS);
    if format != Format::Html {
        let mut answer = queries.find(id, "adverse event", |view, id| reporting::report(view, &id)).await?;
        answer.headers_mut().insert(header::VARY, header::HeaderValue::from_static("Accept"));
        return Ok(answer);
    }
    let id: AdverseEventId = path_id(&id, "adverse event")?;
    let page = queries
        .run(move |view| {
            let report = reporting::report(view, &id)?.ok_or_else(|| Error::not_found("adverse event"))?;
            Ok(page::of(&report))
        })
        .await?;
    // A page of data: it may load and run nothing.
    Ok(HttpResponse::Ok()
        .content_type(format.content_type())
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::VARY, "Accept"))
        .body(page))
}

/// Lists how often harm came of each lot, against the other lots of its product, and of each product, against the others of its class.
///
/// Adverse events per unit administered, their ratio, and its exact conditional 95 % interval. Each product comes before its lots. What is
/// flagged waits for a review, and is blocked by nothing but a hold that somebody opens.
#[utoipa::path(operation_id = "list_signals", tag = "Safety", params(SignalFilter),
    responses((status = 200, description = "A page of signals.", body = Page<SignalView>)))]
#[get("/signals")]
async fn list_signals(queries: Queries, filter: Query<SignalFilter>) -> Result<HttpResponse, Problem> {
    let SignalFilter { product_id, limit, cursor } = filter.into_inner();
    queries
        .report()
        .search(
            List::of("signals", [paging::id::<ProductId>, is_lot_or_product]),
            limit,
            cursor,
            move |view, after, limit| signals::page(view, product_id.as_ref(), &after, limit),
            SignalView::keys,
        )
        .await
}

/// Whether a key is a lot, or the product itself.
fn is_lot_or_product(key: &str) -> bool {
    paging::id::<LotId>(key) || paging::id::<ProductId>(key)
}

/// Records what was concluded of a lot or a product that has many adverse events.
///
/// It waits for a review no more, until another adverse event is reported.
#[utoipa::path(operation_id = "review_signal", tag = "Safety", request_body = NewSignalReview,
    responses((status = 201, description = "The review.", body = SignalReviewView)))]
#[post("/signals/reviews")]
async fn review_signal(commands: Commands, body: Body<NewSignalReview>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| signals::review(cmd, new).map(SignalReviewView::from)).await
}
