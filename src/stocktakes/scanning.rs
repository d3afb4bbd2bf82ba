//! Scans of a stock-take: each is judged alone, so that one that cannot be counted loses none of the others.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;

use super::events::Deed;
use super::model::{Scan, StockTake};
use super::service::{about, expect_counting, expect_locked, known};
use super::wire::{NewScanned, NewScans, NewWithdrawal, ScanOutcome, ScanVerdict, ScanView, ScansTaken};
use super::{comparing, store};
use crate::catalogue::model::Product;
use crate::command::Command;
use crate::error::{Error, Result};
use crate::ids::{LocationId, PackId, StockTakeId, StockTakeScanId};
use crate::limits::{STOCK_TAKE_SCANS_AT_ONCE, STOCK_TAKE_SCANS_MAX};
use crate::problem::ProblemCode;
use crate::stock::model::{Lot, Pack};
use crate::values::{Codes, LotText, Serial, Units, number};

/// Why a scan does not count, with a sentence.
type Wrong = (ScanOutcome, String);

/// Takes scans into a stock-take. What cannot be counted is said of each, and loses none of the others.
///
/// # Errors
/// `not_found`, `stock_take_not_open`, `empty_list`, `list_too_long`, `stock_take_too_large`.
pub fn scan(cmd: &mut Command<'_>, id: &StockTakeId, new: &NewScans) -> Result<ScansTaken> {
    if new.scans.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "scans", "needs at least one scan"));
    }
    if new.scans.len() > STOCK_TAKE_SCANS_AT_ONCE {
        let rule = format!("must have at most {STOCK_TAKE_SCANS_AT_ONCE} scans");
        return Err(Error::invalid(ProblemCode::ListTooLong, "scans", rule));
    }
    let take = expect_locked(cmd, id)?;
    expect_counting(&take)?;
    let there = store::count(cmd.db, cmd.organisation(), id)?;
    if usize::try_from(there).unwrap_or(usize::MAX).saturating_add(new.scans.len()) > STOCK_TAKE_SCANS_MAX {
        return Err(comparing::too_large());
    }
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &take.site_id)?;
    let today = cmd.now.day_in(site.time_zone.rules());
    let standing = comparing::scans(cmd.db, &take)?;
    let mut numbers: HashSet<PackId> = standing.into_iter().filter_map(|scan| scan.pack_id).collect();
    let mut judged: Vec<std::result::Result<Scan, Wrong>> = Vec::with_capacity(new.scans.len());
    for row in &new.scans {
        judged.push(one(cmd, &take, row, today, &mut numbers)?);
    }
    let scans: Vec<Scan> = judged.iter().filter_map(|found| found.as_ref().ok().cloned()).collect();
    if !scans.is_empty() {
        let mut about = about(cmd, &take);
        about.subjects.extend(scans.iter().map(|scan| scan.location_id.to_string()));
        cmd.record(about, Deed::StockTakeScanned { scans: scans.clone() })?;
    }
    let lots = scans.iter().map(|scan| scan.lot_id.clone()).collect();
    let known = known(cmd.db, std::slice::from_ref(&take), lots)?;
    let verdict = |(index, found): (usize, std::result::Result<Scan, Wrong>)| {
        let index = i64::try_from(index).unwrap_or(i64::MAX);
        match found {
            Ok(scan) => {
                let scan = Some(ScanView::of(&take, scan, &known));
                ScanVerdict { index, outcome: ScanOutcome::Counted, message: None, scan }
            }
            Err((outcome, message)) => ScanVerdict { index, outcome, message: Some(message), scan: None },
        }
    };
    Ok(ScansTaken {
        counted: i64::try_from(scans.len()).unwrap_or(i64::MAX),
        scans: judged.into_iter().enumerate().map(verdict).collect(),
    })
}

/// What a scan is of.
struct Meant {
    lot: Lot,
    serial: Option<Serial>,
    /// How many units what carries the code holds.
    holds: Option<i64>,
    product: Product,
}

fn one(
    cmd: &mut Command<'_>,
    take: &StockTake,
    row: &NewScanned,
    today: NaiveDate,
    numbers: &mut HashSet<PackId>,
) -> Result<std::result::Result<Scan, Wrong>> {
    let location_id = match place(take, row.location_id.as_ref()) {
        Ok(place) => place,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let meant = match (&row.code, &row.lot_id) {
        (Some(code), None) => by_code(cmd, code, row.serial.as_ref(), today)?,
        (None, Some(_)) => by_lot(cmd, row)?,
        _ => Err((ScanOutcome::CodeOrLot, "Name the code or the lot, and not both.".to_owned())),
    };
    let meant = match meant {
        Ok(meant) => meant,
        Err(wrong) => return Ok(Err(wrong)),
    };
    if !take.is_open_for(&location_id, &meant.lot.id) {
        let message =
            format!("Lot {} was not reopened here: whoever approves reopens what is counted again.", meant.lot.lot);
        return Ok(Err((ScanOutcome::NotReopened, message)));
    }
    let (pack, whole) = match numbered(cmd, &meant)? {
        Ok(found) => found.unzip(),
        Err(wrong) => return Ok(Err(wrong)),
    };
    let Some(units) = row.units.map(Units::get).or(meant.holds).or(whole) else {
        return Ok(Err((ScanOutcome::UnitsRequired, "Say how many units there are.".to_owned())));
    };
    if let Some(wrong) = pack.as_ref().zip(whole).and_then(|(pack, whole)| too_many(pack, whole, units)) {
        return Ok(Err(wrong));
    }
    if let Some(pack) = &pack
        && !numbers.insert(pack.id.clone())
    {
        let message = format!("Serial number {} was scanned before in this stock-take: it counts once.", pack.serial);
        return Ok(Err((ScanOutcome::ScannedAlready, message)));
    }
    let (pack_id, serial) = pack.map(|pack| (pack.id, pack.serial)).unzip();
    Ok(Ok(Scan {
        id: cmd.mint(StockTakeScanId::mint),
        organisation_id: cmd.organisation().clone(),
        stock_take_id: take.id.clone(),
        round: take.round,
        location_id,
        lot_id: meant.lot.id,
        pack_id,
        serial,
        units,
        scanned_by: cmd.caller.subject.clone(),
        scanned_at: cmd.now,
        withdrawn_by: None,
        withdrawn_at: None,
        withdrawn_reason: None,
    }))
}

/// A number marks so many units, and no more lie there under it.
fn too_many(pack: &Pack, whole: i64, units: i64) -> Option<Wrong> {
    let message = || format!("Pack {} holds {}, not {units}.", pack.serial, number(whole, "unit"));
    (units > whole).then(|| (ScanOutcome::TooManyUnits, message()))
}

/// The place that a scan is of.
fn place(take: &StockTake, named: Option<&LocationId>) -> std::result::Result<LocationId, Wrong> {
    match (named, take.location_ids.as_slice()) {
        (Some(named), all) if all.contains(named) => Ok(named.clone()),
        (Some(_), _) => {
            let message = "This place is none of those that are counted.".to_owned();
            Err((ScanOutcome::LocationNotCounted, message))
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err((ScanOutcome::LocationRequired, "Several places are counted: say which.".to_owned())),
    }
}

fn unknown_lot(lot: &impl std::fmt::Display) -> Wrong {
    (ScanOutcome::LotUnknown, format!("Lot {lot} was never received here: receive it, or look at the label again."))
}

/// By the lot on the screen.
fn by_lot(cmd: &mut Command<'_>, row: &NewScanned) -> Result<std::result::Result<Meant, Wrong>> {
    let organisation = cmd.organisation();
    let found = row.lot_id.as_ref().map(|id| crate::stock::service::lot(cmd.db, organisation, id)).transpose()?;
    let Some(lot) = found.flatten() else {
        let named = row.lot_id.as_ref().map(ToString::to_string).unwrap_or_default();
        return Ok(Err(unknown_lot(&named)));
    };
    if !crate::stock::service::is_visible(cmd.db, cmd.caller, &lot.id)? {
        return Ok(Err(unknown_lot(&lot.id)));
    }
    let product = crate::catalogue::service::expect(cmd.db, organisation, &lot.product_id)?;
    Ok(Ok(Meant { lot, serial: row.serial.clone(), holds: None, product }))
}

/// By a scanned code.
fn by_code(
    cmd: &mut Command<'_>,
    code: &Codes,
    typed: Option<&Serial>,
    today: NaiveDate,
) -> Result<std::result::Result<Meant, Wrong>> {
    let decoded = match crate::receiving::rules::decode(code, today) {
        Ok(decoded) => decoded,
        Err(problem) => return Ok(Err((ScanOutcome::CodeUnreadable, problem.detail))),
    };
    let named = match crate::receiving::rules::product_of(&decoded) {
        Ok(named) => named,
        Err(problem) => return Ok(Err((ScanOutcome::CodeUnreadable, problem.detail))),
    };
    let Some(Ok(text)) = decoded.lot.as_deref().map(str::parse::<LotText>) else {
        let message = "The code carries no lot; scan the code that has one, or both where one is beside it.";
        return Ok(Err((ScanOutcome::LotRequired, message.to_owned())));
    };
    let organisation = cmd.organisation();
    let Some((product, identifier)) = crate::catalogue::service::find_named(cmd.db, organisation, &named)? else {
        return Ok(Err((ScanOutcome::ProductUnknown, format!("{named} is not in the catalogue."))));
    };
    let mut lots = crate::stock::service::lots_like(cmd.db, organisation, &product.id, &text, decoded.expiry, false)?;
    lots.retain(|lot| lot.lot == text && decoded.expiry.is_none_or(|expiry| lot.expiry == expiry));
    let ids: Vec<_> = lots.iter().map(|lot| &lot.id).collect();
    let seen = crate::stock::service::visible(cmd.db, cmd.caller, &ids)?;
    let is_elsewhere = !lots.is_empty();
    let Some(lot) = lots.into_iter().find(|lot| seen.contains(&lot.id)) else {
        let elsewhere = || {
            format!(
                "Lot {text} was received at another site, and never came to yours: have it transferred to where it lies, or look at \
                 the label again."
            )
        };
        return Ok(Err(if is_elsewhere { (ScanOutcome::LotUnknown, elsewhere()) } else { unknown_lot(&text) }));
    };
    let read = match decoded.serial.as_deref().map(str::parse::<Serial>) {
        Some(Ok(serial)) => Some(serial),
        Some(Err(invalid)) => return Ok(Err((ScanOutcome::CodeUnreadable, invalid.rule))),
        None => None,
    };
    if let (Some(read), Some(typed)) = (&read, typed)
        && read != typed
    {
        let message = format!("The code says {read}, and the field {typed}.");
        return Ok(Err((ScanOutcome::SerialsMismatch, message)));
    }
    Ok(Ok(Meant { lot, serial: read.or_else(|| typed.cloned()), holds: Some(identifier.units), product }))
}

/// The pack of a scan and how many units its number marks, where the books know it. Where a lot is kept without numbers, one on a label is no pack's.
fn numbered(cmd: &mut Command<'_>, meant: &Meant) -> Result<std::result::Result<Option<(Pack, i64)>, Wrong>> {
    let Some(serial) = &meant.serial else { return Ok(Ok(None)) };
    let organisation = cmd.organisation();
    let found = crate::stock::service::numbered(cmd.db, organisation, &meant.product.id, serial)?;
    let pack = found.filter(|found| !found.is_of_case() && found.pack.lot_id == meant.lot.id);
    let pack = pack.map(|found| (found.pack, found.marks));
    if pack.is_some() || !crate::stock::service::has_packs(cmd.db, organisation, &meant.lot.id)? {
        return Ok(Ok(pack));
    }
    let message = format!("No pack of lot {} with serial number {serial} was received.", meant.lot.lot);
    Ok(Err((ScanOutcome::SerialUnknown, message)))
}

/// Takes back a scan of the caller's own. Those of others are not there for whoever counts.
///
/// # Errors
/// `not_found`, `stock_take_not_open`, `reference_unknown`, `scan_withdrawn`.
pub fn withdraw(cmd: &mut Command<'_>, id: &StockTakeId, new: &NewWithdrawal) -> Result<ScanView> {
    let take = expect_locked(cmd, id)?;
    expect_counting(&take)?;
    let found = store::scan(cmd.db, cmd.organisation(), &new.scan_id)?;
    let own = found.filter(|scan| scan.stock_take_id == take.id && cmd.caller.is(&scan.scanned_by));
    let scan = own.ok_or_else(|| Error::reference_unknown("scan_id"))?;
    if scan.withdrawn_at.is_some() {
        return Err(Error::problem(ProblemCode::ScanWithdrawn, "This scan was taken back before."));
    }
    if !take.is_open_for(&scan.location_id, &scan.lot_id) {
        let detail = "The differences have shown, and this lot was not reopened: its count stays.";
        return Err(Error::problem(ProblemCode::StockTakeNotOpen, detail));
    }
    let (stock_take_id, scan_id, reason) = (take.id.clone(), scan.id.clone(), new.reason.clone());
    cmd.record(about(cmd, &take), Deed::StockTakeScanWithdrawn { stock_take_id, scan_id, reason })?;
    let known = known(cmd.db, std::slice::from_ref(&take), BTreeSet::from([scan.lot_id.clone()]))?;
    let withdrawn = Scan {
        withdrawn_by: Some(cmd.caller.subject.clone()),
        withdrawn_at: Some(cmd.now),
        withdrawn_reason: Some(new.reason.clone()),
        ..scan
    };
    Ok(ScanView::of(&take, withdrawn, &known))
}
