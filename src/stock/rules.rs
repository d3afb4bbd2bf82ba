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

/// DOMAIN rule 20a: a late entry leaves no balance negative at any moment since.
pub fn clashes(lot: &Lot, clash: &Clash, findings: &mut Findings) {
    let kind = clash.account.kind;
    let at = clash.at.map_or_else(|| "now".to_owned(), |at| format!("at {at}"));
    let message = format!(
        "Units of lot {} were moved since: with this entry, {} of those {kind} would be too few {at}.",
        lot.lot,
        number(clash.short, "unit"),
    );
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
