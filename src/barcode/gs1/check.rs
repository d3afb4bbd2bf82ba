//! Whether an element's value keeps its format (GS1 General Specifications, section 3, and the
//! linters of the GS1 Barcode Syntax Dictionary that each rule restates).

use super::ai_table::{Ai, Charset, Check, Part};
use super::codes;
use crate::barcode::date::{self, Fault};
use crate::barcode::error::code;
use crate::barcode::{Error, gtin};
use chrono::NaiveDate;

/// How an element is called in a message.
pub(crate) fn label(row: &Ai, ai: &str) -> String {
    format!("AI {ai} ({})", row.name)
}

/// What is wrong with a component: code, where in the component, and the rule that completes the
/// sentence "AI 17 (…) …".
type Broken = (&'static str, usize, String);

fn broken<T>(code: &'static str, offset: usize, rule: impl Into<String>) -> Result<T, Broken> {
    Err((code, offset, rule.into()))
}

/// Checks length, characters and content of `value`. The error's position is an offset into
/// `value`.
pub(crate) fn value(row: &Ai, ai: &str, value: &str, today: NaiveDate) -> Result<(), Error> {
    components(row, value, today)
        .map_err(|(code, offset, rule)| Error::new(code, offset, format!("{} {rule}.", label(row, ai))))
}

fn components(row: &Ai, value: &str, today: NaiveDate) -> Result<(), Broken> {
    let (min, max) = row.length();
    let length = value.len();
    if length == 0 {
        return broken(code::VALUE_EMPTY, 0, "has no value");
    }
    if length < min {
        let rule = format!("has {length} characters and needs {}{min}", if min == max { "" } else { "at least " });
        return broken(code::VALUE_TOO_SHORT, length, rule);
    }
    if length > max {
        let rule = format!("has more than the {max} characters it may have; a separator may be missing");
        return broken(code::VALUE_TOO_LONG, max, rule);
    }
    let mut start = 0;
    for part in row.parts {
        let end = length.min(start + part.max);
        if part.optional && start == end {
            break;
        }
        // Values are ASCII here, so that a byte range is a character range; anything else would be
        // no value.
        let text = value.get(start..end).unwrap_or_default();
        if text.len() < part.min {
            return broken(
                code::VALUE_TOO_SHORT,
                length,
                format!("has {length} characters, which is not one of its lengths"),
            );
        }
        component(part, text, today).map_err(|(code, offset, rule)| (code, start + offset, rule))?;
        start = end;
    }
    Ok(())
}

fn component(part: &Part, text: &str, today: NaiveDate) -> Result<(), Broken> {
    let (wrong, what) = match part.charset {
        Charset::Digits => (text.find(|c: char| !c.is_ascii_digit()), "a digit"),
        Charset::Set82 => (text.find(|c| !in_set_82(c)), "in GS1 character set 82"),
        Charset::Set39 => (text.find(|c| !in_set_39(c)), "in GS1 character set 39"),
        Charset::Set64 => (text.find(|c| !in_set_64_or_padding(c)), "in GS1 character set 64"),
    };
    if let Some(offset) = wrong {
        let character = text.get(offset..).and_then(|from| from.chars().next()).unwrap_or_default();
        return broken(code::CHARACTER, offset, format!("holds {character:?}, which is not {what}"));
    }
    if part.charset == Charset::Set64 {
        padding(text)?;
    }
    part.checks.iter().try_for_each(|check| content(*check, text, today))
}

/// GS1 AI encodable character set 82 (GS1 General Specifications, figure 7.11-1), also ISO/IEC 646
/// without 14 characters.
pub(crate) fn in_set_82(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '!' | '"' | '%'..='/' | ':'..='?' | '_')
}

/// GS1 AI encodable character set 39 (figure 7.11-2).
fn in_set_39(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '#' | '-' | '/')
}

/// GS1 AI encodable character set 64 (figure 7.11-3), with its padding.
fn in_set_64_or_padding(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=')
}

/// At most two padding characters, at the end, filling a group of three.
fn padding(text: &str) -> Result<(), Broken> {
    let data = text.trim_end_matches('=');
    let pads = text.len() - data.len();
    if let Some(offset) = data.find('=') {
        return broken(code::CHARACTER, offset, "has padding (=) before its end");
    }
    if pads > 2 || (pads > 0 && !text.len().is_multiple_of(3)) {
        return broken(code::VALUE, data.len(), "has the wrong number of padding characters (=)");
    }
    Ok(())
}

/// What a check of the table of application identifiers asks of a component.
// Long because it is a table: one arm for each check.
fn content(check: Check, text: &str, today: NaiveDate) -> Result<(), Broken> {
    let last = text.len().saturating_sub(1);
    let invalid = |valid: bool, rule: &str| {
        if valid { Ok(()) } else { broken(code::VALUE, 0, rule) }
    };
    let listed = |valid: bool, rule: &str| {
        if valid { Ok(()) } else { broken(code::CODE_LIST, 0, rule) }
    };
    match check {
        Check::CheckDigit if gtin::ends_with_check_digit(text) => Ok(()),
        Check::CheckDigit => {
            broken(code::CHECK_DIGIT, last, "has a check digit that does not fit: it was misread or misprinted")
        }
        Check::CheckPair => check_pair(text),
        Check::CompanyPrefix => match text.chars().take(4).position(|c| !c.is_ascii_digit()) {
            Some(offset) => broken(code::COMPANY_PREFIX, offset, "does not start with a GS1 company prefix (digits)"),
            None if text.len() < 4 => {
                broken(code::COMPANY_PREFIX, 0, "is too short for a GS1 company prefix (four digits at least)")
            }
            None => Ok(()),
        },
        Check::DateOrMonth => date::parse_yymmdd(text, true, today).map(drop).or_else(|fault| bad_date(fault, 2)),
        Check::Date => date::parse_yymmdd(text, false, today).map(drop).or_else(|fault| bad_date(fault, 2)),
        Check::LongDate => date::parse_yyyymmdd(text).map(drop).or_else(|fault| bad_date(fault, 4)),
        Check::HourMinute => match (below(text.get(..2), 24), below(text.get(2..), 60)) {
            (true, true) => Ok(()),
            (false, _) => broken(code::TIME, 0, "has an hour that does not exist (00 to 23)"),
            (true, false) => broken(code::TIME, 2, "has a minute that does not exist (00 to 59)"),
        },
        Check::Hour if below(Some(text), 24) => Ok(()),
        Check::Hour => broken(code::TIME, 0, "has an hour that does not exist (00 to 23)"),
        Check::Sixty if below(Some(text), 60) => Ok(()),
        Check::Sixty => broken(code::TIME, 0, "has a minute or second that does not exist (00 to 59)"),
        Check::Currency => listed(codes::is_currency(text), "holds no ISO 4217 currency code of three digits"),
        Check::Country => listed(codes::is_country(text), "holds no ISO 3166 country code of three digits"),
        Check::CountryOr999 => {
            listed(text == "999" || codes::is_country(text), "holds no ISO 3166 country code of three digits, nor 999")
        }
        Check::CountryLetters => {
            listed(codes::is_country_letters(text), "holds no ISO 3166 country code of two letters")
        }
        Check::PercentEncoded => percent_encoded(text),
        Check::YesNo => invalid(matches!(text, "0" | "1"), "must be 0 or 1"),
        Check::NonZero => invalid(text.bytes().any(|b| b != b'0'), "holds a measure that must not be zero"),
        Check::Zero => invalid(text.bytes().all(|b| b == b'0'), "must start with 0"),
        Check::NoLeadingZero => invalid(!text.starts_with('0'), "must not start with 0"),
        Check::Winding => invalid(matches!(text, "0" | "1" | "9"), "holds a winding direction that is not 0, 1 or 9"),
        Check::PieceOfTotal => piece_of_total(text),
        Check::Latitude => invalid(text <= "1800000000", "holds a latitude above 1800000000"),
        Check::Longitude => invalid(text <= "3600000000", "holds a longitude above 3600000000"),
        Check::Hyphen => invalid(text.bytes().all(|b| b == b'-'), "may end only with a hyphen"),
        Check::Iban => iban(text),
        Check::ImporterIndex => invalid(
            text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')),
            "holds no importer index",
        ),
        Check::PackageType => listed(codes::is_package_type(text), "holds no UN/ECE package type"),
        Check::MediaType => {
            let valid = matches!(date::number(Some(text)), Ok(1..=10 | 80..=99));
            listed(valid, "holds no AIDC media type (01 to 10, 80 to 99)")
        }
        Check::BiologicalSex => {
            listed(matches!(text, "0" | "1" | "2" | "9"), "holds no ISO/IEC 5218 code (0, 1, 2 or 9)")
        }
        Check::PositionOfEnd => position_of_end(text),
        Check::HasNonDigit => {
            invalid(text.bytes().any(|b| !b.is_ascii_digit()), "must hold a character that is not a digit")
        }
        Check::Coupon => broken(code::UNSUPPORTED, 0, "is a coupon, which carries nothing that Lotline keeps"),
    }
}

/// `year` is the length of the year, after which the month begins.
fn bad_date(fault: Fault, year: usize) -> Result<(), Broken> {
    match fault {
        Fault::Digits => broken(code::DATE, 0, "holds no date"),
        Fault::Month => broken(code::DATE, year, "has a month that does not exist (01 to 12)"),
        Fault::Day => broken(code::DATE, year + 2, "has a day that its month does not have"),
    }
}

fn below(digits: Option<&str>, limit: u32) -> bool {
    date::number(digits).is_ok_and(|number| number < limit)
}

fn percent_encoded(text: &str) -> Result<(), Broken> {
    for (offset, _) in text.match_indices('%') {
        let digits = text.get(offset + 1..offset + 3);
        if !digits.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())) {
            return broken(code::VALUE, offset, "holds a percent sign without two hexadecimal digits");
        }
    }
    Ok(())
}

fn piece_of_total(text: &str) -> Result<(), Broken> {
    let (piece, total) = (date::number(text.get(..2)).unwrap_or(0), date::number(text.get(2..)).unwrap_or(0));
    match (piece, total) {
        (0, _) => broken(code::VALUE, 0, "has piece number 00"),
        (_, 0) => broken(code::VALUE, 2, "has 00 as the number of pieces"),
        _ if piece > total => broken(code::VALUE, 0, "has a piece number above the number of pieces"),
        _ => Ok(()),
    }
}

fn position_of_end(text: &str) -> Result<(), Broken> {
    let numbers = text.split_once('/').and_then(|(position, end)| {
        Some((date::number(Some(position)).ok()?, position, date::number(Some(end)).ok()?, end))
    });
    match numbers {
        None => broken(code::VALUE, 0, "must have the form position/end"),
        Some((_, position, _, end)) if position.starts_with('0') || end.starts_with('0') => {
            broken(code::VALUE, 0, "must not have a position or end that starts with 0")
        }
        Some((position, _, end, _)) if position > end => broken(code::VALUE, 0, "has a position above the end"),
        Some(_) => Ok(()),
    }
}

/// The check character pair of alphanumeric keys (GS1 General Specifications, section 7.9.5): the
/// values in set 82, weighted with ascending primes from the right, modulo 1021, written as two
/// characters of 32.
fn check_pair(text: &str) -> Result<(), Broken> {
    const SET_82: &str = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
    const SET_32: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const PRIMES: [usize; 23] =
        [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];
    let Some((data, pair)) = text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)) else {
        return broken(code::VALUE_TOO_SHORT, 0, "is too short for its two check characters");
    };
    let sum: usize = data.chars().rev().zip(PRIMES).map(|(c, prime)| SET_82.find(c).unwrap_or(0) * prime).sum();
    let sum = sum % 1021;
    let expected = [sum / 32, sum % 32].map(|value| SET_32.chars().nth(value));
    if pair.chars().map(Some).eq(expected) {
        Ok(())
    } else {
        broken(code::CHECK_CHARACTERS, data.len(), "has check characters that do not fit: it was misread or misprinted")
    }
}

/// ISO 13616-1: country, then modulo 97 over the digits with the first four characters moved to the
/// end.
fn iban(text: &str) -> Result<(), Broken> {
    let Some((head, tail)) = text.split_at_checked(4).filter(|_| text.len() > 10) else {
        return broken(code::VALUE_TOO_SHORT, 0, "is too short for a bank account number");
    };
    if !codes::is_country_letters(head.get(..2).unwrap_or_default()) {
        return broken(code::CODE_LIST, 0, "does not start with an ISO 3166 country code");
    }
    if let Some(offset) = text.find(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit()) {
        return broken(code::CHARACTER, offset, "holds a character that a bank account number cannot have");
    }
    let remainder = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36)).fold(0, |rest, digit| {
        let shift = if digit < 10 { 10 } else { 100 };
        (rest * shift + digit) % 97
    });
    if remainder == 1 { Ok(()) } else { broken(code::CHECK_CHARACTERS, 2, "has check digits that do not fit") }
}

#[cfg(test)]
mod tests {
    use super::super::ai_table;
    use super::*;

    /// The error code and the offset of the fault in `value`, or "ok".
    fn verdict(ai: &str, text: &str) -> (&'static str, usize) {
        let today = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        let row = ai_table::find(ai).unwrap();
        value(row, ai, text, today).map_or_else(|error| (error.code, error.position), |()| ("ok", 0))
    }

    #[test]
    // Long because it is a table: a row for each way in which a value keeps its format or breaks it.
    fn values() {
        // AI, value, error code, offset of the fault. The rule of each row is the linter of the
        // same meaning in the GS1 Barcode Syntax Dictionary 2026-01-27; examples without another
        // source are its own, or made by hand.
        let rows = [
            ("01", "09520123456788", "ok", 0),
            ("01", "09520123456789", "check_digit", 13),
            ("01", "0952012345678A", "character_not_allowed", 13),
            ("01", "0952012345678", "value_too_short", 13),
            ("01", "095201234567881", "value_too_long", 14),
            ("10", "", "value_empty", 0),
            ("10", "ABCDEFGHIJKLMNOPQRST", "ok", 0),
            ("10", "ABCDEFGHIJKLMNOPQRSTU", "value_too_long", 20),
            ("10", "AB CD", "character_not_allowed", 2),
            ("10", "AB#CD", "character_not_allowed", 2),
            ("10", "!\"%&'()*+,-./:;<=>?_", "ok", 0),
            ("17", "261031", "ok", 0),
            ("17", "261000", "ok", 0),
            ("17", "261331", "date_invalid", 2),
            ("17", "260631", "date_invalid", 4),
            ("17", "270229", "date_invalid", 4),
            ("17", "280229", "ok", 0),
            ("7003", "2610311430", "ok", 0),
            ("7003", "2610001430", "date_invalid", 4), // never day 00
            ("7003", "2610312430", "time_invalid", 6),
            ("7003", "2610311460", "time_invalid", 8),
            ("4326", "201200", "date_invalid", 4),
            ("8008", "26013123", "ok", 0),
            ("8008", "260131235959", "ok", 0),
            ("8008", "2601312", "value_too_short", 7),
            ("8008", "260131235", "value_too_short", 9),
            ("8008", "26013124", "time_invalid", 6),
            ("8008", "260131235960", "time_invalid", 10),
            ("7250", "20260230", "date_invalid", 6),
            ("7250", "20260131", "ok", 0),
            ("7007", "211225211231", "ok", 0),
            ("7007", "21122521123", "value_too_short", 11),
            ("423", "528276", "ok", 0),
            ("423", "5282", "value_too_short", 4),
            ("426", "987", "code_not_listed", 0),
            ("7030", "999ABC", "ok", 0),
            ("7030", "998ABC", "code_not_listed", 0),
            ("4307", "DE", "ok", 0),
            ("4307", "de", "code_not_listed", 0),
            ("3910", "9781", "ok", 0),
            ("3910", "987123", "code_not_listed", 0),
            ("4300", "A%20B", "ok", 0),
            ("4300", "ABC%0g", "value_invalid", 3),
            ("4300", "ABC%2", "value_invalid", 3),
            ("4309", "18000000003600000000", "ok", 0),
            ("4309", "18000000010000000000", "value_invalid", 0),
            ("4309", "00000000003600000001", "value_invalid", 10),
            ("4321", "1", "ok", 0),
            ("4321", "2", "value_invalid", 0),
            ("4330", "000025-", "ok", 0),
            ("4330", "000025X", "value_invalid", 6),
            ("7040", "1AB_", "ok", 0),
            ("7040", "1AB=", "value_invalid", 3),
            ("7041", "BX", "ok", 0),
            ("7041", "QQQ", "code_not_listed", 0),
            ("7241", "10", "ok", 0),
            ("7241", "11", "code_not_listed", 0),
            ("7241", "80", "ok", 0),
            ("7252", "9", "ok", 0),
            ("7252", "5", "code_not_listed", 0),
            ("7258", "1/3", "ok", 0),
            ("7258", "111", "value_invalid", 0),
            ("7258", "0/3", "value_invalid", 0),
            ("7258", "2/1", "value_invalid", 0),
            ("8001", "12341234512391", "ok", 0),
            ("8001", "12340000012311", "value_invalid", 4),
            ("8001", "12341234512321", "value_invalid", 12),
            ("8003", "02112345678900ABC", "ok", 0),
            ("8003", "12112345678900", "value_invalid", 0),
            ("8003", "02112345678901ABC", "check_digit", 13),
            ("8004", "9520ABC", "ok", 0),
            ("8004", "952", "company_prefix", 0),
            ("7023", "12A4", "company_prefix", 2),
            ("8006", "123456789012310102", "ok", 0),
            ("8006", "123456789012310099", "value_invalid", 14),
            ("8006", "123456789012310100", "value_invalid", 16),
            ("8006", "123456789012310302", "value_invalid", 14),
            ("8007", "GB98MIDL07009312345678", "ok", 0), // ISO 13616 registry
            ("8007", "BE71096123456769", "ok", 0),
            ("8007", "BE71096123456760", "check_characters", 2),
            ("8007", "FR1234", "value_too_short", 0),
            ("8007", "AB12345678901234", "code_not_listed", 0),
            ("8007", "FR12_45678901234", "character_not_allowed", 4),
            ("8010", "123456#-/A", "ok", 0),
            ("8010", "123456a", "character_not_allowed", 6),
            ("8011", "10", "ok", 0),
            ("8011", "01", "value_invalid", 0),
            ("8013", "1987654Ad4X4bL5ttr2310c2K", "ok", 0), // GS1 General Specifications, section 7.9.5
            ("8013", "1987654Ad4X4bL5ttr2310cXK", "check_characters", 23),
            ("8013", "A", "value_too_short", 0),
            ("8014", "12345_ABCDEFGHIJKLMCP", "ok", 0),
            ("8014", "12345678901234567890123NT", "ok", 0), // N and T are no digits
            ("8030", "12=", "ok", 0),
            ("8030", "1==", "ok", 0),
            ("8030", "123=", "value_invalid", 3),
            ("8030", "1=2", "character_not_allowed", 1),
            ("8030", "ABC:123", "character_not_allowed", 3),
            ("8110", "0123456123456111101231", "unsupported", 0),
            ("8112", "00123456123456", "unsupported", 0),
        ];
        for (ai, text, code, offset) in rows {
            assert_eq!(verdict(ai, text), (code, offset), "({ai}){text}");
        }
    }

    #[test]
    fn messages_name_the_ai_and_the_rule() {
        let today = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        let row = ai_table::find("17").unwrap();
        let error = value(row, "17", "261331", today).unwrap_err();
        assert_eq!(error.message, "AI 17 (expiry date) has a month that does not exist (01 to 12).");
    }

    #[test]
    fn character_set_82_has_82_characters() {
        assert_eq!((0..=127_u8).filter(|byte| in_set_82(char::from(*byte))).count(), 82);
        assert_eq!((0..=127_u8).filter(|byte| in_set_39(char::from(*byte))).count(), 39);
        assert!(!in_set_82('é') && !in_set_82('٣'));
    }
}
