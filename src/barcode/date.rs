//! Dates as bar codes write them.

use chrono::{Datelike, NaiveDate};

/// Which part of a date does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Digits,
    Month,
    Day,
}

/// A date that was read, and whether its day was 00.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarcodeDate {
    /// The date; for day 00 the last day of the month.
    pub date: NaiveDate,
    /// The code gave no day.
    pub day_zero: bool,
}

/// The full year for two digits, in the window of 49 years back to 50 years ahead (GS1 General
/// Specifications, section 7.12): a difference to the current year of 51 to 99 means the previous
/// century, of -99 to -50 the next.
pub fn full_year(two_digits: u32, today: NaiveDate) -> i32 {
    let current = today.year();
    let century = current - current.rem_euclid(100);
    let year = century.saturating_add_unsigned(two_digits % 100);
    match year - current {
        51.. => year - 100,
        ..=-50 => year + 100,
        _ => year,
    }
}

/// Reads `YYMMDD`; day 00 is the last day of the month when `day_zero_allowed`. `None` for anything
/// that is not such a date.
pub fn yymmdd(text: &str, day_zero_allowed: bool, today: NaiveDate) -> Option<BarcodeDate> {
    parse_yymmdd(text, day_zero_allowed, today).ok()
}

pub(crate) fn parse_yymmdd(text: &str, day_zero_allowed: bool, today: NaiveDate) -> Result<BarcodeDate, Fault> {
    let year = full_year(number(text.get(..2))?, today);
    let (month, day) = (number(text.get(2..4))?, number(text.get(4..))?);
    if text.len() != 6 {
        return Err(Fault::Digits);
    }
    from_parts(year, month, day, day_zero_allowed)
}

/// Reads `YYYYMMDD`.
pub(crate) fn parse_yyyymmdd(text: &str) -> Result<NaiveDate, Fault> {
    if text.len() != 8 {
        return Err(Fault::Digits);
    }
    let year = i32::try_from(number(text.get(..4))?).map_err(|_| Fault::Digits)?;
    from_parts(year, number(text.get(4..6))?, number(text.get(6..))?, false).map(|read| read.date)
}

/// The day numbered `day` of the year, 1 to 365 or 366.
pub(crate) fn day_of_year(year: i32, day: u32) -> Result<NaiveDate, Fault> {
    NaiveDate::from_yo_opt(year, day).ok_or(Fault::Day)
}

pub(crate) fn from_parts(year: i32, month: u32, day: u32, day_zero_allowed: bool) -> Result<BarcodeDate, Fault> {
    if !(1..=12).contains(&month) {
        return Err(Fault::Month);
    }
    if day == 0 && day_zero_allowed {
        return last_of_month(year, month).map(|date| BarcodeDate { date, day_zero: true });
    }
    let date = NaiveDate::from_ymd_opt(year, month, day).ok_or(Fault::Day)?;
    Ok(BarcodeDate { date, day_zero: false })
}

/// The last day of a month, leap years included.
pub(crate) fn last_of_month(year: i32, month: u32) -> Result<NaiveDate, Fault> {
    (28..=31).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).ok_or(Fault::Month)
}

/// A run of ASCII digits as a number (no sign, no spaces).
pub(crate) fn number(digits: Option<&str>) -> Result<u32, Fault> {
    let digits = digits.filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())).ok_or(Fault::Digits)?;
    digits.parse().map_err(|_| Fault::Digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn century_window() {
        // Two digits, today's year, full year: GS1 General Specifications 7.12 and by hand.
        let rows = [
            (26, 2026, 2026),
            (76, 2026, 2076), // +50 stays
            (77, 2026, 1977), // +51 goes back
            (99, 2026, 1999),
            (0, 2026, 2000),
            (0, 2050, 2100), // -50 goes ahead
            (1, 2050, 2001), // -49 stays
            (49, 2099, 2149),
            (50, 2099, 2050),
            (98, 2000, 1998),
        ];
        for (digits, today, expected) in rows {
            assert_eq!(full_year(digits, ymd(today, 6, 15)), expected, "{digits} in {today}");
        }
    }

    #[test]
    fn yymmdd_table() {
        let today = ymd(2026, 7, 1);
        let read = |text, zero| yymmdd(text, zero, today).map(|d| (d.date, d.day_zero));
        assert_eq!(read("261031", true), Some((ymd(2026, 10, 31), false)));
        assert_eq!(read("270200", true), Some((ymd(2027, 2, 28), true)));
        assert_eq!(read("280200", true), Some((ymd(2028, 2, 29), true))); // leap year
        assert_eq!(read("000200", true), Some((ymd(2000, 2, 29), true))); // divisible by 400
        assert_eq!(read("280200", false), None);
        for bad in
            ["", "2610", "26103", "2610311", "261301", "260001", "260230", "27022٩", "+61031", "26 131", "270229"]
        {
            assert_eq!(read(bad, true), None, "{bad:?}");
        }
    }

    #[test]
    fn other_forms() {
        assert_eq!(parse_yyyymmdd("20200131"), Ok(ymd(2020, 1, 31)));
        assert_eq!(parse_yyyymmdd("20200100"), Err(Fault::Day));
        assert_eq!(day_of_year(2005, 271), Ok(ymd(2005, 9, 28))); // HIBC 2.6 table F1
        assert_eq!(day_of_year(2025, 366), Err(Fault::Day));
    }
}
