//! Whether a supplier is approved.

use super::model::Supplier;
use crate::catalogue::model::ProductClass;
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};

/// DOMAIN rule 4: a supplier must be vetted for the product's class.
pub fn approved(supplier: &Supplier, class: ProductClass, findings: &mut Findings) {
    findings.rests_on(Basis::Supplier {
        id: supplier.id.to_string(),
        approved_classes: supplier.approved_classes.iter().map(ToString::to_string).collect(),
    });
    if !supplier.approved_classes.contains(&class) {
        findings.refuse(
            ReasonCode::SupplierNotApproved,
            Subject::new(SubjectType::Supplier, &supplier.id),
            format!("{} is not approved for {class}.", supplier.name),
        );
    }
}
