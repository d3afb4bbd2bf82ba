//! Evidence over HTTP.

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get, post, web};

use super::model::{MediaType, NewEvidence};
use super::objects::Objects;
use super::service::Shown;
use super::wire::EvidenceView;
use super::{rules, service};
use crate::command::Command;
use crate::error::Error;
use crate::http::commands::{Commands, Queries, State};
use crate::http::input::{Body, path_id};
use crate::http::slice::Routes;
use crate::http::uploads::{File, FileForm, Octets};
use crate::problem::Problem;
use crate::values::Sha256Hex;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_evidence).service(get_evidence).service(get_evidence_metadata);
}

/// Uploads a photograph or a document.
///
/// The body is the file itself, at most 10 MiB, or a form (`multipart/form-data`) whose one part `file` is. Its bytes must be
/// what the Content-Type says; `application/octet-stream` says nothing, and the file is what its bytes are. The same file again is kept
/// once and answers with the record of the first time; that somebody else sent it, too, is an event of its own
/// (`evidence_repeated`). All files of an organisation together have at most the bytes of its policy
/// (`evidence_quota_bytes`). It belongs to the sites of your token, and to those where it is named as evidence; a
/// token for some sites sees those of its sites, and what is evidence of something that all sites share.
#[utoipa::path(operation_id = "create_evidence", tag = "Evidence",
    request_body(description = "The file.", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"), (String = "application/pdf"),
        (Octets = "application/octet-stream"), (FileForm = "multipart/form-data"))),
    responses((status = 201, description = "What is kept of it.", body = EvidenceView)))]
#[post("/evidence")]
async fn create_evidence(
    state: web::Data<State>,
    objects: web::Data<Objects>,
    commands: Commands,
    upload: File<MediaType>,
) -> Result<HttpResponse, Problem> {
    let File { declared, bytes, digest, room: _room } = upload;
    let media_type = rules::acceptable(declared, &bytes)?;
    let length = i64::try_from(bytes.len()).map_err(|e| Error::internal(e.to_string()))?;
    let new = NewEvidence { sha256: Sha256Hex::from(digest), media_type, bytes: length };
    let answer = |_: &mut Command<'_>, _: &(), shown: Shown| Ok(EvidenceView::from(shown));
    service::bring(&state, &objects, commands, (new, Bytes::from(bytes)), Body { value: (), digest }, answer).await
}

/// Gives a file back.
///
/// Its bytes were compared with its digest. When they are no longer what was uploaded, they are not given out:
/// `evidence_damaged`. Should they change while they are given out, the connection is broken off before their end.
#[utoipa::path(operation_id = "get_evidence", tag = "Evidence",
    params(("sha256" = Sha256Hex, Path, description = "The digest of the file.")),
    responses((status = 200, description = "The file.", content(
        (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"), (String = "application/pdf"),
        (String = "application/vnd.lotline.sealed")))))]
#[get("/evidence/{sha256}")]
async fn get_evidence(
    objects: web::Data<Objects>,
    queries: Queries,
    sha256: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let sha256: Sha256Hex = path_id(&sha256, "evidence")?;
    let evidence = queries
        .run(move |view| {
            let found = service::find(view, &sha256)?;
            found.map(|shown| shown.evidence).ok_or_else(|| Error::not_found("evidence"))
        })
        .await?;
    let (media_type, tag) = (evidence.media_type, format!("\"{}\"", evidence.sha256));
    let length = u64::try_from(evidence.bytes).unwrap_or_default();
    let bytes = service::read(&objects, evidence).await?;
    Ok(HttpResponse::Ok()
        .content_type(media_type.as_str())
        .insert_header((header::CONTENT_DISPOSITION, "attachment"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::ETAG, tag))
        .body(SizedStream::new(length, bytes)))
}

/// Shows what is known of a file.
#[utoipa::path(operation_id = "get_evidence_metadata", tag = "Evidence",
    params(("sha256" = Sha256Hex, Path, description = "The digest of the file.")),
    responses((status = 200, description = "What is kept of it.", body = EvidenceView)))]
#[get("/evidence/{sha256}/metadata")]
async fn get_evidence_metadata(queries: Queries, sha256: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(sha256, "evidence", |view, sha256: Sha256Hex| Ok(service::find(view, &sha256)?.map(EvidenceView::from)))
        .await
}
