//! What a product may be known by: whether an identifier is a true one, and how many units it can stand for.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::model::{DeviceIdentifier, Identifier, IdentifierScheme, Level};
use super::wire::NewIdentifier;
use crate::barcode::{self, hibc};
use crate::error::{Error, Result};
use crate::problem::{Problem, ProblemCode};
use crate::values::{Gtin, UdiDi, UnitsPerPack};

/// The most identifiers that a product may have beside its GTIN.
const MOST: usize = 50;

/// The identifiers of a product as they are kept.
///
/// # Errors
/// `missing_field` for a product that nothing names, `list_too_long`, `invalid_gtin`, `invalid_udi_di`,
/// `identifier_units`, `duplicate_entry`.
pub fn well_formed(
    gtin: Option<&Gtin>,
    new: &[NewIdentifier],
    units_per_pack: UnitsPerPack,
) -> Result<Vec<Identifier>> {
    if gtin.is_none() && new.is_empty() {
        let detail = "gtin is missing: a product that has none is named in identifiers.";
        return Err(Error::Problem(Problem::new(ProblemCode::MissingField, detail).at("gtin")));
    }
    if new.len() > MOST {
        let rule = format!("must have at most {MOST} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "identifiers", rule));
    }
    let mut seen: HashSet<_> = gtin.map(|gtin| (IdentifierScheme::Gtin, UdiDi::from(gtin))).into_iter().collect();
    let mut identifiers = Vec::with_capacity(new.len());
    for (index, NewIdentifier { scheme, value, level, units }) in new.iter().enumerate() {
        let field = |name: &str| format!("identifiers[{index}].{name}");
        let value = device_identifier(*scheme, value.as_str()).map_err(|problem| problem.at(field("value")))?;
        if let Some(rule) = cannot_hold(*level, units.get(), units_per_pack.get()) {
            return Err(Error::invalid(ProblemCode::IdentifierUnits, &field("units"), rule));
        }
        if !seen.insert((*scheme, value.clone())) {
            let rule = "names the product a second time by the same";
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &field("value"), rule));
        }
        identifiers.push(Identifier { scheme: *scheme, value, level: *level, units: units.get() });
    }
    Ok(identifiers)
}

/// Why something of this level cannot hold so many units, if it cannot.
fn cannot_hold(level: Level, units: i64, units_per_pack: i64) -> Option<String> {
    let holds = match level {
        Level::Unit => units <= units_per_pack,
        Level::Pack => units == units_per_pack,
        Level::Case => units % units_per_pack == 0,
    };
    let rule = match level {
        Level::Unit => format!("must be from 1 to {units_per_pack}: a unit is at most the whole of a pack"),
        Level::Pack => format!("must be {units_per_pack}, as units_per_pack says"),
        Level::Case => format!("must be a multiple of {units_per_pack}: a case holds whole packs"),
    };
    (!holds).then_some(rule)
}

/// The device identifier that a text means: as the code has it, or the text of the primary code.
///
/// - GTIN: 8, 12, 13 or 14 digits with their check digit (GS1 General Specifications 7.9).
/// - HIBC: labeler, product or catalogue number, unit of measure (ANSI/HIBC 2.6, section 2.1); or with `+` and check
///   character, as it is scanned.
/// - ICCBBA: the 16 characters behind `=/`, or the 10 behind `=)` (ISBT 128 Standard Technical Specification, section
///   2); or with these.
fn device_identifier(scheme: IdentifierScheme, text: &str) -> std::result::Result<UdiDi, Problem> {
    let code = match scheme {
        IdentifierScheme::Gtin => return Ok(UdiDi::from(&Gtin::from_digits(text)?)),
        IdentifierScheme::Hibc if text.starts_with('+') => text.to_owned(),
        IdentifierScheme::Hibc => {
            let primary = format!("+{text}");
            let check = hibc::check_character(&primary).map(String::from).unwrap_or_default();
            primary + &check
        }
        IdentifierScheme::Iccbba if text.starts_with('=') => text.to_owned(),
        IdentifierScheme::Iccbba if text.len() == 10 => format!("=){text}"),
        IdentifierScheme::Iccbba => format!("=/{text}"),
    };
    let wrong = |detail: String| Problem::new(ProblemCode::InvalidUdiDi, detail);
    // The day matters for dates only, and a code with one is refused.
    let decoded = barcode::decode(&code, NaiveDate::MIN).map_err(|error| wrong(error.message))?;
    let alone = decoded.elements.len() == 1;
    match DeviceIdentifier::of(&decoded)? {
        Some(named) if alone && named.scheme == Some(scheme) => Ok(named.value),
        _ => Err(wrong(format!("This is not the device identifier of the {scheme} code alone."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_one_that_its_scheme_gives_out() {
        use IdentifierScheme::{Gtin, Hibc, Iccbba};
        let rows = [
            // GS1 General Specifications 3.3.2: GTINs are kept in 14 digits.
            (Gtin, "09521234567899", Ok("09521234567899")),
            (Gtin, "9521234567899", Ok("09521234567899")),
            (Gtin, "09521234567898", Err("invalid_gtin")),
            // ANSI/HIBC 2.6, appendix B: the worked example with the check character G.
            (Hibc, "A123BJC5D6E71", Ok("A123BJC5D6E71")),
            (Hibc, "+A123BJC5D6E71G", Ok("A123BJC5D6E71")),
            (Hibc, "+A123BJC5D6E71H", Err("invalid_udi_di")),
            (Hibc, "A123BJC5D6E7X", Err("invalid_udi_di")),
            (Hibc, "a123bjc5d6e71", Err("invalid_udi_di")),
            (Hibc, "A1231", Err("invalid_udi_di")),
            (Hibc, "+A99912345/$$52001510X33", Err("invalid_udi_di")),
            (Hibc, "+$A1234GU", Err("invalid_udi_di")),
            (Hibc, "09521234567899", Err("invalid_udi_di")),
            // ISBT 128 Standard Technical Specification, section 2: 16 characters behind =/.
            (Iccbba, "A9999XYZ100T0944", Ok("A9999XYZ100T0944")),
            (Iccbba, "=/A9999XYZ100T0944", Ok("A9999XYZ100T0944")),
            (Iccbba, "A9999XYZ100T094", Err("invalid_udi_di")),
            (Iccbba, "=/A9999XYZ100T0944=,000025", Err("invalid_udi_di")),
            (Iccbba, "=,000025", Err("invalid_udi_di")),
            (Iccbba, "+A123BJC5D6E71G", Err("invalid_udi_di")),
        ];
        for (scheme, text, expected) in rows {
            let found = device_identifier(scheme, text);
            let found = found.as_ref().map(UdiDi::as_str).map_err(|problem| problem.code.as_str());
            assert_eq!(found, expected, "{scheme} {text}");
        }
    }

    #[test]
    fn units_fit_the_level_that_carries_them() {
        // Units in a pack, level, units that the identifier stands for: a unit is at most a pack, a case whole packs.
        let rows = [
            (2, Level::Unit, 1, true),
            (2, Level::Unit, 2, true),
            (2, Level::Unit, 3, false),
            (1, Level::Unit, 1, true),
            (2, Level::Pack, 2, true),
            (2, Level::Pack, 1, false),
            (2, Level::Pack, 4, false),
            (2, Level::Case, 20, true),
            (2, Level::Case, 2, true),
            (2, Level::Case, 21, false),
            (5, Level::Case, 4, false),
        ];
        for (units_per_pack, level, units, fits) in rows {
            assert_eq!(
                cannot_hold(level, units, units_per_pack).is_none(),
                fits,
                "{level} {units} of {units_per_pack}"
            );
        }
    }
}
