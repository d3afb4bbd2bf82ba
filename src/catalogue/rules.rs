//! Where a product may be used.

use std::collections::HashSet;

use super::model::{Approval, ApprovalStatus, DeviceIdentifier, Product, ProductClass};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::http::problem::ProblemCode;
use crate::values::{Jurisdiction, Packs};

/// DOMAIN rule 5: a product must be authorised in the site's jurisdiction; unknown is not authorised.
///
/// The entry for the jurisdiction itself governs; where there is none, that of its country.
pub fn authorised(product: &Product, jurisdiction: &Jurisdiction, findings: &mut Findings) {
    let governing = governing(&product.approvals, jurisdiction);
    if let Some(approval) = governing {
        findings.rests_on(Basis::Approval {
            product_id: product.id.to_string(),
            jurisdiction: approval.jurisdiction.to_string(),
            status: approval.status.to_string(),
            source: approval.source.to_string(),
            verified_on: approval.verified_on,
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
    }
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
