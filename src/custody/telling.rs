//! What happened, as somebody reads it out: who, what, how many, from where to where, for which patient, on which label.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::wire::EventView;
use crate::command::View;
use crate::error::Result;
use crate::http::named::read_by;
use crate::ids::{LotId, SiteId};
use crate::names::service::{Asked, Known, known, of_ids};
use crate::stock::model::AccountKind;
use crate::values::{Name, number};

/// How many lots or serial numbers a sentence names before it says how many more there are.
const NAMED_MAX: usize = 5;

/// Tells each event in a sentence or two: a statement for each kind of thing that has a name, whatever the number of events.
///
/// # Errors
/// What the database answers.
pub(super) fn tell(view: &mut View<'_>, events: &mut [EventView]) -> Result<()> {
    let lots: BTreeSet<LotId> = events.iter().flat_map(|event| event.lots()).collect();
    let lots = known(view.db, &view.caller.organisation_id, Asked { lots, ..Asked::default() })?;
    let said: Vec<Said<'_>> = events.iter().map(|event| texts(&event.details)).collect();
    let mut ids: BTreeSet<&str> =
        events.iter().filter_map(|event| event.site_id.as_ref()).map(SiteId::as_str).collect();
    ids.extend(said.iter().flatten().map(|(_, text)| *text).filter(|text| read_by(text).is_some()));
    let names = of_ids(view, &ids)?;
    let told: Vec<_> = events.iter().zip(&said).map(|(event, said)| sentence(event, said, &lots, &names)).collect();
    for (event, told) in events.iter_mut().zip(told) {
        event.told = Some(told);
    }
    Ok(())
}

/// Every text of an event, with the name of its field, in the order of the fields.
type Said<'a> = Vec<(&'a str, &'a str)>;

/// One event, read out.
fn sentence(event: &EventView, said: &Said<'_>, lots: &Known, names: &BTreeMap<String, Name>) -> String {
    let mut told = event.summary.trim_end().to_owned();
    if !told.ends_with(['.', '!', '?']) {
        told.push('.');
    }
    let label = label(event, said, lots);
    if !label.is_empty() {
        told.push_str(&format!(" {label}."));
    }
    for ((from, to), units) in moved(&event.details, names) {
        told.push_str(&format!(" {} from {from} to {to}.", number(units, "unit")));
    }
    let of = |field: &str| {
        let (_, text) = said.iter().find(|(name, _)| *name == field)?;
        Some(names.get(*text).map_or(*text, Name::as_str))
    };
    for (field, says) in [
        ("patient_ref", "For patient"),
        ("practitioner_id", "By"),
        ("prescriber_id", "Prescribed by"),
        ("supplier_id", "Supplier:"),
        ("inspector", "Inspected by"),
    ] {
        if let Some(name) = of(field) {
            told.push_str(&format!(" {says} {name}."));
        }
    }
    if let Some(site) = event.site_id.as_ref().and_then(|site| names.get(site.as_str())) {
        told.push_str(&format!(" At {site}."));
    }
    match counted_by(&event.details) {
        Some(counted) => told.push_str(&format!(" Counted by {counted}, approved by {}.", event.actor.subject)),
        None => told.push_str(&format!(" Recorded by {}.", event.actor.subject)),
    }
    told
}

/// Who counted what somebody else approved.
fn counted_by(details: &Value) -> Option<String> {
    let all = details.get("counted_by")?.as_array()?;
    let all: Vec<String> = all.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    (!all.is_empty()).then(|| some_of(&all, ", "))
}

/// What the labels say: product, lot, expiry, serial numbers.
fn label(event: &EventView, said: &Said<'_>, lots: &Known) -> String {
    let of_lot = |id: LotId| {
        let lot = lots.lot(&id)?;
        let product = lots.product(&lot.product_id).map_or("a product", |product| product.name.as_str());
        Some(format!("{product}, lot {}, expiry {}", lot.lot, lot.expiry))
    };
    let found: Vec<_> = event.lots().filter_map(of_lot).collect();
    let mut label = some_of(&found, "; ");
    let mut seen = BTreeSet::new();
    let serials = said.iter().filter(|(field, _)| matches!(*field, "serial" | "serials"));
    let serials: Vec<_> = serials.filter(|(_, text)| seen.insert(*text)).map(|(_, text)| (*text).to_owned()).collect();
    if !serials.is_empty() && !label.is_empty() {
        label.push_str(&format!(", serial {}", some_of(&serials, ", ")));
    }
    label
}

/// The first of them, and how many more there are.
fn some_of(all: &[String], between: &str) -> String {
    let named = all.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(between);
    match all.len().saturating_sub(NAMED_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// How many units went from where to where, together.
fn moved(details: &Value, names: &BTreeMap<String, Name>) -> BTreeMap<(String, String), i64> {
    let mut found: BTreeMap<(String, String), i64> = BTreeMap::new();
    for posting in details.get("postings").and_then(Value::as_array).into_iter().flatten() {
        let site = |side: &str| posting.pointer(&format!("/{side}/place/site_id"));
        let is_far = matches!((site("from"), site("to")), (Some(from), Some(to)) if from != to);
        let place = |side: &str| posting.get(side).map_or_else(String::new, |account| called(account, is_far, names));
        let units = posting.get("units").and_then(Value::as_i64).unwrap_or(0);
        let sum = found.entry((place("from"), place("to"))).or_default();
        *sum = sum.saturating_add(units);
    }
    found
}

/// What an account is called: a place and the state of what lies there, or who or what it is outside.
fn called(account: &Value, is_far: bool, names: &BTreeMap<String, Name>) -> String {
    let kind = account.get("kind").and_then(Value::as_str).unwrap_or_default();
    let place = account.pointer("/place/location_id").and_then(Value::as_str);
    if let Some(place) = place {
        let place = names.get(place).map_or("a place elsewhere", Name::as_str);
        let site = account.pointer("/place/site_id").and_then(Value::as_str).filter(|_| is_far);
        let site = site.and_then(|site| names.get(site)).map(|site| format!(" at {site}")).unwrap_or_default();
        return format!("{place}{site} ({})", kind.replace('_', " "));
    }
    let is = |known: AccountKind| kind == known.as_str();
    if is(AccountKind::Supplier) {
        "the supplier".to_owned()
    } else if is(AccountKind::Patient) {
        "the patient".to_owned()
    } else {
        kind.replace('_', " ")
    }
}

/// Every text, with the name of its field.
fn texts(value: &Value) -> Said<'_> {
    let mut said = Vec::new();
    let mut open = vec![("", value)];
    while let Some((field, value)) = open.pop() {
        match value {
            Value::String(text) => said.push((field, text.as_str())),
            Value::Array(all) => open.extend(all.iter().rev().map(|value| (field, value))),
            Value::Object(all) => open.extend(all.iter().rev().map(|(field, value)| (field.as_str(), value))),
            _ => {}
        }
    }
    said
}
