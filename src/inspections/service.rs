//! Inspecting what lies in quarantine.

use std::collections::HashSet;

use super::events::Deed;
use super::model::{Criterion, Inspection, Meaning, Signature};
use super::wire::NewInspection;
use super::{rules, store};
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::decision::{Decision, Findings, Refusal};
use crate::error::{Error, Result};
use crate::ids::{InspectionId, LocationId, ReceiptId, ReceiptLineId, SiteId};
use crate::problem::ProblemCode;
use crate::stock::books::{self, Books};
use crate::stock::model::{Account, AccountKind, Disposition, Lot, PackBalance, Posting};
use crate::stock::rules::{Drawable, Shortfall, draw};
use crate::stock::service::Wanted;
use crate::values::{Json, Serial, number};

// What others may ask of the tables.
pub use super::store::{inspections, of_receipts};

/// Inspects the packaging of units of a lot that lie in quarantine: what a receipt brought of it, or what lies at a place.
/// What failed becomes rejected at once. What passed gets the pass as an account of its own, if the checklist has
/// everything that the product's class requires.
///
/// # Errors
/// `reference_unknown`, `missing_field`, what [`rules::well_formed`] refuses, `inspection_units`,
/// `units_already_inspected`; `gate_refused` when it is not clear which packs are meant, or units have moved since.
pub fn inspect(cmd: &mut Command<'_>, new: &NewInspection) -> Result<Inspection> {
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &new.lot_id)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&lot.id))?;
    let place = place(cmd, new, &lot)?;
    rules::well_formed(&new.checks, new.units_failed)?;
    let units = units_in(new)?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    let past = cmd.past(occurred_at);
    let books = books::at(cmd.db, cmd.organisation(), &lot.id, past)?;
    let policy = crate::policies::service::at(cmd.db, cmd.organisation(), past)?;
    let product = product_of(cmd.db, &lot)?;
    let product = crate::versions::at(cmd.db, cmd.organisation(), product, past)?;
    let required = policy.checklist(product.class);
    let waiting = waiting(cmd, &place, &lot, &books, required)?;
    if units > waiting.units() {
        let waiting = number(waiting.units(), "unit");
        let detail = format!("Of lot {} {waiting} wait there for inspection, not {units}.", lot.lot);
        return Err(Error::problem(ProblemCode::UnitsAlreadyInspected, detail));
    }

    crate::evidence::service::expect_seen(cmd, "evidence", &new.evidence.iter().collect::<Vec<_>>())?;
    let mut inspection = as_it_says(cmd, new, &place, occurred_at);
    let mut findings = Findings::default();
    unknown_serials(cmd, &waiting, new, &lot, &books, &mut findings)?;
    let sorted = match findings.reasons.is_empty() {
        true => sorted(&waiting, new, &inspection.id, &lot, &mut findings)?,
        false => Sorted::default(),
    };
    let all = [sorted.rejected.clone(), sorted.passed.clone()].concat();
    crate::stock::service::enter(&books, &lot, all, &waiting.from.packs, &mut findings);
    let decision = Decision::from(findings, cmd.now);
    if !decision.allowed {
        return Err(Error::Refused(Box::new(Refusal {
            operation: "inspect",
            site_id: Some(place.site_id),
            occurred_at,
            subjects: place.receipt.iter().map(ToString::to_string).chain([lot.id.to_string()]).collect(),
            request: crate::http::input::as_value(new)?,
            decision,
        })));
    }
    inspection.serials_passed = Json::new(waiting.serials_in(&sorted.passed));
    inspection.serials_failed = Json::new(waiting.serials_in(&sorted.rejected));
    inspection.lacks = Json::new(rules::lacking(&inspection, required));
    record(cmd, &inspection, sorted, inspection.lacks.is_empty())?;
    Ok(inspection)
}

/// How many units were looked at: those that passed and those that failed (DOMAIN rule 11).
fn units_in(new: &NewInspection) -> Result<i64> {
    let (passed, failed) = (new.units_passed, new.units_failed);
    let units = passed.saturating_add(failed);
    if passed < 0 || failed < 0 || units == 0 {
        let rule = "and units_failed must be whole numbers from 0 that add up to at least 1";
        return Err(Error::invalid(ProblemCode::InspectionUnits, "units_passed", rule));
    }
    Ok(units)
}

/// An inspection as it was asked for; which numbers its units have is not known yet.
fn as_it_says(cmd: &mut Command<'_>, new: &NewInspection, place: &Looked, occurred_at: Moment) -> Inspection {
    Inspection {
        id: cmd.mint(InspectionId::mint),
        organisation_id: cmd.organisation().clone(),
        receipt_id: place.receipt.clone(),
        lot_id: new.lot_id.clone(),
        not_examined: Json::new(rules::not_examined(&new.checks)),
        checks: Json::new(new.checks.clone()),
        units_passed: new.units_passed,
        units_failed: new.units_failed,
        evidence: Json::new(new.evidence.clone()),
        inspector: cmd.caller.subject.clone(),
        signature: Json::new(signature(cmd, Meaning::Inspected)),
        occurred_at,
        recorded_at: cmd.now,
        site_id: Some(place.site_id.clone()),
        location_id: new.location_id.clone(),
        serials_passed: Json::default(),
        serials_failed: Json::default(),
        lacks: Json::default(),
    }
}

/// Records an inspection, with what it does to the units.
fn record(cmd: &mut Command<'_>, inspection: &Inspection, sorted: Sorted, is_complete: bool) -> Result<()> {
    let mut subjects = vec![inspection.id.to_string(), inspection.lot_id.to_string()];
    subjects.extend(inspection.receipt_id.iter().map(ToString::to_string));
    subjects.extend(inspection.location_id.iter().map(ToString::to_string));
    let about = || About {
        occurred_at: inspection.occurred_at,
        site_id: inspection.site_id.clone(),
        subjects: subjects.clone(),
    };
    let inspection_id = inspection.id.clone();
    cmd.record(about(), Deed::PackagingInspected(inspection.clone()))?;
    if !sorted.rejected.is_empty() {
        let (inspection_id, postings) = (inspection_id.clone(), sorted.rejected);
        cmd.record(about(), Deed::StockRejected { inspection_id, units: inspection.units_failed, postings })?;
    }
    if is_complete && !sorted.passed.is_empty() {
        let postings = sorted.passed;
        cmd.record(about(), Deed::StockPassed { inspection_id, units: inspection.units_passed, postings })?;
    }
    Ok(())
}

/// Whose units are looked at: those that a receipt brought, or those that lie at a place.
struct Looked {
    site_id: SiteId,
    /// Only at this place.
    only_at: Option<LocationId>,
    /// First at this place: where the receipt was put.
    first_at: Option<LocationId>,
    receipt: Option<ReceiptId>,
    /// How many units the receipt brought.
    brought: i64,
    lines: HashSet<ReceiptLineId>,
}

fn place(cmd: &mut Command<'_>, new: &NewInspection, lot: &Lot) -> Result<Looked> {
    let organisation = cmd.organisation();
    let (field, location) = ("location_id", new.location_id.as_ref());
    let Some(receipt) = &new.receipt_id else {
        let rule = "is missing: give it, or the location_id of the place where the units lie";
        let location = location.ok_or_else(|| Error::invalid(ProblemCode::MissingField, "receipt_id", rule))?;
        let location = crate::sites::service::expect_location(cmd.db, cmd.caller, field, location)?;
        let (site_id, only_at) = (location.site_id, Some(location.id));
        return Ok(Looked {
            site_id,
            only_at,
            first_at: None,
            receipt: None,
            brought: i64::MAX,
            lines: HashSet::new(),
        });
    };
    let receipt = crate::receiving::service::expect(cmd.db, cmd.caller, receipt)?;
    let at = |id| crate::sites::service::expect_location_at(cmd.db, cmd.caller, field, id, &receipt.site_id);
    let location = location.map(at).transpose()?;
    let lines = crate::receiving::service::lines_of_lot(cmd.db, organisation, &receipt.id, &lot.id)?;
    if lines.is_empty() {
        let rule = "names a lot that this receipt did not bring";
        return Err(Error::invalid(ProblemCode::ReferenceUnknown, "lot_id", rule));
    }
    Ok(Looked {
        site_id: receipt.site_id,
        only_at: location.map(|location| location.id),
        first_at: Some(receipt.location_id),
        receipt: Some(receipt.id),
        brought: lines.iter().map(|line| line.units).sum(),
        lines: lines.into_iter().map(|line| line.id).collect(),
    })
}

/// Units that wait for an inspection.
struct Waiting {
    /// Their accounts, and all numbered packs in them.
    from: Drawable,
    /// No more than this, whatever lies there.
    most: i64,
}

impl Waiting {
    fn units(&self) -> i64 {
        let anonymous: i64 = self.from.accounts.iter().map(|(account, in_packs)| account.units - in_packs).sum();
        let numbered: i64 = self.from.packs.iter().map(|row| row.units).sum();
        (anonymous + numbered).min(self.most)
    }

    fn serials_in(&self, postings: &[Posting]) -> Vec<Serial> {
        let moved = |row: &&PackBalance| postings.iter().any(|p| p.pack_id.as_ref() == Some(&row.pack.id));
        let mut serials: Vec<_> = self.from.packs.iter().filter(moved).map(|row| row.pack.serial.clone()).collect();
        serials.sort();
        serials.dedup();
        serials
    }
}

/// What lies quarantined of the lot there, and then what passed by a checklist that asked for less than today's.
fn waiting(
    cmd: &mut Command<'_>,
    looked: &Looked,
    lot: &Lot,
    books: &Books,
    required: &[Criterion],
) -> Result<Waiting> {
    let organisation = cmd.organisation();
    let mut accounts = books.at_site(&looked.site_id);
    accounts.retain(|account| {
        matches!(account.kind, AccountKind::Quarantined | AccountKind::Passed)
            && looked.only_at.as_ref().is_none_or(|only| account.location_id.as_ref() == Some(only))
    });
    let passes: Vec<_> = accounts.iter().filter_map(|account| account.inspection_id.as_ref()).collect();
    let inspections = store::inspections(cmd.db, organisation, &passes)?;
    let is_outdated = |id: &InspectionId| {
        inspections.iter().any(|inspection| inspection.id == *id && !rules::lacking(inspection, required).is_empty())
    };
    accounts.retain(|account| account.inspection_id.as_ref().is_none_or(is_outdated));
    accounts.sort_by_key(|account| (account.inspection_id.is_some(), account.location_id != looked.first_at));
    let everything = Wanted { units: accounts.iter().map(|account| account.units).sum(), serials: &[] };
    let mut from = crate::stock::service::drawable(cmd.db, organisation, lot, books, accounts, everything)?;
    if looked.receipt.is_some() {
        from.packs.retain(|row| looked.lines.contains(&row.pack.receipt_line_id));
    }
    Ok(Waiting { from, most: looked.brought })
}

/// Units of an inspection, by how they turned out.
#[derive(Default)]
struct Sorted {
    rejected: Vec<Posting>,
    passed: Vec<Posting>,
}

/// Takes what failed, and then what passed, from what waits. Numbers may be left out where `units` is all that lies there.
fn sorted(
    waiting: &Waiting,
    new: &NewInspection,
    inspection: &InspectionId,
    lot: &Lot,
    findings: &mut Findings,
) -> Result<Sorted> {
    let is_all = new.units_passed.saturating_add(new.units_failed) == waiting.units();
    let named = |serials: &[Serial], from: &Drawable| -> Vec<PackBalance> {
        from.packs.iter().filter(|row| serials.contains(&row.pack.serial)).cloned().collect()
    };
    let others = |serials: &[Serial], from: &Drawable| -> Vec<PackBalance> {
        from.packs.iter().filter(|row| row.units > 0 && !serials.contains(&row.pack.serial)).cloned().collect()
    };
    let from = &waiting.from;
    let failed = match (new.serials_failed.is_empty(), new.serials_passed.is_empty()) {
        (false, _) => named(&new.serials_failed, from),
        (true, false) if is_all => others(&new.serials_passed, from),
        (true, true) if is_all && new.units_passed == 0 => others(&[], from),
        _ => Vec::new(),
    };
    let rejected = |from: &Account| from.turned(Disposition::Rejected);
    let mut sorted = Sorted::default();
    match take(from, new.units_failed, failed, rejected) {
        Ok(postings) => sorted.rejected = postings,
        Err(shortfall) => crate::stock::service::refuse_shortfall(shortfall, lot, new.units_failed, findings)?,
    }
    let from = without(from, &sorted.rejected);
    let passed = match new.serials_passed.is_empty() {
        false => named(&new.serials_passed, &from),
        true if is_all => others(&[], &from),
        true => Vec::new(),
    };
    let pass = |from: &Account| from.passing(inspection);
    if findings.reasons.is_empty() {
        match take(&from, new.units_passed, passed, pass) {
            Ok(postings) => sorted.passed = postings,
            Err(shortfall) => crate::stock::service::refuse_shortfall(shortfall, lot, new.units_passed, findings)?,
        }
    }
    Ok(sorted)
}

/// Takes units of these packs, and what is more than they have from units without numbers.
fn take(
    from: &Drawable,
    units: i64,
    packs: Vec<PackBalance>,
    to: impl Fn(&Account) -> Account,
) -> std::result::Result<Vec<Posting>, Shortfall> {
    if units == 0 {
        return Ok(Vec::new());
    }
    let in_packs: i64 = packs.iter().map(|row| row.units).sum();
    let anonymous = Drawable { packs: Vec::new(), ..from.clone() };
    if packs.is_empty() {
        return draw(&anonymous, units, &[], to);
    }
    let mut serials: Vec<_> = packs.iter().map(|row| row.pack.serial.clone()).collect();
    serials.dedup();
    let numbered = Drawable { accounts: Vec::new(), packs, unknown: Vec::new() };
    let mut postings = draw(&numbered, in_packs.min(units), &serials, &to)?;
    if in_packs < units {
        let rest = draw(&anonymous, units - in_packs, &[], &to).map_err(|_| Shortfall::PacksHave(in_packs))?;
        postings.extend(rest);
    }
    Ok(postings)
}

/// What is left of it after postings.
fn without(from: &Drawable, postings: &[Posting]) -> Drawable {
    let mut left = from.clone();
    for posting in postings {
        for (account, in_packs) in left.accounts.iter_mut().filter(|(account, _)| account.account() == posting.from) {
            account.units -= posting.units;
            *in_packs -= if posting.pack_id.is_some() { posting.units } else { 0 };
        }
        let taken = |row: &&mut PackBalance| {
            Some(&row.pack.id) == posting.pack_id.as_ref() && row.account.account() == posting.from
        };
        left.packs.iter_mut().filter(taken).for_each(|row| row.units -= posting.units);
    }
    left
}

/// Numbers that were named and that no pack of the lot has.
fn unknown_serials(
    cmd: &mut Command<'_>,
    waiting: &Waiting,
    new: &NewInspection,
    lot: &Lot,
    books: &Books,
    findings: &mut Findings,
) -> Result<()> {
    let here = |serial: &&Serial| waiting.from.packs.iter().any(|row| row.pack.serial == **serial);
    let named = new.serials_passed.iter().chain(&new.serials_failed);
    let serials: Vec<Serial> = named.filter(|serial| !here(serial)).cloned().collect();
    if serials.is_empty() {
        return Ok(());
    }
    let wanted = Wanted { units: 0, serials: &serials };
    let unknown = crate::stock::service::drawable(cmd.db, cmd.organisation(), lot, books, Vec::new(), wanted)?.unknown;
    let shortfall = if unknown.is_empty() { Shortfall::PacksHave(0) } else { Shortfall::SerialsUnknown(unknown) };
    crate::stock::service::refuse_shortfall(shortfall, lot, 0, findings)
}

/// The inspection of that id, if the caller sees where it was.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &InspectionId) -> Result<Option<Inspection>> {
    let found = store::inspections(db, &caller.organisation_id, &[id])?.into_iter().next();
    let Some(found) = found else { return Ok(None) };
    let visible = match (&found.site_id, &found.receipt_id) {
        (Some(site), _) => caller.sees(site),
        (None, Some(receipt)) => crate::receiving::service::find(db, caller, receipt)?.is_some(),
        (None, None) => false,
    };
    Ok(Some(found).filter(|_| visible))
}

pub(super) fn product_of(db: &mut Db, lot: &Lot) -> Result<Product> {
    crate::catalogue::service::find(db, &lot.organisation_id, &lot.product_id)?
        .ok_or_else(|| Error::internal("a lot without its product"))
}

/// The caller signs what the command records.
pub(super) fn signature(cmd: &Command<'_>, meaning: Meaning) -> Signature {
    Signature { signer: cmd.caller.subject.clone(), meaning, signed_at: cmd.now }
}
