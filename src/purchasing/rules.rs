//! Whether a product may be bought, what may be done with an order, and how arrivals count into it.

use chrono::NaiveDate;

use super::model::{Counted, Order, OrderLine, OrderStatus, Ordered};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::decision::{Basis, Decision, Findings, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::ids::ProductId;
use crate::licences::model::{Held, LicenceKind};
use crate::licences::rules::{HolderRole, Occasion, licensed};
use crate::policies::model::Current;
use crate::practitioners::model::Practitioner;
use crate::problem::ProblemCode;
use crate::sites::model::Site;
use crate::suppliers::model::Supplier;
use crate::versions::not_retired;

/// What is known about a purchase.
#[derive(Clone, Debug)]
pub struct Facts {
    /// For which site.
    pub site: Site,
    /// From whom, if that is asked.
    pub supplier: Option<Supplier>,
    /// Who would treat, if that is asked.
    pub practitioner: Option<Practitioner>,
    /// Licences of the site, its organisation, the supplier and the practitioner; without one, all training on record.
    pub licences: Vec<Held>,
    /// The organisation's policy.
    pub policy: Current,
    /// At which moment.
    pub at: Moment,
    /// The calendar day that is judged.
    pub day: NaiveDate,
}

/// DOMAIN rules 1 to 5: whether a product may be bought for a site, from a supplier and for a practitioner if they are
/// named. Every reason is listed.
pub fn eligible(facts: &Facts, product: &Product, evaluated_at: Moment) -> Decision {
    let mut findings = Findings::default();
    findings.rests_on(Basis::Moment {
        occurred_at: facts.at,
        site_id: facts.site.id.to_string(),
        time_zone: facts.site.time_zone.to_string(),
        day: facts.day,
    });
    findings.rests_on(Basis::Policy { version: facts.policy.version });
    let occasion = Occasion::of(product.class, &facts.site, facts.day, facts.at, &facts.policy);
    not_retired(&facts.site, facts.at, &mut findings);
    not_retired(product, facts.at, &mut findings);
    let site = Subject::new(SubjectType::Site, &facts.site.id);
    licensed(&occasion.needs(HolderRole::Site, LicenceKind::Facility), &site, &facts.licences, &mut findings);
    if let Some(supplier) = &facts.supplier {
        not_retired(supplier, facts.at, &mut findings);
        crate::suppliers::rules::approved(supplier, product.class, &mut findings);
        crate::policies::rules::supplier_not_denied(&facts.policy, supplier, &mut findings);
        let holder = Subject::new(SubjectType::Supplier, &supplier.id);
        licensed(
            &occasion.needs(HolderRole::Supplier, LicenceKind::Wholesale),
            &holder,
            &facts.licences,
            &mut findings,
        );
    }
    crate::catalogue::rules::authorised(
        product,
        &facts.site.jurisdiction,
        facts.day,
        facts.policy.approval_recheck_days,
        &mut findings,
    );
    if let Some(practitioner) = &facts.practitioner {
        not_retired(practitioner, facts.at, &mut findings);
        let holder = Subject::new(SubjectType::Practitioner, &practitioner.id);
        let need = occasion.needs(HolderRole::Practitioner, LicenceKind::ProfessionalRegistration);
        licensed(&need, &holder, &facts.licences, &mut findings);
    }
    if product.requires_training {
        let holder = match &facts.practitioner {
            Some(practitioner) => Subject::new(SubjectType::Practitioner, &practitioner.id),
            None => Subject::new(SubjectType::Product, &product.id),
        };
        licensed(&occasion.needs(HolderRole::Trained, LicenceKind::Training), &holder, &facts.licences, &mut findings);
    }
    Decision::from(findings, evaluated_at)
}

/// The one decision over several products: every reason and every fact once.
///
/// # Errors
/// For facts that nobody knows.
pub fn together(decisions: Vec<Decision>, evaluated_at: Moment) -> serde_json::Result<Decision> {
    let mut all = Findings::default();
    for decision in decisions {
        for reason in decision.reasons {
            if !all.reasons.contains(&reason) {
                all.reasons.push(reason);
            }
        }
        for basis in decision.basis.found()?.iter() {
            if !all.basis.contains(basis) {
                all.basis.push(basis.clone());
            }
        }
    }
    Ok(Decision::from(all, evaluated_at))
}

/// DOMAIN rule 8: what comes for an order that was placed and not cancelled is received against it. When all of it came, that is
/// only what replaces units of it; when it was closed short, the rest may come after all.
///
/// # Errors
/// `order_not_open`.
pub fn may_receive(Ordered { order, lines }: &Ordered, only_replaces: bool) -> Result<()> {
    let rest_is_out = lines.iter().any(|line| line.units_received < line.units);
    if order.status == OrderStatus::Received && (only_replaces || (order.is_closed_short() && rest_is_out)) {
        return Ok(());
    }
    may(Step::Receive, order)
}

/// Whether an order was closed short, and all that had come of it was taken back since: nothing of it has arrived, as if it had only
/// been placed, and it can be cancelled.
pub fn is_closed_over_nothing(Ordered { order, lines }: &Ordered) -> bool {
    order.is_closed_short() && lines.iter().all(|line| line.units_received == 0)
}

/// Whether a draft is as somebody has read it, where they say which version that was.
///
/// # Errors
/// `precondition_failed`.
pub fn is_as_read(order: &Order, expected: Option<i64>) -> Result<()> {
    if expected.is_none_or(|expected| expected == order.version) {
        return Ok(());
    }
    let detail = format!("Version {} of the draft is written: read it and make your change again.", order.version);
    Err(Error::problem(ProblemCode::PreconditionFailed, detail))
}

/// What somebody wants to do with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Write it anew.
    Change,
    /// Send it to the supplier.
    Place,
    /// Drop it before anything has arrived.
    Cancel,
    /// Wait no longer for what is missing.
    Close,
    /// Receive goods that answer it.
    Receive,
}

/// The state machine of an order.
///
/// # Errors
/// `order_not_draft`, `order_not_cancellable`, `order_not_closable`, `order_not_open`.
pub fn may(step: Step, order: &Order) -> Result<()> {
    use OrderStatus as S;
    let (allowed, code, when): (&[S], _, _) = match step {
        Step::Change | Step::Place => (&[S::Draft], ProblemCode::OrderNotDraft, "A draft can be changed or placed"),
        Step::Cancel => (
            &[S::Draft, S::Placed],
            ProblemCode::OrderNotCancellable,
            "An order can be cancelled while nothing of it has arrived",
        ),
        Step::Close => (
            &[S::PartiallyReceived],
            ProblemCode::OrderNotClosable,
            "An order can be closed short when part of it has arrived",
        ),
        Step::Receive => (
            &[S::Placed, S::PartiallyReceived],
            ProblemCode::OrderNotOpen,
            "Goods are received against an order that was placed and that waits for some",
        ),
    };
    if allowed.contains(&order.status) {
        Ok(())
    } else {
        Err(Error::problem(code, format!("{when}; this one is {}.", order.status)))
    }
}

/// How an arrival counts into an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The units, by line.
    pub counted: Vec<Counted>,
    /// Nothing of the product was ordered.
    pub is_unordered: bool,
    /// More arrived than was ordered.
    pub is_over: bool,
}

/// DOMAIN rule 8: what arrives fills the lines of its product, the oldest first; what is too much counts into the last
/// of them, and is flagged.
pub fn count(lines: &[OrderLine], product: &ProductId, units: i64) -> Count {
    let mut left = units;
    let mut count = Count::default();
    let of_product: Vec<_> = lines.iter().filter(|line| line.product_id == *product).collect();
    let Some(last) = of_product.last() else { return Count { is_unordered: true, ..count } };
    for line in &of_product {
        let open = line.units.saturating_sub(line.units_received).max(0);
        let is_last = line.id == last.id;
        count.is_over |= is_last && left > open;
        let taken = if is_last { left } else { left.min(open) };
        if taken > 0 {
            left = left.saturating_sub(taken);
            count.counted.push(Counted { order_line_id: line.id.clone(), units: taken });
        }
    }
    count
}

/// How far an order has come that is placed and not ended.
pub fn progress(lines: &[OrderLine]) -> OrderStatus {
    if lines.iter().all(|line| line.units_received >= line.units) {
        OrderStatus::Received
    } else if lines.iter().any(|line| line.units_received > 0) {
        OrderStatus::PartiallyReceived
    } else {
        OrderStatus::Placed
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
