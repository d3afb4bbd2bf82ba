//! How many adverse events lots and products have, and how many units of them were administered.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::super::model::{AdverseEvent, Count, SignalReview, Suspect, Withdrawn};
use crate::catalogue::model::ProductClass;
use crate::db::schema::{accounts, lots, products, signal_counts, signal_reviews};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::ids::{LotId, OrganisationId, ProductId, SignalReviewId};
use crate::journal::tables::Tables;

/// Counts an adverse event once for each lot and once for each product that it is about.
///
/// # Errors
/// What the database answers.
pub fn add(tables: &mut Tables<'_>, event: &AdverseEvent, suspects: &[Suspect]) -> Result<()> {
    let lots = suspects.iter().map(|suspect| (suspect.lot_id.to_string(), &suspect.product_id, Some(&suspect.lot_id)));
    let products = suspects.iter().map(|suspect| (suspect.product_id.to_string(), &suspect.product_id, None));
    let subjects: BTreeSet<(String, &ProductId, Option<&LotId>)> = lots.chain(products).collect();
    let db = tables.db();
    for (subject, product, lot) in subjects {
        let first = Count {
            subject,
            organisation_id: event.organisation_id.clone(),
            product_id: product.clone(),
            lot_id: lot.cloned(),
            events: 1,
            reported: 1,
            reviewed: 0,
            review_id: None,
            reported_at: event.recorded_at,
        };
        on_either!(&mut *db, conn => diesel::insert_into(signal_counts::table)
            .values(&first)
            .on_conflict(signal_counts::subject)
            .do_update()
            .set((
                signal_counts::events.eq(signal_counts::events + 1),
                signal_counts::reported.eq(signal_counts::reported + 1),
                signal_counts::reported_at.eq(event.recorded_at),
            ))
            .execute(conn)?);
    }
    Ok(())
}

/// Counts an adverse event no more for what it is about no more.
///
/// # Errors
/// What the database answers.
pub fn take(tables: &mut Tables<'_>, organisation: &OrganisationId, withdrawn: &Withdrawn) -> Result<()> {
    let lot = withdrawn.lot_id.as_ref().map(ToString::to_string);
    let product = withdrawn.product_id.as_ref().map(ToString::to_string);
    for subject in lot.into_iter().chain(product) {
        let one = signal_counts::table
            .filter(signal_counts::organisation_id.eq(organisation).and(signal_counts::subject.eq(subject)));
        diesel::update(one).set(signal_counts::events.eq(signal_counts::events - 1)).execute(tables.db())?;
    }
    Ok(())
}

/// Adds what somebody has concluded: what was reported until then is looked at.
///
/// # Errors
/// What the database answers.
pub fn insert_review(tables: &mut Tables<'_>, review: &SignalReview) -> Result<()> {
    diesel::insert_into(signal_reviews::table).values(review).execute(tables.db())?;
    let subject = review.lot_id.as_ref().map_or_else(|| review.product_id.to_string(), ToString::to_string);
    let one = signal_counts::table
        .filter(signal_counts::organisation_id.eq(&review.organisation_id).and(signal_counts::subject.eq(subject)));
    diesel::update(one)
        .set((signal_counts::reviewed.eq(review.reported), signal_counts::review_id.eq(&review.id)))
        .execute(tables.db())?;
    Ok(())
}

/// Reviews, by their ids.
///
/// # Errors
/// What the database answers.
pub fn reviews(db: &mut Db, organisation: &OrganisationId, ids: &[&SignalReviewId]) -> Result<Vec<SignalReview>> {
    Ok(signal_reviews::table
        .filter(signal_reviews::organisation_id.eq(organisation).and(signal_reviews::id.eq_any(ids.iter().copied())))
        .select(SignalReview::as_select())
        .load(db)?)
}

/// What is counted of lots and products, by their ids.
///
/// # Errors
/// What the database answers.
pub fn of(db: &mut Db, organisation: &OrganisationId, subjects: &[&str]) -> Result<Vec<Count>> {
    Ok(signal_counts::table
        .filter(signal_counts::organisation_id.eq(organisation))
        .filter(signal_counts::subject.eq_any(subjects.iter().copied()))
        .select(Count::as_select())
        .load(db)?)
}

/// What may wait for a review, as enough was reported, and of that something that nobody has looked at; so many at the most.
///
/// # Errors
/// What the database answers.
pub fn to_review(db: &mut Db, organisation: &OrganisationId, most: i64) -> Result<Vec<Count>> {
    // In the words of the index.
    let waits = sql::<Bool>("(signal_counts.events >= 3 AND signal_counts.reported > signal_counts.reviewed)");
    Ok(signal_counts::table
        .filter(signal_counts::organisation_id.eq(organisation).and(waits))
        .select(Count::as_select())
        .order(signal_counts::subject)
        .limit(most)
        .load(db)?)
}

/// What went to patients.
const GIVEN: &str = "(accounts.kind = 'patient')";
/// Sums, whole on both databases.
const EVENTS: &str = "CAST(COALESCE(SUM(signal_counts.events), 0) AS BIGINT)";
const UNITS: &str = "CAST(COALESCE(SUM(accounts.units), 0) AS BIGINT)";

/// Events of products, counted lot by lot.
///
/// # Errors
/// What the database answers.
pub fn by_lots(db: &mut Db, organisation: &OrganisationId, ids: &[&ProductId]) -> Result<BTreeMap<ProductId, i64>> {
    let rows: Vec<(ProductId, i64)> = signal_counts::table
        .filter(signal_counts::organisation_id.eq(organisation))
        .filter(signal_counts::product_id.eq_any(ids.iter().copied()))
        .filter(signal_counts::lot_id.is_not_null())
        .group_by(signal_counts::product_id)
        .select((signal_counts::product_id, sql::<BigInt>(EVENTS)))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// Units of lots that were administered and not voided.
///
/// # Errors
/// What the database answers.
pub fn units_of_lots(db: &mut Db, organisation: &OrganisationId, ids: &[&LotId]) -> Result<BTreeMap<LotId, i64>> {
    let rows: Vec<(LotId, i64)> = accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(sql::<Bool>(GIVEN)))
        .filter(accounts::lot_id.eq_any(ids.iter().copied()))
        .select((accounts::lot_id, accounts::units))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// Units of products that were administered and not voided.
///
/// # Errors
/// What the database answers.
pub fn units_of_products(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&ProductId],
) -> Result<BTreeMap<ProductId, i64>> {
    // Joined so that no database begins with the accounts: of a few lots, a few are asked for.
    let of_lot = accounts::lot_id.eq(lots::id);
    let rows: Vec<(ProductId, i64)> = lots::table
        .left_join(accounts::table.on(of_lot.and(sql::<Bool>(GIVEN))))
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq_any(ids.iter().copied())))
        .group_by(lots::product_id)
        .select((lots::product_id, sql::<BigInt>(UNITS)))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// How many products of a class are asked about at a time.
const PART: usize = 500;

/// Adverse events of the products of a class, and units of them that were administered and not voided.
///
/// # Errors
/// What the database answers.
pub fn of_class(db: &mut Db, organisation: &OrganisationId, class: ProductClass) -> Result<(i64, i64)> {
    let ids: Vec<ProductId> = products::table
        .filter(products::organisation_id.eq(organisation).and(products::class.eq(class)))
        .select(products::id)
        .load(db)?;
    let (mut events, mut units) = (0_i64, 0_i64);
    for part in ids.chunks(PART) {
        let part: Vec<&ProductId> = part.iter().collect();
        let subjects: Vec<&str> = part.iter().map(|id| id.as_str()).collect();
        let counted = of(db, organisation, &subjects)?;
        events = counted.iter().fold(events, |sum, count| sum.saturating_add(count.events));
        let given = units_of_products(db, organisation, &part)?;
        units = given.values().fold(units, |sum, units| sum.saturating_add(*units));
    }
    Ok((events, units))
}

/// Lots, by their product and id, after a place: so many at the most, of one product if so asked.
///
/// # Errors
/// What the database answers.
pub fn lots_after(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    after: &str,
    most: i64,
) -> Result<Vec<LotId>> {
    Ok(lots::table
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .filter(lots::id.gt(after))
        .select(lots::id)
        .order(lots::id)
        .limit(most)
        .load(db)?)
}

/// The lots of a product with the most adverse events, and then those with the most units administered: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn foremost(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    most: i64,
) -> Result<Vec<(LotId, i64, i64)>> {
    let events = sql::<BigInt>("CAST(COALESCE(signal_counts.events, 0) AS BIGINT)");
    // In the same order as above.
    let of_lot = accounts::lot_id.eq(lots::id);
    let units = sql::<BigInt>("CAST(COALESCE(accounts.units, 0) AS BIGINT)");
    let mut found: Vec<(LotId, i64, i64)> = lots::table
        .left_join(accounts::table.on(of_lot.and(sql::<Bool>(GIVEN))))
        .left_join(signal_counts::table.on(signal_counts::subject.eq(lots::id)))
        .filter(lots::organisation_id.eq(organisation).and(lots::product_id.eq(product)))
        .select((lots::id, events, units))
        .order((
            sql::<BigInt>("COALESCE(signal_counts.events, 0) DESC"),
            sql::<BigInt>("COALESCE(accounts.units, 0) DESC"),
            lots::id,
        ))
        .limit(most)
        .load(db)?;
    found.retain(|(_, events, units)| *events > 0 || *units > 0);
    Ok(found)
}
