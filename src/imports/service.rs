//! Bringing a list in: each row by the command of its slice, all of them or none.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::columns::Column;
use super::model::{ImportKind, Outcome};
use super::naming;
use super::reading::{Fault, Row, Sheet};
use super::wire::{Import, Verdict};
use crate::caller::{Caller, Role};
use crate::catalogue::wire::{NewProduct, ProductView};
use crate::command::Command;
use crate::error::{Error, Result};
use crate::http::input;
use crate::licences::model::LicenceCheck;
use crate::licences::wire::{LicenceView, NewCheck, NewLicence};
use crate::practitioners::wire::{NewPractitioner, PractitionerView};
use crate::problem::{Problem, ProblemCode};
use crate::receiving::service::{Attested, NewOpening};
use crate::replenishment::service::Settled;
use crate::replenishment::wire::NewLevel;
use crate::sites::wire::{LocationView, NewLocation};
use crate::suppliers::wire::{NewSupplier, SupplierView};
use crate::versions::{self, Alike, Versioned};

/// Brings a list in, or says what would become of it.
///
/// # Errors
/// What the database answers: what is wrong with a row is its verdict.
pub fn bring_in(cmd: &mut Command<'_>, sheet: &Sheet, dry_run: bool) -> Result<Import> {
    let verdicts = cmd.provisionally(
        |cmd| {
            let mut lines = HashMap::new();
            sheet.rows.iter().map(|row| verdict(cmd, sheet, row, &mut lines)).collect::<Result<Vec<_>>>()
        },
        |verdicts| !dry_run && count(verdicts, Outcome::Refused) == 0,
    )?;
    let imported = !dry_run && count(&verdicts, Outcome::Refused) == 0;
    Ok(Import {
        kind: sheet.kind,
        dry_run,
        imported,
        rows: verdicts.len(),
        created: count(&verdicts, Outcome::Created),
        unchanged: count(&verdicts, Outcome::Unchanged),
        updated: count(&verdicts, Outcome::Updated),
        refused: count(&verdicts, Outcome::Refused),
        // What was undone has no id by which anybody will find it.
        verdicts: verdicts.into_iter().map(|verdict| if imported { verdict } else { verdict.without_new() }).collect(),
    })
}

/// Who brings in what: whoever attests stock is quality, whoever keeps the master data an admin.
///
/// # Errors
/// `forbidden`.
pub fn expect_role(caller: &Caller, kind: ImportKind) -> Result<()> {
    let role = if kind == ImportKind::OpeningStock { Role::Quality } else { Role::Admin };
    if caller.roles.contains(&role) {
        return Ok(());
    }
    Err(Error::problem(ProblemCode::Forbidden, format!("A list of {kind} is for: {role}.")))
}

fn count(verdicts: &[Verdict], outcome: Outcome) -> usize {
    verdicts.iter().filter(|verdict| verdict.outcome == outcome).count()
}

impl Verdict {
    fn without_new(self) -> Self {
        Verdict { id: self.id.filter(|_| self.outcome != Outcome::Created && self.outcome != Outcome::Refused), ..self }
    }
}

/// What a row came to.
struct Done {
    outcome: Outcome,
    id: String,
    called: String,
}

/// Why a row comes to nothing: it is refused, or nothing can go on.
enum Stop {
    Refused(Fault),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Failed(error)
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop::Failed(Error::Problem(problem))
    }
}

/// The lines that made something, by its id: what a later row says of it, it says of a row of the same file.
type Lines = HashMap<String, u64>;

fn verdict(cmd: &mut Command<'_>, sheet: &Sheet, row: &Row, lines: &mut Lines) -> Result<Verdict> {
    let done = match &row.said {
        Ok(said) => take(cmd, sheet, said, lines),
        Err(fault) => Err(Stop::Refused(fault.clone())),
    };
    let refused = |fault: Fault| Verdict {
        line: row.line,
        column: fault.column,
        outcome: Outcome::Refused,
        code: fault.code,
        message: fault.message,
        id: None,
    };
    match done {
        Ok(Done { outcome, id, called }) => {
            let message = match (outcome, lines.get(&id)) {
                (Outcome::Unchanged, Some(line)) => format!("{called}: as line {line} says."),
                (Outcome::Unchanged, None) => format!("{called}: as it stands."),
                (Outcome::Updated, _) if sheet.kind == ImportKind::Levels => format!("{called}: set anew."),
                (Outcome::Updated, _) => format!("{called}: a check is added."),
                (Outcome::Created | Outcome::Refused, _) => format!("{called}: new."),
            };
            // Of what a level was, only a row of the same file says what a later one must not contradict.
            if outcome == Outcome::Created || sheet.kind == ImportKind::Levels {
                lines.insert(id.clone(), row.line);
            }
            Ok(Verdict { line: row.line, column: None, outcome, code: outcome.as_str(), message, id: Some(id) })
        }
        Err(Stop::Refused(fault)) => Ok(refused(fault)),
        Err(Stop::Failed(Error::Problem(problem))) => Ok(refused(fault(sheet.kind, problem))),
        Err(Stop::Failed(Error::Refused(refusal))) => {
            let reason = refusal.decision.reasons.first();
            let code = reason.map_or("gate_refused", |reason| reason.code.as_str());
            let message = Problem::refused(refusal.decision.reasons.clone()).detail;
            Ok(refused(Fault { column: None, code, message }))
        }
        Err(Stop::Failed(other)) => Err(other),
    }
}

/// What a slice refuses, in the words of the file: with the name of the column in the place of the field.
fn fault(kind: ImportKind, problem: Problem) -> Fault {
    let field = problem.fields.first();
    let column = field.and_then(|field| kind.column_of(field));
    let message = match (field, column) {
        (Some(field), Some(column)) => problem.detail.replacen(field.as_str(), column.name, 1),
        _ => problem.detail,
    };
    Fault { column: column.map(|column| column.name), code: problem.code.as_str(), message }
}

/// Does what a row says, unless it stands.
fn take(cmd: &mut Command<'_>, sheet: &Sheet, said: &Map<String, Value>, lines: &Lines) -> Result<Done, Stop> {
    let told = Told { columns: &sheet.columns, lines };
    match sheet.kind {
        ImportKind::Products => {
            let mut said = said.clone();
            said.entry("approvals").or_insert_with(|| Value::Array(Vec::new()));
            let new: NewProduct = body(said)?;
            match crate::catalogue::service::alike(cmd, &new)? {
                Some(alike) => told.stands(alike, ProductView::from),
                None => made(crate::catalogue::service::register(cmd, &new)?),
            }
        }
        ImportKind::Suppliers => {
            let new: NewSupplier = body(said.clone())?;
            match crate::suppliers::service::alike(cmd, &new)? {
                Some(alike) => told.stands(alike, SupplierView::from),
                None => made(crate::suppliers::service::register(cmd, &new)?),
            }
        }
        ImportKind::Practitioners => {
            let new: NewPractitioner = body(said.clone())?;
            match crate::practitioners::service::alike(cmd, &new)? {
                Some(alike) => told.stands(alike, PractitionerView::from),
                None => made(crate::practitioners::service::register(cmd, &new)?),
            }
        }
        ImportKind::Licences => licence(cmd, &told, said.clone()),
        ImportKind::Locations => {
            let mut said = said.clone();
            naming::site(cmd, &mut said)?;
            let new: NewLocation = body(said)?;
            match crate::sites::service::location_alike(cmd, &new)? {
                Some(alike) => told.stands(alike, LocationView::from),
                None => made(crate::sites::service::register_location(cmd, &new)?),
            }
        }
        ImportKind::Levels => level(cmd, &told, said.clone()),
        ImportKind::OpeningStock => opening(cmd, &told, said.clone()),
    }
}

fn body<T: DeserializeOwned>(said: Map<String, Value>) -> Result<T, Stop> {
    Ok(input::read(Value::Object(said))?)
}

fn made<T: Versioned>(row: T) -> Result<Done, Stop> {
    Ok(Done { outcome: Outcome::Created, id: row.id().to_owned(), called: row.name().to_owned() })
}

/// What a file says of what stands.
struct Told<'a> {
    columns: &'a [&'static Column],
    lines: &'a Lines,
}

impl Told<'_> {
    /// Something stands under the name that a row gives: it is in use, and all is so that the row says of it.
    fn stands<T: Versioned, V: Serialize>(&self, alike: Alike<T>, view: fn(T) -> V) -> Result<Done, Stop> {
        let Alike { stands, asked } = alike;
        versions::in_use(&stands)?;
        let done = Done { outcome: Outcome::Unchanged, id: stands.id().to_owned(), called: stands.name().to_owned() };
        self.agree(&done, &view(stands), &view(asked))?;
        Ok(done)
    }

    /// What stands is what is asked for, in every column that the file has.
    fn agree(&self, done: &Done, stands: &impl Serialize, asked: &impl Serialize) -> Result<(), Stop> {
        let (stands, asked) = (input::as_value(stands)?, input::as_value(asked)?);
        for column in self.columns {
            let (stands, asked) = (at(&stands, column.field), at(&asked, column.field));
            if stands == asked {
                continue;
            }
            let (asked, stands, called) = (shortly(&asked), shortly(&stands), &done.called);
            let (code, message) = match self.lines.get(&done.id) {
                Some(line) => ("contradicts_row", format!("{called}: {asked} here, {stands} in line {line}.")),
                None => {
                    ("differs", format!("{called}: {asked} in the file, {stands} on record; correct what is wrong."))
                }
            };
            return Err(Stop::Refused(Fault { column: Some(column.name), code, message }));
        }
        Ok(())
    }
}

/// What stands in a field, or in the list that it is of, in an order of its own: no list of ours means one by its order.
fn at(value: &Value, field: &str) -> Value {
    let mut found = value;
    for part in field.split('.') {
        match found {
            Value::Object(fields) => found = fields.get(part).unwrap_or(&Value::Null),
            _ => break,
        }
    }
    let mut found = found.clone();
    if let Value::Array(entries) = &mut found {
        entries.sort_by_cached_key(ToString::to_string);
    }
    found
}

/// How much of a value a verdict says.
const SAID_MAX: usize = 80;

fn shortly(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(SAID_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A licence, and the check of it that the row has, if any: either may stand already.
fn licence(cmd: &mut Command<'_>, told: &Told<'_>, mut said: Map<String, Value>) -> Result<Done, Stop> {
    let check = said.remove("check");
    naming::holder(cmd, &mut said)?;
    let new: NewLicence = body(said)?;
    let check: Option<NewCheck> = check.map(|check| input::read(check).map_err(in_check)).transpose()?;
    let (outcome, id, checks) = match crate::licences::service::alike(cmd, &new).map_err(in_number)? {
        Some((Alike { stands, asked }, checks)) => {
            let done = Done { outcome: Outcome::Unchanged, id: stands.id.to_string(), called: called(&new) };
            told.agree(&done, &LicenceView::from(stands.clone()), &LicenceView::from(asked))?;
            (Outcome::Unchanged, stands.id, checks)
        }
        None => {
            let made = crate::licences::service::register(cmd, &new).map_err(in_number)?;
            (Outcome::Created, made.id, Vec::new())
        }
    };
    let outcome = match check {
        Some(check) if !checks.iter().any(|known| is_of(known, &check)) => {
            crate::licences::service::check(cmd, &id, &check).map_err(|error| pointed(error, in_check))?;
            if outcome == Outcome::Created { outcome } else { Outcome::Updated }
        }
        _ => outcome,
    };
    Ok(Done { outcome, id: id.to_string(), called: called(&new) })
}

/// How much of a product a site keeps: another number than stands sets it anew, but not another than an earlier row says.
fn level(cmd: &mut Command<'_>, told: &Told<'_>, mut said: Map<String, Value>) -> Result<Done, Stop> {
    naming::site(cmd, &mut said)?;
    naming::product(cmd, &mut said)?;
    let new: NewLevel = body(said)?;
    let (level, settled) = crate::replenishment::service::set(cmd, &new)?;
    let called = format!("From {} to {} packs", level.minimum_packs, level.maximum_packs);
    let (id, outcome) = (
        level.id.to_string(),
        match settled {
            Settled::New => Outcome::Created,
            Settled::Changed => Outcome::Updated,
            Settled::Same => Outcome::Unchanged,
        },
    );
    if let Some(line) = told.lines.get(&id).filter(|_| settled == Settled::Changed) {
        let message = format!("{called}: line {line} says otherwise of this site and product.");
        return Err(Stop::Refused(Fault { column: Some("gtin"), code: "contradicts_row", message }));
    }
    Ok(Done { outcome, id, called })
}

/// Units that were there before Lotline: once for each place and lot, and in one row of a file.
fn opening(cmd: &mut Command<'_>, told: &Told<'_>, mut said: Map<String, Value>) -> Result<Done, Stop> {
    naming::site(cmd, &mut said)?;
    naming::place(cmd, &mut said)?;
    let new: NewOpening = body(said)?;
    let called = format!("Lot {} ({})", new.lot, new.expiry.day());
    let (attested, units) = crate::receiving::service::attest(cmd, &new)?;
    let before = match attested {
        Attested::Now(opening) => return Ok(Done { outcome: Outcome::Created, id: opening.id.to_string(), called }),
        Attested::Before(before) => before,
    };
    let id = before.id.to_string();
    let refused = |column, code, message| Err(Stop::Refused(Fault { column: Some(column), code, message }));
    if let Some(line) = told.lines.get(&id) {
        // Two rows may be two boxes: nobody is to believe that both came in.
        let message = format!("{called}: line {line} has this place and lot, too; say in one row how many there are.");
        return refused("lot", "contradicts_row", message);
    }
    if before.units != units {
        let column = if new.packs.is_some() { "packs" } else { "units" };
        let message =
            format!("{called}: {units} units in the file, {} attested before; count what is there.", before.units);
        return refused(column, "differs", message);
    }
    if before.attestation != new.attestation {
        let message =
            format!("{called}: attested before as {}.", shortly(&Value::from(before.attestation.to_string())));
        return refused("attestation", "differs", message);
    }
    Ok(Done { outcome: Outcome::Unchanged, id, called })
}

fn called(licence: &NewLicence) -> String {
    format!("{} {}", licence.authority, licence.number)
}

/// A problem that points where the list has what is wrong.
fn pointed(error: Error, there: fn(Problem) -> Problem) -> Error {
    match error {
        Error::Problem(problem) => Error::Problem(there(problem)),
        other => other,
    }
}

/// A licence number that cannot be one stands in one column.
fn in_number(error: Error) -> Error {
    pointed(error, |problem| match problem.code {
        ProblemCode::InvalidLicenceNumber => problem.at("number"),
        _ => problem,
    })
}

/// The fields of a check as the list has them.
fn in_check(problem: Problem) -> Problem {
    let fields = problem.fields.iter().map(|field| format!("check.{field}")).collect();
    let detail = match problem.fields.first() {
        Some(field) => problem.detail.replacen(field.as_str(), &format!("check.{field}"), 1),
        None => problem.detail,
    };
    Problem { fields, detail, ..problem }
}

/// Whether a check is on record: the same finding in the same source, at that moment where the list says one.
fn is_of(known: &LicenceCheck, new: &NewCheck) -> bool {
    known.outcome == new.outcome
        && known.source == new.source
        && new.checked_at.is_none_or(|checked_at| known.checked_at == checked_at)
}
