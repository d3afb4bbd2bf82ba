//! Values as requests carry them, where that is stricter than what is on record from before.

use serde::{Deserialize, Deserializer};

use super::{Country, Gtin, Invalid, Jurisdiction, places};
use crate::problem_code::ProblemCode;

/// The calendar days that both databases keep and everyone can write.
///
/// # Errors
/// `invalid_date`.
pub fn parse_day(text: &str) -> Result<chrono::NaiveDate, Invalid> {
    let well_formed = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    text.parse().ok().filter(|day: &chrono::NaiveDate| well_formed && chrono::Datelike::year(day) >= 1).ok_or_else(
        || Invalid::new(ProblemCode::InvalidDate, "must be a calendar day YYYY-MM-DD in the years 0001 to 9999"),
    )
}

/// A calendar day in a request.
///
/// # Errors
/// `invalid_date`.
pub fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<chrono::NaiveDate, D::Error> {
    parse_day(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// A calendar day in a request, or none.
///
/// # Errors
/// `invalid_date`.
pub fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<chrono::NaiveDate>, D::Error> {
    Option::<String>::deserialize(deserializer)?
        .map(|text| parse_day(&text))
        .transpose()
        .map_err(serde::de::Error::custom)
}

/// A GTIN in a request, as its carrier has it: 8, 12, 13 or 14 digits.
///
/// # Errors
/// `invalid_gtin`.
pub fn gtin_of_any_length<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Gtin, D::Error> {
    Gtin::from_digits(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
}

/// A jurisdiction in a request: one that ISO 3166 lists. What is on record from before is read whatever it says.
///
/// # Errors
/// `invalid_jurisdiction`.
pub fn listed_jurisdiction<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Jurisdiction, D::Error> {
    let named = Jurisdiction::deserialize(deserializer)?;
    named.expect_listed().map_err(serde::de::Error::custom)?;
    Ok(named)
}

/// A country in a request: one that ISO 3166-1 lists.
///
/// # Errors
/// `invalid_country`.
pub fn listed_country<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Country, D::Error> {
    let named = Country::deserialize(deserializer)?;
    if places::is_listed(named.as_str()) {
        Ok(named)
    } else {
        let rule = format!("must be a country that ISO 3166-1 lists: {named} is none");
        Err(serde::de::Error::custom(Invalid::new(ProblemCode::InvalidCountry, rule)))
    }
}
