//! Whether units may be administered. A scan and an administration both ask [`administer`].

use std::collections::BTreeSet;

use super::facts::Facts;
use super::model::ScanPurpose;
use crate::catalogue::model::{Identifier, Product};
use crate::clock::Moment;
use crate::decision::{Basis, Decision, Findings, ReasonCode, Subject, SubjectType};
use crate::ids::LocationId;
use crate::licences::model::{Held, LicenceKind};
use crate::licences::rules::{HolderRole, Occasion, licensed};
use crate::practitioners::model::Practitioner;
use crate::stock::books::Clash;
use crate::stock::model::{Account, AccountKind, Balance, Lot, PackBalance, Posting};
use crate::stock::rules::Drawable;
use crate::values::number;

/// DOMAIN rule 17: judged at the moment of the act, in the site's time zone, with all reasons and no override.
pub fn administer(facts: &Facts, evaluated_at: Moment) -> Decision {
    let mut findings = Findings::default();
    findings.rests_on(Basis::Moment {
        occurred_at: facts.at,
        site_id: facts.site.id.to_string(),
        time_zone: facts.site.time_zone.to_string(),
        day: facts.day,
    });
    let Some(product) = &facts.product else {
        unknown_product(facts, &mut findings);
        return Decision::from(findings, evaluated_at);
    };
    match &facts.lot {
        Some(lot) => {
            known_once(facts, lot, &mut findings);
            within_expiry(facts, lot, &mut findings);
            crate::holds::rules::not_held(lot, &facts.holds, &mut findings);
            crate::policies::rules::lot_not_denied(&facts.policy, product, lot, &mut findings);
            let before = findings.reasons.len();
            on_hand(facts, product, lot, &mut findings);
            if findings.reasons.len() == before {
                from_one_place(facts, lot, &mut findings);
            }
        }
        None => unknown_lot(facts, &mut findings),
    }
    crate::catalogue::rules::authorised(product, &facts.site.jurisdiction, &mut findings);
    eligible(facts, product, &mut findings);
    Decision::from(findings, evaluated_at)
}

/// DOMAIN rules 1 and 2: the site may treat, the practitioner may treat, and where the product asks for it somebody who
/// may has prescribed.
fn eligible(facts: &Facts, product: &Product, findings: &mut Findings) {
    let occasion = Occasion::of(product, &facts.site, facts.day, facts.at, &facts.policy);
    crate::versions::not_retired(&facts.site, facts.at, findings);
    let site = Subject::new(SubjectType::Site, &facts.site.id);
    licensed(&occasion.needs(HolderRole::Site, LicenceKind::Facility), &site, &facts.licences, findings);
    let held_by = |person: &Practitioner| -> Vec<Held> {
        facts.licences.iter().filter(|held| held.licence.holder_id == person.id.as_str()).cloned().collect()
    };
    if facts.practitioner.is_none() {
        let message = "Say who treats: name the practitioner, or use a practitioner's own token.";
        findings.refuse(ReasonCode::PractitionerMissing, Subject::new(SubjectType::Site, &facts.site.id), message);
    }
    if let Some(practitioner) = &facts.practitioner {
        crate::versions::not_retired(practitioner, facts.at, findings);
        let holder = Subject::new(SubjectType::Practitioner, &practitioner.id);
        let held = held_by(practitioner);
        let registration = occasion.needs(HolderRole::Practitioner, LicenceKind::ProfessionalRegistration);
        licensed(&registration, &holder, &held, findings);
        if product.requires_training {
            licensed(&occasion.needs(HolderRole::Trained, LicenceKind::Training), &holder, &held, findings);
        }
    }
    match &facts.prescriber {
        Some(prescriber) if product.requires_prescriber => {
            crate::versions::not_retired(prescriber, facts.at, findings);
            let holder = Subject::new(SubjectType::Practitioner, &prescriber.id);
            let need = occasion.needs(HolderRole::Prescriber, LicenceKind::Prescriber);
            licensed(&need, &holder, &held_by(prescriber), findings);
        }
        None if product.requires_prescriber => {
            let message = format!("{} must be prescribed: name the prescriber.", product.name);
            findings.refuse(ReasonCode::PrescriberMissing, Subject::new(SubjectType::Product, &product.id), message);
        }
        _ => {}
    }
}

fn unknown_product(facts: &Facts, findings: &mut Findings) {
    if let Some(named) = &facts.label.named {
        crate::catalogue::rules::unknown(named, findings);
    }
}

/// DOMAIN rule 7: a lot text with another expiry than the one received is a suspected falsification.
fn unknown_lot(facts: &Facts, findings: &mut Findings) {
    let text = facts.label.lot.clone().unwrap_or_default();
    let subject = || Subject::new(SubjectType::Code, &text);
    let expiries: Vec<_> = facts.other_expiries.iter().map(ToString::to_string).collect();
    if let (Some(scanned), false) = (facts.label.expiry, expiries.is_empty()) {
        let message = format!("Lot {text} was received with expiry {}, not {scanned}.", expiries.join(" and "));
        findings.refuse(ReasonCode::ExpiryMismatch, subject(), message);
    }
    findings.refuse(ReasonCode::LotUnknown, subject(), format!("Lot {text} was never received."));
}

/// A code without an expiry cannot say which of two twins it is.
fn known_once(facts: &Facts, lot: &Lot, findings: &mut Findings) {
    if facts.label.expiry.is_none() && !facts.other_expiries.is_empty() {
        let message = format!("Lot {} is known with several expiries, and the code does not say which.", lot.lot);
        findings.refuse(ReasonCode::ExpiryMismatch, Subject::new(SubjectType::Lot, &lot.id), message);
    }
}

/// DOMAIN rules 14 and 15: the effective expiry counts; the last day is a good day.
fn within_expiry(facts: &Facts, lot: &Lot, findings: &mut Findings) {
    let best = available(facts).filter_map(|balance| balance.use_by).max();
    crate::stock::rules::not_expired(lot, best.unwrap_or(lot.expiry).min(lot.expiry), facts.day, findings);
}

/// The available accounts at the site, or at the location that was named.
fn available(facts: &Facts) -> impl Iterator<Item = &Balance> {
    facts.stock.iter().map(|(balance, _)| balance).filter(|balance| is_available(facts, balance))
}

fn is_available(facts: &Facts, balance: &Balance) -> bool {
    balance.kind == AccountKind::Available
        && facts.location_id.as_ref().is_none_or(|location| balance.location_id.as_ref() == Some(location))
}

/// Whether a numbered pack is what a scanned identifier is of. A number is one of the product, so a unit and a pack with
/// the same are not told apart by it, but by how many units were received under it; a case has none of its own.
pub fn is_of(balances: &[PackBalance], identifier: Option<&Identifier>) -> bool {
    let received = received(balances);
    received > 0 && identifier.is_none_or(|identifier| identifier.units == received)
}

/// How many units of a pack were received.
fn received(balances: &[PackBalance]) -> i64 {
    balances.iter().filter(|row| row.account.kind == AccountKind::Supplier).map(|row| -row.units).sum()
}

/// How many units one serial number marks: those of what carries it (API.md, "Shapes": a pack; or a unit with a number of
/// its own).
fn marked_by_a_serial(facts: &Facts, product: &Product) -> i64 {
    facts.identifier.as_ref().map_or(product.units_per_pack.get(), |identifier| identifier.units)
}

/// What an administration may draw on: available units that have not run out on the day, of the named pack if there is
/// one and packs of the lot are kept by number.
pub fn drawable(facts: &Facts) -> Drawable {
    let usable = |balance: &Balance| is_available(facts, balance) && balance.use_by.is_some_and(|day| day >= facts.day);
    Drawable {
        accounts: facts.stock.iter().filter(|(balance, _)| usable(balance)).cloned().collect(),
        packs: facts
            .pack
            .iter()
            .flat_map(|(_, balances)| balances)
            .filter(|row| row.units > 0 && row.account.site_id.as_ref() == Some(&facts.site.id) && usable(&row.account))
            .cloned()
            .collect(),
        unknown: Vec::new(),
    }
}

/// The places that units may be drawn from, each once: of the named pack if there is one, else of units without numbers.
pub fn places(facts: &Facts) -> Vec<LocationId> {
    let from = drawable(facts);
    let anonymous =
        from.accounts.iter().filter(|(account, in_packs)| account.units > *in_packs).map(|(account, _)| account);
    let places: Vec<_> = match facts.pack {
        Some(_) => from.packs.iter().filter_map(|row| row.account.location_id.clone()).collect(),
        None => anonymous.filter_map(|account| account.location_id.clone()).collect(),
    };
    let distinct: BTreeSet<_> = places.into_iter().collect();
    distinct.into_iter().collect()
}

/// The units come from one place, and would have been there at every moment since (DOMAIN rule 20a).
fn from_one_place(facts: &Facts, lot: &Lot, findings: &mut Findings) {
    if facts.places.len() > 1 {
        for place in &facts.places {
            let message =
                format!("Units of lot {} lie in several places, {} among them: say from which.", lot.lot, place.name);
            findings.refuse(ReasonCode::LocationRequired, Subject::new(SubjectType::Location, &place.id), message);
        }
        return;
    }
    if let Err(clash) = drawn(facts) {
        crate::stock::rules::clashes(lot, &clash, findings);
    }
}

/// The postings of an administration, entered at its moment; none where units are short, which is another rule's to say.
///
/// # Errors
/// When units that it takes were moved since.
pub fn drawn(facts: &Facts) -> Result<Vec<Posting>, Clash> {
    let mut from = drawable(facts);
    from.packs.sort_by_key(|row| row.account.use_by);
    let serials: Vec<_> = facts.pack.iter().map(|(pack, _)| pack.serial.clone()).collect();
    let patient = |_: &Account| Account::outside(AccountKind::Patient);
    let postings = crate::stock::rules::draw(&from, facts.units, &serials, patient).unwrap_or_default();
    facts.books.enter(postings, pack_balances(facts))
}

/// Where the units of the named pack are.
pub fn pack_balances(facts: &Facts) -> &[PackBalance] {
    facts.pack.as_ref().map_or(&[], |(_, balances)| balances)
}

/// What a retrospective record draws on (DOMAIN rule 20): whatever is at the site, released stock first. The patient has
/// had it, so what stood against using it no longer matters.
pub fn drawable_in_retrospect(facts: &Facts) -> Drawable {
    use AccountKind as K;
    let rank = |balance: &Balance| {
        [K::Available, K::Held, K::Quarantined, K::Passed, K::Rejected].iter().position(|kind| *kind == balance.kind)
    };
    let here = |balance: &Balance| {
        rank(balance).is_some()
            && balance.site_id.as_ref() == Some(&facts.site.id)
            && facts.location_id.as_ref().is_none_or(|location| balance.location_id.as_ref() == Some(location))
    };
    let mut accounts: Vec<_> = facts.stock.iter().filter(|(balance, _)| here(balance)).cloned().collect();
    accounts.sort_by_key(|(balance, _)| (rank(balance), balance.use_by));
    let lot = facts.lot.as_ref().map(|lot| &lot.id);
    let own_pack = facts.pack.iter().filter(|(pack, _)| Some(&pack.lot_id) == lot);
    let mut packs: Vec<_> =
        own_pack.flat_map(|(_, rows)| rows).filter(|row| row.units > 0 && here(&row.account)).cloned().collect();
    packs.sort_by_key(|row| (rank(&row.account), row.account.use_by));
    Drawable { accounts, packs, unknown: Vec::new() }
}

/// DOMAIN rules 8, 9 and 17: enough released units are at the site, and the pack was not used before.
fn on_hand(facts: &Facts, product: &Product, lot: &Lot, findings: &mut Findings) {
    let at_site: Vec<(AccountKind, bool, i64)> = match &facts.pack {
        Some((pack, balances)) if pack.lot_id == lot.id => {
            let used: i64 =
                balances.iter().filter(|row| row.account.kind == AccountKind::Patient).map(|row| row.units).sum();
            let inside = balances.iter().filter(|row| row.account.kind.disposition().is_some());
            let left: i64 = inside.clone().map(|row| row.units).sum();
            findings.rests_on(Basis::Pack {
                serial: pack.serial.to_string(),
                units_left: left,
                units_administered: used,
            });
            if used > 0 && facts.units > left {
                refuse_used(facts, received(balances), used, findings);
                return;
            }
            inside
                .filter(|row| row.account.site_id.as_ref() == Some(&facts.site.id))
                .map(|row| (row.account.kind, is_available(facts, &row.account), row.units))
                .collect()
        }
        Some((pack, _)) => {
            let message = format!("Serial number {} was received with another lot than {}.", pack.serial, lot.lot);
            findings.refuse(ReasonCode::SerialUnknown, Subject::new(SubjectType::Serial, &pack.serial), message);
            return;
        }
        None => {
            let numbered: i64 = facts.stock.iter().map(|(_, in_packs)| in_packs).sum();
            if let Some(serial) = &facts.serial {
                if numbered > 0 {
                    let message = format!("No pack of lot {} with serial number {serial} was received.", lot.lot);
                    findings.refuse(ReasonCode::SerialUnknown, Subject::new(SubjectType::Serial, serial), message);
                    return;
                }
                // Packs that were received without their numbers: each number still has only so many units.
                let marked = marked_by_a_serial(facts, product);
                if facts.units_administered.saturating_add(facts.units) > marked {
                    refuse_used(facts, marked, facts.units_administered, findings);
                    return;
                }
            }
            let anonymous = |(balance, in_packs): &(Balance, i64)| {
                let (kind, usable) = (balance.kind, is_available(facts, balance));
                // Only what may be administered must be told apart by number.
                (kind, usable, if usable { balance.units - in_packs } else { balance.units })
            };
            let rows: Vec<_> = facts.stock.iter().map(anonymous).collect();
            let free: i64 = rows.iter().filter(|row| row.1).map(|row| row.2).sum();
            if numbered > 0 && free < facts.units && available(facts).map(|b| b.units).sum::<i64>() >= facts.units {
                let message = format!("Lot {} is kept by serial number: scan the pack.", lot.lot);
                findings.refuse(ReasonCode::SerialsRequired, Subject::new(SubjectType::Lot, &lot.id), message);
                return;
            }
            rows
        }
    };
    enough(facts, lot, &at_site, findings);
}

fn refuse_used(facts: &Facts, marked: i64, used: i64, findings: &mut Findings) {
    let serial = facts.serial.as_ref().map(ToString::to_string).unwrap_or_default();
    let message =
        format!("Serial number {serial} was used before: {used} of the {marked} units that it marks are administered.");
    findings.refuse(ReasonCode::SerialAlreadyUsed, Subject::new(SubjectType::Serial, serial), message);
}

/// Units by disposition decide which reason is the true one: in quarantine, rejected and held units are on hand, but
/// not to be used; only where there are none is the stock not on hand.
fn enough(facts: &Facts, lot: &Lot, at_site: &[(AccountKind, bool, i64)], findings: &mut Findings) {
    let of = |kind: AccountKind| -> i64 { at_site.iter().filter(|row| row.0 == kind).map(|row| row.2).sum() };
    let (quarantined, held, rejected) =
        (of(AccountKind::Quarantined) + of(AccountKind::Passed), of(AccountKind::Held), of(AccountKind::Rejected));
    let available: i64 = at_site.iter().filter(|row| row.1).map(|row| row.2).sum();
    findings.rests_on(Basis::Stock { lot_id: lot.id.to_string(), available, quarantined, held, rejected });
    if available >= facts.units {
        return;
    }
    let subject = || Subject::new(SubjectType::Lot, &lot.id);
    let what = match &facts.pack {
        Some((pack, _)) => format!("Pack {} of lot {}", pack.serial, lot.lot),
        None => format!("Lot {}", lot.lot),
    };
    let mut explained = false;
    if available == 0 && quarantined > 0 {
        let message = format!("{what} is here with {}, all in quarantine.", number(quarantined, "unit"));
        findings.refuse(ReasonCode::LotQuarantined, subject(), message);
        explained = true;
    }
    if available == 0 && rejected > 0 {
        let message = format!("{what} failed inspection: {} here.", number(rejected, "unit"));
        findings.refuse(ReasonCode::LotRejected, subject(), message);
        explained = true;
    }
    if available == 0 && held > 0 {
        let said = findings.reasons.iter().any(|r| matches!(r.code, ReasonCode::LotOnHold | ReasonCode::LotRecalled));
        if !said {
            match facts.holds.first() {
                Some(hold) => crate::holds::rules::refuse_for(lot, hold, findings),
                None => findings.refuse(
                    ReasonCode::LotOnHold,
                    subject(),
                    format!("{what} is held: {} here.", number(held, "unit")),
                ),
            }
        }
        explained = true;
    }
    if !explained {
        let (here, wanted) = (number(available, "unit"), facts.units);
        let message = format!("{what} has {here} available at this site, not {wanted}.");
        findings.refuse(ReasonCode::StockNotOnHand, subject(), message);
    }
}

/// What speaks against receiving or returning a scanned pack. Unlike at the chair, expiry does not: an expired pack may
/// always be received into quarantine and returned (DOMAIN rules 6 and 20).
pub fn handle(facts: &Facts, purpose: ScanPurpose, evaluated_at: Moment) -> Decision {
    let mut findings = Findings::default();
    let Some(product) = &facts.product else {
        unknown_product(facts, &mut findings);
        return Decision::from(findings, evaluated_at);
    };
    match (purpose, &facts.lot) {
        (ScanPurpose::Receive, lot) => {
            crate::versions::not_retired(&facts.site, facts.at, &mut findings);
            crate::versions::not_retired(product, facts.at, &mut findings);
            crate::catalogue::rules::authorised(product, &facts.site.jurisdiction, &mut findings);
            if lot.is_none() && !facts.other_expiries.is_empty() {
                unknown_lot(facts, &mut findings);
                findings.reasons.retain(|reason| reason.code != ReasonCode::LotUnknown);
            }
            if let Some(pack) = &facts.received {
                let message = format!("Serial number {} was received before.", pack.serial);
                let subject = Subject::new(SubjectType::Serial, &pack.serial);
                findings.refuse(ReasonCode::SerialAlreadyUsed, subject, message);
            }
        }
        (_, None) => unknown_lot(facts, &mut findings),
        (_, Some(lot)) => {
            if facts.stock.iter().map(|(balance, _)| balance.units).sum::<i64>() == 0 {
                let message = format!("No units of lot {} are at this site.", lot.lot);
                findings.refuse(ReasonCode::StockNotOnHand, Subject::new(SubjectType::Lot, &lot.id), message);
            } else if let (Some(serial), None) = (&facts.serial, &facts.pack)
                && facts.stock.iter().any(|(_, in_packs)| *in_packs > 0)
            {
                let message = format!("No pack of lot {} with serial number {serial} was received.", lot.lot);
                findings.refuse(ReasonCode::SerialUnknown, Subject::new(SubjectType::Serial, serial), message);
            }
        }
    }
    Decision::from(findings, evaluated_at)
}
