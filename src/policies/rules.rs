//! What a policy may say, and what it denies.

use std::collections::HashSet;
use std::hash::Hash;

use super::model::{Current, DeniedAs, DeniedLot, Policy};
use crate::catalogue::model::{DeviceIdentifier, Product, ProductClass};
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::limits::READINGS_RETENTION_DAYS_MIN;
use crate::problem::ProblemCode;
use crate::suppliers::model::Supplier;
use crate::values::{LotText, Units};

/// The longest time that may be set for which readings are kept, in days: as long as any record.
const READINGS_RETENTION_DAYS_MAX: i64 = 36_500;
/// The most suppliers or lots that may be denied.
const LIST: usize = 1_000;

/// A policy has numbers that can be meant, and lists that name each thing once.
///
/// # Errors
/// `invalid_value`, `empty_list`, `duplicate_entry`, `list_too_long`.
pub fn well_formed(policy: &Policy) -> Result<()> {
    for (field, number, from, to) in [
        ("licence_recheck_days", policy.licence_recheck_days, 1, 3650),
        ("approval_recheck_days", policy.approval_recheck_days, 1, 3650),
        ("minimum_remaining_days", policy.minimum_remaining_days, 0, 3650),
        ("retention_years", policy.retention_years, 1, 100),
        ("count_found_to_approve", policy.count_found_to_approve(), 1, Units::MOST),
        ("count_missing_to_approve", policy.count_missing_to_approve(), 1, Units::MOST),
        ("evidence_quota_bytes", policy.evidence_quota_bytes(), 0, 1 << 50),
        (
            "readings_retention_days",
            policy.readings_retention_days.unwrap_or(READINGS_RETENTION_DAYS_MAX),
            READINGS_RETENTION_DAYS_MIN,
            READINGS_RETENTION_DAYS_MAX,
        ),
    ] {
        if !(from..=to).contains(&number) {
            return Err(Error::invalid(ProblemCode::InvalidValue, field, format!("must be from {from} to {to}")));
        }
    }
    for (class, checklist) in &policy.checklists {
        let field = format!("checklists.{class}");
        if checklist.is_empty() {
            return Err(Error::invalid(ProblemCode::EmptyList, &field, "needs at least one entry"));
        }
        distinct(&field, checklist)?;
    }
    for (class, gates) in &policy.treatment_gates {
        let field = format!("treatment_gates.{class}");
        if *class == ProductClass::ReversalAgent {
            let rule = "must not be: a reversal agent is for an emergency, and is never kept from a patient";
            return Err(Error::invalid(ProblemCode::InvalidValue, &field, rule));
        }
        distinct(&field, gates)?;
    }
    distinct("signing_requires", &policy.signing_requires)?;
    distinct("denied_suppliers", &policy.denied_suppliers)?;
    for (index, denied) in policy.denied_lots.iter().enumerate() {
        if denied.gtin.is_some() == denied.udi_di.is_some() {
            let rule = "names the product by gtin or by udi_di: give one of them";
            return Err(Error::invalid(ProblemCode::InvalidValue, &format!("denied_lots[{index}]"), rule));
        }
    }
    distinct("denied_lots", &policy.denied_lots)
}

fn distinct<T: Eq + Hash>(field: &str, list: &[T]) -> Result<()> {
    if list.len() > LIST {
        return Err(Error::invalid(ProblemCode::ListTooLong, field, format!("must have at most {LIST} entries")));
    }
    if list.iter().collect::<HashSet<_>>().len() < list.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, field, "names the same thing twice"));
    }
    Ok(())
}

/// DOMAIN rule 4: denied sellers are a list. Whoever is registered again, under the name or the GLN of one that is denied, is denied.
pub fn supplier_not_denied(policy: &Current, supplier: &Supplier, findings: &mut Findings) {
    let name = &supplier.name;
    let is_alike = |denied: &&DeniedAs| {
        crate::identity::same(denied.name.as_str(), name.as_str())
            || (denied.gln.is_some() && denied.gln == supplier.gln)
    };
    let message = if policy.denied_suppliers.contains(&supplier.id) {
        format!("{name} is on the organisation's list of denied suppliers.")
    } else if let Some(denied) = policy.denied_as.iter().find(is_alike) {
        let denied = &denied.name;
        format!(
            "{name} goes by the name or the GLN of {denied}, which is on the organisation's list of denied suppliers."
        )
    } else {
        return;
    };
    findings.refuse(ReasonCode::SupplierDenied, Subject::new(SubjectType::Supplier, &supplier.id), message);
}

/// DOMAIN rule 4: denied lots are a list.
pub fn lot_not_denied(policy: &Current, product: &Product, lot: &LotText, subject: Subject, findings: &mut Findings) {
    if is_denied(policy, product, lot) {
        findings.rests_on(Basis::Policy { version: policy.version });
        let message = format!("Lot {lot} of {} is on the organisation's list of denied lots.", product.name);
        findings.refuse(ReasonCode::LotDenied, subject, message);
    }
}

/// Whether a lot is on the list, whatever its expiry and whichever identifier of its product is named. A warning is typed
/// from a letter, so its text need only match.
pub fn is_denied(policy: &Policy, product: &Product, lot: &LotText) -> bool {
    let names_product = |denied: &DeniedLot| {
        let by_gtin = denied.gtin.as_ref().map(DeviceIdentifier::from);
        product.known_by().any(|known| by_gtin == Some(known.named()) || denied.udi_di.as_ref() == Some(&known.value))
    };
    policy.denied_lots.iter().any(|denied| denied.lot.matches(lot) && names_product(denied))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policies::model::Criterion;

    #[test]
    fn a_policy_that_cannot_be_meant_is_refused() {
        let rows: Vec<(&str, Option<&str>)> = vec![
            ("{}", None),
            (r#"{"licence_recheck_days": 1}"#, None),
            (r#"{"licence_recheck_days": 0}"#, Some("invalid_value")),
            (r#"{"approval_recheck_days": 0}"#, Some("invalid_value")),
            (r#"{"approval_recheck_days": 3651}"#, Some("invalid_value")),
            (r#"{"minimum_remaining_days": -1}"#, Some("invalid_value")),
            (r#"{"retention_years": 101}"#, Some("invalid_value")),
            (r#"{"readings_retention_days": null}"#, None),
            (r#"{"readings_retention_days": 91}"#, None),
            (r#"{"readings_retention_days": 90}"#, Some("invalid_value")),
            (r#"{"readings_retention_days": 36501}"#, Some("invalid_value")),
            (r#"{"checklists": {"ha_filler": []}}"#, Some("empty_list")),
            (r#"{"checklists": {"ha_filler": ["label_legible", "label_legible"]}}"#, Some("duplicate_entry")),
            (
                r#"{"denied_lots": [{"gtin": "09521234567899", "lot": "A"}, {"gtin": "9521234567899", "lot": "A"}]}"#,
                Some("duplicate_entry"),
            ),
            (r#"{"treatment_gates": {"reversal_agent": ["screening"]}}"#, Some("invalid_value")),
            (r#"{"treatment_gates": {"ha_filler": ["screening", "screening"]}}"#, Some("duplicate_entry")),
            (r#"{"treatment_gates": {"ha_filler": ["screening", "consent"]}, "signing_requires": ["goals"]}"#, None),
            (r#"{"signing_requires": ["goals", "goals"]}"#, Some("duplicate_entry")),
            (r#"{"denied_lots": [{"udi_di": "A99912345", "lot": "A"}]}"#, None),
            (r#"{"denied_lots": [{"lot": "A"}]}"#, Some("invalid_value")),
            (
                r#"{"denied_lots": [{"gtin": "09521234567899", "udi_di": "A99912345", "lot": "A"}]}"#,
                Some("invalid_value"),
            ),
        ];
        for (body, expected) in rows {
            let found = match well_formed(&serde_json::from_str(body).unwrap()) {
                Ok(()) => None,
                Err(Error::Problem(problem)) => Some(problem.code.as_str()),
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn a_policy_from_before_there_was_more_to_set_reads_as_it_was_written() {
        let text = r#"{"licence_recheck_days":180,"minimum_remaining_days":0,"checklists":{},"denied_suppliers":[],"denied_lots":[],"retention_years":10}"#;
        let policy: Policy = serde_json::from_str(text).unwrap();
        assert_eq!(policy.approval_recheck_days, 365);
        assert_eq!(serde_json::to_string(&policy).unwrap(), text);
    }

    #[test]
    fn a_class_without_a_checklist_of_its_own_has_the_first_three() {
        let policy: Policy = serde_json::from_str(r#"{"checklists": {"other": ["unit_count_correct"]}}"#).unwrap();
        assert_eq!(policy.checklist(ProductClass::Other), [Criterion::UnitCountCorrect]);
        assert_eq!(policy.checklist(ProductClass::HaFiller), super::super::model::CHECKLIST);
        assert_eq!(policy.written_out().checklists.len(), ProductClass::ALL.len());
    }
}
