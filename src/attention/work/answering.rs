//! Work that answers for something: excursions, deviations, holds, recalls, and one's own word.

use chrono::NaiveDate;

use super::super::kinds::WorkKind;
use super::super::service::{self, ENTRIES_MAX};
use super::super::waiting::{About, Waiting};
use super::super::wire::KnownBody;
use super::Desk;
use crate::caller::Extent;
use crate::clock::Moment;
use crate::error::Result;
use crate::excursions::wire::ExcursionView;
use crate::holds::model::{CauseType, Hold, ScopeType};
use crate::identity::Identity;
use crate::limits::LOOKED_AT_MAX;
use crate::recalls::service::ToDo;
use crate::stock::wire::BEFORE_ALL;
use crate::treatment::confirming;
use crate::visits::model::FollowUpKind;
use crate::visits::service::DueFilter;

/// Before everything that is due.
const FIRST: (NaiveDate, &str) = (BEFORE_ALL, "");

pub(super) fn find(desk: &mut Desk<'_, '_>) -> Result<()> {
    excursions(desk)?;
    deviations(desk)?;
    holds(desk)?;
    recalls(desk)?;
    confirmations(desk)?;
    visits(desk)?;
    follow_ups(desk)
}

fn excursions(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::AssessExcursion) {
        return Ok(());
    }
    let site = desk.looking.site.clone();
    for excursion in crate::excursions::service::waiting(desk.view, site.as_ref(), ENTRIES_MAX)? {
        let ExcursionView { id, site_id, location_id, kind, opened_at, .. } = excursion;
        let about = About {
            site: Some(site_id),
            location: Some(location_id),
            what: Some(kind.to_string()),
            ..About::default()
        };
        desk.found.push(Waiting { about, ..Waiting::of(WorkKind::AssessExcursion, &id, opened_at) });
    }
    Ok(())
}

/// Deviations, but for whoever recorded what they are about.
fn deviations(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::CloseDeviation) {
        return Ok(());
    }
    let site = desk.looking.site.clone();
    for deviation in service::deviations(desk.view, site.as_ref())? {
        if desk.view.caller.is(&deviation.opened_by) {
            continue;
        }
        let codes: Vec<_> = deviation.reason_codes.iter().map(ToString::to_string).collect();
        let close = Waiting::of(WorkKind::CloseDeviation, &deviation.id, deviation.opened_at);
        let about = About {
            site: Some(deviation.site_id),
            person: Some(deviation.opened_by),
            what: Some(codes.join(" ")),
            ..About::default()
        };
        desk.found.push(Waiting { about, ..close });
    }
    Ok(())
}

/// Holds that a person lifts: not those of recalls and excursions, which end with them. One that may reach beyond the sites of a token
/// is for those whose token is for all.
fn holds(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::LiftHold) || !desk.view.caller.reaches(&Extent::Shared) {
        return Ok(());
    }
    let is_lifted = |hold: &&Hold| matches!(hold.cause_type, CauseType::Manual | CauseType::Twin);
    let open: Vec<Hold> = desk.open_holds()?.iter().filter(is_lifted).cloned().collect();
    for hold in open {
        let lift = Waiting::of(WorkKind::LiftHold, &hold.id, hold.opened_at);
        let mut about =
            About { person: Some(hold.opened_by.clone()), what: Some(hold.reason.to_string()), ..About::default() };
        match hold.scope_type {
            ScopeType::Lot => about.lot = hold.scope_id.parse().ok(),
            ScopeType::Product => about.product = hold.scope_id.parse().ok(),
            ScopeType::Account => place_of(desk, &hold, &mut about)?,
        }
        // Whoever has set all of a product apart does not free it alone.
        let is_own = hold.scope_type == ScopeType::Product && desk.view.caller.is(&hold.opened_by);
        let is_here = about.site.as_ref().is_none_or(|site| desk.is_seen(site));
        if !is_own && is_here {
            desk.found.push(Waiting { about, ..lift });
        }
    }
    Ok(())
}

/// What a hold on units at a place is about.
fn place_of(desk: &mut Desk<'_, '_>, hold: &Hold, about: &mut About) -> Result<()> {
    let organisation = &desk.view.caller.organisation_id;
    let Ok(id) = hold.scope_id.parse() else { return Ok(()) };
    if let Some(account) = crate::stock::service::account(desk.view.db, organisation, &id)? {
        about.lot = Some(account.lot_id);
        about.site = account.site_id;
        about.location = account.location_id;
    }
    Ok(())
}

fn recalls(desk: &mut Desk<'_, '_>) -> Result<()> {
    let [acknowledges, contacts, closes] =
        [WorkKind::AcknowledgeRecall, WorkKind::ContactPatient, WorkKind::CloseRecall].map(|kind| desk.wants(kind));
    if !acknowledges && !contacts && !closes {
        return Ok(());
    }
    let (caller, only, most) = (desk.view.caller, desk.looking.site.clone(), desk.most());
    let is_seen = |site: &_| caller.sees(site) && only.as_ref().is_none_or(|only| only == site);
    let open = crate::recalls::service::to_do(desk.view.db, &caller.organisation_id, &is_seen, most)?;
    let mut told = 0;
    for ToDo { recall, sites, untold, is_accounted_for } in open {
        let of = |kind| Waiting::of(kind, &recall.id, recall.opened_at);
        let what = Some(recall.reference.to_string());
        for site in sites.into_iter().filter(|_| acknowledges) {
            let subject = format!("{}.{site}", recall.id);
            let body = Some(KnownBody { site_id: Some(site.clone()), ..KnownBody::default() });
            let about = About { site: Some(site), what: what.clone(), ..About::default() };
            desk.found.push(Waiting { subject, about, body, ..of(WorkKind::AcknowledgeRecall) });
        }
        for given in untold.into_iter().filter(|_| contacts).take(most.saturating_sub(told)) {
            told += 1;
            let subject = format!("{}.{}", recall.id, given.id);
            let body = Some(KnownBody { administration_id: Some(given.id), ..KnownBody::default() });
            let about = About {
                lot: Some(given.lot_id),
                site: Some(given.site_id),
                practitioner: Some(given.practitioner_id),
                what: what.clone(),
                ..About::default()
            };
            let since = recall.opened_at.max(given.occurred_at);
            let units = Some(given.units);
            desk.found.push(Waiting { subject, about, body, units, since, ..of(WorkKind::ContactPatient) });
        }
        if closes && is_accounted_for && !desk.view.caller.is(&recall.opened_by) {
            let about = About { what, person: Some(recall.opened_by.clone()), ..About::default() };
            desk.found.push(Waiting { about, ..of(WorkKind::CloseRecall) });
        }
    }
    Ok(())
}

/// Administrations that wait for the caller's own word; and practitioners whose word cannot come, for whoever names their subjects.
fn confirmations(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (confirms, names) = (desk.wants(WorkKind::Confirm), desk.wants(WorkKind::NameSubject));
    if !confirms && !names {
        return Ok(());
    }
    let (caller, site) = (desk.view.caller, desk.looking.site.clone());
    let found = confirming::waiting(desk.view.db, caller, site.as_ref(), LOOKED_AT_MAX)?;
    let mut ids: Vec<_> = found.iter().map(|waiting| waiting.practitioner_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let people = crate::practitioners::service::practitioners(desk.view.db, &caller.organisation_id, &ids)?;
    let identity = Identity::of(&caller.subject);
    let is_callers = |id: &_| {
        let subjects = people.iter().filter(|person| person.id == *id).filter_map(|person| person.subject.as_ref());
        subjects.into_iter().any(|subject| Identity::of(subject.as_str()) == identity)
    };
    for waiting in found {
        let of = waiting.administration;
        if !waiting.can_confirm && names {
            let about = About { practitioner: Some(waiting.practitioner_id.clone()), ..About::default() };
            let name = Waiting::of(WorkKind::NameSubject, &waiting.practitioner_id, of.recorded_at);
            desk.found.push(Waiting { about, ..name });
        } else if confirms && is_callers(&waiting.practitioner_id) && !caller.is(&of.recorded_by) {
            let about = About {
                product: Some(of.product_id),
                lot: Some(of.lot_id),
                site: Some(of.site_id),
                location: of.location_id,
                practitioner: Some(waiting.practitioner_id),
                person: Some(of.recorded_by),
                ..About::default()
            };
            let confirm = Waiting::of(WorkKind::Confirm, &of.id, of.recorded_at);
            desk.found.push(Waiting { about, units: Some(of.units), ..confirm });
        }
    }
    Ok(())
}

/// Visits of the practitioner whose token it is, which nobody has signed.
fn visits(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::SignVisit) {
        return Ok(());
    }
    let (db, caller) = (&mut *desk.view.db, desk.view.caller);
    let own = crate::practitioners::service::own(db, &caller.organisation_id, &caller.subject)?;
    let Some(own) = own else { return Ok(()) };
    for visit in crate::visits::service::unsigned(db, &caller.organisation_id, &own.id, ENTRIES_MAX)? {
        if !desk.is_seen(&visit.site_id) {
            continue;
        }
        let about = About {
            site: Some(visit.site_id),
            practitioner: Some(visit.practitioner_id),
            person: Some(visit.opened_by),
            ..About::default()
        };
        desk.found.push(Waiting { about, ..Waiting::of(WorkKind::SignVisit, &visit.id, visit.occurred_at) });
    }
    Ok(())
}

/// Patients who are to be looked at after a treatment, by today or within the days that are looked ahead.
fn follow_ups(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::FollowUp) {
        return Ok(());
    }
    let filter = DueFilter {
        site_id: desk.looking.site.clone(),
        kind: Some(FollowUpKind::Check),
        until: desk.looking.horizon.and_then(|day| day.pred_opt()).or(Some(desk.looking.today)),
    };
    let found = crate::visits::service::due(desk.view.db, desk.view.caller, &filter, FIRST, ENTRIES_MAX)?;
    for (due, visit) in found.items {
        let ends = Moment::end_of(due.due_on, desk.zone(&due.site_id)?);
        let about = About {
            site: Some(due.site_id),
            practitioner: Some(due.practitioner_id),
            person: visit.signed_by,
            what: due.check_code.map(|check| check.to_string()),
            ..About::default()
        };
        let waits = Waiting::of(WorkKind::FollowUp, &due.id, due.planned_at);
        desk.found.push(Waiting { about, due: Some(ends), ..waits });
    }
    Ok(())
}
