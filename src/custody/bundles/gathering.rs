//! What belongs into an evidence bundle, a part of it at a time.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::report::{self, Told};
use super::wire::Asked;
use super::{Counts, Listed, Opened, PHOTOGRAPH, Proof, Subject, numbered};
use crate::caller::Caller;
use crate::canonical;
use crate::clock::Moment;
use crate::command::View;
use crate::custody::chain::{self, Of, Piece};
use crate::custody::seeing::seen;
use crate::custody::store::{self, Treated};
use crate::custody::wire::EventView;
use crate::custody_log::service as log;
use crate::error::{Error, Result};
use crate::evidence::photographs::Photograph;
use crate::http::pages;
use crate::http::paging::After;
use crate::ids::{EventId, PatientId};
use crate::journal::model::Event;
use crate::limits::{BUNDLE_ADMINISTRATIONS_MAX, BUNDLE_EVENTS_MAX, BUNDLE_PART};
use crate::merkle::Hash;
use crate::problem::{Problem, ProblemCode};
use crate::sealing::Sealed;

/// Events that are read at once.
const PIECE: i64 = 100;
/// Events after which a part ends.
const PART_EVENTS: usize = 500;
/// Reads after which a part ends, whatever they have found.
const READS: usize = 10;

/// What a bundle is of, as it was found.
pub(super) enum Found {
    Lot(Subject, crate::ids::LotId),
    Patient(Subject, Treated),
    Period(Subject, Moment, Moment),
}

impl Found {
    pub(super) fn subject(&self) -> &Subject {
        match self {
            Found::Lot(subject, _) | Found::Patient(subject, _) | Found::Period(subject, ..) => subject,
        }
    }

    fn chain(&self) -> Of<'_> {
        match self {
            Found::Lot(_, lot) => Of::Lot(lot),
            Found::Patient(_, treated) => Of::Patients(treated),
            Found::Period(_, from, to) => Of::Period(*from, *to),
        }
    }

    /// Of whom everything is opened.
    fn patients(&self) -> &[PatientId] {
        match self {
            Found::Patient(_, treated) => &treated.patients,
            Found::Lot(..) | Found::Period(..) => &[],
        }
    }
}

/// Finds what was asked for.
///
/// # Errors
/// `reference_unknown` for a lot that the caller does not see; `patient_unknown` for a patient of whom a search finds nothing;
/// `bundle_too_large`.
pub(super) fn find(view: &mut View<'_>, asked: &Asked) -> Result<Found> {
    match asked {
        Asked::Lot(lot) => {
            crate::stock::service::expect_lot(view.db, view.caller, lot)?;
            Ok(Found::Lot(Subject::LotId(lot.clone()), lot.clone()))
        }
        Asked::Patient(reference) => {
            let patients = view.patients.named(&view.caller.organisation_id, reference)?;
            let treated = store::treated(view.db, view.caller, patients, BUNDLE_ADMINISTRATIONS_MAX)?;
            let is_known = !treated.administrations.is_empty()
                || crate::visits::service::any_of(view.db, view.caller, &treated.patients)?
                || crate::prescriptions::service::any_of(view.db, view.caller, &treated.patients)?
                || crate::safety::service::any_of(view.db, view.caller, &treated.patients)?;
            if !is_known {
                let rule = "names nobody of whom anything is recorded";
                return Err(Error::invalid(ProblemCode::PatientUnknown, "patient_ref", rule));
            }
            if i64::try_from(treated.administrations.len()).unwrap_or(i64::MAX) > BUNDLE_ADMINISTRATIONS_MAX {
                let most = BUNDLE_ADMINISTRATIONS_MAX;
                let why =
                    format!("The patient has more than {most} administrations: ask for their lots or for periods.");
                return Err(Problem::new(ProblemCode::BundleTooLarge, why).at("patient_ref").into());
            }
            Ok(Found::Patient(Subject::PatientIds(treated.patients.clone()), treated))
        }
        Asked::Period(period) => {
            let (from, to) = (period.from, period.to);
            expect_bounded(view, (from, to))?;
            Ok(Found::Period(Subject::Period { from, to }, from, to))
        }
    }
}

/// The leaves between the first and the last event of a period are about as many as its events: ids and leaves have the same
/// order, but for those that were recorded beside each other.
fn expect_bounded(view: &mut View<'_>, period: (Moment, Moment)) -> Result<()> {
    let Some((first, last)) = chain::ends_of(view.db, view.caller, period)? else { return Ok(()) };
    let leaves = log::leaves(view.db, &view.caller.organisation_id, &[&first, &last])?;
    let (Some(first), Some(last)) = (leaves.get(&first), leaves.get(&last)) else { return Ok(()) };
    let events = last.saturating_sub(*first).saturating_add(1);
    if events <= BUNDLE_EVENTS_MAX {
        return Ok(());
    }
    let most = BUNDLE_EVENTS_MAX;
    let why = format!("period has about {events} events, and a bundle has {most} at the most: ask for a shorter one.");
    Err(Problem::new(ProblemCode::BundleTooLarge, why).at("period").into())
}

/// A photograph that an event tells of.
pub(super) struct Pictured {
    /// What it is called in the file.
    pub name: String,
    /// Whose it is.
    pub patient: PatientId,
    /// What is said of it.
    pub photograph: Photograph,
}

/// What comes next into a bundle.
#[derive(Default)]
pub(super) struct Gathered {
    /// The events, a line each.
    pub events: Vec<u8>,
    /// What leads from them to the checkpoint.
    pub proof: Vec<u8>,
    /// What was opened, a line for each value.
    pub opened: Vec<u8>,
    /// The photographs that it tells of, whose they are and what they are called in the file.
    pub photographs: Vec<Pictured>,
    /// How many photographs the file has told of with them.
    pub pictured: usize,
    /// What a person reads of it.
    pub report: String,
    /// How many events, opened values, and events that are not in it.
    pub counts: Counts,
    /// When the first happened, or was recorded, and when the last.
    pub span: Option<(Moment, Moment)>,
    /// Where it goes on.
    pub next: Option<After>,
}

impl Gathered {
    /// Takes in a value that was opened.
    fn open(&mut self, opened: &Opened) -> Result<()> {
        self.opened.extend(canonical::text(opened)?.into_bytes());
        self.opened.push(b'\n');
        self.counts.opened = self.counts.opened.saturating_add(1);
        Ok(())
    }

    /// Takes in a photograph that was told of: what it is called in the file.
    fn picture(&mut self, patient: PatientId, photograph: Photograph) -> String {
        self.pictured = self.pictured.saturating_add(1);
        let name = numbered(PHOTOGRAPH, self.pictured, photograph.ending());
        self.photographs.push(Pictured { name: name.clone(), patient, photograph });
        name
    }
}

/// The part of a bundle that begins after a place: events that are among the first `size` leaves of the log. So many photographs came before
/// it.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub(super) fn gather(
    view: &mut View<'_>,
    found: &Found,
    (size, pictured): (u64, usize),
    after: After,
) -> Result<Gathered> {
    let mut done = Gathered { pictured, ..Gathered::default() };
    let (mut after, mut erased) = (after, Erased::new());
    let (mut told, mut listed): (Vec<Told>, Vec<(Listed, Hash)>) = (Vec::new(), Vec::new());
    for _ in 0..READS {
        let Piece { events, next } = chain::piece(view.db, view.caller, &found.chain(), &after, PIECE)?;
        let ids: Vec<&EventId> = events.iter().map(|((_, id), _)| id).collect();
        let leaves = log::leaves(view.db, &view.caller.organisation_id, &ids)?;
        for ((at, id), bytes) in events {
            // What was recorded since has its place in a later bundle.
            let Some(leaf_index) = leaves.get(&id).copied().filter(|leaf| *leaf < size) else { continue };
            let is_withheld = !is_whole(view, &bytes)?;
            // What is not in the file is not opened in it either.
            let opens = if is_withheld { &[] } else { found.patients() };
            let event = read(view, (opens, is_withheld), (&bytes, leaf_index), &mut erased, &mut done)?;
            let (first, _) = done.span.unwrap_or((at, at));
            done.span = Some((first, at));
            if event.is_withheld {
                done.counts.withheld = done.counts.withheld.saturating_add(1);
            } else {
                done.counts.events = done.counts.events.saturating_add(1);
                listed.push((Listed { id, kind: event.kind.clone(), leaf_index }, crate::merkle::leaf(&bytes)));
                done.events.extend(bytes);
                done.events.push(b'\n');
            }
            told.push(event);
        }
        done.next = next;
        match &done.next {
            Some(next) if told.len() < PART_EVENTS && done.events.len() < BUNDLE_PART => after = next.clone(),
            _ => break,
        }
    }
    done.proof = prove(view, listed, size)?;
    done.report = report::entries(view, &told)?;
    Ok(done)
}

/// Whether the caller sees all of an event: what concerns other sites as well is not given out as bytes, here as elsewhere.
fn is_whole(view: &mut View<'_>, bytes: &[u8]) -> Result<bool> {
    if view.caller.sites.is_none() {
        return Ok(true);
    }
    let event = EventView::read(bytes, view.reader, view.patients)?;
    Ok(seen(view, vec![event])?.1)
}

/// Who of those was erased for whom something is sealed.
type Erased = BTreeMap<PatientId, bool>;

/// Reads an event, and opens what is sealed in it for those for whom the bundle opens it.
fn read(
    view: &View<'_>,
    (opens, is_withheld): (&[PatientId], bool),
    (bytes, leaf_index): (&[u8], u64),
    erased: &mut Erased,
    done: &mut Gathered,
) -> Result<Told> {
    let unreadable = |e: serde_json::Error| Error::internal(format!("an event cannot be read: {e}"));
    let mut value: Value = serde_json::from_slice(bytes).map_err(unreadable)?;
    let Event { head, deed } = Event::of(&value, view.reader)?;
    let mut told = Told {
        leaf_index,
        kind: deed.kind().to_owned(),
        summary: deed.summary(),
        decision: deed.decision().cloned(),
        details: Value::Null,
        is_withheld,
        photograph: None,
        sealed: Vec::new(),
        head,
    };
    let organisation = &view.caller.organisation_id;
    let mut details = value.get_mut("data").map(Value::take).unwrap_or_default();
    for pointer in deed.sealed() {
        let Some(place) = details.pointer_mut(pointer) else { continue };
        let sealed: Sealed<Value> = place.as_str().unwrap_or_default().parse()?;
        let patient = sealed.patient().clone();
        let disclosed = match opens.contains(&patient) {
            true => view.patients.disclose(organisation, &sealed)?,
            false => None,
        };
        let Some(disclosed) = disclosed else {
            *place = Value::Null;
            let is_erased = match erased.get(&patient) {
                Some(known) => *known,
                None => view.patients.is_erased(organisation, &patient)?,
            };
            erased.insert(patient.clone(), is_erased);
            told.sealed.push((patient, is_erased));
            continue;
        };
        *place = serde_json::from_str(&disclosed.text).map_err(unreadable)?;
        told.photograph =
            Photograph::told(place).map(|photograph| done.picture(patient, photograph)).or(told.photograph);
        done.open(&Opened {
            event_id: told.head.id.clone(),
            pointer: format!("/data{pointer}"),
            key: STANDARD.encode(disclosed.key),
            text: disclosed.text,
        })?;
    }
    told.details = details;
    Ok(told)
}

/// What leads from events to the checkpoint.
fn prove(view: &mut View<'_>, listed: Vec<(Listed, Hash)>, size: u64) -> Result<Vec<u8>> {
    let leaves: BTreeMap<u64, Hash> = listed.iter().map(|(event, hash)| (event.leaf_index, *hash)).collect();
    let indices: Vec<u64> = leaves.keys().copied().collect();
    let hashes = log::beside(view.db, &view.caller.organisation_id, &indices, size)?;
    let proof = Proof {
        events: listed.into_iter().map(|(event, _)| event).collect(),
        hashes: hashes.iter().map(|hash| STANDARD.encode(hash)).collect(),
    };
    Ok(canonical::text(&proof)?.into_bytes())
}

/// As what somebody is shown who asked: their reference, as it was typed first.
pub(super) fn title(view: &mut View<'_>, found: &Found) -> Result<String> {
    let caller: &Caller = view.caller;
    match found {
        Found::Lot(_, id) => {
            let lot = crate::stock::service::expect_lot(view.db, caller, id)?;
            let product = crate::catalogue::service::find(view.db, &caller.organisation_id, &lot.product_id)?;
            let product = product.map_or_else(|| lot.product_id.to_string(), |product| product.name.to_string());
            Ok(format!("Lot {} of {product}, expiry {}", lot.lot, lot.expiry))
        }
        Found::Patient(_, treated) => {
            let names = view.patients.references(&caller.organisation_id, treated.patients.iter().cloned())?;
            let mut names: Vec<String> = names.into_values().map(|name| name.to_string()).collect();
            names.sort();
            names.dedup();
            Ok(format!("Patient {}", names.join(", ")))
        }
        Found::Period(_, from, to) => {
            Ok(format!("What was recorded from {} until {}", pages::time(*from), pages::time(*to)))
        }
    }
}
