//! Rows of cells (RFC 4180): what every answer is written with that somebody opens with a spreadsheet.
//!
//! The first row has the names of the columns, always. A column is a field of what is told; a field of an object within it has its
//! path, with dots: `holder.id`. Those that are always there come first, in the order in which they are told, then the others, by
//! name. A list, or what has more than one form, is a cell of JSON. What there is none of is an empty cell. Rows end in CRLF,
//! letters are UTF-8 without a byte order mark.
//!
//! What people typed is never a formula to the program that opens the file (OWASP, "CSV injection"): an apostrophe before it makes
//! it text. Numbers are no texts, and stay what they are when they are below zero.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{RefOr, Schema};

use crate::error::{Error, Result};

/// How deep objects may lie in each other whose fields are columns.
const DEPTH: usize = 4;

/// A text that no program takes for a formula, also where it looks past the white space before it.
pub fn safe(text: &str) -> Cow<'_, str> {
    let begins = ['=', '+', '-', '@', '|', '%', '＝', '＋', '－', '＠'];
    let is_formula = text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(begins);
    if is_formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Adds a cell (RFC 4180, section 2): in quotes where it has any, a comma or a line break.
fn add(out: &mut String, cell: &str) {
    if !cell.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\r' | b'\n')) {
        return out.push_str(cell);
    }
    out.push('"');
    for (number, part) in cell.split('"').enumerate() {
        if number > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

/// Adds a row.
pub fn row<'a>(out: &mut String, cells: impl IntoIterator<Item = Cow<'a, str>>) {
    for (number, cell) in cells.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        add(out, &cell);
    }
    out.push_str("\r\n");
}

/// The columns of what is told.
#[derive(Debug)]
pub struct Columns(Vec<Vec<String>>);

/// Where the columns are in a thing.
#[derive(Debug, Default)]
struct Fields {
    /// Which column it is itself.
    column: Option<usize>,
    within: BTreeMap<String, Fields>,
}

impl Fields {
    fn of(columns: &Columns) -> Self {
        let mut all = Fields::default();
        for (number, path) in columns.0.iter().enumerate() {
            let end = path.iter().fold(&mut all, |fields, name| fields.within.entry(name.clone()).or_default());
            end.column = Some(number);
        }
        all
    }

    /// Finds the cells of a thing, as they are in its JSON: an object, or null.
    fn find<'a>(&self, thing: &'a str, cells: &mut [&'a str]) -> Result<()> {
        let found: Option<BTreeMap<&str, &RawValue>> = serde_json::from_str(thing).map_err(unreadable)?;
        for (name, value) in found.into_iter().flatten() {
            let Some(fields) = self.within.get(name) else { continue };
            if let Some(cell) = fields.column.and_then(|column| cells.get_mut(column)) {
                *cell = value.get();
            }
            if !fields.within.is_empty() {
                fields.find(value.get(), cells)?;
            }
        }
        Ok(())
    }
}

impl Columns {
    /// Those of a kind of thing, whether there is any of it or not.
    pub fn of<T: ToSchema>() -> Self {
        let mut named = Vec::new();
        T::schemas(&mut named);
        let mut columns = Columns(Vec::new());
        columns.add(&T::schema(), &named.into_iter().collect(), &[]);
        columns
    }

    fn add(&mut self, schema: &RefOr<Schema>, named: &BTreeMap<String, RefOr<Schema>>, path: &[String]) {
        let of_name = |name: &str| named.get(name.rsplit('/').next().unwrap_or_default());
        match schema {
            RefOr::Ref(reference) if path.len() < DEPTH => match of_name(&reference.ref_location) {
                Some(schema) => self.add(schema, named, path),
                None => self.end(path),
            },
            RefOr::T(Schema::Object(object)) if !object.properties.is_empty() && path.len() < DEPTH => {
                let is_there = |name: &&String| object.properties.contains_key(*name);
                let others = object.properties.keys().filter(|name| !object.required.contains(name));
                for name in object.required.iter().filter(is_there).chain(others) {
                    if let Some(schema) = object.properties.get(name) {
                        self.add(schema, named, &[path, std::slice::from_ref(name)].concat());
                    }
                }
            }
            RefOr::T(Schema::AllOf(all)) => all.items.iter().for_each(|schema| self.add(schema, named, path)),
            RefOr::T(Schema::OneOf(one)) => {
                let mut forms = one.items.iter().filter(|schema| !is_null(schema));
                match (forms.next(), forms.next()) {
                    (Some(schema), None) => self.add(schema, named, path),
                    _ => self.end(path),
                }
            }
            _ => self.end(path),
        }
    }

    fn end(&mut self, path: &[String]) {
        if !path.is_empty() && !self.0.iter().any(|known| known == path) {
            self.0.push(path.to_vec());
        }
    }

    /// The same with some of them first.
    pub fn beginning_with(mut self, names: &[&str]) -> Self {
        let place = |path: &Vec<String>| names.iter().position(|name| path.join(".") == *name).unwrap_or(names.len());
        self.0.sort_by_key(place);
        self
    }

    /// The first row.
    pub fn head(&self) -> String {
        let mut head = String::new();
        row(&mut head, self.0.iter().map(|path| Cow::Owned(path.join("."))));
        head
    }

    /// Adds the rows of things, each of which is an object of JSON.
    ///
    /// # Errors
    /// What cannot make one; an internal error for what is no object.
    pub fn write(&self, out: &mut String, things: impl Iterator<Item = Result<String>>) -> Result<()> {
        let fields = Fields::of(self);
        for thing in things {
            let thing = thing?;
            let mut cells = vec![""; self.0.len()];
            fields.find(&thing, &mut cells)?;
            let cells: Vec<_> = cells.into_iter().map(cell).collect::<Result<_>>()?;
            row(out, cells);
        }
        Ok(())
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    use utoipa::openapi::schema::SchemaType;
    matches!(schema, RefOr::T(Schema::Object(object)) if matches!(object.schema_type, SchemaType::Type(Type::Null)))
}

/// The cell of a value of JSON, or of none.
fn cell(json: &str) -> Result<Cow<'_, str>> {
    Ok(match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(text) if !text.contains('\\') => safe(text),
        Some(_) => {
            let text: String = serde_json::from_str(json).map_err(unreadable)?;
            Cow::Owned(safe(&text).into_owned())
        }
        None if json == "null" => Cow::Borrowed(""),
        None => Cow::Borrowed(json),
    })
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::internal(format!("a row of what is told: {error}"))
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        for (text, cell) in [
            ("P-1", "P-1"),
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1+1", "' =1+1"),
            ("＝1+1", "'＝1+1"),
            ("\ta", "'\ta"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
        ] {
            let mut out = String::new();
            row(&mut out, [safe(text)]);
            assert_eq!(out, format!("{cell}\r\n"), "{text}");
        }
    }

    #[derive(Serialize, ToSchema)]
    struct Holder {
        kind: String,
        id: Option<String>,
    }

    #[derive(Serialize, ToSchema)]
    struct Sum {
        units: i64,
    }

    #[derive(Serialize, ToSchema)]
    struct Thing {
        z: String,
        holder: Holder,
        earlier: Option<Holder>,
        a: Vec<String>,
        #[serde(flatten)]
        sum: Sum,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<bool>,
    }

    #[test]
    fn columns_are_the_fields_of_a_thing() {
        let columns = Columns::of::<Thing>();
        let mut named: Vec<String> = columns.0.iter().map(|path| path.join(".")).collect();
        named.sort();
        assert_eq!(
            named,
            ["a", "b", "earlier.id", "earlier.kind", "holder.id", "holder.kind", "units", "z"],
            "{}",
            columns.head()
        );
        let written = |thing: &Thing| {
            let mut out = columns.head();
            columns.write(&mut out, std::iter::once(Ok(serde_json::to_string(thing).unwrap()))).unwrap();
            let rows: Vec<_> = out.split("\r\n").map(|row| row.split(',').collect::<Vec<_>>()).collect();
            let [names, cells, end] = rows.as_slice() else { panic!("{out}") };
            assert_eq!((names.len(), end), (cells.len(), &vec![""]));
            let both = names.iter().zip(cells).map(|(name, cell)| ((*name).to_owned(), json!(cell)));
            Value::Object(both.collect())
        };
        let holder = |id: Option<&str>| Holder { kind: "=1".to_owned(), id: id.map(str::to_owned) };
        let thing = Thing {
            z: "-1".to_owned(),
            holder: holder(Some("x")),
            earlier: None,
            a: Vec::new(),
            sum: Sum { units: -3 },
            b: Some(true),
        };
        let expected = json!({"z": "'-1", "holder.kind": "'=1", "holder.id": "x", "earlier.kind": "", "earlier.id": "", "a": "[]",
            "units": "-3", "b": "true"});
        assert_eq!(written(&thing), expected);
        let thing = Thing { earlier: Some(holder(None)), b: None, ..thing };
        let expected = json!({"z": "'-1", "holder.kind": "'=1", "holder.id": "x", "earlier.kind": "'=1", "earlier.id": "", "a": "[]",
            "units": "-3", "b": ""});
        assert_eq!(written(&thing), expected);
    }
}
