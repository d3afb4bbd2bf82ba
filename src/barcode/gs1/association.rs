//! Which elements must, and which must not, stand in one code (GS1 General Specifications, sections
//! 4.13 and 4.14).

use super::ai_table::{self, Ai};
use super::check::label;
use crate::barcode::error::code;
use crate::barcode::{Element, Error};

/// One element as the rules see it.
pub(crate) struct Seen<'a> {
    /// `None` when the table does not have it.
    pub row: Option<&'static Ai>,
    pub ai: &'a str,
    pub value: &'a str,
    pub position: usize,
}

/// The elements as the rules see them, with their index for a position.
pub(crate) fn seen(elements: &[Element]) -> Vec<Seen<'_>> {
    elements
        .iter()
        .enumerate()
        .map(|(position, element)| Seen {
            row: ai_table::find(&element.ai),
            ai: &element.ai,
            value: &element.value,
            position,
        })
        .collect()
}

/// Checks that repeated elements repeat their value, that no excluded elements stand together, and
/// that required ones are there. An identifier that is not in the table is only held to the rule on
/// repeats.
///
/// # Errors
/// `ai_repeated`, `ai_excluded` or `ai_required`; the position is the index of the element.
pub fn check_associations(elements: &[Element]) -> Result<(), Error> {
    check(&seen(elements))
}

pub(crate) fn check(elements: &[Seen]) -> Result<(), Error> {
    for (index, element) in elements.iter().enumerate() {
        let first = elements.iter().take(index).find(|earlier| earlier.ai == element.ai);
        if first.is_some_and(|first| first.value != element.value) {
            let what = element.row.map_or_else(|| format!("AI {}", element.ai), |row| label(row, element.ai));
            let message = format!("{what} stands twice, with different values.");
            return Err(Error::new(code::AI_REPEATED, element.position, message));
        }
        if let Some(row) = element.row {
            excluded(row, element, elements)?;
            required(row, element, elements)?;
        }
    }
    Ok(())
}

fn excluded(row: &Ai, element: &Seen, elements: &[Seen]) -> Result<(), Error> {
    if row.excludes.is_empty() && !row.once_in_family {
        return Ok(());
    }
    let partner = elements.iter().filter(|other| other.ai != element.ai).find(|other| {
        // By the stem, not the known members: the rule holds for a last digit that is not
        // assigned, too.
        row.once_in_family && is_sibling(row, other.ai)
            || row.excludes.split(' ').any(|pattern| matches(pattern, other.ai))
    });
    match partner {
        None => Ok(()),
        Some(partner) => {
            let message = format!("{} must not stand together with AI {}.", label(row, element.ai), partner.ai);
            Err(Error::new(code::AI_EXCLUDED, element.position, message))
        }
    }
}

fn required(row: &Ai, element: &Seen, elements: &[Seen]) -> Result<(), Error> {
    let present = |pattern: &str| elements.iter().any(|other| matches(pattern, other.ai));
    let satisfied = row.needs.is_empty() || row.needs.split(' ').any(|together| together.split('+').all(present));
    if !satisfied {
        let needs = row.needs.replace('+', " with ").replace(' ', ", ").replace(", with, ", " with ");
        let message = format!("{} needs one of these beside it: AI {needs}.", label(row, element.ai));
        return Err(Error::new(code::AI_REQUIRED, element.position, message));
    }
    if element.ai == "8030" {
        // A signature signs one thing, so a key that names only its class does not do: the serial
        // component must be there.
        let class = elements.iter().find(|other| match other.ai {
            "253" | "255" => other.value.len() <= 13,
            "8003" => other.value.len() <= 14,
            _ => false,
        });
        if let Some(class) = class {
            let message = format!("AI 8030 (digital signature) needs the serial component of AI {}.", class.ai);
            return Err(Error::new(code::AI_REQUIRED, element.position, message));
        }
    }
    Ok(())
}

fn is_sibling(row: &Ai, ai: &str) -> bool {
    ai.strip_prefix(row.stem).is_some_and(|last| last.len() == 1)
}

/// Whether `ai` fits a pattern such as `31nn`.
fn matches(pattern: &str, ai: &str) -> bool {
    let fixed = pattern.trim_end_matches('n');
    pattern.len() == ai.len() && ai.starts_with(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Elements written `ai=value`, separated by spaces.
    fn verdict(elements: &str) -> &'static str {
        let elements: Vec<Element> = elements
            .split(' ')
            .map(|element| element.split_once('=').unwrap_or((element, "1")))
            .map(|(ai, value)| Element { ai: ai.to_owned(), value: value.to_owned() })
            .collect();
        check_associations(&elements).map_or_else(|error| error.code, |()| "ok")
    }

    #[test]
    fn rules() {
        // DOMAIN.md (10, 11, 13, 15, 16, 17, 21, 250); the others GS1 General Specifications,
        // sections 4.13 and 4.14.
        for ai in ["10", "11", "13", "15", "16", "17"] {
            for beside in ["01", "03", "8006", "02 37 00", "8026 37 00"] {
                assert_eq!(verdict(&format!("{beside} {ai}")), "ok", "{ai} beside {beside}");
            }
            assert_eq!(verdict(&format!("21 {ai} 99")), "ai_required", "{ai}");
            assert_eq!(verdict(&format!("255 {ai}")), if ai == "17" { "ok" } else { "ai_required" }, "{ai} beside 255");
        }
        let rows = [
            ("21 01", "ok"),
            ("21 03", "ok"),
            ("21 8006", "ok"),
            ("02 37 00 21", "ai_required"),
            ("01 21 235", "ai_excluded"),
            ("01 250", "ai_required"),
            ("01 21 250", "ok"),
            ("02 37", "ai_required"), // 37 needs 00
            ("02 37 00", "ok"),
            ("01 02 37 00", "ai_excluded"),
            ("01 3100 3101", "ai_excluded"), // one weight only
            ("01 3100=1 3100=1", "ok"),
            ("01 3333 3338", "ai_excluded"), // also one that is not assigned
            ("01 3925", "ai_required"),
            ("01 3925 3160", "ok"),
            ("400=A 99 400=A", "ok"),
            ("400=A 99 400=B", "ai_repeated"),
            ("89=A 89=A", "ok"),
            ("89=A 89=B", "ai_repeated"),
            ("8030 01", "ai_required"),
            ("8030 01 21", "ok"),
            ("8030 253=1234567890128", "ai_required"),
            ("8030 253=1234567890128X", "ok"),
            ("8030 00 253=1234567890128", "ai_required"),
            ("8017 8018", "ai_excluded"),
        ];
        for (elements, expected) in rows {
            assert_eq!(verdict(elements), expected, "{elements}");
        }
    }
}
