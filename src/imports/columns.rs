//! The columns of each list: their names, what their cells may say, and which field of a request they are.
//!
//! A row becomes the body of the request that makes one such thing, so that what is refused there is refused here, and the
//! same values are allowed. What no column can say in one cell is a list of parts with `|` between them.

use std::borrow::Cow;

use super::model::ImportKind;
use crate::http::csv;

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text, or a word of a list. One that a spreadsheet would compute is refused.
    Text,
    /// What a label says, which may begin with `+` or `-`.
    Label,
    /// A whole number.
    Whole,
    /// A number in degrees, with a point or a comma.
    Degrees,
    /// An exact decimal number, with a point or a comma.
    Exact,
    /// `yes` or `no`, `true` or `false`, `1` or `0`.
    YesNo,
    /// Words with spaces, `|`, `,` or `;` between them.
    Words,
    /// Texts with `|` between them, each a part of an entry of a list.
    Parts,
    /// Entries of a list with `|` between them, each of words in the order of these fields.
    Entries(&'static [(&'static str, Form)]),
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// The field that it is, with a dot where that lies in another.
    pub field: &'static str,
    /// What its cells say.
    pub form: Form,
    /// Whether every row must say something there.
    pub is_needed: bool,
    /// What the row of the template says.
    pub example: &'static str,
}

/// A column that every row fills.
const fn needs(name: &'static str, field: &'static str, form: Form, example: &'static str) -> Column {
    Column { name, field, form, is_needed: true, example }
}

/// A column that may be left out, or empty.
const fn may(name: &'static str, field: &'static str, form: Form, example: &'static str) -> Column {
    Column { name, field, form, is_needed: false, example }
}

/// The fields of an identifier, in the order in which a cell has them.
const IDENTIFIER: &[(&str, Form)] =
    &[("scheme", Form::Text), ("value", Form::Text), ("level", Form::Text), ("units", Form::Whole)];

/// The fields of an entry of a stability budget.
const ALLOWANCE: &[(&str, Form)] = &[("max_c", Form::Degrees), ("hours", Form::Whole)];

const PRODUCTS: &[Column] = &[
    may("gtin", "gtin", Form::Text, "09521234567899"),
    needs("name", "name", Form::Text, "HArmonyCa"),
    needs("manufacturer", "manufacturer", Form::Text, "Example Aesthetics"),
    needs("class", "class", Form::Text, "hybrid_filler"),
    needs("units_per_pack", "units_per_pack", Form::Whole, "2"),
    needs("unit_presentation", "unit.presentation", Form::Text, "prefilled syringe"),
    needs("unit_amount", "unit.amount", Form::Exact, "1.25"),
    needs("unit_amount_unit", "unit.amount_unit", Form::Text, "mL"),
    needs("min_c", "storage.min_c", Form::Degrees, "2"),
    needs("max_c", "storage.max_c", Form::Degrees, "25"),
    may("do_not_freeze", "storage.do_not_freeze", Form::YesNo, "yes"),
    may("protect_from_light", "storage.protect_from_light", Form::YesNo, "no"),
    may("in_use_hours", "in_use_hours", Form::Whole, ""),
    needs("single_patient", "single_patient", Form::YesNo, "yes"),
    may("requires_training", "requires_training", Form::YesNo, "no"),
    may("requires_prescriber", "requires_prescriber", Form::YesNo, "no"),
    may("approval_jurisdiction", "approvals.jurisdiction", Form::Parts, "GB"),
    may("approval_status", "approvals.status", Form::Parts, "authorised"),
    may("approval_source", "approvals.source", Form::Parts, "illustrative"),
    may("approval_verified_on", "approvals.verified_on", Form::Parts, "2026-01-05"),
    may("identifiers", "identifiers", Form::Entries(IDENTIFIER), "gtin 09521234567806 unit 1"),
    may("stability_budget", "stability_budget", Form::Entries(ALLOWANCE), ""),
];

const SUPPLIERS: &[Column] = &[
    needs("name", "name", Form::Text, "Example Medical Supplies"),
    needs("country", "country", Form::Text, "GB"),
    may("gln", "gln", Form::Text, ""),
    needs("approved_classes", "approved_classes", Form::Words, "hybrid_filler ha_filler"),
];

const PRACTITIONERS: &[Column] = &[
    needs("name", "name", Form::Text, "Dr A. Example"),
    needs("profession", "profession", Form::Text, "doctor"),
    may("subject", "subject", Form::Text, ""),
];

const LICENCES: &[Column] = &[
    needs("holder_type", "holder.type", Form::Text, "practitioner"),
    may("holder", "holder.id", Form::Text, "Dr A. Example"),
    needs("kind", "kind", Form::Text, "professional_registration"),
    needs("authority", "authority", Form::Text, "GMC"),
    needs("number", "number", Form::Text, "1234567"),
    needs("jurisdiction", "jurisdiction", Form::Text, "GB"),
    needs("product_classes", "product_classes", Form::Words, "*"),
    needs("valid_from", "valid_from", Form::Text, "2026-01-01"),
    needs("valid_to", "valid_to", Form::Text, "2029-12-31"),
    may("check_outcome", "check.outcome", Form::Text, ""),
    may("check_source", "check.source", Form::Text, ""),
    may("checked_at", "check.checked_at", Form::Text, ""),
];

const LOCATIONS: &[Column] = &[
    needs("site", "site_id", Form::Text, "Harley Street"),
    needs("name", "name", Form::Text, "Fridge 1"),
    needs("purpose", "purpose", Form::Text, "stock"),
    needs("min_c", "min_c", Form::Degrees, "2"),
    needs("max_c", "max_c", Form::Degrees, "8"),
    may("product_classes", "product_classes", Form::Words, ""),
];

const LEVELS: &[Column] = &[
    needs("site", "site_id", Form::Text, "Harley Street"),
    needs("gtin", "product_id", Form::Text, "09521234567899"),
    needs("minimum", "minimum_packs", Form::Whole, "2"),
    needs("maximum", "maximum_packs", Form::Whole, "6"),
];

const OPENING_STOCK: &[Column] = &[
    needs("site", "site_id", Form::Text, "Harley Street"),
    needs("place", "location_id", Form::Text, "Fridge 1"),
    needs("gtin", "gtin", Form::Text, "09521234567899"),
    needs("lot", "lot", Form::Label, "HC24A"),
    needs("expiry", "expiry", Form::Text, "2099-06-30"),
    may("units", "units", Form::Whole, "6"),
    may("packs", "packs", Form::Whole, ""),
    needs("attestation", "attestation", Form::Text, "Bought of Example Medical Supplies; in this fridge since"),
];

impl ImportKind {
    /// The columns of its list.
    pub fn columns(self) -> &'static [Column] {
        match self {
            ImportKind::Products => PRODUCTS,
            ImportKind::Suppliers => SUPPLIERS,
            ImportKind::Practitioners => PRACTITIONERS,
            ImportKind::Licences => LICENCES,
            ImportKind::Locations => LOCATIONS,
            ImportKind::Levels => LEVELS,
            ImportKind::OpeningStock => OPENING_STOCK,
        }
    }

    /// A list with a row that shows how it is filled.
    pub fn template(self) -> String {
        let mut template = String::new();
        csv::row(&mut template, self.columns().iter().map(|column| Cow::Borrowed(column.name)));
        csv::row(&mut template, self.columns().iter().map(|column| Cow::Borrowed(column.example)));
        template
    }

    /// The column that a field of a request comes from: the field itself, or what lies around it.
    pub fn column_of(self, field: &str) -> Option<&'static Column> {
        let mut field = unnumbered(field);
        loop {
            let found = self.columns().iter().find(|column| column.field == field);
            if found.is_some() {
                return found;
            }
            // The whole of what several columns say is where the first of them is.
            let inner = format!("{field}.");
            if let Some(part) = self.columns().iter().find(|column| column.field.starts_with(&inner)) {
                return Some(part);
            }
            field = field.rsplit_once('.')?.0.to_owned();
        }
    }
}

/// A field without the places in lists that it names.
fn unnumbered(field: &str) -> String {
    let mut parts = field.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |found, part| found + part.split_once(']').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_leads_to_the_column_that_said_it() {
        let of = |kind: ImportKind, field| kind.column_of(field).map(|column| column.name);
        assert_eq!(of(ImportKind::Products, "storage.max_c"), Some("max_c"));
        assert_eq!(of(ImportKind::Products, "approvals[1].verified_on"), Some("approval_verified_on"));
        assert_eq!(of(ImportKind::Products, "approvals"), Some("approval_jurisdiction"));
        assert_eq!(of(ImportKind::Products, "stability_budget[0].max_c"), Some("stability_budget"));
        assert_eq!(of(ImportKind::Licences, "product_classes[2]"), Some("product_classes"));
        assert_eq!(of(ImportKind::Licences, "holder.id"), Some("holder"));
        assert_eq!(of(ImportKind::Locations, "colour"), None);
    }

    #[test]
    fn a_template_has_a_cell_for_every_column() {
        for kind in ImportKind::ALL {
            let template = kind.template();
            let mut lines = template.lines().map(|line| line.split(',').count());
            assert_eq!(
                (lines.next(), lines.next(), lines.next()),
                (Some(kind.columns().len()), Some(kind.columns().len()), None)
            );
        }
    }
}
