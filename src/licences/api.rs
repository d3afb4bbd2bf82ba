//! Licences over HTTP.

use crate::http::slice::Routes;
use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Discount;
use super::model::{
    CheckOutcome, HolderType, Licence, LicenceAcknowledgement, LicenceCheck, LicenceKind, LicenceReversal, Scope,
    Touched,
};
use super::resting::{self, Part, Record};
use super::{reversals, service, store};
use crate::clock::Moment;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, path_id};
use crate::http::paging::{self, Cursor, Limit, List, Page};
use crate::ids::{LicenceCheckId, LicenceId};
use crate::problem::Problem;
use crate::values::{Jurisdiction, Prose, Sha256Hex, Word};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_licence).service(list_licences).service(get_licence).service(create_check);
    cfg.service(reverse_licence).service(reverse_check).service(acknowledge);
}

/// Who holds a licence.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// What kind of holder.
    #[serde(rename = "type")]
    pub kind: HolderType,
    /// Its id.
    pub id: String,
}

/// A licence to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "holder": {"type": "practitioner", "id": "prac_01932c07-8d00-7000-8000-000000000003"}, "kind": "professional_registration",
    "authority": "GMC", "number": "1234567", "jurisdiction": "GB", "product_classes": ["*"],
    "valid_from": "2026-01-01", "valid_to": "2029-12-31"
}))]
pub struct NewLicence {
    /// Who holds it.
    pub holder: Holder,
    /// What it allows.
    pub kind: LicenceKind,
    /// Who issued it; the numbers of known authorities are checked.
    pub authority: Word,
    /// Its number.
    pub number: Word,
    /// Where it counts: `GB` covers `GB-ENG`.
    #[serde(deserialize_with = "crate::values::listed_jurisdiction")]
    pub jurisdiction: Jurisdiction,
    /// The classes that it covers, or `["*"]`.
    pub product_classes: Scope,
    /// The first day of its validity.
    #[serde(deserialize_with = "crate::values::day")]
    pub valid_from: NaiveDate,
    /// The last day of its validity.
    #[serde(deserialize_with = "crate::values::day")]
    pub valid_to: NaiveDate,
}

/// A licence.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Licence)]
pub struct LicenceView {
    id: LicenceId,
    holder: Holder,
    kind: LicenceKind,
    authority: Word,
    number: Word,
    /// Whether the number was checked against the authority's format; false for authorities that are not known.
    number_validated: bool,
    jurisdiction: Jurisdiction,
    product_classes: Scope,
    valid_from: NaiveDate,
    valid_to: NaiveDate,
    registered_at: Moment,
    /// The reversal, if it was mis-keyed and counts for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    reversal: Option<LicenceReversal>,
    /// Its checks, oldest first (only where one licence is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<CheckView>>,
    /// What rested on it for a moment at which, as a later entry says, it was lost already (only where one licence is shown).
    /// The decisions stay as they were made.
    #[serde(skip_serializing_if = "Option::is_none")]
    touched: Option<Touched>,
    /// The last time that somebody acknowledged what it had touched (only where one licence is shown).
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<LicenceAcknowledgement>,
}

/// A check of a licence, with what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    #[serde(flatten)]
    check: LicenceCheck,
    /// The reversal, if it was mis-keyed and counts for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    reversal: Option<LicenceReversal>,
    /// Why it stopped counting, if whoever made it turned out not to be independent of the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<Discount>,
}

impl From<Licence> for LicenceView {
    fn from(licence: Licence) -> Self {
        LicenceView {
            id: licence.id,
            holder: Holder { kind: licence.holder_type, id: licence.holder_id },
            kind: licence.kind,
            authority: licence.authority,
            number: licence.number,
            number_validated: licence.number_validated,
            jurisdiction: licence.jurisdiction,
            product_classes: licence.product_classes.into_inner(),
            valid_from: licence.valid_from,
            valid_to: licence.valid_to,
            registered_at: licence.registered_at,
            reversal: None,
            checks: None,
            touched: None,
            acknowledged: None,
        }
    }
}

/// Registers a licence.
///
/// A site buys and treats under a `facility` licence (its own or its organisation's), a practitioner treats under a
/// `professional_registration`, a supplier sells under a `wholesale` one. It counts once a check says `verified`.
#[utoipa::path(operation_id = "create_licence", tag = "Licences", request_body = NewLicence,
    responses((status = 201, description = "The licence.", body = LicenceView)))]
#[post("/licences")]
async fn create_licence(commands: Commands, body: Body<NewLicence>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register(cmd, new).map(LicenceView::from)).await
}

/// Which licences.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LicenceFilter {
    /// Only those of this kind of holder.
    holder_type: Option<HolderType>,
    /// Only those of this holder.
    holder_id: Option<String>,
    /// Only those of this kind.
    kind: Option<LicenceKind>,
    /// How many items at the most.
    limit: Option<Limit>,
    /// Where the page before ended.
    cursor: Option<Cursor>,
}

/// Lists licences.
#[utoipa::path(operation_id = "list_licences", tag = "Licences", params(LicenceFilter),
    responses((status = 200, description = "A page of licences.", body = Page<LicenceView>)))]
#[get("/licences")]
async fn list_licences(queries: Queries, filter: Query<LicenceFilter>) -> Result<HttpResponse, Problem> {
    let LicenceFilter { holder_type, holder_id, kind, limit, cursor } = filter.into_inner();
    let filter = store::Filter { id: None, holder_type, holder_id, kind, in_force: false };
    queries
        .search(
            List::of("licences", [paging::id::<LicenceId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                let ids: Vec<_> = found.items.iter().map(|licence| &licence.id).collect();
                let reversals = store::reversals(view.db, &view.caller.organisation_id, &ids)?;
                let reversal =
                    |id: &LicenceId| reversals.iter().find(|of| of.check_id.is_none() && of.licence_id == *id);
                let shown = |licence: Licence| LicenceView {
                    reversal: reversal(&licence.id).cloned(),
                    ..LicenceView::from(licence)
                };
                found.map(|found| Ok(found.into_iter().map(shown).collect()))
            },
            |licence| [licence.id.to_string()],
        )
        .await
}

/// Shows a licence with its checks.
#[utoipa::path(operation_id = "get_licence", tag = "Licences",
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 200, description = "The licence.", body = LicenceView)))]
#[get("/licences/{id}")]
async fn get_licence(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries
        .find(id, "licence", |view, id: LicenceId| {
            let Some(licence) = store::licence(view.db, view.caller, &id)? else { return Ok(None) };
            let organisation = &view.caller.organisation_id;
            let record = Record::of(view.db, organisation, &id)?;
            let part = Part { at: view.caller.sites.as_deref(), ..Part::default() };
            let touched = resting::touched(view.db, organisation, &id, &record, part)?;
            let reversal = |check: Option<&LicenceCheckId>| record.reversal(check).cloned();
            let shown = |check: &LicenceCheck| CheckView {
                reversal: reversal(Some(&check.id)),
                discount: record.discount(&check.id).cloned(),
                check: check.clone(),
            };
            Ok(Some(LicenceView {
                reversal: reversal(None),
                checks: Some(record.checks.iter().map(shown).collect()),
                touched: Some(touched),
                acknowledged: record.acknowledged.clone(),
                ..LicenceView::from(licence)
            }))
        })
        .await
}

/// A check of a licence.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "verified", "source": "https://www.gmc-uk.org/registrants/1234567"}))]
pub struct NewCheck {
    /// What the authority said.
    pub outcome: CheckOutcome,
    /// Where that is written.
    pub source: Prose,
    /// When it was looked up; now if left out.
    #[serde(default)]
    pub checked_at: Option<Moment>,
    /// From which day on it is so, when that is another day.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub effective_on: Option<NaiveDate>,
    /// The digest of what was kept as evidence.
    #[serde(default)]
    pub evidence_sha256: Option<Sha256Hex>,
    /// A note.
    #[serde(default)]
    pub note: Option<Prose>,
}

/// Adds a check of a licence.
///
/// Checks are only ever added. One that says verified speaks for every day of the validity, earlier ones included, that no
/// adverse state covers. One that says anything else covers from `effective_on` (or from the check) to the next verification,
/// and no later check makes its days good. Whoever checks is independent of the holder, by every subject that either ever
/// had and by way of others; a verification that turns out not to be so stops counting then. What rested on the licence meanwhile is listed: see the licence's `touched`.
#[utoipa::path(operation_id = "create_licence_check", tag = "Licences", request_body = NewCheck,
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 201, description = "The check.", body = LicenceCheck)))]
#[post("/licences/{id}/checks")]
async fn create_check(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewCheck>,
) -> Result<HttpResponse, Problem> {
    let id: LicenceId = path_id(&id, "licence")?;
    commands.create(body, move |cmd, new| service::check(cmd, &id, new)).await
}

/// Why something mis-keyed is reversed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Keyed for the wrong practitioner"}))]
pub struct NewReversal {
    /// Why.
    pub reason: Prose,
}

/// Reverses a mis-keyed licence, with all its checks.
///
/// It counts for nothing any more, and stays on record. Refused with the list when decisions rest on it.
#[utoipa::path(operation_id = "create_licence_reversal", tag = "Licences", request_body = NewReversal,
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 201, description = "The reversal.", body = LicenceReversal)))]
#[post("/licences/{id}/reversals")]
async fn reverse_licence(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewReversal>,
) -> Result<HttpResponse, Problem> {
    let id: LicenceId = path_id(&id, "licence")?;
    commands.create(body, move |cmd, new| reversals::reverse(cmd, &id, None, new)).await
}

/// Reverses a mis-keyed check of a licence.
///
/// It counts for nothing any more, and stays on record. Refused with the list when decisions rest on it. What became untrue
/// with it (a verification that had ended a suspension) is listed: see the licence's `touched`.
#[utoipa::path(operation_id = "create_licence_check_reversal", tag = "Licences", request_body = NewReversal,
    params(("id" = LicenceId, Path, description = "The licence."),
        ("check_id" = LicenceCheckId, Path, description = "The check.")),
    responses((status = 201, description = "The reversal.", body = LicenceReversal)))]
#[post("/licences/{id}/checks/{check_id}/reversals")]
async fn reverse_check(
    commands: Commands,
    path: web::Path<(String, String)>,
    body: Body<NewReversal>,
) -> Result<HttpResponse, Problem> {
    let (id, check) = path.into_inner();
    let (id, check): (LicenceId, LicenceCheckId) = (path_id(&id, "licence")?, path_id(&check, "check of the licence")?);
    commands.create(body, move |cmd, new| reversals::reverse(cmd, &id, Some(&check), new)).await
}

/// What follows from what a licence has touched.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "The patients were told; the register was down that week"}))]
pub struct NewAcknowledgement {
    /// What follows from it.
    pub note: Prose,
}

/// Acknowledges what a licence has touched that was lost earlier than anybody knew.
///
/// It leaves the morning list until a later entry touches more.
#[utoipa::path(operation_id = "create_licence_acknowledgement", tag = "Licences", request_body = NewAcknowledgement,
    params(("id" = LicenceId, Path, description = "The licence.")),
    responses((status = 201, description = "The acknowledgement.", body = LicenceAcknowledgement)))]
#[post("/licences/{id}/acknowledgements")]
async fn acknowledge(
    commands: Commands,
    id: web::Path<String>,
    body: Body<NewAcknowledgement>,
) -> Result<HttpResponse, Problem> {
    let id: LicenceId = path_id(&id, "licence")?;
    commands.create(body, move |cmd, new| reversals::acknowledge(cmd, &id, new)).await
}
