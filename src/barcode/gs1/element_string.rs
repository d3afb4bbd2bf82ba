//! Element strings: identifiers and values one after the other, as a GS1 symbol carries them (GS1
//! General Specifications, section 7.8).

use super::ai_table::{self, Ai};
use super::check::{self, label};
use super::{MAX_ELEMENTS, Read, too_many};
use crate::barcode::error::{code, warning};
use crate::barcode::{Element, Error, Warning};
use chrono::NaiveDate;
use std::borrow::Cow;

/// The separator that a reader transmits for FNC1 (GS1 General Specifications, section 7.8.3).
pub(crate) const GROUP_SEPARATOR: char = '\u{1d}';

/// The length of the separator that `text` starts with, 0 for none: the separator itself, or what
/// people and tools write where it cannot be typed. None of these starts with a character that a
/// value may hold.
pub(crate) fn separator(text: &str) -> usize {
    match text.as_bytes() {
        [0x1d | b'^', ..] => 1,
        [b'{', b'G', b'S', b'}', ..] => 4,
        [b'\\', b'u', b'0', b'0', b'1', b'd' | b'D', ..] => 6,
        _ => 0,
    }
}

/// Reads the element strings from byte `start` of `input` on. Values are checked, associations are
/// not.
pub(crate) fn read<'a>(
    input: &'a str,
    start: usize,
    today: NaiveDate,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Read<'a>>, Error> {
    let mut elements = Vec::new();
    let mut at = start;
    loop {
        at = skip_separators(input, at, elements.is_empty(), warnings);
        let rest = input.get(at..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        if elements.len() == MAX_ELEMENTS {
            return Err(too_many(at));
        }
        let (row, ai) = ai_table::starting(rest).ok_or_else(|| unknown(rest, at, elements.last()))?;
        let value_at = at + ai.len();
        let value = next_value(row, input.get(value_at..).unwrap_or_default());
        check::value(row, ai, value, today).map_err(|error| Error { position: value_at + error.position, ..error })?;
        elements.push(Read { row, ai, value: Cow::Borrowed(value), at });
        at = value_at + value.len();
    }
    if elements.is_empty() {
        return Err(Error::new(code::EMPTY, start, "The code holds no data."));
    }
    swallowed(&elements, today, warnings);
    Ok(elements)
}

fn skip_separators(input: &str, mut at: usize, first: bool, warnings: &mut Vec<Warning>) -> usize {
    let mut count = 0;
    loop {
        let length = separator(input.get(at..).unwrap_or_default());
        if length == 0 {
            break;
        }
        at += length;
        count += 1;
    }
    if first && count > 0 {
        add_once(warnings, warning::LEADING_SEPARATOR, "The code starts with a separator; it was read without it.");
    }
    if count > 1 {
        add_once(warnings, warning::DOUBLED_SEPARATOR, "Separators follow each other; they were read as one.");
    }
    at
}

/// One warning of a kind says it all, and keeps a code made of separators from filling memory.
fn add_once(warnings: &mut Vec<Warning>, code: &'static str, message: &str) {
    if warnings.iter().all(|known| known.code != code) {
        warnings.push(Warning::new(code, message));
    }
}

fn unknown(rest: &str, at: usize, before: Option<&Read>) -> Error {
    let shown: String = rest.chars().take(4).collect();
    let before = before.map_or_else(String::new, |before| format!(" after {}", label(before.row, before.ai)));
    Error::new(code::AI_UNKNOWN, at, format!("No GS1 application identifier starts with \"{shown}\"{before}."))
}

/// The value at the start of `rest`: so many characters where the prefix predefines the length,
/// else all up to the separator. Looks no further than one character beyond the longest value,
/// which is enough to know that a value is too long.
fn next_value<'a>(row: &Ai, rest: &'a str) -> &'a str {
    let (_, max) = row.length();
    let limit = if row.has_predefined_length() { max } else { max + 1 };
    let mut end = 0;
    while end < limit && rest.get(end..).is_some_and(|from| !from.is_empty() && separator(from) == 0) {
        end += 1;
    }
    rest.get(..end).unwrap_or(rest)
}

/// Warns where the end of a value reads like further elements, which is what a missing separator
/// leaves behind.
///
/// Only identifiers that the code does not have already count: all with a self-checking value (date,
/// check digit), and the free-form ones that stand beside a lot. The digits "10" or "21" inside a
/// longer number say nothing, so that for the free-form ones a neighbour that is no digit is needed:
/// a warning for every eighth numeric lot would soon be read by nobody.
fn swallowed(elements: &[Read], today: NaiveDate, warnings: &mut Vec<Warning>) {
    for element in elements.iter().filter(|element| !element.row.has_predefined_length()) {
        let found = (1..element.value.len()).find_map(|index| {
            let (before, tail) = element.value.split_at_checked(index)?;
            elements_in_tail(before, tail, elements, today).map(|(row, ai)| (index, label(row, ai)))
        });
        if let Some((index, swallowed)) = found {
            let kept = element.value.get(..index).unwrap_or_default();
            let message = format!(
                "{} was read as \"{}\", which ends like {swallowed}: a separator may be missing after \"{kept}\". Compare with the pack.",
                label(element.row, element.ai),
                element.value,
            );
            warnings.push(Warning::new(warning::SWALLOWED_AI, message));
        }
    }
}

/// The first identifier of `tail`, when all of `tail` reads as elements that are likely to be
/// meant.
fn elements_in_tail<'t>(
    before: &str,
    tail: &'t str,
    known: &[Read],
    today: NaiveDate,
) -> Option<(&'static Ai, &'t str)> {
    let (row, ai) = ai_table::starting(tail)?;
    if known.iter().any(|element| element.ai == ai) {
        return None;
    }
    let rest = tail.get(ai.len()..)?;
    let value = next_value(row, rest);
    let self_checking = row.parts.first().is_some_and(|part| {
        part.checks.iter().any(|check| {
            matches!(check, ai_table::Check::CheckDigit | ai_table::Check::Date | ai_table::Check::DateOrMonth)
        })
    });
    let no_digit = |c: Option<char>| c.is_some_and(|c| !c.is_ascii_digit());
    let stands_out = no_digit(before.chars().next_back()) || no_digit(rest.chars().next());
    if !(self_checking || beside_a_lot(ai) && stands_out) || check::value(row, ai, value, today).is_err() {
        return None;
    }
    let after = rest.get(value.len()..)?;
    let complete = after.is_empty() || elements_in_tail(value, after, known, today).is_some();
    complete.then_some((row, ai))
}

/// The free-form elements that stand beside a lot on a medical pack: lot, serial numbers, additional
/// identification, and the national numbers.
fn beside_a_lot(ai: &str) -> bool {
    matches!(ai, "10" | "21" | "240" | "250") || (ai.len() == 3 && ai.starts_with("71"))
}

/// The element string of `elements`, in their order, with a separator after each value that needs
/// one. Reading it gives the same elements back.
///
/// # Errors
/// As for reading: an identifier that does not exist, a value that breaks its format, a missing or
/// excluded element. The position is the index of the element.
pub fn build(elements: &[Element], today: NaiveDate) -> Result<String, Error> {
    super::check_elements(elements, today)?;
    let mut text = String::new();
    let mut open = false;
    for element in elements {
        if open {
            text.push(GROUP_SEPARATOR);
        }
        text.push_str(&element.ai);
        text.push_str(&element.value);
        open = ai_table::find(&element.ai).is_some_and(|row| !row.has_predefined_length());
    }
    Ok(text)
}
