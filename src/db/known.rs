//! What decisions rest on and what seldom changes: sites, people, products, licences with their checks, policies. Each process
//! keeps what it has read of them, so that a scan does not ask for it again.
//!
//! Nothing that is kept can be stale. The database has a version for each organisation (`known_versions`), and whatever changes
//! one of these tables, in whatever way and from whatever process, puts a version there that never was before: a trigger does.
//! A transaction reads the version that it sees, once, and is given only what was read under the same one. What was read in a
//! transaction that was rolled back was kept under a version that nobody will ever see. A command that has begun to change
//! things asks the tables themselves.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::prelude::*;

use super::schema::known_versions;
use super::{Db, Named, on_either};
use crate::error::Result;
use crate::ids::OrganisationId;
use crate::limits::KNOWN_MAX;

type Fact = Arc<dyn Any + Send + Sync>;

/// What a process has read. Cheap to clone.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<HashMap<OrganisationId, Version>>>);

/// What was read under a version.
struct Version {
    version: String,
    facts: HashMap<String, Fact>,
}

impl Memory {
    /// What is known of an organisation, for one transaction.
    pub fn of<'a>(&'a self, organisation: &'a OrganisationId) -> Known<'a> {
        Known { memory: Some(self), organisation, version: None }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OrganisationId, Version>> {
        // Every change is a single step, so what a panic leaves behind is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, organisation: &OrganisationId, version: &str, name: &str) -> Option<Fact> {
        let all = self.lock();
        all.get(organisation).filter(|of| of.version == version)?.facts.get(name).cloned()
    }

    fn keep(&self, organisation: &OrganisationId, version: &str, name: String, fact: Fact) {
        let mut all = self.lock();
        if all.values().map(|of| of.facts.len()).sum::<usize>() >= KNOWN_MAX {
            all.clear();
        }
        let of = all
            .entry(organisation.clone())
            .or_insert_with(|| Version { version: version.to_owned(), facts: HashMap::new() });
        if of.version != version {
            *of = Version { version: version.to_owned(), facts: HashMap::new() };
        }
        of.facts.insert(name, fact);
    }
}

/// What is known of an organisation in one transaction.
pub struct Known<'a> {
    memory: Option<&'a Memory>,
    organisation: &'a OrganisationId,
    version: Option<String>,
}

impl Known<'_> {
    /// From here on the transaction changes things.
    pub fn forget(&mut self) {
        self.memory = None;
    }

    /// What `read` finds, of that name: from memory, when it was read as the database stands in this transaction. It is to read
    /// nothing but the tables that have a version, and what it finds is to depend on the organisation and the name alone: not
    /// on who asks, and not on when.
    ///
    /// # Errors
    /// What reading answers.
    pub fn get<T: Clone + Send + Sync + 'static>(
        &mut self,
        db: &mut Db,
        name: impl FnOnce() -> String,
        read: impl FnOnce(&mut Db) -> Result<T>,
    ) -> Result<T> {
        let Some(remembered) = self.stands(db)? else { return read(db) };
        let name = name();
        if let Some(fact) = remembered.recall(&name) {
            return Ok(fact);
        }
        let found = read(db)?;
        remembered.keep(&name, &found);
        Ok(found)
    }

    /// The same for several at once: what is not in memory is read together. What is not found then has no entry.
    ///
    /// # Errors
    /// What reading answers.
    pub fn get_all<T: Clone + Send + Sync + 'static>(
        &mut self,
        db: &mut Db,
        names: &BTreeSet<&str>,
        read: impl FnOnce(&mut Db, &BTreeSet<&str>) -> Result<BTreeMap<String, T>>,
    ) -> Result<BTreeMap<String, T>> {
        let Some(remembered) = self.stands(db)? else { return read(db, names) };
        let recalled = |name: &&str| Some(((*name).to_owned(), remembered.recall(name)?));
        let mut all: BTreeMap<String, T> = names.iter().filter_map(recalled).collect();
        let missing: BTreeSet<&str> = names.iter().copied().filter(|name| !all.contains_key(*name)).collect();
        if !missing.is_empty() {
            let found = read(db, &missing)?;
            for (name, fact) in &found {
                remembered.keep(name, fact);
            }
            all.extend(found);
        }
        Ok(all)
    }

    /// What is remembered as the transaction stands; none where nothing may be, or nothing was ever registered.
    fn stands(&mut self, db: &mut Db) -> Result<Option<Remembered<'_>>> {
        let Some(memory) = self.memory else { return Ok(None) };
        if self.version.is_none() {
            self.version = standing(db, self.organisation)?;
        }
        let organisation = self.organisation;
        Ok(self.version.as_deref().map(|version| Remembered { memory, organisation, version }))
    }
}

/// What is remembered of an organisation as it stands.
struct Remembered<'a> {
    memory: &'a Memory,
    organisation: &'a OrganisationId,
    version: &'a str,
}

impl Remembered<'_> {
    fn recall<T: Clone + 'static>(&self, name: &str) -> Option<T> {
        let fact = self.memory.recall(self.organisation, self.version, &named::<T>(name))?;
        fact.downcast_ref::<T>().cloned()
    }

    fn keep<T: Clone + Send + Sync + 'static>(&self, name: &str, fact: &T) {
        self.memory.keep(self.organisation, self.version, named::<T>(name), Arc::new(fact.clone()));
    }
}

/// What a fact of a type is remembered as.
fn named<T>(name: &str) -> String {
    format!("{} {name}", std::any::type_name::<T>())
}

/// The version that stands in a transaction; none was given where nothing was ever registered.
fn standing(db: &mut Db, organisation: &OrganisationId) -> Result<Option<String>> {
    enum Standing {}
    let query = known_versions::table.find(organisation).select(known_versions::version);
    Ok(on_either!(db, conn => Named::<Standing, _>::of(query).get_result(conn)).optional()?)
}
