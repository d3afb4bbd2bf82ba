//! Work with harm: to see a patient, to review, to report, to close; and to look at what many reports say of a lot.

use super::super::kinds::WorkKind;
use super::super::service::{self, ENTRIES_MAX};
use super::super::waiting::{About, Waiting};
use super::super::wire::KnownBody;
use super::Desk;
use crate::error::Result;
use crate::safety::model::{AdverseEvent, AdverseEventState};

pub(super) fn find(desk: &mut Desk<'_, '_>) -> Result<()> {
    adverse_events(desk)?;
    signals(desk)
}

/// Adverse events that nobody has reviewed, or whose patient nobody has seen; that an authority must be told of; that are to be closed.
fn adverse_events(desk: &mut Desk<'_, '_>) -> Result<()> {
    let kinds = [WorkKind::ReviewAdverseEvent, WorkKind::ReportAdverseEvent, WorkKind::CloseAdverseEvent];
    if !kinds.into_iter().any(|kind| desk.wants(kind)) {
        return Ok(());
    }
    for event in service::adverse_events(desk.view, desk.looking)? {
        of_event(desk, &event);
    }
    Ok(())
}

fn of_event(desk: &mut Desk<'_, '_>, event: &AdverseEvent) {
    let standing = &event.standing;
    let about =
        About { site: Some(event.site_id.clone()), person: Some(event.reported_by.clone()), ..About::default() };
    let to_see_by = standing.to_see_by();
    let is_open = standing.state == AdverseEventState::Open;
    if (is_open || to_see_by.is_some()) && desk.wants(WorkKind::ReviewAdverseEvent) {
        let review = Waiting::of(WorkKind::ReviewAdverseEvent, &event.id, event.recorded_at);
        desk.found.push(Waiting { about: about.clone(), due: to_see_by, ..review });
    }
    if desk.wants(WorkKind::ReportAdverseEvent) {
        for (number, duty) in standing.duties.iter().enumerate().filter(|(_, duty)| duty.sent_at.is_none()) {
            let report = Waiting::of(WorkKind::ReportAdverseEvent, &event.id, event.recorded_at);
            let (subject, due) = (format!("{}.{number}", event.id), Some(duty.due_at));
            let about = About { what: Some(duty.to.to_string()), ..about.clone() };
            let body = Some(KnownBody { to: Some(duty.to.clone()), ..KnownBody::default() });
            desk.found.push(Waiting { subject, about, due, body, ..report });
        }
    }
    let is_to_close = standing.state == AdverseEventState::Reviewed && to_see_by.is_none();
    if is_to_close && desk.wants(WorkKind::CloseAdverseEvent) {
        let since = standing.reviewed_at.unwrap_or(event.recorded_at);
        desk.found.push(Waiting { about, ..Waiting::of(WorkKind::CloseAdverseEvent, &event.id, since) });
    }
}

/// Lots and products of which harm came more often than of others.
fn signals(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::ReviewSignal) {
        return Ok(());
    }
    let organisation = &desk.view.caller.organisation_id;
    for signal in crate::safety::signals::to_review(desk.view.db, organisation, ENTRIES_MAX)? {
        let id = signal.lot_id.as_ref().map_or_else(|| signal.product_id.to_string(), ToString::to_string);
        let product_id = Some(signal.product_id.clone()).filter(|_| signal.lot_id.is_none());
        let body = Some(KnownBody { lot_id: signal.lot_id.clone(), product_id, ..KnownBody::default() });
        let about = About { product: Some(signal.product_id), lot: signal.lot_id, ..About::default() };
        desk.found.push(Waiting { about, body, ..Waiting::of(WorkKind::ReviewSignal, &id, signal.since) });
    }
    Ok(())
}
