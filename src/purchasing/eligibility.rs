//! The facts that eligibility rests on, and the question over HTTP.

use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::{self, Facts};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::View;
use crate::db::Db;
use crate::decision::Decision;
use crate::error::Result;
use crate::http::commands::Queries;
use crate::http::input::Query;
use crate::ids::{OrganisationId, PractitionerId, ProductId, SiteId, SupplierId};
use crate::licences::model::LicenceKind;
use crate::practitioners::model::Practitioner;
use crate::problem::{Problem, ProblemBody};
use crate::sites::model::Site;
use crate::suppliers::model::Supplier;

/// Who buys from whom, and when.
pub struct Parties {
    /// For which site.
    pub site: Site,
    /// From whom, if that is asked.
    pub supplier: Option<Supplier>,
    /// Who would treat, if that is asked.
    pub practitioner: Option<Practitioner>,
    /// At which moment.
    pub at: Moment,
    /// The calendar day that is judged.
    pub day: NaiveDate,
}

/// Reads what else the rule needs to know about buying these products.
///
/// # Errors
/// What the database answers.
pub fn gather(db: &mut Db, organisation: &OrganisationId, parties: Parties, products: &[&Product]) -> Result<Facts> {
    let Parties { site, supplier, practitioner, at, day } = parties;
    let mut holders = vec![site.id.as_str(), organisation.as_str()];
    holders.extend(supplier.iter().map(|supplier| supplier.id.as_str()));
    holders.extend(practitioner.iter().map(|practitioner| practitioner.id.as_str()));
    let mut licences = crate::licences::service::held_by(db, organisation, &holders)?;
    if practitioner.is_none() && products.iter().any(|product| product.requires_training) {
        licences.extend(crate::licences::service::of_kind(db, organisation, LicenceKind::Training)?);
    }
    let policy = crate::policies::service::current(db, organisation)?;
    Ok(Facts { site, supplier, practitioner, licences, policy, at, day })
}

/// What is to be bought.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EligibilityQuestion {
    /// For which site.
    site_id: SiteId,
    /// Which product.
    product_id: ProductId,
    /// From whom.
    supplier_id: Option<SupplierId>,
    /// Who would treat.
    practitioner_id: Option<PractitionerId>,
    /// On which day; today at the site if left out.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    on: Option<NaiveDate>,
}

/// Whether a product may be bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Eligibility {
    /// The answer, with every reason against it and what it rests on.
    decision: Decision,
}

/// Answers whether a site may buy a product, from a supplier and for a practitioner if they are named.
///
/// Placing an order asks the same rule of every line.
#[utoipa::path(operation_id = "get_eligibility", tag = "Purchasing", params(EligibilityQuestion),
    responses((status = 200, description = "The decision.", body = Eligibility),
        (status = 422, description = "A problem: reference_unknown.", body = ProblemBody,
            content_type = "application/problem+json")))]
#[get("/eligibility")]
pub(super) async fn get_eligibility(
    queries: Queries,
    question: Query<EligibilityQuestion>,
) -> Result<HttpResponse, Problem> {
    let question = question.into_inner();
    let judge = move |view: &mut View<'_>| decide(view, &question).map(|decision| Eligibility { decision });
    queries.judge(judge, |answer| Some(&answer.decision)).await
}

fn decide(view: &mut View<'_>, question: &EligibilityQuestion) -> Result<Decision> {
    let organisation = &view.caller.organisation_id;
    let site = crate::sites::service::expect_site(view.db, view.caller, &question.site_id)?;
    let product = crate::catalogue::service::expect(view.db, organisation, &question.product_id)?;
    let supplier = question
        .supplier_id
        .as_ref()
        .map(|id| crate::suppliers::service::expect(view.db, organisation, id))
        .transpose()?;
    let practitioner = question
        .practitioner_id
        .as_ref()
        .map(|id| crate::practitioners::service::expect(view.db, organisation, "practitioner_id", id))
        .transpose()?;
    let today = view.now.day_in(site.time_zone.rules());
    let day = question.on.unwrap_or(today);
    let at = if day == today { view.now } else { Moment::start_of(day) };
    let parties = Parties { site, supplier, practitioner, at, day };
    let facts = gather(view.db, organisation, parties, &[&product])?;
    Ok(rules::eligible(&facts, &product, view.now))
}
