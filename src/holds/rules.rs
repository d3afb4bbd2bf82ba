//! What a hold forbids.

use super::model::{CauseType, Hold, ScopeType, available_side};
use crate::clock::Moment;
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::ids::LotId;
use crate::stock::model::{Account, Disposition, Lot, Posting};

/// DOMAIN rules 17 and 21: what is on hold or recalled is never administered or released, and there is no override.
///
/// A hold on one account says nothing of the lot elsewhere: its units are simply not available there.
pub fn not_held(lot: &Lot, holds: &[Hold], findings: &mut Findings) {
    for hold in holds {
        findings.rests_on(Basis::Hold {
            id: hold.id.to_string(),
            scope_type: hold.scope_type.to_string(),
            scope_id: hold.scope_id.clone(),
            reason: hold.reason.to_string(),
            opened_at: hold.opened_at,
        });
    }
    for hold in holds.iter().filter(|hold| hold.scope_type != ScopeType::Account) {
        refuse_for(lot, hold, findings);
    }
}

/// The same for units that would come to a place: there a hold on the account that they would be in counts like one on
/// the lot.
pub fn not_covered(lot: &Lot, holds: &[Hold], findings: &mut Findings) {
    not_held(lot, holds, findings);
    for hold in holds.iter().filter(|hold| hold.scope_type == ScopeType::Account) {
        refuse_for(lot, hold, findings);
    }
}

/// Of holds those that reach what postings take: one on packs reaches these packs only.
pub fn reaching(holds: Vec<Hold>, taken: &[Posting]) -> Vec<Hold> {
    let reaches = |hold: &Hold| !hold.is_of_packs() || taken.iter().any(|line| hold.takes(line.pack_id.as_ref()));
    holds.into_iter().filter(reaches).collect()
}

/// Whether somebody else must lift it than who opened it: a hold that reaches above a lot is an alarm for the whole product,
/// and nobody calls off their own.
pub fn needs_another(hold: &Hold) -> bool {
    hold.scope_type == ScopeType::Product
}

/// Whether a hold on an account of a lot covers units that are available there: one that was entered late took them only
/// from its entry on, and they were held from its moment on all the same (DOMAIN rules 17 and 20a).
pub fn covers(hold: &Hold, lot: &LotId, account: &Account) -> bool {
    hold.scope_type == ScopeType::Account
        && available_side(lot, account).is_some_and(|side| side.as_str() == hold.scope_id)
}

/// The times from a moment on at which a hold covers units, one after the other: holds that overlap are one.
fn covered(holds: &[Hold]) -> Vec<(Moment, Option<Moment>)> {
    let mut spans: Vec<_> = holds.iter().map(|hold| (hold.opened_at, hold.lifted_at)).collect();
    spans.sort();
    let mut joined: Vec<(Moment, Option<Moment>)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some((_, None)) => {}
            Some((_, Some(end))) if *end >= from => match to {
                Some(to) => *end = (*end).max(to),
                None => {
                    if let Some(last) = joined.last_mut() {
                        last.1 = None;
                    }
                }
            },
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// What holds that were opened after units became available take of them, and give back where they were lifted.
pub fn take(freed: &Posting, since: &[Hold]) -> Vec<Posting> {
    let held = freed.to.turned(Disposition::Held);
    let line = |from: &Account, to: &Account, at: Moment| Posting {
        from: from.clone(),
        to: to.clone(),
        at: Some(at),
        ..freed.clone()
    };
    covered(since)
        .into_iter()
        .flat_map(|(from, to)| {
            let back = to.map(|to| line(&held, &freed.to, to));
            [Some(line(&freed.to, &held, from)), back]
        })
        .flatten()
        .collect()
}

/// The reason that one hold is.
pub fn refuse_for(lot: &Lot, hold: &Hold, findings: &mut Findings) {
    let (code, what) = code_for(hold);
    let called = hold.cause_reference.as_ref().map(|reference| format!(" ({reference})")).unwrap_or_default();
    let message = format!("Lot {} is {what}{called}: {}", lot.lot, hold.reason);
    let subject = match &hold.cause_reference {
        Some(reference) => Subject::new(SubjectType::Recall, reference),
        None => Subject::new(SubjectType::Hold, &hold.id),
    };
    findings.refuse(code, subject, message);
}

/// The code of the reason that one hold is, and what a lot under it is.
pub fn code_for(hold: &Hold) -> (ReasonCode, &'static str) {
    match hold.cause_type {
        CauseType::Recall => (ReasonCode::LotRecalled, "recalled"),
        _ => (ReasonCode::LotOnHold, "on hold"),
    }
}
