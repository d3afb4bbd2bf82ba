//! One label that is printed as several codes.

use super::error::code;
use super::{Decoded, Error, Scheme, decode, hibc};
use chrono::NaiveDate;

/// Reads the codes of one label together.
///
/// - HIBC: the primary code and the secondary code beside it, in either order. That they belong together is not guessed:
///   the secondary code ends with the check character of its primary code (ANSI/HIBC 2.6, section 2.2).
/// - ICCBBA: data structures that are printed apart; read one after the other they are one message (ISBT 128 Standard
///   Technical Specification, section 3).
/// - GS1 codes are not put together here: the code that carries the GTIN also carries lot and expiry, or they are typed.
///
/// # Errors
/// The index of the code that is refused, and why.
pub fn decode_label(codes: &[&str], today: NaiveDate) -> Result<Decoded, (usize, Error)> {
    let read = codes.iter().enumerate().map(|(index, code)| decode(code, today).map_err(|error| (index, error)));
    let read = read.collect::<Result<Vec<_>, _>>()?;
    let first = read.first().map(|decoded| decoded.scheme);
    if let Some(other) = read.iter().position(|decoded| Some(decoded.scheme) != first) {
        return Err(apart(
            other,
            "The codes follow the rules of different agencies, so they are not parts of one label.",
        ));
    }
    match (first, codes, read.as_slice()) {
        (_, _, [one]) => Ok(one.clone()),
        (None, ..) => Err((0, Error::new(code::EMPTY, 0, "Nothing was read: there is no code."))),
        (Some(Scheme::Hibc), [_, _], [a, b]) => match (a.udi_di.is_some(), b.udi_di.is_some()) {
            (true, false) => hibc_pair(a, b).map_err(|why| apart(1, &why)),
            (false, true) => hibc_pair(b, a).map_err(|why| apart(0, &why)),
            _ => Err(apart(1, "Of two HIBC codes one is the primary code (the product) and one the secondary code.")),
        },
        (Some(Scheme::Hibc), ..) => Err(apart(2, "An HIBC label has two codes at the most.")),
        (Some(Scheme::Iccbba), ..) => iccbba(codes, today),
        (Some(Scheme::Gs1), ..) => Err(apart(
            1,
            "GS1 codes are read one at a time. Scan the code that has GTIN, lot and expiry, or type them.",
        )),
    }
}

fn apart(index: usize, why: &str) -> (usize, Error) {
    (index, Error::new(code::NOT_ONE_LABEL, 0, why))
}

/// A primary code and the secondary code that names its check character.
fn hibc_pair(primary: &Decoded, secondary: &Decoded) -> Result<Decoded, String> {
    if primary.elements.len() > 1 {
        return Err(
            "The first HIBC code has secondary data of its own, so another code does not belong to it.".to_owned()
        );
    }
    let product = primary.udi_di.as_deref().unwrap_or_default();
    let check = hibc::check_character(&format!("+{product}")).map(String::from);
    let link = secondary.elements.last().filter(|element| element.ai == "link").map(|element| element.value.clone());
    if check.is_none() || check != link {
        let (check, link) = (check.unwrap_or_default(), link.unwrap_or_default());
        return Err(format!(
            "The secondary HIBC code belongs to a primary code with the check character \"{link}\", and this one has \"{check}\": they are of two packs."
        ));
    }
    let mut whole = secondary.clone();
    whole.warnings.retain(|warning| warning.code != super::error::warning::PRODUCT_MISSING);
    whole.udi_di.clone_from(&primary.udi_di);
    whole.elements = primary.elements.iter().chain(&secondary.elements).cloned().collect();
    Ok(whole)
}

/// Data structures one after the other.
fn iccbba(codes: &[&str], today: NaiveDate) -> Result<Decoded, (usize, Error)> {
    let message: String = codes.iter().map(|code| bare(code)).collect();
    decode(&message, today).map_err(|error| {
        // Each code is good by itself, so it is in one of those behind the first that the whole is refused.
        let mut end = 0;
        let index = codes.iter().position(|code| {
            end += bare(code).len();
            error.position < end
        });
        (index.unwrap_or_default(), Error { position: 0, ..error })
    })
}

/// A code without its symbology identifier.
fn bare(code: &str) -> &str {
    if code.starts_with(']') { code.get(3..).unwrap_or_default() } else { code }
}
