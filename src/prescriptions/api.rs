//! Prescriptions over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::Prescription;
use super::wire::{NewPrescription, PrescriptionFilter, PrescriptionSearch, PrescriptionView, PrescriptionWithdrawal};
use super::{service, store};
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::http::slice::Routes;
use crate::ids::PrescriptionId;
use crate::problem::Problem;
use crate::sealing::Patients;
use crate::values::PatientRef;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_prescription).service(list_prescriptions).service(search_prescriptions);
    cfg.service(get_prescription).service(withdraw_prescription);
}

fn shown(patients: &Patients, found: Prescription) -> Result<PrescriptionView, Error> {
    let organisation = &found.organisation_id;
    let clinical = patients.open(organisation, &found.clinical)?;
    let reason = found.withdrawal_reason.as_ref().map(|reason| patients.open(organisation, reason)).transpose()?;
    Ok(PrescriptionView::of(found, clinical, reason.flatten()))
}

/// Records what was prescribed for a patient.
///
/// One product, or any of a class. Where the policy asks for it (`prescription` in `treatment_gates`), what is administered is drawn
/// on the patient's prescriptions, on the one that lapses first, and refused where they are not enough.
#[utoipa::path(operation_id = "create_prescription", tag = "Prescriptions", request_body = NewPrescription,
    responses((status = 201, description = "The prescription.", body = PrescriptionView)))]
#[post("/prescriptions")]
async fn create_prescription(commands: Commands, body: Body<NewPrescription>) -> Result<HttpResponse, Problem> {
    commands.expect_patient(&body.value.patient_ref).await?;
    commands
        .create(body, |cmd, new| {
            let made = service::prescribe(cmd, new)?;
            shown(cmd.patients, made)
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
            List::of("prescriptions", [paging::id::<PrescriptionId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let organisation = &view.caller.organisation_id;
                let patient = of.as_ref().map(|of| view.patients.named(organisation, of)).transpose()?;
                let filter = store::Filter { patient, ..filter.clone() };
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                found.map(|found| {
                    let patients = view.patients.of_page(organisation, found.iter().map(|found| &found.patient_id))?;
                    found.into_iter().map(|found| shown(&patients, found)).collect()
                })
            },
            |found: &PrescriptionView| [found.id.to_string()],
        )
        .await
}

/// Lists prescriptions.
#[utoipa::path(operation_id = "list_prescriptions", tag = "Prescriptions", params(PrescriptionFilter),
    responses((status = 200, description = "A page of prescriptions.", body = Page<PrescriptionView>)))]
#[get("/prescriptions")]
async fn list_prescriptions(queries: Queries, filter: Query<PrescriptionFilter>) -> Result<HttpResponse, Problem> {
    let PrescriptionFilter { site_id, prescriber_id, limit, cursor } = filter.into_inner();
    page(queries, store::Filter { site_id, prescriber_id, patient: None }, None, limit, cursor).await
}

/// Finds a patient's prescriptions.
///
/// The reference travels in the body, so that it stands in no address and no log.
#[utoipa::path(operation_id = "search_prescriptions", tag = "Prescriptions", request_body = PrescriptionSearch,
    responses((status = 200, description = "A page of prescriptions.", body = Page<PrescriptionView>)))]
#[post("/prescriptions/search")]
async fn search_prescriptions(queries: Queries, body: Body<PrescriptionSearch>) -> Result<HttpResponse, Problem> {
    let PrescriptionSearch { patient_ref, limit, cursor } = body.value;
    page(queries, store::Filter::default(), Some(patient_ref), limit, cursor).await
}

/// Shows a prescription, with how much of it is left.
#[utoipa::path(operation_id = "get_prescription", tag = "Prescriptions",
    params(("id" = PrescriptionId, Path, description = "The prescription.")),
    responses((status = 200, description = "The prescription.", body = PrescriptionView)))]
#[get("/prescriptions/{id}")]
async fn get_prescription(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "prescription", |view, id: PrescriptionId| {
            let found = service::find(view.db, view.caller, &id)?;
            found.map(|found| shown(view.patients, found)).transpose()
        })
        .await
}

/// Withdraws a prescription: from now on nothing is drawn on it.
#[utoipa::path(operation_id = "withdraw_prescription", tag = "Prescriptions", request_body = PrescriptionWithdrawal,
    params(("id" = PrescriptionId, Path, description = "The prescription.")),
    responses((status = 200, description = "The prescription, withdrawn.", body = PrescriptionView)))]
#[post("/prescriptions/{id}/withdraw")]
async fn withdraw_prescription(
    commands: Commands,
    id: web::Path<String>,
    body: Body<PrescriptionWithdrawal>,
) -> Result<HttpResponse, Problem> {
    let id: PrescriptionId = path_id(&id, "prescription")?;
    commands
        .change(body, move |cmd, new| {
            let withdrawn = service::withdraw(cmd, &id, &new.reason)?;
            shown(cmd.patients, withdrawn)
        })
        .await
}
