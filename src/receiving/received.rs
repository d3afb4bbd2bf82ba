//! What was received, found again: receipts as they stand, and those by which units have come.

use super::model::{Receipt, Received};
use super::store;
use crate::caller::Caller;
use crate::command::Command;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{AccountId, OrganisationId, ReceiptId};
use crate::problem::{Problem, ProblemCode};
use crate::stock::books::Books;
use crate::stock::model::{AccountKind, Balance, Lot, PackBalance, Posting};
use crate::stock::origins::{self, Origin};
use std::collections::{BTreeMap, BTreeSet};

/// The receipts by which units may have come: those of their packs or, without numbers, every one that they may be of.
///
/// # Errors
/// What the database answers.
pub fn receipts_of(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    books: &Books,
    postings: &[Posting],
    packs: &[PackBalance],
) -> Result<Vec<ReceiptId>> {
    let mut found = BTreeSet::new();
    let moved = |row: &&PackBalance| postings.iter().any(|p| p.pack_id.as_ref() == Some(&row.pack.id));
    let lines: Vec<_> = packs.iter().filter(moved).map(|row| &row.pack.receipt_line_id).collect();
    found.extend(store::receipts_of_lines(db, organisation, &lines)?);
    let anonymous: Vec<_> = postings.iter().filter(|p| p.pack_id.is_none()).map(|p| p.from.id(&lot.id)).collect();
    if !anonymous.is_empty() {
        let origins = origins_in(db, organisation, lot, books)?;
        let mut origin = Origin::default();
        anonymous.iter().filter_map(|account| origins.get(account)).for_each(|other| origin.add(other));
        // What a receipt that was corrected or voided had brought was taken back: none of it is left.
        let brought = store::receipts_that_brought(db, organisation, &lot.id)?;
        found.extend(brought.into_iter().filter(|receipt| origin.is_any || origin.receipts.contains(receipt)));
    }
    Ok(found.into_iter().collect())
}

/// Where the units without numbers in each account of a lot may come from.
///
/// # Errors
/// What the database answers.
pub(super) fn origins_in(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &Lot,
    books: &Books,
) -> Result<BTreeMap<AccountId, Origin>> {
    let flows = crate::stock::history::flows(db, organisation, lot, books.past)?;
    let inside = books.accounts.iter().filter(|account| account.location_id.is_some());
    let stock = inside.clone().filter(|account| account.kind == AccountKind::Available);
    let ids = |accounts: &mut dyn Iterator<Item = &Balance>| accounts.map(|account| account.id.clone()).collect();
    Ok(origins::of(&flows, &ids(&mut inside.clone()), &ids(&mut stock.into_iter())))
}

/// A receipt with its lines, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &ReceiptId) -> Result<Option<Received>> {
    let organisation = &caller.organisation_id;
    let Some(receipt) = store::receipt(db, organisation, id)?.filter(|receipt| caller.sees(&receipt.site_id)) else {
        return Ok(None);
    };
    with_lines(db, caller, vec![receipt]).map(|found| found.into_iter().next())
}

/// Receipts with their lines.
///
/// # Errors
/// What the database answers.
pub fn with_lines(db: &mut Db, caller: &Caller, receipts: Vec<Receipt>) -> Result<Vec<Received>> {
    let organisation = &caller.organisation_id;
    let ids: Vec<_> = receipts.iter().map(|receipt| &receipt.id).collect();
    let lines = store::lines(db, organisation, &ids)?;
    let lot_ids: Vec<_> = lines.iter().map(|line| &line.lot_id).collect();
    let lots = crate::stock::service::lots(db, organisation, &lot_ids)?;
    let corrections = store::corrections(db, organisation, &ids)?;
    let voids = store::voids(db, organisation, &ids)?;
    receipts
        .into_iter()
        .map(|receipt| {
            let own = lines.iter().filter(|line| line.receipt_id == receipt.id).map(|line| {
                let lot = lots.iter().find(|lot| lot.id == line.lot_id).cloned();
                lot.map(|lot| (line.clone(), lot)).ok_or_else(|| Error::internal("a receipt line without its lot"))
            });
            Ok(Received {
                lines: own.collect::<Result<_>>()?,
                corrections: corrections
                    .iter()
                    .filter(|correction| correction.receipt_id == receipt.id)
                    .cloned()
                    .collect(),
                voids: voids.iter().filter(|void| void.receipt_id == receipt.id).cloned().collect(),
                receipt,
            })
        })
        .collect()
}

/// The receipt that a body names, with its lines, locked: nobody corrects it meanwhile.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_locked(cmd: &mut Command<'_>, id: &ReceiptId) -> Result<Received> {
    cmd.lock(|db, organisation| store::lock(db, organisation, id))?;
    find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::reference_unknown("receipt_id"))
}

/// The receipt that a body names, if the caller sees its site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, caller: &Caller, id: &ReceiptId) -> Result<Receipt> {
    store::receipt(db, &caller.organisation_id, id)?.filter(|receipt| caller.sees(&receipt.site_id)).ok_or_else(|| {
        Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, "receipt_id names nothing that exists."))
    })
}
