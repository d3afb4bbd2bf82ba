//! Bracketed text: `(01)09520123456788(10)LOT`, the form people read and type (GS1 General
//! Specifications, section 4.15). Inside a value an opening bracket is written `\(`.

use super::{MAX_ELEMENTS, Read, ai_table, check, too_many};
use crate::barcode::error::code;
use crate::barcode::{Element, Error};
use chrono::NaiveDate;
use std::borrow::Cow;

/// Reads bracketed text from byte `start` of `input` on. Values are checked, associations are not.
pub(crate) fn read(input: &str, start: usize, today: NaiveDate) -> Result<Vec<Read<'_>>, Error> {
    let mut elements = Vec::new();
    let mut at = start;
    while let Some(rest) = input.get(at..).filter(|rest| !rest.is_empty()) {
        if elements.len() == MAX_ELEMENTS {
            return Err(too_many(at));
        }
        let (ai, after) =
            rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).filter(|(ai, _)| ai.len() <= 4).ok_or_else(
                || Error::new(code::AI_SYNTAX, at, "Expected an application identifier in brackets, as in (01)."),
            )?;
        let row = ai_table::find(ai).ok_or_else(|| {
            Error::new(code::AI_UNKNOWN, at + 1, format!("({ai}) is not a GS1 application identifier."))
        })?;
        let value_at = at + ai.len() + 2;
        let (written, value) = next_value(after);
        check::value(row, ai, &value, today).map_err(|error| {
            // An escape shifts what follows it; then the value's start is the honest position.
            let offset = if written.len() == value.len() { error.position } else { 0 };
            Error { position: value_at + offset, ..error }
        })?;
        elements.push(Read { row, ai, at, value });
        at = value_at + written.len();
    }
    Ok(elements)
}

/// The value up to the next opening bracket, as written and with its escapes resolved.
fn next_value(text: &str) -> (&str, Cow<'_, str>) {
    let mut escaped = false;
    let mut end = text.len();
    for (index, _) in text.match_indices('(') {
        if text.get(..index).is_some_and(|before| before.ends_with('\\')) {
            escaped = true;
        } else {
            end = index;
            break;
        }
    }
    let written = text.get(..end).unwrap_or(text);
    let value = if escaped { Cow::Owned(written.replace("\\(", "(")) } else { Cow::Borrowed(written) };
    (written, value)
}

/// The bracketed text of `elements`. Reading it gives the same elements back.
pub fn build(elements: &[Element]) -> String {
    elements.iter().map(|element| format!("({}){}", element.ai, element.value.replace('(', "\\("))).collect()
}
