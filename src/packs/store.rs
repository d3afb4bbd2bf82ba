//! The tables of packs, as they are looked for. SQL only.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{accounts, pack_balances, packs};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{LocationId, LotId, OrganisationId, PackId, ProductId, SiteId};
use crate::ledger::{AccountKind, Disposition};
use crate::stock::model::{Balance, Pack, PackBalance};
use crate::values::Serial;

/// Which packs.
#[derive(Clone, Default)]
pub struct Filter {
    /// Only with units at this site.
    pub site_id: Option<SiteId>,
    /// Only with units at this place.
    pub location_id: Option<LocationId>,
    /// Only of this product.
    pub product_id: Option<ProductId>,
    /// Only of this lot.
    pub lot_id: Option<LotId>,
    /// Only with this number.
    pub serial: Option<Serial>,
    /// Only with units in this disposition.
    pub state: Option<Disposition>,
}

impl Filter {
    /// Whether anything is asked of where the units are.
    fn asks_where(&self) -> bool {
        self.site_id.is_some() || self.location_id.is_some() || self.state.is_some()
    }
}

/// Packs that were ever at a site which the caller sees, by id, after `after`. Those with a number, or else those of a lot, have an
/// order of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Pack, 1>> {
    let led = || {
        let led = packs::table
            .filter(packs::organisation_id.eq(&caller.organisation_id).and(packs::id.gt(after)))
            .into_boxed();
        match (&filter.serial, &filter.lot_id) {
            (Some(serial), _) => led.filter(packs::serial.eq(serial)),
            (None, Some(lot)) => led.filter(packs::lot_id.eq(lot)),
            (None, None) => led,
        }
    };
    let is_led = caller.sites.is_none()
        && !filter.asks_where()
        && filter.product_id.is_none()
        && (filter.serial.is_none() || filter.lot_id.is_none());
    let horizon: Option<PackId> = if is_led { None } else { horizon!(db, led(), packs::id)? };
    let mut query = led().select(Pack::as_select()).order(packs::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(packs::id.le(last));
    }
    let accounts_of = || {
        pack_balances::table
            .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
            .filter(pack_balances::pack_id.eq(packs::id))
    };
    if let Some(sites) = &caller.sites {
        query = query.filter(exists(accounts_of().filter(accounts::site_id.assume_not_null().eq_any(sites))));
    }
    if filter.asks_where() {
        let Filter { site_id, location_id, state, .. } = filter;
        let seen = caller.sites.as_deref().unwrap_or_default();
        let kind = state.map_or(AccountKind::Available, AccountKind::from);
        // One account that is all of it; what is not asked for is true of every one.
        let there = accounts_of()
            .filter(pack_balances::units.gt(0).and(accounts::site_id.is_not_null()))
            .filter(accounts::site_id.assume_not_null().eq_any(seen).or(caller.sites.is_none().into_sql::<Bool>()))
            .filter(
                accounts::site_id.assume_not_null().eq(text(site_id.as_ref())).or(site_id.is_none().into_sql::<Bool>()),
            )
            .filter(
                accounts::location_id
                    .assume_not_null()
                    .eq(text(location_id.as_ref()))
                    .or(location_id.is_none().into_sql::<Bool>()),
            )
            .filter(accounts::kind.eq(kind).or(state.is_none().into_sql::<Bool>()));
        query = query.filter(exists(there));
    }
    if let Some(product) = &filter.product_id {
        query = query.filter(packs::product_id.eq(product));
    }
    if let Some(lot) = &filter.lot_id {
        query = query.filter(packs::lot_id.eq(lot));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// An id that is asked for; nothing, where none is.
fn text<T: ToString>(id: Option<&T>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

/// Where the units of packs are, and how those that left did: the accounts in which they have any.
///
/// # Errors
/// What the database answers.
pub fn units_of(db: &mut Db, organisation: &OrganisationId, ids: &[&PackId]) -> Result<Vec<PackBalance>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Pack, Balance, i64)> = packs::table
        .inner_join(pack_balances::table.on(pack_balances::pack_id.eq(packs::id)))
        .inner_join(accounts::table.on(accounts::id.eq(pack_balances::account_id)))
        .filter(packs::organisation_id.eq(organisation).and(packs::id.eq_any(ids.iter().copied())))
        .filter(pack_balances::units.gt(0))
        .select((Pack::as_select(), Balance::as_select(), pack_balances::units))
        .order((packs::id, accounts::id))
        .load(db)?;
    Ok(rows.into_iter().map(|(pack, account, units)| PackBalance { pack, account, units }).collect())
}
