//! A file, read: for each row the body of the request that would make what it says, or what is wrong with it.
//!
//! What the file leaves open as a whole (a column that is missing, or that nobody knows) refuses it as a whole; what is
//! wrong with a row is its verdict.

use serde_json::{Map, Number, Value};

use super::columns::{Column, Form};
use super::model::ImportKind;
use crate::limits::{IMPORT_CELL_MAX, IMPORT_ROWS_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::sheet::{self, Delimiter};

/// What was read of a file.
#[derive(Debug)]
pub struct Sheet {
    /// What it has.
    pub kind: ImportKind,
    /// The columns that it has, in its order: what it has no column for, it says nothing of.
    pub columns: Vec<&'static Column>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Debug)]
pub struct Row {
    /// The line that it begins on; 1 is the first of the file.
    pub line: u64,
    /// What it says, or why it cannot be read.
    pub said: Result<Map<String, Value>, Fault>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In which column, where it is one.
    pub column: Option<&'static str>,
    /// The stable code.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl Fault {
    /// What is wrong with one cell; `rule` goes on from the name of its column.
    pub fn at(column: &Column, code: &'static str, rule: &str) -> Self {
        Fault { column: Some(column.name), code, message: format!("{} {rule}.", column.name) }
    }
}

fn unclear(what: String) -> Problem {
    Problem::new(ProblemCode::ImportFileUnclear, what)
}

/// The rows of a file.
///
/// # Errors
/// `import_file_unclear`, `list_too_long`.
pub fn read(bytes: &[u8], kind: ImportKind) -> Result<Sheet, Problem> {
    let text = sheet::text(bytes);
    let (mut head, mut body, mut lines_before) = ("", text.as_str(), 0_u64);
    // Above the names there may be empty lines, and the one by which a spreadsheet says what separates columns.
    while head.trim().is_empty() || head.trim().to_ascii_lowercase().starts_with("sep=") {
        if body.is_empty() {
            return Err(unclear(format!("The file is empty: its first line must name the columns {}.", names(kind))));
        }
        (head, body) = body.split_once('\n').unwrap_or((body, ""));
        lines_before = lines_before.saturating_add(1);
    }
    let delimiter = Delimiter::of(head);
    let columns = named(head, delimiter, kind)?;
    let mut rows = Vec::new();
    for row in sheet::rows(body, delimiter, lines_before) {
        let (line, record) = row.map_err(unclear)?;
        if rows.len() >= IMPORT_ROWS_MAX {
            let detail = format!("The file must have at most {IMPORT_ROWS_MAX} rows: bring it in in several.");
            return Err(Problem::new(ProblemCode::ListTooLong, detail));
        }
        rows.push(Row { line, said: said(&record, &columns) });
    }
    if rows.is_empty() {
        return Err(unclear("The file has no rows below the names of its columns.".to_owned()));
    }
    Ok(Sheet { kind, columns, rows })
}

fn names(kind: ImportKind) -> String {
    kind.columns().iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The columns that a file has.
fn named(head: &str, delimiter: Delimiter, kind: ImportKind) -> Result<Vec<&'static Column>, Problem> {
    let cells = sheet::cells(head, delimiter).unwrap_or_default();
    let mut columns: Vec<&'static Column> = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let name = cell.trim().to_lowercase().replace([' ', '-'], "_");
        let found = kind.columns().iter().find(|column| column.name == name);
        let Some(column) = found else {
            // What a file calls a column can be anything: only what looks like a name is said again.
            let is_plain =
                name.len() <= 40 && !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            let called = if is_plain { format!(", {name},") } else { String::new() };
            let place = index.saturating_add(1);
            let detail = format!("Column {place}{called} is none of {kind}: {}.", names(kind));
            return Err(unclear(detail));
        };
        if columns.iter().any(|known| known.name == column.name) {
            return Err(unclear(format!("The file has the column {} twice.", column.name)).at(column.name));
        }
        columns.push(column);
    }
    let is_there = |column: &&Column| columns.iter().any(|known| known.name == column.name);
    let missing: Vec<_> =
        kind.columns().iter().filter(|column| column.is_needed && !is_there(column)).map(|c| c.name).collect();
    if missing.is_empty() {
        return Ok(columns);
    }
    let problem = unclear(format!("The file lacks the columns {}.", missing.join(", ")));
    Err(missing.into_iter().fold(problem, Problem::at))
}

/// What a row says.
fn said(record: &csv::StringRecord, columns: &[&'static Column]) -> Result<Map<String, Value>, Fault> {
    if record.len() != columns.len() {
        let message = format!("The row has {} cells, the columns are {}.", record.len(), columns.len());
        return Err(Fault { column: None, code: "invalid_body", message });
    }
    let mut said = Map::new();
    for (column, cell) in columns.iter().zip(record) {
        let cell = cell.trim();
        if cell.len() > IMPORT_CELL_MAX {
            return Err(Fault::at(column, "invalid_text", &format!("has more than {IMPORT_CELL_MAX} bytes")));
        }
        if !cell.is_empty() {
            put(&mut said, column.field, value(column, column.form, cell)?);
        } else if column.is_needed {
            return Err(Fault::at(column, "missing_field", "is empty"));
        }
    }
    if let Some(Value::Object(parts)) = said.get("approvals") {
        let entries = entries(parts)?;
        said.insert("approvals".to_owned(), entries);
    }
    Ok(said)
}

/// Puts a value where a field is.
fn put(into: &mut Map<String, Value>, field: &str, value: Value) {
    match field.split_once('.') {
        None => {
            into.insert(field.to_owned(), value);
        }
        Some((outer, inner)) => {
            let outer = into.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(outer) = outer {
                put(outer, inner, value);
            }
        }
    }
}

/// What a cell says.
fn value(column: &Column, form: Form, cell: &str) -> Result<Value, Fault> {
    let parts = |text: &str| text.split('|').map(|part| part.trim().to_owned()).collect::<Vec<_>>();
    match form {
        // A spreadsheet computes what begins so, here or where the list is opened next: nobody means it as a name.
        Form::Text | Form::Words | Form::Parts if cell.starts_with(['=', '+', '-', '@']) => {
            Err(Fault::at(column, FORMULA, "must be a text and no formula: it begins with =, +, - or @"))
        }
        Form::Label if cell.starts_with(['=', '@']) => {
            Err(Fault::at(column, FORMULA, "must be what the label says and no formula: it begins with = or @"))
        }
        Form::Text | Form::Label => Ok(Value::String(cell.to_owned())),
        Form::Exact => Ok(Value::String(pointed(cell))),
        Form::Whole => {
            let whole = cell.parse::<i64>().map(Value::from);
            whole.map_err(|_| Fault::at(column, "invalid_body", "must be a whole number"))
        }
        Form::Degrees => {
            let degrees = pointed(cell).parse::<f64>().ok().and_then(Number::from_f64);
            degrees.map(Value::Number).ok_or_else(|| Fault::at(column, "invalid_temperature", "must be a number"))
        }
        Form::YesNo => match cell.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" => Ok(Value::Bool(true)),
            "no" | "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(Fault::at(column, "invalid_value", "must be yes or no")),
        },
        Form::Words => {
            let words = cell.split(|c: char| c.is_whitespace() || matches!(c, '|' | ',' | ';'));
            Ok(words.filter(|word| !word.is_empty()).map(str::to_owned).collect())
        }
        Form::Parts => Ok(parts(cell).into_iter().collect()),
        Form::Entries(fields) => parts(cell).iter().map(|entry| entry_of(column, fields, entry)).collect(),
    }
}

/// The code of a cell that a spreadsheet would compute.
pub const FORMULA: &str = "formula";

/// A number with a point, also where it was written with a comma.
fn pointed(cell: &str) -> String {
    if cell.contains('.') { cell.to_owned() } else { cell.replacen(',', ".", 1) }
}

/// An entry whose fields stand behind each other.
fn entry_of(column: &Column, fields: &[(&str, Form)], entry: &str) -> Result<Value, Fault> {
    let words: Vec<_> = entry.split_whitespace().collect();
    if words.len() != fields.len() {
        let order = fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" ");
        return Err(Fault::at(column, "invalid_body", &format!("must have entries of `{order}`, with | between them")));
    }
    let said =
        fields.iter().zip(words).map(|((name, form), word)| Ok(((*name).to_owned(), value(column, *form, word)?)));
    said.collect::<Result<Map<_, _>, Fault>>().map(Value::Object)
}

/// The entries of a list that several columns say: what one of them says once, it says of all.
fn entries(parts: &Map<String, Value>) -> Result<Value, Fault> {
    let lists = || parts.iter().filter_map(|(name, list)| list.as_array().map(|list| (name, list)));
    let most = lists().map(|(_, list)| list.len()).max().unwrap_or(0);
    if lists().any(|(_, list)| list.len() != most && list.len() != 1) {
        let message = "The columns of approvals have different numbers of entries between their |.".to_owned();
        return Err(Fault { column: Some("approval_jurisdiction"), code: "invalid_body", message });
    }
    let entry = |index: usize| {
        let said = lists().filter_map(|(name, list)| Some((name.clone(), list.get(index).or(list.first())?.clone())));
        Value::Object(said.collect())
    };
    Ok((0..most).map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rows(kind: ImportKind, text: &str) -> Vec<(u64, Result<Value, (Option<&'static str>, &'static str)>)> {
        let sheet = read(text.as_bytes(), kind).unwrap();
        let said = |row: Row| (row.line, row.said.map(Value::Object).map_err(|fault| (fault.column, fault.code)));
        sheet.rows.into_iter().map(said).collect()
    }

    #[test]
    fn a_row_becomes_the_body_of_a_request() {
        let text = "sep=;\nname;manufacturer;class;units_per_pack;unit_presentation;unit_amount;unit_amount_unit;min_c;\
                    max_c;single_patient;approval_jurisdiction;approval_status;approval_source;approval_verified_on;\
                    identifiers\n\
                    A;B;ha_filler;2;syringe;1,25;mL;-2,5;8;TRUE;GB|IE;authorised;x;2026-01-05;gtin 1 unit 1|hibc A9 pack 2\n";
        let approval =
            |place| json!({"jurisdiction": place, "status": "authorised", "source": "x", "verified_on": "2026-01-05"});
        let body = json!({
            "name": "A", "manufacturer": "B", "class": "ha_filler", "units_per_pack": 2,
            "unit": {"presentation": "syringe", "amount": "1.25", "amount_unit": "mL"},
            "storage": {"min_c": -2.5, "max_c": 8.0}, "single_patient": true,
            "approvals": [approval("GB"), approval("IE")],
            "identifiers": [
                {"scheme": "gtin", "value": "1", "level": "unit", "units": 1},
                {"scheme": "hibc", "value": "A9", "level": "pack", "units": 2},
            ],
        });
        assert_eq!(rows(ImportKind::Products, text), [(3, Ok(body))]);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_said_with_its_column() {
        let text = "name,profession,subject\n=1+1,doctor,\nDr A,,\nDr B,doctor\n\nDr C,nurse,+x\nDr D,nurse,d\n";
        let found = rows(ImportKind::Practitioners, text);
        assert_eq!(
            found,
            [
                (2, Err((Some("name"), "formula"))),
                (3, Err((Some("profession"), "missing_field"))),
                (4, Err((None, "invalid_body"))),
                (6, Err((Some("subject"), "formula"))),
                (7, Ok(json!({"name": "Dr D", "profession": "nurse", "subject": "d"}))),
            ]
        );
    }

    #[test]
    fn what_a_file_leaves_open_refuses_it() {
        let code = |text: &str| read(text.as_bytes(), ImportKind::Suppliers).unwrap_err();
        let lacking = code("name,country\nA,GB\n");
        assert_eq!(
            (lacking.code.as_str(), lacking.fields),
            ("import_file_unclear", vec!["approved_classes".to_owned()])
        );
        for (text, said) in [
            ("", "empty"),
            ("\n\n", "empty"),
            ("name,country,approved_classes\n", "no rows"),
            ("name,country,approved_classes,colour\n", "Column 4, colour,"),
            ("name,country,approved_classes,=a()\n", "Column 4 is none"),
            ("name,name,country,approved_classes\n", "twice"),
        ] {
            let problem = code(text);
            assert_eq!(problem.code.as_str(), "import_file_unclear");
            assert!(problem.detail.contains(said), "{text:?}: {}", problem.detail);
        }
        let long = format!("name,country,approved_classes\n{}", "A,GB,ha_filler\n".repeat(IMPORT_ROWS_MAX + 1));
        assert_eq!(code(&long).code.as_str(), "list_too_long");
    }
}
