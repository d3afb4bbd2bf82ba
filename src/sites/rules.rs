//! What may lie at a place, and what becomes of that when the place changes.

use super::model::{Location, Purpose};
use crate::catalogue::model::Product;
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::ledger::AccountKind;

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
        may_be_kept(product, location, &mut findings);
        findings.reasons.iter().map(|reason| reason.code).collect()
    };
    let before = refused(earlier);
    refused(now).iter().any(|code| !before.contains(code))
}

/// DOMAIN rule 13: put-away is refused where the product's labelled band does not contain the location's band, or the
/// location is set apart for other classes.
pub fn may_be_kept(product: &Product, location: &Location, findings: &mut Findings) {
    let subject = || Subject::new(SubjectType::Location, &location.id);
    findings.rests_on(Basis::Location {
        id: location.id.to_string(),
        purpose: location.purpose.to_string(),
        min_mc: location.min_mc,
        max_mc: location.max_mc,
        product_classes: location.product_classes.as_ref().map(|c| c.iter().map(ToString::to_string).collect()),
    });
    if location.min_mc < product.storage_min_mc || location.max_mc > product.storage_max_mc {
        findings.refuse(
            ReasonCode::LocationBandMismatch,
            subject(),
            format!(
                "{} must be kept between {} and {}; {} runs between {} and {}.",
                product.name,
                degrees(product.storage_min_mc),
                degrees(product.storage_max_mc),
                location.name,
                degrees(location.min_mc),
                degrees(location.max_mc),
            ),
        );
    }
    if location.product_classes.as_ref().is_some_and(|classes| !classes.contains(&product.class)) {
        findings.refuse(
            ReasonCode::LocationClassMismatch,
            subject(),
            format!("{} does not take {}.", location.name, product.class),
        );
    }
}

/// Milli-degrees as a person reads them.
fn degrees(milli: i32) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, rest) = (milli.unsigned_abs() / 1000, milli.unsigned_abs() % 1000);
    let fraction = format!(".{rest:03}");
    format!("{sign}{whole}{} °C", if rest == 0 { "" } else { fraction.trim_end_matches('0') })
}

#[cfg(test)]
mod tests {
    use super::*;
    use AccountKind::{Available, Held, InUse, Quarantined, Rejected};
    use Purpose::{Quarantine, Returns, Stock};

    #[test]
    fn degrees_read_as_people_write_them() {
        for (milli, text) in [(2000, "2 °C"), (-20_500, "-20.5 °C"), (-250, "-0.25 °C"), (0, "0 °C")] {
            assert_eq!(degrees(milli), text);
        }
    }

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
