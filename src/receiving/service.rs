//! Receiving goods.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::events::Deed;
use super::lots::{OfLot, Sought, hold_twin, of_lot, race};
use super::model::{Receipt, ReceiptLine, Received};
use super::rules::{self, Arriving, Identified};
use super::store;
use super::vetting::{Facts, judged_by, vetting_of_supplier};
use super::wire::NewReceipt;
use crate::catalogue::model::{Identifier, Product};
use crate::command::{About, Command};
use crate::decision::{Decision, Findings, Refusal};
use crate::error::{Error, Result};
use crate::ids::{LotId, OrderId, PackId, ProductId, ReceiptId, ReceiptLineId};
use crate::limits;
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::model::{OrderLine, Ordered};
use crate::purchasing::rules::Count;
use crate::sites::model::Purpose;
use crate::stock::model::{Account, AccountKind, Disposition, Lot, Numbered, Pack, Place};
use crate::values::{Celsius, Codes, Json, LotText, MinorUnits, Packs, Serial};
use crate::versions::not_retired;

// What others may ask of the tables, or let follow from their events.
pub use super::opening::{Attested, NewOpening, attest};
pub use super::received::{expect, expect_locked, find, receipts_of, with_lines};
pub use super::store::{arrived, brought, first_arrivals, lines, lines_of_lot, receipt, replacing};
pub use super::vetting::vetted;

/// The most lines that one receipt may have.
pub const LINES_MAX: usize = limits::RECEIPT_LINES_MAX;
/// The most serial numbers that one receipt may name.
const SERIALS_MAX: usize = limits::RECEIPT_SERIALS_MAX;
/// The most documents that one receipt may name.
const DOCUMENTS_MAX: usize = limits::DOCUMENTS_MAX;

/// A line whose product is known.
pub(super) struct Arrival {
    pub(super) identified: Identified,
    pub(super) product: Product,
    /// What was counted: packs, or units or cases.
    pub(super) identifier: Identifier,
    pub(super) packs: Packs,
    pub(super) scan: Option<Codes>,
    /// Packs of it that are known: they were here before, or their number was mis-keyed before.
    pub(super) known: Vec<Pack>,
    /// Whether some of them were here before.
    pub(super) is_back: bool,
    /// The line whose units these ones replace.
    pub(super) replaces: Option<ReceiptLineId>,
    /// What was invoiced for each of `packs`.
    pub(super) pack_price_minor: Option<MinorUnits>,
}

/// A line with the lot that it is of.
pub(super) struct Prepared {
    pub(super) line: ReceiptLine,
    pub(super) lot: Lot,
    /// Whether the lot was never received before.
    pub(super) is_new: bool,
    /// Other lots whose text matches, with another expiry.
    pub(super) twins: Vec<Lot>,
}

/// Receives goods into a quarantine location.
///
/// # Errors
/// `reference_unknown`, also for a line to replace that is of another product, supplier or order, `empty_list`,
/// `list_too_long`, what [`rules::identify`] refuses, `serial_packs_mismatch`,
/// `duplicate_entry`, `order_not_open`, `order_site_mismatch`, `order_supplier_mismatch`; `gate_refused` for a product
/// that is not in the catalogue, a location that is not for quarantine, a serial number that was received before, and
/// for what is retired.
pub fn receive(cmd: &mut Command<'_>, new: &NewReceipt) -> Result<Received> {
    let mut facts = facts(cmd, new)?;
    let mut arrivals = identify_all(cmd, new, &facts)?;
    if let Some(order) = &new.order_id {
        crate::purchasing::service::lock(cmd, order)?;
    }
    lock(cmd, &arrivals)?;
    facts.occurred_at = cmd.occurred_at(new.occurred_at)?;
    facts.day = facts.occurred_at.day_in(facts.site.time_zone.rules());
    number(cmd, new, &facts, &mut arrivals)?;
    expect_replaceable(cmd, new, &facts, &arrivals)?;
    let mut order_lines = match &new.order_id {
        Some(id) => {
            let only_replaces = arrivals.iter().all(|arrival| arrival.replaces.is_some());
            let ordered = open_order(cmd, id, &facts, only_replaces)?;
            facts.is_after_closing = ordered.order.is_closed_short();
            facts.order_currency = ordered.order.currency;
            Some(ordered.lines)
        }
        None => None,
    };

    let receipt = Receipt {
        id: cmd.mint(ReceiptId::mint),
        organisation_id: cmd.organisation().clone(),
        order_id: new.order_id.clone(),
        supplier_id: facts.supplier.id.clone(),
        site_id: facts.site.id.clone(),
        location_id: facts.location.id.clone(),
        delivery_note: new.delivery_note.clone(),
        received_by: cmd.caller.subject.clone(),
        occurred_at: facts.occurred_at,
        recorded_at: cmd.now,
        arrival_temperature_mc: new.arrival_temperature_c.map(Celsius::milli),
        logger_reference: new.logger_reference.clone(),
        documents: (!new.documents.is_empty()).then(|| Json::new(new.documents.clone())),
        currency: new.currency.clone(),
    };
    facts.is_note_seen = store::is_note_seen(cmd.db, &receipt)?;
    let mut subjects = vec![receipt.id.to_string(), receipt.supplier_id.to_string()];
    subjects.extend(receipt.order_id.iter().map(ToString::to_string));
    cmd.record(about(&facts, subjects), Deed::ReceiptRecorded(receipt.clone()))?;
    let mut lines = Vec::with_capacity(arrivals.len());
    for (index, arrival) in arrivals.iter().enumerate() {
        lines.push(receive_line(cmd, &facts, &receipt, index, arrival, order_lines.as_mut())?);
    }
    Ok(Received { receipt, lines, corrections: Vec::new(), voids: Vec::new() })
}

fn facts(cmd: &mut Command<'_>, new: &NewReceipt) -> Result<Facts> {
    if new.lines.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "lines", "needs at least one entry"));
    }
    for (field, length, most) in
        [("lines", new.lines.len(), LINES_MAX), ("documents", new.documents.len(), DOCUMENTS_MAX)]
    {
        if length > most {
            let rule = format!("must have at most {most} entries");
            return Err(Error::invalid(ProblemCode::ListTooLong, field, rule));
        }
    }
    if new.documents.iter().collect::<HashSet<_>>().len() < new.documents.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, "documents", "names the same document twice"));
    }
    if new.currency.is_none() && new.lines.iter().any(|line| line.pack_price_minor.is_some()) {
        return Err(Error::invalid(ProblemCode::MissingField, "currency", "is missing: say what the prices are in"));
    }
    let files: Vec<_> = new.documents.iter().map(|document| &document.sha256).collect();
    crate::evidence::service::expect_seen(cmd, "documents", &files)?;
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let (field, place) = ("location_id", &new.location_id);
    let location = crate::sites::service::expect_location_at(cmd.db, cmd.caller, field, place, &site.id)?;
    let supplier = crate::suppliers::service::expect(cmd.db, cmd.organisation(), &new.supplier_id)?;
    let occurred_at = cmd.occurred_at(new.occurred_at)?;
    judged_by(cmd, site, location, supplier, occurred_at)
}

/// Reads every line and finds its product; refuses with all reasons at once.
fn identify_all(cmd: &mut Command<'_>, new: &NewReceipt, facts: &Facts) -> Result<Vec<Arrival>> {
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
        let numbered = identified.serials.len();
        if numbered > 0 && i64::try_from(numbered) != Ok(line.packs.get()) {
            let rule = format!("must be {numbered}: a serial number marks one of them");
            return Err(Error::invalid(ProblemCode::SerialPacksMismatch, &format!("lines[{index}].packs"), rule));
        }
        let named = &identified.named;
        let found =
            crate::catalogue::service::remembered_named(&mut cmd.known, cmd.db, &cmd.caller.organisation_id, named)?;
        // A number is one of the product, whichever of its identifiers it was read with.
        let whose = found.as_ref().map_or(identified.named.value.as_str(), |(product, _)| product.id.as_str());
        for serial in &identified.serials {
            if !serials.insert((whose.to_owned(), serial.clone())) {
                let rule = format!("names serial number {serial} a second time");
                return Err(Error::invalid(ProblemCode::DuplicateEntry, &format!("lines[{index}]"), rule));
            }
        }
        if serials.len() > SERIALS_MAX {
            let rule = format!("must name at most {SERIALS_MAX} serial numbers in all");
            return Err(Error::invalid(ProblemCode::ListTooLong, "lines", rule));
        }
        match found {
            Some((product, identifier)) => {
                if products.insert(product.id.clone()) {
                    not_retired(&product, facts.occurred_at, &mut findings);
                }
                let (packs, scan) = (line.packs, line.scan.clone());
                let (known, replaces) = (Vec::new(), line.replaces.clone());
                arrivals.push(Arrival {
                    identified,
                    product,
                    identifier,
                    packs,
                    scan,
                    known,
                    is_back: false,
                    replaces,
                    pack_price_minor: line.pack_price_minor,
                });
            }
            None => crate::catalogue::rules::unknown(&identified.named, &mut findings),
        }
    }
    refuse(cmd, new, facts, findings)?;
    Ok(arrivals)
}

/// Locks the lots that units arrive of, those that they may be twins of and those of their packs, and then the products.
/// Whoever else receives these is seen from here on: a twin is told by the lots that are known.
fn lock(cmd: &mut Command<'_>, arrivals: &[Arrival]) -> Result<()> {
    let lots = lots(cmd, arrivals)?;
    crate::stock::service::lock(cmd, &lots)?;
    let products: Vec<_> = arrivals.iter().map(|arrival| &arrival.product.id).collect();
    crate::catalogue::service::lock(cmd, &products)?;
    // One that became known meanwhile is not locked: what is known is read again.
    if self::lots(cmd, arrivals)? == lots { Ok(()) } else { Err(Error::Race) }
}

fn lots(cmd: &mut Command<'_>, arrivals: &[Arrival]) -> Result<Vec<LotId>> {
    let mut by_product: BTreeMap<&ProductId, (Vec<LotText>, Vec<Serial>)> = BTreeMap::new();
    for Arrival { identified, product, .. } in arrivals {
        let (texts, serials) = by_product.entry(&product.id).or_default();
        texts.push(identified.lot.clone());
        serials.extend(identified.serials.iter().cloned());
    }
    let mut found = Vec::new();
    for (product, (texts, serials)) in by_product {
        found.extend(crate::stock::service::lots_named(cmd.db, cmd.organisation(), product, &texts, &serials)?);
    }
    Ok(found)
}

/// Which of the packs with serial numbers were here before (DOMAIN rule 9).
fn number(cmd: &mut Command<'_>, new: &NewReceipt, facts: &Facts, arrivals: &mut [Arrival]) -> Result<()> {
    let mut findings = Findings::default();
    for arrival in arrivals {
        number_one(cmd, arrival, &[], &mut findings)?;
    }
    refuse(cmd, new, facts, findings)
}

/// Which packs of an arrival were here before. `taken_back` are packs that a correction takes back: they may be what they
/// were.
pub(super) fn number_one(
    cmd: &mut Command<'_>,
    arrival: &mut Arrival,
    taken_back: &[Pack],
    findings: &mut Findings,
) -> Result<()> {
    let organisation = cmd.organisation();
    let Arrival { identified, product, identifier, known: packs, is_back, .. } = arrival;
    let serials = &identified.serials;
    let known = crate::stock::service::all_numbered(cmd.db, organisation, &product.id, serials)?;
    let used = crate::stock::service::units_under_serials(cmd.db, organisation, &product.id, serials)?;
    let lots: Vec<_> = known.iter().map(|known| &known.pack.lot_id).collect();
    let lots = crate::stock::service::lots(cmd.db, organisation, &lots)?;
    let is_of = |known: &Numbered| {
        let lot = lots.iter().find(|lot| lot.id == known.pack.lot_id);
        lot.is_some_and(|lot| lot.lot == identified.lot && lot.expiry == identified.expiry)
    };
    for serial in serials {
        let row = known.iter().find(|known| known.pack.serial == *serial);
        if let Some(row) = row.filter(|row| taken_back.iter().any(|pack| pack.id == row.pack.id)) {
            packs.push(row.pack.clone());
            continue;
        }
        let known = row.filter(|row| row.was_here());
        let arriving = Arriving {
            serial,
            product,
            units: identifier.units,
            known,
            is_of_lot: known.is_some_and(is_of),
            units_administered: used.iter().find(|(used, _)| used == serial).map_or(0, |(_, units)| *units),
        };
        *is_back |= rules::may_arrive(&arriving, findings);
        packs.extend(row.map(|row| row.pack.clone()));
    }
    Ok(())
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

pub(super) fn about(facts: &Facts, subjects: Vec<String>) -> About {
    About { occurred_at: facts.occurred_at, site_id: Some(facts.site.id.clone()), subjects }
}

/// The order that a receipt answers: open for it, to this supplier, for this site.
fn open_order(cmd: &mut Command<'_>, id: &OrderId, facts: &Facts, only_replaces: bool) -> Result<Ordered> {
    let ordered = fitting_order(cmd, id, facts)?;
    crate::purchasing::rules::may_receive(&ordered, only_replaces)?;
    Ok(ordered)
}

/// What units may replace: those of a line that stands, of the same product, that this supplier sent to this site for the order
/// that the receipt answers, if it answers one.
fn expect_replaceable(cmd: &mut Command<'_>, new: &NewReceipt, facts: &Facts, arrivals: &[Arrival]) -> Result<()> {
    for (index, arrival) in arrivals.iter().enumerate() {
        let Some(line) = &arrival.replaces else { continue };
        let found = store::line_with_receipt(cmd.db, cmd.organisation(), line)?.filter(|(line, receipt)| {
            line.stands
                && line.product_id == arrival.product.id
                && receipt.site_id == facts.site.id
                && receipt.supplier_id == facts.supplier.id
                // What comes in the place of something comes after it.
                && receipt.occurred_at <= facts.occurred_at
                && (new.order_id.is_none() || receipt.order_id == new.order_id)
        });
        if found.is_none() {
            let field = format!("lines[{index}].replaces");
            let detail = format!(
                "{field} names no line that stands, of {}, from this supplier at this site, for the same order, received before.",
                arrival.product.name
            );
            return Err(Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, detail).at(field)));
        }
    }
    Ok(())
}

/// How many units more have come in the place of those of a line than the line had brought, with these ones.
fn over_replaced(
    cmd: &mut Command<'_>,
    replaces: Option<&ReceiptLineId>,
    units: i64,
    corrects: Option<&ReceiptLine>,
) -> Result<i64> {
    let Some(id) = replaces else { return Ok(0) };
    let brought = store::line_with_receipt(cmd.db, cmd.organisation(), id)?.map_or(0, |(line, _)| line.units);
    let before = store::units_replacing(cmd.db, cmd.organisation(), id)?;
    // What a mis-keyed line had brought goes back.
    let taken_back = corrects.filter(|line| line.replaces.as_ref() == Some(id)).map_or(0, |line| line.units);
    Ok(before.saturating_sub(taken_back).saturating_add(units).saturating_sub(brought))
}

/// The order that a receipt answers: to this supplier, for this site.
pub(super) fn fitting_order(cmd: &mut Command<'_>, id: &OrderId, facts: &Facts) -> Result<Ordered> {
    let ordered = crate::purchasing::service::expect_locked(cmd, id)?;
    if ordered.order.site_id != facts.site.id {
        let detail = "The order is for another site than site_id.";
        return Err(Error::Problem(Problem::new(ProblemCode::OrderSiteMismatch, detail).at("site_id")));
    }
    if ordered.order.supplier_id != facts.supplier.id {
        let detail = "The order went to another supplier than supplier_id.";
        return Err(Error::Problem(Problem::new(ProblemCode::OrderSupplierMismatch, detail).at("supplier_id")));
    }
    Ok(ordered)
}

/// Puts the packs of one line into quarantine.
fn receive_line(
    cmd: &mut Command<'_>,
    facts: &Facts,
    receipt: &Receipt,
    index: usize,
    arrival: &Arrival,
    order_lines: Option<&mut Vec<OrderLine>>,
) -> Result<(ReceiptLine, Lot)> {
    let place = i32::try_from(index).map_err(|_| Error::internal("too many lines"))?;
    let position = Position { receipt, place, corrects: None };
    let Prepared { line, lot, is_new, twins } = prepare(cmd, facts, &position, arrival, order_lines)?;
    let packs = packs(cmd, arrival, &line);
    let pack_ids = line.numbering(&packs);
    let (back, packs): (Vec<_>, Vec<_>) = packs.into_iter().partition(|pack| arrival.known.contains(pack));
    let (supplier, quarantine) = (Account::outside(AccountKind::Supplier), quarantine(facts, &lot));
    let deed = Deed::StockReceived {
        line: line.clone(),
        new_lot: is_new.then(|| lot.clone()),
        packs,
        back: back.into_iter().map(|pack| pack.id).collect(),
        postings: line.postings(&pack_ids, &supplier, &quarantine),
    };
    cmd.record(about(facts, line.subjects(receipt)), deed).map_err(race)?;
    if is_new && !twins.is_empty() {
        hold_twin(cmd, &lot, &twins)?;
    }
    Ok((line, lot))
}

/// The packs of a line that have serial numbers, those that are known and new ones, in the order of its numbers.
pub(super) fn packs(cmd: &mut Command<'_>, arrival: &Arrival, line: &ReceiptLine) -> Vec<Pack> {
    let known: HashMap<&Serial, &Pack> = arrival.known.iter().map(|pack| (&pack.serial, pack)).collect();
    let mut packs = Vec::with_capacity(arrival.identified.serials.len());
    for serial in &arrival.identified.serials {
        packs.push(match known.get(serial) {
            Some(pack) => (*pack).clone(),
            None => Pack {
                id: cmd.mint(PackId::mint),
                organisation_id: cmd.organisation().clone(),
                product_id: line.product_id.clone(),
                lot_id: line.lot_id.clone(),
                serial: serial.clone(),
                receipt_line_id: line.id.clone(),
            },
        });
    }
    packs
}

/// Where a line will stand: in which receipt, at which place of it, and for which line that it replaces.
pub(super) struct Position<'a> {
    pub(super) receipt: &'a Receipt,
    pub(super) place: i32,
    pub(super) corrects: Option<&'a ReceiptLine>,
}

/// Finds the lot of a line and everything that is to be said of its arrival.
pub(super) fn prepare(
    cmd: &mut Command<'_>,
    facts: &Facts,
    position: &Position<'_>,
    arrival: &Arrival,
    order_lines: Option<&mut Vec<OrderLine>>,
) -> Result<Prepared> {
    let (product, identified) = (&arrival.product, &arrival.identified);
    let sought = Sought {
        product,
        lot: &identified.lot,
        expiry: identified.expiry,
        production_date: identified.production_date,
        arrives_at: facts.occurred_at,
    };
    let taken_back = |lot: &Lot| position.corrects.filter(|line| line.lot_id == lot.id).map_or(0, |line| line.units);
    let OfLot { lot, is_new, alike, twins } = of_lot(cmd, &sought, taken_back)?;
    let units = arrival.packs.get().saturating_mul(arrival.identifier.units);
    let (count, is_price_another) = counted(facts, position.receipt, arrival, order_lines);
    let over_replaced = over_replaced(cmd, arrival.replaces.as_ref(), units, position.corrects)?;
    let flags = rules::flags(&rules::Arrived {
        lot: &lot,
        product,
        is_doubtful: identified.is_doubtful,
        day: facts.day,
        made_on: identified.production_date,
        alike: &alike,
        findings: &vetting(facts, product),
        policy: &facts.policy,
        is_back: arrival.is_back,
        temperature_mc: position.receipt.arrival_temperature_mc,
        is_note_seen: facts.is_note_seen,
        is_after_closing: facts.is_after_closing && arrival.replaces.is_none(),
        over_replaced,
        is_price_another,
        count: count.as_ref(),
    });
    let line = ReceiptLine {
        id: cmd.mint(ReceiptLineId::mint),
        organisation_id: cmd.organisation().clone(),
        receipt_id: position.receipt.id.clone(),
        line: position.place,
        product_id: product.id.clone(),
        lot_id: lot.id.clone(),
        packs: arrival.packs.get(),
        units,
        serials: Json::new(identified.serials.clone()),
        flags: Json::new(flags),
        scan: arrival.scan.clone(),
        ordered: count.map(|count| Json::new(count.counted)),
        corrects: position.corrects.map(|line| line.id.clone()),
        correction_reason: None,
        identifier: Some(Json::new(arrival.identifier.clone())),
        replaces: arrival.replaces.clone(),
        stands: true,
        pack_price_minor: arrival.pack_price_minor,
    };
    Ok(Prepared { line, lot, is_new, twins })
}

/// How a line counts into the order that its receipt answers, and whether it has another price there than was invoiced. What
/// replaces units that came counts no second time.
fn counted(
    facts: &Facts,
    receipt: &Receipt,
    arrival: &Arrival,
    order_lines: Option<&mut Vec<OrderLine>>,
) -> (Option<Count>, bool) {
    let Some(lines) = order_lines.filter(|_| arrival.replaces.is_none()) else { return (None, false) };
    let units_each = arrival.identifier.units;
    let count = count(lines, &arrival.product.id, arrival.packs.get().saturating_mul(units_each));
    let currencies = (receipt.currency.as_ref(), facts.order_currency.as_ref());
    let invoiced = rules::Invoiced { price: arrival.pack_price_minor, units_each, currencies };
    let is_price_another = rules::is_price_another(&invoiced, lines, &count);
    (Some(count), is_price_another)
}

/// Counts units into the lines of the order that they answer: what the next line finds open is less by them.
fn count(order_lines: &mut [OrderLine], product: &ProductId, units: i64) -> Count {
    let count = crate::purchasing::rules::count(order_lines, product, units);
    for counted in &count.counted {
        if let Some(line) = order_lines.iter_mut().find(|line| line.id == counted.order_line_id) {
            line.units_received = line.units_received.saturating_add(counted.units);
        }
    }
    count
}

/// The account that units of a lot arrive in.
pub(super) fn quarantine(facts: &Facts, lot: &Lot) -> Account {
    let place = Place { location_id: facts.location.id.clone(), site_id: facts.site.id.clone(), use_by: lot.expiry };
    Account::inside(Disposition::Quarantined, place)
}

/// DOMAIN rules 4, 5 and 13, as findings to flag: what has arrived is somewhere, also where it should not be.
fn vetting(facts: &Facts, product: &Product) -> Findings {
    let mut findings = Findings::default();
    crate::sites::rules::may_be_kept(product, &facts.location, &mut findings);
    crate::catalogue::rules::authorised(
        product,
        &facts.site.jurisdiction,
        facts.day,
        facts.policy.approval_recheck_days,
        &mut findings,
    );
    vetting_of_supplier(facts, product, &mut findings);
    findings
}
