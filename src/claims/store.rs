//! The tables of claims.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::model::{Claim, ClaimLine, ClaimReason, ClaimState, Ending, Sending};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{claim_lines, claims};
use crate::db::{Db, lock_rows, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{ClaimId, OrderLineId, OrganisationId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::journal::tables::Tables;

/// Adds a claim with its lines.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, claim: &Claim, lines: &[ClaimLine]) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(claims::table).values(claim).execute(db)?;
    on_either!(db, conn => diesel::insert_into(claim_lines::table).values(lines).execute(conn)?);
    Ok(())
}

/// Notes that a claim was sent; false when it was not open.
///
/// # Errors
/// What the database answers.
pub fn send(tables: &mut Tables<'_>, organisation: &OrganisationId, sending: &Sending) -> Result<bool> {
    let open = claims::table
        .filter(claims::organisation_id.eq(organisation).and(claims::id.eq(&sending.claim_id)))
        .filter(claims::state.eq(ClaimState::Open));
    let changed = diesel::update(open)
        .set((
            claims::state.eq(ClaimState::Sent),
            claims::sent_by.eq(&sending.by),
            claims::sent_at.eq(sending.at),
            claims::reference.eq(&sending.reference),
        ))
        .execute(tables.db())?;
    Ok(changed == 1)
}

/// Ends a claim; false when it had ended.
///
/// # Errors
/// What the database answers.
pub fn end(tables: &mut Tables<'_>, organisation: &OrganisationId, ending: &Ending, state: ClaimState) -> Result<bool> {
    let standing = claims::table
        .filter(claims::organisation_id.eq(organisation).and(claims::id.eq(&ending.claim_id)))
        .filter(claims::ended_at.is_null());
    let changed = diesel::update(standing)
        .set((
            claims::state.eq(state),
            claims::ended_by.eq(&ending.by),
            claims::ended_at.eq(ending.at),
            claims::end_reason.eq(&ending.reason),
            claims::credit_minor.eq(ending.credit_minor),
            claims::replacement_id.eq(&ending.replacement_id),
        ))
        .execute(tables.db())?;
    Ok(changed == 1)
}

/// Locks a claim until the transaction ends. On SQLite the one writer is lock enough.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, id: &ClaimId) -> Result<()> {
    lock_rows!(
        db,
        claims::table.filter(claims::organisation_id.eq(organisation).and(claims::id.eq(id))).select(claims::id)
    );
    Ok(())
}

/// The claim of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn claim(db: &mut Db, organisation: &OrganisationId, id: &ClaimId) -> Result<Option<Claim>> {
    Ok(claims::table
        .filter(claims::organisation_id.eq(organisation).and(claims::id.eq(id)))
        .select(Claim::as_select())
        .first(db)
        .optional()?)
}

/// The lines of claims, in their order.
///
/// # Errors
/// What the database answers.
pub fn lines(db: &mut Db, organisation: &OrganisationId, ids: &[&ClaimId]) -> Result<Vec<ClaimLine>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(claim_lines::table
        .filter(claim_lines::organisation_id.eq(organisation))
        .filter(claim_lines::claim_id.eq_any(ids.iter().copied()))
        .select(ClaimLine::as_select())
        .order((claim_lines::claim_id, claim_lines::line))
        .load(db)?)
}

/// How many units of these lines of receipts are claimed, by claims that were not withdrawn.
///
/// # Errors
/// What the database answers.
pub fn claimed_of_receipt(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&ReceiptLineId],
) -> Result<Vec<(ReceiptLineId, i64)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(Option<ReceiptLineId>, i64)> = claim_lines::table
        .inner_join(claims::table.on(claims::id.eq(claim_lines::claim_id)))
        .filter(claim_lines::organisation_id.eq(organisation))
        .filter(claim_lines::receipt_line_id.eq_any(ids.iter().copied()))
        .filter(claims::state.ne(ClaimState::Withdrawn))
        .group_by(claim_lines::receipt_line_id)
        .select((claim_lines::receipt_line_id, sql::<BigInt>("CAST(SUM(claim_lines.units) AS BIGINT)")))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(line, units)| line.map(|line| (line, units))).collect())
}

/// The same of lines of orders whose units did not come.
///
/// # Errors
/// What the database answers.
pub fn claimed_of_order(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&OrderLineId],
) -> Result<Vec<(OrderLineId, i64)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<(Option<OrderLineId>, i64)> = claim_lines::table
        .inner_join(claims::table.on(claims::id.eq(claim_lines::claim_id)))
        .filter(claim_lines::organisation_id.eq(organisation))
        .filter(claim_lines::order_line_id.eq_any(ids.iter().copied()))
        .filter(claims::state.ne(ClaimState::Withdrawn))
        .group_by(claim_lines::order_line_id)
        .select((claim_lines::order_line_id, sql::<BigInt>("CAST(SUM(claim_lines.units) AS BIGINT)")))
        .load(db)?;
    Ok(found.into_iter().filter_map(|(line, units)| line.map(|line| (line, units))).collect())
}

/// Which claims.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only about this receipt.
    pub receipt_id: Option<ReceiptId>,
    /// Only of this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only of goods that arrived at this site.
    pub site_id: Option<SiteId>,
    /// Only those that are so far.
    pub state: Option<ClaimState>,
}

/// Claims about goods at sites that the caller sees, by id, after `after`. Those of a receipt, or else of a supplier, have an order
/// of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Claim, 1>> {
    let Filter { receipt_id, supplier_id, site_id, state } = filter;
    let led = || {
        let led = claims::table
            .filter(claims::organisation_id.eq(&caller.organisation_id).and(claims::id.gt(after)))
            .into_boxed();
        match (receipt_id, supplier_id) {
            (Some(receipt), _) => led.filter(claims::receipt_id.eq(receipt)),
            (None, Some(supplier)) => led.filter(claims::supplier_id.eq(supplier)),
            (None, None) => led,
        }
    };
    let is_more = site_id.is_some() || state.is_some() || (receipt_id.is_some() && supplier_id.is_some());
    let is_led = caller.sites.is_none() && !is_more;
    let horizon: Option<ClaimId> = if is_led { None } else { horizon!(db, led(), claims::id)? };
    let mut query = led().select(Claim::as_select()).order(claims::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(claims::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(claims::site_id.eq_any(sites));
    }
    if let Some(site) = site_id {
        query = query.filter(claims::site_id.eq(site));
    }
    if let Some(supplier) = supplier_id {
        query = query.filter(claims::supplier_id.eq(supplier));
    }
    if let Some(state) = state {
        query = query.filter(claims::state.eq(*state));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// Claims that wait for somebody, the oldest first: so many at the most are looked at.
///
/// # Errors
/// What the database answers.
pub fn waiting(db: &mut Db, organisation: &OrganisationId, limit: i64) -> Result<Vec<Claim>> {
    // The literal words are those of the index.
    let waits = sql::<diesel::sql_types::Bool>("claims.state IN ('open', 'sent')");
    Ok(claims::table
        .filter(claims::organisation_id.eq(organisation).and(waits))
        .select(Claim::as_select())
        .order(claims::id)
        .limit(limit)
        .load(db)?)
}

/// The claims of a supplier that were opened in a period, in the order of when: so many at the most.
///
/// # Errors
/// What the database answers.
pub fn opened(
    db: &mut Db,
    organisation: &OrganisationId,
    supplier: &SupplierId,
    (from, to): (Moment, Moment),
    most: i64,
) -> Result<Vec<Claim>> {
    Ok(claims::table
        .filter(claims::organisation_id.eq(organisation).and(claims::supplier_id.eq(supplier)))
        .filter(claims::opened_at.ge(from).and(claims::opened_at.lt(to)))
        .select(Claim::as_select())
        .order((claims::opened_at, claims::id))
        .limit(most)
        .load(db)?)
}

/// How many units claims ask for, by why.
///
/// # Errors
/// What the database answers.
pub fn units_by_reason(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&ClaimId],
) -> Result<Vec<(ClaimReason, i64)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(claim_lines::table
        .filter(claim_lines::organisation_id.eq(organisation).and(claim_lines::claim_id.eq_any(ids.iter().copied())))
        .group_by(claim_lines::reason)
        .select((claim_lines::reason, sql::<BigInt>("CAST(SUM(claim_lines.units) AS BIGINT)")))
        .load(db)?)
}
