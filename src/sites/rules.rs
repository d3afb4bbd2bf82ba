//! What may lie at a place, and what becomes of that when the place changes.

use super::model::{Location, Purpose};
use crate::catalogue::model::Product;
use crate::decision::{Findings, ReasonCode};
use crate::stock::model::AccountKind;

/// Whether units may stay where they lie when the place is for something else.
///
/// DOMAIN rule 12: what is apart reaches stock only by release, so no place with units in it becomes one for stock, and
/// what may be used lies in stock. What is set apart anyway (held, rejected) may stay when stock becomes a place apart.
pub fn may_stay(kind: AccountKind, earlier: Purpose, now: Purpose) -> bool {
    match (earlier, now) {
        (earlier, now) if earlier == now => true,
        (_, Purpose::Stock) => false,
        (Purpose::Stock, _) => !matches!(kind, AccountKind::Available | AccountKind::InUse),
        _ => true,
    }
}

/// Whether a product that may be kept at a place may no longer be when the place changes its band or its classes
/// (DOMAIN rule 13). What should not have lain there before does not stand in the way.
pub fn is_put_out(product: &Product, earlier: &Location, now: &Location) -> bool {
    let refused = |location: &Location| -> Vec<ReasonCode> {
        let mut findings = Findings::default();
        crate::stock::rules::may_be_kept(product, location, &mut findings);
        findings.reasons.iter().map(|reason| reason.code).collect()
    };
    let before = refused(earlier);
    refused(now).iter().any(|code| !before.contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccountKind::{Available, Held, InUse, Quarantined, Rejected};
    use Purpose::{Quarantine, Returns, Stock};

    #[test]
    fn units_stay_where_they_could_have_been_put() {
        let rows = [
            // DOMAIN rule 12: quarantine is left for stock by release alone, and a new sign on the door is none
            (Quarantined, Quarantine, Stock, false),
            (Rejected, Quarantine, Stock, false),
            (Held, Quarantine, Stock, false),
            (Quarantined, Returns, Stock, false),
            // DOMAIN rule 8: what may be used lies in stock
            (Available, Stock, Quarantine, false),
            (Available, Stock, Returns, false),
            (InUse, Stock, Quarantine, false),
            // DOMAIN rule 20: setting apart is never refused
            (Held, Stock, Quarantine, true),
            (Rejected, Stock, Returns, true),
            (Quarantined, Quarantine, Returns, true),
            (Rejected, Returns, Quarantine, true),
            // nothing changes
            (Available, Stock, Stock, true),
            (Quarantined, Quarantine, Quarantine, true),
        ];
        for (kind, earlier, now, expected) in rows {
            assert_eq!(may_stay(kind, earlier, now), expected, "{kind}: {earlier} becomes {now}");
        }
    }
}
