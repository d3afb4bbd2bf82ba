//! Reads every code that a clinic's scanner or camera gives for a medical product: GS1 element
//! strings, bracketed text, Digital Links and EAN/UPC numbers, HIBC, and ICCBBA.
//!
//! [`decode`] is the door. What it promises:
//! - It decides by the rules of the standards, and refuses what breaks one: position, element and
//!   rule are named, in words for the person who holds the pack, with a stable code from
//!   [`ERRORS`].
//! - It never guesses. Where a person should look (a separator that may be missing, a date without
//!   a day), it says so in a warning with a stable code from [`WARNINGS`], and gives what was read,
//!   unchanged.
//! - It is pure: no clock (the day is given, for the century of two-digit years), no database, no
//!   network.
//! - It takes time linear in the input, does not panic, and allocates little: below 1 MiB for
//!   whatever is given to it.
//!
//! Where a code comes as a picture, `crate::picture` stands before it.

pub mod date;
mod error;
pub mod gs1;
pub mod gtin;
pub mod hibc;
pub mod iccbba;
mod label;

pub use error::{ERRORS, Error, WARNINGS, Warning};
pub use label::decode_label;

use chrono::{Datelike, NaiveDate};
use error::{code, warning};
use serde::{Serialize, Serializer};

/// The longest input that is looked at: far more than any symbol holds.
pub const MAX_INPUT: usize = 64 * 1024;

/// The issuing agency whose rules a code follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// GS1.
    Gs1,
    /// Health Industry Business Communications Council.
    Hibc,
    /// ICCBBA (ISBT 128).
    Iccbba,
}

/// One element of a code, raw as read: day 00 stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Element {
    /// The GS1 application identifier; for HIBC and ICCBBA the flag that plays its part.
    pub ai: String,
    /// The value.
    pub value: String,
}

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decoded {
    /// Whose rules it follows.
    pub scheme: Scheme,
    /// 14 digits; only from AI 01 or an EAN, UPC or ITF-14 number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// The device identifier of the UDI: the GTIN; for HIBC labeler, product and unit of measure;
    /// for ICCBBA the data of `=/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udi_di: Option<String>,
    /// Batch or lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// The last day of use; for a month the last day of it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "iso_date")]
    pub expiry: Option<NaiveDate>,
    /// Serial number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The day of manufacture.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "iso_date")]
    pub production_date: Option<NaiveDate>,
    /// All elements in the order of the code; an EAN, UPC or ITF-14 number is AI 01 in 14 digits.
    pub elements: Vec<Element>,
    /// The canonical GS1 Digital Link on `https://id.gs1.org`, where the elements have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digital_link: Option<String>,
    /// What a person should look at.
    pub warnings: Vec<Warning>,
}

impl Decoded {
    fn new(scheme: Scheme) -> Self {
        Self {
            scheme,
            gtin: None,
            udi_di: None,
            lot: None,
            expiry: None,
            serial: None,
            production_date: None,
            elements: Vec::new(),
            digital_link: None,
            warnings: Vec::new(),
        }
    }
}

/// `YYYY-MM-DD`. Written by hand because the general formatter would be the slowest part of a decode
/// line.
fn iso_date<S: Serializer>(date: &Option<NaiveDate>, serializer: S) -> Result<S::Ok, S::Error> {
    let Some(date) = date else {
        return serializer.serialize_none();
    };
    let mut text = String::with_capacity(10);
    let year = date.year().unsigned_abs();
    for (number, places) in [(year, [1000, 100, 10, 1].as_slice()), (date.month(), &[10, 1]), (date.day(), &[10, 1])] {
        if !text.is_empty() {
            text.push('-');
        }
        text.extend(places.iter().filter_map(|place| char::from_digit(number / place % 10, 10)));
    }
    serializer.serialize_str(&text)
}

/// Whether all of `text` is in GS1 AI encodable character set 82, which lots and serials use (GS1
/// General Specifications, figure 7.11-1). True for the empty text.
pub fn is_charset_82(text: &str) -> bool {
    text.chars().all(gs1::check::in_set_82)
}

/// Reads one code, as a scanner types it or a camera reads it.
///
/// With a symbology identifier (ISO/IEC 15424) in front, that decides: `]d2 ]C1 ]Q3 ]e0 ]J1` are
/// GS1 element strings, `]E0 ]E4 ]I1` an EAN, UPC or ITF-14 number, `]d1 ]Q1 ]J0 ]C0` and Code 39
/// (`]A…`) anything else. Without one, the first character does: `(` bracketed text, `https://` or
/// `http://` a Digital Link, `+` HIBC, `=` or `&` ICCBBA, a digit or a separator element strings.
/// The separator is U+001D; `^`, `{GS}` and the six characters `\u001d` stand for it.
///
/// `today` places two-digit years in a century.
///
/// # Errors
/// The first rule that the code breaks, with its position in `input`.
pub fn decode(input: &str, today: NaiveDate) -> Result<Decoded, Error> {
    if input.is_empty() {
        return Err(Error::new(code::EMPTY, 0, "Nothing was read: the code is empty."));
    }
    if input.len() > MAX_INPUT {
        return Err(too_long());
    }
    check_characters(input)?;
    let mut warnings = Vec::new();
    let start = if input.starts_with(']') { 3 } else { 0 };
    let elements = match Content::of(input)? {
        Content::ElementString => gs1::element_string::read(input, start, today, &mut warnings)?,
        Content::Bare => bare(input, today, &mut warnings)?,
        Content::Bracketed => gs1::bracketed::read(input, start, today)?,
        Content::DigitalLink => gs1::digital_link::read(input, start, today, &mut warnings)?,
        Content::Gtin(digits) => gtin_and_composite(input, start, digits, today, &mut warnings)?,
        Content::Hibc => return hibc::read(input, start, today),
        Content::Iccbba => return iccbba::read(input, start),
    };
    gs1::interpret(elements, today, warnings)
}

/// [`decode`] for bytes that may not be text.
///
/// # Errors
/// As [`decode`], and `not_utf8`.
pub fn decode_bytes(input: &[u8], today: NaiveDate) -> Result<Decoded, Error> {
    // The length first: of a long line a caller may have kept only the beginning, cut within a
    // character.
    let text = std::str::from_utf8(input).map_err(|error| match input.len() {
        0..=MAX_INPUT => Error::new(code::NOT_UTF8, error.valid_up_to(), "The bytes are not text in UTF-8."),
        _ => too_long(),
    })?;
    decode(text, today)
}

fn too_long() -> Error {
    Error::new(code::TOO_LONG, MAX_INPUT, "This is more text than any bar code holds.")
}

/// All formats are ASCII, and of the control characters only the separator occurs in them.
/// Everything behind this check may take bytes for characters.
fn check_characters(input: &str) -> Result<(), Error> {
    let wrong = input.char_indices().find(|(_, c)| !matches!(*c, ' '..='~' | gs1::element_string::GROUP_SEPARATOR));
    match wrong {
        None => Ok(()),
        Some((position, character)) if character.is_ascii_control() => {
            let message = format!("The code holds the control character U+{:04X}.", u32::from(character));
            Err(Error::new(code::CONTROL, position, message))
        }
        Some((position, character)) => {
            let message = format!(
                "The code holds {character:?}; the bar codes of medical products hold only plain ASCII characters."
            );
            Err(Error::new(code::CHARACTER, position, message))
        }
    }
}

/// What an input holds, by its symbology identifier or its first character.
enum Content {
    ElementString,
    /// Digits without a symbology identifier.
    Bare,
    Bracketed,
    DigitalLink,
    /// An EAN, UPC or ITF-14 number of so many digits.
    Gtin(usize),
    Hibc,
    Iccbba,
}

impl Content {
    fn of(input: &str) -> Result<Self, Error> {
        let Some(identified) = input.strip_prefix(']') else {
            return Self::by_first_character(input).ok_or_else(|| {
                let message = "The code starts like none of the formats that are understood: GS1, HIBC or ICCBBA.";
                Error::new(code::FORMAT, 0, message)
            });
        };
        let bytes = identified.as_bytes();
        match bytes {
            [b'd', b'2', ..] | [b'C' | b'J', b'1', ..] | [b'Q', b'3', ..] | [b'e', b'0', ..] => Ok(Self::ElementString),
            [b'E', b'0', ..] => Ok(Self::Gtin(13)),
            [b'E', b'4', ..] => Ok(Self::Gtin(8)),
            [b'I', b'1', ..] => Ok(Self::Gtin(14)),
            [b'd' | b'Q', b'1', ..] | [b'J' | b'C', b'0', ..] | [b'A', b'0'..=b'7', ..] => {
                let content = Self::by_first_character(identified.get(2..).unwrap_or_default());
                let data = content.filter(|content| !matches!(content, Self::Bare | Self::ElementString));
                data.ok_or_else(|| {
                    let message =
                        "The symbol carries plain text that is not marked as product data, so Lotline does not read it.";
                    Error::new(code::UNSUPPORTED, 3, message)
                })
            }
            _ => {
                let message =
                    "The code starts with a symbology identifier (]) of a symbol that carries no product data.";
                Err(Error::new(code::SYMBOLOGY, 0, message))
            }
        }
    }

    fn by_first_character(text: &str) -> Option<Self> {
        if gs1::digital_link::scheme(text).is_some() {
            return Some(Self::DigitalLink);
        }
        match text.chars().next()? {
            '(' => Some(Self::Bracketed),
            '+' => Some(Self::Hibc),
            '=' | '&' => Some(Self::Iccbba),
            '0'..='9' => Some(Self::Bare),
            _ if gs1::element_string::separator(text) > 0 => Some(Self::ElementString),
            _ => None,
        }
    }
}

/// An EAN or UPC number, and the elements of the composite component that may be printed above it.
fn gtin_and_composite<'a>(
    input: &'a str,
    start: usize,
    digits: usize,
    today: NaiveDate,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<gs1::Read<'a>>, Error> {
    let mut elements = vec![gs1::read_gtin(input, start, digits)?];
    if let Some((_, composite)) = input.split_once('|') {
        let at = input.len() - composite.len();
        if !composite.starts_with("]e0") {
            return Err(Error::new(
                code::SYMBOLOGY,
                at,
                "After the EAN or UPC number only a composite component (]e0) may follow.",
            ));
        }
        elements.extend(gs1::element_string::read(input, at + 3, today, warnings)?);
    }
    Ok(elements)
}

/// Digits without a symbology identifier are element strings. A scanner that sends none may have
/// read an EAN or UPC number, which is taken as such only when no identifier starts like it: then
/// it can be nothing else. Where it could be the rest of an element string it is refused.
fn bare<'a>(input: &'a str, today: NaiveDate, warnings: &mut Vec<Warning>) -> Result<Vec<gs1::Read<'a>>, Error> {
    const ALSO: &str =
        "The digits are also a valid EAN, UPC or ITF-14 number. Let the scanner send symbology identifiers.";
    let elements = gs1::element_string::read(input, 0, today, warnings);
    if !gtin::is_valid(input) {
        return elements;
    }
    match elements {
        Ok(elements) => {
            warnings.push(Warning::new(warning::EAN_OR_AI, ALSO));
            Ok(elements)
        }
        Err(error) if error.code == code::AI_UNKNOWN && error.position == 0 => {
            let message =
                "Read as an EAN, UPC or ITF-14 number, because no GS1 application identifier starts with these digits.";
            warnings.push(Warning::new(warning::EAN_WITHOUT_SYMBOLOGY, message));
            gs1::read_gtin(input, 0, input.len()).map(|read| vec![read])
        }
        Err(error) => Err(Error { message: format!("{} {ALSO}", error.message), ..error }),
    }
}

#[cfg(test)]
mod tests;
