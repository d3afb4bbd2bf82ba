//! The table of holds.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{Hold, Lift, ScopeType, available_side};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{accounts, hold_accounts, holds};
use crate::db::{Db, Prepared, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{HoldId, OrganisationId};
use crate::journal::tables::Tables;
use crate::stock::model::Posting;

/// Adds a hold.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, hold: &Hold) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(holds::table).values(hold).execute(db)?;
    Ok(())
}

/// Ends a hold that is open; false when it is not.
///
/// # Errors
/// What the database answers.
pub fn lift(tables: &mut Tables<'_>, organisation: &OrganisationId, lift: &Lift) -> Result<bool> {
    let db = tables.db();
    let open = holds::table
        .filter(holds::organisation_id.eq(organisation).and(holds::id.eq(&lift.hold_id)))
        .filter(holds::lifted_at.is_null());
    let changed = diesel::update(open)
        .set((
            holds::lifted_at.eq(lift.lifted_at),
            holds::lifted_by.eq(&lift.lifted_by),
            holds::lift_reason.eq(&lift.lift_reason),
        ))
        .execute(db)?;
    Ok(changed == 1)
}

/// The hold of that id, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn hold(db: &mut Db, caller: &Caller, id: &HoldId) -> Result<Option<Hold>> {
    let filter = Filter { id: Some(id.clone()), open: None };
    Ok(list(db, caller, &filter, "", 1)?.items.into_iter().next())
}

/// Lets holds on accounts follow units to the accounts that they were moved to.
///
/// # Errors
/// What the database answers.
pub fn follow(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    holds: &[HoldId],
    moved: &[Posting],
) -> Result<()> {
    let db = tables.db();
    for hold in holds {
        for account in moved.iter().filter_map(|posting| available_side(&posting.lot_id, &posting.to)) {
            on_either!(db, conn => diesel::insert_into(hold_accounts::table)
                .values((
                    hold_accounts::organisation_id.eq(organisation),
                    hold_accounts::hold_id.eq(hold),
                    hold_accounts::account_id.eq(&account),
                ))
                .on_conflict_do_nothing()
                .execute(conn)?);
        }
    }
    Ok(())
}

/// The accounts that a hold has followed its units to.
///
/// # Errors
/// What the database answers.
pub fn followed_to(db: &mut Db, organisation: &OrganisationId, hold: &HoldId) -> Result<Vec<String>> {
    Ok(hold_accounts::table
        .filter(hold_accounts::organisation_id.eq(organisation).and(hold_accounts::hold_id.eq(hold)))
        .select(hold_accounts::account_id)
        .load(db)?)
}

/// Of which time holds are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    /// Those that are open.
    Now,
    /// Those that were open at a moment.
    Then(Moment),
    /// Those that were opened after a moment, lifted or not.
    Since(Moment),
}

/// The holds on any of these: lots, products, accounts.
///
/// # Errors
/// What the database answers.
pub fn holds_on(db: &mut Db, organisation: &OrganisationId, scopes: &[&str], of: Of) -> Result<Vec<Hold>> {
    let following = hold_accounts::table
        .filter(hold_accounts::organisation_id.eq(organisation))
        .filter(hold_accounts::account_id.eq_any(scopes.iter().copied()))
        .select(hold_accounts::hold_id);
    let query = holds::table
        .filter(holds::organisation_id.eq(organisation))
        .filter(holds::scope_id.eq_any(scopes.iter().copied()).or(holds::id.eq_any(following)))
        .select(Hold::as_select())
        .order(holds::id)
        .into_boxed();
    let query = match of {
        Of::Now => query.filter(holds::lifted_at.is_null()),
        Of::Then(at) => {
            query.filter(holds::opened_at.le(at).and(holds::lifted_at.is_null().or(holds::lifted_at.gt(at))))
        }
        Of::Since(at) => query.filter(holds::opened_at.gt(at)),
    };
    Ok(Prepared::over(scopes.len(), query).load(db)?)
}

/// The holds that something caused, in the order of their ids; only open ones, if so asked.
///
/// # Errors
/// What the database answers.
pub fn caused_by(db: &mut Db, organisation: &OrganisationId, cause: &str, open: bool) -> Result<Vec<Hold>> {
    let query = holds::table
        .filter(holds::organisation_id.eq(organisation).and(holds::cause_id.eq(cause)))
        .select(Hold::as_select())
        .order(holds::id);
    Ok(if open { query.filter(holds::lifted_at.is_null()).load(db)? } else { query.load(db)? })
}

/// Which holds.
#[derive(Default)]
pub struct Filter {
    /// Only that one.
    pub id: Option<HoldId>,
    /// Only open ones, or only lifted ones.
    pub open: Option<bool>,
}

/// Holds by id, after `after`. Who is bound to sites sees those on products, on lots that came there, and on what lies
/// there. Open ones have an order of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Hold, 1>> {
    let organisation = &caller.organisation_id;
    let led = || {
        let mut led =
            holds::table.filter(holds::organisation_id.eq(organisation).and(holds::id.gt(after))).into_boxed();
        if let Some(id) = &filter.id {
            led = led.filter(holds::id.eq(id));
        }
        if filter.open == Some(true) { led.filter(holds::lifted_at.is_null()) } else { led }
    };
    let is_led = filter.id.is_some() || (caller.sites.is_none() && filter.open != Some(false));
    let horizon: Option<HoldId> = if is_led { None } else { horizon!(db, led(), holds::id)? };
    let mut query = led().select(Hold::as_select()).order(holds::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(holds::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        let here = accounts::table
            .filter(accounts::lot_id.eq(holds::scope_id))
            .filter(accounts::site_id.assume_not_null().eq_any(sites));
        let elsewhere = accounts::table
            .filter(accounts::id.eq(holds::scope_id).and(accounts::site_id.is_not_null()))
            .filter(accounts::site_id.assume_not_null().ne_all(sites));
        let followed = hold_accounts::table
            .inner_join(accounts::table.on(accounts::id.eq(hold_accounts::account_id)))
            .filter(hold_accounts::organisation_id.eq(organisation).and(hold_accounts::hold_id.eq(holds::id)))
            .filter(accounts::site_id.assume_not_null().eq_any(sites));
        // An account may be held before anything was ever booked to it: then no site is known to hide it for.
        query = query
            .filter(holds::scope_type.ne(ScopeType::Lot).or(exists(here)))
            .filter(holds::scope_type.ne(ScopeType::Account).or(not(exists(elsewhere))).or(exists(followed)));
    }
    if filter.open == Some(false) {
        query = query.filter(holds::lifted_at.is_not_null());
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}
