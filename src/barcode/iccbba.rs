//! ICCBBA (ISBT 128) device identifiers for medical products of human origin: data structures one
//! after the other, each starting with `=` or `&` and a second character that names it (ISBT 128
//! Standard Technical Specification, sections 2 and 3).

use super::error::{code, warning};
use super::{Decoded, Element, Error, Scheme, Warning, date};
use chrono::NaiveDate;

/// What a data structure says of a product.
#[derive(Clone, Copy)]
enum Meaning {
    DeviceIdentifier,
    Serial,
    Lot,
    Expiry,
    Manufacture,
    /// Kept as an element only.
    Other,
}

/// Identifier, number of characters of data, meaning, name.
const STRUCTURES: [(&str, usize, Meaning, &str); 10] = [
    ("=/", 16, Meaning::DeviceIdentifier, "device identifier"),
    ("=,", 6, Meaning::Serial, "serial number"),
    ("=)", 10, Meaning::DeviceIdentifier, "manufacturer and catalogue number"),
    ("&)", 10, Meaning::Lot, "lot of a container"),
    ("=>", 6, Meaning::Expiry, "expiry date"),
    ("&>", 10, Meaning::Expiry, "expiry date and time"),
    ("=}", 6, Meaning::Manufacture, "date of manufacture"),
    ("&}", 10, Meaning::Manufacture, "date and time of manufacture"),
    ("&,1", 18, Meaning::Lot, "lot"),
    // Any letter or digit after = is already data: a donation identification number.
    ("=", 15, Meaning::Other, "donation identification number"),
];

/// Reads the data structures from byte `start` of `input` on.
pub(crate) fn read(input: &str, start: usize) -> Result<Decoded, Error> {
    let mut decoded = Decoded::new(Scheme::Iccbba);
    let mut at = start;
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        let known = STRUCTURES.iter().find(|(flag, ..)| {
            let after = rest.strip_prefix(flag);
            after.is_some_and(|after| *flag != "=" || after.starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
        let (flag, length, meaning, name) = *known.ok_or_else(|| {
            let shown: String = rest.chars().take(2).collect();
            Error::new(code::ICCBBA, at, format!("\"{shown}\" starts no ICCBBA data structure that is understood."))
        })?;
        let value_at = at + flag.len();
        let after = rest.get(flag.len()..).unwrap_or_default();
        let value =
            after.get(..length).filter(|value| value.bytes().all(|b| b.is_ascii_alphanumeric())).ok_or_else(|| {
                let message = format!("{flag} ({name}) must be followed by {length} letters and digits.");
                Error::new(code::ICCBBA, value_at, message)
            })?;
        decoded.elements.push(Element { ai: flag.to_owned(), value: value.to_owned() });
        if decoded.elements.len() > STRUCTURES.len() {
            return Err(Error::new(code::TOO_MANY, at, "The code holds more data structures than there are."));
        }
        let text = || Some(value.to_owned());
        let fits = match meaning {
            Meaning::DeviceIdentifier => set(&mut decoded.udi_di, text()),
            Meaning::Serial => set(&mut decoded.serial, text()),
            Meaning::Lot => set(&mut decoded.lot, text()),
            Meaning::Expiry => {
                let (date, time) = day(value, name, value_at)?;
                if let Some(time) = time {
                    let message =
                        format!("The product expires at {time} of {date}: it must not be used after it on that day.");
                    decoded.warnings.push(Warning::new(warning::EXPIRY_TIME, message));
                }
                set(&mut decoded.expiry, Some(date))
            }
            Meaning::Manufacture => set(&mut decoded.production_date, Some(day(value, name, value_at)?.0)),
            Meaning::Other => true,
        };
        if !fits {
            return Err(Error::new(code::CONFLICT, at, format!("The code holds a second, different {name}.")));
        }
        at = value_at + length;
    }
    Ok(decoded)
}

/// The ICCBBA code of `elements`, in their order. Reading it gives the same elements back.
///
/// # Errors
/// As for reading; the position is one in the code that was built.
pub fn build(elements: &[Element]) -> Result<String, Error> {
    let text: String = elements.iter().flat_map(|element| [element.ai.as_str(), &element.value]).collect();
    if elements.is_empty() || read(&text, 0)?.elements != elements {
        return Err(Error::new(code::ICCBBA, 0, "These elements are no ICCBBA data structures."));
    }
    Ok(text)
}

/// Fills the slot; false when it holds something else already.
fn set<T: PartialEq>(slot: &mut Option<T>, value: Option<T>) -> bool {
    let fits = slot.is_none() || *slot == value;
    *slot = value;
    fits
}

/// `YYYJJJ`, the year from 2000 on and the day of the year; then perhaps hours and minutes.
fn day(text: &str, name: &str, at: usize) -> Result<(NaiveDate, Option<String>), Error> {
    let wrong = |code, what: &str| {
        Error::new(code, at, format!("The {name} {what} (it is written YYYJJJ, with JJJ the day of the year)."))
    };
    let field = |from: usize, to: usize| date::number(text.get(from..to));
    let read = || date::day_of_year(2000_i32.saturating_add_unsigned(field(0, 3)?), field(3, 6)?);
    let date = read().map_err(|_| wrong(code::DATE, "does not exist"))?;
    let Some(time) = text.get(6..).filter(|time| !time.is_empty()) else {
        return Ok((date, None));
    };
    match (field(6, 8), field(8, 10)) {
        (Ok(hour @ 0..=23), Ok(minute @ 0..=59)) => Ok((date, Some(format!("{hour:02}:{minute:02}")))),
        _ => Err(wrong(code::TIME, &format!("has the time {time}, which does not exist"))),
    }
}
