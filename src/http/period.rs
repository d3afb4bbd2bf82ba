//! A stretch of time in the query of a list: from a day or a moment, to a day or a moment.

use std::str::FromStr;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::problem::ProblemCode;
use crate::values::{Invalid, parse_day};

/// One end of a stretch of time: a calendar day, or a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// All of a day, as it begins and ends in a time zone.
    Day(NaiveDate),
    /// A moment.
    Moment(Moment),
}

impl When {
    /// Where a stretch begins that is from then on.
    pub fn begins(self, zone: Tz) -> Moment {
        match self {
            When::Day(day) => {
                let before = day.pred_opt().map_or(Moment::FIRST, |before| Moment::end_of(before, zone).next());
                before.max(Moment::FIRST)
            }
            When::Moment(moment) => moment,
        }
    }

    /// The moment before which a stretch ends that is up to then: a day counts as a whole, a moment does not.
    pub fn ends(self, zone: Tz) -> Moment {
        match self {
            // Both databases keep the years up to 9999.
            When::Day(day) => Moment::end_of(day, zone).next().min(last()),
            When::Moment(moment) => moment,
        }
    }
}

/// The last moment of the last year that both databases keep.
fn last() -> Moment {
    Moment::end_of(NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX), Tz::UTC)
}

impl FromStr for When {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains(['T', 't', ' ']) {
            return text.parse().map(When::Moment).map_err(|rule| Invalid::new(ProblemCode::InvalidTime, rule));
        }
        parse_day(text).map(When::Day)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for When {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{AnyOfBuilder, KnownFormat, SchemaFormat, Type};
        let of = |code, format| {
            let format = Some(SchemaFormat::KnownFormat(format));
            crate::values::refusing(code, &[]).schema_type(Type::String).format(format).build()
        };
        let either = AnyOfBuilder::new()
            .item(of(ProblemCode::InvalidDate, KnownFormat::Date))
            .item(of(ProblemCode::InvalidTime, KnownFormat::DateTime))
            .description(Some(
                "A calendar day, which counts as a whole, or a point in time (RFC 3339). Days are those of the site that is asked for, \
                 or else of UTC.",
            ))
            .examples([serde_json::json!("2026-11-21"), serde_json::json!("2026-11-21T09:30:00Z")])
            .build();
        utoipa::openapi::RefOr::T(utoipa::openapi::schema::Schema::AnyOf(either))
    }
}

impl ToSchema for When {}

/// A stretch of time: from a moment on, and before another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Period {
    /// The first moment of it; none for all that went before.
    pub from: Option<Moment>,
    /// The first moment after it; none for all that follows.
    pub to: Option<Moment>,
}

impl Period {
    /// From one end to the other, with days as they are in a time zone.
    pub fn of(from: Option<When>, to: Option<When>, zone: Tz) -> Self {
        Period { from: from.map(|from| from.begins(zone)), to: to.map(|to| to.ends(zone)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments are python's: datetime(…, tzinfo=ZoneInfo(zone)).astimezone(UTC). In London clocks go forward on the 29th of
    /// March 2026, so that day has 23 hours; in Havana a day begins at one o'clock on the 8th of March 2026.
    #[test]
    fn a_day_is_as_long_as_it_is_there() {
        let rows = [
            ("2026-07-01", chrono_tz::UTC, "2026-07-01T00:00:00.000000Z", "2026-07-02T00:00:00.000000Z"),
            ("2026-07-01", chrono_tz::Europe::London, "2026-06-30T23:00:00.000000Z", "2026-07-01T23:00:00.000000Z"),
            ("2026-03-29", chrono_tz::Europe::London, "2026-03-29T00:00:00.000000Z", "2026-03-29T23:00:00.000000Z"),
            ("2026-03-08", chrono_tz::America::Havana, "2026-03-08T05:00:00.000000Z", "2026-03-09T04:00:00.000000Z"),
            (
                "2026-07-01T10:30:00+02:00",
                chrono_tz::Europe::London,
                "2026-07-01T08:30:00.000000Z",
                "2026-07-01T08:30:00.000000Z",
            ),
        ];
        for (text, zone, from, to) in rows {
            let when: When = text.parse().unwrap();
            assert_eq!(
                (when.begins(zone).to_string(), when.ends(zone).to_string()),
                (from.to_owned(), to.to_owned()),
                "{text}"
            );
        }
        for text in [
            "",
            "2026",
            "2026-02-30",
            "2026-7-1",
            "2026-07-01T",
            "0000-12-31",
            "10000-01-01",
            "now",
            "2026-07-01T25:00:00Z",
        ] {
            assert!(text.parse::<When>().is_err(), "{text}");
        }
    }
}
