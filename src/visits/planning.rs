//! What is due after what was done in a visit, by the protocols that are in force when it is signed.

use chrono::NaiveDate;

use super::model::{Ending, FollowUp, FollowUpKind, Visit};
use super::store;
use crate::catalogue::model::ProductClass;
use crate::command::Command;
use crate::error::Result;
use crate::ids::{FollowUpId, ProductId};
use crate::limits::VISIT_ADMINISTRATIONS_MAX;
use crate::protocols::model::{Check, Content, Protocol, ProtocolKind};
use crate::protocols::rules::that_counts;
use crate::values::Word;

/// What is due after what was administered in a visit: each check of the follow-up protocols that count, and when it is usual to treat
/// again. Days count from the last treatment.
pub(super) fn planned(cmd: &mut Command<'_>, visit: &Visit) -> Result<(Vec<FollowUp>, Vec<Ending>)> {
    let organisation = cmd.organisation();
    let used = store::used(cmd.db, organisation, &visit.id, VISIT_ADMINISTRATIONS_MAX)?;
    let Some(last) = used.iter().map(|(_, at)| *at).max() else { return Ok((Vec::new(), Vec::new())) };
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &visit.site_id)?;
    let day = last.day_in(site.time_zone.rules());
    let ids: Vec<&ProductId> = used.iter().map(|(product, _)| product).collect();
    let products = crate::catalogue::service::by_ids(cmd.db, organisation, &ids)?;
    let mut rests: Vec<(Protocol, ProductClass)> = Vec::new();
    for product in &products {
        let in_force = crate::protocols::service::in_force(&mut cmd.known, cmd.db, product, day)?;
        for kind in [ProtocolKind::FollowUp, ProtocolKind::Retreatment] {
            let Some(found) = that_counts(&in_force, kind) else { continue };
            // One document is followed once, however many products it is for; when to treat again is of each class.
            let is_same = |(rest, class): &(Protocol, ProductClass)| {
                rest.id == found.id && (kind == ProtocolKind::FollowUp || *class == product.class)
            };
            if !rests.iter().any(is_same) {
                rests.push((found.clone(), product.class));
            }
        }
    }
    let mut planned = Vec::new();
    for (protocol, class) in &rests {
        for (kind, check_code, class, after) in due(protocol, *class) {
            let Some(due_on) = later(day, after) else { continue };
            planned.push(FollowUp {
                id: cmd.mint(FollowUpId::mint),
                organisation_id: organisation.clone(),
                visit_id: visit.id.clone(),
                site_id: visit.site_id.clone(),
                patient_id: visit.patient_id.clone(),
                practitioner_id: visit.practitioner_id.clone(),
                kind,
                protocol_id: protocol.id.clone(),
                check_code,
                class,
                due_on,
                planned_at: cmd.now,
                ended_by: None,
                ended_at: None,
                entry_id: None,
                ended_in: None,
                end_reason: None,
            });
        }
    }
    let classes: Vec<ProductClass> = products.iter().map(|product| product.class).collect();
    let waiting = store::of_patient(cmd.db, organisation, &visit.patient_id, FollowUpKind::Retreatment)?;
    let again = waiting.into_iter().filter(|due| due.class.is_some_and(|class| classes.contains(&class)));
    let ended = again.map(|due| Ending { visit_id: Some(visit.id.clone()), ..ending(cmd, due.id) }).collect();
    Ok((planned, ended))
}

fn later(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    day.checked_add_days(chrono::Days::new(u64::try_from(days).ok()?))
}

type Due = (FollowUpKind, Option<Word>, Option<ProductClass>, i64);

/// What a protocol says is due, and after how many days.
fn due(protocol: &Protocol, class: ProductClass) -> Vec<Due> {
    match &*protocol.content {
        Content::FollowUp(asked) => {
            let check = |check: &Check| (FollowUpKind::Check, Some(check.code.clone()), None, check.after_days);
            asked.checks.iter().map(check).collect()
        }
        Content::Retreatment(asked) => {
            asked.usual_days.map(|days| (FollowUpKind::Retreatment, None, Some(class), days)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Ends what is due, now.
pub(super) fn ending(cmd: &Command<'_>, id: FollowUpId) -> Ending {
    Ending {
        follow_up_id: id,
        by: cmd.caller.subject.clone(),
        at: cmd.now,
        entry_id: None,
        visit_id: None,
        reason: None,
    }
}
