//! The store of patients' keys.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cipher::{self, Key};
use super::sealed::Sealed;
use super::store::{self, Row, State};
use crate::clock::Moment;
use crate::db::{DatabaseUrl, Db, transaction};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{Ids, OrganisationId, PatientId};
use crate::values::PatientRef;

/// A patient, with the key that seals what is said of them.
#[derive(Clone)]
pub struct Patient {
    /// Who: an identifier that says nothing, and that stays when they are erased.
    pub id: PatientId,
    organisation: OrganisationId,
    key: Key,
}

impl Patient {
    /// Seals a value. `salt` names what it belongs to, so that two things that say the same do not look the same.
    ///
    /// # Errors
    /// When it has no place in JSON, or there is more of it than the cipher takes: a defect.
    pub fn seal<T: Serialize>(&self, salt: &str, clear: &T) -> Result<Sealed<T>> {
        let clear = serde_json::to_vec(clear).map_err(|e| Error::internal(format!("sealing: {e}")))?;
        let about = about(&self.organisation, &self.id);
        Ok(Sealed::new(&self.id, &cipher::seal(&self.key, salt, &about, &clear)?))
    }

    /// Seals bytes, such as a photograph.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal).
    pub fn seal_bytes(&self, salt: &str, clear: &[u8]) -> Result<Vec<u8>> {
        cipher::seal(&self.key, salt, &about(&self.organisation, &self.id), clear)
    }

    /// Opens bytes that were sealed with this key; none where they are others.
    pub fn open_bytes(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        cipher::open(&self.key, &about(&self.organisation, &self.id), sealed)
    }

    /// Seals a request that was refused, as its event tells it.
    ///
    /// # Errors
    /// As for [`seal`](Self::seal).
    pub fn seal_request(&self, salt: &str, request: &serde_json::Value) -> Result<serde_json::Value> {
        Ok(serde_json::Value::String(self.seal(salt, request)?.as_str().to_owned()))
    }

    /// Opens what was sealed with this key.
    ///
    /// # Errors
    /// When it does not open: it was altered.
    pub fn open<T: DeserializeOwned>(&self, sealed: &Sealed<T>) -> Result<T> {
        let altered = || Error::internal(format!("what is sealed for {} was altered", self.id));
        let about = about(&self.organisation, &self.id);
        let clear = cipher::open(&self.key, &about, sealed.bytes()).ok_or_else(altered)?;
        serde_json::from_slice(&clear).map_err(|_| altered())
    }
}

/// What one sealed value says, with what opens it and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosed {
    /// The key of this value alone.
    pub key: Key,
    /// What it says, as JSON.
    pub text: String,
}

/// What a sealed value says, by a key of it alone that somebody was given; none where the key does not open it.
pub fn open_disclosed(organisation: &OrganisationId, sealed: &Sealed<serde_json::Value>, key: &Key) -> Option<String> {
    let about = about(organisation, sealed.patient());
    cipher::open_one(key, &about, sealed.bytes()).and_then(|clear| String::from_utf8(clear).ok())
}

/// What a ciphertext is bound to: nobody can move it to another patient or organisation.
fn about(organisation: &OrganisationId, patient: &PatientId) -> Vec<u8> {
    format!("{organisation} {patient}").into_bytes()
}

/// The patients of a deployment, in a store of their own.
#[derive(Clone)]
pub struct Patients {
    inner: Arc<Inner>,
    /// Those of one page, read together.
    page: Option<Arc<HashMap<PatientId, Option<Patient>>>>,
}

struct Inner {
    /// None for whoever has no business with patients.
    url: Option<DatabaseUrl>,
    /// The connections, unless the last use of one failed: nobody who reads waits for the disk.
    reads: Mutex<Option<Db>>,
    writes: Mutex<Option<Db>>,
    /// Patients who are made by whoever writes next, all of them with one commit.
    waiting: Mutex<Vec<New>>,
    secret: OnceLock<Key>,
}

/// A patient who is about to be made.
struct New {
    organisation: OrganisationId,
    id: PatientId,
    digest: Key,
    key: Key,
    reference: String,
    made_at: Moment,
}

/// How many patients are asked for in one statement.
const READ_AT_ONCE: usize = 500;

/// A lock that outlives a panic: what is behind it is changed in single steps, and a connection that failed is not kept.
fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    fn at(url: Option<DatabaseUrl>) -> Self {
        Inner {
            url,
            reads: Mutex::default(),
            writes: Mutex::default(),
            waiting: Mutex::default(),
            secret: OnceLock::new(),
        }
    }

    fn with<T>(&self, line: &Mutex<Option<Db>>, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        let mut line = lock(line);
        let mut db = match line.take() {
            Some(db) => db,
            None => {
                let url = self.url.as_ref().ok_or_else(|| Error::internal("this process has no patients' keys"))?;
                let mut db = store::open(url)?;
                // It never changes: whoever was first has the same.
                let _ = self.secret.set(store::secret(&mut db)?);
                db
            }
        };
        let done = work(&mut db);
        if done.is_ok() {
            *line = Some(db);
        }
        done
    }
}

impl Patients {
    /// The store at a place; it is opened when it is needed first, and made where it is not there.
    pub fn at(url: DatabaseUrl) -> Self {
        Patients { inner: Arc::new(Inner::at(Some(url))), page: None }
    }

    /// No store, for commands that concern no patient.
    pub fn none() -> Self {
        Patients { inner: Arc::new(Inner::at(None)), page: None }
    }

    /// Whether the store was ever made, where it is a file: whoever only looks makes none.
    pub fn is_there(&self) -> bool {
        self.inner.url.as_ref().is_some_and(|url| url.file().is_none_or(std::path::Path::exists))
    }

    /// Opens the store now, so that whoever starts a server learns at once when it cannot be.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it cannot be opened.
    pub fn ready(&self) -> Result<()> {
        self.write(|_| Ok(()))
    }

    fn read<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.inner.with(&self.inner.reads, work)
    }

    fn write<T>(&self, work: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
        self.inner.with(&self.inner.writes, work)
    }

    fn secret(&self) -> Result<Key> {
        match self.inner.secret.get() {
            Some(secret) => Ok(*secret),
            None => self.read(store::secret),
        }
    }

    /// By what a patient is found: nobody can compute it who does not have the store.
    fn digest(&self, organisation: &OrganisationId, reference: &PatientRef) -> Result<Key> {
        let compared = Identity::of(reference.as_str());
        let parts: [&[u8]; 3] = [b"reference", organisation.as_str().as_bytes(), compared.as_str().as_bytes()];
        Ok(cipher::keyed(&self.secret()?, &parts))
    }

    /// The patients who go by a reference; more than one where an erasure of the first was broken off.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn named(&self, organisation: &OrganisationId, reference: &PatientRef) -> Result<Vec<PatientId>> {
        let digest = self.digest(organisation, reference)?;
        let found = self.read(|db| store::by_digest(db, organisation, &digest))?;
        Ok(found.into_iter().map(|row| row.id).collect())
    }

    /// The patient who goes by a reference, if anything was recorded of one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn living(&self, organisation: &OrganisationId, reference: &PatientRef) -> Result<Option<PatientId>> {
        let digest = self.digest(organisation, reference)?;
        Ok(self.read(|db| living(db, organisation, &digest))?.map(|patient| patient.id))
    }

    /// The patient who goes by a reference; the first time, one is made, durably.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn of(&self, organisation: &OrganisationId, reference: &PatientRef, now: Moment, ids: &Ids) -> Result<Patient> {
        let digest = self.digest(organisation, reference)?;
        // The second time for whoever waited for somebody whose write failed.
        for _ in 0..2 {
            if let Some(patient) = self.read(|db| living(db, organisation, &digest))? {
                return Ok(patient);
            }
            let (id, organisation) = (PatientId::mint(ids, now, 0), organisation.clone());
            let made = Patient { id: id.clone(), organisation: organisation.clone(), key: cipher::fresh()? };
            let reference = made.seal("reference", reference)?.as_str().to_owned();
            lock(&self.inner.waiting).push(New { organisation, id, digest, key: made.key, reference, made_at: now });
            self.write(|db| {
                // Whoever had the pen before may have made them already.
                let waiting = std::mem::take(&mut *lock(&self.inner.waiting));
                if waiting.is_empty() { Ok(()) } else { make(db, &waiting) }
            })?;
        }
        // Another process may have made them first; nobody else has taken them away in between.
        let living = self.read(|db| living(db, organisation, &digest))?;
        living.ok_or_else(|| Error::Unavailable("a patient's key could not be kept".to_owned()))
    }

    /// A patient whose key is there; `None` when they were erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer, or never had the key: it is not the store of this database.
    pub fn by_id(&self, organisation: &OrganisationId, id: &PatientId) -> Result<Option<Patient>> {
        if let Some(known) = self.page.as_ref().and_then(|page| page.get(id)) {
            return Ok(known.clone());
        }
        let row = self.read(|db| store::by_id(db, organisation, id))?;
        match row {
            Some(row) => Ok(row.patient(organisation)),
            None => {
                Err(Error::Unavailable(format!("the patients' keys have none of {id}, nor say that they were erased")))
            }
        }
    }

    /// The same store for one page of an answer: the keys of those whom it is of are read together, and kept no longer than it.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn of_page<'a>(
        &self,
        organisation: &OrganisationId,
        ids: impl IntoIterator<Item = &'a PatientId>,
    ) -> Result<Patients> {
        let ids: BTreeSet<&PatientId> = ids.into_iter().collect();
        let ids: Vec<&PatientId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(self.clone());
        }
        let rows = self.read(|db| store::by_ids(db, organisation, &ids))?;
        let page = rows.into_iter().map(|row| (row.id.clone(), row.patient(organisation))).collect();
        Ok(Patients { inner: self.inner.clone(), page: Some(Arc::new(page)) })
    }

    /// Whether the store knows a patient, living or erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer.
    pub fn knows(&self, organisation: &OrganisationId, id: &PatientId) -> Result<bool> {
        self.read(|db| Ok(store::by_id(db, organisation, id)?.is_some()))
    }

    /// What a sealed value says; `None` when the patient was erased.
    ///
    /// # Errors
    /// As for [`by_id`](Self::by_id); when it was altered.
    pub fn open<T: DeserializeOwned>(&self, organisation: &OrganisationId, sealed: &Sealed<T>) -> Result<Option<T>> {
        self.by_id(organisation, sealed.patient())?.map(|patient| patient.open(sealed)).transpose()
    }

    /// What a sealed value says, with the key of it alone, for whoever is to check it later without the patient's key; `None` when the
    /// patient was erased.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn disclose(
        &self,
        organisation: &OrganisationId,
        sealed: &Sealed<serde_json::Value>,
    ) -> Result<Option<Disclosed>> {
        let Some(patient) = self.by_id(organisation, sealed.patient())? else { return Ok(None) };
        let altered = || Error::internal(format!("what is sealed for {} was altered", patient.id));
        let key = cipher::key_of_one(&patient.key, sealed.bytes()).ok_or_else(altered)?;
        let text = open_disclosed(organisation, sealed, &key).ok_or_else(altered)?;
        Ok(Some(Disclosed { key, text }))
    }

    /// The references of patients, as they were typed first; those who were erased have none.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn references(
        &self,
        organisation: &OrganisationId,
        ids: impl IntoIterator<Item = PatientId>,
    ) -> Result<HashMap<PatientId, PatientRef>> {
        let ids: BTreeSet<PatientId> = ids.into_iter().collect();
        let ids: Vec<&PatientId> = ids.iter().collect();
        let mut found = HashMap::new();
        for part in ids.chunks(READ_AT_ONCE) {
            for row in self.read(|db| store::by_ids(db, organisation, part))? {
                if let (Some(sealed), Some(patient)) = (row.reference.as_deref(), row.patient(organisation)) {
                    found.insert(row.id.clone(), patient.open::<PatientRef>(&sealed.parse()?)?);
                }
            }
        }
        Ok(found)
    }

    /// A digest that nobody can compute who does not have this store: for what may name a patient and is only compared.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn keyed(&self, organisation: &OrganisationId, bytes: &[u8]) -> Result<[u8; 32]> {
        Ok(cipher::keyed(&self.secret()?, &[b"digest", organisation.as_str().as_bytes(), bytes]))
    }

    /// Says that a patient is about to be erased: who is recorded under the same reference from here on is another one.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn leave(&self, organisation: &OrganisationId, id: &PatientId, now: Moment) -> Result<()> {
        self.write(|db| store::set_state(db, organisation, id, State::Leaving, Some(now)))
    }

    /// Takes that back: the erasure did not come about.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn stay(&self, organisation: &OrganisationId, id: &PatientId) -> Result<()> {
        self.write(|db| store::set_state(db, organisation, id, State::Living, None))
    }

    /// Destroys the key of a patient, and the digest by which they were found. A tombstone is left.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn erase(&self, organisation: &OrganisationId, id: &PatientId, now: Moment) -> Result<()> {
        self.write(|db| store::erase(db, organisation, id, now))
    }

    /// Whether a patient was erased.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn is_erased(&self, organisation: &OrganisationId, id: &PatientId) -> Result<bool> {
        let row = self.read(|db| store::by_id(db, organisation, id))?;
        Ok(row.is_some_and(|row| row.key.is_none()))
    }

    /// What tells this store from every other; none for [`none`](Self::none).
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn identity(&self) -> Result<Option<String>> {
        if self.inner.url.is_none() {
            return Ok(None);
        }
        Ok(Some(identity_of(&self.secret()?)))
    }

    /// Those whose erasure was begun and not ended, a few, and since when.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the store does not answer.
    pub fn leaving(&self) -> Result<Vec<(OrganisationId, PatientId, Moment)>> {
        self.read(store::leaving)
    }
}

/// What tells a store from every other, by its secret: nobody can compute that from it.
pub(super) fn identity_of(secret: &Key) -> String {
    crate::values::hex::first(&cipher::keyed(secret, &[b"identity"]), 16)
}

/// Makes patients, with one commit for all of them.
fn make(db: &mut Db, patients: &[New]) -> Result<()> {
    transaction::begin_write(db)?;
    for new in patients {
        store::insert(db, &new.organisation, &new.id, (&new.digest, &new.key, &new.reference), new.made_at)?;
    }
    Ok(transaction::commit(db)?)
}

fn living(db: &mut Db, organisation: &OrganisationId, digest: &Key) -> Result<Option<Patient>> {
    let found = store::by_digest(db, organisation, digest)?;
    Ok(found.iter().filter(|row| row.state == State::Living.as_str()).find_map(|row| row.patient(organisation)))
}

impl Row {
    fn patient(&self, organisation: &OrganisationId) -> Option<Patient> {
        let key = self.key.as_deref()?.try_into().ok()?;
        Some(Patient { id: self.id.clone(), organisation: organisation.clone(), key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfolder::Folder, Patients) {
        let folder = tempfolder::Folder::new();
        let patients = Patients::at(DatabaseUrl::Sqlite(folder.path().join("keys.db")));
        (folder, patients)
    }

    mod tempfolder {
        use std::path::{Path, PathBuf};

        pub struct Folder(PathBuf);

        impl Folder {
            pub fn new() -> Self {
                let folder = std::env::temp_dir().join(format!(
                    "lotline-keys-{}",
                    uuid::Uuid::from_bytes(super::cipher::fresh().unwrap()[..16].try_into().unwrap())
                ));
                std::fs::create_dir(&folder).unwrap();
                Folder(folder)
            }

            pub fn path(&self) -> &Path {
                &self.0
            }
        }

        impl Drop for Folder {
            fn drop(&mut self) {
                let _ = std::fs::remove_dir_all(&self.0);
            }
        }
    }

    #[test]
    fn a_patient_is_one_however_spelled_and_gone_when_erased() {
        let (folder, patients) = store();
        let now: Moment = "2026-11-29T00:00:00Z".parse().unwrap();
        let (ids, organisation) = (Ids::system(), OrganisationId::mint(&Ids::system(), now, 0));
        let of = |text: &str| patients.of(&organisation, &text.parse().unwrap(), now, &ids).unwrap();
        let (one, same, other) = (of("P-1001"), of("p-1001"), of("P-1002"));
        assert_eq!(one.id, same.id);
        assert_ne!(one.id, other.id);
        let elsewhere = OrganisationId::mint(&ids, now, 1);
        assert_ne!(patients.of(&elsewhere, &"P-1001".parse().unwrap(), now, &ids).unwrap().id, one.id);

        let sealed = one.seal("adm_1", &"lips".to_owned()).unwrap();
        assert_eq!(patients.open(&organisation, &sealed).unwrap().as_deref(), Some("lips"));
        assert!(other.open(&sealed).is_err());
        assert_eq!(patients.references(&organisation, [one.id.clone()]).unwrap()[&one.id].as_str(), "P-1001");

        patients.leave(&organisation, &one.id, now).unwrap();
        assert_eq!(patients.open(&organisation, &sealed).unwrap().as_deref(), Some("lips"), "not erased yet");
        let next = of("P-1001");
        assert_ne!(next.id, one.id, "who comes now is another one");
        assert_eq!(patients.named(&organisation, &"P-1001".parse().unwrap()).unwrap().len(), 2);
        patients.erase(&organisation, &one.id, now).unwrap();
        assert_eq!(patients.open(&organisation, &sealed).unwrap(), None);
        assert!(patients.knows(&organisation, &one.id).unwrap());
        assert_eq!(patients.named(&organisation, &"P-1001".parse().unwrap()).unwrap(), [next.id]);

        // Opened again, from the file.
        let again = Patients::at(DatabaseUrl::Sqlite(folder.path().join("keys.db")));
        assert_eq!(again.open(&organisation, &sealed).unwrap(), None);
        assert_eq!(again.of(&organisation, &"P-1002".parse().unwrap(), now, &ids).unwrap().id, other.id);
        // A restart finds the erased key nowhere in the files, its log included.
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(32).any(|window| window == one.key), "the key is still there");
        }
    }
}
