//! Work with units: to inspect, to release, to set apart, to send back, to count, to discard.

use super::super::kinds::WorkKind;
use super::super::service::{self, ENTRIES_MAX};
use super::super::waiting::{About, Waiting};
use super::super::wire::KnownBody;
use super::Desk;
use crate::error::Result;
use crate::holds::model::{Hold, ScopeType};
use crate::limits::LOOKED_AT_MAX;
use crate::movements::wire::MovementStatus;
use crate::stock::model::{AccountKind, Balance, Lot};
use crate::stocktakes::model::StockTakeState;

pub(super) fn find(desk: &mut Desk<'_, '_>) -> Result<()> {
    quarantined(desk)?;
    passed(desk)?;
    rejected(desk)?;
    to_set_apart(desk)?;
    opened(desk)?;
    found_units(desk)?;
    counts(desk)?;
    stock_takes(desk)
}

/// Units that wait in a disposition.
fn waiting(desk: &mut Desk<'_, '_>, kind: AccountKind) -> Result<Vec<(Balance, Lot)>> {
    let site = desk.looking.site.as_ref();
    crate::stock::service::waiting(desk.view.db, desk.view.caller, kind, site, LOOKED_AT_MAX)
}

/// What is to be done with units of an account.
fn with_units(kind: WorkKind, balance: &Balance, lot: &Lot, body: KnownBody) -> Waiting {
    let about = About {
        product: Some(lot.product_id.clone()),
        lot: Some(lot.id.clone()),
        site: balance.site_id.clone(),
        location: balance.location_id.clone(),
        ..About::default()
    };
    let (units, body) = (Some(balance.units), Some(body));
    Waiting { about, units, body, ..Waiting::of(kind, &balance.id, balance.changed_at) }
}

/// Units that leave where they are: to another place, or for good.
fn leaving(balance: &Balance, lot: &Lot) -> KnownBody {
    KnownBody {
        lot_id: Some(lot.id.clone()),
        from_location_id: balance.location_id.clone(),
        units: Some(balance.units),
        state: balance.kind.disposition(),
        ..KnownBody::default()
    }
}

/// Whether units were usable to the end of yesterday at the most, where they are.
fn is_expired(desk: &mut Desk<'_, '_>, balance: &Balance) -> Result<bool> {
    let (Some(site), Some(use_by)) = (&balance.site_id, balance.use_by) else { return Ok(false) };
    let today = desk.view.now.day_in(desk.zone(site)?);
    Ok(use_by < today)
}

/// What was never inspected, or came back: nobody knows whether it may be used. What has expired only leaves.
fn quarantined(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (inspects, sends) = (desk.wants(WorkKind::Inspect), desk.wants(WorkKind::SendBack));
    if !inspects && !sends {
        return Ok(());
    }
    let (mut to_inspect, mut to_send) = (0, 0);
    for (balance, lot) in &waiting(desk, AccountKind::Quarantined)? {
        let is_expired = is_expired(desk, balance)?;
        if is_expired && sends && to_send < desk.most() {
            to_send += 1;
            desk.found.push(with_units(WorkKind::SendBack, balance, lot, leaving(balance, lot)));
        }
        if !is_expired && inspects && to_inspect < desk.most() {
            to_inspect += 1;
            let (lot_id, location_id) = (Some(lot.id.clone()), balance.location_id.clone());
            let body = KnownBody { lot_id, location_id, ..KnownBody::default() };
            desk.found.push(with_units(WorkKind::Inspect, balance, lot, body));
        }
    }
    Ok(())
}

/// What passed is released by somebody who did not inspect it (DOMAIN rule 12), unless a hold covers it. Whether the gate has more to
/// say is known when it is asked.
fn passed(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (releases, sends) = (desk.wants(WorkKind::Release), desk.wants(WorkKind::SendBack));
    if !releases && !sends {
        return Ok(());
    }
    let found = waiting(desk, AccountKind::Passed)?;
    let ids: Vec<_> = found.iter().filter_map(|(balance, _)| balance.inspection_id.as_ref()).collect();
    let inspections = crate::inspections::service::inspections(desk.view.db, &desk.view.caller.organisation_id, &ids)?;
    let (mut to_release, mut to_send) = (0, 0);
    for (balance, lot) in &found {
        let is_expired = is_expired(desk, balance)?;
        if is_expired && sends && to_send < desk.most() {
            to_send += 1;
            desk.found.push(with_units(WorkKind::SendBack, balance, lot, leaving(balance, lot)));
        }
        let inspection = inspections.iter().find(|inspection| Some(&inspection.id) == balance.inspection_id.as_ref());
        let is_own = inspection.is_some_and(|inspection| desk.view.caller.is(&inspection.inspector));
        if is_expired || is_own || !releases || to_release >= desk.most() || covered(desk, lot)? {
            continue;
        }
        to_release += 1;
        let (from_location_id, units) = (balance.location_id.clone(), Some(balance.units));
        let body = KnownBody { from_location_id, units, ..KnownBody::default() };
        let mut release = with_units(WorkKind::Release, balance, lot, body);
        release.id = lot.id.to_string();
        if let Some(inspection) = inspection {
            release.since = inspection.occurred_at;
            release.about.person = Some(inspection.inspector.clone());
        }
        desk.found.push(release);
    }
    Ok(())
}

/// Whether a hold that is open covers all of a lot.
fn covered(desk: &mut Desk<'_, '_>, lot: &Lot) -> Result<bool> {
    let covers = |hold: &Hold| match hold.scope_type {
        ScopeType::Lot => hold.scope_id == lot.id.as_str() && !hold.is_of_packs(),
        ScopeType::Product => hold.scope_id == lot.product_id.as_str(),
        ScopeType::Account => false,
    };
    Ok(desk.open_holds()?.iter().any(covers))
}

fn rejected(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::SendBack) {
        return Ok(());
    }
    let found = waiting(desk, AccountKind::Rejected)?;
    let sent = found.iter().take(desk.most());
    let sent: Vec<_> =
        sent.map(|(balance, lot)| with_units(WorkKind::SendBack, balance, lot, leaving(balance, lot))).collect();
    desk.found.extend(sent);
    Ok(())
}

fn to_set_apart(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::SetApart) {
        return Ok(());
    }
    let (site, today) = (desk.looking.site.as_ref(), desk.looking.today);
    let found = crate::stock::service::misplaced(desk.view.db, desk.view.caller, site, today, ENTRIES_MAX)?;
    let moved = found.iter().map(|(balance, lot)| with_units(WorkKind::SetApart, balance, lot, leaving(balance, lot)));
    desk.found.extend(moved);
    Ok(())
}

/// Opened units whose in-use life is over, or which have expired (DOMAIN rules 14 and 18).
fn opened(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::DiscardContainer) {
        return Ok(());
    }
    let found = waiting(desk, AccountKind::InUse)?;
    let ids: Vec<_> = found.iter().filter_map(|(balance, _)| balance.container_id.as_ref()).collect();
    let containers = crate::containers::service::by_ids(desk.view.db, &desk.view.caller.organisation_id, &ids)?;
    let mut past = Vec::new();
    for (balance, lot) in &found {
        let Some(container) = containers.iter().find(|one| Some(&one.id) == balance.container_id.as_ref()) else {
            continue;
        };
        if container.usable_until < desk.view.now && past.len() < desk.most() {
            let discard = with_units(WorkKind::DiscardContainer, balance, lot, KnownBody::default());
            let mut about = discard.about.clone();
            about.person = Some(container.opened_by.clone());
            let (subject, until) = (container.id.to_string(), container.usable_until);
            let (id, due) = (subject.clone(), Some(until));
            past.push(Waiting { subject, id, about, since: until, due, body: None, ..discard });
        }
    }
    desk.found.append(&mut past);
    Ok(())
}

fn found_units(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::CountFound) {
        return Ok(());
    }
    let site = desk.looking.site.as_ref();
    for (void, of) in crate::treatment::service::to_count(desk.view.db, desk.view.caller, site, ENTRIES_MAX)? {
        let body = KnownBody {
            lot_id: Some(of.lot_id.clone()),
            location_id: void.location_id.clone(),
            ..KnownBody::default()
        };
        let about = About {
            product: Some(of.product_id),
            lot: Some(of.lot_id),
            site: Some(of.site_id),
            location: void.location_id,
            person: Some(void.voided_by),
            ..About::default()
        };
        let (units, body) = (Some(void.units_to_count), Some(body));
        let count = Waiting::of(WorkKind::CountFound, &void.id, void.recorded_at);
        desk.found.push(Waiting { about, units, body, ..count });
    }
    Ok(())
}

/// Differences that wait for a second person: not for whoever counted.
fn counts(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::ApproveCount) {
        return Ok(());
    }
    let site = desk.looking.site.clone();
    for count in service::differences(desk.view, site.as_ref())? {
        if count.status != MovementStatus::Waiting || desk.view.caller.is(&count.moved_by) {
            continue;
        }
        let about = About {
            lot: Some(count.lot_id),
            site: Some(count.site_id),
            location: count.location_id,
            person: Some(count.moved_by),
            ..About::default()
        };
        let approve = Waiting::of(WorkKind::ApproveCount, &count.id, count.recorded_at);
        desk.found.push(Waiting { about, units: Some(count.units), ..approve });
    }
    Ok(())
}

/// Stock-takes that people count in, and those whose differences wait for somebody who did not.
fn stock_takes(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (counts, approves) = (desk.wants(WorkKind::CountStockTake), desk.wants(WorkKind::ApproveStockTake));
    if !counts && !approves {
        return Ok(());
    }
    let organisation = &desk.view.caller.organisation_id;
    let open = crate::stocktakes::service::waiting(desk.view.db, organisation, ENTRIES_MAX)?;
    for take in open {
        let (kind, since) = match (take.state, take.closed_at) {
            (StockTakeState::Closed, Some(closed_at)) => (WorkKind::ApproveStockTake, closed_at),
            _ => (WorkKind::CountStockTake, take.opened_at),
        };
        let is_wanted = if kind == WorkKind::ApproveStockTake { approves } else { counts };
        if !is_wanted || !desk.is_seen(&take.site_id) {
            continue;
        }
        let is_own = kind == WorkKind::ApproveStockTake
            && crate::stocktakes::service::counted_in(desk.view.db, desk.view.caller, &take)?;
        if is_own {
            continue;
        }
        let about = About {
            site: Some(take.site_id.clone()),
            location: take.location_ids.first().cloned().filter(|_| take.location_ids.len() == 1),
            person: Some(take.closed_by.clone().unwrap_or_else(|| take.opened_by.clone())),
            what: take.reason.as_ref().map(ToString::to_string),
            ..About::default()
        };
        desk.found.push(Waiting { about, due: take.due, ..Waiting::of(kind, &take.id, since) });
    }
    Ok(())
}
