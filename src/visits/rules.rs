//! Who may be treated, as far as the record around the treatment says, and when a visit may be signed (DOMAIN.md, "Record around a
//! treatment"). What is asked for is the organisation's policy; what counts is its protocols.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::model::{
    Agreed, Answer, Around, Consented, Explained, Finding, Opened, Rested, Said, Screened, Symptom, TreatmentOutcome,
};
use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::decision::{Basis, Decision, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::policies::model::{Current, Gate, VisitPart};
use crate::problem::ProblemCode;
use crate::protocols::model::{
    AnswerRule, Consent as ConsentProtocol, Consequence, Content, FollowUp, Protocol, ProtocolKind, Question, Screening,
};
use crate::protocols::rules::that_counts;
use crate::values::{Word, number};

/// A treatment that is judged.
pub struct Treated<'a> {
    /// With which product.
    pub product: &'a Product,
    /// The organisation's policy.
    pub policy: &'a Current,
    /// When.
    pub at: Moment,
    /// The calendar day that is at the site.
    pub day: NaiveDate,
    /// The site's time zone.
    pub zone: chrono_tz::Tz,
    /// What is known around it.
    pub around: &'a Around,
}

/// Whether the record around a treatment speaks for it: what the policy asks for with the product's class, one line each. What a visit
/// itself says against it, a stop or a withdrawal, counts whatever the policy asks for. A reversal agent is for an emergency, and is
/// never kept from a patient by any of it.
pub fn may_be_treated(treated: &Treated<'_>, findings: &mut Findings) {
    if treated.product.class == ProductClass::ReversalAgent {
        return;
    }
    if let Some((visit, _)) = &treated.around.visit {
        findings.rests_on(Basis::Visit { id: visit.to_string() });
    }
    let gates = treated.policy.gates(treated.product.class);
    if !gates.is_empty() {
        findings.rests_on(Basis::Policy { version: treated.policy.version });
    }
    let asks = |gate: Gate| gates.contains(&gate);
    screened(treated, asks(Gate::Screening), findings);
    consented(treated, asks(Gate::Consent), findings);
    if asks(Gate::Age) {
        of_age(treated, findings);
    }
    if asks(Gate::Interval) {
        after_interval(treated, findings);
    }
    if asks(Gate::Prescription) {
        let (prescribed, when) = (&treated.around.prescribed, (treated.at, treated.day));
        crate::prescriptions::rules::prescribed(treated.product, prescribed, when, || subject(treated), findings);
    }
    if asks(Gate::EmergencyKit) {
        kit_at_hand(treated, findings);
    }
}

/// What a reason is about: the visit, or the product where none is named.
fn subject(treated: &Treated<'_>) -> Subject {
    match &treated.around.visit {
        Some((visit, _)) => Subject::new(SubjectType::Visit, visit),
        None => Subject::new(SubjectType::Product, &treated.product.id),
    }
}

fn said<'a>(treated: &'a Treated<'_>) -> &'a [Opened] {
    treated.around.visit.as_ref().map_or(&[], |(_, entries)| entries.as_slice())
}

/// The protocol that counts for the product on the day.
fn in_force<'a>(treated: &'a Treated<'_>, kind: ProtocolKind, findings: &mut Findings) -> Option<&'a Protocol> {
    let found = that_counts(&treated.around.in_force, kind)?;
    let (id, kind) = (found.id.to_string(), found.kind.to_string());
    findings.rests_on(Basis::Protocol { id, kind, version: found.version });
    Some(found)
}

/// Says that a protocol is asked for and that none is in force.
fn without_protocol(treated: &Treated<'_>, kind: ProtocolKind, code: ReasonCode, findings: &mut Findings) {
    let message = format!("No {kind} protocol is in force for {}.", treated.product.name);
    findings.refuse(code, Subject::new(SubjectType::Product, &treated.product.id), message);
}

/// The newest answers to each document.
fn newest_answers(entries: &[Opened]) -> Vec<(Moment, &Screened)> {
    let mut newest: Vec<(Moment, &Screened)> = Vec::new();
    for entry in entries {
        if let Said::Screening(screened) = &entry.said {
            newest.retain(|(_, other)| other.protocol.scope != screened.protocol.scope);
            newest.push((entry.at, screened));
        }
    }
    newest
}

/// The questions of each document whose newest answer stops the treatment: answers to a version that does not ask one lift nothing.
fn stops(entries: &[Opened]) -> Vec<&Word> {
    let mut newest: Vec<((&str, &Word), bool)> = Vec::new();
    for entry in entries {
        let Said::Screening(screened) = &entry.said else { continue };
        for Answer { question, .. } in &screened.answers {
            let of = (screened.protocol.scope.as_str(), question);
            newest.retain(|(other, _)| *other != of);
            newest.push((of, screened.with(Consequence::Stop).any(|stops| stops == question)));
        }
    }
    newest.into_iter().filter(|(_, stops)| *stops).map(|((_, question), _)| question).collect()
}

/// Nobody is treated whose answers stop it; and where that is asked for, nobody who did not answer, or too long ago.
fn screened(treated: &Treated<'_>, is_asked: bool, findings: &mut Findings) {
    let answers = newest_answers(said(treated));
    for question in stops(said(treated)) {
        let message = format!("The answer to \"{question}\" stops this treatment.");
        findings.refuse(ReasonCode::ScreeningStop, subject(treated), message);
    }
    if !is_asked {
        return;
    }
    let Some(protocol) = in_force(treated, ProtocolKind::Screening, findings) else {
        without_protocol(treated, ProtocolKind::Screening, ReasonCode::ScreeningMissing, findings);
        return;
    };
    let Some((at, screened)) = answers.iter().find(|(_, screened)| screened.protocol.scope == protocol.scope) else {
        let message = match &treated.around.visit {
            Some(_) => format!("\"{}\" was not asked in this visit.", protocol.title),
            None => format!("Name the visit in which \"{}\" was asked.", protocol.title),
        };
        findings.refuse(ReasonCode::ScreeningMissing, subject(treated), message);
        return;
    };
    if screened.protocol.protocol_id != protocol.id {
        let (old, new) = (screened.protocol.version, protocol.version);
        let message =
            format!("Version {old} of \"{}\" was answered; version {new} is in force: ask again.", protocol.title);
        findings.refuse(ReasonCode::ScreeningStale, subject(treated), message);
        return;
    }
    let Content::Screening(Screening { valid_days, .. }) = &*protocol.content else { return };
    if at.plus_days(*valid_days) < treated.at {
        let day = at.day_in(treated.zone);
        let message =
            format!("\"{}\" was answered on {day}, and counts for {}.", protocol.title, number(*valid_days, "day"));
        findings.refuse(ReasonCode::ScreeningStale, subject(treated), message);
    }
}

/// Nobody is treated whose consent is withdrawn; and where that is asked for, nobody who did not consent, with every point
/// explained and the time to think about it, or too long ago.
fn consented(treated: &Treated<'_>, is_asked: bool, findings: &mut Findings) {
    let entries = said(treated);
    let withdrawn =
        entries.iter().filter(|entry| matches!(entry.said, Said::Withdrawal(_))).map(|entry| entry.at).max();
    let consents = || {
        entries.iter().filter_map(|entry| match &entry.said {
            Said::Consent(consent) => Some(consent),
            _ => None,
        })
    };
    let given = |consent: &Consented| consent.agreed.as_ref().map(|agreed| agreed.at);
    if let Some(withdrawn) = withdrawn
        && !consents().filter_map(given).any(|at| at > withdrawn)
    {
        let message = format!("The consent was withdrawn on {}.", withdrawn.day_in(treated.zone));
        findings.refuse(ReasonCode::ConsentWithdrawn, subject(treated), message);
        return;
    }
    if !is_asked {
        return;
    }
    let Some(protocol) = in_force(treated, ProtocolKind::Consent, findings) else {
        without_protocol(treated, ProtocolKind::Consent, ReasonCode::ConsentMissing, findings);
        return;
    };
    let Content::Consent(asked) = &*protocol.content else { return };
    let of_document = || consents().filter(|consent| consent.protocol.scope == protocol.scope);
    let counts = |agreed: &&Agreed| agreed.at <= treated.at && withdrawn.is_none_or(|withdrawn| agreed.at > withdrawn);
    let newest = of_document()
        .filter_map(|consent| Some((consent, consent.agreed.as_ref().filter(counts)?)))
        .max_by_key(|(_, agreed)| agreed.at);
    let Some((consent, agreed)) = newest else {
        let message = match &treated.around.visit {
            Some(_) => format!("Nobody has consented to \"{}\" in this visit.", protocol.title),
            None => format!("Name the visit in which \"{}\" was consented to.", protocol.title),
        };
        findings.refuse(ReasonCode::ConsentMissing, subject(treated), message);
        return;
    };
    if consent.protocol.protocol_id != protocol.id {
        let (old, new) = (consent.protocol.version, protocol.version);
        let message = format!(
            "Version {old} of \"{}\" was consented to; version {new} is in force: explain it again.",
            protocol.title
        );
        findings.refuse(ReasonCode::ConsentLapsed, subject(treated), message);
        return;
    }
    let explained: Vec<&Explained> = of_document()
        .filter(|consent| consent.protocol.protocol_id == protocol.id)
        .flat_map(|consent| &consent.explained)
        .filter(|explained| explained.at <= agreed.at)
        .collect();
    informed(treated, asked, (agreed, &explained), findings);
}

/// A consent counts for so long, with every point explained before it and the time to think about it.
fn informed(
    treated: &Treated<'_>,
    asked: &ConsentProtocol,
    (agreed, explained): (&Agreed, &[&Explained]),
    findings: &mut Findings,
) {
    let first = |point: &Word| explained.iter().filter(|told| told.point == *point).map(|told| told.at).min();
    let unexplained: Vec<_> =
        asked.points.iter().map(|point| &point.code).filter(|point| first(point).is_none()).map(Word::as_str).collect();
    if !unexplained.is_empty() {
        let message = format!("Not explained before the consent: {}.", unexplained.join(", "));
        findings.refuse(ReasonCode::ConsentMissing, subject(treated), message);
    }
    let informed = asked.points.iter().filter_map(|point| first(&point.code)).max();
    if let Some(informed) = informed
        && informed.plus_minutes(asked.reflection_hours.saturating_mul(60)) > agreed.at
    {
        let hours = number(asked.reflection_hours, "hour");
        let message =
            format!("Between the last information and the consent must lie {hours}: ask for the consent again.");
        findings.refuse(ReasonCode::ConsentTooSoon, subject(treated), message);
    }
    if agreed.at.plus_days(asked.valid_days) < treated.at {
        let (day, days) = (agreed.at.day_in(treated.zone), number(asked.valid_days, "day"));
        let message = format!("The consent is of {day}, and counts for {days}.");
        findings.refuse(ReasonCode::ConsentLapsed, subject(treated), message);
    }
}

/// The patient is of age on the day, as somebody has seen.
fn of_age(treated: &Treated<'_>, findings: &mut Findings) {
    let seen = said(treated).iter().rev().find_map(|entry| match &entry.said {
        Said::AgeAttestation(seen) => Some(seen.of_age),
        _ => None,
    });
    let message = match seen {
        Some(true) => return,
        Some(false) => "The patient is not of age.",
        None => "Nobody has attested in this visit that the patient is of age.",
    };
    findings.refuse(ReasonCode::PatientUnderAge, subject(treated), message);
}

/// So many days lie between two treatments of one area with one class. What was done in the same visit is the same treatment.
fn after_interval(treated: &Treated<'_>, findings: &mut Findings) {
    let Some(protocol) = in_force(treated, ProtocolKind::Retreatment, findings) else {
        without_protocol(treated, ProtocolKind::Retreatment, ReasonCode::IntervalTooShort, findings);
        return;
    };
    let Content::Retreatment(asked) = &*protocol.content else { return };
    let unsaid = match (treated.around.is_for_nobody, treated.around.areas.is_empty()) {
        (true, _) => Some("for whom"),
        (false, true) => Some("of which area"),
        (false, false) => None,
    };
    if let Some(what) = unsaid {
        let message =
            format!("Say {what}: days must lie between two treatments of one area with {}.", treated.product.class);
        findings.refuse(ReasonCode::IntervalTooShort, subject(treated), message);
    }
    let is_same = |one: &Word, other: &Word| crate::identity::same(one.as_str(), other.as_str());
    for area in &treated.around.areas {
        let last =
            treated.around.earlier.iter().filter(|earlier| is_same(&earlier.area, area)).map(|earlier| earlier.at);
        let Some(last) = last.max().map(|at| at.day_in(treated.zone)) else { continue };
        let days = treated.day.signed_duration_since(last).num_days();
        if days < asked.least_days {
            let least = number(asked.least_days, "day");
            let message = format!(
                "The same area was treated with {} on {last}: {least} must lie between.",
                treated.product.class
            );
            findings.refuse(ReasonCode::IntervalTooShort, subject(treated), message);
        }
    }
}

/// What an emergency needs is at the site and in date.
fn kit_at_hand(treated: &Treated<'_>, findings: &mut Findings) {
    let Some(protocol) = in_force(treated, ProtocolKind::EmergencyKit, findings) else {
        without_protocol(treated, ProtocolKind::EmergencyKit, ReasonCode::EmergencyKitIncomplete, findings);
        return;
    };
    let Content::EmergencyKit(asked) = &*protocol.content else { return };
    for item in &asked.items {
        let here = treated.around.kit.iter().find(|(product, _)| product.id == item.product_id);
        let (name, here) = here.map_or(("a product", 0), |(product, units)| (product.name.as_str(), *units));
        if here < item.units.get() {
            let least = number(item.units.get(), "unit");
            let message = format!(
                "\"{}\" asks for {least} of {name} at this site, and {here} of them may be used on {}.",
                protocol.title, treated.day
            );
            let subject = Subject::new(SubjectType::Product, &item.product_id);
            findings.refuse(ReasonCode::EmergencyKitIncomplete, subject, message);
        }
    }
}

/// What of a visit is judged when it is signed.
pub struct Signing<'a> {
    /// What was recorded in it, in the order of time.
    pub entries: &'a [Opened],
    /// The organisation's policy.
    pub policy: &'a Current,
    /// The visit.
    pub visit: Subject,
}

/// Whether a visit may be signed: everything that the policy asks for is there, and somebody has looked at what is to be looked at.
/// All that is missing is said at once.
pub fn may_be_signed(signing: &Signing<'_>, evaluated_at: Moment) -> Decision {
    let mut findings = Findings::default();
    findings.rests_on(Basis::Policy { version: signing.policy.version });
    for part in &signing.policy.signing_requires {
        if !signing.entries.iter().any(|entry| is_part(*part, &entry.said)) {
            let message = format!("The visit lacks its {}.", part.as_str().replace('_', " "));
            findings.refuse(ReasonCode::VisitIncomplete, signing.visit.clone(), message);
        }
    }
    for (_, screened) in newest_answers(signing.entries) {
        for question in screened.to_review() {
            let message = format!(
                "The answer to \"{question}\" is to be looked at: answer again, with a note of what came of it."
            );
            findings.refuse(ReasonCode::ScreeningUnreviewed, signing.visit.clone(), message);
        }
    }
    Decision::from(findings, evaluated_at)
}

fn is_part(part: VisitPart, said: &Said) -> bool {
    match (part, said) {
        (VisitPart::Screening, Said::Screening(_))
        | (VisitPart::AgeAttestation, Said::AgeAttestation(_))
        | (VisitPart::Goals, Said::Goals(_))
        | (VisitPart::ReversibilityPlan, Said::ReversibilityPlan(_))
        | (VisitPart::Aftercare, Said::Aftercare(_)) => true,
        (VisitPart::Consent, Said::Consent(consent)) => consent.agreed.is_some(),
        (VisitPart::ReturnPrecautions, Said::Aftercare(told)) => told.return_precautions.is_some(),
        _ => false,
    }
}

/// What answers to a protocol come to: each fits its question, none is missing, and what stopped the patient before and does not now has
/// a note that says why.
///
/// # Errors
/// `answer_unfit`, `duplicate_entry`, `answer_missing`, `note_required`.
pub fn answered(
    asked: &Screening,
    rested: Rested,
    answers: Vec<Answer>,
    day: NaiveDate,
    stopped_before: &BTreeSet<Word>,
) -> Result<Screened> {
    let mut findings = Vec::new();
    for (index, answer) in answers.iter().enumerate() {
        let of = |field: &str| format!("answers[{index}].{field}");
        let Some(question) = asked.questions.iter().find(|question| question.code == answer.question) else {
            return Err(Error::invalid(
                ProblemCode::AnswerUnfit,
                &of("question"),
                "is none of the protocol's questions",
            ));
        };
        if answers.iter().take(index).any(|other| other.question == answer.question) {
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &of("question"), "is answered twice"));
        }
        let consequence = follows(question, answer, day)
            .map_err(|rule| Error::invalid(ProblemCode::AnswerUnfit, &of("value"), rule))?;
        let is_lifted = consequence != Consequence::Stop && stopped_before.contains(&answer.question);
        if is_lifted && answer.note.is_none() {
            let rule = format!(
                "must say why the answer to {} is another one than before: it stopped the treatment",
                answer.question
            );
            return Err(Error::invalid(ProblemCode::NoteRequired, &of("note"), rule));
        }
        if consequence != Consequence::None {
            findings.push(Finding { question: answer.question.clone(), consequence });
        }
    }
    let is_open = |question: &&Question| {
        let stopped = stopped_before.contains(&question.code);
        (!question.optional || stopped) && !answers.iter().any(|answer| answer.question == question.code)
    };
    let open: Vec<_> = asked.questions.iter().filter(is_open).map(|question| question.code.as_str()).collect();
    if !open.is_empty() {
        let rule = format!("must answer: {}", open.join(", "));
        return Err(Error::invalid(ProblemCode::AnswerMissing, "answers", rule));
    }
    Ok(Screened { protocol: rested, answers, findings })
}

/// What follows from an answer; or how it should have been given.
fn follows(question: &Question, answer: &Answer, day: NaiveDate) -> std::result::Result<Consequence, String> {
    let value = &answer.value;
    match &question.answer {
        AnswerRule::YesNo { yes, no } => match value.as_bool() {
            Some(is_yes) => Ok(if is_yes { *yes } else { *no }),
            None => Err("must be true or false".to_owned()),
        },
        AnswerRule::Choice { options } => {
            let chosen = options.iter().find(|option| value.as_str() == Some(option.code.as_str()));
            let codes = || options.iter().map(|option| option.code.as_str()).collect::<Vec<_>>().join(", ");
            chosen.map(|option| option.consequence).ok_or_else(|| format!("must be one of: {}", codes()))
        }
        AnswerRule::Number { from, to, outside } => match value.as_i64() {
            Some(number) if from.is_some_and(|from| number < from) || to.is_some_and(|to| number > to) => Ok(*outside),
            Some(_) => Ok(Consequence::None),
            None => Err("must be a whole number".to_owned()),
        },
        AnswerRule::Date { .. } if value.is_null() => Ok(Consequence::None),
        AnswerRule::Date { min_days_since, sooner } => {
            let rule = || {
                "must be a day such as 2026-07-01 that is not in the future, or null where it never happened".to_owned()
            };
            let last: NaiveDate =
                value.as_str().and_then(|text| crate::values::parse_day(text).ok()).ok_or_else(rule)?;
            let days = day.signed_duration_since(last).num_days();
            if days < 0 {
                return Err(rule());
            }
            Ok(if days < *min_days_since { *sooner } else { Consequence::None })
        }
        AnswerRule::Text { .. } if value.is_null() => Ok(Consequence::None),
        AnswerRule::Text { given } => {
            let is_text = value.as_str().is_some_and(|text| text.parse::<crate::values::Prose>().is_ok());
            if is_text { Ok(*given) } else { Err("must be a text of 1 to 2000 characters, or null".to_owned()) }
        }
    }
}

/// What was explained are points of the protocol, each once.
///
/// # Errors
/// `invalid_value`, `duplicate_entry`.
pub fn points_of(asked: &ConsentProtocol, explained: &[Explained]) -> Result<()> {
    for (index, told) in explained.iter().enumerate() {
        let field = format!("explained[{index}].point");
        if !asked.points.iter().any(|point| point.code == told.point) {
            return Err(Error::invalid(ProblemCode::InvalidValue, &field, "is none of the protocol's points"));
        }
        if explained.iter().take(index).any(|other| other.point == told.point) {
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &field, "is named twice"));
        }
    }
    Ok(())
}

/// A consent comes after what it is to.
///
/// # Errors
/// `consent_before_information`.
pub fn informed_first(agreed: &Agreed, explained: &[&Explained]) -> Result<()> {
    let code = ProblemCode::ConsentBeforeInformation;
    let Some(last) = explained.iter().map(|explained| explained.at).max() else {
        return Err(Error::invalid(code, "agreed", "is to nothing: say first what was explained"));
    };
    if explained.iter().any(|explained| explained.at <= agreed.at) {
        return Ok(());
    }
    Err(Error::invalid(code, "agreed.at", format!("lies before {}, when the last point was explained", last.told())))
}

/// What was seen answers what the protocol asks: each of its symptoms once, and an outcome on its scale.
///
/// # Errors
/// `invalid_value`, `duplicate_entry`, `answer_missing`.
pub fn followed_up(asked: &FollowUp, symptoms: &[Symptom], outcome: Option<&TreatmentOutcome>) -> Result<()> {
    for (index, told) in symptoms.iter().enumerate() {
        let field = format!("symptoms[{index}].symptom");
        if !asked.symptoms.contains(&told.symptom) {
            return Err(Error::invalid(ProblemCode::InvalidValue, &field, "is none of the protocol's symptoms"));
        }
        if symptoms.iter().take(index).any(|other| other.symptom == told.symptom) {
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &field, "is named twice"));
        }
    }
    let is_open = |symptom: &&Word| !symptoms.iter().any(|told| told.symptom == **symptom);
    let open: Vec<_> = asked.symptoms.iter().filter(is_open).map(Word::as_str).collect();
    if !open.is_empty() {
        let rule = format!("must answer: {}", open.join(", "));
        return Err(Error::invalid(ProblemCode::AnswerMissing, "symptoms", rule));
    }
    match outcome {
        Some(outcome) if !asked.scale.contains(&outcome.rating) => {
            let steps: Vec<_> = asked.scale.iter().map(Word::as_str).collect();
            let rule = match steps.is_empty() {
                true => "is on no scale: the protocol has none".to_owned(),
                false => format!("must be one of: {}", steps.join(", ")),
            };
            Err(Error::invalid(ProblemCode::InvalidValue, "outcome.rating", rule))
        }
        _ => Ok(()),
    }
}
