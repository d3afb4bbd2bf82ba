//! Signals: how often harm came of a lot against the other lots of its product, and of a product against the others of its class.
//!
//! All of it follows from what is counted beside the record of adverse events, lot by lot and product by product, and from the accounts of
//! what went to patients: no administration is looked at. Whether something is flagged stands nowhere, as every unit that is administered
//! changes it.

use std::collections::{BTreeMap, BTreeSet};

use super::events::Deed;
use super::interval::Compared;
use super::model::{Count, SignalReview};
use super::signal_wire::{Figures, NewSignalReview, SignalReviewView, SignalView, events_of};
use super::store::counts;
use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::paging::Found;
use crate::ids::{LotId, OrganisationId, ProductId, SignalReviewId};
use crate::problem::ProblemCode;
use crate::stock::model::Lot;
use crate::values::LotText;

/// What is compared: a lot with the others of its product, or a product with the others of its class.
type Subject = (ProductId, Option<LotId>);

/// What is known of products, as far as it was asked for.
struct Known<'a> {
    db: &'a mut Db,
    organisation: &'a OrganisationId,
    classes: BTreeMap<ProductClass, (i64, i64)>,
}

/// What is compared for each subject, with what is counted of it.
fn compared(
    db: &mut Db,
    organisation: &OrganisationId,
    subjects: &[Subject],
) -> Result<Vec<(Product, Compared, Option<Count>)>> {
    let products: BTreeSet<&ProductId> = subjects.iter().map(|(product, _)| product).collect();
    let products: Vec<&ProductId> = products.into_iter().collect();
    if products.is_empty() {
        return Ok(Vec::new());
    }
    let lots: Vec<&LotId> = subjects.iter().filter_map(|(_, lot)| lot.as_ref()).collect();
    let ids: Vec<&str> =
        subjects.iter().map(|(product, lot)| lot.as_ref().map_or(product.as_str(), LotId::as_str)).collect();
    let counted = counts::of(db, organisation, &ids)?;
    let units_of_lots = counts::units_of_lots(db, organisation, &lots)?;
    let units_of_products = counts::units_of_products(db, organisation, &products)?;
    let by_lots = counts::by_lots(db, organisation, &products)?;
    let known = crate::catalogue::service::by_ids(db, organisation, &products)?;
    let mut classes = Known { db, organisation, classes: BTreeMap::new() };
    let mut found = Vec::new();
    for ((product_id, lot), id) in subjects.iter().zip(ids) {
        let product = known.iter().find(|product| product.id == *product_id).cloned();
        let product = product.ok_or_else(|| Error::internal("a lot without its product"))?;
        let count = counted.iter().find(|count| count.subject == id).cloned();
        let events = events_of(count.as_ref());
        let of_product = units_of_products.get(product_id).copied().unwrap_or(0);
        let (units, all_events, all_units) = match lot {
            Some(lot) => {
                let own = units_of_lots.get(lot).copied().unwrap_or(0);
                (own, by_lots.get(product_id).copied().unwrap_or(0), of_product)
            }
            None => {
                let (events, units) = classes.of(product.class)?;
                (of_product, events, units)
            }
        };
        let compared = Compared {
            events,
            units,
            other_events: all_events.saturating_sub(events),
            other_units: all_units.saturating_sub(units),
        };
        found.push((product, compared, count));
    }
    Ok(found)
}

impl Known<'_> {
    /// Events and units of a class, read once.
    fn of(&mut self, class: ProductClass) -> Result<(i64, i64)> {
        if let Some(known) = self.classes.get(&class) {
            return Ok(*known);
        }
        let found = counts::of_class(self.db, self.organisation, class)?;
        self.classes.insert(class, found);
        Ok(found)
    }
}

/// Signals after a place, product by product, each before its lots; only of one product, if so asked. Who is bound to sites sees the lots
/// that came there, each against all others of the organisation.
///
/// # Errors
/// `reference_unknown` for the product; what the database answers.
pub fn page(
    view: &mut View<'_>,
    only: Option<&ProductId>,
    after: &[String; 2],
    limit: i64,
) -> Result<Found<SignalView, 2>> {
    let organisation = &view.caller.organisation_id;
    let subjects = match only {
        Some(product) => {
            let product = crate::catalogue::service::expect(view.db, organisation, product)?;
            of_product(view.db, organisation, &product.id, after, limit)?
        }
        None => of_all(view.db, organisation, after, limit)?,
    };
    let page = Found::all(subjects).sifted(limit, keys, |subjects| seen(view, subjects))?;
    page.map(|subjects| shown(view.db, &view.caller.organisation_id, &subjects))
}

/// The lots among them that the caller sees, and the products.
fn seen(view: &mut View<'_>, subjects: Vec<Subject>) -> Result<Vec<Subject>> {
    if view.caller.sites.is_none() {
        return Ok(subjects);
    }
    let lots: Vec<&LotId> = subjects.iter().filter_map(|(_, lot)| lot.as_ref()).collect();
    let visible = match lots.is_empty() {
        true => Vec::new(),
        false => crate::stock::service::visible(view.db, view.caller, &lots)?,
    };
    Ok(subjects.into_iter().filter(|(_, lot)| lot.as_ref().is_none_or(|lot| visible.contains(lot))).collect())
}

/// By what a signal is told apart from others: its product, and its lot or that product again.
fn keys((product, lot): &Subject) -> [String; 2] {
    [product.to_string(), lot.as_ref().map_or_else(|| product.to_string(), ToString::to_string)]
}

/// A product and its lots, after a place.
fn of_product(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    [of, after]: &[String; 2],
    limit: i64,
) -> Result<Vec<Subject>> {
    let is_begun = of == product.as_str();
    let mut subjects: Vec<Subject> = if is_begun { Vec::new() } else { vec![(product.clone(), None)] };
    let left = limit.saturating_sub(i64::from(!is_begun));
    let after = if is_begun && after.parse::<LotId>().is_ok() { after.as_str() } else { "" };
    if left > 0 {
        let lots = counts::lots_after(db, organisation, product, after, left)?;
        subjects.extend(lots.into_iter().map(|lot| (product.clone(), Some(lot))));
    }
    Ok(subjects)
}

/// All products and their lots, after a place: the rest of the product that was begun, then those that follow.
fn of_all(db: &mut Db, organisation: &OrganisationId, after: &[String; 2], limit: i64) -> Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    if let Ok(begun) = after[0].parse::<ProductId>() {
        subjects = of_product(db, organisation, &begun, after, limit)?;
    }
    let full = |subjects: &[Subject]| i64::try_from(subjects.len()).is_ok_and(|found| found >= limit);
    if full(&subjects) {
        return Ok(subjects);
    }
    for product in crate::catalogue::service::in_order(db, organisation, &after[0], limit)? {
        let found = i64::try_from(subjects.len()).unwrap_or(i64::MAX);
        let nowhere = [String::new(), String::new()];
        subjects.extend(of_product(db, organisation, &product.id, &nowhere, limit.saturating_sub(found))?);
        if full(&subjects) {
            break;
        }
    }
    Ok(subjects)
}

fn shown(db: &mut Db, organisation: &OrganisationId, subjects: &[Subject]) -> Result<Vec<SignalView>> {
    let found = compared(db, organisation, subjects)?;
    let lot_ids: Vec<&LotId> = subjects.iter().filter_map(|(_, lot)| lot.as_ref()).collect();
    let lots = match lot_ids.is_empty() {
        true => Vec::new(),
        false => crate::stock::service::lots(db, organisation, &lot_ids)?,
    };
    let reviews: Vec<&SignalReviewId> =
        found.iter().filter_map(|(_, _, count)| count.as_ref()?.review_id.as_ref()).collect();
    let reviews = if reviews.is_empty() { Vec::new() } else { counts::reviews(db, organisation, &reviews)? };
    let views = subjects.iter().zip(found).map(|(subject, (product, compared, count))| {
        let lot: Option<&Lot> = subject.1.as_ref().and_then(|id| lots.iter().find(|lot| lot.id == *id));
        let review = count.as_ref().and_then(|count| count.review_id.as_ref());
        let review = review.and_then(|id| reviews.iter().find(|review| review.id == *id)).cloned();
        let figures = Figures::from(compared);
        SignalView {
            product_id: product.id,
            product: product.name,
            lot_id: subject.1.clone(),
            lot: lot.map(|lot| lot.lot.clone()),
            expiry: lot.map(|lot| lot.expiry),
            to_review: figures.flagged && count.as_ref().is_some_and(Count::is_to_review),
            figures,
            review: review.map(SignalReviewView::from),
            keys: keys(subject),
        }
    });
    Ok(views.collect())
}

/// Something that is flagged and that nobody has looked at since an adverse event was reported.
#[derive(Clone, Debug)]
pub struct ToReview {
    /// The product, or that of the lot.
    pub product_id: ProductId,
    /// The lot; none where it is of the product.
    pub lot_id: Option<LotId>,
    /// When an adverse event was reported last.
    pub since: Moment,
}

/// What is flagged and waits for a review; of so many at the most.
///
/// # Errors
/// What the database answers.
pub fn to_review(db: &mut Db, organisation: &OrganisationId, most: i64) -> Result<Vec<ToReview>> {
    let waiting = counts::to_review(db, organisation, most)?;
    let subjects: Vec<Subject> = waiting.iter().map(|count| (count.product_id.clone(), count.lot_id.clone())).collect();
    let compared = compared(db, organisation, &subjects)?;
    let flagged = waiting.into_iter().zip(compared).filter(|(_, (_, compared, _))| compared.ratio().flagged);
    Ok(flagged
        .map(|(count, _)| ToReview { product_id: count.product_id, lot_id: count.lot_id, since: count.reported_at })
        .collect())
}

/// Records what was concluded of a lot or a product: it waits no more, until another adverse event is reported.
///
/// # Errors
/// `missing_field`, `invalid_value`, `reference_unknown`.
pub fn review(cmd: &mut Command<'_>, new: &NewSignalReview) -> Result<SignalReview> {
    let organisation = cmd.organisation();
    let subject: Subject = match (&new.lot_id, &new.product_id) {
        (Some(lot), None) => {
            let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, lot)?;
            (lot.product_id, Some(lot.id))
        }
        (None, Some(product)) => (crate::catalogue::service::expect(cmd.db, organisation, product)?.id, None),
        (None, None) => {
            let rule = "or product_id must be given";
            return Err(Error::invalid(ProblemCode::MissingField, "lot_id", rule));
        }
        (Some(_), Some(_)) => {
            let rule = "excludes product_id: a review is of one of them";
            return Err(Error::invalid(ProblemCode::InvalidValue, "lot_id", rule));
        }
    };
    let found = compared(cmd.db, organisation, std::slice::from_ref(&subject))?.into_iter().next();
    let (_, compared, count) = found.ok_or_else(|| Error::internal("a signal of nothing"))?;
    let figures = Figures::from(compared);
    let (product_id, lot_id) = subject;
    let review = SignalReview {
        id: cmd.mint(SignalReviewId::mint),
        organisation_id: organisation.clone(),
        product_id,
        lot_id,
        events: figures.events,
        units: figures.units,
        other_events: figures.other_events,
        other_units: figures.other_units,
        rate_ratio: figures.rate_ratio,
        lower_limit: figures.lower,
        upper_limit: figures.upper,
        flagged: figures.flagged,
        reported: count.map_or(0, |count| count.reported),
        conclusion: new.conclusion.clone(),
        reviewed_by: cmd.caller.subject.clone(),
        reviewed_at: cmd.now,
    };
    let lot = review.lot_id.as_ref().map(ToString::to_string);
    let subjects = [review.id.to_string(), review.product_id.to_string()].into_iter().chain(lot).collect();
    let about = About { occurred_at: cmd.now, site_id: None, subjects };
    cmd.record(about, Deed::SignalReviewed(Box::new(review.clone())))?;
    Ok(review)
}

/// A lot among those of its product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The lot.
    pub lot_id: LotId,
    /// Its text.
    pub lot: LotText,
    /// What is compared.
    pub compared: Compared,
}

/// A product with its lots: those with the most adverse events first, then those of which most was administered, so many at the most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// The product.
    pub product_id: ProductId,
    /// Its name.
    pub product: String,
    /// Adverse events of all its lots, an event counted once for each.
    pub events: i64,
    /// Units of all its lots that were administered.
    pub units: i64,
    /// The lots.
    pub points: Vec<Point>,
    /// Whether it has more lots than these of which any was administered.
    pub is_more: bool,
}

/// Reads a product with its lots.
///
/// # Errors
/// `reference_unknown`; what the database answers.
pub fn funnel(view: &mut View<'_>, product: &ProductId, most: usize) -> Result<Funnel> {
    let organisation = &view.caller.organisation_id;
    let product = crate::catalogue::service::expect(view.db, organisation, product)?;
    let limit = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let mut found = counts::foremost(view.db, organisation, &product.id, limit)?;
    let is_more = found.len() > most;
    found.truncate(most);
    let ids: Vec<&LotId> = found.iter().map(|(lot, ..)| lot).collect();
    let lots = match ids.is_empty() {
        true => Vec::new(),
        false => crate::stock::service::lots(view.db, organisation, &ids)?,
    };
    let visible = match view.caller.sites.is_some() && !ids.is_empty() {
        true => Some(crate::stock::service::visible(view.db, view.caller, &ids)?),
        false => None,
    };
    let of = std::slice::from_ref(&product.id).iter().collect::<Vec<_>>();
    let events = counts::by_lots(view.db, organisation, &of)?.get(&product.id).copied().unwrap_or(0);
    let units = counts::units_of_products(view.db, organisation, &of)?.get(&product.id).copied().unwrap_or(0);
    let points = found.iter().filter_map(|(id, own, given)| {
        let lot = lots.iter().find(|lot| lot.id == *id)?;
        let is_seen = visible.as_ref().is_none_or(|visible| visible.contains(id));
        let compared = Compared {
            events: *own,
            units: *given,
            other_events: events.saturating_sub(*own),
            other_units: units.saturating_sub(*given),
        };
        is_seen.then(|| Point { lot_id: lot.id.clone(), lot: lot.lot.clone(), compared })
    });
    Ok(Funnel {
        points: points.collect(),
        product_id: product.id,
        product: product.name.to_string(),
        events,
        units,
        is_more,
    })
}
