//! What a pack says of itself on arrival, and what is suspicious about it.

use chrono::NaiveDate;

use super::model::Flag;
use super::wire::NewLine;
use crate::barcode;
use crate::catalogue::model::{DeviceIdentifier, Product};
use crate::decision::{Findings, ReasonCode, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::policies::model::Policy;
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::model::OrderLine;
use crate::purchasing::rules::Count;
use crate::stock::model::{AccountKind, Lot, Numbered};
use crate::values::{Codes, Currency, Expiry, LotText, MinorUnits, Serial, Word, number};

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identified {
    /// The product, and what carries the code.
    pub named: DeviceIdentifier,
    /// The lot text.
    pub lot: LotText,
    /// The labelled expiry.
    pub expiry: NaiveDate,
    /// The serial numbers, where there are any: one for each pack, unit or case.
    pub serials: Vec<Serial>,
    /// When it was made, where the code says so.
    pub production_date: Option<NaiveDate>,
    /// Whether a value may have swallowed the next one.
    pub is_doubtful: bool,
}

/// DOMAIN rule 6: lot and expiry are required, never guessed or derived. What a code says, it says; what it does not say is
/// typed from the label.
///
/// # Errors
/// `code_unreadable`, also where neither says which product it is; `label_disagrees` where the code says one thing and what was
/// typed another; `lot_required`, `expiry_required`, `missing_field`.
pub fn identify(index: usize, line: &NewLine, today: NaiveDate) -> Result<Identified> {
    let field = |name: &str| format!("lines[{index}].{name}");
    let read = match &line.scan {
        Some(scan) => from_code(scan, today).map_err(|problem| Error::Problem(problem.at(field("scan"))))?,
        None => OnCode::default(),
    };
    let serials = match (&line.serial, &line.serials) {
        (Some(_), Some(_)) => {
            let rule = "stands for one pack and serials for several: give one or the other";
            return Err(Error::invalid(ProblemCode::InvalidBody, &field("serial"), rule));
        }
        (Some(serial), None) => vec![serial.clone()],
        (None, serials) => serials.clone().unwrap_or_default(),
    };
    let is_scanned = line.scan.is_some();
    let unnamed = if is_scanned { ProblemCode::CodeUnreadable } else { ProblemCode::MissingField };
    let missing = |name: &str, code, what: &str| {
        let detail = if is_scanned {
            format!("The code carries no {what}. Scan the code beside it too, or type {name} from the label.")
        } else {
            format!("{} is missing.", field(name))
        };
        let at = if is_scanned { "scan" } else { name };
        Error::Problem(Problem::new(code, detail).at(field(at)))
    };
    let typed = match (&line.gtin, &line.udi_di) {
        (Some(_), Some(_)) => {
            let rule = "is a device identifier, and so is udi_di: give one or the other";
            return Err(Error::invalid(ProblemCode::InvalidBody, &field("gtin"), rule));
        }
        (Some(gtin), None) => Some(DeviceIdentifier::from(gtin)),
        (None, Some(value)) => Some(DeviceIdentifier { scheme: None, value: value.clone() }),
        (None, None) => None,
    };
    let name = if line.udi_di.is_some() { "udi_di" } else { "gtin" };
    let is_alike = |a: &DeviceIdentifier, b: &DeviceIdentifier| a.value == b.value;
    let named = agreed(read.named, typed, is_alike, &field(name), "product", |named| named.value.to_string())?;
    let lot = agreed(read.lot, line.lot.clone(), PartialEq::eq, &field("lot"), "lot", LotText::to_string)?;
    let expiry = line.expiry.map(Expiry::day);
    let expiry = agreed(read.expiry, expiry, PartialEq::eq, &field("expiry"), "expiry", NaiveDate::to_string)?;
    let made = (&field("production_date"), "production date");
    let production_date =
        agreed(read.production_date, line.production_date, PartialEq::eq, made.0, made.1, NaiveDate::to_string)?;
    let own = read.serial.map(|serial| vec![serial]);
    let name = if line.serials.is_some() { "serials" } else { "serial" };
    let told = |serials: &Vec<Serial>| serials.iter().map(Serial::as_str).take(3).collect::<Vec<_>>().join(", ");
    let typed = Some(serials).filter(|serials| !serials.is_empty());
    let serials = agreed(own, typed, PartialEq::eq, &field(name), "serial number", told)?.unwrap_or_default();
    Ok(Identified {
        named: named.ok_or_else(|| missing("gtin", unnamed, "device identifier"))?,
        lot: lot.ok_or_else(|| missing("lot", ProblemCode::LotRequired, "lot"))?,
        expiry: expiry.ok_or_else(|| missing("expiry", ProblemCode::ExpiryRequired, "expiry"))?,
        serials,
        production_date,
        is_doubtful: read.is_doubtful,
    })
}

/// What the code of a label says: not always all.
#[derive(Default)]
struct OnCode {
    named: Option<DeviceIdentifier>,
    lot: Option<LotText>,
    expiry: Option<NaiveDate>,
    serial: Option<Serial>,
    production_date: Option<NaiveDate>,
    is_doubtful: bool,
}

/// DOMAIN rule 7: a label that says one thing in its code and another in print is a suspected falsification, and nobody chooses
/// between the two unseen.
fn agreed<T>(
    read: Option<T>,
    typed: Option<T>,
    is_alike: impl Fn(&T, &T) -> bool,
    field: &str,
    what: &str,
    told: impl Fn(&T) -> String,
) -> Result<Option<T>> {
    match (read, typed) {
        (Some(read), Some(typed)) if !is_alike(&read, &typed) => {
            let (read, typed) = (told(&read), told(&typed));
            let detail = format!(
                "The code says {what} {read}, and {field} {typed}. Look at the label: leave the field out where the code is right; \
                 a label that disagrees with its own code is a suspected falsification, to be received by its code and put on hold."
            );
            Err(Error::Problem(Problem::new(ProblemCode::LabelDisagrees, detail).at(field)))
        }
        (read, typed) => Ok(read.or(typed)),
    }
}

fn from_code(scan: &Codes, today: NaiveDate) -> std::result::Result<OnCode, Problem> {
    let decoded = decode(scan, today)?;
    Ok(OnCode {
        named: DeviceIdentifier::of(&decoded)?,
        is_doubtful: decoded.warnings.iter().any(|warning| warning.code == Flag::PossiblySwallowedAi.as_str()),
        lot: decoded.lot.map(|lot| lot.parse()).transpose()?,
        expiry: decoded.expiry,
        serial: decoded.serial.map(|serial| serial.parse()).transpose()?,
        production_date: decoded.production_date,
    })
}

/// Reads the code of a label, or its codes.
///
/// # Errors
/// `code_unreadable`, with the decoder's own words and position.
pub fn decode(scan: &Codes, today: NaiveDate) -> std::result::Result<barcode::Decoded, Problem> {
    let codes = scan.texts();
    barcode::decode_label(&codes, today).map_err(|(index, error)| {
        let which = if codes.len() > 1 { format!("code {}, ", index.saturating_add(1)) } else { String::new() };
        let at = format!("{which}at character {}, {}", error.position.saturating_add(1), error.code);
        Problem::new(ProblemCode::CodeUnreadable, format!("{} ({at})", error.message))
    })
}

/// The product that a code names.
///
/// # Errors
/// `code_unreadable` when it names none.
pub fn product_of(decoded: &barcode::Decoded) -> std::result::Result<DeviceIdentifier, Problem> {
    DeviceIdentifier::of(decoded)?.ok_or_else(|| {
        let detail = "The code carries no device identifier, so it does not say which product it is. \
                      Scan the code beside it too.";
        Problem::new(ProblemCode::CodeUnreadable, detail)
    })
}

/// What a delivery note's number is told by: two people write `DN-1001` and `dn 1001` for the same one. It is kept, and the migration that
/// began with it says the same in SQL: so capitals are those of ASCII.
pub fn note_key(note: &Word) -> String {
    note.as_str().chars().filter(|c| !" -/._".contains(*c)).map(|c| c.to_ascii_uppercase()).collect()
}

/// A serial number that arrives, and what is known of it.
pub struct Arriving<'a> {
    /// The number.
    pub serial: &'a Serial,
    /// The product that it is one of.
    pub product: &'a Product,
    /// How many units it marks: those of what carries it.
    pub units: i64,
    /// What was received under it before.
    pub known: Option<&'a Numbered>,
    /// Whether that was of the lot that it is of now.
    pub is_of_lot: bool,
    /// How many units were administered under it though no pack had it.
    pub units_administered: i64,
}

/// DOMAIN rule 9: a serial number exists once per product, and is inside once at a time. What was returned, or was missing
/// when it was counted, may arrive again as what it was, as long as nothing of it was used, wasted or destroyed.
///
/// Whether it arrives again; finds against all else that was received or used before.
pub fn may_arrive(arriving: &Arriving<'_>, findings: &mut Findings) -> bool {
    let Arriving { serial, product, units, known, is_of_lot, units_administered } = *arriving;
    let why = match known {
        None if units_administered > 0 => {
            let used = number(units_administered, "unit");
            format!("was used before: {used} of it, which no receipt had named")
        }
        None => return false,
        Some(known) if known.is_of_case() => "was received before, as that of a case".to_owned(),
        Some(_) if !is_of_lot => "was received before, with another lot".to_owned(),
        Some(known) if known.marks != units => {
            format!("was received before, as that of {}", number(known.marks, "unit"))
        }
        Some(known) => {
            let inside = known.units(|kind| kind.disposition().is_some());
            let gone =
                known.units(|kind| matches!(kind, AccountKind::Patient | AccountKind::Waste | AccountKind::Destroyed));
            match (inside, gone) {
                (0, 0) => return true,
                (0, _) => "was received before, and units of it were used, wasted or destroyed".to_owned(),
                (inside, _) => format!("was received before, with {} still on hand", number(inside, "unit")),
            }
        }
    };
    let message = format!("Serial number {serial} of {} {why}.", product.name);
    findings.refuse(ReasonCode::SerialAlreadyUsed, Subject::new(SubjectType::Serial, serial), message);
    false
}

/// A line as it arrived, and what it is judged by.
pub struct Arrived<'a> {
    /// Its lot.
    pub lot: &'a Lot,
    /// Its product.
    pub product: &'a Product,
    /// Whether a value of its code may have swallowed the next one.
    pub is_doubtful: bool,
    /// The day of its arrival, at the site.
    pub day: NaiveDate,
    /// When it was made, where its label says so.
    pub made_on: Option<NaiveDate>,
    /// Other lots of the product whose texts are alike, or the same with another expiry.
    pub alike: &'a [Lot],
    /// What the rules for buying find.
    pub findings: &'a Findings,
    /// The organisation's policy.
    pub policy: &'a Policy,
    /// Whether packs of it were here before.
    pub is_back: bool,
    /// How warm the goods were, in milli-degrees Celsius, where somebody measured it.
    pub temperature_mc: Option<i32>,
    /// Whether its supplier sent a delivery note of that number before.
    pub is_note_seen: bool,
    /// Whether the order that it answers had been closed short.
    pub is_after_closing: bool,
    /// How many units more than the line that it replaces units of had brought came in its place.
    pub over_replaced: i64,
    /// Whether the order that it answers has another price, or prices in another currency.
    pub is_price_another: bool,
    /// How it counts into the order, if it answers one.
    pub count: Option<&'a Count>,
}

/// DOMAIN rules 4 to 8, and 13: what is suspicious on arrival. None of it refuses the receipt; it is recorded and shown.
pub fn flags(arrived: &Arrived<'_>) -> Vec<Flag> {
    let Arrived { lot, product, is_doubtful, day, alike, findings, policy, is_back, count, .. } = arrived;
    let has = |wanted: &[ReasonCode]| findings.reasons.iter().any(|reason| wanted.contains(&reason.code));
    use ReasonCode as R;
    let licence = [
        R::SupplierLicenceMissing,
        R::SupplierLicenceOutsideValidity,
        R::SupplierLicenceCheckMissing,
        R::SupplierLicenceCheckFailed,
        R::SupplierLicenceCheckStale,
        R::SupplierLicenceScope,
        R::SupplierLicenceJurisdiction,
    ];
    [
        (alike.iter().any(|other| other.lot == lot.lot), Flag::ExpiryTwin),
        (*is_doubtful, Flag::PossiblySwallowedAi),
        (lot.expiry < *day, Flag::ExpiredOnArrival),
        (is_short_dated(lot.expiry, *day, policy.minimum_remaining_days), Flag::ShortDated),
        (crate::policies::rules::is_denied(policy, product, &lot.lot), Flag::DeniedLot),
        (has(&[R::ProductNotAuthorised]), Flag::ProductNotAuthorised),
        (has(&[R::ProductAuthorisationStale]), Flag::ProductAuthorisationStale),
        (has(&[R::SupplierNotApproved]), Flag::SupplierNotApproved),
        (has(&licence), Flag::SupplierLicence),
        (has(&[R::SupplierDenied]), Flag::SupplierDenied),
        (count.is_some_and(|count| count.is_unordered), Flag::NotOrdered),
        (count.is_some_and(|count| count.is_over), Flag::OverDelivered),
        (alike.iter().any(|other| other.lot != lot.lot && other.lot.matches(&lot.lot)), Flag::LotTextVariant),
        (alike.iter().any(|other| !other.lot.matches(&lot.lot)), Flag::LotNearMiss),
        (has(&[R::LocationBandMismatch]), Flag::LocationBandMismatch),
        (has(&[R::LocationClassMismatch]), Flag::LocationClassMismatch),
        (*is_back, Flag::SerialArrivedAgain),
        (
            arrived.temperature_mc.is_some_and(|at| !(product.storage_min_mc..=product.storage_max_mc).contains(&at)),
            Flag::ArrivedOutOfBand,
        ),
        (arrived.is_note_seen, Flag::DeliveryNoteSeen),
        (arrived.is_after_closing, Flag::OrderWasClosed),
        (arrived.over_replaced > 0, Flag::OverReplaced),
        (arrived.made_on.is_some_and(|made_on| made_on > lot.expiry || made_on > *day), Flag::ProductionDateImpossible),
        (arrived.is_price_another, Flag::PriceDiffers),
    ]
    .into_iter()
    .filter_map(|(applies, flag)| applies.then_some(flag))
    .collect()
}

/// DOMAIN rule 6: fewer days are left than the organisation wants. What has run out is not short-dated, but expired.
fn is_short_dated(expiry: NaiveDate, day: NaiveDate, minimum_remaining_days: i64) -> bool {
    let left = expiry.signed_duration_since(day).num_days();
    (0..minimum_remaining_days).contains(&left)
}

/// What was invoiced for a line.
pub struct Invoiced<'a> {
    /// For each of what was counted, where anything was said.
    pub price: Option<MinorUnits>,
    /// How many units one of them holds.
    pub units_each: i64,
    /// What it is in, and what the order's prices are in.
    pub currencies: (Option<&'a Currency>, Option<&'a Currency>),
}

/// Whether a line of an order that units count into has another price than what was invoiced, unit for unit, or one in another
/// currency. An order without prices is contradicted by none.
pub fn is_price_another(invoiced: &Invoiced<'_>, order_lines: &[OrderLine], count: &Count) -> bool {
    let Some(price) = invoiced.price else { return false };
    let is_counted = |line: &&OrderLine| count.counted.iter().any(|counted| counted.order_line_id == line.id);
    order_lines.iter().filter(is_counted).any(|line| {
        let Some(ordered) = line.pack_price_minor else { return false };
        let of_line = i128::from(price.get()).saturating_mul(line.units.into());
        let of_order = i128::from(ordered.get()).saturating_mul(line.packs.into());
        of_line != of_order.saturating_mul(invoiced.units_each.into()) || invoiced.currencies.0 != invoiced.currencies.1
    })
}

/// DOMAIN rule 12: units that came by no receipt came from nobody who was vetted.
pub fn origin_unknown(lot: &Lot, findings: &mut Findings) {
    let message = format!("Nobody knows by which receipt these units of lot {} came.", lot.lot);
    findings.refuse(ReasonCode::OriginUnknown, Subject::new(SubjectType::Lot, &lot.id), message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_fewer_days_left_than_wanted_is_short_dated() {
        // DOMAIN rule 6: flagged below the minimum; the default of 0 days flags nothing.
        for (expiry, minimum, expected) in [
            ("2026-11-21", 0, false),
            ("2026-11-20", 90, false),
            ("2026-11-21", 1, true),
            ("2027-02-18", 90, true),
            ("2027-02-19", 90, false),
        ] {
            let found = is_short_dated(expiry.parse().unwrap(), "2026-11-21".parse().unwrap(), minimum);
            assert_eq!(found, expected, "{expiry} {minimum}");
        }
    }
}
