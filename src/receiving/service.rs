//! Receiving goods.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::api::{NewLine, NewReceipt};
use super::model::{Flag, Receipt, ReceiptLine};
use super::rules::{self, Identified};
use super::store;
use crate::caller::Caller;
use crate::catalogue::model::Product;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::{Db, violates_unique};
use crate::decision::{Decision, Findings, ReasonCode, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::holds::model::{Cause, Scope};
use crate::http::problem::{Problem, ProblemCode};
use crate::ids::{LotId, PackId, ReceiptId, ReceiptLineId};
use crate::licences::model::{Held, LicenceKind};
use crate::licences::rules::{HolderRole, Need, licensed};
use crate::sites::model::{Location, Purpose, Site};
use crate::stock::model::{Account, AccountKind, Disposition, Lot, Pack, Place, Posting};
use crate::suppliers::model::Supplier;
use crate::values::{Json, Packs};
use crate::versions::not_retired;

/// The most lines that one receipt may have.
pub const LINES_MAX: usize = 500;

/// A receipt with its lines and the lots that they are of.
#[derive(Clone, Debug)]
pub struct Received {
    /// The receipt.
    pub receipt: Receipt,
    /// Its lines with their lots.
    pub lines: Vec<(ReceiptLine, Lot)>,
}

/// What is known before anything is decided.
struct Facts {
    site: Site,
    location: Location,
    supplier: Supplier,
    supplier_licences: Vec<Held>,
    occurred_at: crate::clock::Moment,
    day: NaiveDate,
}

/// A line whose product is known.
struct Arrival<'a> {
    line: &'a NewLine,
    identified: Identified,
    product: Product,
}

/// Receives goods into a quarantine location.
///
/// # Errors
/// `reference_unknown`, `empty_list`, `list_too_long`, what [`rules::identify`] refuses, `serial_packs_mismatch`,
/// `duplicate_entry`; `gate_refused` for a product that is not in the catalogue, a location that is not for
/// quarantine, a serial number that was received before, and for what is retired.
pub fn receive(cmd: &mut Command<'_>, new: &NewReceipt) -> Result<Received> {
    let facts = facts(cmd, new)?;
    let arrivals = identify_all(cmd, new, &facts)?;
    // Whoever else receives the same products is seen from here on: a twin is told by the lots that are known.
    let products: Vec<_> = arrivals.iter().map(|arrival| &arrival.product.id).collect();
    crate::catalogue::service::lock(cmd.db, cmd.organisation(), &products)?;
    let products: Vec<_> = arrivals.iter().map(|arrival| &arrival.product).collect();
    crate::catalogue::service::expect_unchanged(cmd.db, cmd.organisation(), &products)?;
    refuse_known_serials(cmd, new, &facts, &arrivals)?;

    let receipt = Receipt {
        id: cmd.mint(ReceiptId::mint),
        organisation_id: cmd.organisation().clone(),
        order_id: None,
        supplier_id: facts.supplier.id.clone(),
        site_id: facts.site.id.clone(),
        location_id: facts.location.id.clone(),
        delivery_note: new.delivery_note.clone(),
        received_by: cmd.caller.subject.clone(),
        occurred_at: facts.occurred_at,
        recorded_at: cmd.now,
    };
    let subjects = vec![receipt.id.to_string(), receipt.supplier_id.to_string()];
    cmd.record(about(&facts, subjects), Deed::ReceiptRecorded(receipt.clone()))?;
    let mut lines = Vec::with_capacity(arrivals.len());
    for (index, arrival) in arrivals.iter().enumerate() {
        lines.push(receive_line(cmd, &facts, &receipt, index, arrival)?);
    }
    Ok(Received { receipt, lines })
}

fn facts(cmd: &mut Command<'_>, new: &NewReceipt) -> Result<Facts> {
    let organisation = cmd.organisation();
    if new.lines.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "lines", "needs at least one entry"));
    }
    if new.lines.len() > LINES_MAX {
        let rule = format!("must have at most {LINES_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "lines", rule));
    }
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let location = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", &new.location_id)?;
    if location.site_id != site.id {
        return Err(Error::reference_unknown("location_id"));
    }
    let supplier = crate::suppliers::service::expect(cmd.db, organisation, &new.supplier_id)?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    let supplier_licences = crate::licences::service::held_by(cmd.db, organisation, &[supplier.id.as_str()])?;
    let day = occurred_at.day_in(site.time_zone.rules());
    Ok(Facts { site, location, supplier, supplier_licences, occurred_at, day })
}

/// Reads every line and finds its product; refuses with all reasons at once.
fn identify_all<'a>(cmd: &mut Command<'_>, new: &'a NewReceipt, facts: &Facts) -> Result<Vec<Arrival<'a>>> {
    let mut findings = Findings::default();
    crate::stock::rules::has_purpose(&facts.location, Purpose::Quarantine, &mut findings);
    not_retired(&facts.site, facts.occurred_at, &mut findings);
    not_retired(&facts.location, facts.occurred_at, &mut findings);
    not_retired(&facts.supplier, facts.occurred_at, &mut findings);
    let mut products = HashSet::new();
    let mut arrivals = Vec::with_capacity(new.lines.len());
    let mut serials = HashSet::new();
    for (index, line) in new.lines.iter().enumerate() {
        let identified = rules::identify(index, line, facts.day)?;
        if let Some(serial) = &identified.serial {
            if line.packs.get() != 1 {
                let rule = "must be 1: a serial number marks one pack";
                return Err(Error::invalid(ProblemCode::SerialPacksMismatch, &format!("lines[{index}].packs"), rule));
            }
            if !serials.insert((identified.gtin.clone(), serial.clone())) {
                let rule = format!("names serial number {serial} a second time");
                return Err(Error::invalid(ProblemCode::DuplicateEntry, &format!("lines[{index}]"), rule));
            }
        }
        match crate::catalogue::service::find_by_gtin(cmd.db, cmd.organisation(), &identified.gtin)? {
            Some(product) => {
                if products.insert(product.id.clone()) {
                    not_retired(&product, facts.occurred_at, &mut findings);
                }
                arrivals.push(Arrival { line, identified, product });
            }
            None => findings.refuse(
                ReasonCode::ProductUnknown,
                Subject::new(SubjectType::Code, &identified.gtin),
                format!("GTIN {} is not in the catalogue.", identified.gtin),
            ),
        }
    }
    refuse(cmd, new, facts, findings)?;
    Ok(arrivals)
}

/// DOMAIN rule 9: a serial number exists once per product; a second receipt of it is refused and flagged.
fn refuse_known_serials(
    cmd: &mut Command<'_>,
    new: &NewReceipt,
    facts: &Facts,
    arrivals: &[Arrival<'_>],
) -> Result<()> {
    let mut findings = Findings::default();
    for arrival in arrivals {
        let Some(serial) = &arrival.identified.serial else { continue };
        if crate::stock::store::pack(cmd.db, cmd.organisation(), &arrival.product.id, serial)?.is_some() {
            findings.refuse(
                ReasonCode::SerialAlreadyUsed,
                Subject::new(SubjectType::Serial, serial),
                format!("Serial number {serial} of {} was received before.", arrival.product.name),
            );
        }
    }
    refuse(cmd, new, facts, findings)
}

fn refuse(cmd: &Command<'_>, new: &NewReceipt, facts: &Facts, findings: Findings) -> Result<()> {
    let decision = Decision::from(findings, cmd.now);
    if decision.allowed {
        return Ok(());
    }
    Err(Error::Refused(Box::new(Refusal {
        operation: "receive",
        site_id: Some(facts.site.id.clone()),
        occurred_at: facts.occurred_at,
        subjects: vec![facts.supplier.id.to_string()],
        request: crate::http::input::as_value(new)?,
        decision,
    })))
}

fn about(facts: &Facts, subjects: Vec<String>) -> About {
    About { occurred_at: facts.occurred_at, site_id: Some(facts.site.id.clone()), subjects }
}

/// Puts the packs of one line into quarantine.
fn receive_line(
    cmd: &mut Command<'_>,
    facts: &Facts,
    receipt: &Receipt,
    index: usize,
    arrival: &Arrival<'_>,
) -> Result<(ReceiptLine, Lot)> {
    let (product, identified) = (&arrival.product, &arrival.identified);
    let known = crate::stock::store::lots_with_text(cmd.db, cmd.organisation(), &product.id, &identified.lot)?;
    let twins: Vec<&Lot> = known.iter().filter(|lot| lot.expiry != identified.expiry).collect();
    let existing = known.iter().find(|lot| lot.expiry == identified.expiry).cloned();
    let is_new = existing.is_none();
    let lot = existing.unwrap_or_else(|| Lot {
        id: cmd.mint(LotId::mint),
        organisation_id: cmd.organisation().clone(),
        product_id: product.id.clone(),
        lot: identified.lot.clone(),
        expiry: identified.expiry,
        production_date: identified.production_date,
        first_received_at: facts.occurred_at,
    });
    let findings = vetting(facts, product);
    let line = ReceiptLine {
        id: cmd.mint(ReceiptLineId::mint),
        organisation_id: cmd.organisation().clone(),
        receipt_id: receipt.id.clone(),
        line: i32::try_from(index).map_err(|_| Error::internal("too many lines"))?,
        product_id: product.id.clone(),
        lot_id: lot.id.clone(),
        packs: arrival.line.packs.get(),
        units: units(arrival.line.packs, product),
        serials: Json::new(identified.serial.iter().cloned().collect()),
        flags: Json::new(rules::flags(identified.expiry, facts.day, &twins, &findings)),
        scan: arrival.line.scan.clone(),
    };
    let pack = identified.serial.as_ref().map(|serial| Pack {
        id: cmd.mint(PackId::mint),
        organisation_id: cmd.organisation().clone(),
        product_id: product.id.clone(),
        lot_id: lot.id.clone(),
        serial: serial.clone(),
        receipt_line_id: line.id.clone(),
    });
    let place = Place { location_id: facts.location.id.clone(), site_id: facts.site.id.clone(), use_by: lot.expiry };
    let posting = Posting {
        lot_id: lot.id.clone(),
        from: Account::outside(AccountKind::Supplier),
        to: Account::inside(Disposition::Quarantined, place),
        units: line.units,
        pack_id: pack.as_ref().map(|pack| pack.id.clone()),
    };
    let subjects = [receipt.id.as_str(), lot.id.as_str(), product.id.as_str(), facts.supplier.id.as_str()];
    let deed = Deed::StockReceived {
        line: line.clone(),
        new_lot: is_new.then(|| lot.clone()),
        packs: pack.into_iter().collect(),
        postings: vec![posting],
    };
    cmd.record(about(facts, subjects.map(str::to_owned).to_vec()), deed).map_err(|error| match error {
        // Somebody else received the same lot or serial number at this moment: start again from what is true now.
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    })?;
    if is_new && line.flags.contains(&Flag::ExpiryTwin) {
        hold_twin(cmd, &lot, &twins)?;
    }
    Ok((line, lot))
}

/// DOMAIN rule 7: a twin lot is held and flagged, never merged.
fn hold_twin(cmd: &mut Command<'_>, lot: &Lot, twins: &[&Lot]) -> Result<()> {
    let others: Vec<_> = twins.iter().map(|twin| twin.expiry.to_string()).collect();
    let reason = format!(
        "Lot {} was received with expiry {}, and is known with expiry {}: a suspected falsification.",
        lot.lot,
        lot.expiry,
        others.join(", ")
    );
    let cause = Cause { kind: crate::holds::model::CauseType::Twin, id: twins.first().map(|twin| twin.id.to_string()) };
    crate::holds::service::open(cmd, Scope::Lot(lot.id.clone()), &reason.parse()?, cause)?;
    Ok(())
}

/// DOMAIN rules 4 and 5, as findings to flag.
fn vetting(facts: &Facts, product: &Product) -> Findings {
    let mut findings = Findings::default();
    crate::catalogue::rules::authorised(product, &facts.site.jurisdiction, &mut findings);
    crate::suppliers::rules::approved(&facts.supplier, product.class, &mut findings);
    let need = Need {
        role: HolderRole::Supplier,
        kind: LicenceKind::Wholesale,
        class: product.class,
        jurisdiction: &facts.site.jurisdiction,
        day: facts.day,
        at: facts.occurred_at,
        recheck_days: crate::organisations::model::LICENCE_RECHECK_DAYS,
    };
    let holder = Subject::new(SubjectType::Supplier, &facts.supplier.id);
    licensed(&need, &holder, &facts.supplier_licences, &mut findings);
    findings
}

fn units(packs: Packs, product: &Product) -> i64 {
    // Both are limited (10,000 packs of 1,000 units): the product is far from overflowing.
    packs.get().saturating_mul(product.units_per_pack.get())
}

/// A receipt with its lines, if the caller sees its site.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, caller: &Caller, id: &ReceiptId) -> Result<Option<Received>> {
    let organisation = &caller.organisation_id;
    let Some(receipt) = store::receipt(db, organisation, id)?.filter(|receipt| caller.sees(&receipt.site_id)) else {
        return Ok(None);
    };
    with_lines(db, caller, vec![receipt]).map(|found| found.into_iter().next())
}

/// Receipts with their lines.
///
/// # Errors
/// What the database answers.
pub fn with_lines(db: &mut Db, caller: &Caller, receipts: Vec<Receipt>) -> Result<Vec<Received>> {
    let organisation = &caller.organisation_id;
    let ids: Vec<_> = receipts.iter().map(|receipt| &receipt.id).collect();
    let lines = store::lines(db, organisation, &ids)?;
    let lot_ids: Vec<_> = lines.iter().map(|line| &line.lot_id).collect();
    let lots = crate::stock::store::lots(db, organisation, &lot_ids)?;
    receipts
        .into_iter()
        .map(|receipt| {
            let own = lines.iter().filter(|line| line.receipt_id == receipt.id).map(|line| {
                let lot = lots.iter().find(|lot| lot.id == line.lot_id).cloned();
                lot.map(|lot| (line.clone(), lot)).ok_or_else(|| Error::internal("a receipt line without its lot"))
            });
            Ok(Received { lines: own.collect::<Result<_>>()?, receipt })
        })
        .collect()
}

/// The receipt that a body names, if the caller sees its site.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, caller: &Caller, id: &ReceiptId) -> Result<Receipt> {
    store::receipt(db, &caller.organisation_id, id)?.filter(|receipt| caller.sees(&receipt.site_id)).ok_or_else(|| {
        Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, "receipt_id names nothing that exists."))
    })
}
