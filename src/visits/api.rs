//! Visits over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::recording::Recorded;
use super::wire::{
    EntryView, FollowUpClosing, FollowUpQuery, FollowUpView, HeadView, NewAddendum, NewAftercare, NewAgeAttestation,
    NewConsent, NewFollowUpReview, NewGoals, NewReversalPlan, NewScreening, NewSignature, NewVisit, NewWithdrawal,
    VisitFilter, VisitSearch, VisitView,
};
use super::{following, recording, service, store};
use crate::command::Command;
use crate::error::Error;
use crate::evidence::model::MediaType;
use crate::evidence::photographs::{self, NewPhotograph, PhotographQuery, Whose};
use crate::evidence::service::Objects;
use crate::http::commands::{Commands, Queries, State};
use crate::http::input::{Body, OptionalBody, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::http::slice::Routes;
use crate::http::uploads::{File, FileForm, Octets};
use crate::ids::{FollowUpId, VisitEntryId, VisitId};
use crate::problem::Problem;
use crate::stock::wire::BEFORE_ALL;
use crate::values::PatientRef;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_visit).service(list_visits).service(search_visits).service(get_visit);
    cfg.service(add_screening).service(add_consent).service(withdraw_consent).service(attest_age);
    cfg.service(set_goals).service(plan_reversal).service(give_aftercare);
    cfg.service(add_photograph).service(get_photograph).service(sign_visit).service(add_addendum);
    cfg.service(list_follow_ups).service(review_follow_up).service(close_follow_up);
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

/// Records a photograph of a view: before a treatment, or how it looks later.
///
/// The body is the picture itself, at most 10 MiB, or a form (`multipart/form-data`) whose one part `file` is. It is sealed under the
/// patient's key before it is written anywhere. Of a visit that is signed, too: `view` and `occurred_at` set photographs beside
/// each other. Pictures count for the organisation's `evidence_quota_bytes`.
#[utoipa::path(operation_id = "add_photograph", tag = "Visits",
    params(("id" = VisitId, Path, description = "The visit."), PhotographQuery),
    request_body(description = "The picture.", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"),
        (Octets = "application/octet-stream"), (FileForm = "multipart/form-data"))),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/visits/{id}/photographs")]
async fn add_photograph(
    state: web::Data<State>,
    objects: web::Data<Objects>,
    commands: Commands,
    id: web::Path<String>,
    query: Query<PhotographQuery>,
    upload: File<MediaType>,
) -> Result<HttpResponse, Problem> {
    let id: VisitId = path_id(&id, "visit")?;
    let (caller, of) = (commands.caller().clone(), id.clone());
    let visit = state.store.read(move |db| service::find(db, &caller, &of)).await?;
    let whose = visit.map(|visit| Whose {
        organisation_id: visit.organisation_id,
        patient_id: visit.patient_id,
        thing: visit.id.to_string(),
    });
    let record = move |cmd: &mut Command<'_>, new: &NewPhotograph| {
        let (entry, said) = recording::photograph(cmd, &id, new)?;
        Ok(EntryView::of(entry, Some(said)))
    };
    photographs::take((&state, &objects), commands, (whose, "visit"), (query.into_inner(), upload), record).await
}

/// Gives a photograph of a visit.
#[utoipa::path(operation_id = "get_photograph", tag = "Visits",
    params(("id" = VisitId, Path, description = "The visit."),
        ("entry_id" = VisitEntryId, Path, description = "The entry that is a photograph.")),
    responses((status = 200, description = "The picture.", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp")))))]
#[get("/visits/{id}/photographs/{entry_id}")]
async fn get_photograph(
    objects: web::Data<Objects>,
    queries: Queries,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (id, entry) = path.into_inner();
    let (id, entry): (VisitId, VisitEntryId) = (path_id(&id, "visit")?, path_id(&entry, "photograph")?);
    let found = queries.run(move |view| service::photograph(view, &id, &entry)).await?;
    photographs::give(&objects, found).await
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

/// Lists what is due after treatments: checks of the follow-up protocol, and when it is usual to treat again; the first day first.
///
/// It is planned when a visit is signed, from the protocols that are in force then for what was administered in it.
#[utoipa::path(operation_id = "list_follow_ups", tag = "Visits", params(FollowUpQuery),
    responses((status = 200, description = "A page of what is due.", body = Page<FollowUpView>)))]
#[get("/follow-ups")]
async fn list_follow_ups(queries: Queries, query: Query<FollowUpQuery>) -> Result<HttpResponse, Problem> {
    let FollowUpQuery { site_id, kind, until, limit, cursor } = query.into_inner();
    let filter = store::DueFilter { site_id, kind, until };
    queries
        .search(
            List::of("follow-ups", [paging::day, paging::id::<FollowUpId>]),
            limit,
            cursor,
            move |view, [day, after], limit| {
                let after = (day.parse().unwrap_or(BEFORE_ALL), after.as_str());
                let found = store::due(view.db, view.caller, &filter, after, limit)?;
                found.map(|found| {
                    let organisation = &view.caller.organisation_id;
                    let patients = view.patients.of_page(organisation, found.iter().map(|(due, _)| &due.patient_id))?;
                    let shown = found.into_iter().map(|(due, visit)| {
                        let patient = patients.by_id(organisation, &due.patient_id)?;
                        FollowUpView::of(due, patient.as_ref(), &visit)
                    });
                    shown.collect()
                })
            },
            |due: &FollowUpView| [due.due_on.to_string(), due.id.to_string()],
        )
        .await
}

/// Records what was seen: symptom by symptom, and how it has come out.
///
/// It is an entry of the visit after which it was due, signed or not. Photographs of the day are recorded in the same visit
/// (`/v1/visits/{id}/photographs`).
#[utoipa::path(operation_id = "review_follow_up", tag = "Visits", request_body = NewFollowUpReview,
    params(("id" = FollowUpId, Path, description = "What is due.")),
    responses((status = 201, description = "The entry.", body = EntryView)))]
#[post("/follow-ups/{id}/reviews")]
async fn review_follow_up(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewFollowUpReview>,
) -> Result<HttpResponse, Problem> {
    let id: FollowUpId = path_id(&id, "follow-up")?;
    commands
        .create(body, move |cmd, new| {
            let (entry, said) = following::review(cmd, &id, new)?;
            Ok(EntryView::of(entry, Some(said)))
        })
        .await
}

/// Gives up what was due: the patient does not come, or does not want it.
#[utoipa::path(operation_id = "close_follow_up", tag = "Visits", request_body = FollowUpClosing,
    params(("id" = FollowUpId, Path, description = "What is due.")),
    responses((status = 200, description = "What was due.", body = FollowUpView)))]
#[post("/follow-ups/{id}/close")]
async fn close_follow_up(
    commands: Commands,
    id: web::Path<String>,
    body: Body<FollowUpClosing>,
) -> Result<HttpResponse, Problem> {
    let id: FollowUpId = path_id(&id, "follow-up")?;
    commands.change(body, move |cmd, new| following::close(cmd, &id, new)).await
}
