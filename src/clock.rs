//! Time: the one place that reads the machine's clock, and the point in time that everything else uses.
//!
//! The clock is injected (a server has one, a test sets its own); clippy forbids `Utc::now` everywhere else.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Months, NaiveDate, NaiveDateTime, SecondsFormat, SubsecRound, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::problem_code::ProblemCode;

/// A source of the present moment.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The clock of the machine.
    #[allow(clippy::disallowed_methods)] // the one place that may ask
    pub fn system() -> Self {
        Clock(Arc::new(Utc::now))
    }

    /// A clock that answers what `now` answers, for tests.
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now))
    }

    /// The present moment, in whole microseconds.
    pub fn now(&self) -> Moment {
        Moment::from((self.0)())
    }
}

/// A point in time: UTC, whole microseconds (the finest that both databases keep).
///
/// On the wire and in events: RFC 3339 with six decimals and `Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FromSqlRow, AsExpression)]
#[diesel(sql_type = Timestamp)]
pub struct Moment(NaiveDateTime);

impl Moment {
    /// The calendar day at this moment in a time zone: a site's day ends when it ends there.
    pub fn day_in(self, zone: Tz) -> NaiveDate {
        self.0.and_utc().with_timezone(&zone).date_naive()
    }

    /// As a sentence says it where a site is at hand: the minute on the clock there, and whose clock that is.
    pub fn told_in(self, zone: Tz) -> String {
        format!("{} ({zone})", self.0.and_utc().with_timezone(&zone).format("%Y-%m-%d %H:%M"))
    }

    /// As a sentence says it where no site is: the minute in UTC.
    pub fn told(self) -> String {
        format!("{} UTC", self.0.format("%Y-%m-%d %H:%M"))
    }

    /// The first moment of a calendar day, in UTC.
    pub fn start_of(day: NaiveDate) -> Self {
        Moment(NaiveDateTime::from(day))
    }

    /// The last moment of a calendar day in a time zone: the one before the next day begins there, wherever clocks change.
    pub fn end_of(day: NaiveDate, zone: Tz) -> Self {
        let next = NaiveDateTime::from(day.succ_opt().unwrap_or(NaiveDate::MAX));
        // Where a clock skips midnight, the day begins with the first time that there is.
        let mut times = (0..=8).filter_map(|quarters| next.checked_add_signed(TimeDelta::minutes(quarters * 15)));
        let begins = times.find_map(|time| zone.from_local_datetime(&time).earliest());
        let begins = begins.map_or(NaiveDateTime::MAX, |begins| begins.naive_utc());
        Moment(begins.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(begins))
    }

    /// This moment moved by `days` times 24 hours; the end of the calendar when that leaves it.
    pub fn plus_days(self, days: i64) -> Self {
        let moved = TimeDelta::try_days(days).and_then(|delta| self.0.checked_add_signed(delta));
        Moment(moved.unwrap_or(if days < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX }))
    }

    /// The same moment of the calendar so many years later; the end of the calendar when that leaves it.
    pub fn plus_years(self, years: i64) -> Self {
        let months = u32::try_from(years.saturating_mul(12)).ok().map(Months::new);
        Moment(months.and_then(|months| self.0.checked_add_months(months)).unwrap_or(NaiveDateTime::MAX))
    }

    /// The moment after this one, a microsecond later.
    pub fn next(self) -> Self {
        Moment(self.0.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(NaiveDateTime::MAX))
    }

    /// The moment so many seconds after 1970; the end of the calendar when that leaves it.
    pub fn at_unix_seconds(seconds: i64) -> Self {
        DateTime::from_timestamp(seconds, 0).map_or(Moment(NaiveDateTime::MAX), Moment::from)
    }

    /// This moment moved by so many minutes; the end of the calendar when that leaves it.
    pub fn plus_minutes(self, minutes: i64) -> Self {
        let moved = TimeDelta::try_minutes(minutes).and_then(|delta| self.0.checked_add_signed(delta));
        Moment(moved.unwrap_or(if minutes < 0 { NaiveDateTime::MIN } else { NaiveDateTime::MAX }))
    }

    /// Before anything that happened.
    pub const FIRST: Moment = Moment(NaiveDateTime::new(FIRST_DAY, chrono::NaiveTime::MIN));

    /// After anything that happened, in the years that both databases keep.
    pub const LAST: Moment = Moment(NaiveDateTime::new(LAST_DAY, chrono::NaiveTime::MIN));

    /// Milliseconds since 1970, 0 for anything earlier.
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.0.and_utc().timestamp_millis()).unwrap_or(0)
    }

    /// Microseconds within the millisecond, 0 to 999.
    pub fn micros_of_milli(self) -> u16 {
        u16::try_from(self.0.and_utc().timestamp_subsec_micros() % 1000).unwrap_or(0)
    }

    /// Microseconds since 1970.
    pub fn unix_micros(self) -> i64 {
        self.0.and_utc().timestamp_micros()
    }

    /// The moment so many microseconds after 1970; the end of the calendar when that leaves it.
    pub fn at_unix_micros(micros: i64) -> Self {
        DateTime::from_timestamp_micros(micros).map_or(Moment(NaiveDateTime::MAX), Moment::from)
    }

    /// Seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.and_utc().timestamp()
    }
}

/// The last day that both databases keep.
const LAST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// The first day that both databases keep.
const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

impl From<DateTime<Utc>> for Moment {
    fn from(time: DateTime<Utc>) -> Self {
        Moment(time.naive_utc().trunc_subsecs(6))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Years that both databases keep and RFC 3339 can write.
const YEARS: std::ops::RangeInclusive<i32> = 1..=9999;

impl std::str::FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = DateTime::parse_from_rfc3339(text)
            .map_err(|_| "must be an RFC 3339 time such as 2026-11-21T09:30:00Z")?
            .with_timezone(&Utc);
        if YEARS.contains(&chrono::Datelike::year(&time)) {
            Ok(Moment::from(time))
        } else {
            Err("must lie in the years 0001 to 9999")
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map_err(|rule| crate::values::Invalid::new(ProblemCode::InvalidTime, rule))
            .map_err(serde::de::Error::custom)
    }
}

impl<DB: Backend> ToSql<Timestamp, DB> for Moment
where
    NaiveDateTime: ToSql<Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<Timestamp, DB> for Moment
where
    NaiveDateTime: FromSql<Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Moment(NaiveDateTime::from_sql(bytes)?))
    }
}

impl utoipa::PartialSchema for Moment {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat, Type};
        crate::values::refusing(
            ProblemCode::InvalidTime,
            &["A point in time, RFC 3339; answers are UTC with six decimals."],
        )
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
        .examples([serde_json::json!("2026-11-21T09:30:00.000000Z")])
        .build()
        .into()
    }
}

impl utoipa::ToSchema for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_site_is() {
        let moment: Moment = "2026-06-30T23:30:00Z".parse().unwrap();
        assert_eq!(moment.day_in(Tz::UTC).to_string(), "2026-06-30");
        assert_eq!(moment.day_in(chrono_tz::Europe::London).to_string(), "2026-07-01");
        assert_eq!(moment.day_in(chrono_tz::America::New_York).to_string(), "2026-06-30");
    }

    #[test]
    fn moments_keep_microseconds_and_write_utc() {
        let moment: Moment = "2026-11-21T10:30:00.1234567+01:00".parse().unwrap();
        assert_eq!(moment.to_string(), "2026-11-21T09:30:00.123456Z");
        assert!("2026-11-21".parse::<Moment>().is_err());
        assert!("+12026-11-21T00:00:00Z".parse::<Moment>().is_err());
    }
}
