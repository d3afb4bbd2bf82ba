//! Values that more than one slice uses, each valid by construction: what a name, a GTIN, a lot text or a number of
//! units may be is decided here and nowhere else.

use std::fmt;

mod celsius;
mod codes;
mod currencies;
mod expiry;
pub mod hex;
mod json;
pub mod lots;
mod places;
mod reading;
pub mod xml;

pub use celsius::Celsius;
pub use codes::Codes;
pub use expiry::Expiry;
pub use json::Json;
pub use lots::LotSought;
pub use reading::{day, gtin_of_any_length, listed_country, listed_jurisdiction, optional_day, parse_day};

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem_code::ProblemCode;

/// Why a value was refused: a stable problem code and one sentence.
///
/// It travels through serde as `code|sentence`; [`Invalid::parse`] takes it apart again at the edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Which problem answers it.
    pub code: ProblemCode,
    /// What the value must be.
    pub rule: String,
}

impl Invalid {
    /// A refusal with a code of the problem table.
    pub fn new(code: ProblemCode, rule: impl Into<String>) -> Self {
        Invalid { code, rule: rule.into() }
    }

    /// The refusal that a serde error carries, if it carries one.
    pub fn parse(text: &str) -> Option<Self> {
        let (code, rule) = text.split_once('|')?;
        ProblemCode::named(code).map(|code| Invalid::new(code, rule))
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.code.as_str(), self.rule)
    }
}

impl std::error::Error for Invalid {}

/// A number with its noun, for people: `1 unit`, `2 units`.
pub fn number<N: fmt::Display + PartialEq + From<u8>>(count: N, noun: &str) -> String {
    let plural = if count == N::from(1) { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Gives a type with `as_str` and `FromStr` its place in JSON and in a TEXT column.
macro_rules! text_value {
    ($name:ident) => {
        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                <str as diesel::serialize::ToSql<diesel::sql_types::Text, DB>>::to_sql(self.as_str(), out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                Ok(String::from_sql(bytes)?.parse()?)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use text_value;

/// The same, with its place in the OpenAPI document.
macro_rules! text_column {
    ($name:ident, $pattern:expr, $length:expr, $code:expr, $docs:expr) => {
        crate::values::text_value!($name);

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let length: std::ops::RangeInclusive<usize> = $length;
                crate::values::refusing($code, &$docs)
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some($pattern))
                    .min_length(Some(*length.start()))
                    .max_length(Some(*length.end()))
                    .build()
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use text_column;

/// The extension by which a schema says which problem answers a value that does not fit it.
pub const PROBLEM_OF: &str = "x-problem";

/// The start of a value's schema: the problem that refuses another value, and what the value is.
pub(crate) fn refusing(code: ProblemCode, docs: &[&str]) -> utoipa::openapi::schema::ObjectBuilder {
    let description = docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    utoipa::openapi::schema::ObjectBuilder::new()
        .description((!description.is_empty()).then_some(description))
        .extensions(Some([(PROBLEM_OF, code.as_str())].into_iter().collect()))
}

/// Declares a text value: its lengths and its pattern in the document, its problem code, the rule in words, and the check.
macro_rules! texts {
    ($($(#[doc = $doc:literal])* $name:ident $length:expr, $pattern:expr, $code:ident, $rule:literal, $check:expr;)+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = Text)]
        pub struct $name(String);

        impl $name {
            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(Invalid::new(ProblemCode::$code, $rule)) }
            }
        }

        crate::values::text_column!($name, $pattern, $length, ProblemCode::$code, [$($doc),*]);
    )+};
}

/// The pattern of [`is_plain`]: the first character, up to so many, and the last.
macro_rules! plain {
    ($between:literal) => {
        concat!(r"^[^\s\x00-\x1f\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]{0,", $between, r"}[^\s\x00-\x1f\x7f-\x9f])?$")
    };
}

/// Whether `text` has 1 to `most` characters, none of them a control character, and no white space at its ends.
fn is_plain(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && text.trim() == text && !text.chars().any(char::is_control)
}

/// Whether `text` has 1 to `most` characters and of the control characters only line breaks and tabs.
fn is_prose(text: &str, most: usize) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= most
        && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn is_jurisdiction(text: &str) -> bool {
    let (country, subdivision) = text.split_once('-').map_or((text, None), |(c, s)| (c, Some(s)));
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && subdivision.is_none_or(|s| {
            (1..=3).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        })
}

/// Whether `text` is a decimal number with up to nine digits and six decimals.
fn is_decimal(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, "0"), |(w, f)| (w, f));
    let digits = |s: &str, most: usize| (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 9) && digits(fraction, 6)
}

fn is_amount(text: &str) -> bool {
    is_decimal(text) && text.bytes().any(|b| (b'1'..=b'9').contains(&b))
}

/// Millionths as a decimal number, without zeros that say nothing.
pub fn decimal(millionths: i64) -> String {
    let (whole, fraction) = (millionths.div_euclid(1_000_000), millionths.rem_euclid(1_000_000));
    format!("{whole}.{fraction:06}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Millionths of a decimal number as text with up to six decimals; none where it is no such number.
fn millionths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<6}").parse().ok()
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

texts! {
    /// A name: of a site, a product, a person, a supplier.
    Name 1..=200, plain!(198), InvalidName,
        "must have 1 to 200 characters, no control characters and no space at its ends", |t| is_plain(t, 200);
    /// A short word of free text: an authority, a profession, a technique.
    Word 1..=100, plain!(98), InvalidText,
        "must have 1 to 100 characters, no control characters and no space at its ends", |t| is_plain(t, 100);
    /// A reason or a note, as a person wrote it.
    Prose 1..=2000, r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$", InvalidText,
        "must have 1 to 2000 characters and no control characters but line breaks", |t| is_prose(t, 2000);
    /// A code as a scanner types it; separators may be U+001D, `^` or `{GS}`.
    Code 1..=4096, r"^[^\x00]+$", InvalidCode, "must have 1 to 4096 characters", |t| !t.is_empty() && t.len() <= 4096 && !t.contains('\0');
    /// A jurisdiction: ISO 3166-1 alpha-2 (`GB`) or ISO 3166-2 (`GB-ENG`).
    Jurisdiction 2..=6, "^[A-Z]{2}(-[A-Z0-9]{1,3})?$", InvalidJurisdiction,
        "must be an ISO 3166-1 alpha-2 country such as GB, or an ISO 3166-2 subdivision such as GB-ENG", is_jurisdiction;
    /// A country, ISO 3166-1 alpha-2.
    Country 2..=2, "^[A-Z]{2}$", InvalidCountry, "must be an ISO 3166-1 alpha-2 country such as GB",
        |t| is_jurisdiction(t) && t.len() == 2;
    /// A currency, ISO 4217.
    Currency 3..=3, "^[A-Z]{3}$", InvalidCurrency, "must be an ISO 4217 currency such as GBP", currencies::is_listed;
    /// An IANA time zone.
    TimeZone 1..=64, "^[A-Za-z0-9_+/-]{1,64}$", InvalidTimeZone, "must be an IANA time zone such as Europe/London",
        |t| t.parse::<chrono_tz::Tz>().is_ok();
    /// A GTIN as GS1 writes it, 14 digits with their check digit (GS1 General Specifications 7.9); 8, 12 and 13 digits
    /// are filled up with zeros.
    Gtin 14..=14, "^[0-9]{14}$", InvalidGtin, "must be a GTIN: 14 digits, the last of them its check digit",
        |t| t.len() == 14 && crate::barcode::gtin::is_valid(t);
    /// The device identifier of a UDI: a GTIN in 14 digits, an HIBC labeler, product and unit of measure, or an ICCBBA
    /// device identifier; which of them, and that it is a true one, the catalogue knows.
    UdiDi 6..=23, "^[0-9A-Za-z]{6,23}$", InvalidUdiDi,
        "must be a GTIN of 14 digits, an HIBC labeler, product and unit of measure, or an ICCBBA device identifier",
        |t| (6..=23).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_alphanumeric());
    /// A GLN: 13 digits with their check digit (GS1 General Specifications 3.4).
    Gln 13..=13, "^[0-9]{13}$", InvalidGln, "must be a GLN: 13 digits, the last of them its check digit",
        |t| t.len() == 13 && crate::barcode::gtin::is_valid(t);
    /// A lot or batch number: 1 to 20 characters of GS1's character set 82 (AI 10).
    LotText 1..=20, "^[!\"%-?A-Z_a-z]{1,20}$", InvalidLot,
        "must have 1 to 20 characters of GS1 character set 82: letters, digits and !\"%&'()*+,-./:;<=>?_",
        |t| (1..=20).contains(&t.len()) && crate::barcode::is_charset_82(t);
    /// A serial number: 1 to 20 characters of GS1's character set 82 (AI 21).
    Serial 1..=20, "^[!\"%-?A-Z_a-z]{1,20}$", InvalidSerial,
        "must have 1 to 20 characters of GS1 character set 82: letters, digits and !\"%&'()*+,-./:;<=>?_",
        |t| (1..=20).contains(&t.len()) && crate::barcode::is_charset_82(t);
    /// A pseudonymous patient reference: it means something only to the clinic that made it.
    PatientRef 1..=64, plain!(62), InvalidPatientRef,
        "must have 1 to 64 characters, no control characters and no space at its ends", |t| is_plain(t, 64);
    /// A positive decimal number as text, such as the millilitres of a syringe.
    Amount 1..=16, "^(?=.*[1-9])[0-9]{1,9}(\\.[0-9]{1,6})?$", InvalidAmount,
        "must be a positive decimal number as text, such as \"1.25\"", is_amount;
    /// A decimal number as text, nothing included: what is left of an amount.
    AmountLeft 1..=16, "^[0-9]{1,9}(\\.[0-9]{1,6})?$", InvalidAmount,
        "must be a decimal number as text, such as \"0.45\" or \"0\"", is_decimal;
    /// A SHA-256 digest in lower-case hexadecimal.
    Sha256Hex 64..=64, "^[0-9a-f]{64}$", InvalidSha256, "must be 64 lower-case hexadecimal digits", is_sha256;
}

impl Amount {
    /// The amount in millionths, exactly.
    pub fn millionths(&self) -> i64 {
        millionths(&self.0).unwrap_or_default()
    }
}

impl AmountLeft {
    /// The amount in millionths, exactly.
    pub fn millionths(&self) -> i64 {
        millionths(&self.0).unwrap_or_default()
    }
}

impl From<[u8; 32]> for Sha256Hex {
    fn from(digest: [u8; 32]) -> Self {
        Sha256Hex(hex::encode(&digest))
    }
}

impl TimeZone {
    /// The zone's rules. A zone that a later tz database dropped is read as UTC.
    pub fn rules(&self) -> chrono_tz::Tz {
        self.0.parse().unwrap_or(chrono_tz::Tz::UTC)
    }
}

impl Gtin {
    /// The GTIN that 8, 12, 13 or 14 digits mean.
    ///
    /// # Errors
    /// `invalid_gtin` when the length or the check digit is wrong.
    pub fn from_digits(digits: &str) -> Result<Self, Invalid> {
        match digits.len() {
            8 | 12 | 13 | 14 => format!("{digits:0>14}").parse(),
            _ => Err(Invalid::new(ProblemCode::InvalidGtin, "must have 8, 12, 13 or 14 digits")),
        }
    }
}

impl From<&Gtin> for UdiDi {
    fn from(gtin: &Gtin) -> Self {
        UdiDi(gtin.0.clone())
    }
}

/// A GTIN in a request, 8, 12, 13 or 14 digits, or none.
pub fn gtin_of_any_length_optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Gtin>, D::Error> {
    Option::<String>::deserialize(deserializer)?
        .map(|digits| Gtin::from_digits(&digits))
        .transpose()
        .map_err(serde::de::Error::custom)
}

/// Declares an integer quantity with its least and its most.
macro_rules! quantities {
    ($($(#[doc = $doc:literal])* $name:ident $least:literal $most:literal $code:ident;)+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
        #[diesel(sql_type = BigInt)]
        pub struct $name(i64);

        impl $name {
            /// The most that one request may name.
            pub const MOST: i64 = $most;

            /// The number.
            pub fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = Invalid;

            fn try_from(number: i64) -> Result<Self, Invalid> {
                if ($least..=Self::MOST).contains(&number) {
                    Ok(Self(number))
                } else {
                    let rule = format!("must be a whole number from {} to {}", $least, Self::MOST);
                    Err(Invalid::new(ProblemCode::$code, rule))
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                whole_number(deserializer)
                    .and_then(|number| Self::try_from(number.unwrap_or(-1)).map_err(serde::de::Error::custom))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_i64(self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl<DB: Backend> ToSql<BigInt, DB> for $name where i64: ToSql<BigInt, DB> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<BigInt, DB> for $name where i64: FromSql<BigInt, DB> {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(Self::try_from(i64::from_sql(bytes)?)?)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                refusing(ProblemCode::$code, &[$($doc),*])
                    .schema_type(utoipa::openapi::schema::Type::Integer)
                    .minimum(Some(i64::from($least)))
                    .maximum(Some(Self::MOST))
                    .build()
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}

quantities! {
    /// A number of units: syringes, vials; what one patient gets is counted in these.
    Units 1 1_000_000 InvalidUnits;
    /// A number of packs as a supplier ships them.
    Packs 1 10_000 InvalidPacks;
    /// How many units a pack holds.
    UnitsPerPack 1 1_000 InvalidUnitsPerPack;
    /// An amount of money in minor units of its currency: cents, pence; yen, which have none.
    MinorUnits 0 100_000_000_000 InvalidPrice;
}

/// A JSON integer; `None` when it is one, but too large for any quantity.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct Whole;
    impl serde::de::Visitor<'_> for Whole {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number))
        }

        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(i64::try_from(number).ok())
        }
    }
    deserializer.deserialize_i64(Whole)
}

/// Declares an enumeration of fixed words: in JSON, in a TEXT column and in the document.
macro_rules! words {
    ($($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $vdoc:literal])* $variant:ident $word:literal,)+ })+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[doc = $vdoc])* $variant,)+ }

        impl $name {
            /// Every word, in the order of their declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The word as it stands in JSON and in the database.
            pub fn as_str(&self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::values::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok($name::$variant),)+
                    _ => Err(crate::values::Invalid::new(
                        crate::problem_code::ProblemCode::InvalidValue,
                        concat!("must be one of:" $(, " ", $word)+),
                    )),
                }
            }
        }

        crate::values::text_value!($name);

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let words = [$(concat!("\n* `", $word, "`:" $(, $vdoc)*)),+];
                let docs = [concat!("" $(, $doc)*), "\n"].into_iter().chain(words);
                crate::values::refusing(crate::problem_code::ProblemCode::InvalidValue, &[])
                    .description(Some(docs.collect::<String>().trim()))
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($word),+]))
                    .build()
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    )+};
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_covers_its_subdivisions_and_nothing_else() {
        let row = |holder: &str, site: &str| {
            holder.parse::<Jurisdiction>().unwrap().covers(&site.parse::<Jurisdiction>().unwrap())
        };
        // DOMAIN rule 1: `GB` covers `GB-ENG`.
        assert!(row("GB", "GB-ENG"));
        assert!(row("GB", "GB"));
        assert!(row("GB-ENG", "GB-ENG"));
        assert!(!row("GB-ENG", "GB"));
        assert!(!row("GB-SCT", "GB-ENG"));
        assert!(!row("IE", "GB-ENG"));
    }

    #[test]
    fn what_is_on_record_is_read_and_what_is_asked_for_is_listed() {
        #[derive(Deserialize)]
        struct Asked {
            #[serde(deserialize_with = "listed_jurisdiction")]
            at: Jurisdiction,
        }
        for (text, listed) in [("GB", true), ("GB-ENG", true), ("UK", false), ("XX", false), ("GB-ZZZ", false)] {
            assert!(serde_json::from_str::<Jurisdiction>(&format!("\"{text}\"")).is_ok(), "{text}");
            let asked = serde_json::from_str::<Asked>(&format!("{{\"at\": \"{text}\"}}"));
            assert_eq!(asked.is_ok_and(|asked| asked.at.as_str() == text), listed, "{text}");
        }
    }

    #[test]
    fn amounts_are_exact_to_a_millionth() {
        for (text, expected) in [
            ("0", Some(0)),
            ("0.000000", Some(0)),
            ("1.25", Some(1_250_000)),
            ("0.000001", Some(1)),
            ("100", Some(100_000_000)),
            ("999999999.999999", Some(999_999_999_999_999)),
            ("1.0000001", None),
            ("1.", None),
            (".5", None),
            ("-1", None),
            ("1000000000", None),
            ("", None),
        ] {
            let found = text.parse::<AmountLeft>().ok().map(|amount| amount.millionths());
            assert_eq!(found, expected, "{text}");
            // What is used is the same, but never nothing.
            let found = text.parse::<Amount>().ok().map(|amount| amount.millionths());
            assert_eq!(found, expected.filter(|amount| *amount > 0), "{text}");
        }
    }

    #[test]
    fn quantities_are_positive_whole_numbers() {
        for wrong in ["0", "-1", "1000001", "99999999999999999999", "1.5", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Units>(wrong).is_err(), "{wrong}");
        }
        assert_eq!(serde_json::from_str::<Units>("2").unwrap().get(), 2);
    }

    #[test]
    fn texts_refuse_what_they_must_not_hold() {
        assert!("Clinic\u{0}".parse::<Name>().is_err());
        assert!(" Clinic".parse::<Name>().is_err());
        assert!("LOT 1".parse::<LotText>().is_err());
        assert!("LÖT".parse::<LotText>().is_err());
        assert!("09521234567891".parse::<Gtin>().is_err());
        assert!("Europe/Atlantis".parse::<TimeZone>().is_err());
        assert!("1.25".parse::<Amount>().is_ok());
        assert!("0.0".parse::<Amount>().is_err());
    }
}
