//! What an opened unit may be used for (DOMAIN rule 18).

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::model::Container;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::stock::model::Lot;
use crate::values::decimal;

/// Until when an opened unit can be used: its in-use life from its opening, and no longer than the day that ends its use
/// unopened (DOMAIN rule 14).
pub fn usable_until(opened_at: Moment, in_use_hours: Option<i32>, use_by: NaiveDate, zone: Tz) -> Moment {
    let sealed = Moment::end_of(use_by, zone);
    in_use_hours.map_or(sealed, |hours| opened_at.plus_minutes(i64::from(hours).saturating_mul(60)).min(sealed))
}

/// The volume of a unit with what it was diluted with, in microlitres: its own where it is measured by volume. That of a powder
/// is left out, as labels do. None where nobody knows.
pub fn volume_ul(product: &Product, diluent_ul: Option<i64>) -> Option<i64> {
    let millionths = product.unit_amount.millionths();
    let own = match product.unit_amount_unit.as_str() {
        "mL" | "ml" | "cc" => Some(millionths.div_euclid(1000)),
        "µL" | "μL" | "uL" | "ul" => Some(millionths.div_euclid(1_000_000)),
        _ => None,
    };
    match (own, diluent_ul) {
        (None, None) => None,
        (own, diluent) => Some(own.unwrap_or_default().saturating_add(diluent.unwrap_or_default())),
    }
}

/// How an opened unit is to be used.
pub struct Use<'a> {
    /// The container.
    pub container: &'a Container,
    /// Its lot.
    pub lot: &'a Lot,
    /// Its product.
    pub product: &'a Product,
    /// The last day on which it can be used, as the books have it.
    pub use_by: NaiveDate,
    /// When.
    pub at: Moment,
    /// The day that is at the site.
    pub day: NaiveDate,
    /// The time zone of the site.
    pub zone: Tz,
    /// Whether it was used for another patient.
    pub is_anothers: bool,
    /// Who said, and when, that a unit of the product may serve several.
    pub shared: Option<&'a (String, Moment)>,
}

/// DOMAIN rules 14 and 18: within its in-use life and its expiry, and for one patient unless the product says otherwise.
pub fn may_be_used(asked: &Use<'_>, findings: &mut Findings) {
    let Use { container, lot, product, .. } = asked;
    let subject = || Subject::new(SubjectType::Container, &container.id);
    findings.rests_on(Basis::Container {
        id: container.id.to_string(),
        opened_at: container.opened_at,
        usable_until: container.usable_until,
        amount_left: decimal(container.amount_left),
        amount_unit: container.amount_unit.to_string(),
    });
    if asked.at > container.usable_until {
        let until = container.usable_until.told_in(asked.zone);
        let message = format!("This container of lot {} could be used until {until}: discard what is left.", lot.lot);
        findings.refuse(ReasonCode::ContainerInUseExpired, subject(), message);
    }
    // What the label or an assessment says; that its in-use life ends on that day is said above.
    let opened = asked.use_by == container.use_by;
    let use_by = if opened { container.sealed_use_by } else { asked.use_by };
    crate::stock::rules::not_expired(lot, use_by.min(lot.expiry), asked.day, findings);
    if !asked.is_anothers {
        return;
    }
    match asked.shared {
        Some((said_by, said_at)) => findings.rests_on(Basis::Shared {
            product_id: product.id.to_string(),
            said_by: said_by.clone(),
            said_at: *said_at,
        }),
        None => {
            let message = format!(
                "This container of lot {} was used for another patient, and {} is for one only.",
                lot.lot, product.name
            );
            findings.refuse(ReasonCode::ContainerOtherPatient, subject(), message);
        }
    }
}

/// Whether so much is left of it; where nothing is said of how much, anything.
pub fn has_left(container: &Container, lot: &Lot, amount: Option<i64>, findings: &mut Findings) {
    let left = container.amount_left;
    if left > 0 && amount.is_none_or(|amount| amount <= left) {
        return;
    }
    let unit = &container.amount_unit;
    let wanted = amount.map(|amount| format!(", not {} {unit}", decimal(amount))).unwrap_or_default();
    let message = format!("This container of lot {} has {} {unit} left{wanted}.", lot.lot, decimal(left));
    findings.refuse(ReasonCode::StockNotOnHand, Subject::new(SubjectType::Container, &container.id), message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opened_unit_is_used_until_the_first_of_its_ends() {
        // DOMAIN rules 14, 15 and 18. python3: datetime(2026,3,30,tzinfo=ZoneInfo('Europe/London')).astimezone(UTC) and the like.
        let rows = [
            ("2026-03-27T10:00:00Z", Some(24), "2026-06-30", "Europe/London", "2026-03-28T10:00:00.000000Z"),
            ("2026-03-28T10:00:00Z", Some(48), "2026-03-29", "Europe/London", "2026-03-29T22:59:59.999999Z"),
            ("2026-03-28T10:00:00Z", None, "2026-03-28", "Europe/London", "2026-03-28T23:59:59.999999Z"),
            ("2026-03-28T10:00:00Z", Some(87_600), "2026-12-31", "Pacific/Auckland", "2026-12-31T10:59:59.999999Z"),
            // A day that begins at one o'clock: 24 April 2026 in Cairo.
            ("2026-04-20T10:00:00Z", None, "2026-04-23", "Africa/Cairo", "2026-04-23T21:59:59.999999Z"),
        ];
        for (opened_at, hours, use_by, zone, expected) in rows {
            let zone: Tz = zone.parse().unwrap();
            let found = usable_until(opened_at.parse().unwrap(), hours, use_by.parse().unwrap(), zone);
            assert_eq!(found.to_string(), expected, "{opened_at} {hours:?} {use_by} {zone}");
        }
    }
}
