//! The impact of a recall as a file: CSV (RFC 4180) or NDJSON, a row or a line for each entry.

use serde::Serialize;

use super::impact::{Entry, Left, Placed};
use crate::error::{Error, Result};
use crate::values::PatientRef;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Rows of cells.
    Csv,
    /// Lines of JSON.
    Ndjson,
}

impl Format {
    /// The one that somebody accepts; none stands for JSON, in pages.
    pub fn accepted(accept: &str) -> Option<Self> {
        let mut kinds = accept.split(',').map(|kind| kind.split(';').next().unwrap_or_default().trim());
        kinds.find_map(|kind| match kind {
            "text/csv" => Some(Format::Csv),
            "application/x-ndjson" => Some(Format::Ndjson),
            _ => None,
        })
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Ndjson => "application/x-ndjson",
        }
    }

    /// What stands before the first entry.
    pub fn head(self) -> String {
        match self {
            Format::Csv => format!("{}\r\n", COLUMNS.join(",")),
            Format::Ndjson => String::new(),
        }
    }

    /// Entries, each ended.
    ///
    /// # Errors
    /// An internal error for what has no place in JSON.
    pub fn write(self, entries: &[Placed]) -> Result<String> {
        let mut text = String::new();
        for Placed { entry, .. } in entries {
            match self {
                Format::Csv => {
                    let cells: Vec<_> = row(entry).iter().map(|cell| quoted(cell)).collect();
                    text.push_str(&cells.join(","));
                    text.push_str("\r\n");
                }
                Format::Ndjson => {
                    text.push_str(&line(entry)?);
                    text.push('\n');
                }
            }
        }
        Ok(text)
    }
}

fn line(entry: &impl Serialize) -> Result<String> {
    serde_json::to_string(entry).map_err(|e| Error::internal(e.to_string()))
}

const COLUMNS: [&str; 13] = [
    "type",
    "lot_id",
    "site_id",
    "location_id",
    "state",
    "container_id",
    "units",
    "occurred_at",
    "administration_id",
    "patient_ref",
    "practitioner_id",
    "serial",
    "event_id",
];

fn row(entry: &Entry) -> [String; 13] {
    let left = |kind: &str, row: &Left| {
        let site = row.site_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let (units, at) = (row.units.to_string(), row.occurred_at.to_string());
        let mut cells = [const { String::new() }; 13];
        for (cell, text) in cells.iter_mut().zip([kind.to_owned(), row.lot_id.to_string(), site]) {
            *cell = text;
        }
        let [_, _, _, _, _, _, units_cell, at_cell, _, _, _, _, event] = &mut cells;
        (*units_cell, *at_cell, *event) = (units, at, row.event_id.to_string());
        cells
    };
    let none = String::new;
    match entry {
        Entry::OnHand(row) => [
            "on_hand".to_owned(),
            row.lot_id.to_string(),
            row.site_id.to_string(),
            row.location_id.to_string(),
            row.state.to_string(),
            row.container_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            row.units.to_string(),
            none(),
            none(),
            none(),
            none(),
            none(),
            none(),
        ],
        Entry::Returned(row) => left("returned", row),
        Entry::Wasted(row) => left("wasted", row),
        Entry::Destroyed(row) => left("destroyed", row),
        Entry::Lost(row) => left("lost", row),
        Entry::Administered(row) => [
            "administered".to_owned(),
            row.lot_id.to_string(),
            row.site_id.to_string(),
            none(),
            none(),
            none(),
            row.units.to_string(),
            row.occurred_at.to_string(),
            row.administration_id.to_string(),
            safe(row.patient_ref.as_ref().map_or("", PatientRef::as_str)),
            row.practitioner_id.to_string(),
            row.serial.as_ref().map(|serial| safe(serial.as_str())).unwrap_or_default(),
            none(),
        ],
    }
}

/// What people typed is never a formula to the program that opens the file (OWASP, "CSV injection"): an apostrophe before it makes
/// it text.
fn safe(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
    if is_formula { format!("'{text}") } else { text.to_owned() }
}

/// A cell (RFC 4180 section 2): in quotes where it has any, a comma or a line break.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\r', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        for (text, cell) in [
            ("P-1", "P-1"),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
        ] {
            assert_eq!(quoted(&safe(text)), cell, "{text}");
        }
    }

    #[test]
    fn a_format_is_chosen_by_what_is_accepted() {
        for (accept, format) in [
            ("", None),
            ("*/*", None),
            ("application/json", None),
            ("text/csv", Some(Format::Csv)),
            ("text/csv; charset=utf-8, */*", Some(Format::Csv)),
            ("application/x-ndjson", Some(Format::Ndjson)),
        ] {
            assert_eq!(Format::accepted(accept), format, "{accept}");
        }
    }
}
