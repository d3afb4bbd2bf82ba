//! Protocols over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::AppliesTo;
use super::wire::{NewProtocol, ProtocolFilter, ProtocolView};
use super::{service, store};
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query};
use crate::http::paging::{self, List, Page};
use crate::http::slice::Routes;
use crate::ids::ProtocolId;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_protocol).service(list_protocols).service(get_protocol);
}

/// Writes a version of a protocol.
///
/// There is one document of each kind for each product, each class, and everything; at the chair the narrowest counts. What is
/// written is its next version, in force from its day on; versions never change, and what rested on one names it for ever. One that
/// says what the newest says is that one. A version that `ends` the protocol has no `content`: from its day on the next wider one counts.
#[utoipa::path(operation_id = "create_protocol", tag = "Protocols", request_body = NewProtocol,
    responses((status = 201, description = "The version.", body = ProtocolView)))]
#[post("/protocols")]
async fn create_protocol(commands: Commands, body: Body<NewProtocol>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| Ok(ProtocolView::from(service::write(cmd, new)?))).await
}

/// Lists versions of protocols, in the order in which they were written.
#[utoipa::path(operation_id = "list_protocols", tag = "Protocols", params(ProtocolFilter),
    responses((status = 200, description = "A page of versions.", body = Page<ProtocolView>)))]
#[get("/protocols")]
async fn list_protocols(queries: Queries, filter: Query<ProtocolFilter>) -> Result<HttpResponse, Problem> {
    let ProtocolFilter { kind, product_id, class, on, limit, cursor } = filter.into_inner();
    let of = (product_id.is_some() || class.is_some()).then(|| AppliesTo { product_id, class }.scope());
    let filter = store::Filter { kind, scope: of, on };
    queries
        .search(
            List::of("protocols", [paging::id::<ProtocolId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, &view.caller.organisation_id, &filter, &after, limit)?;
                found.map(|found| Ok(found.into_iter().map(ProtocolView::from).collect()))
            },
            |protocol: &ProtocolView| [protocol.id.to_string()],
        )
        .await
}

/// Shows a version of a protocol.
#[utoipa::path(operation_id = "get_protocol", tag = "Protocols",
    params(("id" = ProtocolId, Path, description = "The version.")),
    responses((status = 200, description = "The version.", body = ProtocolView)))]
#[get("/protocols/{id}")]
async fn get_protocol(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "protocol", |view, id: ProtocolId| {
            Ok(store::find(view.db, &view.caller.organisation_id, &id)?.map(ProtocolView::from))
        })
        .await
}
