//! The document, the interface that shows it, and the pages that are made from it and from the code tables.
//!
//! Anybody may ask for them, as often as they like: each is made once for the whole process, and nothing of it is copied
//! for an answer but the slice that is on its way.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, get, web};
use utoipa_swagger_ui::Config;

use super::document::document;
use super::guide;
use crate::caller::Role;
use crate::decision::ReasonCode;
use crate::house;
use crate::http::outgoing::Constant;
use crate::http::slice::{Operation, Reach};
use crate::limits;
use crate::problem::{Problem, ProblemCode};

/// The headers of every answer here. A page may load what lies beside it and ask this server, and nothing else: no script
/// or style that stands in a page runs, and no other page may show it in a frame. The interface has its icons in its
/// style, as `data:`, and the colours of its sign in that sign, the one style that is named here by its digest.
pub const HEADERS: &[(HeaderName, &str)] = &[
    (
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; \
         style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; img-src 'self' data:; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
];

const HTML: &str = "text/html; charset=utf-8";

/// The document, the interface, and the pages of codes.
pub fn routes(cfg: &mut web::ServiceConfig) {
    cfg.service(openapi_json);
    cfg.service(guide_page).service(problems_page).service(reasons_page).service(limits_page).service(roles_page);
    cfg.service(style);
    // The interface's own files are addressed relative to the folder.
    cfg.service(web::redirect("/docs", "/docs/"));
    cfg.service(interface);
}

/// An answer that is made once for all workers, when it is first asked for.
fn once(cell: &'static OnceLock<String>, media_type: &'static str, make: impl FnOnce() -> String) -> HttpResponse {
    let text = cell.get_or_init(make);
    HttpResponse::Ok().content_type(media_type).body(Constant::new(text.as_bytes()))
}

/// The document.
#[get("/openapi.json")]
async fn openapi_json() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    once(&TEXT, "application/json", || serde_json::to_string(document()).unwrap_or_default())
}

/// The interface: Swagger UI, whose files are part of the program.
#[get("/docs/{file:.*}")]
async fn interface(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let config = Config::from("/openapi.json").try_it_out_enabled(true).validator_url("none");
    let found = utoipa_swagger_ui::serve(&file, Arc::new(config));
    let found = found.map_err(|_| Problem::new(ProblemCode::Internal, ProblemCode::Internal.title()))?;
    let found = found.ok_or_else(|| Problem::new(ProblemCode::NotFound, "There is nothing at this address."))?;
    let mut answer = HttpResponse::Ok();
    answer.content_type(found.content_type);
    Ok(match found.bytes {
        Cow::Borrowed(bytes) => answer.body(Constant::new(bytes)),
        // The few lines that say where the document is.
        Cow::Owned(bytes) => answer.body(bytes),
    })
}

/// How the pages look.
#[get("/docs/pages.css")]
async fn style() -> HttpResponse {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(
        // Long lines wrap, and are copied as the one line that they are; a table that is too wide moves by itself.
        "body{font:16px/1.5 system-ui;margin:2rem auto;max-width:70rem;padding:0 1rem}\n\
         table{border-collapse:collapse;display:block;overflow-x:auto}\n\
         td,th{text-align:left;vertical-align:top;padding:.3rem .8rem;border-bottom:1px solid #ddd;overflow-wrap:break-word}\n\
         pre{white-space:pre-wrap;overflow-wrap:anywhere}\n\
         @media (max-width:45rem){body{margin:1rem auto}td,th{padding:.2rem .4rem}pre{font-size:.8rem}}\n\
         @media print{body{margin:0;max-width:none;font-size:9.5pt}table{display:table}pre{font-size:8pt}\
         tr{break-inside:avoid}}\n",
    )
}

/// Every problem code: meaning, who acts, an example.
#[get("/docs/problems")]
async fn problems_page() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    once(&TEXT, HTML, || {
        let rows = house::problems().into_iter().map(|code| Row {
            code: code.as_str(),
            meaning: format!("{} {}", code.status(), code.title()),
            acts: code.acts(),
            example: code.example().0,
        });
        page("Problems", "Every error answers with one of these codes.", rows)
    })
}

/// Every reason code: meaning, who acts, an example.
#[get("/docs/reasons")]
async fn reasons_page() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    once(&TEXT, HTML, || {
        let rows = ReasonCode::ALL.iter().map(|code| Row {
            code: code.as_str(),
            meaning: code.meaning().to_owned(),
            acts: code.acts(),
            example: code.example(),
        });
        page("Reasons", "Why a gate refuses (409 gate_refused), and what a scan's decision lists.", rows)
    })
}

/// The main job, step by step.
#[get("/docs/guide")]
async fn guide_page() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    let lead = "One lot, from nothing to a patient and back: paste it into a shell, all of it or step by step. It needs \
        curl and jq, and nothing else in the folder. Products, people and licences are made up.";
    once(&TEXT, HTML, || {
        let script = escaped(&guide::script(document()));
        format!("{}</table><pre>{script}</pre></html>\n", head("The guide", lead))
    })
}

/// Text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Who may call what.
#[get("/docs/roles")]
async fn roles_page() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    once(&TEXT, HTML, || {
        let lead = "Which roles may call which operation. A token may carry several. One that is for some sites only \
            changes what is there, and nothing that all sites share.";
        let mut html = head("Roles", lead);
        html.push_str("<tr><th>Operation<th>Reaches");
        for role in Role::ALL {
            let _ = write!(html, "<th>{role}");
        }
        for Operation { id: operation, roles, reach, .. } in house::operations() {
            let reach = match reach {
                Reach::Sites => "sites",
                Reach::Organisation => "all sites",
                Reach::Thing => "as far as the thing",
            };
            let _ = write!(html, "<tr id={operation}><td><code>{operation}</code><td>{reach}");
            for role in Role::ALL {
                html.push_str(if roles.contains(role) { "<td>yes" } else { "<td>" });
            }
        }
        html.push_str("</table></html>\n");
        html
    })
}

/// Every limit: how much, what is answered beyond, and why.
#[get("/docs/limits")]
async fn limits_page() -> HttpResponse {
    static TEXT: OnceLock<String> = OnceLock::new();
    once(&TEXT, HTML, || {
        let mut html = head("Limits", "What is limited, to how much, and what is answered beyond.");
        html.push_str("<tr><th>What<th>At most<th>Beyond<th>Why");
        for limits::Row { what, most, beyond, why } in limits::table() {
            let _ = write!(html, "<tr><td>{what}<td>{most}<td>{beyond}<td>{why}");
        }
        html.push_str("</table></html>\n");
        html
    })
}

/// A code of a table.
struct Row {
    code: &'static str,
    meaning: String,
    acts: &'static str,
    example: &'static str,
}

fn head(title: &str, lead: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <meta name=viewport content=\"width=device-width, initial-scale=1\"><title>Lotline: {title}</title>\
         <link rel=stylesheet href=/docs/pages.css>\
         <h1>{title}</h1><p>{lead} <a href=/docs/>The operations</a>.</p><table>"
    )
}

fn page(title: &str, lead: &str, rows: impl Iterator<Item = Row>) -> String {
    let mut html = head(title, lead);
    html.push_str("<tr><th>Code<th>Meaning<th>Who acts<th>Example");
    for Row { code, meaning, acts, example } in rows {
        // All of it is our own constants, but an example may hold what means something in HTML.
        let example = escaped(example);
        let _ = write!(html, "<tr id={code}><td><code>{code}</code><td>{meaning}<td>{acts}<td><i>{example}</i>");
    }
    html.push_str("</table></html>\n");
    html
}
