//! Evidence bundles: a file is checked against itself and a key, without a network, a database or a data directory.
//!
//! It is read once, from its beginning to its end, and no more of it is held than one part and a line for each. The first thing
//! that is wrong ends it, with the name of the part.

use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::archive::{DIRECTORY, Part, Reader, Wrong};
use crate::canonical;
use crate::clock::Moment;
use crate::custody::bundles::{
    ABOUT, About, CHECKPOINT, FORMAT, INDEX, Index, Indexed, KEY, Opened, PART_MAX, PHOTOGRAPH, Proof, REPORT,
    SIGNATURE, Subject, VERSION, numbered, statement,
};
use crate::custody_log::witness::organisation_of;
use crate::evidence::photographs::Photograph;
use crate::merkle::{self, Hash};
use crate::note::{Checkpoint, Note, VerifierKey};
use crate::sealing::{Sealed, open_disclosed};
use crate::values::Sha256Hex;

/// No file has more numbered parts of a kind.
const NUMBER_MAX: usize = 99_999;

/// What a file is that has nothing wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it is about, who made it and when, as it says.
    pub about: About,
    /// The key that signed it.
    pub key: VerifierKey,
    /// How many events it has, opens, and leaves out.
    pub events: u64,
    /// How many sealed values it opens.
    pub opened: u64,
    /// How many events are not in it, since they concern other sites than those of whoever asked.
    pub withheld: u64,
    /// How many photographs it has.
    pub photographs: u64,
    /// How many more were told of: what is kept of them was damaged or gone.
    pub missing: u64,
}

/// Checks a file: by a key that somebody has from elsewhere, and by no other; or by the one that is in it, which shows no more than
/// that it agrees with itself.
///
/// # Errors
/// The part that is wrong, and why.
pub fn check(file: impl Read, key: Option<&VerifierKey>) -> Result<Checked, Wrong> {
    let mut checking = Checking { reader: Reader::new(file, PART_MAX), parts: Vec::new() };
    let about = read_about(&checking.expect(ABOUT)?)?;
    let key = read_key(&checking.expect(KEY)?, key)?;
    if organisation_of(&key.name).as_ref() != Some(&about.organisation_id) {
        return Err(Wrong::of(ABOUT, format!("it is of {}, and the key is of {}", about.organisation_id, key.name)));
    }
    let root = read_checkpoint(&checking.expect(CHECKPOINT)?, &key, &about)?;
    let mut told =
        Told { about, root, last: None, events: 0, opened: 0, pictured: 0, expected: BTreeMap::new(), photographs: 0 };
    let mut part = checking.next(REPORT)?;
    for number in 1.. {
        if part.name != numbered("events", number, "ndjson") || number > NUMBER_MAX {
            break;
        }
        let proof = checking.expect(&numbered("proof", number, "json"))?;
        let events = told.take(&part, &proof)?;
        part = checking.next(REPORT)?;
        if part.name == numbered("opened", number, "ndjson") {
            told.open(&part, &events)?;
            part = checking.next(REPORT)?;
        }
        if part.name == numbered("report", number, "html") {
            part = checking.next(REPORT)?;
        }
        while part.name.starts_with(PHOTOGRAPH) {
            told.see(&part)?;
            part = checking.next(REPORT)?;
        }
    }
    expect_name(&part, REPORT)?;
    let before = checking.parts.clone();
    let index = checking.expect(INDEX)?;
    let read: Index = read_json(INDEX, &index.content)?;
    if read.parts != before {
        let differs = |(said, found): (&Indexed, &Indexed)| (said != found).then(|| found.name.clone());
        let which = read.parts.iter().zip(&before).find_map(differs).unwrap_or_else(|| INDEX.to_owned());
        return Err(Wrong::of(&which, "it is not what the index says of it"));
    }
    if (read.events, read.opened) != (told.events, told.opened) {
        return Err(Wrong::of(INDEX, "it counts otherwise than what is in the file"));
    }
    read_signature(&checking.expect(SIGNATURE)?, &key, &index)?;
    if let Some(more) = checking.reader.part()? {
        return Err(Wrong::of(&more.name, "it is no part of a bundle"));
    }
    let Told { about, events, opened, photographs, pictured, .. } = told;
    let missing = pictured.saturating_sub(photographs);
    Ok(Checked { about, key, events, opened, withheld: read.withheld, photographs, missing })
}

struct Checking<R> {
    reader: Reader<R>,
    /// The parts that were read, as the index should have them.
    parts: Vec<Indexed>,
}

impl<R: Read> Checking<R> {
    /// The next part; one must come, `name` at the latest.
    fn next(&mut self, name: &str) -> Result<Part, Wrong> {
        let part = self.reader.part()?.ok_or_else(|| Wrong::of(DIRECTORY, format!("it comes before {name}")))?;
        self.parts.push(Indexed {
            name: part.name.clone(),
            bytes: u64::try_from(part.content.len()).unwrap_or(u64::MAX),
            sha256: STANDARD.encode(Sha256::digest(&part.content)),
        });
        Ok(part)
    }

    /// The next part, which must be this one.
    fn expect(&mut self, name: &str) -> Result<Part, Wrong> {
        let part = self.next(name)?;
        expect_name(&part, name)?;
        Ok(part)
    }
}

fn expect_name(part: &Part, name: &str) -> Result<(), Wrong> {
    if part.name == name { Ok(()) } else { Err(Wrong::of(&part.name, format!("it stands where {name} should"))) }
}

fn text<'a>(part: &str, content: &'a [u8]) -> Result<&'a str, Wrong> {
    std::str::from_utf8(content).map_err(|_| Wrong::of(part, "it is no UTF-8"))
}

/// Canonical JSON.
fn read_value(part: &str, content: &[u8]) -> Result<Value, Wrong> {
    let value: Value = serde_json::from_slice(content).map_err(|e| Wrong::of(part, format!("it is no JSON: {e}")))?;
    match canonical::of(&value) {
        Ok(canonical) if canonical.as_bytes() == content => Ok(value),
        _ => Err(Wrong::of(part, "it is not written as RFC 8785 says, with integers only")),
    }
}

/// Canonical JSON of one form.
fn read_json<T: DeserializeOwned>(part: &str, content: &[u8]) -> Result<T, Wrong> {
    let value = read_value(part, content)?;
    serde_json::from_value(value).map_err(|e| Wrong::of(part, format!("it is not of its form: {e}")))
}

fn read_about(part: &Part) -> Result<About, Wrong> {
    let value = read_value(ABOUT, &part.content)?;
    if value.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(Wrong::of(ABOUT, format!("it does not say that the file is a {FORMAT}")));
    }
    if value.get("version").and_then(Value::as_u64) != Some(VERSION.into()) {
        return Err(Wrong::of(
            ABOUT,
            format!("the file is of another version than {VERSION}, which this program knows"),
        ));
    }
    read_json(ABOUT, &part.content)
}

fn read_key(part: &Part, given: Option<&VerifierKey>) -> Result<VerifierKey, Wrong> {
    let line =
        text(KEY, &part.content)?.strip_suffix('\n').ok_or_else(|| Wrong::of(KEY, "it does not end its line"))?;
    let key: VerifierKey = line.parse().map_err(|why: &str| Wrong::of(KEY, format!("it {why}")))?;
    match given {
        Some(given) if *given != key => {
            let why = if given.name == key.name {
                format!("it is another key of {} than the one that was given", key.name)
            } else {
                format!("it is of {}, and the key that was given is of {}", key.name, given.name)
            };
            Err(Wrong::of(KEY, why))
        }
        _ => Ok(key),
    }
}

fn read_checkpoint(part: &Part, key: &VerifierKey, about: &About) -> Result<Hash, Wrong> {
    let wrong = |why: String| Wrong::of(CHECKPOINT, why);
    let note = Note::read(text(CHECKPOINT, &part.content)?).map_err(|why| wrong(format!("it {why}")))?;
    let checkpoint = Checkpoint::read(note.text).map_err(|why| wrong(format!("it {why}")))?;
    if !note.is_signed_by(key) {
        return Err(wrong("it is not signed by the key".to_owned()));
    }
    if checkpoint.origin != key.name {
        return Err(wrong(format!("it is of {}, and the key is of {}", checkpoint.origin, key.name)));
    }
    if checkpoint.size != about.tree_size {
        return Err(wrong(format!("it has {} entries, and {ABOUT} says {}", checkpoint.size, about.tree_size)));
    }
    Ok(checkpoint.root)
}

fn read_signature(part: &Part, key: &VerifierKey, index: &Part) -> Result<(), Wrong> {
    let note = Note::read(text(SIGNATURE, &part.content)?).map_err(|why| Wrong::of(SIGNATURE, format!("it {why}")))?;
    if note.text != statement(&STANDARD.encode(Sha256::digest(&index.content))) {
        return Err(Wrong::of(SIGNATURE, "it is of another index"));
    }
    if note.is_signed_by(key) { Ok(()) } else { Err(Wrong::of(SIGNATURE, "it is not signed by the key")) }
}

/// What was told until now.
struct Told {
    about: About,
    root: Hash,
    /// Where the event before has its place.
    last: Option<(Moment, String)>,
    events: u64,
    opened: u64,
    /// How many photographs were told of, and those of the last part that have not come yet, by their names.
    pictured: u64,
    expected: BTreeMap<String, Sha256Hex>,
    /// How many have come.
    photographs: u64,
}

impl Told {
    /// Takes in the events of a part, which their proof must lead to the checkpoint. The events, by their ids, each with its place.
    fn take(&mut self, part: &Part, proof: &Part) -> Result<BTreeMap<String, (usize, Value)>, Wrong> {
        let read: Proof = read_json(&proof.name, &proof.content)?;
        let mut lines: Vec<&[u8]> = part.content.split(|byte| *byte == b'\n').collect();
        if lines.pop().is_none_or(|end| !end.is_empty()) {
            return Err(Wrong::of(&part.name, "it does not end its last line"));
        }
        if lines.len() != read.events.len() {
            let why = format!("it lists {} events, and {} are there", read.events.len(), lines.len());
            return Err(Wrong::of(&proof.name, why));
        }
        let (mut leaves, mut events) = (Vec::new(), BTreeMap::new());
        for (at, (line, listed)) in lines.iter().zip(&read.events).enumerate() {
            let name = format!("{} line {}", part.name, at.saturating_add(1));
            let event = read_value(&name, line)?;
            let id = self.place(&name, &event)?;
            let kind = event.get("kind").and_then(Value::as_str);
            if listed.id.as_str() != id || kind != Some(listed.kind.as_str()) {
                return Err(Wrong::of(&proof.name, format!("it lists another event than {id}")));
            }
            leaves.push((listed.leaf_index, merkle::leaf(line)));
            events.insert(id, (at, event));
        }
        leaves.sort_unstable();
        let hashes: Option<Vec<Hash>> =
            read.hashes.iter().map(|hash| STANDARD.decode(hash).ok()?.try_into().ok()).collect();
        let hashes = hashes.ok_or_else(|| Wrong::of(&proof.name, "it has a hash that is none"))?;
        if merkle::root_over(self.about.tree_size, &leaves, &hashes) != Some(self.root) {
            let why = format!("it does not lead from {} to the checkpoint", part.name);
            return Err(Wrong::of(&proof.name, why));
        }
        self.events = self.events.saturating_add(u64::try_from(lines.len()).unwrap_or(u64::MAX));
        Ok(events)
    }

    /// Looks at whose an event is and where it stands, after the one before. Its id.
    fn place(&mut self, name: &str, event: &Value) -> Result<String, Wrong> {
        let said = |field: &str| event.get(field).and_then(Value::as_str);
        let moment = |field: &str| said(field)?.parse::<Moment>().ok();
        let (Some(id), Some(occurred_at), Some(recorded_at)) =
            (said("id"), moment("occurred_at"), moment("recorded_at"))
        else {
            return Err(Wrong::of(name, "it is no event"));
        };
        if said("organisation_id") != Some(self.about.organisation_id.as_str()) {
            return Err(Wrong::of(name, "it is of another organisation"));
        }
        let at = match self.about.subject {
            Subject::Period { from, to } if recorded_at < from || recorded_at >= to => {
                return Err(Wrong::of(name, "it was recorded outside the period"));
            }
            Subject::Period { .. } => recorded_at,
            Subject::LotId(_) | Subject::PatientIds(_) => occurred_at,
        };
        let place = (at, id.to_owned());
        if self.last.as_ref().is_some_and(|last| *last >= place) {
            return Err(Wrong::of(name, "it does not come after the event before it"));
        }
        self.last = Some(place);
        Ok(id.to_owned())
    }

    /// Opens what a part opens of the events before it.
    fn open(&mut self, part: &Part, events: &BTreeMap<String, (usize, Value)>) -> Result<(), Wrong> {
        let lines = part.content.strip_suffix(b"\n");
        let lines = lines.ok_or_else(|| Wrong::of(&part.name, "it does not end its last line"))?;
        let mut last: Option<(usize, String)> = None;
        self.expected.clear();
        for (at, line) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
            let name = format!("{} line {at}", part.name);
            let opened: Opened = read_json(&name, line)?;
            let Some((place, event)) = events.get(opened.event_id.as_str()) else {
                return Err(Wrong::of(&name, "it is of an event that is not in the part of its number"));
            };
            let place = (*place, opened.pointer.clone());
            if last.as_ref().is_some_and(|last| *last >= place) {
                return Err(Wrong::of(&name, "it does not come after the one before it"));
            }
            last = Some(place);
            let sealed = event.pointer(&opened.pointer).and_then(Value::as_str).and_then(|sealed| sealed.parse().ok());
            let sealed: Sealed<Value> =
                sealed.ok_or_else(|| Wrong::of(&name, "nothing is sealed where it points to"))?;
            let is_theirs = matches!(&self.about.subject, Subject::PatientIds(ids) if ids.contains(sealed.patient()));
            if !is_theirs {
                return Err(Wrong::of(&name, "it is of somebody whom the file is not about"));
            }
            let key = STANDARD.decode(&opened.key).ok().and_then(|key| key.try_into().ok());
            let clear = key.and_then(|key| open_disclosed(&self.about.organisation_id, &sealed, &key));
            if clear.as_ref() != Some(&opened.text) {
                return Err(Wrong::of(&name, "it is not what is sealed in the event"));
            }
            self.opened = self.opened.saturating_add(1);
            let said: Value = serde_json::from_str(&opened.text).map_err(|_| Wrong::of(&name, "it is no JSON"))?;
            if let Some(photograph) = Photograph::told(&said) {
                self.pictured = self.pictured.saturating_add(1);
                let number = usize::try_from(self.pictured).unwrap_or(usize::MAX);
                self.expected.insert(numbered(PHOTOGRAPH, number, photograph.ending()), photograph.sha256);
            }
        }
        Ok(())
    }

    /// Looks at a photograph: it is the one of its name, which something that was opened tells of.
    fn see(&mut self, part: &Part) -> Result<(), Wrong> {
        let digest = Sha256Hex::from(<[u8; 32]>::from(Sha256::digest(&part.content)));
        // Those before it that did not come do not come any more.
        let rest = self.expected.split_off(&part.name);
        self.expected = rest;
        match self.expected.remove(&part.name) {
            None => Err(Wrong::of(&part.name, "nothing that was opened tells of it, or it stands in another place")),
            Some(told) if told != digest => {
                Err(Wrong::of(&part.name, "it is another picture than the one that was recorded"))
            }
            Some(_) => {
                self.photographs = self.photographs.saturating_add(1);
                Ok(())
            }
        }
    }
}
