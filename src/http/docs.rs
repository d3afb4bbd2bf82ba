//! The OpenAPI document and the pages that are made from it and from the code tables.

use std::fmt::Write;
use std::sync::OnceLock;

use actix_web::{HttpResponse, get, web};
use utoipa::OpenApi;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr};
use utoipa_actix_web::AppExt;

use super::access;
use super::limits;
use super::problem::{ProblemBody, ProblemCode};
use crate::decision::ReasonCode;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lotline",
        description = "Inventory and chain of custody for injectables: from a vetted supplier to one patient.\n\n\
            Every error is a problem (RFC 9457) with a stable `code`: [all problems](/docs/problems), \
            [all reasons](/docs/reasons), [all limits](/docs/limits). Every POST takes an optional `Idempotency-Key`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemBody, ReasonCode))
)]
struct Base;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .service(
            utoipa_actix_web::scope("/v1")
                .configure(|cfg: &mut utoipa_actix_web::service_config::ServiceConfig<'_>| super::app::operations(cfg)),
        )
        .configure(|cfg: &mut utoipa_actix_web::service_config::ServiceConfig<'_>| super::app::public_operations(cfg))
        .split_for_parts();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    for item in document.paths.paths.values_mut() {
        for (method, operation) in methods_mut(item) {
            complete(method, operation);
        }
    }
    document
}

/// Every operation of a document: path, method, operation.
pub fn operations(document: &utoipa::openapi::OpenApi) -> Vec<(&str, &'static str, &Operation)> {
    document
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put), ("DELETE", &item.delete)]
                .into_iter()
                .filter_map(|(method, operation)| {
                    operation.as_ref().map(|operation| (path.as_str(), method, operation))
                })
        })
        .collect()
}

/// The query parameters of an operation.
pub fn query_parameters(operation: &Operation) -> Vec<String> {
    let parameters = operation.parameters.iter().flatten().filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    });
    let in_query = parameters.filter(|parameter| parameter.parameter_in == ParameterIn::Query);
    in_query.map(|parameter| parameter.name.clone()).collect()
}

fn methods_mut(item: &mut utoipa::openapi::PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [("GET", &mut item.get), ("POST", &mut item.post), ("PUT", &mut item.put), ("DELETE", &mut item.delete)]
        .into_iter()
        .filter_map(|(method, operation)| operation.as_mut().map(|operation| (method, operation)))
}

/// What is the same for all operations: who may call them, and the problems that each can answer.
fn complete(method: &str, operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    if access::PUBLIC.contains(&id.as_str()) {
        operation.security = Some(Vec::new());
        return;
    }
    let roles = access::roles(&id).unwrap_or_default();
    operation.security = Some(vec![SecurityRequirement::new("bearer", roles.iter().map(|role| role.as_str()))]);
    let takes = |place: ParameterIn| {
        operation.parameters.iter().flatten().any(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in == place,
            RefOr::Ref(_) => false,
        })
    };
    let has_path_parameter = takes(ParameterIn::Path);
    let has_body = operation.request_body.is_some();
    let changes =
        method != "GET" && !matches!(id.as_str(), "create_scan" | "create_image_scan" | "search_administrations");
    if changes {
        operation.parameters.get_or_insert_default().push(idempotency_parameter().into());
    }
    let statuses = [
        (400, true), // a query parameter that there is not
        (401, true),
        (403, true),
        (404, has_path_parameter),
        (408, has_body),
        (409, changes || id.starts_with("get_lot_label")),
        (412, method == "PUT"),
        (413, has_body),
        (414, true),
        (415, has_body),
        (422, has_body),
        (431, true),
        (500, true),
        (503, true),
    ];
    for (status, _) in statuses.into_iter().filter(|(_, applies)| *applies) {
        operation.responses.responses.entry(status.to_string()).or_insert_with(|| problem_response(status));
    }
}

fn idempotency_parameter() -> Parameter {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(128));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("Repeat a request with the same key and body to get the first answer again."))
        .schema(Some(text.pattern(Some("^[!-~]{1,128}$"))))
        .build()
}

fn problem_response(status: u16) -> RefOr<utoipa::openapi::Response> {
    let codes: Vec<_> = ProblemCode::ALL
        .iter()
        .filter(|code| code.status() == status && **code != ProblemCode::NotReady)
        .map(|code| code.as_str())
        .collect();
    let description = match status {
        401 => "The request carries no valid token.".to_owned(),
        _ => format!("A problem: {}.", codes.join(", ")),
    };
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", Content::new(Some(Ref::from_schema_name("Problem"))))
        .build()
        .into()
}

/// The document, the interface, and the pages of codes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(problems_page).service(reasons_page).service(limits_page);
    // The interface's own files are addressed relative to the folder.
    cfg.service(web::redirect("/docs", "/docs/"));
    cfg.service(
        utoipa_swagger_ui::SwaggerUi::new("/docs/{_:.*}")
            .config(utoipa_swagger_ui::Config::from("/openapi.json").try_it_out_enabled(true).validator_url("none")),
    );
    cfg.service(openapi_json);
}

/// The document as text, made once for all workers when it is first asked for.
static TEXT: OnceLock<String> = OnceLock::new();

/// The document.
#[get("/openapi.json")]
async fn openapi_json() -> HttpResponse {
    let text = TEXT.get_or_init(|| serde_json::to_string(&document()).unwrap_or_default());
    HttpResponse::Ok().content_type("application/json").body(text.as_str())
}

/// Every problem code: meaning and who acts.
#[get("/docs/problems")]
async fn problems_page() -> HttpResponse {
    let rows =
        ProblemCode::ALL.iter().map(|code| (code.as_str(), format!("{} {}", code.status(), code.title()), code.acts()));
    page("Problems", "Every error answers with one of these codes.", rows)
}

/// Every reason code: meaning and who acts.
#[get("/docs/reasons")]
async fn reasons_page() -> HttpResponse {
    let rows = ReasonCode::ALL.iter().map(|code| (code.as_str(), code.meaning().to_owned(), code.acts()));
    page("Reasons", "Why a gate refuses (409 gate_refused), and what a scan's decision lists.", rows)
}

/// Every limit: how much, what is answered beyond, and why.
#[get("/docs/limits")]
async fn limits_page() -> HttpResponse {
    let mut html = head("Limits", "What is limited, to how much, and what is answered beyond.");
    html.push_str("<tr><th>What<th>At most<th>Beyond<th>Why");
    for limits::Row { what, most, beyond, why } in limits::table() {
        let _ = write!(html, "<tr><td>{what}<td>{most}<td>{beyond}<td>{why}");
    }
    html.push_str("</table></html>\n");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html)
}

fn head(title: &str, lead: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Lotline: {title}</title>\
         <style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}\
         td,th{{text-align:left;vertical-align:top;padding:.3rem .8rem;border-bottom:1px solid #ddd}}</style>\
         <h1>{title}</h1><p>{lead}</p><table>"
    )
}

fn page<'a>(title: &str, lead: &str, rows: impl Iterator<Item = (&'a str, String, &'a str)>) -> HttpResponse {
    let mut html = head(title, lead);
    html.push_str("<tr><th>Code<th>Meaning<th>Who acts");
    for (code, meaning, acts) in rows {
        // Codes and meanings are our own constants: nothing in them needs escaping.
        let _ = write!(html, "<tr id={code}><td><code>{code}</code><td>{meaning}<td>{acts}");
    }
    html.push_str("</table></html>\n");
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html)
}
