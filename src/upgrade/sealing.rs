//! Sealing what older versions recorded in clear: once, before the log commits to anything.
//!
//! Those events are written anew as this version writes them, with new bytes and leaf hashes; nothing else of them changes.
//! All of it is one transaction. The old bytes are overwritten where the database keeps its rows; copies of the database that
//! were made before have them still, and so has whatever a database server archives.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::canonical;
use crate::clock::Moment;
use crate::command::Means;
use crate::db::{Db, rewriting, transaction};
use crate::erasures;
use crate::error::{Error, Result};
use crate::ids::OrganisationId;
use crate::journal;
use crate::journal::tables::Tables;
use crate::sealing::{Patient, Patients, Sealed};
use crate::treatment;

/// What is written anew.
const TABLES: [&str; 4] = ["events", "administrations", "administration_voids", "deviations"];
/// The kinds of events that say something clinical.
const KINDS: [&str; 4] = ["stock_administered", "administration_voided", "deviation_closed", journal::model::REFUSED];
/// Events that are read at once.
const AT_ONCE: i64 = 500;
const NAME: &str = "clinical_sealed";
/// By what the deployment knows its patients' keys.
const KEYS: &str = "patients_keys";

/// Seals everything clinical, unless that was done.
pub(super) fn seal_clinical(db: &mut Db, means: &Means) -> Result<()> {
    if rewriting::noted(db, NAME)?.is_some() {
        return Ok(());
    }
    transaction::begin_write(db)?;
    let now = means.clock.now();
    let done = rewriting::unguarded(db, &TABLES, |db| Sealing { means, now, patients: HashMap::new() }.all(db))
        .and_then(|sealed| rewriting::note(db, NAME, &now.to_string()).map(|()| sealed));
    match done {
        Ok(sealed) => {
            transaction::commit(db)?;
            if sealed == 0 {
                return Ok(());
            }
            expect_keys(db, &means.patients)?;
            rewriting::overwrite(db, &[&TABLES[..], &["idempotency_keys"]].concat())
        }
        Err(error) => {
            transaction::rollback(db)?;
            Err(error)
        }
    }
}

/// Refuses a database whose patients' keys are somewhere else: what would be sealed and read with others would be lost. The first
/// that serves it decides which they are. Whom the database knows to be erased is erased in them, too.
pub(super) fn expect_keys(db: &mut Db, patients: &Patients) -> Result<()> {
    let Some(identity) = patients.identity()? else { return Ok(()) };
    let is_this = match rewriting::noted(db, KEYS)? {
        Some(noted) => noted == identity,
        None => {
            rewriting::note(db, KEYS, &identity)?;
            true
        }
    };
    // An older copy of the right ones lacks who came last.
    let newest = if is_this { treatment::store::newest_patient(db)? } else { None };
    let has_newest = newest.map(|(organisation, patient)| patients.knows(&organisation, &patient)).transpose()?;
    if is_this && has_newest.unwrap_or(true) {
        return erasures::service::erase_again(db, patients);
    }
    Err(Error::Unavailable(
        "the patients' keys are not those of this database, or an older copy of them: say where they are (--keys-url, or \
         keys.db in --data-dir)"
            .to_owned(),
    ))
}

struct Sealing<'a> {
    means: &'a Means,
    now: Moment,
    /// Whose an administration was, and whose a deviation.
    patients: HashMap<String, Patient>,
}

impl Sealing<'_> {
    /// How many events were written anew.
    fn all(mut self, db: &mut Db) -> Result<usize> {
        let (mut sealed, mut after) = (0, 0);
        loop {
            let found = journal::store::of_kinds(db, &KINDS, after, AT_ONCE)?;
            let Some((last, _)) = found.last() else { return Ok(sealed) };
            after = *last;
            for (position, bytes) in &found {
                let event = serde_json::from_slice(bytes).map_err(|e| Error::internal(format!("an event: {e}")))?;
                if let Some(event) = self.one(db, event)? {
                    let bytes = canonical::of(&event)?.into_bytes();
                    journal::catch_up(db, |tables| journal::store::rewrite(tables, *position, VERSION, &bytes))?;
                    sealed += 1;
                }
            }
        }
    }

    /// An event as it is written now; none where nothing of it is clinical, or it is sealed.
    fn one(&mut self, db: &mut Db, mut event: Value) -> Result<Option<Value>> {
        let organisation: OrganisationId = text(&event, "/organisation_id")?.parse()?;
        let kind = text(&event, "/kind")?.to_owned();
        let is_sealed = match kind.as_str() {
            "stock_administered" => self.administration(db, &organisation, &mut event)?,
            "administration_voided" => self.void(db, &mut event)?,
            "deviation_closed" => self.closure(db, &organisation, &mut event)?,
            _ => self.refusal(&organisation, &mut event)?,
        };
        if is_sealed && let Some(event) = event.as_object_mut() {
            event.insert("version".to_owned(), Value::from(VERSION));
        }
        Ok(Some(event).filter(|_| is_sealed))
    }

    fn patient(&self, organisation: &OrganisationId, reference: &str) -> Result<Patient> {
        self.means.patients.of(organisation, &reference.parse()?, self.now, &self.means.ids)
    }

    fn administration(&mut self, db: &mut Db, organisation: &OrganisationId, event: &mut Value) -> Result<bool> {
        let Some(said) = event.pointer_mut("/data/administration").and_then(Value::as_object_mut) else {
            return Ok(false);
        };
        let id = said.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(reference) = said.get("patient_ref").and_then(Value::as_str) else {
            let patient = said.get("patient_id").and_then(Value::as_str).unwrap_or_default().parse()?;
            journal::catch_up(db, |tables| treatment::store::set_patient(tables, &id, &patient))?;
            return Ok(false);
        };
        let patient = self.patient(organisation, reference)?;
        let mut clinical = Map::new();
        for field in ["patient_ref", "treatment", "encounter_ref", "retrospective_reason"] {
            clinical.extend(said.remove(field).map(|value| (field.to_owned(), value)));
        }
        if clinical.contains_key("retrospective_reason") {
            said.insert("retrospective".to_owned(), Value::Bool(true));
        }
        said.insert("clinical".to_owned(), Value::from(patient.seal(&id, &clinical)?.as_str()));
        said.insert("patient_id".to_owned(), Value::from(patient.id.as_str()));
        journal::catch_up(db, |tables| treatment::store::set_patient(tables, &id, &patient.id))?;
        self.patients.insert(id, patient);
        Ok(true)
    }

    fn void(&mut self, db: &mut Db, event: &mut Value) -> Result<bool> {
        if is_sealed(text(event, "/data/void/reason")?) {
            return Ok(false);
        }
        let patient = self.whose(text(event, "/data/void/administration_id")?)?;
        let id = text(event, "/data/void/id")?.to_owned();
        let write = |tables: &mut Tables<'_>, sealed: &str| treatment::store::set_void_reason(tables, &id, sealed);
        seal_text(db, event, "/data/void/reason", (&patient, &id), write)
    }

    fn closure(&mut self, db: &mut Db, organisation: &OrganisationId, event: &mut Value) -> Result<bool> {
        if is_sealed(text(event, "/data/resolution")?) {
            return Ok(false);
        }
        let id: crate::ids::DeviationId = text(event, "/data/deviation_id")?.parse()?;
        let deviation = treatment::store::deviation(db, organisation, &id)?;
        let deviation = deviation.ok_or_else(|| Error::internal(format!("no deviation {id}")))?;
        let patient = self.whose(deviation.administration_id.as_str())?;
        let write = |tables: &mut Tables<'_>, sealed: &str| treatment::store::set_resolution(tables, &id, sealed);
        seal_text(db, event, "/data/resolution", (&patient, id.as_str()), write)
    }

    fn refusal(&mut self, organisation: &OrganisationId, event: &mut Value) -> Result<bool> {
        let at = text(event, "/occurred_at")?.to_owned();
        let Some(request) = event.pointer_mut("/data/request") else { return Ok(false) };
        let Some(reference) = request.get("patient_ref").and_then(Value::as_str) else { return Ok(false) };
        let sealed = self.patient(organisation, reference)?.seal(&at, &*request)?;
        *request = Value::from(sealed.as_str());
        Ok(true)
    }

    fn whose(&self, administration: &str) -> Result<Patient> {
        let found = self.patients.get(administration).cloned();
        found.ok_or_else(|| Error::internal(format!("nothing was administered as {administration}")))
    }
}

/// The version of the form that events have when what is clinical is sealed.
const VERSION: i32 = 2;

fn text<'a>(event: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = event.pointer(pointer).and_then(Value::as_str);
    found.ok_or_else(|| Error::internal(format!("an event says nothing at {pointer}")))
}

/// Whether a text was sealed before.
fn is_sealed(text: &str) -> bool {
    text.parse::<Sealed<String>>().is_ok()
}

/// Seals a text, in the event and in the row that repeats it.
fn seal_text(
    db: &mut Db,
    event: &mut Value,
    pointer: &str,
    (patient, salt): (&Patient, &str),
    write: impl FnOnce(&mut Tables<'_>, &str) -> Result<()>,
) -> Result<bool> {
    let clear = text(event, pointer)?.to_owned();
    let sealed = patient.seal(salt, &clear)?;
    journal::catch_up(db, |tables| write(tables, sealed.as_str()))?;
    if let Some(place) = event.pointer_mut(pointer) {
        *place = Value::from(sealed.as_str());
    }
    Ok(true)
}
