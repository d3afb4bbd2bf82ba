//! Chains of custody: everything that happened to a lot or by an administration, in the order in which it happened.
//!
//! A chain has strands, and one index of `event_subjects` gives each in its order: what happened to the lot, what happened
//! to one patient's treatment, and what was refused. The deliveries that brought a lot, and the orders that they were ever
//! said to answer, are tied to its chain in `origin_events` as soon as that is known. A page merges the strands and reads
//! no more of any than it has room for, however much lies before and behind it.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Nullable, Text};

use super::model::{Deed, Event};
use super::store;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{event_subjects, origin_events};
use crate::error::Result;
use crate::http::paging::{After, Found, later};
use crate::ids::{AdministrationId, EventId, LotId, OrderId, OrganisationId, ReceiptId};
use crate::limits::LOOKED_AT_MAX;
use crate::values::words;

words! {
    /// Which part of a chain an event belongs to.
    Strand {
        /// What happened to the lot.
        Course "course",
        /// What happened to one patient's treatment.
        Treatment "treatment",
        /// What was refused.
        Refusal "refusal",
    }
}

impl Strand {
    /// The strand that an event is in of a subject's chain; only lots and administrations have one.
    pub fn of(event: &Event, subject: &str) -> Option<Self> {
        let names = |subject: &str, prefix: &str| subject.strip_prefix(prefix).is_some_and(|id| id.starts_with('_'));
        let is_of_a_treatment = |subject: &str| names(subject, AdministrationId::PREFIX);
        if !is_of_a_treatment(subject) && !names(subject, LotId::PREFIX) {
            None
        } else if matches!(event.deed, Deed::GateRefused { .. }) {
            Some(Strand::Refusal)
        } else if event.subjects.iter().any(|subject| is_of_a_treatment(subject)) {
            Some(Strand::Treatment)
        } else {
            Some(Strand::Course)
        }
    }
}

/// Of what a chain is.
pub enum Of<'a> {
    /// A lot.
    Lot(&'a LotId),
    /// An administration of units of a lot: the lot's chain without what was done to other patients.
    Administration(&'a AdministrationId, &'a LotId),
}

/// The kinds of events of an order that belong to the chain of what was ordered.
const OF_ORDERS: &str = "'order_created', 'order_placed', 'order_closed'";

/// Ties deliveries and orders to the chains of the lots that they are about. What is tied stays tied: that a delivery was
/// first said to answer another order is part of the chain, too.
///
/// # Errors
/// What the database answers.
pub fn tie(db: &mut Db, new: &[Event]) -> Result<()> {
    let mut deliveries: BTreeSet<(&ReceiptId, Option<&LotId>)> = BTreeSet::new();
    let mut orders: BTreeSet<&OrderId> = BTreeSet::new();
    for event in new {
        match &event.deed {
            Deed::StockReceived { line, .. } => deliveries.insert((&line.receipt_id, Some(&line.lot_id))),
            Deed::ReceiptCorrected { line, .. } => deliveries.insert((&line.receipt_id, Some(&line.lot_id))),
            Deed::ReceiptReassigned(correction) => deliveries.insert((&correction.receipt_id, None)),
            Deed::OrderCreated(ordered) => orders.insert(&ordered.order.id),
            Deed::OrderPlaced(placement) => orders.insert(&placement.order_id),
            Deed::OrderClosed(ending) => orders.insert(&ending.order_id),
            _ => false,
        };
    }
    let Some(organisation) = new.first().map(|event| &event.organisation_id) else { return Ok(()) };
    for (receipt, lot) in deliveries {
        tie_delivery(db, organisation, receipt, lot)?;
    }
    for order in orders {
        tie_order(db, organisation, order)?;
    }
    Ok(())
}

/// The orders that receipts answer, or were once said to answer.
const ANSWERED: &str = "(SELECT organisation_id, id AS receipt_id, order_id FROM receipts \
     UNION ALL SELECT organisation_id, receipt_id, order_id FROM receipt_corrections \
     UNION ALL SELECT organisation_id, receipt_id, was_order_id FROM receipt_corrections) AS answered";

fn tie_delivery(db: &mut Db, organisation: &OrganisationId, receipt: &ReceiptId, lot: Option<&LotId>) -> Result<()> {
    let brought = "FROM receipt_lines AS line";
    let about = "JOIN event_subjects AS about ON about.organisation_id = line.organisation_id AND about.subject =";
    let event = "JOIN events AS event ON event.id = about.event_id AND event.kind";
    let chosen = "WHERE line.organisation_id = $1 AND line.receipt_id = $2 AND line.lot_id = COALESCE($3, line.lot_id)";
    let tied = "SELECT line.organisation_id, line.lot_id, event.id, event.occurred_at";
    sql_query(format!(
        "INSERT INTO origin_events (organisation_id, lot_id, event_id, occurred_at) \
         {tied} {brought} {about} line.receipt_id {event} = 'receipt_recorded' {chosen} \
         UNION {tied} {brought} JOIN {ANSWERED} ON answered.organisation_id = $1 AND answered.receipt_id = line.receipt_id \
         {about} answered.order_id {event} IN ({OF_ORDERS}) {chosen} ON CONFLICT DO NOTHING",
    ))
    .bind::<Text, _>(organisation)
    .bind::<Text, _>(receipt)
    .bind::<Nullable<Text>, _>(lot)
    .execute(db)?;
    Ok(())
}

fn tie_order(db: &mut Db, organisation: &OrganisationId, order: &OrderId) -> Result<()> {
    sql_query(format!(
        "INSERT INTO origin_events (organisation_id, lot_id, event_id, occurred_at) \
         SELECT DISTINCT line.organisation_id, line.lot_id, event.id, event.occurred_at \
         FROM {ANSWERED} JOIN receipt_lines AS line ON line.receipt_id = answered.receipt_id \
         JOIN event_subjects AS about ON about.organisation_id = $1 AND about.subject = $2 \
         JOIN events AS event ON event.id = about.event_id AND event.kind IN ({OF_ORDERS}) \
         WHERE answered.organisation_id = $1 AND answered.order_id = $2 ON CONFLICT DO NOTHING",
    ))
    .bind::<Text, _>(organisation)
    .bind::<Text, _>(order)
    .execute(db)?;
    Ok(())
}

/// An event's place in a chain: when it happened and, of what happened at one moment, its id, which is in the order in which
/// it was recorded.
type Place = (Moment, EventId);

/// The bytes of the events of a chain, oldest first, after `after`; refused attempts only where they are asked for.
///
/// Whoever sees only some sites gets what they may see of the next [`LOOKED_AT_MAX`] events.
///
/// # Errors
/// What the database answers.
pub fn page(
    db: &mut Db,
    caller: &Caller,
    of: &Of<'_>,
    refusals: bool,
    after: &After,
    limit: i64,
) -> Result<Found<Vec<u8>, 2>> {
    let (lot, mut strands) = match of {
        Of::Lot(lot) => (lot, vec![(lot.as_str(), Strand::Course), (lot.as_str(), Strand::Treatment)]),
        Of::Administration(id, lot) => {
            let own = [Strand::Course, Strand::Treatment].map(|strand| (id.as_str(), strand));
            (lot, std::iter::once((lot.as_str(), Strand::Course)).chain(own).collect())
        }
    };
    if refusals {
        strands.push((strands.last().map_or("", |(subject, _)| subject), Strand::Refusal));
    }
    let share = if caller.sites.is_none() { limit } else { limit.max(LOOKED_AT_MAX) };
    let mut places = origins(db, caller, lot, after, share)?;
    for (subject, strand) in strands {
        places.extend(strand_of(db, caller, subject, strand, after, share)?);
    }
    places.sort();
    places.dedup();
    let share = usize::try_from(share).unwrap_or(usize::MAX);
    let is_cut = places.len() >= share;
    places.truncate(share);

    let ids: Vec<_> = places.iter().map(|(_, id)| id).collect();
    let seen = store::visible(db, caller, &ids)?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let shown: Vec<_> = places.iter().filter(|(_, id)| seen.contains(id)).take(most).collect();
    let ids: Vec<_> = shown.iter().map(|(_, id)| id).collect();
    let mut bytes = store::bytes_of(db, caller, &ids)?;
    let items = ids.iter().filter_map(|id| bytes.remove(*id)).collect();
    let last = places.last().filter(|_| is_cut && shown.len() < most);
    Ok(Found { items, looked_at: last.map(|(at, id)| After::keys(*at, id)) })
}

fn strand_of(
    db: &mut Db,
    caller: &Caller,
    subject: &str,
    strand: Strand,
    after: &After,
    limit: i64,
) -> Result<Vec<Place>> {
    Ok(event_subjects::table
        .filter(event_subjects::organisation_id.eq(&caller.organisation_id).and(event_subjects::subject.eq(subject)))
        .filter(event_subjects::strand.eq(strand))
        .filter(later!("occurred_at", "event_id", after))
        .select((event_subjects::occurred_at, event_subjects::event_id))
        .order((event_subjects::occurred_at, event_subjects::event_id))
        .limit(limit)
        .load(db)?)
}

fn origins(db: &mut Db, caller: &Caller, lot: &LotId, after: &After, limit: i64) -> Result<Vec<Place>> {
    Ok(origin_events::table
        .filter(origin_events::organisation_id.eq(&caller.organisation_id).and(origin_events::lot_id.eq(lot)))
        .filter(later!("occurred_at", "event_id", after))
        .select((origin_events::occurred_at, origin_events::event_id))
        .order((origin_events::occurred_at, origin_events::event_id))
        .limit(limit)
        .load(db)?)
}
