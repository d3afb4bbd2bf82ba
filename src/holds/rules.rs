//! What a hold forbids.

use super::model::{CauseType, Hold, ScopeType};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::stock::model::Lot;

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

/// The reason that one hold is.
pub fn refuse_for(lot: &Lot, hold: &Hold, findings: &mut Findings) {
    let (code, what) = match hold.cause_type {
        CauseType::Recall => (ReasonCode::LotRecalled, "recalled"),
        _ => (ReasonCode::LotOnHold, "on hold"),
    };
    let message = format!("Lot {} is {what}: {}", lot.lot, hold.reason);
    findings.refuse(code, Subject::new(SubjectType::Hold, &hold.id), message);
}
