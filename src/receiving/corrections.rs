//! Correcting a mis-keyed receipt: old and new both stay visible (DOMAIN rule 25).
//!
//! A line is corrected by another one that replaces it: what the mis-keyed one had brought goes back to the supplier's
//! account, from wherever it is inside, and the right units are received anew into quarantine. The supplier and the order
//! are of the whole receipt: whoever corrects them replaces every line.

use chrono::NaiveDate;

use super::events::Deed;
use super::locking::{Locked, Named, lock, not_correctable};
use super::lots;
use super::model::{Flag, Receipt, ReceiptCorrection, ReceiptLine, ReceiptVoid, Received};
use super::rules::Identified;
use super::service::{self, Arrival, Position, Prepared};
use super::taking_back::{Taken, TakingBack};
use super::vetting::{self, Facts};
use super::wire::NewCorrection;
use super::{model, store};
use crate::catalogue::model::{DeviceIdentifier, Identifier, Product};
use crate::command::{About, Command};
use crate::decision::{Decision, Findings, Refusal};
use crate::error::{Error, Result};
use crate::ids::{OrderId, ProductId, ReceiptCorrectionId, ReceiptId, ReceiptLineId};
use crate::limits::SERIALS_MAX;
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::model::OrderLine;
use crate::sites::model::Purpose;
use crate::stock::model::{Account, AccountKind, Lot, Pack};
use crate::stock::rules::distinct_serials;
use crate::values::{Expiry, Json, Packs, Prose, Serial};
use crate::versions::not_retired;

/// Corrects a line of a receipt, or its supplier and its order.
///
/// # Errors
/// `not_found`, `reference_unknown`, `missing_field`, `invalid_body`, `invalid_packs`, `nothing_to_correct`,
/// `serial_packs_mismatch`, `duplicate_entry`, `list_too_long`, `order_not_open`, `order_site_mismatch`,
/// `order_supplier_mismatch`, `receipt_not_correctable`, `others_rest_on_it`, `beyond_your_sites` for units at a site that the
/// caller does not see; `gate_refused` for a serial number that was received before, a product that is not in the
/// catalogue, and a place that takes nothing into quarantine any more.
pub fn correct(cmd: &mut Command<'_>, id: &ReceiptId, new: &NewCorrection) -> Result<Received> {
    match (&new.line_id, new.is_of_receipt()) {
        (Some(line), false) => correct_line(cmd, id, line, new)?,
        (None, true) => reassign(cmd, id, new)?,
        (Some(_), true) => {
            let rule =
                "names a line, but supplier_id, order_id and corrects are of the whole receipt: correct one at a time";
            return Err(Error::invalid(ProblemCode::InvalidBody, "line_id", rule));
        }
        (None, false) => return Err(Error::invalid(ProblemCode::MissingField, "line_id", "is missing")),
    }
    service::find(cmd.db, cmd.caller, id)?.ok_or_else(|| Error::internal("a receipt that went away"))
}

impl NewCorrection {
    fn named<'a>(&'a self, product: Option<&'a ProductId>) -> Named<'a> {
        // More than these are refused anyway.
        let serials = self.serial.iter().chain(self.serials.iter().flatten()).take(SERIALS_MAX).cloned().collect();
        let order = self.order_id.as_ref().and_then(Option::as_ref);
        Named { product, lot: self.lot.as_ref(), serials, order }
    }
}

/// The lot and the product of a line.
fn of_line(cmd: &mut Command<'_>, line: &ReceiptLine) -> Result<(Lot, Product)> {
    let organisation = cmd.organisation();
    let lot = crate::stock::service::lot(cmd.db, organisation, &line.lot_id)?
        .ok_or_else(|| Error::internal("a receipt line without its lot"))?;
    let product = crate::catalogue::service::find(cmd.db, organisation, &line.product_id)?
        .ok_or_else(|| Error::internal("a receipt line without its product"))?;
    Ok((lot, product))
}

fn correct_line(cmd: &mut Command<'_>, id: &ReceiptId, line: &ReceiptLineId, new: &NewCorrection) -> Result<()> {
    if new.packs.is_some_and(|packs| !(0..=Packs::MOST).contains(&packs)) {
        let rule = format!("must be a whole number from 0 to {}", Packs::MOST);
        return Err(Error::invalid(ProblemCode::InvalidPacks, "packs", rule));
    }
    let right = right_product(cmd, new)?;
    let known = right.as_ref().and_then(|right| right.found.as_ref());
    let locked = lock(cmd, id, &new.named(known.map(|(product, _)| &product.id)))?;
    let (receipt, line) = (&locked.receipt, correctable(&locked, line)?);
    if new.packs == Some(0) {
        return take_out(cmd, receipt, line, new);
    }
    let (lot, product) = of_line(cmd, line)?;
    let mut findings = Findings::default();
    let (right, identifier) = match right {
        Some(Right { found: Some((right, identifier)), .. }) => {
            not_retired(&right, receipt.occurred_at, &mut findings);
            (right, Some(identifier))
        }
        Some(Right { named, found: None }) => {
            crate::catalogue::rules::unknown(&named, &mut findings);
            return Err(refused(cmd, receipt, new, findings)?);
        }
        None => (product, None),
    };
    let mut arrival = as_it_should_be(line, &lot, right, identifier, new)?;
    let taken = TakingBack::default().take(cmd, receipt, line, &lot)?;
    let own: &[Pack] = if arrival.product.id == line.product_id { &taken.packs } else { &[] };
    let mut facts = facts(cmd, receipt, &mut findings)?;
    facts.is_after_closing = line.flags.contains(&Flag::OrderWasClosed);
    service::number_one(cmd, &mut arrival, own, &mut findings)?;
    if !findings.reasons.is_empty() {
        return Err(refused(cmd, receipt, new, findings)?);
    }
    arrival.is_back |= was_back(line, &lot, &arrival, own)?;
    let mut order_lines = match &receipt.order_id {
        Some(order) => {
            let found = crate::purchasing::service::find(cmd.db, cmd.caller, order)?;
            facts.order_currency = found.and_then(|ordered| ordered.order.currency);
            Some(order_lines_without(cmd, order, std::slice::from_ref(line))?)
        }
        None => None,
    };
    let position = Position { receipt, place: locked.next(), corrects: Some(line) };
    let production_date = new.production_date;
    let replacing = Replacing { position, line, lot: &lot, reason: &new.reason, production_date, taken: Some(taken) };
    replacing.by(cmd, &facts, &arrival, order_lines.as_mut())
}

/// The line that a correction names, if it still stands.
fn correctable<'a>(locked: &'a Locked, id: &ReceiptLineId) -> Result<&'a ReceiptLine> {
    let line = locked.lines.iter().find(|known| known.id == *id);
    let line = line.ok_or_else(|| Error::reference_unknown("line_id"))?;
    locked.refuse_voided()?;
    if model::corrected_by(&locked.lines, line).is_some() {
        return Err(not_correctable("This line was corrected before: correct the line that replaced it."));
    }
    if let Some(void) = locked.voids.iter().find(|void| void.line_id.as_ref() == Some(&line.id)) {
        let ReceiptVoid { voided_at, voided_by, reason, .. } = void;
        let at = voided_at.told();
        return Err(not_correctable(format!("This line was voided at {at} by {voided_by}: {reason}")));
    }
    Ok(line)
}

/// Takes a line out of its receipt: none of its packs ever came.
fn take_out(cmd: &mut Command<'_>, receipt: &Receipt, line: &ReceiptLine, new: &NewCorrection) -> Result<()> {
    if new.names_more_than_packs() {
        let rule = "takes the line back where it is 0: nothing else of it can be corrected";
        return Err(Error::invalid(ProblemCode::InvalidBody, "packs", rule));
    }
    super::voids::void_line(cmd, receipt, line, &new.reason)
}

/// Whether packs of the line that stay of it were here before it: then they are packs of the lot that they were of.
fn was_back(line: &ReceiptLine, lot: &Lot, arrival: &Arrival, own: &[Pack]) -> Result<bool> {
    let keeps = own.iter().any(|pack| arrival.identified.serials.contains(&pack.serial));
    if !keeps || !line.flags.contains(&Flag::SerialArrivedAgain) {
        return Ok(false);
    }
    if arrival.identified.lot != lot.lot || arrival.identified.expiry != lot.expiry {
        let detail = format!("Packs of this line were here before, as packs of lot {} with its expiry.", lot.lot);
        return Err(not_correctable(detail));
    }
    Ok(true)
}

/// The product that a correction names, as it names it and as the catalogue knows it.
struct Right {
    named: DeviceIdentifier,
    found: Option<(Product, Identifier)>,
}

/// The product that a correction names, if it names one.
fn right_product(cmd: &mut Command<'_>, new: &NewCorrection) -> Result<Option<Right>> {
    let named: DeviceIdentifier = match (&new.gtin, &new.udi_di) {
        (Some(_), Some(_)) => {
            let rule = "is a device identifier, and so is udi_di: give one or the other";
            return Err(Error::invalid(ProblemCode::InvalidBody, "gtin", rule));
        }
        (Some(gtin), None) => gtin.into(),
        (None, Some(value)) => DeviceIdentifier { scheme: None, value: value.clone() },
        (None, None) => return Ok(None),
    };
    let found = crate::catalogue::service::find_named(cmd.db, cmd.organisation(), &named)?;
    Ok(Some(Right { named, found }))
}

/// What the line was received as. A line from before it was kept was of packs, under the GTIN that every product had.
fn received_as(line: &ReceiptLine, product: &Product) -> Result<Identifier> {
    let identifier = line.identifier.clone().map(Json::into_inner);
    identifier.or_else(|| product.known_by().next()).ok_or_else(|| Error::internal("a product without an identifier"))
}

/// What the line should have said; what the correction leaves out was right.
fn as_it_should_be(
    line: &ReceiptLine,
    lot: &Lot,
    product: Product,
    identifier: Option<Identifier>,
    new: &NewCorrection,
) -> Result<Arrival> {
    let named: Option<Vec<Serial>> = match (&new.serial, &new.serials) {
        (Some(_), Some(_)) => {
            let rule = "stands for one pack and serials for several: give one or the other";
            return Err(Error::invalid(ProblemCode::InvalidBody, "serial", rule));
        }
        (Some(serial), None) => Some(vec![serial.clone()]),
        (None, serials) => serials.clone(),
    };
    let count = named.as_ref().filter(|serials| !serials.is_empty()).map(Vec::len);
    let count = count.and_then(|count| i64::try_from(count).ok());
    let packs: Packs = new.packs.or(count).unwrap_or(line.packs).try_into()?;
    let serials = named.unwrap_or_else(|| line.serials.to_vec());
    distinct_serials("serials", &serials)?;
    if !serials.is_empty() && i64::try_from(serials.len()) != Ok(packs.get()) {
        let detail = format!("packs must be {}: a serial number marks one of them.", serials.len());
        return Err(Error::Problem(Problem::new(ProblemCode::SerialPacksMismatch, detail).at("packs")));
    }
    let is_same_product = product.id == line.product_id;
    let identifier = match identifier {
        Some(identifier) => identifier,
        None => received_as(line, &product)?,
    };
    let units = packs.get().saturating_mul(identifier.units);
    let identified = Identified {
        named: identifier.named(),
        lot: new.lot.clone().unwrap_or_else(|| lot.lot.clone()),
        expiry: new.expiry.map_or(lot.expiry, Expiry::day),
        serials,
        production_date: new.production_date.or(lot.production_date),
        is_doubtful: false,
    };
    let says_nothing_new = is_same_product
        && identified.lot == lot.lot
        && identified.expiry == lot.expiry
        && identified.production_date == lot.production_date
        && identified.serials == *line.serials
        && (packs.get(), units) == (line.packs, line.units);
    if says_nothing_new {
        return Err(Error::problem(ProblemCode::NothingToCorrect, "The line says all of that already."));
    }
    // Of another product, it replaces nothing.
    let replaces = line.replaces.clone().filter(|_| is_same_product);
    let (scan, known, pack_price_minor) = (line.scan.clone(), Vec::new(), line.pack_price_minor);
    Ok(Arrival { identified, product, identifier, packs, scan, known, is_back: false, replaces, pack_price_minor })
}

/// What a line says, as it is received anew under another supplier or order.
fn as_it_says(cmd: &mut Command<'_>, line: &ReceiptLine, lot: &Lot, product: Product) -> Result<Arrival> {
    let identifier = received_as(line, &product)?;
    let identified = Identified {
        named: identifier.named(),
        lot: lot.lot.clone(),
        expiry: lot.expiry,
        serials: line.serials.to_vec(),
        production_date: lot.production_date,
        is_doubtful: line.flags.contains(&Flag::PossiblySwallowedAi),
    };
    let known = crate::stock::service::packs_of_line(cmd.db, cmd.organisation(), &line.id)?;
    let is_back = line.flags.contains(&Flag::SerialArrivedAgain);
    Ok(Arrival {
        identified,
        product,
        identifier,
        packs: line.packs.try_into()?,
        scan: line.scan.clone(),
        known,
        is_back,
        // Of another supplier or order, it replaces nothing.
        replaces: None,
        pack_price_minor: line.pack_price_minor,
    })
}

/// What the right line is judged by: what was known on the day of its arrival. It goes into the receipt's place, which must
/// still be one for quarantine.
fn facts(cmd: &mut Command<'_>, receipt: &Receipt, findings: &mut Findings) -> Result<Facts> {
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &receipt.site_id)?;
    let location = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", &receipt.location_id)?;
    crate::stock::rules::has_purpose(&location, Purpose::Quarantine, findings);
    not_retired(&site, cmd.now, findings);
    not_retired(&location, cmd.now, findings);
    let supplier = crate::suppliers::service::expect(cmd.db, cmd.organisation(), &receipt.supplier_id)?;
    let facts = vetting::judged_by(cmd, site, location, supplier, receipt.occurred_at)?;
    Ok(Facts { is_note_seen: store::is_note_seen(cmd.db, receipt)?, ..facts })
}

fn refused(cmd: &Command<'_>, receipt: &Receipt, new: &NewCorrection, findings: Findings) -> Result<Error> {
    Ok(Error::Refused(Box::new(Refusal {
        operation: "correct_receipt",
        site_id: Some(receipt.site_id.clone()),
        occurred_at: cmd.now,
        subjects: vec![receipt.id.to_string()],
        request: crate::http::input::as_value(new)?,
        decision: Decision::from(findings, cmd.now),
    })))
}

/// The lines of an order as they would be without lines of a receipt.
fn order_lines_without(cmd: &mut Command<'_>, order: &OrderId, without: &[ReceiptLine]) -> Result<Vec<OrderLine>> {
    let mut lines = crate::purchasing::service::lines(cmd.db, cmd.organisation(), &[order])?;
    for counted in without.iter().flat_map(|line| line.ordered.iter()).flat_map(|counted| counted.iter()) {
        if let Some(line) = lines.iter_mut().find(|line| line.id == counted.order_line_id) {
            line.units_received = line.units_received.saturating_sub(counted.units);
        }
    }
    Ok(lines)
}

/// A line that another one replaces.
struct Replacing<'a> {
    /// Where the other one will stand.
    position: Position<'a>,
    line: &'a ReceiptLine,
    lot: &'a Lot,
    reason: &'a Prose,
    /// When the right lot was made, where the correction says so.
    production_date: Option<NaiveDate>,
    /// Its units on their way back; none where they stay where they are.
    taken: Option<Taken>,
}

impl Replacing<'_> {
    fn by(
        self,
        cmd: &mut Command<'_>,
        facts: &Facts,
        arrival: &Arrival,
        order_lines: Option<&mut Vec<OrderLine>>,
    ) -> Result<()> {
        let Replacing { position, line, lot, reason, production_date, taken } = self;
        let receipt = position.receipt;
        let prepared = service::prepare(cmd, facts, &position, arrival, order_lines)?;
        let Prepared { line: right, lot: right_lot, is_new, twins } = prepared;
        let production_date = production_date.filter(|day| !is_new && right_lot.production_date != Some(*day));
        if production_date.is_some() {
            // When a lot was made is the same wherever it lies.
            let extent = crate::stock::service::extent_of(cmd.db, cmd.organisation(), &right_lot.id)?;
            cmd.caller.expect_within(&extent, &format!("Lot {}", right_lot.lot))?;
        }
        let right = ReceiptLine { correction_reason: Some(reason.clone()), ..right };
        let packs = service::packs(cmd, arrival, &right);
        let numbering = right.numbering(&packs);
        let moves = taken.is_some();
        let (mut postings, mut holds) = (Vec::new(), Vec::new());
        if let Some(taken) = taken {
            if right_lot.id == lot.id {
                let mut held = taken.postings.clone();
                held.retain(|posting| posting.from.kind == AccountKind::Held);
                holds = crate::holds::service::following(cmd.db, cmd.organisation(), lot, &held, None)?;
            }
            let outside = Account::outside(AccountKind::Supplier);
            postings = taken.postings;
            postings.extend(right.postings(&numbering, &outside, &service::quarantine(facts, &right_lot)));
        }
        let (packs, mut new_packs): (Vec<_>, Vec<_>) = packs.into_iter().partition(|pack| arrival.known.contains(pack));
        if !moves {
            // Packs that went and arrived again are of another receipt now.
            new_packs.clear();
        }
        let mut subjects = line.subjects(receipt);
        subjects.extend(right.subjects(receipt));
        let deed = Deed::ReceiptCorrected {
            corrected: Box::new(line.clone()),
            line: Box::new(right),
            new_lot: is_new.then(|| right_lot.clone()),
            production_date,
            packs: packs.into_iter().map(|pack| pack.id).collect(),
            new_packs,
            postings,
            holds,
        };
        let about = About { occurred_at: cmd.now, site_id: Some(receipt.site_id.clone()), subjects };
        cmd.record_once(about, deed)?;
        if is_new && !twins.is_empty() {
            lots::hold_twin(cmd, &right_lot, &twins)?;
        }
        Ok(())
    }
}

/// Corrects the supplier or the order of a receipt. Another supplier is another origin: what was inside goes back to
/// quarantine, and no pass survives (DOMAIN rule 12).
fn reassign(cmd: &mut Command<'_>, id: &ReceiptId, new: &NewCorrection) -> Result<()> {
    if new.is_of_line() {
        let rule = "is missing: what else is named is of a line, and supplier_id and order_id of the whole receipt";
        return Err(Error::invalid(ProblemCode::InvalidBody, "line_id", rule));
    }
    let locked = lock(cmd, id, &new.named(None))?;
    locked.refuse_voided()?;
    let was = &locked.receipt;
    let number = number_of_next(cmd, was, new)?;
    let receipt = reassigned(was, new)?;
    let moves = receipt.supplier_id != was.supplier_id;
    let mut facts = facts_reassigned(cmd, &receipt, moves, new)?;
    let standing: Vec<_> = model::standing(&locked.lines).cloned().collect();
    let mut order_lines = None;
    if let Some(order) = &receipt.order_id {
        let ordered = service::fitting_order(cmd, order, &facts)?;
        if receipt.order_id != was.order_id {
            crate::purchasing::rules::may_receive(&ordered, false)?;
            facts.is_after_closing = ordered.order.is_closed_short();
        } else {
            facts.is_after_closing = standing.iter().any(|line| line.flags.contains(&Flag::OrderWasClosed));
        }
        facts.order_currency = ordered.order.currency;
        order_lines = Some(order_lines_without(cmd, order, &standing)?);
    }
    let mut taking = TakingBack::default();
    let mut taken = Vec::with_capacity(standing.len());
    for line in &standing {
        let (lot, product) = of_line(cmd, line)?;
        let back = if moves { Some(taking.take(cmd, was, line, &lot)?) } else { None };
        taken.push((line, lot, product, back));
    }
    let correction = ReceiptCorrection {
        id: cmd.mint(ReceiptCorrectionId::mint),
        organisation_id: cmd.organisation().clone(),
        receipt_id: receipt.id.clone(),
        number,
        was_supplier_id: was.supplier_id.clone(),
        was_order_id: was.order_id.clone(),
        supplier_id: receipt.supplier_id.clone(),
        order_id: receipt.order_id.clone(),
        reason: new.reason.clone(),
        corrected_by: cmd.caller.subject.clone(),
        corrected_at: cmd.now,
    };
    let mut subjects = vec![receipt.id.to_string(), was.supplier_id.to_string(), receipt.supplier_id.to_string()];
    subjects.extend(was.order_id.iter().chain(&receipt.order_id).map(ToString::to_string));
    subjects.extend(standing.iter().map(|line| line.lot_id.to_string()));
    let about = About { occurred_at: cmd.now, site_id: Some(receipt.site_id.clone()), subjects };
    cmd.record_once(about, Deed::ReceiptReassigned(Box::new(correction)))?;
    let mut place = locked.next();
    for (line, lot, product, taken) in taken {
        let arrival = as_it_says(cmd, line, &lot, product)?;
        let position = Position { receipt: &receipt, place, corrects: Some(line) };
        let replacing = Replacing { position, line, lot: &lot, reason: &new.reason, production_date: None, taken };
        replacing.by(cmd, &facts, &arrival, order_lines.as_mut())?;
        place = place.saturating_add(1);
    }
    Ok(())
}

/// Which correction of a receipt the next one is. It must name the one before it, so that nobody overrules a correction that
/// they have not seen.
fn number_of_next(cmd: &mut Command<'_>, receipt: &Receipt, new: &NewCorrection) -> Result<i32> {
    let before = store::corrections(cmd.db, cmd.organisation(), &[&receipt.id])?;
    if new.corrects.as_ref().is_some_and(|named| before.iter().all(|known| known.id != *named)) {
        return Err(Error::reference_unknown("corrects"));
    }
    let Some(ReceiptCorrection { id, number, corrected_at, corrected_by, .. }) = before.last() else { return Ok(1) };
    if new.corrects.as_ref() != Some(id) {
        let at = corrected_at.told();
        let detail = format!(
            "Its supplier or order was corrected before, at {at} by {corrected_by}: to correct that, name {id} in \
             corrects."
        );
        return Err(not_correctable(detail));
    }
    Ok(number.saturating_add(1))
}

/// What the receipt should have said; what the correction leaves out was right.
fn reassigned(was: &Receipt, new: &NewCorrection) -> Result<Receipt> {
    let receipt = Receipt {
        supplier_id: new.supplier_id.clone().unwrap_or_else(|| was.supplier_id.clone()),
        order_id: new.order_id.clone().unwrap_or_else(|| was.order_id.clone()),
        ..was.clone()
    };
    if receipt == *was {
        return Err(Error::problem(ProblemCode::NothingToCorrect, "The receipt says all of that already."));
    }
    Ok(receipt)
}

/// What the lines are judged by under another supplier or order. Where they do not move, nothing is put anywhere, and nothing
/// of that stands against it.
fn facts_reassigned(cmd: &mut Command<'_>, receipt: &Receipt, moves: bool, new: &NewCorrection) -> Result<Facts> {
    let mut findings = Findings::default();
    let facts = facts(cmd, receipt, &mut findings)?;
    not_retired(&facts.supplier, receipt.occurred_at, &mut findings);
    if moves && !findings.reasons.is_empty() {
        return Err(refused(cmd, receipt, new, findings)?);
    }
    Ok(facts)
}
