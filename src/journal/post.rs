//! The ledger: the only writer of stock.
//!
//! A posting decrements its source only if the units are there (`… AND units >= n`, in the same statement), which is
//! what makes a hold and an administration, or two administrations of the last unit, exclude each other on both
//! databases. Accounts are touched in the order of their ids, so that two commands cannot wait for each other.

use std::collections::BTreeMap;

use diesel::dsl::case_when;
use diesel::prelude::*;

use super::model::Head;
use super::tables::Tables;
use crate::clock::Moment;
use crate::db::schema::{accounts, pack_balances, packs, postings};
use crate::db::{Db, PreparedChange, insert_rows, on_either};
use crate::error::{Error, Result};
use crate::ids::{AccountId, EventId, LotId, OrganisationId, PackId};
use crate::ledger::{Account, Balance, Posting};
use crate::limits::EVENT_POSTINGS_MAX;
use crate::values::Json;

#[derive(Insertable)]
#[diesel(table_name = postings, treat_none_as_default_value = false)]
struct Row {
    event_id: EventId,
    line: i32,
    organisation_id: OrganisationId,
    lot_id: LotId,
    from_account: AccountId,
    to_account: AccountId,
    pack_id: Option<PackId>,
    units: i64,
    counts_at: Moment,
}

/// Moves units as an event of a moment says, and keeps the lines.
///
/// # Errors
/// [`Error::Race`] when an account or a pack no longer has the units.
pub fn post(tables: &mut Tables<'_>, head: &Head, lines: &[Posting]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let (db, organisation, at) = (tables.db(), &head.organisation_id, head.occurred_at);
    let mut rows = Vec::with_capacity(lines.len());
    let mut changes: BTreeMap<AccountId, Change<'_>> = BTreeMap::new();
    let mut pack_changes: BTreeMap<(&PackId, AccountId), (i64, bool)> = BTreeMap::new();
    for (line, posting) in lines.iter().enumerate() {
        let (from, to) = (posting.from.id(&posting.lot_id), posting.to.id(&posting.lot_id));
        let counts_at = posting.at.unwrap_or(at);
        if posting.units <= 0 || from == to {
            return Err(Error::internal("a posting must move units between two accounts"));
        }
        for (id, account, units) in [(&from, &posting.from, -posting.units), (&to, &posting.to, posting.units)] {
            let new = Change { lot: &posting.lot_id, account, units: 0, counts_at };
            let change = changes.entry(id.clone()).or_insert(new);
            change.units += units;
            change.counts_at = change.counts_at.max(counts_at);
            if let Some(pack) = &posting.pack_id {
                pack_changes.entry((pack, id.clone())).or_insert((0, account.kind.is_source())).0 += units;
            }
        }
        rows.push(Row {
            event_id: head.id.clone(),
            line: i32::try_from(line).map_err(|_| Error::internal("too many postings in one event"))?,
            organisation_id: organisation.clone(),
            lot_id: posting.lot_id.clone(),
            from_account: from,
            to_account: to,
            pack_id: posting.pack_id.clone(),
            units: posting.units,
            counts_at,
        });
    }
    for (id, change) in &changes {
        apply(db, organisation, id, change)?;
    }
    for ((pack, account), (units, is_source)) in &pack_changes {
        apply_to_pack(db, organisation, pack, account, *units, *is_source)?;
    }
    refuse_anonymous_units_of_packs(db, lines)?;
    insert_rows!(db, postings::table, rows);
    Ok(())
}

struct Change<'a> {
    lot: &'a LotId,
    account: &'a Account,
    units: i64,
    counts_at: Moment,
}

fn apply(db: &mut Db, organisation: &OrganisationId, id: &AccountId, change: &Change<'_>) -> Result<()> {
    let account = accounts::table.filter(accounts::id.eq(id).and(accounts::organisation_id.eq(organisation)));
    let counted = accounts::units.eq(accounts::units + change.units);
    let counts_at = change.counts_at.into_sql::<diesel::sql_types::Timestamp>();
    let latest = case_when(accounts::changed_at.lt(counts_at), counts_at).otherwise(accounts::changed_at);
    let moved = (counted, accounts::changed_at.eq(latest));
    let changed = if change.units < 0 && !change.account.kind.is_source() {
        // The condition is what two commands that want the same units meet at.
        let taken = diesel::update(account.filter(accounts::units.ge(-change.units))).set(moved);
        on_either!(db, conn => PreparedChange(taken).execute(conn)?)
    } else {
        on_either!(db, conn => PreparedChange(diesel::update(account).set(moved)).execute(conn)?)
    };
    if changed == 1 {
        return Ok(());
    }
    if change.units < 0 && !change.account.kind.is_source() {
        return Err(Error::Race);
    }
    let place = change.account.place.as_ref();
    let opened = Balance {
        id: id.clone(),
        organisation_id: organisation.clone(),
        lot_id: change.lot.clone(),
        kind: change.account.kind,
        location_id: place.map(|place| place.location_id.clone()),
        site_id: place.map(|place| place.site_id.clone()),
        use_by: place.map(|place| place.use_by),
        units: change.units,
        inspection_id: change.account.inspection_id.clone(),
        excursion_ids: Some(change.account.excursion_ids.clone()).filter(|ids| !ids.is_empty()).map(Json::new),
        changed_at: change.counts_at,
        container_id: change.account.container_id.clone(),
        charged_ids: Some(change.account.charged_ids.clone()).filter(|ids| !ids.is_empty()).map(Json::new),
    };
    on_either!(db, conn => PreparedChange(diesel::insert_into(accounts::table)
        .values(&opened)
        .on_conflict(accounts::id)
        .do_update()
        .set(moved))
        .execute(conn)?);
    Ok(())
}

fn apply_to_pack(
    db: &mut Db,
    organisation: &OrganisationId,
    pack: &PackId,
    account: &AccountId,
    units: i64,
    is_source: bool,
) -> Result<()> {
    let row = pack_balances::table.filter(
        pack_balances::pack_id
            .eq(pack)
            .and(pack_balances::account_id.eq(account))
            .and(pack_balances::organisation_id.eq(organisation)),
    );
    if units < 0 && !is_source {
        let taken = diesel::update(row.filter(pack_balances::units.ge(-units)))
            .set(pack_balances::units.eq(pack_balances::units + units));
        let changed = on_either!(db, conn => PreparedChange(taken).execute(conn)?);
        return if changed == 1 { Ok(()) } else { Err(Error::Race) };
    }
    on_either!(db, conn => PreparedChange(diesel::insert_into(pack_balances::table)
        .values((
            pack_balances::pack_id.eq(pack),
            pack_balances::account_id.eq(account),
            pack_balances::organisation_id.eq(organisation),
            pack_balances::units.eq(units),
        ))
        .on_conflict((pack_balances::pack_id, pack_balances::account_id))
        .do_update()
        .set(pack_balances::units.eq(pack_balances::units + units)))
        .execute(conn)?);
    Ok(())
}

/// Units of packs with serial numbers move only under their serial number: what is left in an account never falls
/// below what its packs have there. The account's row is locked by now, so nobody can change the sum meanwhile.
fn refuse_anonymous_units_of_packs(db: &mut Db, lines: &[Posting]) -> Result<()> {
    for posting in lines.iter().filter(|posting| posting.pack_id.is_none() && !posting.from.kind.is_source()) {
        let known = packs::table.filter(packs::lot_id.eq(&posting.lot_id)).select(packs::id);
        if known.first::<PackId>(db).optional()?.is_none() {
            continue;
        }
        let account = posting.from.id(&posting.lot_id);
        let left: i64 = accounts::table.find(&account).select(accounts::units).first(db)?;
        if left < in_packs(db, &account)? {
            return Err(Error::Race);
        }
    }
    Ok(())
}

/// How many units of an account belong to packs with serial numbers.
fn in_packs(db: &mut Db, account: &AccountId) -> Result<i64> {
    // SQLite would give the sum of an empty set as NULL, and PostgreSQL that of BIGINT as NUMERIC.
    let sum = diesel::dsl::sql::<diesel::sql_types::BigInt>("CAST(COALESCE(SUM(units), 0) AS BIGINT)");
    Ok(pack_balances::table.filter(pack_balances::account_id.eq(account)).select(sum).first(db)?)
}

/// How many lines of an event a posting counts for: the excursions that its units were exposed to are named, each.
fn lines_of(posting: &Posting) -> usize {
    let named = |account: &Account| account.excursion_ids.len().saturating_add(account.charged_ids.len());
    let named = named(&posting.from).saturating_add(named(&posting.to));
    named.div_euclid(NAMES_OF_A_LINE).saturating_add(1)
}

/// How many excursions' names are as long as a line without any.
const NAMES_OF_A_LINE: usize = 16;

/// How many of the first postings one event tells: one at least.
fn first_of(postings: &[Posting]) -> usize {
    let mut lines: usize = 0;
    let fits = postings.iter().take_while(|posting| {
        lines = lines.saturating_add(lines_of(posting));
        lines <= EVENT_POSTINGS_MAX
    });
    fits.count().max(1)
}

/// The postings in parts that one event each can tell.
pub fn parts(mut postings: &[Posting]) -> Vec<&[Posting]> {
    let mut parts = Vec::new();
    while !postings.is_empty() {
        let (part, rest) = postings.split_at_checked(first_of(postings)).unwrap_or((postings, &[]));
        parts.push(part);
        postings = rest;
    }
    parts
}

/// Takes the postings that are too many for one event out of them, if there are any.
pub fn rest_of(postings: &mut Vec<Posting>) -> Option<Vec<Posting>> {
    let first = first_of(postings);
    (postings.len() > first).then(|| postings.split_off(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ExcursionId;
    use crate::ledger::AccountKind;
    use crate::limits::EVENT_MAX;

    #[test]
    fn an_event_tells_what_fits_into_it() {
        let excursion: ExcursionId = "exc_01932c07-8d00-7000-8000-000000000006".parse().unwrap();
        let posting = |excursions: usize| Posting {
            lot_id: "lot_01932c07-8d00-7000-8000-000000000006".parse().unwrap(),
            from: Account { excursion_ids: vec![excursion.clone(); excursions], ..Account::outside(AccountKind::Held) },
            to: Account::outside(AccountKind::Waste),
            units: 1,
            pack_id: None,
            at: None,
        };
        let lengths = |excursions: usize, count: usize| -> Vec<usize> {
            let all = vec![posting(excursions); count];
            let parts = parts(&all);
            for part in &parts {
                assert!(serde_json::to_vec(part).unwrap().len() < EVENT_MAX / 2, "{excursions} {count}");
            }
            let mut first = all.clone();
            let rest = rest_of(&mut first).map_or(0, |rest| rest.len());
            assert_eq!(first.len() + rest, count);
            parts.iter().map(|part| part.len()).collect()
        };
        assert_eq!(lengths(0, 0), Vec::<usize>::new());
        assert_eq!(lengths(0, 600), [500, 100]);
        // 2000 of 16 are 125 lines and one: three are 378 of 500, four are too many.
        assert_eq!(lengths(2000, 10), [3, 3, 3, 1]);
        assert_eq!(lengths(16_000, 2), [1, 1]);
    }
}
