//! Erasures over HTTP.

use actix_web::{HttpResponse, post};

use super::service;
use super::wire::{ErasureView, NewErasure};
use crate::http::commands::Commands;
use crate::http::input::Body;
use crate::http::slice::Routes;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(erase_patient);
}

/// Erases a patient.
///
/// Everything clinical that was ever recorded of them (the reference, treatments, free text) is encrypted under a key of their own,
/// which is destroyed: nobody can read it any more, in copies of the database neither. What was used, where, when and by whom
/// stays, and every proof of it holds. It is refused while the record is to be kept or an open recall concerns the patient, unless
/// `override_reason` says why it is done all the same; and while a deviation of a treatment is open. The answer
/// comes when the key is gone.
#[utoipa::path(operation_id = "erase_patient", tag = "Erasures", request_body = NewErasure,
    responses((status = 201, description = "The erasure.", body = ErasureView)))]
#[post("/patients/erasures")]
async fn erase_patient(commands: Commands, body: Body<NewErasure>) -> Result<HttpResponse, Problem> {
    let state = commands.state();
    let done = commands.create(body, |cmd, new| service::erase(cmd, new).map(ErasureView::from)).await?;
    service::sweep(&state).await?;
    Ok(done)
}
