//! Correcting a mis-keyed receipt line: old and new both stay visible (DOMAIN rule 25).

use super::api::NewCorrection;
use super::model::{Flag, Receipt, ReceiptLine};
use super::rules::{self, Identified};
use super::service::{self, Arrival, Prepared, Received};
use super::store;
use crate::catalogue::model::Product;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::error::{Error, Result};
use crate::http::problem::{Problem, ProblemCode};
use crate::ids::ReceiptId;
use crate::purchasing::model::OrderLine;
use crate::stock::books;
use crate::stock::model::{Account, AccountKind, Lot, Pack};
use crate::stock::service::Wanted;
use crate::values::{Json, Packs};

/// Corrects a line of a receipt: its units go back to the supplier's account, and the right ones are received anew.
///
/// # Errors
/// `not_found`, `reference_unknown`, `nothing_to_correct`, `serial_packs_mismatch`, `receipt_not_correctable`.
pub fn correct(cmd: &mut Command<'_>, id: &ReceiptId, new: &NewCorrection) -> Result<Received> {
    let organisation = cmd.organisation();
    let receipt = store::receipt(cmd.db, organisation, id)?
        .filter(|receipt| cmd.caller.sees(&receipt.site_id))
        .ok_or_else(|| Error::not_found("receipt"))?;
    if let Some(order) = &receipt.order_id {
        crate::purchasing::store::lock(cmd.db, organisation, order)?;
    }
    let unknown = || Error::reference_unknown("line_id");
    let lines = store::lines(cmd.db, organisation, &[&receipt.id])?;
    let line = lines.iter().find(|line| line.id == new.line_id).ok_or_else(unknown)?;
    crate::stock::store::lock_lots(cmd.db, organisation, std::slice::from_ref(&line.lot_id))?;
    // Whoever held the lock may have corrected the line meanwhile.
    let lines = store::lines(cmd.db, organisation, &[&receipt.id])?;
    let line = lines.iter().find(|line| line.id == new.line_id).ok_or_else(unknown)?;
    let lot = crate::stock::store::lot(cmd.db, organisation, &line.lot_id)?
        .ok_or_else(|| Error::internal("a receipt line without its lot"))?;
    let product = crate::catalogue::service::find(cmd.db, organisation, &line.product_id)?
        .ok_or_else(|| Error::internal("a receipt line without its product"))?;
    if rules::corrected_by(&lines, line).is_some() {
        return Err(not_correctable("This line was corrected before: correct the line that replaced it."));
    }
    let arrival = as_it_should_be(line, &lot, product, new)?;
    let packs = crate::stock::store::packs_of_line(cmd.db, organisation, &line.id)?;
    if packs.len() < line.serials.len() {
        return Err(not_correctable("Packs of this line went and arrived again: they are of another receipt now."));
    }
    let is_back = line.flags.contains(&Flag::SerialArrivedAgain);
    if is_back && (arrival.identified.lot != lot.lot || arrival.identified.expiry != lot.expiry) {
        let detail = format!("Packs of this line were here before, as packs of lot {} with its expiry.", lot.lot);
        return Err(not_correctable(detail));
    }
    let numbering = service::numbering(line, &packs);
    let numbered: &[Pack] = if numbering.is_empty() { &[] } else { &packs };
    refuse_moved(cmd, &receipt, line, &lot, numbered)?;

    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &receipt.site_id)?;
    let location = crate::sites::service::expect_location(cmd.db, cmd.caller, "location_id", &receipt.location_id)?;
    crate::sites::service::expect_unchanged(cmd, Some(&site), &location)?;
    let supplier = crate::suppliers::service::expect(cmd.db, organisation, &receipt.supplier_id)?;
    let facts = service::judged_by(cmd, site, location, supplier, receipt.occurred_at)?;
    let mut order_lines = order_lines_without(cmd, &receipt, line)?;
    let place = lines.iter().map(|line| line.line).max().unwrap_or(0).saturating_add(1);
    let prepared = service::prepare(cmd, &facts, &receipt, place, &arrival, order_lines.as_mut(), Some(line))?;
    let Prepared { line: right, lot: right_lot, is_new, twins } = prepared;
    let right = ReceiptLine { correction_reason: Some(new.reason.clone()), ..right };

    let outside = Account::outside(AccountKind::Supplier);
    let mut postings = service::postings(line, &numbering, &service::quarantine(&facts, &lot), &outside);
    postings.extend(service::postings(&right, &numbering, &outside, &service::quarantine(&facts, &right_lot)));
    let mut subjects = service::subjects(&receipt, line);
    subjects.extend(service::subjects(&receipt, &right));
    let deed = Deed::ReceiptCorrected {
        corrected: Box::new(line.clone()),
        line: Box::new(right),
        new_lot: is_new.then(|| right_lot.clone()),
        production_date: new.production_date.filter(|_| !is_new),
        packs: packs.into_iter().map(|pack| pack.id).collect(),
        postings,
    };
    let about = About { occurred_at: cmd.now, site_id: Some(receipt.site_id.clone()), subjects };
    cmd.record(about, deed).map_err(service::race)?;
    if is_new && !twins.is_empty() {
        service::hold_twin(cmd, &right_lot, &twins)?;
    }
    service::find(cmd.db, cmd.caller, &receipt.id)?.ok_or_else(|| Error::internal("a receipt that went away"))
}

fn not_correctable(detail: impl Into<String>) -> Error {
    Error::problem(ProblemCode::ReceiptNotCorrectable, detail)
}

/// What the line should have said; what the correction leaves out was right.
fn as_it_should_be(line: &ReceiptLine, lot: &Lot, product: Product, new: &NewCorrection) -> Result<Arrival> {
    let packs = new.packs.map_or(line.packs, Packs::get);
    if !line.serials.is_empty() && packs != line.packs {
        let detail = "packs must stay as they are: these packs have serial numbers.";
        return Err(Error::Problem(Problem::new(ProblemCode::SerialPacksMismatch, detail).at("packs")));
    }
    // A line from before it was kept was of packs, under the GTIN that every product had.
    let identifier = line.identifier.clone().map(Json::into_inner);
    let identifier = identifier.or_else(|| product.known_by().next());
    let identifier = identifier.ok_or_else(|| Error::internal("a product without an identifier"))?;
    let identified = Identified {
        named: identifier.named(),
        lot: new.lot.clone().unwrap_or_else(|| lot.lot.clone()),
        expiry: new.expiry.unwrap_or(lot.expiry),
        serials: line.serials.to_vec(),
        production_date: new.production_date.or(lot.production_date),
        is_doubtful: false,
    };
    let says_nothing_new = identified.lot == lot.lot
        && identified.expiry == lot.expiry
        && identified.production_date == lot.production_date
        && packs == line.packs;
    if says_nothing_new {
        return Err(Error::problem(ProblemCode::NothingToCorrect, "The line says all of that already."));
    }
    Ok(Arrival { identified, product, identifier, packs: packs.try_into()?, scan: line.scan.clone(), back: Vec::new() })
}

/// All of the line's units must still be where they arrived, and nobody may have inspected that lot of the receipt.
fn refuse_moved(cmd: &mut Command<'_>, receipt: &Receipt, line: &ReceiptLine, lot: &Lot, packs: &[Pack]) -> Result<()> {
    let organisation = cmd.organisation();
    let inspections = crate::inspections::store::of_lot(cmd.db, organisation, &lot.id)?;
    if inspections.iter().any(|inspection| inspection.receipt_id.as_ref() == Some(&receipt.id)) {
        return Err(not_correctable(format!("Units of lot {} of this receipt were inspected.", lot.lot)));
    }
    let books = books::at(cmd.db, organisation, &lot.id, None)?;
    let mut here = books.at_location(&receipt.location_id);
    here.retain(|balance| balance.kind == AccountKind::Quarantined && balance.use_by == Some(lot.expiry));
    let serials: Vec<_> = packs.iter().map(|pack| pack.serial.clone()).collect();
    let wanted = Wanted { units: line.units, serials: &serials };
    let drawable = crate::stock::service::drawable(cmd.db, organisation, lot, &books, here, wanted)?;
    let waiting: i64 = if packs.is_empty() {
        drawable.accounts.iter().map(|(balance, in_packs)| balance.units - in_packs).sum()
    } else {
        drawable.packs.iter().map(|pack| pack.units).sum()
    };
    if waiting < line.units {
        let detail = format!("Only {} of the {} units are still in quarantine.", waiting.max(0), line.units);
        return Err(not_correctable(detail));
    }
    Ok(())
}

/// The lines of the order that the receipt answers, as they would be without the mis-keyed line.
fn order_lines_without(cmd: &mut Command<'_>, receipt: &Receipt, line: &ReceiptLine) -> Result<Option<Vec<OrderLine>>> {
    let Some(order) = &receipt.order_id else { return Ok(None) };
    let mut lines = crate::purchasing::store::lines(cmd.db, cmd.organisation(), &[order])?;
    for counted in line.ordered.iter().flat_map(|counted| counted.iter()) {
        if let Some(line) = lines.iter_mut().find(|line| line.id == counted.order_line_id) {
            line.units_received = line.units_received.saturating_sub(counted.units);
        }
    }
    Ok(Some(lines))
}
