//! Lists that are brought in, over HTTP.

use actix_web::{HttpResponse, get, post, web};

use super::model::{ImportKind, SheetType};
use super::wire::{Import, ImportQuery};
use super::{reading, service};
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, Upload, path_id};
use crate::http::slice::Routes;
use crate::problem::Problem;

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_import).service(get_import_template);
}

/// Brings in a list.
///
/// CSV as a spreadsheet saves it: commas, semicolons or tabulators, UTF-8 with or without a byte order mark, UTF-16 or Windows-1252. The first line names the columns, in any order; `/v1/imports/templates/{kind}` has them with an example. Each row is what the request for one such thing would be, by the same rules, with the names of sites and holders (or their ids) in the place of ids. All rows are brought in, or none: every row gets its verdict, and one that is refused keeps back all of them. What stands already is not made again, so that the same file may be sent twice; a row that says otherwise than what stands, or than another row, is refused with the column that differs, and what is to change is corrected there (PUT, PATCH). Of what the file has no column for, it says nothing. `opening_stock` is what was on the shelf before Lotline: quality attests it, the rest is for admins. It counts as received; in a place for stock it may be used, by the rules of putting away, and in one for quarantine it waits like a delivery. With `dry_run` it is only said what would become of it.
#[utoipa::path(operation_id = "create_import", tag = "Imports", params(ImportQuery),
    request_body(description = "The list.", content((String = "text/csv"))),
    responses((status = 200, description = "What became of its rows.", body = Import)))]
#[post("/imports")]
async fn create_import(
    commands: Commands,
    query: Query<ImportQuery>,
    upload: Upload<SheetType>,
) -> Result<HttpResponse, Problem> {
    let ImportQuery { kind, dry_run } = query.into_inner();
    service::expect_role(commands.caller(), kind)?;
    // What the rows take is bounded by what the body may: its room is kept until they are done.
    let Upload { bytes, digest, room: _room, .. } = upload;
    let read = web::block(move || reading::read(&bytes, kind)).await;
    let sheet = read.map_err(|error| Error::internal(error.to_string()))??;
    commands.change(Body { value: sheet, digest }, move |cmd, sheet| service::bring_in(cmd, sheet, dry_run)).await
}

/// Gives a list to fill in.
///
/// CSV with the names of all columns and a row that shows how they are filled; a product's identifiers, approvals and stability budget have `|` between their entries.
#[utoipa::path(operation_id = "get_import_template", tag = "Imports",
    params(("kind" = inline(ImportKind), Path, description = "What the list is to have.")),
    responses((status = 200, description = "The list.", body = String, content_type = "text/csv")))]
#[get("/imports/templates/{kind}")]
async fn get_import_template(queries: Queries, kind: web::Path<String>) -> Result<HttpResponse, Problem> {
    let _asked = queries;
    let kind: ImportKind = path_id(&kind, "list")?;
    let named = format!("attachment; filename=\"{kind}.csv\"");
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8; header=present")
        .insert_header(("content-disposition", named))
        .body(kind.template()))
}
