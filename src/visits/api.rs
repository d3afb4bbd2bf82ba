//! Visits over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::recording::Recorded;
use super::wire::{
    EntryView, HeadView, NewAddendum, NewAftercare, NewAgeAttestation, NewConsent, NewGoals, NewReversalPlan,
    NewScreening, NewSignature, NewVisit, NewWithdrawal, VisitFilter, VisitSearch, VisitView,
};
use super::{recording, service, store};
use crate::command::Command;
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::http::slice::Routes;
use crate::ids::VisitId;
use crate::problem::Problem;
use crate::values::PatientRef;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_visit).service(list_visits).service(search_visits).service(get_visit);
    cfg.service(add_screening).service(add_consent).service(withdraw_consent).service(attest_age);
    cfg.service(set_goals).service(plan_reversal).service(give_aftercare);
    cfg.service(sign_visit).service(add_addendum);
}

/// Opens a visit of a patient.
///
/// What is recorded in it rests on the protocols that are in force for what is planned. Scans and administrations name it as
/// `visit_id`, and what the policy asks for (`treatment_gates`) is looked for in it.
#[utoipa::path(operation_id = "create_visit", tag = "Visits", request_body = NewVisit,
    responses((status = 201, description = "The visit.", body = VisitView)))]
#[post("/visits")]
async fn create_visit(commands: Commands, body: Body<NewVisit>) -> Result<HttpResponse, Problem> {
    commands.expect_patient(&body.value.patient_ref).await?;
    commands
        .create(body, |cmd, new| {
            let visit = service::open(cmd, new)?;
            service::shown(cmd.db, cmd.patients, visit, cmd.now)
        })
        .await
}

async fn page(
    queries: Queries,
    filter: store::Filter,
    of: Option<PatientRef>,
    limit: Option<Limit>,
    cursor: Option<Cursor>,
) -> Result<HttpResponse, Problem> {
    queries
        .search(
            List::of("visits", [paging::id::<VisitId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let named = |of: &PatientRef| view.patients.named(&view.caller.organisation_id, of);
                let patient = of.as_ref().map(named).transpose()?;
                let filter = store::Filter { patient, ..filter.clone() };
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| {
                    let organisation = &view.caller.organisation_id;
                    let patients = view.patients.of_page(organisation, found.iter().map(|visit| &visit.patient_id))?;
                    let opened = found.into_iter().map(|visit| {
                        let clinical = patients.open(&visit.organisation_id, &visit.clinical)?;
                        Ok(HeadView::of(visit, clinical))
                    });
                    opened.collect()
                })
            },
            |visit: &HeadView| [visit.id.to_string()],
        )
        .await
}

/// Lists visits, without what was recorded in them.
#[utoipa::path(operation_id = "list_visits", tag = "Visits", params(VisitFilter),
    responses((status = 200, description = "A page of visits.", body = Page<HeadView>)))]
#[get("/visits")]
async fn list_visits(queries: Queries, filter: Query<VisitFilter>) -> Result<HttpResponse, Problem> {
    let VisitFilter { site_id, practitioner_id, open, limit, cursor } = filter.into_inner();
    page(queries, store::Filter { site_id, practitioner_id, open, patient: None }, None, limit, cursor).await
}

/// Finds a patient's visits.
///
/// The reference travels in the body, so that it stands in no address and no log.
#[utoipa::path(operation_id = "search_visits", tag = "Visits", request_body = VisitSearch,
    responses((status = 200, description = "A page of visits.", body = Page<HeadView>)))]
#[post("/visits/search")]
async fn search_visits(queries: Queries, body: Body<VisitSearch>) -> Result<HttpResponse, Problem> {
    let VisitSearch { patient_ref, limit, cursor } = body.value;
    page(queries, store::Filter::default(), Some(patient_ref), limit, cursor).await
}

/// Shows a visit, with all that was recorded in it, and what it lacks before it can be signed.
#[utoipa::path(operation_id = "get_visit", tag = "Visits",
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 200, description = "The visit.", body = VisitView)))]
#[get("/visits/{id}")]
async fn get_visit(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries.find(id, "visit", |view, id: VisitId| service::show(view, &id)).await
}

/// Records something in a visit, and answers with the entry.
async fn entry<B: Send + Sync + 'static>(
    commands: Commands,
    id: web::Path<String>,
    body: Body<B>,
    run: fn(&mut Command<'_>, &VisitId, &B) -> Result<Recorded, Error>,
) -> Result<HttpResponse, Problem> {
    let id: VisitId = path_id(&id, "visit")?;
    commands
        .create(body, move |cmd, new| {
            let (entry, said) = run(cmd, &id, new)?;
            Ok(EntryView::of(entry, Some(said)))
        })
        .await
}

/// Records the answers to what the protocol asks.
///
/// Each answer fits its question, and none is left out that must be answered. What follows from them is in `findings`: a `stop` keeps
/// the patient from being treated, a `review` is to be looked at before the visit is signed: answer again, with a note. What stopped a
/// treatment before and does not any more needs a note that says why. Answers to a version that is not in force are kept and marked.
#[utoipa::path(operation_id = "add_screening", tag = "Visits", request_body = NewScreening,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/screenings")]
async fn add_screening(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewScreening>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::screen).await
}

/// Records what was explained to the patient, and the consent.
///
/// Point by point: how, to whom and when. The consent, attested by a witness, may come later, in a request of its own: between the
/// last information and it lie the hours that the protocol asks for.
#[utoipa::path(operation_id = "add_consent", tag = "Visits", request_body = NewConsent,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/consents")]
async fn add_consent(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewConsent>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::consent).await
}

/// Withdraws every consent that was given in the visit before.
///
/// From then on nothing is administered in it, until the patient consents anew.
#[utoipa::path(operation_id = "withdraw_consent", tag = "Visits", request_body = NewWithdrawal,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/withdrawals")]
async fn withdraw_consent(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewWithdrawal>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::withdraw).await
}

/// Attests whether the patient is of age on the day, and by what that was seen.
///
/// Never a date of birth, nor a number.
#[utoipa::path(operation_id = "attest_age", tag = "Visits", request_body = NewAgeAttestation,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/age-attestations")]
async fn attest_age(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewAgeAttestation>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::attest_age).await
}

/// Records what is to be reached: at once, and later.
#[utoipa::path(operation_id = "set_goals", tag = "Visits", request_body = NewGoals,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/goals")]
async fn set_goals(commands: Commands, id: web::Path<String>, body: Body<NewGoals>) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::set_goals).await
}

/// Records how what is done can be undone, and how much of what undoes it is in date at the site.
#[utoipa::path(operation_id = "plan_reversal", tag = "Visits", request_body = NewReversalPlan,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/reversibility-plans")]
async fn plan_reversal(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReversalPlan>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::plan_reversal).await
}

/// Records what the patient was told to do at home, and when to come back.
#[utoipa::path(operation_id = "give_aftercare", tag = "Visits", request_body = NewAftercare,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/aftercare")]
async fn give_aftercare(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewAftercare>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::give_aftercare).await
}

/// Signs a visit, which never changes again.
///
/// By its practitioner, or one who treated in it, with their own token. What the policy asks for (`signing_requires`) and is missing is
/// told all at once.
#[utoipa::path(operation_id = "sign_visit", tag = "Visits", request_body = Option<NewSignature>,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 200, description = "The visit, signed.", body = VisitView)))]
#[post("/visits/{id}/sign")]
async fn sign_visit(
    commands: Commands,
    id: web::Path<String>,
    body: OptionalBody<NewSignature>,
) -> Result<HttpResponse, Problem> {
    let id: VisitId = path_id(&id, "visit")?;
    commands
        .change(body.0, move |cmd, _| {
            let visit = service::sign(cmd, &id)?;
            service::shown(cmd.db, cmd.patients, visit, cmd.now)
        })
        .await
}

/// Adds something to a visit, after it was signed, too.
#[utoipa::path(operation_id = "add_addendum", tag = "Visits", request_body = NewAddendum,
    params(("id" = VisitId, Path, description = "The visit.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/addenda")]
async fn add_addendum(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewAddendum>,
) -> Result<HttpResponse, Problem> {
    entry(commands, id, body, recording::add).await
}
