//! What is recorded in a visit: a command for each, and one way in.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::events::Deed;
use super::model::{
    Added, Agreed, Consented, Entry, Explained, Goals, Means, OfAge, Opened, Rested, Reversal, Said, Told, Visit,
    VisitEntryKind, Withdrawn,
};
use super::service::{SCREENINGS_LOOKED_AT, about, expect_locked, expect_open, open_all, without_protocol};
use super::wire::{
    NewAddendum, NewAftercare, NewAgeAttestation, NewAgreed, NewConsent, NewGoals, NewReversalPlan, NewScreening,
    NewWithdrawal,
};
use super::{rules, store};
use crate::clock::Moment;
use crate::command::Command;
use crate::error::{Error, Result};
use crate::evidence::photographs::NewPhotograph;
use crate::ids::{ProtocolId, VisitEntryId, VisitId};
use crate::limits::{LOOKED_AT_MAX, VISIT_ENTRIES_MAX};
use crate::problem::ProblemCode;
use crate::protocols::model::{Consequence, Content, Protocol, ProtocolKind};
use crate::protocols::rules::that_counts;
use crate::sealing::Patient;
use crate::values::Word;

/// How many of a visit's entries are kept for withdrawals.
const FOR_WITHDRAWALS: i64 = 10;
/// The most entries of a list in a body.
const LIST_MAX: usize = 100;

/// An entry, with what it says.
pub type Recorded = (Entry, Said);

/// A visit in which something is recorded, with its patient's key, and when that happens.
struct Begun {
    visit: Visit,
    patient: Patient,
    at: Moment,
}

/// A visit, signed or not, in which nothing else is recorded meanwhile.
fn begun(cmd: &mut Command<'_>, id: &VisitId, occurred_at: Option<Moment>) -> Result<Begun> {
    let visit = expect_locked(cmd, id)?;
    let at = cmd.occurred_at(occurred_at)?;
    let patient = cmd.patient_of(&visit.patient_id)?;
    Ok(Begun { visit, patient, at })
}

/// The same of one that is not signed.
fn begun_open(cmd: &mut Command<'_>, id: &VisitId, occurred_at: Option<Moment>) -> Result<Begun> {
    let begun = begun(cmd, id, occurred_at)?;
    expect_open(&begun.visit)?;
    Ok(begun)
}

/// What was recorded in a visit until now, opened.
fn so_far(cmd: &mut Command<'_>, Begun { visit, patient, .. }: &Begun) -> Result<Vec<Opened>> {
    open_all(patient, &store::entries(cmd.db, cmd.organisation(), &visit.id)?)
}

/// Records something in a visit.
fn record(cmd: &mut Command<'_>, begun: &Begun, said: Said, rests_on: Option<&Rest>) -> Result<Recorded> {
    let Begun { visit, patient, at } = begun;
    // A consent can be withdrawn at any time, however much was recorded.
    let most = match said.kind() {
        VisitEntryKind::Withdrawal => VISIT_ENTRIES_MAX,
        _ => VISIT_ENTRIES_MAX - FOR_WITHDRAWALS,
    };
    if store::count_entries(cmd.db, cmd.organisation(), &visit.id)? >= most {
        let detail = format!("This visit has {most} entries, which is the most: open another one.");
        return Err(Error::problem(ProblemCode::VisitFull, detail));
    }
    let id = cmd.mint(VisitEntryId::mint);
    let entry = Entry {
        organisation_id: cmd.organisation().clone(),
        visit_id: visit.id.clone(),
        patient_id: visit.patient_id.clone(),
        kind: said.kind(),
        protocol_id: rests_on.map(|rest| rest.protocol.id.clone()),
        is_superseded: rests_on.is_some_and(|rest| !rest.is_in_force),
        said: patient.seal(id.as_str(), &said)?,
        id,
        recorded_by: cmd.caller.subject.clone(),
        occurred_at: *at,
        recorded_at: cmd.now,
    };
    let mut about = about(visit, *at);
    about.subjects.push(entry.id.to_string());
    about.subjects.extend(entry.protocol_id.as_ref().map(ToString::to_string));
    cmd.record(about, Deed::VisitEntered(Box::new(entry.clone())))?;
    Ok((entry, said))
}

/// The calendar day that it is at the site of a visit.
fn day_at(cmd: &mut Command<'_>, visit: &Visit, at: Moment) -> Result<NaiveDate> {
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &visit.site_id)?;
    Ok(at.day_in(site.time_zone.rules()))
}

/// The version that something rests on.
struct Rest {
    protocol: Protocol,
    /// Whether it is in force on the day.
    is_in_force: bool,
    /// The calendar day that it is at the site.
    day: NaiveDate,
}

/// The version that something rests on: the one that is named, or the only one in force for what is planned.
fn rested(cmd: &mut Command<'_>, begun: &Begun, kind: ProtocolKind, named: Option<&ProtocolId>) -> Result<Rest> {
    let (organisation, Begun { visit, patient, at }) = (cmd.organisation(), begun);
    let day = day_at(cmd, visit, *at)?;
    if let Some(named) = named {
        let found = crate::protocols::service::find(cmd.db, organisation, named)?.filter(|found| found.kind == kind);
        let protocol = found.ok_or_else(|| Error::reference_unknown("protocol_id"))?;
        if *protocol.content == Content::Ended {
            let rule = "is the version that ended this protocol: nothing rests on it";
            return Err(Error::invalid(ProblemCode::ProtocolMissing, "protocol_id", rule));
        }
        // One for a product that is not planned may be in force, too.
        let newest = crate::protocols::service::in_force_of(cmd.db, &protocol, day)?;
        let is_in_force = newest.is_some_and(|newest| newest.id == protocol.id);
        return Ok(Rest { protocol, is_in_force, day });
    }
    let clinical = patient.open(&visit.clinical)?;
    let ids: Vec<_> = clinical.planned.iter().map(|planned| &planned.product_id).collect();
    let mut in_force: Vec<Protocol> = Vec::new();
    for product in crate::catalogue::service::by_ids(cmd.db, organisation, &ids)? {
        let found = crate::protocols::service::in_force(&mut cmd.known, cmd.db, &product, day)?;
        let counts = that_counts(&found, kind).filter(|counts| !in_force.iter().any(|other| other.id == counts.id));
        in_force.extend(counts.cloned());
    }
    let found = in_force.len();
    let only = in_force.pop().filter(|_| found == 1);
    let protocol = only.ok_or_else(|| without_protocol(kind, found))?;
    Ok(Rest { protocol, is_in_force: true, day })
}

/// How something was explained: each way once.
fn means(field: &str, by: &[Means]) -> Result<Vec<Means>> {
    if by.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, field, "needs at least one entry"));
    }
    let by: BTreeSet<_> = by.iter().copied().collect();
    Ok(by.into_iter().collect())
}

fn expect_at_most(field: &str, entries: usize) -> Result<()> {
    if entries > LIST_MAX {
        let rule = format!("must have at most {LIST_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, field, rule));
    }
    Ok(())
}

/// Records answers to what the protocol asks. What stopped a treatment of this patient before, in whatever visit, is answered otherwise
/// only with a note that says why.
///
/// # Errors
/// `not_found`, `visit_signed`, `visit_full`, `patient_erased`, `protocol_missing`, `reference_unknown`; what [`rules::answered`] refuses.
pub fn screen(cmd: &mut Command<'_>, id: &VisitId, new: &NewScreening) -> Result<Recorded> {
    let begun = begun_open(cmd, id, new.occurred_at)?;
    if new.answers.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "answers", "needs at least one entry"));
    }
    expect_at_most("answers", new.answers.len())?;
    let rest = rested(cmd, &begun, ProtocolKind::Screening, new.protocol_id.as_ref())?;
    let Content::Screening(asked) = &*rest.protocol.content else { return Err(Error::internal("no questions")) };
    let stopped = stopped_before(cmd, &begun, begun.at.plus_days(-asked.valid_days))?;
    let screened = rules::answered(asked, Rested::on(&rest.protocol), new.answers.clone(), rest.day, &stopped)?;
    record(cmd, &begun, Said::Screening(screened), Some(&rest))
}

/// The questions that stopped a treatment of the patient when they were answered last, since a moment, whatever document or version asked
/// them.
fn stopped_before(
    cmd: &mut Command<'_>,
    Begun { visit, patient, .. }: &Begun,
    since: Moment,
) -> Result<BTreeSet<Word>> {
    let found = store::screenings(cmd.db, cmd.organisation(), &visit.patient_id, SCREENINGS_LOOKED_AT)?;
    let (mut answered, mut stopped) = (BTreeSet::new(), BTreeSet::new());
    for entry in found.iter().filter(|entry| entry.occurred_at >= since) {
        let Said::Screening(screened) = patient.open(&entry.said)? else { continue };
        let stops: BTreeSet<_> = screened.with(Consequence::Stop).filter(|stops| !answered.contains(*stops)).collect();
        stopped.extend(stops.into_iter().cloned());
        answered.extend(screened.answers.into_iter().map(|answer| answer.question));
    }
    Ok(stopped)
}

/// Records what was explained, and the consent once it is given. Both may come together or apart: between them lies the time to think
/// about it.
///
/// # Errors
/// `not_found`, `visit_signed`, `visit_full`, `patient_erased`, `protocol_missing`, `reference_unknown`; `missing_field` where neither
/// is said; `invalid_value`, `duplicate_entry`, `empty_list`, `list_too_long`, `consent_before_information`.
pub fn consent(cmd: &mut Command<'_>, id: &VisitId, new: &NewConsent) -> Result<Recorded> {
    let mut begun = begun_open(cmd, id, None)?;
    if new.explained.is_empty() && new.agreed.is_none() {
        let rule = "or agreed must be given: what was explained, or the consent";
        return Err(Error::invalid(ProblemCode::MissingField, "explained", rule));
    }
    expect_at_most("explained", new.explained.len())?;
    let agreed = new.agreed.as_ref().map(|agreed| self::agreed(cmd, &begun, agreed)).transpose()?;
    let explained = explained(cmd, new, agreed.as_ref().map(|agreed| agreed.at))?;
    let last = explained.iter().map(|explained| explained.at).max();
    begun.at = agreed.as_ref().map(|agreed| agreed.at).or(last).unwrap_or(begun.at);
    let rest = rested(cmd, &begun, ProtocolKind::Consent, new.protocol_id.as_ref())?;
    let Content::Consent(asked) = &*rest.protocol.content else { return Err(Error::internal("no points")) };
    rules::points_of(asked, &explained)?;
    if let Some(agreed) = &agreed {
        let entries = so_far(cmd, &begun)?;
        let before = entries.iter().filter_map(of_consent).filter(|said| said.protocol.scope == rest.protocol.scope);
        let all: Vec<&Explained> = before.flat_map(|said| &said.explained).chain(&explained).collect();
        rules::informed_first(agreed, &all)?;
    }
    let said = Said::Consent(Consented { protocol: Rested::on(&rest.protocol), explained, agreed });
    record(cmd, &begun, said, Some(&rest))
}

/// A consent, with what shows that it was given: a signature that was photographed in the visit, a witness, or both.
fn agreed(cmd: &mut Command<'_>, Begun { visit, .. }: &Begun, new: &NewAgreed) -> Result<Agreed> {
    if new.witness.is_none() && new.signature.is_none() {
        let rule = "or agreed.signature must be given: who saw it given, or the photograph of what was signed";
        return Err(Error::invalid(ProblemCode::MissingField, "agreed.witness", rule));
    }
    if let Some(signature) = &new.signature {
        let found = store::entry(cmd.db, cmd.organisation(), &visit.id, signature)?;
        if found.is_none_or(|found| found.kind != VisitEntryKind::Photograph) {
            return Err(Error::reference_unknown("agreed.signature"));
        }
    }
    let at = cmd.moment("agreed.at", new.at)?;
    Ok(Agreed { at, witness: new.witness.clone(), signature: new.signature.clone() })
}

/// What was explained, and when: no later than the consent that is recorded in one go with it.
fn explained(cmd: &Command<'_>, new: &NewConsent, agreed_at: Option<Moment>) -> Result<Vec<Explained>> {
    let mut explained = Vec::with_capacity(new.explained.len());
    for (index, told) in new.explained.iter().enumerate() {
        let of = |field: &str| format!("explained[{index}].{field}");
        let by = means(&of("by"), &told.by)?;
        let at = match (told.at, agreed_at) {
            (None, Some(agreed_at)) => agreed_at,
            (at, _) => cmd.moment(&of("at"), at)?,
        };
        if agreed_at.is_some_and(|agreed_at| agreed_at < at) {
            let rule = format!("lies before {}, when {} was explained", at.told(), told.point);
            return Err(Error::invalid(ProblemCode::ConsentBeforeInformation, "agreed.at", rule));
        }
        explained.push(Explained { point: told.point.clone(), by, to_whom: told.to_whom.clone(), at });
    }
    Ok(explained)
}

fn of_consent(entry: &Opened) -> Option<&Consented> {
    match &entry.said {
        Said::Consent(said) => Some(said),
        _ => None,
    }
}

/// Ends every consent that was given in the visit before: at any time, when it is signed, too.
///
/// # Errors
/// `not_found`, `visit_full`, `patient_erased`, `nothing_to_withdraw`.
pub fn withdraw(cmd: &mut Command<'_>, id: &VisitId, new: &NewWithdrawal) -> Result<Recorded> {
    let begun = begun(cmd, id, new.occurred_at)?;
    let entries = so_far(cmd, &begun)?;
    let given = |said: &Consented| said.agreed.as_ref().is_some_and(|agreed| agreed.at <= begun.at);
    if !entries.iter().filter_map(of_consent).any(given) {
        let detail = "No consent was given in this visit by then: there is nothing to withdraw.";
        return Err(Error::problem(ProblemCode::NothingToWithdraw, detail));
    }
    let said = Said::Withdrawal(Withdrawn { reason: new.reason.clone() });
    record(cmd, &begun, said, None)
}

/// Records whether the patient is of age, and by what that was seen.
///
/// # Errors
/// `not_found`, `visit_signed`, `visit_full`, `patient_erased`.
pub fn attest_age(cmd: &mut Command<'_>, id: &VisitId, new: &NewAgeAttestation) -> Result<Recorded> {
    let begun = begun_open(cmd, id, new.occurred_at)?;
    let said = Said::AgeAttestation(OfAge { of_age: new.of_age, seen: new.seen.clone() });
    record(cmd, &begun, said, None)
}

/// Records what is to be reached.
///
/// # Errors
/// `not_found`, `visit_signed`, `visit_full`, `patient_erased`, `empty_list`, `list_too_long`.
pub fn set_goals(cmd: &mut Command<'_>, id: &VisitId, new: &NewGoals) -> Result<Recorded> {
    let begun = begun_open(cmd, id, new.occurred_at)?;
    if new.immediate.is_empty() && new.later.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "immediate", "or later needs at least one entry"));
    }
    expect_at_most("immediate", new.immediate.len())?;
    expect_at_most("later", new.later.len())?;
    let said = Said::Goals(Goals { immediate: new.immediate.clone(), later: new.later.clone() });
    record(cmd, &begun, said, None)
}

/// Records how what is done can be undone: with which product, of which so many units are there at that moment, or what is done instead.
///
/// # Errors
/// `not_found`, `visit_signed`, `visit_full`, `patient_erased`, `reference_unknown`; `invalid_value` where neither is said.
pub fn plan_reversal(cmd: &mut Command<'_>, id: &VisitId, new: &NewReversalPlan) -> Result<Recorded> {
    let begun = begun_open(cmd, id, new.occurred_at)?;
    if new.product_id.is_none() && new.instead.is_none() {
        let rule = "or instead must be given: what undoes it, or what is done instead";
        return Err(Error::invalid(ProblemCode::InvalidValue, "product_id", rule));
    }
    let units_in_date = match &new.product_id {
        Some(product) => {
            crate::catalogue::service::find(cmd.db, cmd.organisation(), product)?
                .ok_or_else(|| Error::reference_unknown("product_id"))?;
            let day = day_at(cmd, &begun.visit, begun.at)?;
            let (place, past) = ((cmd.organisation(), &begun.visit.site_id), cmd.past(begun.at));
            Some(crate::stock::service::usable(cmd.db, place, product, (day, past), LOOKED_AT_MAX)?)
        }
        None => None,
    };
    let said = Reversal { product_id: new.product_id.clone(), units_in_date, instead: new.instead.clone() };
    record(cmd, &begun, Said::ReversibilityPlan(said), None)
}

/// Records what the patient was told to do at home, in which language and how, and when to come back.
///
/// # Errors
/// `not_found`, `visit_signed`, `visit_full`, `patient_erased`, `protocol_missing`, `reference_unknown`; `invalid_value` for a language
/// that the protocol does not have.
pub fn give_aftercare(cmd: &mut Command<'_>, id: &VisitId, new: &NewAftercare) -> Result<Recorded> {
    let begun = begun_open(cmd, id, new.occurred_at)?;
    let rest = rested(cmd, &begun, ProtocolKind::Aftercare, new.protocol_id.as_ref())?;
    let Content::Aftercare(aftercare) = &*rest.protocol.content else { return Err(Error::internal("no instructions")) };
    let is_asked = |tag: &str| tag.eq_ignore_ascii_case(new.language.as_str());
    let Some(told) = aftercare.languages.iter().find(|told| is_asked(told.language.as_str())) else {
        let tags: Vec<_> = aftercare.languages.iter().map(|told| told.language.as_str()).collect();
        let rule = format!("must be one of the protocol's: {}", tags.join(", "));
        return Err(Error::invalid(ProblemCode::InvalidValue, "language", rule));
    };
    let said = Told {
        protocol: Rested::on(&rest.protocol),
        language: told.language.clone(),
        by: means("by", &new.by)?,
        return_precautions: new.return_precautions.clone(),
    };
    record(cmd, &begun, Said::Aftercare(said), Some(&rest))
}

/// Records a photograph whose bytes are kept already: of a signed visit, too, for how it looks later is seen beside how it looked before.
///
/// # Errors
/// `not_found`, `visit_full`, `patient_erased`, `occurred_in_future`, `occurred_too_long_ago`.
pub fn photograph(cmd: &mut Command<'_>, id: &VisitId, new: &NewPhotograph) -> Result<Recorded> {
    let taken_at = cmd.moment("taken_at", new.taken_at)?;
    let begun = begun(cmd, id, Some(taken_at))?;
    record(cmd, &begun, Said::Photograph(new.photograph.clone()), None)
}

/// Records what was seen after the treatment, in a visit that is signed or not.
///
/// # Errors
/// `visit_full`, `patient_erased`, `occurred_too_early`, `occurred_in_future`, `occurred_too_long_ago`.
pub fn follow_up(
    cmd: &mut Command<'_>,
    visit: &Visit,
    occurred_at: Option<Moment>,
    said: Said,
    protocol: &Protocol,
) -> Result<Recorded> {
    let begun = begun(cmd, &visit.id, occurred_at)?;
    cmd.not_before(begun.at, visit.occurred_at)?;
    let day = day_at(cmd, visit, begun.at)?;
    // It was planned by that version, whatever is in force since.
    let rest = Rest { protocol: protocol.clone(), is_in_force: true, day };
    record(cmd, &begun, said, Some(&rest))
}

/// Adds something to a visit, signed or not.
///
/// # Errors
/// `not_found`, `visit_full`, `patient_erased`.
pub fn add(cmd: &mut Command<'_>, id: &VisitId, new: &NewAddendum) -> Result<Recorded> {
    let begun = begun(cmd, id, None)?;
    record(cmd, &begun, Said::Addendum(Added { text: new.text.clone() }), None)
}
