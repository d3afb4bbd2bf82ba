//! Inspecting what arrived, and releasing what passed.

use super::api::{NewInspection, NewRelease};
use super::model::{Allocation, Inspection, Meaning, Release, Signature};
use super::{rules, store};
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::decision::{Decision, Findings, Refusal};
use crate::error::{Error, Result};
use crate::http::limits::SERIALS_MAX;
use crate::http::problem::ProblemCode;
use crate::ids::{InspectionId, LotId, ReleaseId};
use crate::receiving::model::Receipt;
use crate::sites::model::Purpose;
use crate::stock::model::{Account, AccountKind, Balance, Disposition, Lot, Place, Posting};
use crate::values::{Json, Serial, number};

/// Inspects the packaging of units of a lot of a receipt. What failed becomes rejected at once.
///
/// # Errors
/// `reference_unknown`, what [`rules::well_formed`] refuses, `inspection_units`, `units_already_inspected`;
/// `gate_refused` with `serials_required` or `serial_unknown` when it is not clear which packs failed.
pub fn inspect(cmd: &mut Command<'_>, new: &NewInspection) -> Result<Inspection> {
    let receipt = crate::receiving::service::expect(cmd.db, cmd.caller, &new.receipt_id)?;
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &new.lot_id)?;
    rules::well_formed(&new.checks)?;
    let (passed, failed) = (new.units_passed, new.units_failed);
    if passed < 0 || failed < 0 || passed.saturating_add(failed) == 0 {
        let rule = "and units_failed must be whole numbers from 0 that add up to at least 1";
        return Err(Error::invalid(ProblemCode::InspectionUnits, "units_passed", rule));
    }
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    crate::stock::store::lock_lots(cmd.db, cmd.organisation(), std::slice::from_ref(&lot.id))?;
    let quarantined = quarantined(cmd, &receipt, &lot)?;
    refuse_double_inspection(cmd, &receipt, &lot, &quarantined, passed.saturating_add(failed))?;
    let rejections = rejections(cmd, &receipt, &lot, quarantined, new)?;

    let inspection = Inspection {
        id: cmd.mint(InspectionId::mint),
        organisation_id: cmd.organisation().clone(),
        receipt_id: receipt.id.clone(),
        lot_id: lot.id.clone(),
        not_examined: Json::new(rules::not_examined(&new.checks)),
        checks: Json::new(new.checks.clone()),
        units_passed: passed,
        units_failed: failed,
        evidence: Json::new(new.evidence.clone()),
        inspector: cmd.caller.subject.clone(),
        signature: Json::new(signature(cmd, Meaning::Inspected)),
        occurred_at,
        recorded_at: cmd.now,
    };
    let about = || About {
        occurred_at,
        site_id: Some(receipt.site_id.clone()),
        subjects: vec![inspection.id.to_string(), receipt.id.to_string(), lot.id.to_string()],
    };
    cmd.record(about(), Deed::PackagingInspected(inspection.clone()))?;
    if !rejections.is_empty() {
        let deed = Deed::StockRejected { inspection_id: inspection.id.clone(), units: failed, postings: rejections };
        cmd.record(about(), deed)?;
    }
    Ok(inspection)
}

/// The lot's quarantined units at the receipt's site, those in the receipt's own location first.
fn quarantined(cmd: &mut Command<'_>, receipt: &Receipt, lot: &Lot) -> Result<Vec<Balance>> {
    let mut found = crate::stock::store::on_hand_at(cmd.db, cmd.organisation(), &lot.id, &receipt.site_id)?;
    found.retain(|balance| balance.kind == AccountKind::Quarantined);
    found.sort_by_key(|balance| balance.location_id.as_ref() != Some(&receipt.location_id));
    Ok(found)
}

/// Units are inspected once: no more than the receipt brought, and no more than wait in quarantine uninspected.
fn refuse_double_inspection(
    cmd: &mut Command<'_>,
    receipt: &Receipt,
    lot: &Lot,
    quarantined: &[Balance],
    wanted: i64,
) -> Result<()> {
    let organisation = cmd.organisation();
    let lines = crate::receiving::store::lines_of_lot(cmd.db, organisation, &receipt.id, &lot.id)?;
    if lines.is_empty() {
        return Err(Error::invalid(
            ProblemCode::ReferenceUnknown,
            "lot_id",
            "names a lot that this receipt did not bring",
        ));
    }
    let inspections = store::of_lot(cmd.db, organisation, &lot.id)?;
    let units = |passed: &rules::Passed| passed.inspection.units_passed + passed.inspection.units_failed;
    let of_receipt = rules::Inspected {
        received: lines.iter().map(|line| line.units).sum(),
        inspected: inspections.iter().filter(|p| p.inspection.receipt_id == receipt.id).map(units).sum(),
    };
    let balances = crate::stock::store::balances(cmd.db, organisation, &[&lot.id])?;
    let of_lot = rules::Inspected {
        received: crate::stock::rules::reconcile(&balances).received,
        inspected: inspections.iter().map(units).sum(),
    };
    let passed: i64 = inspections.iter().map(rules::Passed::units_left).sum();
    let in_quarantine: i64 = quarantined.iter().map(|balance| balance.units).sum();
    let waiting = rules::units_waiting(of_receipt, of_lot, in_quarantine - passed);
    if wanted <= waiting {
        return Ok(());
    }
    let waiting = number(waiting, "unit");
    let detail = format!("Lot {} has {waiting} of this receipt that wait for inspection, not {wanted}.", lot.lot);
    Err(Error::problem(ProblemCode::UnitsAlreadyInspected, detail))
}

/// Moves what failed from quarantined to rejected (DOMAIN rule 11).
fn rejections(
    cmd: &mut Command<'_>,
    receipt: &Receipt,
    lot: &Lot,
    quarantined: Vec<Balance>,
    new: &NewInspection,
) -> Result<Vec<Posting>> {
    if new.units_failed == 0 {
        return Ok(Vec::new());
    }
    let organisation = cmd.organisation();
    let from = crate::stock::service::drawable(cmd.db, organisation, lot, quarantined, &new.serials_failed)?;
    let to = |place: &Place| Account::inside(Disposition::Rejected, place.clone());
    crate::stock::rules::draw(&from, new.units_failed, &new.serials_failed, to).or_else(|shortfall| {
        let mut findings = Findings::default();
        crate::stock::service::refuse_shortfall(shortfall, lot, new.units_failed, &mut findings)?;
        Err(Error::Refused(Box::new(Refusal {
            operation: "inspect",
            site_id: Some(receipt.site_id.clone()),
            occurred_at: cmd.occurred_at(new.occurred_at)?,
            subjects: vec![receipt.id.to_string(), lot.id.to_string()],
            request: crate::http::input::as_value(new)?,
            decision: Decision::from(findings, cmd.now),
        })))
    })
}

/// Releases units of a lot from quarantine to stock.
///
/// # Errors
/// `not_found`, `reference_unknown`; `gate_refused` with every reason that applies.
pub fn release(cmd: &mut Command<'_>, lot: &LotId, new: &NewRelease) -> Result<Release> {
    let organisation = cmd.organisation();
    let lot = crate::stock::service::find_lot(cmd.db, cmd.caller, lot)?;
    let product = crate::catalogue::service::find(cmd.db, organisation, &lot.product_id)?
        .ok_or_else(|| Error::internal("a lot without its product"))?;
    let from = crate::sites::service::expect_location(cmd.db, cmd.caller, "from_location_id", &new.from_location_id)?;
    let to = crate::sites::service::expect_location(cmd.db, cmd.caller, "to_location_id", &new.to_location_id)?;
    if from.site_id != to.site_id {
        let rule = "must be at the same site as from_location_id";
        return Err(Error::invalid(ProblemCode::InvalidValue, "to_location_id", rule));
    }
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &to.site_id)?;
    crate::sites::service::expect_unchanged(cmd, Some(&site), &to)?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    let day = occurred_at.day_in(site.time_zone.rules());
    crate::stock::store::lock_lots(cmd.db, organisation, std::slice::from_ref(&lot.id))?;
    let inspections = store::of_lot(cmd.db, organisation, &lot.id)?;
    let holds = crate::holds::service::covering(cmd.db, organisation, &lot, &to)?;
    let mut accounts = crate::stock::store::on_hand_at(cmd.db, organisation, &lot.id, &from.site_id)?;
    accounts.retain(|a| a.kind == AccountKind::Quarantined && a.location_id.as_ref() == Some(&from.id));
    let drawable = crate::stock::service::drawable(cmd.db, organisation, &lot, accounts, &new.serials)?;

    let policy = crate::policies::service::current(cmd.db, organisation)?;

    let mut findings = Findings::default();
    crate::stock::rules::has_purpose(&from, Purpose::Quarantine, &mut findings);
    crate::stock::rules::has_purpose(&to, Purpose::Stock, &mut findings);
    crate::stock::rules::may_be_kept(&product, &to, &mut findings);
    crate::versions::not_retired(&to, occurred_at, &mut findings);
    crate::stock::rules::not_expired(&lot, lot.expiry, day, &mut findings);
    crate::holds::rules::not_held(&lot, &holds, &mut findings);
    crate::policies::rules::lot_not_denied(&policy, &product, &lot, &mut findings);
    let units = new.units.get();
    let releaser = cmd.caller.subject.as_str();
    let used = rules::release(&lot, &inspections, policy.checklist(product.class), releaser, units, &mut findings);
    let place =
        |place: &Place| Account::inside(Disposition::Available, Place { location_id: to.id.clone(), ..place.clone() });
    let postings = match crate::stock::rules::draw(&drawable, units, &new.serials, place) {
        Ok(postings) => postings,
        Err(shortfall) => {
            crate::stock::service::refuse_shortfall(shortfall, &lot, units, &mut findings)?;
            Vec::new()
        }
    };
    let decision = Decision::from(findings, cmd.now);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "release",
            site_id: Some(site.id),
            occurred_at,
            subjects: vec![lot.id.to_string()],
            request: crate::http::input::as_value(new)?,
            decision,
        })));
    }

    let release = Release {
        id: cmd.mint(ReleaseId::mint),
        organisation_id: organisation.clone(),
        lot_id: lot.id.clone(),
        from_location_id: from.id.clone(),
        to_location_id: to.id.clone(),
        units,
        serials: Json::new(new.serials.clone()),
        reason: new.reason.clone(),
        released_by: cmd.caller.subject.clone(),
        signature: Json::new(signature(cmd, Meaning::Released)),
        decision: Json::new(decision),
        occurred_at,
        recorded_at: cmd.now,
    };
    let allocations = used
        .into_iter()
        .map(|(inspection, units)| Allocation {
            release_id: release.id.clone(),
            inspection_id: inspection.id.clone(),
            organisation_id: organisation.clone(),
            units,
        })
        .collect();
    let about =
        About { occurred_at, site_id: Some(site.id), subjects: vec![release.id.to_string(), lot.id.to_string()] };
    cmd.record(about, Deed::StockReleased { release: release.clone(), allocations, postings })?;
    Ok(release)
}

/// The caller signs what the command records.
fn signature(cmd: &Command<'_>, meaning: Meaning) -> Signature {
    Signature { signer: cmd.caller.subject.clone(), meaning, signed_at: cmd.now }
}

/// Serial numbers that were named, once each.
///
/// # Errors
/// `duplicate_entry`, `list_too_long`.
pub fn distinct_serials(field: &str, serials: &[Serial]) -> Result<()> {
    if serials.len() > SERIALS_MAX {
        let rule = format!("must have at most {SERIALS_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, field, rule));
    }
    let distinct: std::collections::HashSet<_> = serials.iter().collect();
    if distinct.len() < serials.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, field, "names a serial number twice"));
    }
    Ok(())
}
