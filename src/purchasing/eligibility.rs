//! The facts that eligibility rests on, and the question over HTTP.

use actix_web::{HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::{self, Facts};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::View;
use crate::custody_log::known;
use crate::custody_log::past::{AsOf, Known, Log};
use crate::db::Db;
use crate::db::known::Memory;
use crate::decision::Decision;
use crate::error::Result;
use crate::http::commands::Queries;
use crate::http::input::Query;
use crate::http::slice::Slice;
use crate::ids::{OrganisationId, PractitionerId, ProductId, SiteId, SupplierId};
use crate::licences::model::LicenceKind;
use crate::practitioners::model::Practitioner;
use crate::problem::{Problem, ProblemBody, ProblemCode};
use crate::sites::model::Site;
use crate::suppliers::model::Supplier;
use crate::versions;

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
    /// The moment in the past by whose policy it is judged, if it is one.
    pub past: Option<Moment>,
}

/// Reads what else the rule needs to know about buying these products.
///
/// # Errors
/// What the database answers.
pub fn gather(db: &mut Db, organisation: &OrganisationId, parties: Parties, products: &[&Product]) -> Result<Facts> {
    let Parties { site, supplier, practitioner, at, day, past } = parties;
    let mut holders = vec![site.id.as_str(), organisation.as_str()];
    holders.extend(supplier.iter().map(|supplier| supplier.id.as_str()));
    holders.extend(practitioner.iter().map(|practitioner| practitioner.id.as_str()));
    let mut licences = crate::licences::service::held_by(db, organisation, &holders)?;
    if practitioner.is_none() && products.iter().any(|product| product.requires_training) {
        licences.extend(crate::licences::service::of_kind(db, organisation, LicenceKind::Training)?);
    }
    let policy = crate::policies::service::at(db, organisation, past)?;
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
    /// At which moment, by what is known now of then: instead of a day.
    at: Option<Moment>,
    /// By what was known then: a time, or how many entries the custody log had. The answer names that number.
    as_of: Option<AsOf>,
}

/// Whether a product may be bought.
#[derive(Debug, Serialize, ToSchema)]
pub struct Eligibility {
    /// The answer, with every reason against it and what it rests on.
    decision: Decision,
    /// How many entries the custody log had when this was known; only where `as_of` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    tree_size: Option<u64>,
}

/// Answers whether a site may buy a product, from a supplier and for a practitioner if they are named.
///
/// Placing an order asks the same rule of every line. It can be asked of a moment in the past, and of what was known at one: by the
/// registers, products and policies that had been recorded by then, as a decision would have fallen then.
#[utoipa::path(operation_id = "get_eligibility", tag = "Purchasing", params(EligibilityQuestion),
    responses((status = 200, description = "The decision.", body = Eligibility),
        (status = 422, description = "A problem: reference_unknown.", body = ProblemBody,
            content_type = "application/problem+json")))]
#[get("/eligibility")]
pub(super) async fn get_eligibility(
    queries: Queries,
    log: Log,
    question: Query<EligibilityQuestion>,
) -> Result<HttpResponse, Problem> {
    let question = question.into_inner();
    if question.on.is_some() && question.at.is_some() {
        return Err(Problem::new(
            ProblemCode::MalformedQuery,
            "Ask for a day (on) or for a moment (at), not for both.",
        ));
    }
    let past = log.past(&queries, question.at, question.as_of).await?;
    let judge = move |view: &mut View<'_>| {
        let decision = match past.known {
            Some(known) => decide_then(view, &question, known)?,
            None => decide(view, &question)?,
        };
        Ok(Eligibility { decision, tree_size: past.tree_size() })
    };
    queries.judge(judge, |answer| Some(&answer.decision)).await
}

/// The decision as it would have fallen by what was known.
fn decide_then(view: &mut View<'_>, question: &EligibilityQuestion, known: Known) -> Result<Decision> {
    let organisation = &view.caller.organisation_id;
    let EligibilityQuestion { site_id, product_id, supplier_id, practitioner_id, .. } = question;
    let (supplier, practitioner) =
        (supplier_id.as_ref().map(|id| id.as_str()), practitioner_id.as_ref().map(|id| id.as_str()));
    let holders: Vec<&str> =
        [site_id.as_str(), organisation.as_str()].into_iter().chain(supplier).chain(practitioner).collect();
    // Somebody who is trained is asked for where nobody is named.
    let kind = practitioner.is_none().then_some(LicenceKind::Training);
    let licences = crate::licences::service::ever_held(view.db, organisation, &holders, kind)?;
    let ids: Vec<&str> = licences.iter().map(|(id, _)| id.as_str()).collect();
    // Whose a licence is tells whether its holder vouched for themselves.
    let people: Vec<&str> = licences.iter().map(|(_, holder)| holder.as_str()).chain(practitioner).collect();
    let about: &[(&Slice, &[&str])] = &[
        (&crate::sites::SLICE, &[site_id.as_str()]),
        (&crate::catalogue::SLICE, &[product_id.as_str()]),
        (&crate::suppliers::SLICE, supplier.as_slice()),
        (&crate::practitioners::SLICE, &people),
        (&crate::licences::SLICE, &ids),
        (&crate::policies::SLICE, &[organisation.as_str()]),
    ];
    let mut then = known::of(view, known, about)?;
    let memory = Memory::default();
    let View { caller, reader, patients, .. } = *view;
    let known_then = memory.of(organisation);
    decide(&mut View::new(&mut then, caller, known.by, reader, known_then, patients), question)
}

fn decide(view: &mut View<'_>, question: &EligibilityQuestion) -> Result<Decision> {
    let (organisation, past) = (&view.caller.organisation_id, question.at);
    let site = crate::sites::service::expect_site(view.db, view.caller, &question.site_id)?;
    let site = versions::at(view.db, organisation, site, past)?;
    let product = crate::catalogue::service::expect(view.db, organisation, &question.product_id)?;
    let product = versions::at(view.db, organisation, product, past)?;
    let mut supplier = None;
    if let Some(id) = &question.supplier_id {
        let found = crate::suppliers::service::expect(view.db, organisation, id)?;
        supplier = Some(versions::at(view.db, organisation, found, past)?);
    }
    let mut practitioner = None;
    if let Some(id) = &question.practitioner_id {
        let found = crate::practitioners::service::expect(view.db, organisation, "practitioner_id", id)?;
        practitioner = Some(versions::at(view.db, organisation, found, past)?);
    }
    let zone = site.time_zone.rules();
    let today = view.now.day_in(zone);
    let day = past.map(|at| at.day_in(zone)).or(question.on).unwrap_or(today);
    let at = past.unwrap_or(if day == today { view.now } else { Moment::start_of(day) });
    let parties = Parties { site, supplier, practitioner, at, day, past };
    let facts = gather(view.db, organisation, parties, &[&product])?;
    Ok(rules::eligible(&facts, &product, view.now))
}
