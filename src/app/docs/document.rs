//! The OpenAPI document: what the slices say, completed with what is the same for all operations.

use super::reading::operations_mut;
use crate::app::operations;
use crate::decision::{Reason, ReasonCode, Subject, SubjectType};
use crate::house;
use crate::http::slice::{Describing, Reach};
use crate::problem::{Dependent, DependentType, Problem, ProblemBody, ProblemCode};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::OnceLock;
use utoipa::OpenApi;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Components, Content, Ref, RefOr};
use utoipa_actix_web::AppExt;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Lotline",
        description = "Inventory and chain of custody for injectables: from a vetted supplier to one patient.\n\n\
            Every error is a problem (RFC 9457) with a stable `code`: [all problems](/docs/problems), \
            [all reasons](/docs/reasons), [all limits](/docs/limits), [who may call what](/docs/roles). Every operation that changes something takes an optional \
            `Idempotency-Key`. Every answer has an `X-Request-Id`, which finds it in the log.\n\n\
            Every list is a page as JSON or, with `Accept: text/csv` (RFC 4180) or `application/x-ndjson`, a file of all that its filters \
            give. The first row of a CSV has the names of its columns: the fields of an entry, those of an object within it with a dot \
            (`holder.id`); lists are cells of JSON, nothing is an empty cell, and before a text that a spreadsheet would take for a formula \
            stands an apostrophe. Every part of a file is as of when it is read; what is there all the while is in it once.\n\n\
            [The guide](/docs/guide) does the main job step by step, with `curl`. In short: register a site with a quarantine and a stock \
            location, a product, a supplier and a practitioner, and a licence with a check for the site \
            (`facility`), the supplier (`wholesale`) and the practitioner (`professional_registration`); order and \
            place the order; receive; inspect; let somebody else release; scan; administer; read the custody. \
            The OpenAPI links of an operation say what its answer is needed for next.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    // What only a query names is not found on the way through bodies.
    components(schemas(ProblemBody, ReasonCode, crate::values::LotSought, crate::custody_log::past::AsOf))
)]
struct Base;

/// The whole document, which is made once.
pub fn document() -> &'static utoipa::openapi::OpenApi {
    static MADE: OnceLock<utoipa::openapi::OpenApi> = OnceLock::new();
    MADE.get_or_init(made)
}

fn made() -> utoipa::openapi::OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .service(
            utoipa_actix_web::scope("/v1")
                .configure(|cfg: &mut Describing<'_>| house::SLICES.iter().for_each(|slice| (slice.describe)(cfg))),
        )
        .configure(|cfg: &mut Describing<'_>| {
            crate::app::operations::probes(cfg);
            crate::app::operations::numbers(cfg);
        })
        .split_for_parts();
    let tags = house::SLICES.iter().filter_map(|slice| slice.tag);
    let tag = |(name, description)| TagBuilder::new().name(name).description(Some(description)).build();
    document.tags = Some(tags.map(tag).collect());
    super::naming::describe(&mut document);
    let components = document.components.get_or_insert_default();
    super::edits::describe(&mut document.paths, components);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let components = components.clone();
    for item in document.paths.paths.values_mut() {
        for operation in operations_mut(item) {
            complete(operation, &components);
        }
    }
    super::links::add(&mut document);
    super::answers::add(&mut document);
    document
}

/// What is the same for all operations: who may call them, and the problems that each can answer.
fn complete(operation: &mut Operation, components: &Components) {
    let id = operation.operation_id.clone().unwrap_or_default();
    if operations::PUBLIC.contains(&id.as_str()) {
        operation.security = Some(Vec::new());
        if !operations::PROBES.contains(&id.as_str()) {
            let code = ProblemCode::TooManyRequests;
            operation.responses.responses.insert(code.status().to_string(), problem_response(&[code]));
        }
        return;
    }
    super::files::describe(operation, components);
    let said = house::operation(&id);
    let roles: Vec<_> = said.iter().flat_map(|said| said.roles).map(|role| role.as_str()).collect();
    operation.security = Some(vec![SecurityRequirement::new("bearer", roles.clone())]);
    let description = operation.description.take().filter(|text| !text.is_empty());
    let reach = match said.map(|said| said.reach) {
        Some(Reach::Organisation) => " A token for some sites only is refused.",
        Some(Reach::Thing) => " A token for some sites only is refused where it reaches beyond them.",
        _ => "",
    };
    let for_whom = format!("Roles: `{}`.{reach}", roles.join("`, `"));
    operation.description = Some(description.map_or(for_whom.clone(), |text| format!("{text}\n\n{for_whom}")));
    if super::problems::changes(&id) {
        operation.parameters.get_or_insert_default().push(idempotency_parameter().into());
    }
    operation.parameters.iter_mut().flatten().for_each(without_nul);
    let codes = super::problems::of(operation, components);
    let statuses: BTreeSet<_> = codes.iter().map(|code| code.status()).collect();
    for status in statuses {
        let codes: Vec<_> = codes.iter().copied().filter(|code| code.status() == status).collect();
        operation.responses.responses.insert(status.to_string(), problem_response(&codes));
    }
}

/// What every text in a query is held to that is of no type of its own; see [`crate::app::requests`].
fn without_nul(parameter: &mut RefOr<Parameter>) {
    let RefOr::T(Parameter { parameter_in: ParameterIn::Query, schema: Some(RefOr::T(Schema::Object(text))), .. }) =
        parameter
    else {
        return;
    };
    let is_text = matches!(text.schema_type, SchemaType::Type(Type::String));
    if is_text && text.format.is_none() && text.enum_values.is_none() {
        text.pattern.get_or_insert_with(|| r"^[^\x00]*$".to_owned());
    }
}

fn idempotency_parameter() -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(128));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some("Repeat a request with the same key and body to get the first answer again, for seven days."))
        .schema(Some(text.pattern(Some("^[!-~]{1,128}$"))))
        .build()
}

/// The extension by which an answer says which problem codes it can have.
pub const PROBLEMS: &str = "x-problems";

/// What an answer says of a rate.
const RATE_HEADERS: &[(&str, &str)] = &[
    ("Retry-After", "After how many seconds there may be another one."),
    ("RateLimit-Policy", "The name of the rate, how many requests (`q`) are allowed in how many seconds (`w`)."),
    ("RateLimit", "How many remain of it (`r`), and in how many seconds all of them are there again (`t`)."),
];

fn problem_response(codes: &[ProblemCode]) -> RefOr<utoipa::openapi::Response> {
    let mut description = String::new();
    for code in codes {
        let code = (code.as_str(), code.title());
        let _ = writeln!(description, "* [`{0}`](/docs/problems#{0}): {1}", code.0, code.1);
    }
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let mut content = Content::new(Some(Ref::from_schema_name("Problem")));
    content.example = codes.first().and_then(|code| serde_json::to_value(example(*code)).ok());
    let response = ResponseBuilder::new().description(description.trim());
    let headers: &[_] = if codes.contains(&ProblemCode::TooManyRequests) { RATE_HEADERS } else { &[] };
    let response = headers.iter().fold(response, |response, (name, description)| {
        let text = ObjectBuilder::new().schema_type(Type::String);
        response.header(*name, HeaderBuilder::new().schema(Some(text)).description(Some(*description)).build())
    });
    response
        .content("application/problem+json", content)
        .extensions(Some([(PROBLEMS, serde_json::json!(names))].into_iter().collect()))
        .build()
        .into()
}

/// A problem as it is answered.
fn example(code: ProblemCode) -> ProblemBody {
    let (detail, fields) = code.example();
    let problem =
        Problem { fields: fields.iter().map(|field| (*field).to_owned()).collect(), ..Problem::new(code, detail) };
    let reasons = match code {
        ProblemCode::GateRefused => vec![Reason {
            code: ReasonCode::LotQuarantined,
            message: detail.to_owned(),
            subject: Subject::new(SubjectType::Lot, "lot_01932c07-8d00-7000-8000-000000000006"),
        }],
        _ => Vec::new(),
    };
    let dependents = match code {
        ProblemCode::PlaceInUse => {
            [Dependent::new(DependentType::Lot, "lot_01932c07-8d00-7000-8000-000000000006")].into()
        }
        _ => Box::default(),
    };
    Problem { reasons, dependents, ..problem }.body("01932c07-8d00-7000-8000-00000000000f")
}
