//! What is recorded about an adverse event after its report; and what follows from a void.

use std::collections::BTreeSet;

use super::events::Deed;
use super::model::{
    AdverseEvent, AdverseEventState, Closure, Entry, Photographed, ReportSent, Review, Said, Standing, Suspect,
    SuspectRow, Withdrawn,
};
use super::service::{about, expect_actions, find, hold_lots, whole};
use super::wire::{NewClosure, NewReportSent, NewReview};
use super::{rules, store};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::error::{Error, Result};
use crate::evidence::photographs::NewPhotograph;
use crate::ids::{AdministrationId, AdverseEventEntryId, AdverseEventId, OrganisationId};
use crate::limits::ADVERSE_EVENT_ENTRIES_MAX;
use crate::problem::ProblemCode;
use crate::protocols::model::Severity;
use crate::sealing::Patient;

/// How many of its entries are kept for its end.
const FOR_THE_END: i64 = 10;

/// An adverse event about which nothing else is recorded meanwhile, with its patient's key.
fn begun(cmd: &mut Command<'_>, id: &AdverseEventId) -> Result<(AdverseEvent, Patient)> {
    cmd.lock(|db, organisation| store::lock(db, organisation, &[id]))?;
    let event = find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::not_found("adverse event"))?;
    let patient = cmd.patient_of(&event.patient_id)?;
    Ok((event, patient))
}

/// Records something about it.
fn record(
    cmd: &mut Command<'_>,
    (event, patient): &(AdverseEvent, Patient),
    said: &Said,
    (standing, happened_at): (Standing, Moment),
) -> Result<()> {
    let most = match said {
        Said::Closure(_) => ADVERSE_EVENT_ENTRIES_MAX,
        Said::Review(_) | Said::ReportSent(_) | Said::Photograph(_) => ADVERSE_EVENT_ENTRIES_MAX - FOR_THE_END,
    };
    if store::count_entries(cmd.db, cmd.organisation(), &event.id)? >= most {
        let detail = format!("This adverse event has {most} entries, which is the most: close it.");
        return Err(Error::problem(ProblemCode::AdverseEventFull, detail));
    }
    let id = cmd.mint(AdverseEventEntryId::mint);
    let entry = Entry {
        organisation_id: cmd.organisation().clone(),
        adverse_event_id: event.id.clone(),
        patient_id: event.patient_id.clone(),
        kind: said.kind(),
        said: patient.seal(id.as_str(), said)?,
        id,
        recorded_by: cmd.caller.subject.clone(),
        recorded_at: cmd.now,
    };
    let mut about = about(event, happened_at);
    about.subjects.push(entry.id.to_string());
    // The chains of what it is about tell how it went on, too.
    for suspect in store::suspects(cmd.db, cmd.organisation(), &[&event.id])? {
        about.subjects.extend([suspect.administration_id.to_string(), suspect.lot_id.to_string()]);
    }
    let deed = Deed::AdverseEventEntered { entry: Box::new(entry), standing, reported_at: event.recorded_at };
    cmd.record(about, deed)
}

/// Reviews an adverse event: what was seen, done and is thought of it.
///
/// # Errors
/// `not_found`, `adverse_event_closed`, `adverse_event_full`, `patient_erased`; what [`super::service::report`] refuses of actions and of
/// a hold; `occurred_in_future`, `occurred_too_early` and `occurred_too_long_ago` for `seen_at`.
pub fn review(cmd: &mut Command<'_>, id: &AdverseEventId, new: &NewReview) -> Result<()> {
    let begun = begun(cmd, id)?;
    let (event, _) = &begun;
    rules::not_closed(&event.standing)?;
    expect_actions(cmd, &new.actions, &event.patient_id)?;
    let whole = whole(cmd.db, cmd.patients, event.clone())?;
    if let (Some(seen_at), Some(harm)) = (new.seen_at, &whole.harm) {
        cmd.moment("seen_at", Some(seen_at))?;
        if seen_at < harm.onset_at {
            let rule = format!("lies before {}, when it began", harm.onset_at.told());
            return Err(Error::invalid(ProblemCode::OccurredTooEarly, "seen_at", rule));
        }
    }
    let hold_ids = match &new.hold {
        Some(hold) => hold_lots(cmd, hold, &standing_suspects(&whole.suspects))?,
        None => Vec::new(),
    };
    let severity = new.severity.or_else(|| whole.severity());
    let started = match (severity, &whole.harm) {
        (Some(severity), Some(harm)) => started(cmd, event, &harm.kind, severity)?,
        _ => event.standing.clone(),
    };
    let said = Said::Review(Review {
        note: new.note.clone(),
        severity: new.severity,
        seen_at: new.seen_at,
        actions: new.actions.clone(),
        hold_ids,
    });
    let standing = rules::reviewed(started, new.seen_at, cmd.now);
    let now = cmd.now;
    record(cmd, &begun, &said, (standing, now))
}

/// The administrations that it is about still.
fn standing_suspects(rows: &[SuspectRow]) -> Vec<Suspect> {
    let still = rows.iter().filter(|row| !row.voided);
    still
        .map(|row| Suspect {
            administration_id: row.administration_id.clone(),
            lot_id: row.lot_id.clone(),
            product_id: row.product_id.clone(),
        })
        .collect()
}

/// Where it stands when it is so bad, by the version of the protocol that was in force when it was reported.
fn started(
    cmd: &mut Command<'_>,
    event: &AdverseEvent,
    kind: &crate::values::Word,
    severity: Severity,
) -> Result<Standing> {
    let Some(protocol) = event.protocol_id.as_ref().filter(|_| !event.kind_unlisted) else {
        return Ok(event.standing.clone());
    };
    let protocol = crate::protocols::service::find(cmd.db, cmd.organisation(), protocol)?;
    let known = protocol.as_ref().and_then(|protocol| rules::kind_in(protocol, kind));
    let site = crate::sites::service::site(cmd.db, cmd.organisation(), &event.site_id)?;
    let site = site.ok_or_else(|| Error::internal("an adverse event at no site"))?;
    Ok(rules::started(event.standing.clone(), known, severity, &site.jurisdiction, cmd.now))
}

/// Records that it was reported to an authority. A duty to report outlives the end of the adverse event.
///
/// # Errors
/// `not_found`, `adverse_event_full`, `patient_erased`; `occurred_in_future`, `occurred_too_early` and `occurred_too_long_ago` for
/// `sent_at`.
pub fn report_sent(cmd: &mut Command<'_>, id: &AdverseEventId, new: &NewReportSent) -> Result<()> {
    let begun = begun(cmd, id)?;
    let (event, _) = &begun;
    let sent_at = cmd.moment("sent_at", new.sent_at)?;
    if sent_at < event.recorded_at {
        let rule = format!("lies before {}, when it was reported here", event.recorded_at.told());
        return Err(Error::invalid(ProblemCode::OccurredTooEarly, "sent_at", rule));
    }
    let said = Said::ReportSent(ReportSent { to: new.to.clone(), sent_at, reference: new.reference.clone() });
    let standing = rules::sent(event.standing.clone(), &new.to, sent_at);
    record(cmd, &begun, &said, (standing, sent_at))
}

/// Records a photograph whose bytes are kept already, also after the end: what is left of it is seen later.
///
/// # Errors
/// `not_found`, `adverse_event_full`, `patient_erased`; `occurred_in_future` and `occurred_too_long_ago` for `taken_at`.
pub fn photograph(cmd: &mut Command<'_>, id: &AdverseEventId, new: &NewPhotograph) -> Result<()> {
    let begun = begun(cmd, id)?;
    let taken_at = cmd.moment("taken_at", new.taken_at)?;
    let said = Said::Photograph(Photographed { taken_at, photograph: new.photograph.clone() });
    let standing = begun.0.standing.clone();
    record(cmd, &begun, &said, (standing, taken_at))
}

/// Closes an adverse event.
///
/// # Errors
/// `not_found`, `adverse_event_closed`, `adverse_event_not_reviewed`, `patient_erased`.
pub fn close(cmd: &mut Command<'_>, id: &AdverseEventId, new: &NewClosure) -> Result<()> {
    let begun = begun(cmd, id)?;
    let (event, _) = &begun;
    rules::may_be_closed(&event.standing)?;
    let said = Said::Closure(Closure { outcome: new.outcome, note: new.note.clone() });
    let standing = Standing { state: AdverseEventState::Closed, closed_at: Some(cmd.now), ..event.standing.clone() };
    let now = cmd.now;
    record(cmd, &begun, &said, (standing, now))
}

/// Lets follow from voids that adverse events are not about what was voided any more, and are not counted for it.
///
/// # Errors
/// What the database answers.
pub fn judge(cmd: &mut Command<'_>) -> Result<()> {
    let voids = cmd.events().iter().filter(|event| event.deed.kind() == "administration_voided");
    let subjects: Vec<(Option<crate::ids::SiteId>, Moment, Vec<String>)> =
        voids.map(|event| (event.head.site_id.clone(), event.head.occurred_at, event.head.subjects.clone())).collect();
    for (site_id, occurred_at, subjects) in subjects {
        for voided in subjects.iter().filter_map(|subject| subject.parse::<AdministrationId>().ok()) {
            let withdrawn = withdrawn(cmd, &voided)?;
            if withdrawn.is_empty() {
                continue;
            }
            let mut about = About { occurred_at, site_id: site_id.clone(), subjects: vec![voided.to_string()] };
            about.subjects.extend(withdrawn.iter().map(|one| one.adverse_event_id.to_string()));
            cmd.record(about, Deed::AdverseEventUncounted { withdrawn })?;
        }
    }
    Ok(())
}

/// What adverse events are about no more when an administration is voided: its lot and its product, where nothing else of theirs is.
fn withdrawn(cmd: &mut Command<'_>, voided: &AdministrationId) -> Result<Vec<Withdrawn>> {
    let organisation: &OrganisationId = cmd.organisation();
    let events = store::about(cmd.db, organisation, voided)?;
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let events: BTreeSet<AdverseEventId> = events.into_iter().collect();
    let ids: Vec<&AdverseEventId> = events.iter().collect();
    cmd.lock(|db, organisation| store::lock(db, organisation, &ids))?;
    let rows = store::suspects(cmd.db, organisation, &ids)?;
    let of_it = rows.iter().filter(|row| row.administration_id == *voided && !row.voided);
    Ok(of_it
        .map(|row| {
            let others = || {
                rows.iter().filter(|other| {
                    other.adverse_event_id == row.adverse_event_id
                        && !other.voided
                        && other.administration_id != *voided
                })
            };
            Withdrawn {
                adverse_event_id: row.adverse_event_id.clone(),
                administration_id: voided.clone(),
                lot_id: Some(row.lot_id.clone()).filter(|lot| !others().any(|other| other.lot_id == *lot)),
                product_id: Some(row.product_id.clone())
                    .filter(|product| !others().any(|other| other.product_id == *product)),
            }
        })
        .collect())
}
