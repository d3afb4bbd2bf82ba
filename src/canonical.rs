//! The canonical bytes of an event: RFC 8785 (JSON Canonicalization Scheme), with integers as the only numbers.
//!
//! Whoever has an event's content can build the same bytes with a few lines in any language and compare their hash.

use serde::Serialize;
use serde_json::Value;

/// Why a value has no canonical text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotCanonical(pub String);

/// A result of this module.
type Result<T> = std::result::Result<T, NotCanonical>;

/// The largest integer that every JSON reader keeps exactly (RFC 8785 section 3.2.2.3, I-JSON).
const MAX_SAFE: i64 = (1 << 53) - 1;

/// The canonical text of a value.
///
/// # Errors
/// When the value holds a number that is not an integer of at most 53 bits, or a map with keys that are not text.
pub fn text(value: &impl Serialize) -> Result<String> {
    let value = serde_json::to_value(value).map_err(|e| NotCanonical(format!("canonical JSON: {e}")))?;
    of(&value)
}

/// The canonical text of a JSON value.
///
/// # Errors
/// When it holds a number that is not an integer of at most 53 bits.
pub fn of(value: &Value) -> Result<String> {
    let mut out = String::new();
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<()> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if (-MAX_SAFE..=MAX_SAFE).contains(&whole) => out.push_str(&whole.to_string()),
            _ => return Err(NotCanonical(format!("{number} has no place in an event: integers of 53 bits only"))),
        },
        Value::String(string) => write_string(string, out)?,
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            // RFC 8785 section 3.2.3: by UTF-16 code units.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (key, member)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out)?;
                out.push(':');
                write(member, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// `serde_json` escapes exactly what RFC 8785 section 3.2.2.2 asks for: quotes, backslash, control characters, the
/// latter in their short form where there is one and in lower-case hexadecimal otherwise.
fn write_string(string: &str, out: &mut String) -> Result<()> {
    out.push_str(&serde_json::to_string(string).map_err(|e| NotCanonical(e.to_string()))?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_sort_by_utf16_and_strings_escape_as_rfc_8785_says() {
        // The property names and their order are those of RFC 8785 section 3.2.3.
        let value = json!({
            "\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
            "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis",
        });
        assert_eq!(
            text(&value).unwrap(),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",\
             \"\u{20ac}\":\"Euro Sign\",\"\u{1f600}\":\"Emoji: Grinning Face\",\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}"
        );
        // The string of RFC 8785 section 3.2.2.2's example.
        assert_eq!(
            text(&json!("\u{20ac}$\u{f}\u{a}A'\u{42}\u{22}\u{5c}\\\"/")).unwrap(),
            "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\""
        );
    }

    #[test]
    fn only_integers_are_numbers() {
        assert_eq!(text(&json!([0, -1, 9_007_199_254_740_991_i64])).unwrap(), "[0,-1,9007199254740991]");
        for wrong in [json!(1.5), json!(9_007_199_254_740_992_i64), json!(u64::MAX)] {
            assert!(text(&wrong).is_err(), "{wrong}");
        }
    }
}
