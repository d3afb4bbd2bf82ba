//! Work with what the organisation keeps in order: orders, licences, authorisations, sensors, texts of lots, people who are refused.

use sha2::{Digest, Sha256};

use super::super::kinds::WorkKind;
use super::super::rules::{self, Lapse};
use super::super::service;
use super::super::waiting::{About, Waiting};
use super::super::wire::{KnownBody, KnownQuery};
use super::Desk;
use crate::caller::Extent;
use crate::clock::Moment;
use crate::error::Result;
use crate::ids::SiteId;
use crate::licences::model::{CheckOutcome, Doubt, Held, HolderType, Licence};
use crate::licences::people::doubts;
use crate::licences::wire::Holder;
use crate::purchasing::model::{Order, OrderStatus};
use crate::sensors::model::Sensor;
use crate::values::hex;

pub(super) fn find(desk: &mut Desk<'_, '_>) -> Result<()> {
    orders(desk)?;
    claims(desk)?;
    licences(desk)?;
    approvals(desk)?;
    sensors(desk)?;
    similar_lots(desk)?;
    refusals(desk)
}

/// Orders whose goods are late or are expected within the days that are looked ahead, and those of which a part has come.
fn orders(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (site, today, most) = (desk.looking.site.clone(), desk.looking.today, desk.most());
    if desk.wants(WorkKind::ReceiveOrder) {
        let before = desk.looking.horizon.unwrap_or(today);
        let due = crate::purchasing::service::overdue(desk.view.db, desk.view.caller, site.as_ref(), before, most)?;
        // One of which a part has come is waited for when it is late; before that, the rest may still come (see below).
        let is_to_come = |order: &Order| order.status == OrderStatus::Placed || order.is_overdue(today);
        for order in due.into_iter().filter(is_to_come) {
            let body = KnownBody {
                order_id: Some(order.id.clone()),
                supplier_id: Some(order.supplier_id.clone()),
                site_id: Some(order.site_id.clone()),
                ..KnownBody::default()
            };
            let receive = with_order(desk, WorkKind::ReceiveOrder, order)?;
            desk.found.push(Waiting { body: Some(body), ..receive });
        }
    }
    if desk.wants(WorkKind::CompleteOrder) {
        let short = crate::purchasing::service::short(desk.view.db, desk.view.caller, site.as_ref(), today, most)?;
        for order in short {
            let close = with_order(desk, WorkKind::CompleteOrder, order)?;
            desk.found.push(close);
        }
    }
    Ok(())
}

/// What is to be done about an order; it is due at the end of the day on which its goods were expected.
fn with_order(desk: &mut Desk<'_, '_>, kind: WorkKind, order: Order) -> Result<Waiting> {
    let zone = desk.zone(&order.site_id)?;
    let due = order.expected_on.map(|day| Moment::end_of(day, zone));
    let about = About {
        site: Some(order.site_id),
        supplier: Some(order.supplier_id),
        person: order.placed_by,
        what: order.reference.map(|reference| reference.to_string()),
        ..About::default()
    };
    Ok(Waiting { about, due, ..Waiting::of(kind, &order.id, order.placed_at.unwrap_or(order.created_at)) })
}

/// Claims that must go to their suppliers, and those that wait for an answer.
fn claims(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (sends, settles) = (desk.wants(WorkKind::SendClaim), desk.wants(WorkKind::SettleClaim));
    if !sends && !settles {
        return Ok(());
    }
    let organisation = &desk.view.caller.organisation_id;
    for claim in crate::claims::service::waiting(desk.view.db, organisation, service::ENTRIES_MAX)? {
        let (kind, since) = match claim.sent_at {
            Some(sent_at) => (WorkKind::SettleClaim, sent_at),
            None => (WorkKind::SendClaim, claim.opened_at),
        };
        let is_wanted = if kind == WorkKind::SendClaim { sends } else { settles };
        if is_wanted && desk.is_seen(&claim.site_id) {
            let about = About {
                site: Some(claim.site_id),
                supplier: Some(claim.supplier_id),
                person: Some(claim.sent_by.unwrap_or(claim.opened_by)),
                what: claim.reference.map(|reference| reference.to_string()),
                ..About::default()
            };
            desk.found.push(Waiting { about, ..Waiting::of(kind, &claim.id, since) });
        }
    }
    Ok(())
}

/// Licences that lapse, that rest on one person, or whose holder is known by no subject. Those of a site are for whoever sees it,
/// the others for those whose token is for all sites: nobody else may change them.
fn licences(desk: &mut Desk<'_, '_>) -> Result<()> {
    let kinds = [WorkKind::RenewLicence, WorkKind::VerifyLicence, WorkKind::VerifyAgain, WorkKind::NameSubject];
    let touched = desk.wants(WorkKind::ReviewTouched);
    if !touched && !kinds.into_iter().any(|kind| desk.wants(kind)) {
        return Ok(());
    }
    let mut held = crate::licences::service::all(desk.view.db, desk.view.caller)?;
    if touched {
        review_touched(desk, &held)?;
    }
    let horizon = desk.looking.at_licences(desk.view.now);
    let lapsing: Vec<_> = rules::to_act_on(&held, &horizon)
        .into_iter()
        .map(|(held, lapse, on)| (held.clone(), lapse, on))
        .filter(|(held, ..)| is_within(desk, &held.licence))
        .collect();
    for (held, lapse, on) in lapsing {
        let kind = match lapse {
            Lapse::Expired | Lapse::ExpiresSoon => WorkKind::RenewLicence,
            Lapse::CheckMissing | Lapse::CheckFailed | Lapse::CheckStale | Lapse::CheckDue => WorkKind::VerifyLicence,
        };
        if !desk.wants(kind) {
            continue;
        }
        let (since, due) = match lapse {
            Lapse::CheckMissing => (held.licence.registered_at, None),
            Lapse::CheckFailed => (Moment::start_of(on).min(desk.view.now), None),
            _ => (desk.since(on), Some(Moment::end_of(on, horizon.zone))),
        };
        let body = (kind == WorkKind::RenewLicence).then(|| renewed(&held.licence));
        desk.found.push(Waiting { due, body, ..with_licence(kind, &held.licence, since) });
    }
    held.retain(|held| held.licence.valid_to >= horizon.today && is_within(desk, &held.licence));
    by_one_person(desk, &held, horizon.recheck_days);
    Ok(())
}

/// Licences that rest on less than two people.
fn by_one_person(desk: &mut Desk<'_, '_>, held: &[Held], recheck_days: i64) {
    let doubted = held.iter().map(|held| (held, doubts(held, desk.view.now, recheck_days)));
    let doubted: Vec<_> = doubted.filter(|(_, found)| !found.is_empty()).take(desk.most()).collect();
    for (Held { licence, registered_by, holder_subject, .. }, found) in doubted {
        let own = holder_subject.as_deref().is_some_and(|subject| desk.view.caller.is(subject));
        let is_another = !own && !desk.view.caller.is(registered_by);
        if found.contains(&Doubt::OnePerson) && is_another && desk.wants(WorkKind::VerifyAgain) {
            let mut again = with_licence(WorkKind::VerifyAgain, licence, licence.registered_at);
            again.about.person = Some(registered_by.clone());
            desk.found.push(again);
        }
        if found.contains(&Doubt::HolderWithoutSubject) && desk.wants(WorkKind::NameSubject) {
            let name = Waiting::of(WorkKind::NameSubject, &licence.holder_id, licence.registered_at);
            let about = About { practitioner: licence.holder_id.parse().ok(), ..About::default() };
            desk.found.push(Waiting { about, ..name });
        }
    }
}

/// Whether the caller's token reaches what a licence is of, and it is of what is asked for.
fn is_within(desk: &Desk<'_, '_>, licence: &Licence) -> bool {
    match (licence.holder_type, licence.holder_id.parse::<SiteId>()) {
        (HolderType::Site, Ok(site)) => desk.is_seen(&site),
        (HolderType::Site, Err(_)) => false,
        _ => desk.view.caller.reaches(&Extent::Shared),
    }
}

/// What is to be done about a licence.
fn with_licence(kind: WorkKind, licence: &Licence, since: Moment) -> Waiting {
    let Licence { id, holder_type, holder_id, authority, number, .. } = licence;
    let mut about = About { what: Some(format!("{} {authority} {number}", licence.kind)), ..About::default() };
    match holder_type {
        HolderType::Site => about.site = holder_id.parse().ok(),
        HolderType::Supplier => about.supplier = holder_id.parse().ok(),
        HolderType::Practitioner => about.practitioner = holder_id.parse().ok(),
        HolderType::Organisation => {}
    }
    Waiting { about, ..Waiting::of(kind, id, since) }
}

/// The licence that follows one: the same but for when it is valid.
fn renewed(licence: &Licence) -> KnownBody {
    KnownBody {
        holder: Some(Holder { kind: licence.holder_type, id: licence.holder_id.clone() }),
        kind: Some(licence.kind),
        authority: Some(licence.authority.clone()),
        number: Some(licence.number.clone()),
        jurisdiction: Some(licence.jurisdiction.clone()),
        product_classes: Some((*licence.product_classes).clone()),
        ..KnownBody::default()
    }
}

/// What rested on licences that were lost earlier than anybody knew, since when that is known.
fn review_touched(desk: &mut Desk<'_, '_>, held: &[Held]) -> Result<()> {
    let (site, most) = (desk.looking.site.clone(), desk.most());
    for (licence, _) in crate::licences::service::touching(desk.view.db, desk.view.caller, site.as_ref(), most)? {
        if !is_within(desk, &licence) {
            continue;
        }
        let checks = held.iter().filter(|held| held.licence.id == licence.id).flat_map(|held| &held.checks);
        let adverse = checks.filter(|check| check.outcome != CheckOutcome::Verified).map(|check| check.recorded_at);
        let since = adverse.max().unwrap_or(licence.registered_at);
        desk.found.push(with_licence(WorkKind::ReviewTouched, &licence, since));
    }
    Ok(())
}

fn approvals(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::VerifyApproval) {
        return Ok(());
    }
    for (product, place, _, due) in service::approvals(desk.view, desk.looking)? {
        let verify = Waiting::of(WorkKind::VerifyApproval, &product.id, desk.since(due));
        let subject = format!("{}.{}", product.id, place.as_str().to_lowercase());
        let about = About { product: Some(product.id), what: Some(place.to_string()), ..About::default() };
        let due = Some(Moment::end_of(due, desk.looking.zone));
        desk.found.push(Waiting { subject, about, due, ..verify });
    }
    Ok(())
}

fn sensors(desk: &mut Desk<'_, '_>) -> Result<()> {
    let (calibrates, checks) = (desk.wants(WorkKind::CalibrateSensor), desk.wants(WorkKind::CheckSensor));
    if !calibrates && !checks {
        return Ok(());
    }
    let (now, most) = (desk.view.now, desk.most());
    let found = service::sensors(desk.view, desk.looking)?;
    if calibrates {
        for (sensor, due) in service::to_calibrate(&found, desk.looking.horizon, most) {
            let (zone, since) = (desk.zone(&sensor.site_id)?, desk.since(due));
            let due = Some(Moment::end_of(due, zone));
            desk.found.push(Waiting { due, ..with_sensor(WorkKind::CalibrateSensor, sensor, since) });
        }
    }
    if checks {
        for (sensor, _, since) in service::silent(&found, now, most) {
            desk.found.push(with_sensor(WorkKind::CheckSensor, sensor, since));
        }
        for (sensor, suspicions) in service::suspect(desk.view, &found, most)? {
            let since = suspicions.iter().filter_map(crate::sensors::suspicions::Suspicion::at).min().unwrap_or(now);
            desk.found.push(with_sensor(WorkKind::CheckSensor, sensor, since));
        }
    }
    Ok(())
}

fn with_sensor(kind: WorkKind, sensor: Sensor, since: Moment) -> Waiting {
    let check = Waiting::of(kind, &sensor.id, since);
    let about = About {
        site: Some(sensor.site_id),
        location: Some(sensor.location_id),
        what: Some(sensor.name.to_string()),
        ..About::default()
    };
    Waiting { about, ..check }
}

fn similar_lots(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::CompareLots) {
        return Ok(());
    }
    let site = desk.looking.site.clone();
    for (older, newer) in crate::stock::service::alike(desk.view, site.as_ref(), service::ENTRIES_MAX)? {
        let subject = format!("{}.{}", newer.id, older.id);
        let compare = Waiting::of(WorkKind::CompareLots, &newer.id, newer.first_received_at);
        let about = About {
            product: Some(newer.product_id),
            lot: Some(newer.id),
            what: Some(older.lot.to_string()),
            ..About::default()
        };
        desk.found.push(Waiting { subject, about, ..compare });
    }
    Ok(())
}

fn refusals(desk: &mut Desk<'_, '_>) -> Result<()> {
    if !desk.wants(WorkKind::LookIntoRefusals) {
        return Ok(());
    }
    let (site, most) = (desk.looking.site.clone(), desk.most());
    for refused in service::refused(desk.view, site.as_ref(), most)? {
        // Whatever somebody is called, a digest of it stands in a cursor.
        let digest = Sha256::digest(refused.subject.as_bytes());
        let told = hex::first(&digest, 16);
        let look = Waiting::of(WorkKind::LookIntoRefusals, &told, refused.since);
        let query = KnownQuery { kind: "gate_refused", actor: refused.subject.clone() };
        let what = Some(refused.last_reasons.join(" "));
        let about = About { person: Some(refused.subject), what, ..About::default() };
        desk.found.push(Waiting { about, query: Some(query), ..look });
    }
    Ok(())
}
