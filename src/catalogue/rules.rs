//! Where a product may be used.

use std::collections::HashSet;

use chrono::{Days, NaiveDate};

use super::model::{Approval, ApprovalStatus, DeviceIdentifier, Product, ProductClass};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::problem::ProblemCode;
use crate::values::{Jurisdiction, Packs, number};

/// DOMAIN rule 5: a product must be authorised in the site's jurisdiction, and somebody must have looked within the
/// organisation's interval; unknown is not authorised.
///
/// The entry for the jurisdiction itself governs; where there is none, that of its country. As with licences (rule 20a), an
/// entry speaks for the days before it, too.
pub fn authorised(
    product: &Product,
    jurisdiction: &Jurisdiction,
    day: NaiveDate,
    recheck_days: i64,
    findings: &mut Findings,
) {
    let governing = governing(&product.approvals, jurisdiction);
    if let Some(approval) = governing {
        findings.rests_on(Basis::Approval {
            product_id: product.id.to_string(),
            jurisdiction: approval.jurisdiction.to_string(),
            status: approval.status.to_string(),
            source: approval.source.to_string(),
            verified_on: approval.verified_on,
            recheck_days: Some(recheck_days),
        });
    }
    let status = governing.map_or(ApprovalStatus::Unknown, |approval| approval.status);
    if status != ApprovalStatus::Authorised {
        let why = match status {
            ApprovalStatus::NotAuthorised => "is not authorised",
            _ => "is not known to be authorised",
        };
        findings.refuse(
            ReasonCode::ProductNotAuthorised,
            Subject::new(SubjectType::Product, &product.id),
            format!("{} {why} in {jurisdiction}.", product.name),
        );
    } else if let Some(approval) = governing.filter(|approval| day > verify_by(approval.verified_on, recheck_days)) {
        findings.refuse(
            ReasonCode::ProductAuthorisationStale,
            Subject::new(SubjectType::Product, &product.id),
            format!(
                "The authorisation of {} in {} was last verified on {}, more than {} before.",
                product.name,
                approval.jurisdiction,
                approval.verified_on,
                number(recheck_days, "day")
            ),
        );
    }
}

/// The last day for which an authorisation counts that was verified on that day.
pub fn verify_by(verified_on: NaiveDate, recheck_days: i64) -> NaiveDate {
    let days = Days::new(u64::try_from(recheck_days).unwrap_or(0));
    verified_on.checked_add_days(days).unwrap_or(NaiveDate::MAX)
}

fn governing<'a>(approvals: &'a [Approval], jurisdiction: &Jurisdiction) -> Option<&'a Approval> {
    approvals
        .iter()
        .find(|approval| approval.jurisdiction == *jurisdiction)
        .or_else(|| approvals.iter().find(|approval| approval.jurisdiction.covers(jurisdiction)))
}

/// Nothing is done with what is not in the catalogue.
pub fn unknown(named: &DeviceIdentifier, findings: &mut Findings) {
    let message = format!("{named} is not in the catalogue.");
    findings.refuse(ReasonCode::ProductUnknown, Subject::new(SubjectType::Code, &named.value), message);
}

/// How many units so many packs are.
pub fn units(product: &Product, packs: Packs) -> i64 {
    // Both are limited (10,000 packs of 1,000 units): the result is far from overflowing.
    packs.get().saturating_mul(product.units_per_pack.get())
}

/// A list of classes names each once, and at least one.
///
/// # Errors
/// `empty_list`, `duplicate_entry`.
pub fn distinct_classes(field: &str, classes: &[ProductClass]) -> Result<()> {
    if classes.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, field, "needs at least one entry"));
    }
    if classes.iter().collect::<HashSet<_>>().len() < classes.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, field, "names a class twice"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn approval(jurisdiction: &str, status: ApprovalStatus) -> Approval {
        Approval {
            jurisdiction: jurisdiction.parse().unwrap(),
            status,
            source: "MHRA public access registration database".parse().unwrap(),
            verified_on: "2026-01-05".parse().unwrap(),
        }
    }

    #[test]
    fn an_authorisation_counts_until_somebody_must_look_again() {
        // DOMAIN rule 5: "a status with a source and a date it was verified on"; rule 20a for the days before
        // (python: date(2026, 1, 5) + timedelta(365) is 2027-01-05, + timedelta(30) is 2026-02-04)
        for (days, last_good) in [(365, "2027-01-05"), (30, "2026-02-04")] {
            let by = verify_by("2026-01-05".parse().unwrap(), days);
            assert_eq!(by.to_string(), last_good);
        }
        assert_eq!(verify_by(NaiveDate::MAX, 3650), NaiveDate::MAX);
    }

    #[test]
    fn the_nearest_entry_governs_and_unknown_is_not_authorised() {
        use ApprovalStatus::{Authorised, NotAuthorised, Unknown};
        let rows: [(&[(&str, ApprovalStatus)], &str, Option<ApprovalStatus>); 6] = [
            // DOMAIN rule 5, with rule 1's covering: an approval for GB counts in GB-ENG.
            (&[("GB", Authorised)], "GB-ENG", Some(Authorised)),
            (&[("GB", Authorised), ("GB-NIR", NotAuthorised)], "GB-NIR", Some(NotAuthorised)),
            (&[("GB", NotAuthorised), ("GB-ENG", Authorised)], "GB-ENG", Some(Authorised)),
            (&[("US", Authorised)], "GB", None),
            (&[("GB", Unknown)], "GB", Some(Unknown)),
            (&[], "GB", None),
        ];
        for (entries, site, expected) in rows {
            let approvals: Vec<_> = entries.iter().map(|(place, status)| approval(place, *status)).collect();
            let found = governing(&approvals, &site.parse().unwrap()).map(|approval| approval.status);
            assert_eq!(found, expected, "{entries:?} at {site}");
        }
    }
}
