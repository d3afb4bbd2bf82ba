//! What the custody log proves, over HTTP. A proof and the checkpoint that it leads to are read from one snapshot, and the checkpoint
//! lies beside the signing key before anybody is shown it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use actix_web::http::header::{HttpDate, LastModified};
use actix_web::{HttpResponse, get, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::store;
use super::wire::{Consistency, ConsistencyQuery, Inclusion, InclusionQuery, LogKey};
use crate::command::View;
use crate::custody_log::sequencing::{self, Sign};
use crate::custody_log::service::{self, Signed};
use crate::custody_log::witness::Witness;
use crate::error::{Error, Result};
use crate::http::commands::{Queries, State};
use crate::http::input::Query;
use crate::merkle::Hash;
use crate::problem::Problem;

/// Asks something of the log beside its last checkpoint, and publishes that.
pub(super) async fn ask<T, F>(
    queries: Queries,
    state: &State,
    witness: Arc<Witness>,
    question: F,
) -> std::result::Result<(T, Signed), Problem>
where
    T: Send + 'static,
    F: Fn(&mut View<'_>, &Signed) -> Result<T> + Clone + Send + 'static,
{
    let organisation = queries.caller().organisation_id.clone();
    let once = async || {
        let published = sequencing::published(&witness, &organisation).await?;
        let (whose, question) = (organisation.clone(), question.clone());
        let asked = queries.clone().run(move |view| {
            let signed = service::signed(view.db, &whose, published.as_ref())?;
            Ok((question(view, &signed)?, signed))
        });
        asked.await
    };
    let mut found = once().await?;
    if !found.1.is_by(&witness, &organisation) {
        // The key was changed since: what is shown is by the one that is shown.
        sequencing::step(state, &witness, &organisation, Sign::Anyway).await?;
        found = once().await?;
    }
    sequencing::publish(&witness, &organisation, found.1.note.clone()).await?;
    Ok(found)
}

fn in_base64(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}

/// Shows the key that checkpoints are verified with.
///
/// As C2SP signed-note writes it. Keep it where nobody who can change this server can change it: a checkpoint is worth as much as the
/// key that it is verified with.
#[utoipa::path(operation_id = "get_log_key", tag = "Custody",
    responses((status = 200, description = "The key.", body = LogKey)))]
#[get("/log/key")]
pub(super) async fn get_log_key(queries: Queries, witness: web::Data<Witness>) -> HttpResponse {
    let vkey = witness.verifier(&queries.caller().organisation_id).to_string();
    HttpResponse::Ok().json(LogKey { vkey })
}

/// Gives the last checkpoint of the custody log.
///
/// A signed note (C2SP tlog-checkpoint): the log's origin, how many entries it has, and their root. Whoever keeps it can be shown later
/// that everything that it commits to is still there. It is made anew within a second of an event, and once an hour when nothing
/// happens; `Last-Modified` says when.
#[utoipa::path(operation_id = "get_log_checkpoint", tag = "Custody",
    responses((status = 200, description = "The checkpoint.", body = String, content_type = "text/plain")))]
#[get("/log/checkpoint")]
pub(super) async fn get_log_checkpoint(
    queries: Queries,
    state: web::Data<State>,
    witness: web::Data<Witness>,
) -> std::result::Result<HttpResponse, Problem> {
    let ((), signed) = ask(queries, &state, witness.into_inner(), |_, _| Ok(())).await?;
    let seconds = u64::try_from(signed.at.unix_seconds()).unwrap_or_default();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    Ok(HttpResponse::Ok()
        .insert_header(LastModified(HttpDate::from(at)))
        .content_type("text/plain; charset=utf-8")
        .body(signed.note))
}

/// Proves that an event is in the custody log.
///
/// The proof (RFC 6962 section 2.1.1) leads from the event's leaf to the root of the checkpoint that comes with it. The leaf hash is
/// SHA-256 over a zero byte and the bytes of `GET /v1/events/{id}/bytes`.
#[utoipa::path(operation_id = "get_inclusion_proof", tag = "Custody", params(InclusionQuery),
    responses((status = 200, description = "The proof.", body = Inclusion)))]
#[get("/log/proofs/inclusion")]
pub(super) async fn get_inclusion_proof(
    queries: Queries,
    state: web::Data<State>,
    witness: web::Data<Witness>,
    asked: Query<InclusionQuery>,
) -> std::result::Result<HttpResponse, Problem> {
    let InclusionQuery { event_id } = asked.into_inner();
    let event = event_id.clone();
    let question = move |view: &mut View<'_>, signed: &Signed| {
        if !store::visible(view.db, view.caller, &[&event])?.contains(&event) {
            return Err(Error::reference_unknown("event_id"));
        }
        service::inclusion(view.db, &view.caller.organisation_id, &event, signed.size)
    };
    let (proof, signed) = ask(queries, &state, witness.into_inner(), question).await?;
    Ok(HttpResponse::Ok().json(Inclusion {
        event_id,
        leaf_index: proof.leaf_index,
        tree_size: signed.size,
        leaf_hash: STANDARD.encode(proof.leaf_hash),
        hashes: in_base64(&proof.hashes),
        checkpoint: signed.note,
    }))
}

/// Proves that the custody log of one size begins with that of a smaller one.
///
/// The proof (RFC 6962 section 2.1.2) leads from the root of a checkpoint that was kept to that of a later one: nothing that was in
/// the log was changed or taken away.
#[utoipa::path(operation_id = "get_consistency_proof", tag = "Custody", params(ConsistencyQuery),
    responses((status = 200, description = "The proof.", body = Consistency)))]
#[get("/log/proofs/consistency")]
pub(super) async fn get_consistency_proof(
    queries: Queries,
    state: web::Data<State>,
    witness: web::Data<Witness>,
    asked: Query<ConsistencyQuery>,
) -> std::result::Result<HttpResponse, Problem> {
    let ConsistencyQuery { from, to } = asked.into_inner();
    let question = move |view: &mut View<'_>, signed: &Signed| {
        service::consistency(view.db, &view.caller.organisation_id, from, to, signed.size)
    };
    let (hashes, _) = ask(queries, &state, witness.into_inner(), question).await?;
    Ok(HttpResponse::Ok().json(Consistency { from, to, hashes: in_base64(&hashes) }))
}
