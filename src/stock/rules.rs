//! How a lot reconciles, and where its units may be put.

use chrono::NaiveDate;

use super::books::Clash;
use super::model::{Account, AccountKind, Balance, Lot, PackBalance, Posting, Reconciliation};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::limits::SERIALS_MAX;
use crate::problem::ProblemCode;
use crate::sites::model::{Location, Purpose};
use crate::values::{Serial, number};

/// DOMAIN rule 22: received + adjusted = on hand + administered + wasted + returned + destroyed + lost.
pub fn reconcile(balances: &[Balance]) -> Reconciliation {
    let sum = |kinds: &[AccountKind]| -> i64 {
        balances.iter().filter(|balance| kinds.contains(&balance.kind)).map(|balance| balance.units).sum()
    };
    use AccountKind as K;
    let unaccounted = -sum(&[K::Unaccounted]);
    let mut r = Reconciliation {
        received: -sum(&[K::Supplier]),
        on_hand: sum(&[K::Quarantined, K::Passed, K::Available, K::Held, K::Rejected, K::InUse]),
        administered: sum(&[K::Patient]),
        wasted: sum(&[K::Waste]),
        returned: sum(&[K::Returned]),
        destroyed: sum(&[K::Destroyed]),
        lost: sum(&[K::Lost]),
        adjusted: unaccounted - sum(&[K::Adjustment]),
        unaccounted,
        balanced: false,
    };
    r.balanced = r.received + r.adjusted == r.on_hand + r.administered + r.wasted + r.returned + r.destroyed + r.lost;
    r
}

/// DOMAIN rules 14 and 15: expiry is inclusive, the last day counts, in the site's time zone.
pub fn not_expired(lot: &Lot, effective_expiry: NaiveDate, day: NaiveDate, findings: &mut Findings) {
    findings.rests_on(Basis::Expiry { lot_id: lot.id.to_string(), expiry: lot.expiry, effective_expiry });
    if effective_expiry < day {
        let message = format!("Lot {} could be used until {effective_expiry}; it is {day} at the site.", lot.lot);
        findings.refuse(ReasonCode::LotExpired, Subject::new(SubjectType::Lot, &lot.id), message);
    }
}

/// A location's purpose is the one that the step needs (DOMAIN rule 8 and 12).
pub fn has_purpose(location: &Location, purpose: Purpose, findings: &mut Findings) {
    if location.purpose != purpose {
        findings.refuse(
            ReasonCode::LocationPurposeMismatch,
            Subject::new(SubjectType::Location, &location.id),
            format!("{} is a location for {}, not for {purpose}.", location.name, location.purpose),
        );
    }
}

/// Units of a lot that a movement may draw on.
#[derive(Clone, Debug, Default)]
pub struct Drawable {
    /// The accounts, first expired first, each with how many of its units belong to packs with serial numbers.
    pub accounts: Vec<(Balance, i64)>,
    /// The packs that were named, by account; or all packs there, where none was named and all units are wanted.
    pub packs: Vec<PackBalance>,
    /// Serial numbers that were named and that no pack of the lot has.
    pub unknown: Vec<Serial>,
}

/// Why units cannot be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// No pack of the lot has these serial numbers.
    SerialsUnknown(Vec<Serial>),
    /// The named packs have another number of units there.
    PacksHave(i64),
    /// There are enough units, but they belong to packs that must be named.
    SerialsRequired,
    /// There are only so many.
    OnHand(i64),
}

/// Takes units from accounts, first expired first, to where `to` says.
///
/// Packs are moved whole, unless one pack is named and less than it holds is wanted. Their numbers may be left out where all
/// that lies there is wanted.
///
/// # Errors
/// Why the units cannot be drawn.
pub fn draw(
    from: &Drawable,
    units: i64,
    serials: &[Serial],
    to: impl Fn(&Account) -> Account,
) -> Result<Vec<Posting>, Shortfall> {
    if !from.unknown.is_empty() {
        return Err(Shortfall::SerialsUnknown(from.unknown.clone()));
    }
    let mut wanted = units;
    let mut postings = Vec::new();
    let mut take = |balance: &Balance, most: i64, pack: Option<&PackBalance>| {
        let taken = most.min(wanted);
        if taken > 0 {
            wanted -= taken;
            let from = balance.account();
            postings.push(Posting {
                lot_id: balance.lot_id.clone(),
                to: to(&from),
                from,
                units: taken,
                pack_id: pack.map(|pack| pack.pack.id.clone()),
                at: None,
            });
        }
    };
    if serials.is_empty() {
        for (balance, in_packs) in &from.accounts {
            take(balance, balance.units.saturating_sub(*in_packs), None);
        }
        let on_hand: i64 = from.accounts.iter().map(|(balance, _)| balance.units).sum();
        for pack in from.packs.iter().filter(|_| on_hand == units) {
            take(&pack.account, pack.units, Some(pack));
        }
        return match wanted {
            0 => Ok(postings),
            _ if on_hand >= units => Err(Shortfall::SerialsRequired),
            _ => Err(Shortfall::OnHand(on_hand)),
        };
    }
    let in_packs: i64 = from.packs.iter().map(|pack| pack.units).sum();
    if in_packs != units && !(serials.len() == 1 && in_packs > units) {
        return Err(Shortfall::PacksHave(in_packs));
    }
    for pack in &from.packs {
        take(&pack.account, pack.units, Some(pack));
    }
    Ok(postings)
}

/// Units of a lot, or of one pack of it, in one account at the site.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    /// The account's disposition.
    pub kind: AccountKind,
    /// How many.
    pub units: i64,
    /// How many of them whoever asks may have: available where they draw from, and of no pack that they do not name.
    pub free: i64,
}

/// Why units are not free: only where nothing at the site is available, also not elsewhere or under a number, do quarantined,
/// rejected and held units say why; only where none of those is there either, or some are available but too few, is the
/// stock not on hand. All that is said of one pack or lot can be true of it at once.
pub fn lacking(here: &[Here], wanted: i64) -> Vec<ReasonCode> {
    if here.iter().map(|row| row.free).sum::<i64>() >= wanted {
        return Vec::new();
    }
    let has = |kind: AccountKind| here.iter().any(|row| row.kind == kind && row.units > 0);
    let mut lacking = Vec::new();
    if !has(AccountKind::Available) {
        let in_quarantine = has(AccountKind::Quarantined) || has(AccountKind::Passed);
        lacking.extend(in_quarantine.then_some(ReasonCode::LotQuarantined));
        lacking.extend(has(AccountKind::Rejected).then_some(ReasonCode::LotRejected));
        lacking.extend(has(AccountKind::Held).then_some(ReasonCode::LotOnHold));
    }
    if lacking.is_empty() {
        lacking.push(ReasonCode::StockNotOnHand);
    }
    lacking
}

/// DOMAIN rules 20a and 22a: a late entry leaves no balance negative at any moment since, and takes nothing off the books that a
/// count of a later moment has taken off.
pub fn clashes(lot: &Lot, clash: &Clash, findings: &mut Findings) {
    let kind = clash.account.kind;
    let at = clash.at.map_or_else(|| "now".to_owned(), |at| format!("at {}", at.told()));
    let units = number(clash.short, "unit");
    let message = if clash.is_counted {
        format!(
            "A count {at} missed units of lot {} there already: with this entry, {units} would be taken off twice. Reverse that \
             count first; what was given to a patient can be recorded as retrospective.",
            lot.lot
        )
    } else {
        let lot = &lot.lot;
        format!("Units of lot {lot} were moved since: with this entry, {units} of those {kind} would be too few {at}.")
    };
    let subject = match &clash.account.place {
        Some(place) => Subject::new(SubjectType::Location, &place.location_id),
        None => Subject::new(SubjectType::Lot, &lot.id),
    };
    findings.refuse(ReasonCode::StockMovedSince, subject, message);
}

/// Serial numbers that were named, once each.
///
/// # Errors
/// `duplicate_entry`, `list_too_long`.
pub fn distinct_serials(field: &str, serials: &[Serial]) -> Result<()> {
    if serials.len() > SERIALS_MAX {
        let rule = format!("must have at most {SERIALS_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, field, rule));
    }
    let distinct: std::collections::HashSet<_> = serials.iter().collect();
    if distinct.len() < serials.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, field, "names a serial number twice"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn here(rows: &[(AccountKind, i64, i64)]) -> Vec<Here> {
        rows.iter().map(|(kind, units, free)| Here { kind: *kind, units: *units, free: *free }).collect()
    }

    #[test]
    fn what_is_lacking_is_why_it_is() {
        use AccountKind::{Available, Held, InUse, Passed, Quarantined, Rejected};
        use ReasonCode::{LotOnHold, LotQuarantined, LotRejected, StockNotOnHand};
        let rows: [(&[(AccountKind, i64, i64)], i64, &[ReasonCode]); 12] = [
            (&[(Available, 2, 2)], 2, &[]),
            (&[(Available, 2, 2), (Quarantined, 4, 0)], 2, &[]),
            // DOMAIN rule 8: while units of a lot are only there, a refusal says so.
            (&[(Quarantined, 4, 0)], 1, &[LotQuarantined]),
            (&[(Quarantined, 1, 0), (Rejected, 1, 0), (Held, 1, 0)], 1, &[LotQuarantined, LotRejected, LotOnHold]),
            // Too few are available: that others are quarantined is no reason to refuse those.
            (&[(Available, 2, 2), (Quarantined, 4, 0)], 3, &[StockNotOnHand]),
            // Available in another location than the one that was named, or under a number that was not.
            (&[(Available, 2, 0), (Quarantined, 4, 0)], 1, &[StockNotOnHand]),
            (&[(Available, 2, 1), (Held, 1, 0)], 2, &[StockNotOnHand]),
            (&[(InUse, 1, 0)], 1, &[StockNotOnHand]),
            (&[(Available, 0, 0), (Quarantined, 1, 0)], 1, &[LotQuarantined]),
            (&[(Quarantined, 0, 0)], 1, &[StockNotOnHand]),
            // What passed waits for its release.
            (&[(Passed, 2, 0)], 1, &[LotQuarantined]),
            (&[], 1, &[StockNotOnHand]),
        ];
        for (rows, wanted, expected) in rows {
            assert_eq!(lacking(&here(rows), wanted), expected, "{rows:?} {wanted}");
        }
    }

    proptest! {
        /// Whatever lies where: there is a reason exactly where units are lacking, and no two contradict each other.
        #[test]
        fn reasons_can_be_true_together(
            rows in prop::collection::vec((0..AccountKind::ALL.len(), 0..4_i64, 0..4_i64), 0..6),
            wanted in 1..6_i64,
        ) {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(kind, units, free)| (AccountKind::ALL[kind], units, free))
                .filter(|(kind, ..)| kind.disposition().is_some())
                .map(|(kind, units, free)| (kind, units, if kind == AccountKind::Available { free.min(units) } else { 0 }))
                .collect();
            let units = |kind: AccountKind| rows.iter().filter(|row| row.0 == kind).map(|row| row.1).sum::<i64>();
            let free: i64 = rows.iter().map(|row| row.2).sum();
            let reasons = lacking(&here(&rows), wanted);
            prop_assert_eq!(reasons.is_empty(), free >= wanted);
            for reason in &reasons {
                let is_true = match reason {
                    ReasonCode::LotQuarantined => {
                        units(AccountKind::Quarantined) + units(AccountKind::Passed) > 0 && units(AccountKind::Available) == 0
                    }
                    ReasonCode::LotRejected => units(AccountKind::Rejected) > 0 && units(AccountKind::Available) == 0,
                    ReasonCode::LotOnHold => units(AccountKind::Held) > 0 && units(AccountKind::Available) == 0,
                    ReasonCode::StockNotOnHand => reasons.len() == 1,
                    _ => false,
                };
                prop_assert!(is_true, "{:?} of {:?}", reasons, rows);
            }
        }
    }
}
