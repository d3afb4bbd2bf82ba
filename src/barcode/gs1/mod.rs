//! GS1: element strings, bracketed text and Digital Links, all on one table of application
//! identifiers.

mod ai;
pub mod ai_table;
mod association;
pub mod bracketed;
pub(crate) mod check;
mod codes;
pub mod digital_link;
pub mod element_string;

pub use association::check_associations;
pub(crate) use codes::is_country_letters;

use super::date::{self, BarcodeDate};
use super::error::{code, warning};
use super::{Decoded, Element, Error, Scheme, Warning};
use ai_table::Ai;
use chrono::NaiveDate;
use std::borrow::Cow;

/// More elements than any symbol holds; it bounds what a hostile input can cost.
const MAX_ELEMENTS: usize = 64;

/// An element as it stands in the input.
pub(crate) struct Read<'a> {
    row: &'static Ai,
    ai: &'a str,
    value: Cow<'a, str>,
    /// Where it stands.
    at: usize,
}

fn too_many(at: usize) -> Error {
    Error::new(code::TOO_MANY, at, format!("The code holds more than {MAX_ELEMENTS} elements, which no bar code can."))
}

/// What the elements say, once they may stand together.
pub(crate) fn interpret(elements: Vec<Read>, today: NaiveDate, warnings: Vec<Warning>) -> Result<Decoded, Error> {
    let seen: Vec<association::Seen> = elements
        .iter()
        .map(|read| association::Seen { row: Some(read.row), ai: read.ai, value: &read.value, position: read.at })
        .collect();
    association::check(&seen).map_err(|error| with_hint(error, &warnings))?;
    let mut decoded = Decoded { warnings, ..Decoded::new(Scheme::Gs1) };
    let (mut expiry_time, mut production_time) = (None, None);
    for element in &elements {
        let text = || Some(element.value.as_ref().to_owned());
        let date =
            |day_zero_allowed| date::yymmdd(element.value.get(..6)?, day_zero_allowed, today).map(|read| read.date);
        match element.ai {
            "01" => decoded.gtin = text(),
            "10" => decoded.lot = text(),
            "21" => decoded.serial = text(),
            "17" => decoded.expiry = date(true),
            "11" => decoded.production_date = date(true),
            "7003" => expiry_time = date(false),
            "8008" => production_time = date(false),
            _ => {}
        }
        warn_of_day_zero(element, today, &mut decoded.warnings);
    }
    decoded.expiry = expiry(decoded.expiry, expiry_time, &mut decoded.warnings);
    decoded.production_date = decoded.production_date.or(production_time);
    decoded.udi_di.clone_from(&decoded.gtin);
    decoded.digital_link = digital_link::build_seen(&seen);
    decoded.elements =
        seen.iter().map(|read| Element { ai: read.ai.to_owned(), value: read.value.to_owned() }).collect();
    Ok(decoded)
}

/// What is missing may have been swallowed by the value before it; then that is what a person should look at.
fn with_hint(mut error: Error, warnings: &[Warning]) -> Error {
    let swallowed = warnings.iter().find(|known| known.code == warning::SWALLOWED_AI);
    if let Some(swallowed) = swallowed.filter(|_| error.code == code::AI_REQUIRED) {
        error.message.push(' ');
        error.message.push_str(&swallowed.message);
    }
    error
}

/// The last day on which the product may be used. An hour of expiry is not kept, so that it is
/// pointed out.
fn expiry(day: Option<NaiveDate>, day_of_time: Option<NaiveDate>, warnings: &mut Vec<Warning>) -> Option<NaiveDate> {
    let Some(day_of_time) = day_of_time else {
        return day;
    };
    let message = "AI 7003 gives the hour of expiry: on its last day the product must not be used after it.";
    warnings.push(Warning::new(warning::EXPIRY_TIME, message));
    match day {
        Some(day) if day != day_of_time => {
            let message = "AI 17 and AI 7003 name different days; the earlier one is taken. Compare with the pack.";
            warnings.push(Warning::new(warning::EXPIRY_TWICE, message));
            Some(day.min(day_of_time))
        }
        _ => Some(day_of_time),
    }
}

/// GS1 General Specifications, section 3.4: since 2025 dates on regulated healthcare items must
/// have a day.
fn warn_of_day_zero(element: &Read, today: NaiveDate, warnings: &mut Vec<Warning>) {
    let dated = element.row.parts.first().is_some_and(|part| part.checks.contains(&ai_table::Check::DateOrMonth));
    let read = element.value.get(..6).filter(|_| dated).and_then(|value| date::yymmdd(value, true, today));
    if let Some(BarcodeDate { date, day_zero: true }) = read {
        let message = format!(
            "{} has no day (00): read as {date}, the last day of the month.",
            check::label(element.row, element.ai)
        );
        warnings.push(Warning::new(warning::DAY_ZERO, message));
    }
}

/// Whether `elements` are ones that a code may hold: identifiers, values and associations.
fn check_elements(elements: &[Element], today: NaiveDate) -> Result<(), Error> {
    for (index, element) in elements.iter().enumerate() {
        let row = ai_table::find(&element.ai).ok_or_else(|| {
            Error::new(code::AI_UNKNOWN, index, format!("{:?} is not a GS1 application identifier.", element.ai))
        })?;
        check::value(row, &element.ai, &element.value, today).map_err(|error| Error { position: index, ..error })?;
    }
    check_associations(elements)
}

/// An EAN, UPC or ITF-14 number of `digits` characters at byte `start`, which is AI 01 in 14 digits
/// (GS1 General Specifications, section 7.8.2).
pub(crate) fn read_gtin(input: &str, start: usize, digits: usize) -> Result<Read<'_>, Error> {
    let number = input.get(start..).unwrap_or_default();
    let number = number.split_once('|').map_or(number, |(number, _)| number);
    if let Some((offset, _)) = number.char_indices().find(|(_, c)| !c.is_ascii_digit()) {
        return Err(Error::new(code::CHARACTER, start + offset, "An EAN, UPC or ITF-14 number holds only digits."));
    }
    if number.len() != digits {
        let message = format!("This symbol carries {digits} digits; {} were read.", number.len());
        return Err(Error::new(code::EAN_LENGTH, start, message));
    }
    let value = super::gtin::normalise(number).ok_or_else(|| {
        let message = "The check digit of the EAN, UPC or ITF-14 number does not fit: it was misread or misprinted.";
        Error::new(code::CHECK_DIGIT, start + digits.saturating_sub(1), message)
    })?;
    let row =
        ai_table::find("01").ok_or_else(|| Error::new(code::AI_UNKNOWN, start, "AI 01 is missing from the table."))?;
    Ok(Read { row, ai: "01", value: Cow::Owned(value), at: start })
}
