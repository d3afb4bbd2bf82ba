//! Evidence bundles: one file for somebody who trusts nobody here, about a lot, a patient or a period.
//!
//! It is a ZIP file ([`archive`](crate::archive)) of parts that common tools open: the exact bytes of the events, what leads from them to a
//! signed checkpoint, the key, and a report that a person reads. Events come in parts of about a megabyte, each with a proof of
//! its own, so that neither who makes a file nor who checks it has more than one of them in memory. `docs/custody-log.md` says the form,
//! for whoever writes another verifier; ours is [`verify::bundle`](crate::verify::bundle).
//!
//! To make one changes nothing, and is no event: an auditor's question must not become part of what is audited, nor grow the log with
//! each day that somebody asks. Who asked for which file stands in it, and in the log of requests without what it is about.
//!
//! # What is clinical
//! Events hold it sealed, and so do bundles of lots and periods, whoever asks: a file leaves the house, and no erasure reaches it. One of
//! a patient opens what is sealed for them, value by value: beside the words is the key of that one value, which is not the
//! patient's and leads to no other. Whoever has the file checks the words against the bytes that the log commits to. Of somebody
//! who was erased no bundle can be asked for, since nobody knows any more who they were.

pub mod api;
mod gathering;
mod report;
pub mod wire;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::Moment;
use crate::ids::{EventId, LotId, OrganisationId, PatientId};
use crate::limits::BUNDLES_AT_ONCE;
use crate::problem::{Problem, ProblemCode};

/// What the form is called, and its version.
pub const FORMAT: &str = "lotline-evidence-bundle";
/// The version of the form.
pub const VERSION: u32 = 1;
/// No part has more bytes: an event has two megabytes at the most, and what a report says of it some times that.
pub const PART_MAX: usize = 32 * 1024 * 1024;

/// What the file is about, who made it and when.
pub const ABOUT: &str = "about.json";
/// The key that the checkpoint and the file are signed with.
pub const KEY: &str = "key.txt";
/// The checkpoint.
pub const CHECKPOINT: &str = "checkpoint.txt";
/// For people.
pub const REPORT: &str = "report.html";
/// All parts before it, with their digests.
pub const INDEX: &str = "index.json";
/// The signature of the index.
pub const SIGNATURE: &str = "signature.txt";

/// The name of one of the parts that there may be several of, by its number from 1.
pub fn numbered(what: &str, number: usize, end: &str) -> String {
    format!("{what}-{number:05}.{end}")
}

/// What photographs are called, without how their names end.
pub const PHOTOGRAPH: &str = "photograph";

/// What is signed of a file: a note of two lines, of which the first is no log's, so that it is no checkpoint.
pub fn statement(index_sha256: &str) -> String {
    format!("{FORMAT}/v{VERSION}\n{index_sha256}\n")
}

/// What a file is about. Exactly one of the three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Subject {
    /// A lot.
    LotId(LotId),
    /// A patient: more than one identifier where an erasure was broken off.
    PatientIds(Vec<PatientId>),
    /// What was recorded from a moment on and before another.
    Period {
        /// The first moment.
        from: Moment,
        /// The first that is not in it.
        to: Moment,
    },
}

/// The first part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Whose events.
    pub organisation_id: OrganisationId,
    /// About what.
    pub subject: Subject,
    /// When the file was made, by the clock of the server.
    pub made_at: Moment,
    /// For whom, by the subject of their token.
    pub made_for: String,
    /// For how many leaves the checkpoint is: what was recorded later is not in the file.
    pub tree_size: u64,
}

/// What leads from the events of a part to the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The events of the part, in its order.
    pub events: Vec<Listed>,
    /// The hashes beside their leaves, in base64, from left to right.
    pub hashes: Vec<String>,
}

/// An event, as a proof lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its id.
    pub id: EventId,
    /// What kind of thing.
    pub kind: String,
    /// The index of its leaf.
    pub leaf_index: u64,
}

/// A sealed value that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The event that it stands in.
    pub event_id: EventId,
    /// Where in it, as a JSON pointer.
    pub pointer: String,
    /// The key of this value alone, in base64.
    pub key: String,
    /// What it says: the text that was sealed, which is JSON.
    pub text: String,
}

/// The last part but one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// How many events the file has.
    pub events: u64,
    /// How many sealed values it opens.
    pub opened: u64,
    /// How many events belong to it that concern other sites than those of whoever asked: they are not in it.
    pub withheld: u64,
    /// The parts before this one, in their order.
    pub parts: Vec<Indexed>,
}

/// A part, as the index has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indexed {
    /// What it is called.
    pub name: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256, in base64.
    pub sha256: String,
}

/// How much there is in a bundle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    events: u64,
    opened: u64,
    withheld: u64,
}

impl Counts {
    fn add(&mut self, other: Counts) {
        self.events = self.events.saturating_add(other.events);
        self.opened = self.opened.saturating_add(other.opened);
        self.withheld = self.withheld.saturating_add(other.withheld);
    }
}

/// Those who make bundles in a process.
#[derive(Clone)]
pub struct Makers(Arc<Semaphore>);

impl Default for Makers {
    fn default() -> Self {
        Makers(Arc::new(Semaphore::new(BUNDLES_AT_ONCE)))
    }
}

impl Makers {
    fn take(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let full = "Too many evidence bundles are being made; try again when one is read.";
        self.0.clone().try_acquire_owned().map_err(|_| Problem::new(ProblemCode::Overloaded, full))
    }
}
