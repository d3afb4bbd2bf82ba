//! Taking back what a receipt line brought, from wherever it is inside (DOMAIN rule 25).

use std::collections::BTreeMap;

use super::locking::not_correctable;
use super::model::{Receipt, ReceiptLine};
use super::received;
use crate::command::Command;
use crate::error::{Error, Result};
use crate::ids::{AccountId, AdministrationId, PackId};
use crate::problem::{Dependent, DependentType, ProblemCode};
use crate::stock::books;
use crate::stock::model::{Account, AccountKind, Balance, Lot, Pack, Posting};
use crate::stock::origins::Origin;

/// Units of a line on their way back to the supplier's account.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    /// The packs of the line that have numbers.
    pub(super) packs: Vec<Pack>,
    /// Where its units leave.
    pub(super) postings: Vec<Posting>,
}

/// Takes back line after line: what one has taken is not there for the next.
#[derive(Debug, Default)]
pub(super) struct TakingBack {
    taken: BTreeMap<AccountId, i64>,
}

impl TakingBack {
    /// All units of a line, wherever they are inside and whatever their state.
    ///
    /// # Errors
    /// `receipt_not_correctable`, `others_rest_on_it` with what took units of it, `beyond_your_sites` for units at a site that the
    /// caller does not see.
    pub(super) fn take(
        &mut self,
        cmd: &mut Command<'_>,
        receipt: &Receipt,
        line: &ReceiptLine,
        lot: &Lot,
    ) -> Result<Taken> {
        let organisation = cmd.organisation();
        let packs = crate::stock::service::packs_of_line(cmd.db, organisation, &line.id)?;
        if packs.len() < line.serials.len() {
            return Err(not_correctable("Packs of this line went and arrived again: they are of another receipt now."));
        }
        let numbering = line.numbering(&packs);
        let sources = if numbering.is_empty() {
            self.anonymous(cmd, receipt, line, lot)?
        } else {
            crate::stock::service::inside_of_line(cmd.db, organisation, &line.id)?
                .into_iter()
                .filter(|row| may_go(row.account.kind))
                .map(|row| (row.account, row.units, Some(row.pack.id)))
                .collect()
        };
        let inside: i64 = sources.iter().map(|(_, units, _)| units).sum();
        if inside < line.units {
            return Err(gone(cmd, lot, line, &numbering, inside)?);
        }
        if sources.iter().any(|(account, ..)| account.site_id.as_ref().is_some_and(|site| !cmd.caller.sees(site))) {
            let detail = "Part of what the line brought is at sites that your token is not for.";
            return Err(Error::problem(ProblemCode::BeyondYourSites, detail));
        }
        let to = Account::outside(AccountKind::Supplier);
        let posting = |(account, units, pack_id): (Balance, i64, Option<PackId>)| Posting {
            lot_id: lot.id.clone(),
            from: account.account(),
            to: to.clone(),
            units,
            pack_id,
            at: None,
        };
        Ok(Taken { packs, postings: sources.into_iter().map(posting).collect() })
    }

    /// Units without numbers that may have come by the receipt: first those that can have come by no other, then in
    /// quarantine before stock, at the receipt's own place before others, at other sites last.
    fn anonymous(
        &mut self,
        cmd: &mut Command<'_>,
        receipt: &Receipt,
        line: &ReceiptLine,
        lot: &Lot,
    ) -> Result<Vec<(Balance, i64, Option<PackId>)>> {
        let organisation = cmd.organisation();
        let books = books::at(cmd.db, organisation, &lot.id, None)?;
        let origins = received::origins_in(cmd.db, organisation, lot, &books)?;
        let mut inside: Vec<Balance> =
            books.accounts.iter().filter(|account| account.units > 0 && may_go(account.kind)).cloned().collect();
        let in_packs = books.units_in_packs(cmd.db, &inside.iter().collect::<Vec<_>>())?;
        let origin = |account: &Balance| origins.get(&account.id).cloned().unwrap_or_default();
        let may_be = |origin: &Origin| origin.is_any || origin.receipts.contains(&receipt.id);
        let is_only = |origin: &Origin| !origin.is_any && origin.receipts.len() == 1;
        inside.retain(|account| may_be(&origin(account)));
        inside.sort_by_key(|account| {
            let elsewhere = account.site_id.as_ref() != Some(&receipt.site_id);
            let apart = account.location_id.as_ref() != Some(&receipt.location_id);
            (!is_only(&origin(account)), elsewhere, rank(account.kind), apart, account.id.clone())
        });
        let mut left = line.units;
        let mut sources = Vec::new();
        for account in inside {
            let taken = self.taken.entry(account.id.clone()).or_default();
            let there = account.units - in_packs.get(&account.id).copied().unwrap_or(0) - *taken;
            let units = there.min(left);
            if units > 0 {
                left -= units;
                *taken += units;
                sources.push((account, units, None));
            }
        }
        Ok(sources)
    }
}

/// Which units are taken first, where it cannot be told which they are: those that are furthest from a patient.
fn rank(kind: AccountKind) -> usize {
    use AccountKind::{Available, Held, Passed, Quarantined, Rejected};
    [Quarantined, Passed, Rejected, Held, Available].iter().position(|known| *known == kind).unwrap_or(usize::MAX)
}

/// What was opened is no pack any more that could have come from somewhere else.
fn may_go(kind: AccountKind) -> bool {
    rank(kind) < usize::MAX
}

/// Why not all units of a line are inside: what took them.
fn gone(cmd: &mut Command<'_>, lot: &Lot, line: &ReceiptLine, packs: &[PackId], inside: i64) -> Result<Error> {
    let limit = i64::try_from(Dependent::MOST).unwrap_or(i64::MAX).saturating_add(1);
    let took = crate::stock::history::took(cmd.db, cmd.organisation(), &lot.id, packs, limit)?;
    let dependents: Vec<_> = took
        .into_iter()
        .map(|id| match id.parse::<AdministrationId>() {
            Ok(id) => Dependent::new(DependentType::Administration, id),
            Err(_) => Dependent::new(DependentType::Movement, id),
        })
        .collect();
    if dependents.is_empty() {
        let detail = format!("Only {inside} of the {} units of lot {} are inside.", line.units, lot.lot);
        return Ok(not_correctable(detail));
    }
    crate::stock::resting::rests_on(cmd.db, cmd.caller, "The receipt line", dependents)
}
