//! The impact of a recall as a file: CSV or NDJSON, a row or a line for each entry. Entries of every kind have the same columns.

use std::borrow::Cow;

use super::impact::{Entry, Left, Placed};
use crate::error::{Error, Result};
use crate::http::accept::Format;
use crate::http::csv;
use crate::values::PatientRef;

/// What stands before the first entry.
pub fn head(format: Format) -> String {
    let mut head = String::new();
    if format == Format::Csv {
        csv::row(&mut head, COLUMNS.map(Cow::Borrowed));
    }
    head
}

/// Adds entries.
///
/// # Errors
/// An internal error for what has no place in JSON.
pub fn write(format: Format, out: &mut String, entries: &[Placed]) -> Result<()> {
    for Placed { entry, .. } in entries {
        if format == Format::Csv {
            csv::row(out, row(entry).map(Cow::Owned));
        } else {
            out.push_str(&serde_json::to_string(entry).map_err(|e| Error::internal(e.to_string()))?);
            out.push('\n');
        }
    }
    Ok(())
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
            row.container_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            row.units.to_string(),
            row.occurred_at.to_string(),
            row.administration_id.to_string(),
            csv::safe(row.patient_ref.as_ref().map_or("", PatientRef::as_str)).into_owned(),
            row.practitioner_id.to_string(),
            row.serial.as_ref().map(|serial| csv::safe(serial.as_str()).into_owned()).unwrap_or_default(),
            none(),
        ],
    }
}
