//! Passes of histories from before passes were postings: what can be told goes to its units, the rest is inspected again.
//!
//! Once, passed units were counted beside the stock. For each lot of which passed units were left, one event says what
//! became of them: to packs by their numbers, to units without numbers by the oldest inspection first. Where units left
//! quarantine that nobody released, the passes may have been theirs: then nothing is told, and all of it is inspected again.

use std::collections::BTreeMap;

use super::events::Deed;
use super::model::{Inspection, Settled};
use super::{rules, store};
use crate::command::{About, Command};
use crate::error::{Error, Result};
use crate::ids::LotId;
use crate::receiving::model::Receipt;
use crate::stock::books::{self, Books};
use crate::stock::model::{AccountKind, Balance, Lot, PackBalance, Posting};
use crate::values::number;

/// Gives the passes of one lot to their units; one sentence where units must be inspected again.
///
/// # Errors
/// What the database answers.
pub fn settle(cmd: &mut Command<'_>, lot: &LotId) -> Result<Option<String>> {
    let organisation = cmd.organisation();
    let lot =
        crate::stock::service::lot(cmd.db, organisation, lot)?.ok_or_else(|| Error::internal("a lot of no name"))?;
    let product = crate::catalogue::service::find(cmd.db, organisation, &lot.product_id)?
        .ok_or_else(|| Error::internal("a lot without its product"))?;
    let policy = crate::policies::service::current(cmd.db, organisation)?;
    let books = books::at(cmd.db, organisation, &lot.id, None)?;
    let mut by_site: BTreeMap<_, Vec<Left>> = BTreeMap::new();
    for (inspection, units) in store::counted_passes(cmd.db, organisation, &lot.id)? {
        let Some(id) = &inspection.receipt_id else { continue };
        let receipt = crate::receiving::service::receipt(cmd.db, organisation, id)?
            .ok_or_else(|| Error::internal("an inspection of no receipt"))?;
        let is_complete = rules::lacking(&inspection, policy.checklist(product.class)).is_empty();
        by_site.entry(receipt.site_id.clone()).or_default().push(Left { inspection, receipt, units, is_complete });
    }
    let (mut postings, mut again) = (Vec::new(), Vec::new());
    for (site, left) in by_site {
        let mut here = books.at_site(&site);
        here.retain(|account| account.kind == AccountKind::Quarantined);
        let packs = crate::stock::service::packs_in(cmd.db, &here.iter().collect::<Vec<_>>(), true)?;
        let mut lines = BTreeMap::new();
        for left in &left {
            let brought = crate::receiving::service::lines_of_lot(cmd.db, organisation, &left.receipt.id, &lot.id)?;
            lines.insert(left.receipt.id.clone(), brought.into_iter().map(|line| line.id).collect::<Vec<_>>());
        }
        let of_receipt = |left: &Left, pack: &PackBalance| {
            lines.get(&left.receipt.id).is_some_and(|lines| lines.contains(&pack.pack.receipt_line_id))
        };
        let lost_some = crate::stock::history::left_quarantine(cmd.db, organisation, &lot.id, &ids(&books, &site))?;
        let told = tell(&lot, &left, here, packs, of_receipt, lost_some);
        again.extend(left.iter().filter_map(|left| {
            let given: i64 =
                told.iter().filter(|p| p.to.inspection_id.as_ref() == Some(&left.inspection.id)).map(|p| p.units).sum();
            let units = left.units - given;
            (units > 0).then(|| Settled { inspection_id: left.inspection.id.clone(), units })
        }));
        postings.extend(told);
    }
    let units: i64 = again.iter().map(|settled| settled.units).sum();
    let note = (units > 0)
        .then(|| format!("{} of lot {} ({}) must be inspected again", number(units, "unit"), lot.lot, lot.id));
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![lot.id.to_string()] };
    cmd.record(about, Deed::PassesSettled { lot_id: lot.id, again, postings, more: None })?;
    Ok(note)
}

/// Passed units of an inspection that were not released.
struct Left {
    inspection: Inspection,
    receipt: Receipt,
    units: i64,
    is_complete: bool,
}

fn ids(books: &Books, site: &crate::ids::SiteId) -> Vec<crate::ids::AccountId> {
    let of_site = |account: &&Balance| {
        account.site_id.as_ref() == Some(site)
            && matches!(account.kind, AccountKind::Quarantined | AccountKind::Available | AccountKind::Rejected)
    };
    books.accounts.iter().filter(of_site).map(|account| account.id.clone()).collect()
}

/// Which units passed in which inspection, as far as it can be told.
fn tell(
    lot: &Lot,
    left: &[Left],
    mut here: Vec<Balance>,
    packs: Vec<PackBalance>,
    of_receipt: impl Fn(&Left, &PackBalance) -> bool,
    lost_some: bool,
) -> Vec<Posting> {
    let mut told = Vec::new();
    let pass = |inspection: &Inspection, account: &Balance, units, pack_id| {
        let from = account.account();
        let to = from.passing(&inspection.id);
        from.place.is_some().then_some(Posting { lot_id: lot.id.clone(), from, to, units, pack_id, at: None })
    };
    for left in left.iter().filter(|left| left.is_complete) {
        // By number: all packs of the receipt that wait are as many as passed, so these passed.
        let own: Vec<_> = packs.iter().filter(|pack| of_receipt(left, pack)).collect();
        if !own.is_empty() && own.iter().map(|pack| pack.units).sum::<i64>() == left.units {
            told.extend(
                own.iter()
                    .filter_map(|pack| pass(&left.inspection, &pack.account, pack.units, Some(pack.pack.id.clone()))),
            );
        }
    }
    let numbered = |account: &Balance| -> i64 {
        packs.iter().filter(|pack| pack.account.id == account.id).map(|pack| pack.units).sum()
    };
    here.iter_mut().for_each(|account| account.units -= numbered(account));
    here.retain(|account| account.units > 0);
    let waiting: i64 = here.iter().map(|account| account.units).sum();
    let anonymous = left.iter().filter(|left| left.is_complete && !packs.iter().any(|pack| of_receipt(left, pack)));
    let passes: i64 = anonymous.clone().map(|left| left.units).sum();
    if lost_some || (here.len() > 1 && passes < waiting) {
        return told;
    }
    for left in anonymous {
        let mut units = left.units;
        here.sort_by_key(|account| account.location_id.as_ref() != Some(&left.receipt.location_id));
        for account in &mut here {
            let taken = units.min(account.units);
            if taken > 0 {
                told.extend(pass(&left.inspection, account, taken, None));
                units -= taken;
                account.units -= taken;
            }
        }
    }
    told
}
