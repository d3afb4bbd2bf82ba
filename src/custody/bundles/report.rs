//! The report of an evidence bundle: what an inspector opens first. HTML of its own, which loads and runs nothing, with every text
//! escaped; it reads the same on paper.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use super::{About, Counts, Subject};
use crate::clock::Moment;
use crate::command::View;
use crate::decision::Decision;
use crate::error::Result;
use crate::http::pages::{page, time};
use crate::ids::{EventId, LocationId, LotId, PatientId, PractitionerId, ProductId, SiteId, SupplierId};
use crate::journal::model::Head;
use crate::values::{decimal, number, xml};

/// Movements of an event that are told; the bytes have all of them.
const MOVEMENTS_MAX: usize = 50;
/// What is told elsewhere in an entry, or names the organisation once more.
const TOLD_ELSEWHERE: [&str; 3] = ["decision", "postings", "organisation_id"];

/// An event, as the report tells it.
pub(super) struct Told {
    pub head: Head,
    pub kind: String,
    pub leaf_index: u64,
    pub summary: String,
    pub decision: Option<Decision>,
    /// What it says, with what was opened, and null where something stays sealed.
    pub details: Value,
    /// Whether its bytes are not in the file, since they tell of other sites.
    pub is_withheld: bool,
    /// What the photograph that it tells of is called in the file.
    pub photograph: Option<String>,
    /// For whom something stays sealed, and whether they were erased.
    pub sealed: Vec<(PatientId, bool)>,
}

/// A page of events, where there is more than one.
pub(super) fn of_part(title: &str, part: usize, entries: &str) -> String {
    page(&format!("{title}: part {part}"), &format!("<p>The first page is <code>report.html</code>.</p>\n{entries}"))
}

/// What the first page says before the events.
pub(super) struct Cover<'a> {
    pub title: &'a str,
    pub about: &'a About,
    pub vkey: &'a str,
    pub checkpoint: &'a str,
    pub counts: Counts,
    /// The photographs that could not be read, by what they would be called.
    pub lost: &'a [String],
}

/// The pages of a report: their names, what they are from and until, and how many events they tell.
pub(super) type Pages = Vec<(String, Option<(Moment, Moment)>, u64)>;

/// The first page: with all events, or with a list of the pages that tell them.
pub(super) fn cover(cover: &Cover<'_>, pages: &Pages, entries: &str) -> String {
    let Cover { title, about, vkey, checkpoint, counts, lost } = cover;
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<p>This is a record of custody: {} of the log of {}, as it stood with {} entries. It was made {} for {}.</p>",
        number(i64::try_from(counts.events).unwrap_or(i64::MAX), "event"),
        xml::text(about.organisation_id.as_str()),
        about.tree_size,
        time(about.made_at),
        xml::text(&about.made_for),
    );
    if counts.withheld > 0 {
        let _ = writeln!(
            body,
            "<p class=\"gone\">{} more concern other sites than those of whoever asked: they are named below, and their content is not in \
             this file.</p>",
            counts.withheld
        );
    }
    if !lost.is_empty() {
        let _ = writeln!(
            body,
            "<p class=\"gone\">Not in this file, since what is kept of it is damaged or gone: {}.</p>",
            lost.join(", ")
        );
    }
    body.push_str(what_is_in_it(&about.subject));
    let _ = write!(
        body,
        "<h2>What can be relied on</h2>\n<p>The file beside this page has the exact bytes of each event, and shows that each is in a log that can \
         only grow. Its last state is signed. Whoever has the key of the organisation from somewhere else than this file checks all \
         of it, this page included, without a network:</p>\n<p><code>lotline verify --bundle FILE --key KEY</code></p>\n\
         <p>That shows that nothing in the file was changed since it was signed, and when one compares it with checkpoints that were kept \
         elsewhere, that nothing was changed before. It does not show that nothing was left out, nor that what was recorded \
         is true. How others check it says <code>docs/custody-log.md</code> of Lotline.</p>\n\
         <table><tr><th>Key</th><td><code>{}</code></td></tr><tr><th>Checkpoint</th><td><code>{}</code></td></tr></table>\n",
        xml::text(vkey),
        xml::text(checkpoint.trim_end()).replace('\n', "<br>"),
    );
    body.push_str(
        "<h2>What happened</h2>\n<p>Times are in UTC. Names are those of the day on which this was made.</p>\n",
    );
    if pages.is_empty() {
        body.push_str(if entries.is_empty() { "<p>Nothing was recorded.</p>\n" } else { entries });
    } else {
        body.push_str("<p>On pages of their own; take them out of the file together.</p>\n<table>\n");
        for (name, span, events) in pages {
            let (from, to) = span.map_or_else(Default::default, |(from, to)| (time(from), time(to)));
            let _ = writeln!(
                body,
                "<tr><td><a href=\"{name}\">{name}</a></td><td>{from} to {to}</td><td>{events} events</td></tr>"
            );
        }
        body.push_str("</table>\n");
    }
    page(title, &body)
}

/// What belongs to a bundle, in a sentence.
fn what_is_in_it(subject: &Subject) -> &'static str {
    match subject {
        Subject::LotId(_) => {
            "<p>It tells everything that happened to the lot, the orders and deliveries that brought it and what was refused \
             included. Who was treated and how is sealed in it; patients are told apart by numbers that say nothing else.</p>\n"
        }
        Subject::PatientIds(_) => {
            "<p>It tells everything that the patient was given and what became of it, and everything that happened to these lots but \
             what was done to others. What is clinical was opened for this file: keep it as you keep a patient's record. Were the \
             patient erased, this copy would stay readable.</p>\n"
        }
        Subject::Period { .. } => {
            "<p>It tells everything that was recorded in this time, whenever it happened. Who was treated and how is sealed in it; \
             patients are told apart by numbers that say nothing else.</p>\n"
        }
    }
}

/// Events, as a person reads them.
///
/// # Errors
/// What the database answers.
pub(super) fn entries(view: &mut View<'_>, told: &[Told]) -> Result<String> {
    let names = names(view, told)?;
    let mut html = String::new();
    for event in told {
        entry(&mut html, event, &names);
    }
    Ok(html)
}

/// What ids are called.
type Names = BTreeMap<String, String>;

fn entry(html: &mut String, event: &Told, names: &Names) {
    let Told { head, kind, leaf_index, summary, .. } = event;
    let roles: Vec<_> = head.actor.roles.iter().map(ToString::to_string).collect();
    let _ = write!(
        html,
        "<article id=\"e{leaf_index}\"><h3>{}: {}</h3>\n<p>By {} ({})",
        time(head.occurred_at),
        xml::text(summary),
        xml::text(&head.actor.subject),
        xml::text(&roles.join(", "))
    );
    if let Some(site) = &head.site_id {
        let _ = write!(html, ", at {}", xml::text(named(site.as_str(), names)));
    }
    let _ = writeln!(html, "; recorded {}.</p>", time(head.recorded_at));
    for (patient, is_erased) in &event.sealed {
        let patient = xml::text(patient.as_str());
        let _ = if *is_erased {
            writeln!(
                html,
                "<p class=\"gone\">What is clinical of it cannot be read any more: patient {patient} was erased.</p>"
            )
        } else {
            writeln!(html, "<p>What is clinical of it is sealed for patient {patient}.</p>")
        };
    }
    if event.is_withheld {
        html.push_str("<p class=\"gone\">It concerns other sites, too: its content is not in this file.</p>\n");
    } else {
        html.push_str("<dl>\n");
        let lots: Vec<_> = head.subjects.iter().filter(|id| id.parse::<LotId>().is_ok()).collect();
        for lot in lots {
            row(html, "Lot", named(lot, names));
        }
        decision(html, event.decision.as_ref());
        if let Some(name) = &event.photograph {
            let _ = writeln!(html, "<dt>Photograph</dt><dd><a href=\"{name}\">{name}</a></dd>");
        }
        movements(html, event.details.get("postings"), names);
        facts(html, "", &event.details, names);
        html.push_str("</dl>\n");
    }
    let _ = writeln!(
        html,
        "<p class=\"proof\">entry {leaf_index} · {} · {}</p></article>",
        xml::text(kind),
        xml::text(head.id.as_str())
    );
}

fn row(html: &mut String, what: &str, said: &str) {
    let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", xml::text(what), xml::text(said));
}

fn named<'a>(id: &'a str, names: &'a Names) -> &'a str {
    names.get(id).map_or(id, String::as_str)
}

fn decision(html: &mut String, decision: Option<&Decision>) {
    let Some(decision) = decision else { return };
    let reasons: Vec<_> = decision.reasons.iter().map(|reason| reason.message.as_str()).collect();
    match (decision.allowed, reasons.is_empty()) {
        (true, true) => row(html, "The rules", "allowed it"),
        (true, false) => row(html, "The rules", &format!("allowed it, and noted: {}", reasons.join(" "))),
        (false, _) => row(html, "The rules", &format!("were against it: {}", reasons.join(" "))),
    }
}

/// The units that moved, those together that went the same way.
fn movements(html: &mut String, postings: Option<&Value>, names: &Names) {
    let end = |posting: &Value, end: &str| {
        let kind =
            posting.pointer(&format!("/{end}/kind")).and_then(Value::as_str).unwrap_or_default().replace('_', " ");
        match posting.pointer(&format!("/{end}/place/location_id")).and_then(Value::as_str) {
            Some(location) => format!("{kind} in {}", named(location, names)),
            None => kind,
        }
    };
    let mut ways: Vec<((String, String), i64)> = Vec::new();
    for posting in postings.and_then(Value::as_array).into_iter().flatten() {
        let way = (end(posting, "from"), end(posting, "to"));
        let units = posting.get("units").and_then(Value::as_i64).unwrap_or_default();
        match ways.iter_mut().find(|(known, _)| *known == way) {
            Some((_, sum)) => *sum = sum.saturating_add(units),
            None => ways.push((way, units)),
        }
    }
    for ((from, to), units) in ways.iter().take(MOVEMENTS_MAX) {
        row(html, "Moved", &format!("{} from {from} to {to}", number(*units, "unit")));
    }
    if ways.len() > MOVEMENTS_MAX {
        row(html, "Moved", &format!("and in {} more ways", ways.len().saturating_sub(MOVEMENTS_MAX)));
    }
}

/// Everything else that an event says, each with where it stands.
fn facts(html: &mut String, place: &str, value: &Value, names: &Names) {
    let label = place.rsplit('/').next().unwrap_or_default();
    let within = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}/{name}") };
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (name, member) in members {
                if !TOLD_ELSEWHERE.contains(&name.as_str()) {
                    facts(html, &within(name), member, names);
                }
            }
        }
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let said: Vec<_> = items.iter().map(|item| plain(label, item, names)).collect();
            if !said.is_empty() {
                row(html, &readable(place), &said.join(", "));
            }
        }
        Value::Array(items) => {
            for (at, item) in (1..).zip(items) {
                facts(html, &within(&at.to_string()), item, names);
            }
        }
        plainly => row(html, &readable(place), &plain(label, plainly, names)),
    }
}

fn readable(place: &str) -> String {
    place.replace('_', " ").replace('/', ", ")
}

/// A value by itself. Names of fields say their unit last: milli-degrees, and microlitres.
fn plain(label: &str, value: &Value, names: &Names) -> String {
    match value {
        Value::String(text) => named(text, names).to_owned(),
        Value::Bool(said) => if *said { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => match number.as_i64() {
            Some(milli) if label.ends_with("_mc") => format!("{} °C", decimal(milli.saturating_mul(1_000))),
            _ => number.to_string(),
        },
        _ => String::new(),
    }
}

/// What the ids are called that events name, as far as the reader sees what they stand for.
fn names(view: &mut View<'_>, told: &[Told]) -> Result<Names> {
    let mut ids = BTreeSet::new();
    for event in told {
        ids.extend(event.head.subjects.iter().cloned());
        ids.extend(event.head.site_id.as_ref().map(ToString::to_string));
        texts(&event.details, &mut ids);
    }
    let caller = view.caller;
    let organisation = &caller.organisation_id;
    let mut names = Names::new();
    let lots: Vec<LotId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    for lot in crate::stock::service::lots(view.db, organisation, &lots.iter().collect::<Vec<_>>())? {
        let product = crate::catalogue::service::remembered(&mut view.known, view.db, organisation, &lot.product_id)?;
        let product = product.map_or_else(|| lot.product_id.to_string(), |product| product.name.to_string());
        names.insert(lot.id.to_string(), format!("{product}, lot {}, expiry {}", lot.lot, lot.expiry));
    }
    let locations: Vec<LocationId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    if !locations.is_empty() {
        for place in crate::sites::service::locations(view.db, organisation, &locations)? {
            if caller.sees(&place.site_id) {
                let degrees = |milli: i32| decimal(i64::from(milli).saturating_mul(1_000));
                let band = format!("{} to {} °C", degrees(place.min_mc), degrees(place.max_mc));
                ids.insert(place.site_id.to_string());
                names.insert(place.id.to_string(), format!("{} ({band})", place.name));
            }
        }
    }
    for id in &ids {
        let name = if let Ok(id) = id.parse::<SiteId>() {
            let site = crate::sites::service::remembered_site(&mut view.known, view.db, caller, &id);
            site.ok().map(|site| site.name.to_string())
        } else if let Ok(id) = id.parse::<ProductId>() {
            let product = crate::catalogue::service::remembered(&mut view.known, view.db, organisation, &id)?;
            product.map(|product| product.name.to_string())
        } else if let Ok(id) = id.parse::<PractitionerId>() {
            let person = crate::practitioners::service::remembered(&mut view.known, view.db, organisation, "id", &id);
            person.ok().map(|person| person.name.to_string())
        } else if let Ok(id) = id.parse::<SupplierId>() {
            let supplier = crate::suppliers::service::supplier(view.db, organisation, &id)?;
            supplier.map(|supplier| supplier.name.to_string())
        } else {
            None
        };
        names.extend(name.map(|name| (id.clone(), name)));
    }
    Ok(names)
}

/// The texts of a value that look like ids.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.len() < 60 && text.contains('_') && text.parse::<EventId>().is_err() => {
            found.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}
