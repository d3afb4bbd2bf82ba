//! Units that wait for somebody. SQL only, like the store.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::caller::Caller;
use crate::db::Db;
use crate::db::schema::{accounts, lots};
use crate::error::Result;
use crate::ids::SiteId;
use crate::stock::model::{AccountKind, Balance, Lot};

/// The accounts that wait, in the words of the indexes of them.
const WAITS: &str = "(accounts.units > 0 AND accounts.kind IN ('quarantined', 'passed', 'rejected', 'in_use'))";

/// Units in a disposition in which they wait (quarantined, passed, rejected, opened) at the sites that the caller sees, or at one
/// of them: those of which nothing has moved for the longest first, so many of each site at the most.
///
/// # Errors
/// What the database answers.
pub fn waiting(
    db: &mut Db,
    caller: &Caller,
    kind: AccountKind,
    site: Option<&SiteId>,
    limit: i64,
) -> Result<Vec<(Balance, Lot)>> {
    let query = || {
        accounts::table
            .inner_join(lots::table)
            .filter(accounts::organisation_id.eq(&caller.organisation_id))
            .filter(accounts::kind.eq(kind).and(sql::<Bool>(WAITS)))
            .select((Balance::as_select(), Lot::as_select()))
            .order((accounts::changed_at, accounts::id))
            .limit(limit)
    };
    let Some(sites) = site.map(std::slice::from_ref).or(caller.sites.as_deref()) else { return Ok(query().load(db)?) };
    let mut found: Vec<(Balance, Lot)> = Vec::new();
    for site in sites.iter().filter(|site| caller.sees(site)) {
        found.extend(query().filter(accounts::site_id.eq(site)).load::<(Balance, Lot)>(db)?);
    }
    found.sort_by(|(one, _), (other, _)| (one.changed_at, &one.id).cmp(&(other.changed_at, &other.id)));
    Ok(found)
}
