//! An expiry as a label prints it.

use chrono::{Datelike, Months, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Invalid, parse_day, refusing};
use crate::problem_code::ProblemCode;

/// The last day on which something may be used, as its label says: a day, or a month for the last day of it.
///
/// Source: DOMAIN rule 15 (a month-only date means the last day of that month).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry(NaiveDate);

impl Expiry {
    /// The last day.
    pub fn day(self) -> NaiveDate {
        self.0
    }
}

impl std::str::FromStr for Expiry {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let day = match text.len() {
            // From the first of the month to the first of the next, and a day back.
            7 => parse_day(&format!("{text}-01")).ok().and_then(|first| (first + Months::new(1)).pred_opt()),
            _ => parse_day(text).ok(),
        };
        let rule =
            "must be a calendar day YYYY-MM-DD in the years 0001 to 9999, or a month YYYY-MM, which means its last day";
        day.filter(|day| day.year() <= 9999).map(Self).ok_or_else(|| Invalid::new(ProblemCode::InvalidDate, rule))
    }
}

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl utoipa::PartialSchema for Expiry {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, SchemaFormat, Type};
        let of = || refusing(ProblemCode::InvalidDate, &[]).schema_type(Type::String);
        let either = AnyOfBuilder::new()
            .item(of().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))).build())
            .item(of().pattern(Some("^([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-(0[1-9]|1[0-2])$")).build())
            .description(Some(
                "The expiry as the label prints it: a calendar day, or a month, which means its last day.",
            ))
            .examples([serde_json::json!("2028-05-31"), serde_json::json!("2028-05")])
            .build();
        utoipa::openapi::RefOr::T(utoipa::openapi::schema::Schema::AnyOf(either))
    }
}

impl utoipa::ToSchema for Expiry {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_means_its_last_day() {
        // DOMAIN rule 15. The last days are python's: calendar.monthrange(year, month)[1].
        let rows = [
            ("2028-05", Some("2028-05-31")),
            ("2028-02", Some("2028-02-29")),
            ("2100-02", Some("2100-02-28")),
            ("2027-12", Some("2027-12-31")),
            ("9999-12", Some("9999-12-31")),
            ("0001-01", Some("0001-01-31")),
            ("2028-05-03", Some("2028-05-03")),
            ("2028-13", None),
            ("2028-00", None),
            ("0000-05", None),
            ("2028-5", None),
            ("28-05", None),
            ("05-2028", None),
            ("2028-05-", None),
            ("2028/05", None),
            ("2028-02-30", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let found = text.parse::<Expiry>().ok().map(|expiry| expiry.day().to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
