//! Whether units may be administered. A scan and an administration both ask [`administer`].

use std::collections::BTreeSet;

use super::drawing::{drawn, is_available, is_exposed, kind_of};
use super::facts::{Facts, Opened};
use super::model::{ConfirmationRole, ScanPurpose, Treatment};
use crate::catalogue::model::{Identifier, Product};
use crate::clock::Moment;
use crate::decision::{Basis, Decision, Findings, Reason, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::holds::model::{Hold, ScopeType};
use crate::ids::{ExcursionId, PractitionerId};
use crate::journal::model::units_were;
use crate::licences::model::{Held, LicenceKind};
use crate::licences::rules::{HolderRole, Occasion, licensed, prescribes};
use crate::policies::model::RecordingForOthers;
use crate::practitioners::rules::recorded_by_themselves;
use crate::problem::ProblemCode;
use crate::receiving::rules::Arriving;
use crate::stock::model::{AccountKind, Balance, Lot, Numbered, PackBalance};
use crate::stock::rules::{Here, lacking};
use crate::values::{Amount, AmountLeft, LotText, number};

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
            if facts.container.is_none() {
                within_expiry(facts, lot, &mut findings);
            }
            crate::holds::rules::not_held(lot, &facts.holds, &mut findings);
            let subject = Subject::new(SubjectType::Lot, &lot.id);
            crate::policies::rules::lot_not_denied(&facts.policy, product, &lot.lot, subject, &mut findings);
            if let Some(opened) = &facts.container {
                in_use(facts, opened, (product, lot), &mut findings);
            } else {
                let before = findings.reasons.len();
                on_hand(facts, product, lot, &mut findings);
                if findings.reasons.len() == before {
                    from_one_place(facts, lot, &mut findings);
                }
                crate::containers::service::first_expired_first(
                    &facts.policy,
                    facts.first.as_ref(),
                    lot,
                    &mut findings,
                );
            }
        }
        None => {
            unknown_lot(facts, &mut findings);
            unsafe_all_the_same(facts, product, &mut findings);
        }
    }
    crate::catalogue::rules::authorised(
        product,
        &facts.site.jurisdiction,
        facts.day,
        facts.policy.approval_recheck_days,
        &mut findings,
    );
    eligible(facts, product, &mut findings);
    recorded_around(facts, product, &mut findings);
    Decision::from(findings, evaluated_at)
}

/// What the record around the treatment says.
fn recorded_around(facts: &Facts, product: &Product, findings: &mut Findings) {
    let treated = crate::visits::rules::Treated {
        product,
        policy: &facts.policy,
        at: facts.at,
        day: facts.day,
        zone: facts.site.time_zone.rules(),
        around: &facts.around,
    };
    crate::visits::rules::may_be_treated(&treated, findings);
    prescribed_by(facts, product, findings);
}

/// DOMAIN rule 19: what was used and what was discarded is no more than the units hold, all in the product's own measure.
///
/// # Errors
/// `amount_exceeds_units`; what [`of_one`] refuses where it is of an opened unit.
pub fn amounts_fit(treatment: &Treatment, facts: &Facts) -> Result<()> {
    if facts.container.is_some() {
        of_one(treatment, facts.units)?;
    }
    let (Some(product), units) = (&facts.product, facts.units) else { return Ok(()) };
    let used = treatment.amount_used.as_ref().map_or(0, Amount::millionths);
    let discarded = treatment.amount_discarded.as_ref().map_or(0, AmountLeft::millionths);
    let held = i128::from(product.unit_amount.millionths()).saturating_mul(units.into());
    if i128::from(used).saturating_add(discarded.into()) <= held {
        return Ok(());
    }
    let field = if used > 0 { "treatment.amount_used" } else { "treatment.amount_discarded" };
    let (each, measure) = (&product.unit_amount, &product.unit_amount_unit);
    let rule =
        format!("must be, used and discarded together, no more than {} of {each} {measure}", number(units, "unit"));
    Err(Error::invalid(ProblemCode::AmountExceedsUnits, field, rule))
}

/// How much of an opened unit a treatment used and discarded, in millionths of the product's own measure; none where nothing is
/// said of it.
pub fn taken(treatment: &Treatment) -> Option<i64> {
    let discarded = treatment.amount_discarded.as_ref().map_or(0, AmountLeft::millionths);
    treatment.amount_used.as_ref().map(|used| used.millionths().saturating_add(discarded))
}

/// DOMAIN rule 18: of an opened unit it is said how much was used.
///
/// # Errors
/// `missing_field`, `invalid_units`.
pub fn of_one(treatment: &Treatment, units: i64) -> Result<()> {
    if treatment.amount_used.is_none() {
        let rule = "must be given: how much of the opened unit was used";
        return Err(Error::invalid(ProblemCode::MissingField, "treatment.amount_used", rule));
    }
    if units != 1 {
        let rule = "must be 1 of an opened unit";
        return Err(Error::invalid(ProblemCode::InvalidUnits, "units", rule));
    }
    Ok(())
}

/// The licences that a person holds.
fn held_by(facts: &Facts, person: &PractitionerId) -> Vec<Held> {
    facts.licences.iter().filter(|held| held.licence.holder_id == person.as_str()).cloned().collect()
}

/// DOMAIN rules 1 to 3: whoever prescribed what is drawn on could do so for here when they did, as is known now.
fn prescribed_by(facts: &Facts, product: &Product, findings: &mut Findings) {
    let Some(found) = facts.around.prescribed.drawn_on() else { return };
    let (at, holder) = (found.prescribed_at, Subject::new(SubjectType::Practitioner, &found.prescriber_id));
    let day = at.day_in(facts.site.time_zone.rules());
    let occasion = Occasion::of(product.class, &facts.site, day, at, &facts.policy);
    prescribes(&occasion, &holder, &held_by(facts, &found.prescriber_id), findings);
}

/// DOMAIN rules 1 and 2: the site may treat, the practitioner may treat, and where the product asks for it somebody who
/// may has prescribed.
fn eligible(facts: &Facts, product: &Product, findings: &mut Findings) {
    let occasion = Occasion::of(product.class, &facts.site, facts.day, facts.at, &facts.policy);
    crate::versions::not_retired(&facts.site, facts.at, findings);
    let site = Subject::new(SubjectType::Site, &facts.site.id);
    licensed(&occasion.needs(HolderRole::Site, LicenceKind::Facility), &site, &facts.licences, findings);
    if facts.practitioner.is_none() {
        let message = "Say who treats: name the practitioner, or use a practitioner's own token.";
        findings.refuse(ReasonCode::PractitionerMissing, Subject::new(SubjectType::Site, &facts.site.id), message);
    }
    if let Some(practitioner) = &facts.practitioner {
        crate::versions::not_retired(practitioner, facts.at, findings);
        let holder = Subject::new(SubjectType::Practitioner, &practitioner.id);
        let held = held_by(facts, &practitioner.id);
        recorded_by_themselves(practitioner, facts.is_for_another, &facts.policy, findings);
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
            prescribes(&occasion, &holder, &held_by(facts, &prescriber.id), findings);
        }
        None if product.requires_prescriber => {
            let message = format!("{} must be prescribed: name the prescriber.", product.name);
            findings.refuse(ReasonCode::PrescriberMissing, Subject::new(SubjectType::Product, &product.id), message);
        }
        _ => {}
    }
}

/// Whose word an administration waits for. A prescriber hardly ever records it, so that where others may not record for the
/// practitioner, their word is waited for all the same.
pub fn to_confirm(facts: &Facts) -> Vec<ConfirmationRole> {
    if facts.policy.recording_for_others() == RecordingForOthers::Allow {
        return Vec::new();
    }
    let practitioner = facts.is_for_another.then_some(ConfirmationRole::Practitioner);
    let prescriber = facts.is_prescribed_by_another.then_some(ConfirmationRole::Prescriber);
    practitioner.into_iter().chain(prescriber).collect()
}

fn unknown_product(facts: &Facts, findings: &mut Findings) {
    if let Some(named) = &facts.label.named {
        crate::catalogue::rules::unknown(named, findings);
    }
}

/// The most lots that a message names.
const NAMED_MAX: usize = 5;

/// DOMAIN rule 7: a lot text with another expiry than the one received is a suspected falsification, also in another
/// spelling. Whoever typed the lot otherwise on receipt is to be found: what is alike is named, with the day it came.
fn unknown_lot(facts: &Facts, findings: &mut Findings) {
    let text = facts.label.lot.clone().unwrap_or_default();
    let subject = || Subject::new(SubjectType::Code, &text);
    let others = mismatched_expiries(facts);
    match (facts.label.expiry, others.is_empty()) {
        (Some(scanned), false) => {
            let message = format!("Lot {text} was received with expiry {}, not {scanned}.", others.join(" and "));
            findings.refuse(ReasonCode::ExpiryMismatch, subject(), message);
        }
        // Which one it is, and where it was received, is nothing that this site may know; that it is doubtful is.
        (Some(scanned), true) if facts.is_twin_elsewhere => {
            let message = format!("Lot {text} is known with another expiry than {scanned}.");
            findings.refuse(ReasonCode::ExpiryMismatch, subject(), message);
        }
        _ => {}
    }
    let labelled = match facts.label.expiry {
        Some(expiry) if !facts.other_expiries.is_empty() => format!("Lot {text} with expiry {expiry}"),
        _ => format!("Lot {text}"),
    };
    let zone = facts.site.time_zone.rules();
    let named = |lot: &Lot| format!("{} was received on {}", lot.lot, lot.first_received_at.day_in(zone));
    let alike: Vec<_> = facts.alike.iter().take(NAMED_MAX).map(named).collect();
    let alike = if alike.is_empty() { String::new() } else { format!("; {}", alike.join(", ")) };
    findings.refuse(ReasonCode::LotUnknown, subject(), format!("{labelled} was never received{alike}."));
}

/// What forbids to use a pack of a lot that was not received here, beside that: the lot is denied, or was received
/// elsewhere and is recalled or on hold. What a hold on all of the product says is said here, of one on the lot no more
/// than that it is there.
fn unsafe_all_the_same(facts: &Facts, product: &Product, findings: &mut Findings) {
    let text: Option<LotText> = facts.label.lot.as_deref().and_then(|text| text.parse().ok());
    if let Some(text) = text {
        let subject = Subject::new(SubjectType::Code, &text);
        crate::policies::rules::lot_not_denied(&facts.policy, product, &text, subject, findings);
    }
    let Some(lot) = &facts.elsewhere else { return };
    let (of_lot, of_product): (Vec<Hold>, Vec<Hold>) =
        facts.holds.iter().cloned().partition(|hold| hold.scope_type == ScopeType::Lot);
    crate::holds::rules::not_held(lot, &of_product, findings);
    for hold in &of_lot {
        let (code, what) = crate::holds::rules::code_for(hold);
        let refused = findings.reasons.iter().any(|reason| reason.code == code);
        if !refused {
            findings.refuse(code, Subject::new(SubjectType::Code, &lot.lot), format!("Lot {} is {what}.", lot.lot));
        }
    }
}

/// The expiries that an unknown lot is known with: under its own text, or else under texts that match it. One that is
/// known in another spelling with the expiry of the label is no falsification, but that lot, typed otherwise.
fn mismatched_expiries(facts: &Facts) -> Vec<String> {
    if !facts.other_expiries.is_empty() {
        return facts.other_expiries.iter().take(NAMED_MAX).map(ToString::to_string).collect();
    }
    let text: Option<LotText> = facts.label.lot.as_deref().and_then(|text| text.parse().ok());
    let matching = |lot: &&Lot| text.as_ref().is_some_and(|text| text.matches(&lot.lot));
    if facts.alike.iter().filter(matching).any(|lot| Some(lot.expiry) == facts.label.expiry) {
        return Vec::new();
    }
    let known = |lot: &Lot| format!("{} as {}", lot.expiry, lot.lot);
    facts.alike.iter().filter(matching).take(NAMED_MAX).map(known).collect()
}

/// A code without an expiry cannot say which of two twins it is.
fn known_once(facts: &Facts, lot: &Lot, findings: &mut Findings) {
    if facts.label.expiry.is_none() && (facts.is_twin_elsewhere || !facts.other_expiries.is_empty()) {
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

/// Whether a numbered pack is what a scanned identifier is of. A number is one of the product, so a unit and a pack with
/// the same are not told apart by it, but by how many units it marks; a case has none of its own.
pub fn is_of(known: &Numbered, identifier: Option<&Identifier>) -> bool {
    !known.is_of_case() && identifier.is_none_or(|identifier| identifier.units == known.marks)
}

/// How many units one serial number marks: those of what carries it (API.md, "Shapes": a pack; or a unit with a number of
/// its own).
fn marked_by_a_serial(facts: &Facts, product: &Product) -> i64 {
    facts.identifier.as_ref().map_or(product.units_per_pack.get(), |identifier| identifier.units)
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

/// DOMAIN rules 8, 9 and 17: enough released units are at the site, and the pack was not used before.
fn on_hand(facts: &Facts, product: &Product, lot: &Lot, findings: &mut Findings) {
    if !is_known(facts, lot, findings) {
        return;
    }
    let here: Vec<Here> = if let Some((pack, balances)) = &facts.pack {
        let of = |is: fn(AccountKind) -> bool| -> i64 {
            balances.iter().filter(|row| is(row.account.kind)).map(|row| row.units).sum()
        };
        let used = of(|kind| kind == AccountKind::Patient);
        findings.rests_on(Basis::Pack {
            serial: pack.serial.to_string(),
            units_left: of(|kind| kind.disposition().is_some()),
            units_administered: used,
        });
        // What is gone, but was not used, is not on hand.
        let marked = facts.received.as_ref().map_or(0, |known| known.marks);
        if used > 0 && used.saturating_add(facts.units) > marked {
            refuse_used(facts, marked, used, findings);
            return;
        }
        let of_pack = |row: &PackBalance| Here {
            kind: kind_of(facts, &row.account),
            units: row.units,
            free: if is_available(facts, &row.account) { row.units } else { 0 },
        };
        pack_here(facts).map(of_pack).collect()
    } else {
        if facts.serial.is_some() {
            // Packs that were received without their numbers: each number still has only so many units.
            let marked = marked_by_a_serial(facts, product);
            if facts.units_administered.saturating_add(facts.units) > marked {
                refuse_used(facts, marked, facts.units_administered, findings);
                return;
            }
        }
        let anonymous = |(balance, in_packs): &(Balance, i64)| Here {
            kind: kind_of(facts, balance),
            units: balance.units,
            free: if is_available(facts, balance) { balance.units - in_packs } else { 0 },
        };
        let here: Vec<_> = facts.stock.iter().map(anonymous).collect();
        let free: i64 = here.iter().map(|row| row.free).sum();
        if free < facts.units && available(facts).map(|balance| balance.units).sum::<i64>() >= facts.units {
            let message = format!("Lot {} is kept by serial number: scan the pack.", lot.lot);
            findings.refuse(ReasonCode::SerialsRequired, Subject::new(SubjectType::Lot, &lot.id), message);
            return;
        }
        here
    };
    enough(facts, lot, &here, findings);
}

/// The named pack's units at the site.
fn pack_here(facts: &Facts) -> impl Iterator<Item = &PackBalance> {
    let rows = facts.pack.iter().flat_map(|(_, balances)| balances);
    rows.filter(|row| row.account.kind.disposition().is_some() && row.account.site_id.as_ref() == Some(&facts.site.id))
}

/// DOMAIN rule 9: a number that is named is that of a pack of the lot, where units of the lot came under numbers: also
/// when all of those are used up, for a number that never came belongs to no unit of it.
fn is_known(facts: &Facts, lot: &Lot, findings: &mut Findings) -> bool {
    let (serial, message) = match (&facts.pack, &facts.serial) {
        (Some((pack, _)), _) if pack.lot_id == lot.id => return true,
        (Some((pack, _)), _) => {
            let serial = &pack.serial;
            (serial, format!("Serial number {serial} was received with another lot than {}.", lot.lot))
        }
        (None, Some(serial)) if facts.is_kept_by_number => {
            (serial, format!("No pack of lot {} with serial number {serial} was received.", lot.lot))
        }
        (None, _) => return true,
    };
    findings.refuse(ReasonCode::SerialUnknown, Subject::new(SubjectType::Serial, serial), message);
    false
}

fn refuse_used(facts: &Facts, marked: i64, used: i64, findings: &mut Findings) {
    let serial = facts.serial.as_ref().map(ToString::to_string).unwrap_or_default();
    let message =
        format!("Serial number {serial} was used before: {used} of the {marked} units that it marks are administered.");
    findings.refuse(ReasonCode::SerialAlreadyUsed, Subject::new(SubjectType::Serial, serial), message);
}

/// The excursions that hold what is here of the pack, or of the lot (DOMAIN rule 16).
fn exposed_to(facts: &Facts, lot: &Lot) -> BTreeSet<ExcursionId> {
    let of_pack = facts.pack.iter().flat_map(|(_, rows)| rows).filter(|row| row.units > 0).map(|row| &row.account);
    let of_lot = facts.stock.iter().map(|(balance, _)| balance).filter(|balance| balance.lot_id == lot.id);
    let all: Vec<&Balance> = if facts.pack.is_some() { of_pack.collect() } else { of_lot.collect() };
    let here = all.into_iter().filter(|balance| balance.site_id.as_ref() == Some(&facts.site.id));
    here.filter(|balance| is_exposed(facts, balance)).flat_map(|balance| balance.excursions().to_vec()).collect()
}

/// DOMAIN rules 17 and 18: an opened unit is at the site, nothing holds it, so much is left of it, and it may be used now for
/// this patient.
fn in_use(facts: &Facts, opened: &Opened, (product, lot): (&Product, &Lot), findings: &mut Findings) {
    let Opened { container, account, is_anothers, shared } = opened;
    let asked = crate::containers::rules::Use {
        container,
        lot,
        product,
        use_by: account.as_ref().and_then(|account| account.use_by).unwrap_or(container.use_by),
        at: facts.at,
        day: facts.day,
        zone: facts.site.time_zone.rules(),
        is_anothers: *is_anothers,
        shared: shared.as_ref(),
    };
    crate::containers::rules::may_be_used(&asked, findings);
    let subject = || Subject::new(SubjectType::Container, &container.id);
    let held = |r: &Reason| matches!(r.code, ReasonCode::LotOnHold | ReasonCode::LotRecalled);
    match account.as_ref().map(|account| (kind_of(facts, account), account)) {
        Some((AccountKind::InUse, _)) => {
            crate::containers::rules::has_left(container, lot, facts.amount, findings);
            if let Err(clash) = drawn(facts) {
                crate::stock::rules::clashes(lot, &clash, findings);
            }
        }
        Some((AccountKind::Rejected, _)) => {
            let message = format!("This container of lot {} was rejected.", lot.lot);
            findings.refuse(ReasonCode::LotRejected, subject(), message);
        }
        Some((_, account)) => {
            for id in account.excursions() {
                let message = format!(
                    "This container of lot {} was where it was too warm or too cold, and is held until that is assessed.",
                    lot.lot
                );
                findings.refuse(ReasonCode::LotOnHold, Subject::new(SubjectType::Excursion, id), message);
            }
            if !findings.reasons.iter().any(held) {
                match facts.holds.first() {
                    Some(hold) => crate::holds::rules::refuse_for(lot, hold, findings),
                    None => {
                        let message = format!("This container of lot {} is held.", lot.lot);
                        findings.refuse(ReasonCode::LotOnHold, subject(), message);
                    }
                }
            }
        }
        None => {
            let place = if facts.location_id.is_some() { "location" } else { "site" };
            let message = format!(
                "This container of lot {} is not at this {place}: nothing is left of it, or it was opened elsewhere or later.",
                lot.lot
            );
            findings.refuse(ReasonCode::StockNotOnHand, subject(), message);
        }
    }
}

/// Says why units are not free, if they are not.
fn enough(facts: &Facts, lot: &Lot, here: &[Here], findings: &mut Findings) {
    let of = |kind: AccountKind| -> i64 { here.iter().filter(|row| row.kind == kind).map(|row| row.units).sum() };
    let (quarantined, held, rejected) =
        (of(AccountKind::Quarantined) + of(AccountKind::Passed), of(AccountKind::Held), of(AccountKind::Rejected));
    let available: i64 = here.iter().map(|row| row.free).sum();
    findings.rests_on(Basis::Stock { lot_id: lot.id.to_string(), available, quarantined, held, rejected });
    let subject = || Subject::new(SubjectType::Lot, &lot.id);
    let what = match &facts.pack {
        Some((pack, _)) => format!("Pack {} of lot {}", pack.serial, lot.lot),
        None => format!("Lot {}", lot.lot),
    };
    let lacking = lacking(here, facts.units);
    let excursions = if lacking.is_empty() { BTreeSet::new() } else { exposed_to(facts, lot) };
    for id in &excursions {
        let message = format!("{what} was where it was too warm or too cold, and is held until that is assessed.");
        findings.refuse(ReasonCode::LotOnHold, Subject::new(SubjectType::Excursion, id), message);
    }
    for code in lacking {
        let message = match code {
            ReasonCode::LotQuarantined => format!("{what} has {} in quarantine here.", number(quarantined, "unit")),
            ReasonCode::LotRejected => {
                format!("{what} has {} set apart here, to be returned or destroyed.", number(rejected, "unit"))
            }
            ReasonCode::LotOnHold => {
                if !excursions.is_empty() && facts.holds.is_empty() {
                    continue;
                }
                let said = |r: &Reason| matches!(r.code, ReasonCode::LotOnHold | ReasonCode::LotRecalled);
                if findings.reasons.iter().any(said) {
                    continue;
                }
                if let Some(hold) = facts.holds.first() {
                    crate::holds::rules::refuse_for(lot, hold, findings);
                    continue;
                }
                format!("{what} is held: {} here.", number(held, "unit"))
            }
            _ => {
                let place = if facts.location_id.is_some() { "location" } else { "site" };
                let (free, wanted) = (number(available, "unit"), facts.units);
                let opened = here.iter().filter(|row| row.kind == AccountKind::InUse).map(|row| row.units).sum();
                let opened = match opened {
                    0 => String::new(),
                    units => format!(" {} opened: say which, with container_id.", units_were(units)),
                };
                format!("{what} has {free} available at this {place}, not {wanted}.{opened}")
            }
        };
        findings.refuse(code, subject(), message);
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
            crate::catalogue::rules::authorised(
                product,
                &facts.site.jurisdiction,
                facts.day,
                facts.policy.approval_recheck_days,
                &mut findings,
            );
            if lot.is_none() && (facts.is_twin_elsewhere || !mismatched_expiries(facts).is_empty()) {
                unknown_lot(facts, &mut findings);
                findings.reasons.retain(|reason| reason.code != ReasonCode::LotUnknown);
            }
            if let Some(serial) = &facts.label.serial {
                crate::receiving::rules::may_arrive(
                    &Arriving {
                        serial,
                        product,
                        units: marked_by_a_serial(facts, product),
                        known: facts.received.as_ref(),
                        is_of_lot: facts.received.as_ref().map(|known| &known.pack.lot_id)
                            == facts.lot.as_ref().map(|lot| &lot.id),
                        units_administered: facts.units_administered,
                    },
                    &mut findings,
                );
            }
        }
        (_, None) => unknown_lot(facts, &mut findings),
        (_, Some(lot)) if is_known(facts, lot, &mut findings) => {
            let units: i64 = match &facts.pack {
                Some(_) => pack_here(facts).map(|row| row.units).sum(),
                None => facts.stock.iter().map(|(balance, _)| balance.units).sum(),
            };
            if units == 0 {
                let pack = facts.pack.as_ref().map(|(pack, _)| format!("pack {} of ", pack.serial)).unwrap_or_default();
                let message = format!("No units of {pack}lot {} are at this site.", lot.lot);
                findings.refuse(ReasonCode::StockNotOnHand, Subject::new(SubjectType::Lot, &lot.id), message);
            }
        }
        (_, Some(_)) => {}
    }
    Decision::from(findings, evaluated_at)
}
