//! One command: a change of state in one database transaction.
//!
//! A service function reads facts, asks the rules, and [records](Command::record) what happened. Recording applies the
//! event to the tables at once and keeps it for the journal, which is written last.
//!
//! # The order of the journal is the order of the decisions
//! Read in its order, the journal decides each command again as it was decided. On SQLite commands run one after the
//! other. On PostgreSQL they run beside each other, in any number of processes, and read what is committed when each
//! statement begins; so, before a command reads any fact, it takes its [`Turn`] in its organisation:
//!
//! - What others rest on (licences, policies, master data, holds) is changed [alone](Turn::Alone): whoever decided by what
//!   stood before has committed, and is in the journal already; whoever decides by what stands then, has not begun.
//! - Everything else decides [beside](Turn::Beside) others. Those who touch the same stock wait for each other: each
//!   [locks](Command::lock) what it decides over before it reads what is there.
//!
//! The journal's positions are drawn last, when the command has every lock that it needs, and locks are kept until it is
//! committed: whoever waited for it is written behind it. Its moment is read when it has waited, so that it is judged
//! after what it waited for. Locks are taken in one order, so that they close no circle: the turn, once in each
//! transaction; a receipt; orders; lots; products; what else is changed.

use crate::caller::Caller;
use crate::clock::{Clock, Moment};
use crate::db::known::{Known, Memory};
use crate::db::{Db, savepoints, turns, violates_unique};
use crate::decision::{Decision, Refusal};
use crate::error::{Error, Result};
use crate::ids::{CommandId, EventId, Ids, OrganisationId, PatientId, SensorId, SiteId};
use crate::journal;
use crate::journal::deeds;
use crate::journal::model::{Actor, Event, Head, Reader, Recordable};
use crate::limits::EVENT_MAX;
use crate::problem::ProblemCode;
use crate::sealing::{Patient, Patients};
use crate::values::PatientRef;

/// How far back what happened may be entered late, in days (API.md, "Shapes").
pub const DAYS_BACK: i64 = 30;

pub use crate::db::turns::Turn;

/// A read in progress.
pub struct View<'a> {
    /// One snapshot of the database.
    pub db: &'a mut Db,
    /// Who asks.
    pub caller: &'a Caller,
    /// When.
    pub now: Moment,
    /// Reads events of every slice.
    pub reader: Reader,
    /// What seldom changes.
    pub known: Known<'a>,
    /// The patients' keys.
    pub patients: &'a Patients,
}

impl<'a> View<'a> {
    /// A read that begins.
    pub fn new(
        db: &'a mut Db,
        caller: &'a Caller,
        now: Moment,
        reader: Reader,
        known: Known<'a>,
        patients: &'a Patients,
    ) -> Self {
        View { db, caller, now, reader, known, patients }
    }
}

/// A command under way.
pub struct Command<'a> {
    /// The transaction.
    pub db: &'a mut Db,
    /// Who gave the command.
    pub caller: &'a Caller,
    /// When it runs: when it has every lock that it has asked for until now.
    pub now: Moment,
    /// What seldom changes, until it changes something itself.
    pub known: Known<'a>,
    /// The patients' keys.
    pub patients: &'a Patients,
    clock: &'a Clock,
    ids: &'a Ids,
    id: CommandId,
    minted: u16,
    events: Vec<Event>,
    measured: Vec<Measured>,
    concerned: Option<Patient>,
    judge: Judge,
}

/// A time of which a command has added readings of a sensor, or of which they are to be judged anew: what follows from them is
/// judged when the command ends.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The sensor.
    pub sensor_id: SensorId,
    /// The first of them, in microseconds since 1970.
    pub from_us: i64,
    /// The last.
    pub to_us: i64,
    /// The lowest, in milli-degrees.
    pub min_mc: i32,
    /// The highest.
    pub max_mc: i32,
    /// Where all of them are later than what was there: how they follow on it.
    pub following: Option<Following>,
}

/// How readings follow on the last one that was there.
#[derive(Clone, Copy, Debug)]
pub struct Following {
    /// What that one said, in milli-degrees.
    pub last_mc: i32,
    /// The longest time between two of all these, in microseconds.
    pub apart_us: i64,
}

/// Lets follow what must follow from what a command did, in its transaction and whatever the command was: a slice that
/// watches others says it here, and none of them can forget it.
pub type Judge = fn(&mut Command<'_>) -> Result<()>;

/// What a command needs beside its transaction.
#[derive(Clone)]
pub struct Means {
    /// The clock.
    pub clock: Clock,
    /// The source of identifiers.
    pub ids: Ids,
    /// What this process has read of what seldom changes.
    pub memory: Memory,
    /// What follows from what commands do.
    pub judge: Judge,
    /// The patients' keys.
    pub patients: Patients,
}

/// What an event says beside the deed itself.
pub struct About {
    /// When it happened.
    pub occurred_at: Moment,
    /// At which site.
    pub site_id: Option<SiteId>,
    /// Ids under which an auditor finds it.
    pub subjects: Vec<String>,
}

impl<'a> Command<'a> {
    /// Starts a command in a transaction, when its turn has come. Nothing that it decides by may be read before.
    ///
    /// # Errors
    /// What the database answers, a lock time-out among it.
    pub fn begin(db: &'a mut Db, turn: Turn, caller: &'a Caller, on: &'a Means) -> Result<Self> {
        turns::take(db, turn, &caller.organisation_id)?;
        let Means { clock, ids, memory, judge, patients } = on;
        let (now, known) = (clock.now(), memory.of(&caller.organisation_id));
        let id = CommandId::mint(ids, now, 0);
        Ok(Command {
            db,
            caller,
            now,
            known,
            clock,
            ids,
            id,
            minted: 1,
            events: Vec::new(),
            measured: Vec::new(),
            concerned: None,
            judge: *judge,
            patients,
        })
    }

    /// The organisation whose data it changes.
    pub fn organisation(&self) -> &'a OrganisationId {
        &self.caller.organisation_id
    }

    /// Locks rows, and waits for whoever has them: what they did is read from here on, and its moment has passed.
    ///
    /// # Errors
    /// What the database answers.
    pub fn lock(&mut self, rows: impl FnOnce(&mut Db, &OrganisationId) -> Result<()>) -> Result<()> {
        rows(self.db, &self.caller.organisation_id)?;
        self.waited();
        Ok(())
    }

    /// After a statement that may have waited for rows: its moment is that in which it has them.
    pub fn waited(&mut self) {
        self.now = self.now.max(self.clock.now());
    }

    /// A fresh identifier: `cmd.mint(LotId::mint)`.
    pub fn mint<T>(&mut self, mint: fn(&Ids, Moment, u16) -> T) -> T {
        self.minted = self.minted.saturating_add(1);
        mint(self.ids, self.now, self.minted)
    }

    /// The patient whom a request names, with the key that seals what is recorded of them.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store of keys does not answer.
    pub fn patient(&mut self, reference: &PatientRef) -> Result<Patient> {
        let patient = self.patients.of(&self.caller.organisation_id, reference, self.now, self.ids)?;
        self.concerned = Some(patient.clone());
        Ok(patient)
    }

    /// The patient whom something is about that was recorded before.
    ///
    /// # Errors
    /// `patient_erased`; [`Error::Unavailable`] when the store of keys does not answer.
    pub fn patient_of(&mut self, id: &PatientId) -> Result<Patient> {
        let found = self.patients.by_id(&self.caller.organisation_id, id)?;
        self.concerned.clone_from(&found);
        found.ok_or_else(|| Error::problem(ProblemCode::PatientErased, ProblemCode::PatientErased.title()))
    }

    /// Notes that its answer names a patient of whom something was recorded before.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store of keys does not answer.
    pub fn concerns(&mut self, id: &PatientId) -> Result<()> {
        self.concerned = self.patients.by_id(&self.caller.organisation_id, id)?;
        Ok(())
    }

    /// The patient whom it concerns: what is kept of its answer is sealed for them.
    pub fn concerned(&self) -> Option<&Patient> {
        self.concerned.as_ref()
    }

    /// When it happened: the given time, or now.
    ///
    /// # Errors
    /// `occurred_in_future`, or `occurred_too_long_ago` when it is more than [`DAYS_BACK`] days back.
    pub fn occurred_at(&self, given: Option<Moment>) -> Result<Moment> {
        occurred_at(given, self.now)
    }

    /// The same for a moment that the request calls otherwise.
    ///
    /// # Errors
    /// The same.
    pub fn moment(&self, field: &str, given: Option<Moment>) -> Result<Moment> {
        entered(field, given, self.now)
    }

    /// What ends or reverses something did not happen before it.
    ///
    /// # Errors
    /// `occurred_too_early`.
    pub fn not_before(&self, occurred_at: Moment, original: Moment) -> Result<()> {
        if occurred_at >= original {
            return Ok(());
        }
        let rule = format!("lies before {original}, when that happened which it ends or reverses");
        Err(Error::invalid(ProblemCode::OccurredTooEarly, "occurred_at", rule))
    }

    /// The moment at which it happened, if that is past: then it is judged by what was so then (DOMAIN rule 20a).
    pub fn past(&self, occurred_at: Moment) -> Option<Moment> {
        Some(occurred_at).filter(|at| *at < self.now)
    }

    /// Applies an event to the tables and keeps it for the journal; where it moves more than one event may tell, several.
    ///
    /// # Errors
    /// [`Error::Race`] when stock that the event moves is no longer there; what the database answers otherwise.
    pub fn record(&mut self, about: About, deed: impl Recordable + 'static) -> Result<()> {
        let (id, mut deed) = (self.mint(EventId::mint), deed);
        let rest = deed.split(&id);
        let about = About { subjects: distinct(about.subjects), ..about };
        self.apply(id, &about, Box::new(deed))?;
        for deed in rest {
            let id = self.mint(EventId::mint);
            self.apply(id, &about, deed)?;
        }
        Ok(())
    }

    /// The same for what can happen only once: whoever was first has added a row of the same identity meanwhile.
    ///
    /// # Errors
    /// [`Error::Race`] then, too.
    pub fn record_once(&mut self, about: About, deed: impl Recordable + 'static) -> Result<()> {
        self.record(about, deed).map_err(|error| match error {
            Error::Database(why) if violates_unique(&why) => Error::Race,
            other => other,
        })
    }

    /// Does several things of which each has a gate of its own. When one is refused, what was recorded before it is undone.
    ///
    /// # Errors
    /// What `run` answers; what the database answers.
    pub fn whole<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (events, measured) = (self.events.len(), self.measured.len());
        savepoints::set(self.db)?;
        let done = run(self);
        if let Err(Error::Refused(_)) = done {
            savepoints::go_back(self.db)?;
            self.events.truncate(events);
            self.measured.truncate(measured);
        }
        done
    }

    /// Does several things, and undoes all of them again unless what they came to is to stay: so what would come of them is
    /// said by doing them.
    ///
    /// # Errors
    /// What `run` answers; what the database answers.
    pub fn provisionally<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Result<T>,
        stays: impl FnOnce(&T) -> bool,
    ) -> Result<T> {
        let (events, measured) = (self.events.len(), self.measured.len());
        savepoints::set(self.db)?;
        let done = run(self)?;
        if !stays(&done) {
            savepoints::go_back(self.db)?;
            self.events.truncate(events);
            self.measured.truncate(measured);
        }
        savepoints::release(self.db)?;
        Ok(done)
    }

    fn apply(&mut self, id: EventId, about: &About, deed: Box<dyn Recordable>) -> Result<()> {
        let head = Head {
            id,
            organisation_id: self.organisation().clone(),
            command_id: self.id.clone(),
            version: deed.version(),
            site_id: about.site_id.clone(),
            subjects: about.subjects.clone(),
            actor: Actor { subject: self.caller.subject.clone(), roles: self.caller.roles.clone() },
            occurred_at: about.occurred_at,
            recorded_at: self.now,
        };
        let event = Event { head, deed };
        self.known.forget();
        journal::apply(self.db, &event)?;
        self.events.push(event);
        Ok(())
    }

    /// Notes of which times it has added readings.
    pub fn measured(&mut self, measured: Measured) {
        self.measured.push(measured);
    }

    /// The times of which it has added readings; whoever asks judges them.
    pub fn take_measured(&mut self) -> Vec<Measured> {
        std::mem::take(&mut self.measured)
    }

    /// The events that it has recorded until now.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Waits until nobody else decides in its organisation, for what turns out to change what the decisions of others rest on.
    /// What was read before is to be read again. Two who wait for each other are told so by the database, and one is
    /// given once more.
    ///
    /// # Errors
    /// What the database answers, a deadlock among it.
    pub fn alone(&mut self) -> Result<()> {
        turns::take(self.db, Turn::Alone, &self.caller.organisation_id)?;
        self.waited();
        Ok(())
    }

    /// The decision that it rests on, if a gate was asked.
    pub fn decision(&self) -> Option<&Decision> {
        self.events.iter().find_map(|event| event.deed.decision())
    }

    /// Lets follow what must, writes the journal, and gives the transaction back; the command has succeeded when that is committed.
    ///
    /// # Errors
    /// What the database answers; an internal error for an event of more than [`EVENT_MAX`](crate::limits::EVENT_MAX)
    /// bytes.
    pub fn finish(mut self) -> Result<&'a mut Db> {
        let judge = self.judge;
        judge(&mut self)?;
        self.end()
    }

    fn end(self) -> Result<&'a mut Db> {
        journal::append(self.db, &self.events, EVENT_MAX)?;
        Ok(self.db)
    }

    /// Journals a refusal instead. Nothing else may have been recorded: gates come before deeds.
    ///
    /// # Errors
    /// What the database answers; an internal error when something was recorded before the gate.
    pub fn finish_refused(mut self, refusal: Refusal) -> Result<()> {
        if !self.events.is_empty() {
            return Err(Error::internal(format!("{} was refused after it had recorded something", refusal.operation)));
        }
        let about = About {
            occurred_at: refusal.occurred_at,
            site_id: refusal.site_id.clone(),
            subjects: refusal.subjects.clone(),
        };
        self.record(about, deeds::Deed::from(refusal))?;
        self.end().map(|_| ())
    }
}

/// When something happened: the given time, or now.
///
/// # Errors
/// `occurred_in_future`, or `occurred_too_long_ago` when it is more than [`DAYS_BACK`] days back.
pub fn occurred_at(given: Option<Moment>, now: Moment) -> Result<Moment> {
    entered("occurred_at", given, now)
}

fn entered(field: &str, given: Option<Moment>, now: Moment) -> Result<Moment> {
    let at = given.unwrap_or(now);
    if at > now {
        Err(Error::invalid(ProblemCode::OccurredInFuture, field, "lies in the future"))
    } else if at < now.plus_days(-DAYS_BACK) {
        let rule = format!("lies more than {DAYS_BACK} days back");
        Err(Error::invalid(ProblemCode::OccurredTooLongAgo, field, rule))
    } else {
        Ok(at)
    }
}

fn distinct(mut subjects: Vec<String>) -> Vec<String> {
    subjects.sort();
    subjects.dedup();
    subjects
}
