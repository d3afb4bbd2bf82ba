//! HIBC supplier labelling (ANSI/HIBC 2.6): the primary code `+LIC PCN U`, secondary data after `/`
//! or in a code of its own, and supplemental fields after further `/`.

use super::date::{self, Fault};
use super::error::{code, warning};
use super::{Decoded, Element, Error, Scheme, Warning};
use chrono::NaiveDate;

/// The characters of HIBC in the order of their values (ANSI/HIBC 2.6, appendix B).
const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";

/// More fields than there are kinds of; it bounds what a hostile input can cost.
const MAX_FIELDS: usize = 8;

/// The modulo-43 check character that belongs after `data`, which starts with `+`. `None` when
/// `data` is empty or holds a character that HIBC does not have.
pub fn check_character(data: &str) -> Option<char> {
    if data.is_empty() {
        return None;
    }
    let sum = data.chars().try_fold(0, |sum, c| Some((sum + ALPHABET.find(c)?) % ALPHABET.len()))?;
    ALPHABET.chars().nth(sum)
}

/// The HIBC code of `elements`, in their order, with its check character. Reading it gives the same
/// elements back.
///
/// # Errors
/// As for reading; the position is one in the code that was built.
pub fn build(elements: &[Element], today: NaiveDate) -> Result<String, Error> {
    let mut text = String::from("+");
    for (index, Element { ai, value }) in elements.iter().enumerate() {
        match ai.as_str() {
            "+" | "link" => {}
            _ if index == 0 => text.push_str(ai),
            _ => text.extend(["/", ai]),
        }
        text.push_str(value);
    }
    text.extend(check_character(&text));
    let read = read(&text, 0, today)?;
    if read.elements != elements {
        return Err(Error::new(code::HIBC, 0, "These elements, in this order, are no HIBC code."));
    }
    Ok(text)
}

/// Whether `text` is HIBC data that ends with the check character which belongs to it.
pub fn has_check(text: &str) -> bool {
    let data = text.split_at_checked(text.len().saturating_sub(1)).filter(|(data, _)| data.starts_with('+'));
    data.is_some_and(|(data, check)| check_character(data) == check.chars().next())
}

/// Reads the HIBC code that starts with `+` at byte `start` of `input`.
pub(crate) fn read(input: &str, start: usize, today: NaiveDate) -> Result<Decoded, Error> {
    let text = input.get(start..).unwrap_or_default();
    if let Some(offset) = text.find(|c| !ALPHABET.contains(c)) {
        let message = "HIBC holds capital letters, digits and the characters - . $ / + % and space, nothing else.";
        return Err(Error::new(code::CHARACTER, start + offset, message));
    }
    let (data, check) = text.split_at_checked(text.len().saturating_sub(1)).unwrap_or_default();
    if data.is_empty() {
        return Err(Error::new(code::HIBC, start, "The HIBC code holds no data."));
    }
    if check_character(data) != check.chars().next() {
        let message = "The check character of the HIBC code does not fit: it was misread or misprinted.";
        return Err(Error::new(code::HIBC_CHECK, start + data.len(), message));
    }
    let mut reader = Reader { today, decoded: Decoded::new(Scheme::Hibc) };
    let after_flag = data.get(1..).unwrap_or_default();
    match after_flag.chars().next() {
        Some('/') => {
            let message = "This HIBC code holds a provider's own data (a place, a person), not a product.";
            return Err(Error::new(code::UNSUPPORTED, start + 1, message));
        }
        Some('A'..='Z') => reader.primary(after_flag, start + 1)?,
        Some('$' | '0'..='9') => reader.stand_alone(after_flag, start + 1)?,
        _ => {
            return Err(Error::new(code::HIBC, start + 1, "After + an HIBC code goes on with a letter, a digit or $."));
        }
    }
    Ok(reader.decoded)
}

struct Reader {
    today: NaiveDate,
    decoded: Decoded,
}

impl Reader {
    /// Section 2.1: labeler (4), product or catalogue number (1 to 18), unit of measure (1); then
    /// perhaps secondary data.
    fn primary(&mut self, text: &str, at: usize) -> Result<(), Error> {
        let (primary, secondary) = text.split_once('/').map_or((text, None), |(primary, rest)| (primary, Some(rest)));
        if let Some(offset) = primary.find(|c: char| !c.is_ascii_alphanumeric()) {
            let message = "The labeler and the product number hold only letters and digits.";
            return Err(Error::new(code::CHARACTER, at + offset, message));
        }
        if !(6..=23).contains(&primary.len()) {
            let message = "An HIBC product is a labeler of 4 characters, a product number of 1 to 18, and a unit of measure of 1.";
            return Err(Error::new(code::HIBC, at, message));
        }
        if !primary.ends_with(|c: char| c.is_ascii_digit()) {
            let message = "The unit of measure, the last character of the HIBC product, must be a digit.";
            return Err(Error::new(code::HIBC, at + primary.len() - 1, message));
        }
        self.element("+", primary);
        self.decoded.udi_di = Some(primary.to_owned());
        match secondary {
            Some(secondary) => self.secondary(secondary, at + primary.len() + 1),
            None => Ok(()),
        }
    }

    /// Section 2.2: secondary data in a code of its own ends with the link character, the check
    /// character of the primary code.
    fn stand_alone(&mut self, text: &str, at: usize) -> Result<(), Error> {
        let (secondary, link) = text.split_at_checked(text.len().saturating_sub(1)).unwrap_or_default();
        self.secondary(secondary, at)?;
        self.element("link", link);
        let message =
            format!("This code names no product. Scan the code beside it, whose check character is \"{link}\", too.");
        self.decoded.warnings.push(Warning::new(warning::PRODUCT_MISSING, message));
        Ok(())
    }

    /// Section 2.2 and appendix F: date and lot or serial number, then the supplemental fields.
    fn secondary(&mut self, text: &str, at: usize) -> Result<(), Error> {
        let mut fields = text.split('/');
        let field = fields.next().unwrap_or_default();
        let (flag, dated, serial) = match field {
            _ if field.starts_with("$$+") => ("$$+", true, true),
            _ if field.starts_with("$$") => ("$$", true, false),
            _ if field.starts_with("$+") => ("$+", false, true),
            _ if field.starts_with('$') => ("$", false, false),
            // The superseded form starts with a date of five digits, year and day of the year.
            _ if field.starts_with(|c: char| c.is_ascii_digit()) => ("", false, false),
            _ => {
                return Err(Error::new(code::HIBC, at, "Secondary HIBC data starts with $ or a digit."));
            }
        };
        let rest = field.strip_prefix(flag).unwrap_or_default();
        let rest_at = at + flag.len();
        let taken = if flag.is_empty() {
            self.element("", rest);
            self.expiry(Form::YearDay, rest, rest_at)?;
            5
        } else if dated {
            let form = Form::named_by(rest).ok_or_else(|| {
                Error::new(code::HIBC, rest_at, "After $$ the form of the date must follow, a digit from 0 to 7.")
            })?;
            let indicator = form.indicator();
            let date = rest.get(indicator.len()..).unwrap_or_default();
            self.element(&format!("{flag}{indicator}"), date);
            self.expiry(form, date, rest_at + indicator.len())?;
            indicator.len() + form.length()
        } else {
            self.element(flag, rest);
            0
        };
        let number = rest.get(taken..).unwrap_or_default();
        let name = if serial { "serial number" } else { "lot" };
        check_number(name, number, rest_at + taken)?;
        if number.is_empty() && self.decoded.expiry.is_none() {
            return Err(Error::new(code::VALUE_EMPTY, rest_at + taken, format!("The {name} ({flag}) is empty.")));
        }
        if !number.is_empty() {
            let slot = if serial { &mut self.decoded.serial } else { &mut self.decoded.lot };
            *slot = Some(number.to_owned());
        }
        self.supplements(fields, at + field.len() + 1)
    }

    /// Section 2.3.2: serial number, expiry, manufacture, and quantity as the last.
    fn supplements<'t>(&mut self, fields: impl Iterator<Item = &'t str>, mut at: usize) -> Result<(), Error> {
        let mut quantity_read = false;
        for field in fields {
            if self.decoded.elements.len() > MAX_FIELDS {
                let message = format!("The HIBC code holds more than {MAX_FIELDS} fields.");
                return Err(Error::new(code::TOO_MANY, at, message));
            }
            if quantity_read {
                return Err(Error::new(code::HIBC, at, "The quantity (Q) must be the last field of an HIBC code."));
            }
            let conflict =
                |what: &str| Err(Error::new(code::CONFLICT, at, format!("The code names two different {what}.")));
            let (flag, value) = ["14D", "16D", "S", "Q"]
                .iter()
                .find_map(|flag| Some((*flag, field.strip_prefix(flag)?)))
                .ok_or_else(|| {
                    Error::new(
                        code::HIBC,
                        at,
                        "An HIBC field must start with S (serial), 14D (expiry), 16D (manufacture) or Q (quantity).",
                    )
                })?;
            let value_at = at + flag.len();
            self.element(flag, value);
            match flag {
                "S" => {
                    check_number("serial number", value, value_at)?;
                    if value.is_empty() {
                        return Err(Error::new(code::VALUE_EMPTY, value_at, "The serial number (S) is empty."));
                    }
                    if self.decoded.serial.as_deref().is_some_and(|known| known != value) {
                        return conflict("serial numbers");
                    }
                    self.decoded.serial = Some(value.to_owned());
                }
                "Q" => {
                    quantity_read = true;
                    if !(1..=5).contains(&value.len()) || date::number(Some(value)).is_err() {
                        return Err(Error::new(
                            code::HIBC,
                            value_at,
                            "The quantity (Q) must be a number of 1 to 5 digits.",
                        ));
                    }
                }
                _ => {
                    let date = date::parse_yyyymmdd(value).map_err(|fault| bad_date(fault, "YYYYMMDD", value_at))?;
                    let slot = if flag == "14D" { &mut self.decoded.expiry } else { &mut self.decoded.production_date };
                    if slot.is_some_and(|known| known != date) {
                        return conflict(if flag == "14D" { "expiry dates" } else { "dates of manufacture" });
                    }
                    *slot = Some(date);
                }
            }
            at += field.len() + 1;
        }
        Ok(())
    }

    fn expiry(&mut self, form: Form, text: &str, at: usize) -> Result<(), Error> {
        let parsed = form.parse(text, self.today).map_err(|fault| bad_date(fault, form.pattern(), at))?;
        let Some((date, hour)) = parsed else {
            return Ok(());
        };
        if let Some(hour) = hour.filter(|hour| *hour > 23) {
            return Err(Error::new(
                code::TIME,
                at,
                format!("The expiry date has the hour {hour}, which does not exist (00 to 23)."),
            ));
        }
        if let Some(hour) = hour {
            let message =
                format!("The product expires at hour {hour:02} of {date}: it must not be used after it on that day.");
            self.decoded.warnings.push(Warning::new(warning::EXPIRY_TIME, message));
        }
        self.decoded.expiry = Some(date);
        Ok(())
    }

    fn element(&mut self, flag: &str, value: &str) {
        self.decoded.elements.push(Element { ai: flag.to_owned(), value: value.to_owned() });
    }
}

/// Lots and serial numbers: up to 18 letters and digits, `-` and `.` (section 2.2).
fn check_number(name: &str, number: &str, at: usize) -> Result<(), Error> {
    if let Some(offset) = number.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.') {
        let message = format!("The {name} of an HIBC code holds only letters, digits, hyphen and full stop.");
        return Err(Error::new(code::CHARACTER, at + offset, message));
    }
    if number.len() > 18 {
        return Err(Error::new(
            code::VALUE_TOO_LONG,
            at + 18,
            format!("The {name} of an HIBC code has at most 18 characters."),
        ));
    }
    Ok(())
}

fn bad_date(fault: Fault, pattern: &str, at: usize) -> Error {
    let what = match fault {
        Fault::Digits => "is incomplete",
        Fault::Month => "has a month that does not exist",
        Fault::Day => "has a day that does not exist",
    };
    Error::new(code::DATE, at, format!("The date of the HIBC code {what} (it is written {pattern})."))
}

/// How the expiry date after `$$` is written (section 2.2, table 2).
#[derive(Clone, Copy)]
enum Form {
    MonthYear,
    MonthDayYear,
    YearMonthDay,
    YearMonthDayHour,
    YearDay,
    YearDayHour,
    None,
}

impl Form {
    /// The digit after `$$` names the form; 0 and 1 are the first digit of a month.
    fn named_by(text: &str) -> Option<Self> {
        Some(match text.chars().next()? {
            '0' | '1' => Self::MonthYear,
            '2' => Self::MonthDayYear,
            '3' => Self::YearMonthDay,
            '4' => Self::YearMonthDayHour,
            '5' => Self::YearDay,
            '6' => Self::YearDayHour,
            '7' => Self::None,
            _ => return None,
        })
    }

    fn indicator(self) -> &'static str {
        match self {
            Self::MonthYear => "",
            Self::MonthDayYear => "2",
            Self::YearMonthDay => "3",
            Self::YearMonthDayHour => "4",
            Self::YearDay => "5",
            Self::YearDayHour => "6",
            Self::None => "7",
        }
    }

    fn pattern(self) -> &'static str {
        match self {
            Self::MonthYear => "MMYY",
            Self::MonthDayYear => "MMDDYY",
            Self::YearMonthDay => "YYMMDD",
            Self::YearMonthDayHour => "YYMMDDHH",
            Self::YearDay => "YYJJJ, with JJJ the day of the year",
            Self::YearDayHour => "YYJJJHH, with JJJ the day of the year",
            Self::None => "",
        }
    }

    /// How many digits the date has.
    fn length(self) -> usize {
        match self {
            Self::MonthYear => 4,
            Self::MonthDayYear | Self::YearMonthDay => 6,
            Self::YearMonthDayHour => 8,
            Self::YearDay => 5,
            Self::YearDayHour => 7,
            Self::None => 0,
        }
    }

    /// The date at the start of `text`, and its hour. A month ends with its last day.
    fn parse(self, text: &str, today: NaiveDate) -> Result<Option<(NaiveDate, Option<u32>)>, Fault> {
        let field = |from: usize, to: usize| date::number(text.get(from..to));
        let year = |at: usize| field(at, at + 2).map(|digits| date::full_year(digits, today));
        let calendar = |year, month, day| date::from_parts(year, month, day, false).map(|read| read.date);
        Ok(Some(match self {
            Self::None => return Ok(None),
            Self::MonthYear => (date::from_parts(year(2)?, field(0, 2)?, 0, true)?.date, None),
            Self::MonthDayYear => (calendar(year(4)?, field(0, 2)?, field(2, 4)?)?, None),
            Self::YearMonthDay => (calendar(year(0)?, field(2, 4)?, field(4, 6)?)?, None),
            Self::YearMonthDayHour => (calendar(year(0)?, field(2, 4)?, field(4, 6)?)?, Some(field(6, 8)?)),
            Self::YearDay => (date::day_of_year(year(0)?, field(2, 5)?)?, None),
            Self::YearDayHour => (date::day_of_year(year(0)?, field(2, 5)?)?, Some(field(5, 7)?)),
        }))
    }
}
