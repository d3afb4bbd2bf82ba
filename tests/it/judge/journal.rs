//! The journal as the judge reads it: JSON of event bytes, and the lines that move units. Nothing of the service is used.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;

/// Microseconds since 1970.
pub type Moment = i64;

/// One event of the journal.
#[derive(Clone, Debug)]
pub struct Event {
    pub kind: String,
    pub occurred_at: Moment,
    pub recorded_at: Moment,
    pub actor: String,
    pub subjects: Vec<String>,
    /// Where it was recorded; `""` for what is at no site.
    pub site: String,
    pub data: Value,
    pub lines: Vec<Line>,
}

/// Units that move from one account to another.
#[derive(Clone, Debug)]
pub struct Line {
    /// When it counts: with the event, or at the moment that the line names itself.
    pub at: Moment,
    pub from: Key,
    pub to: Key,
    pub units: i64,
}

/// An account of a lot, and the pack in it that units belong to; no pack for those without a number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub lot: String,
    pub account: Account,
    pub pack: Option<String>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    pub kind: String,
    pub place: Option<Place>,
    pub inspection: Option<String>,
}

/// Where units are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub location: String,
    pub site: String,
    pub use_by: String,
}

impl Account {
    /// Where units come from: an account that goes below zero.
    pub fn is_source(&self) -> bool {
        matches!(self.kind.as_str(), "supplier" | "adjustment" | "unaccounted")
    }

    /// Whether the units are on hand.
    pub fn is_inside(&self) -> bool {
        self.place.is_some()
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.account.kind)?;
        if let Some(place) = &self.account.place {
            write!(f, "@{}", place.location)?;
        }
        if let Some(inspection) = &self.account.inspection {
            write!(f, " of {inspection}")?;
        }
        if let Some(pack) = &self.pack {
            write!(f, " {pack}")?;
        }
        Ok(())
    }
}

/// Text at a path of members, `""` where there is none.
pub fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    path.split('.').fold(value, |value, member| &value[member]).as_str().unwrap_or_default()
}

/// The moment that an RFC 3339 text says.
pub fn moment(text: &str) -> Moment {
    DateTime::parse_from_rfc3339(text).unwrap_or_else(|_| panic!("no moment: {text:?}")).timestamp_micros()
}

/// A moment that may be left out.
pub fn moment_of(value: &Value, path: &str) -> Option<Moment> {
    let found = text(value, path);
    (!found.is_empty()).then(|| moment(found))
}

/// As a person reads it.
pub fn readable(at: Moment) -> String {
    DateTime::<Utc>::from_timestamp_micros(at).unwrap().format("%m-%d %H:%M:%S%.6f").to_string()
}

/// The calendar day in a time zone.
pub fn day(at: Moment, zone: &str) -> NaiveDate {
    let zone: chrono_tz::Tz = zone.parse().unwrap();
    DateTime::<Utc>::from_timestamp_micros(at).unwrap().with_timezone(&zone).date_naive()
}

/// A calendar day that is written out.
pub fn date(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("no day: {text:?}"))
}

/// The journal, oldest first.
pub fn read(events: impl IntoIterator<Item = Value>) -> Vec<Event> {
    events.into_iter().map(Event::of).collect()
}

impl Event {
    /// An event as its bytes say it.
    pub fn of(mut event: Value) -> Self {
        let data = event["data"].take();
        let occurred_at = moment(text(&event, "occurred_at"));
        let lines = data["postings"].as_array().into_iter().flatten().map(|line| Line::of(line, occurred_at)).collect();
        Event {
            kind: text(&event, "kind").to_owned(),
            occurred_at,
            recorded_at: moment(text(&event, "recorded_at")),
            actor: text(&event, "actor.subject").to_owned(),
            subjects: event["subjects"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            site: text(&event, "site_id").to_owned(),
            lines,
            data,
        }
    }

    /// The lots that it is about.
    pub fn is_about(&self, lot: &str) -> bool {
        self.lines.iter().any(|line| line.from.lot == lot)
            || [
                "lot_id",
                "hold.scope_id",
                "request.lot_id",
                "release.lot_id",
                "line.lot_id",
                "movement.lot_id",
                "administration.lot_id",
            ]
            .iter()
            .any(|path| text(&self.data, path) == lot)
    }
}

impl Line {
    fn of(line: &Value, occurred_at: Moment) -> Self {
        let key = |side: &str| {
            let account = &line[side];
            let place = account["place"].as_object().map(|_| Place {
                location: text(account, "place.location_id").to_owned(),
                site: text(account, "place.site_id").to_owned(),
                use_by: text(account, "place.use_by").to_owned(),
            });
            Key {
                lot: text(line, "lot_id").to_owned(),
                account: Account {
                    kind: text(account, "kind").to_owned(),
                    place,
                    inspection: account["inspection_id"].as_str().map(str::to_owned),
                },
                pack: line["pack_id"].as_str().map(str::to_owned),
            }
        };
        Line {
            at: moment_of(line, "at").unwrap_or(occurred_at),
            from: key("from"),
            to: key("to"),
            units: line["units"].as_i64().unwrap(),
        }
    }
}

/// What an id is called in a story.
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The names that the journal gives.
    pub fn of(journal: &[Event]) -> Self {
        let mut names = BTreeMap::new();
        let mut count = BTreeMap::new();
        let mut numbered = |what: &str| {
            let number = count.entry(what.to_owned()).or_insert(0);
            *number += 1;
            format!("{what}{number}")
        };
        for event in journal {
            let data = &event.data;
            let mut name = |id: &str, name: String| {
                names.entry(id.to_owned()).or_insert(name);
            };
            match event.kind.as_str() {
                "location_registered" | "supplier_registered" | "site_registered" | "practitioner_registered" => {
                    name(text(data, "id"), text(data, "name").to_owned());
                }
                "receipt_recorded" => name(text(data, "id"), numbered("receipt")),
                "packaging_inspected" => name(text(data, "id"), numbered("inspection")),
                "hold_opened" => name(text(data, "hold.id"), numbered("hold")),
                "stock_administered" => name(text(data, "administration.id"), numbered("administration")),
                "licence_registered" => {
                    name(text(data, "id"), format!("{} {}", text(data, "kind"), text(data, "number")));
                }
                "product_registered" => name(text(data, "id"), numbered("product")),
                _ => {}
            }
            let mut name = |id: &str, name: String| {
                names.entry(id.to_owned()).or_insert(name);
            };
            if data["new_lot"].is_object() {
                name(text(data, "new_lot.id"), text(data, "new_lot.lot").to_owned());
            }
            for pack in data["packs"].as_array().into_iter().flatten().filter(|pack| pack.is_object()) {
                name(text(pack, "id"), format!("#{}", text(pack, "serial")));
            }
        }
        Names(names)
    }

    /// A text with every id in it called by its name.
    pub fn tell(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (id, name)| text.replace(id, name))
    }
}

/// What the journal says of a lot, in the order of what happened, for a person to read.
pub fn story(journal: &[Event], lot: &str) -> String {
    let names = Names::of(journal);
    let mut told: Vec<(Moment, usize, String)> = Vec::new();
    for (position, event) in journal.iter().enumerate() {
        let always = ["licence_checked", "policy_set"].contains(&event.kind.as_str());
        if !(always || event.is_about(lot) || (event.kind.starts_with("hold_") && event.lines.is_empty())) {
            continue;
        }
        let late = if event.occurred_at < event.recorded_at {
            format!(" (entered {})", readable(event.recorded_at))
        } else {
            String::new()
        };
        let mut line = format!("#{position} {}{late} {} by {}", readable(event.occurred_at), event.kind, event.actor);
        line += &detail(event);
        for posting in &event.lines {
            let at = if posting.at == event.occurred_at {
                String::new()
            } else {
                format!(" counted at {}", readable(posting.at))
            };
            line += &format!("\n      {} × {} → {}{at}", posting.units, posting.from, posting.to);
        }
        told.push((event.occurred_at, position, line));
    }
    told.sort();
    let lines: Vec<_> = told.into_iter().map(|(_, _, line)| format!("    {}", names.tell(&line))).collect();
    lines.join("\n")
}

fn detail(event: &Event) -> String {
    let data = &event.data;
    match event.kind.as_str() {
        "packaging_inspected" => format!(
            ": {}, passed {} failed {}, checks {}",
            text(data, "id"),
            data["units_passed"],
            data["units_failed"],
            data["checks"].as_array().map_or(0, Vec::len)
        ),
        "stock_received" => format!(": {}", text(data, "line.receipt_id")),
        "hold_opened" => format!(": {} on {}", text(data, "hold.id"), text(data, "hold.scope_id")),
        "hold_lifted" => format!(": {}", text(data, "lift.hold_id")),
        "stock_administered" => {
            format!(": {} allowed {}", text(data, "administration.id"), data["administration"]["decision"]["allowed"])
        }
        "administration_voided" => format!(": {}", text(data, "void.administration_id")),
        "licence_checked" => {
            let from = text(data, "effective_on");
            format!(
                ": {} {} as of {} {}",
                text(data, "licence_id"),
                text(data, "outcome"),
                text(data, "checked_at"),
                from
            )
        }
        "gate_refused" => {
            let reasons = data["decision"]["reasons"].as_array();
            let codes: Vec<_> = reasons.into_iter().flatten().map(|reason| text(reason, "code")).collect();
            format!(": {} for {}", text(data, "operation"), codes.join(" "))
        }
        _ => String::new(),
    }
}

/// Whether two subjects are one person's: their compatibility forms are the same but for case, white space at the ends and
/// characters that nobody sees.
pub fn one_person(one: &str, other: &str) -> bool {
    let unseen = |c: &char| {
        matches!(c, '\u{ad}' | '\u{34f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(c, '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
    };
    let plain = |text: &str| {
        let seen: String = text.chars().filter(|c| !unseen(c)).collect();
        let composed = icu_normalizer::ComposingNormalizerBorrowed::new_nfkc().normalize(&seen).into_owned();
        composed.trim().to_uppercase().to_lowercase()
    };
    plain(one) == plain(other)
}
