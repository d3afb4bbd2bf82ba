//! The tables of patients' keys. They are in no backup of the database, and in nobody's journal.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamp};
use diesel::{QueryableByName, sql_query};

use super::cipher::{self, Key};
use crate::clock::Moment;
use crate::db::{self, DatabaseUrl, Db, Named, on_either};
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, PatientId};

/// Any number that no other program on the same PostgreSQL uses for its advisory locks.
const LOCK: &str = "5004937516480922";

/// How a patient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Has a key, and is found by the reference.
    Living,
    /// Is about to be erased: has a key still, and nothing more is recorded of them.
    Leaving,
}

impl State {
    /// As it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Living => "living",
            State::Leaving => "leaving",
        }
    }
}

diesel::table! {
    patients (id) {
        id -> Text,
        organisation_id -> Text,
        state -> Text,
        digest -> Nullable<Binary>,
        key -> Nullable<Binary>,
        reference -> Nullable<Text>,
    }
}

/// A patient, as kept.
#[derive(Queryable)]
pub struct Row {
    pub id: PatientId,
    pub state: String,
    pub key: Option<Vec<u8>>,
    pub reference: Option<String>,
}

/// The columns of a [`Row`].
const ROW: (patients::id, patients::state, patients::key, patients::reference) =
    (patients::id, patients::state, patients::key, patients::reference);

/// Opens the store, and makes its tables where they are not there. What is deleted is overwritten.
///
/// # Errors
/// [`Error::Unavailable`] when it cannot be opened.
pub fn open(url: &DatabaseUrl) -> Result<Db> {
    if let Some(folder) = url.file().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty()) {
        crate::files::make_folder(folder)?;
    }
    let mut db = db::open_for_keys(url)?;
    let (before, bytes, moment, strict) = match &mut db {
        Db::Sqlite(_) => ("PRAGMA secure_delete = ON; ".to_owned(), "BLOB", "TEXT", " STRICT"),
        // Two that make the same table at the same moment are refused there; it is one transaction, and its lock goes with it.
        Db::Postgres(_) => (format!("SELECT pg_advisory_xact_lock({LOCK}); "), "BYTEA", "TIMESTAMP", ""),
    };
    let made = db.batch_execute(&format!(
        "{before}CREATE TABLE IF NOT EXISTS deployment_secrets (name TEXT NOT NULL PRIMARY KEY, secret {bytes} NOT NULL){strict}; \
         CREATE TABLE IF NOT EXISTS patients ( \
         id TEXT NOT NULL PRIMARY KEY, organisation_id TEXT NOT NULL, \
         state TEXT NOT NULL CHECK (state IN ('living', 'leaving', 'erased')), \
         digest {bytes}, key {bytes}, reference TEXT, made_at {moment} NOT NULL, left_at {moment}, erased_at {moment}, \
         CHECK ((state = 'erased') = (key IS NULL) AND (state = 'erased') = (digest IS NULL))){strict}; \
         CREATE UNIQUE INDEX IF NOT EXISTS patients_living ON patients (organisation_id, digest) WHERE state = 'living'; \
         CREATE INDEX IF NOT EXISTS patients_by_digest ON patients (organisation_id, digest) WHERE digest IS NOT NULL; \
         CREATE INDEX IF NOT EXISTS patients_leaving ON patients (organisation_id, id) WHERE state = 'leaving'",
    ));
    made.map_err(|e| Error::Unavailable(format!("patients' keys in {url:?}: {e}")))?;
    Ok(db)
}

/// The deployment's own secret, made the first time.
///
/// # Errors
/// What the store answers.
pub fn secret(db: &mut Db) -> Result<Key> {
    keep_secret(db, &cipher::fresh()?)?;
    kept_secret(db)?.ok_or_else(|| Error::internal("the secret of the patients' keys is gone"))
}

/// The deployment's own secret, unless the store was never used.
///
/// # Errors
/// What the store answers.
pub fn kept_secret(db: &mut Db) -> Result<Option<Key>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Binary)]
        secret: Vec<u8>,
    }
    let found: Option<Found> =
        sql_query("SELECT secret FROM deployment_secrets WHERE name = 'digests'").get_result(db).optional()?;
    let whole = |found: Found| found.secret.try_into();
    found.map(whole).transpose().map_err(|_| Error::internal("the secret of the patients' keys is not 32 bytes long"))
}

/// Keeps a secret that another copy of the store has; whatever is there stays.
///
/// # Errors
/// What the store answers.
pub fn keep_secret(db: &mut Db, secret: &Key) -> Result<()> {
    sql_query("INSERT INTO deployment_secrets (name, secret) VALUES ('digests', $1) ON CONFLICT DO NOTHING")
        .bind::<Binary, _>(secret.to_vec())
        .execute(db)?;
    Ok(())
}

/// A patient with everything that is kept of them.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = Text)]
    pub id: PatientId,
    #[diesel(sql_type = Text)]
    pub organisation_id: OrganisationId,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Nullable<Binary>)]
    pub digest: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Binary>)]
    pub key: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reference: Option<String>,
    #[diesel(sql_type = Timestamp)]
    pub made_at: Moment,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub left_at: Option<Moment>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub erased_at: Option<Moment>,
}

/// Everybody after an id, in the order of ids, so many at the most.
///
/// # Errors
/// What the store answers.
pub fn every(db: &mut Db, after: &str, most: i64) -> Result<Vec<Kept>> {
    Ok(sql_query(
        "SELECT id, organisation_id, state, digest, key, reference, made_at, left_at, erased_at FROM patients \
         WHERE id > $1 ORDER BY id LIMIT $2",
    )
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(most)
    .load(db)?)
}

/// Takes in a patient as another copy of the store has them: one who was erased is erased here, and whoever is known here stays as they are.
///
/// # Errors
/// What the store answers: a unique violation where another goes by the same reference here.
pub fn take_in(db: &mut Db, kept: &Kept) -> Result<()> {
    if kept.key.is_none() {
        return bury(db, &kept.organisation_id, &kept.id, kept.erased_at.unwrap_or(kept.made_at));
    }
    sql_query(
        "INSERT INTO patients (id, organisation_id, state, digest, key, reference, made_at, left_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
    )
    .bind::<Text, _>(&kept.id)
    .bind::<Text, _>(&kept.organisation_id)
    .bind::<Text, _>(&kept.state)
    .bind::<Nullable<Binary>, _>(&kept.digest)
    .bind::<Nullable<Binary>, _>(&kept.key)
    .bind::<Nullable<Text>, _>(&kept.reference)
    .bind::<Timestamp, _>(kept.made_at)
    .bind::<Nullable<Timestamp>, _>(kept.left_at)
    .execute(db)?;
    Ok(())
}

/// Adds a patient, unless one of the same reference was added meanwhile.
///
/// # Errors
/// What the store answers.
pub fn insert(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &PatientId,
    (digest, key, reference): (&Key, &Key, &str),
    now: Moment,
) -> Result<()> {
    sql_query(
        "INSERT INTO patients (id, organisation_id, state, digest, key, reference, made_at) \
         VALUES ($1, $2, 'living', $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind::<Text, _>(id)
    .bind::<Text, _>(organisation)
    .bind::<Binary, _>(digest.to_vec())
    .bind::<Binary, _>(key.to_vec())
    .bind::<Text, _>(reference)
    .bind::<Timestamp, _>(now)
    .execute(db)?;
    Ok(())
}

/// The patients of a digest.
///
/// # Errors
/// What the store answers.
pub fn by_digest(db: &mut Db, organisation: &OrganisationId, digest: &Key) -> Result<Vec<Row>> {
    let query = patients::table
        .filter(patients::organisation_id.eq(organisation).and(patients::digest.eq(digest.as_slice())))
        .select(ROW)
        .order(patients::id);
    Ok(on_either!(db, conn => query.load(conn)?))
}

/// The patient of an id.
///
/// # Errors
/// What the store answers.
pub fn by_id(db: &mut Db, organisation: &OrganisationId, id: &PatientId) -> Result<Option<Row>> {
    enum ById {}
    let query = patients::table.filter(patients::id.eq(id).and(patients::organisation_id.eq(organisation))).select(ROW);
    Ok(on_either!(db, conn => Named::<ById, _>::of(query).get_result(conn)).optional()?)
}

/// The patients of ids.
///
/// # Errors
/// What the store answers.
pub fn by_ids(db: &mut Db, organisation: &OrganisationId, ids: &[&PatientId]) -> Result<Vec<Row>> {
    Ok(patients::table
        .filter(patients::id.eq_any(ids.iter().copied()).and(patients::organisation_id.eq(organisation)))
        .select(ROW)
        .load(db)?)
}

/// Says how a patient who was not erased stands. One who comes back while another goes by the reference stays as they are.
///
/// # Errors
/// What the store answers.
pub fn set_state(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &PatientId,
    state: State,
    left_at: Option<Moment>,
) -> Result<()> {
    sql_query(
        "UPDATE patients SET state = $1, left_at = $2 WHERE id = $3 AND organisation_id = $4 AND state <> 'erased' \
         AND ($1 <> 'living' OR NOT EXISTS (SELECT 1 FROM patients AS other WHERE other.organisation_id = patients.organisation_id \
         AND other.digest = patients.digest AND other.state = 'living'))",
    )
    .bind::<Text, _>(state.as_str())
    .bind::<Nullable<Timestamp>, _>(left_at)
    .bind::<Text, _>(id)
    .bind::<Text, _>(organisation)
    .execute(db)?;
    Ok(())
}

/// Destroys what is known of a patient but that they were. One whom this store never had gets a tombstone, too: an older copy of
/// it was restored.
///
/// # Errors
/// What the store answers.
pub fn erase(db: &mut Db, organisation: &OrganisationId, id: &PatientId, now: Moment) -> Result<()> {
    bury(db, organisation, id, now)?;
    overwrite(db)
}

fn bury(db: &mut Db, organisation: &OrganisationId, id: &PatientId, now: Moment) -> Result<()> {
    sql_query(
        "INSERT INTO patients (id, organisation_id, state, made_at, erased_at) VALUES ($1, $2, 'erased', $3, $3) \
         ON CONFLICT (id) DO UPDATE SET state = 'erased', digest = NULL, key = NULL, reference = NULL, \
         erased_at = COALESCE(patients.erased_at, excluded.erased_at)",
    )
    .bind::<Text, _>(id)
    .bind::<Text, _>(organisation)
    .bind::<Timestamp, _>(now)
    .execute(db)?;
    Ok(())
}

/// Sees to it that what was destroyed is nowhere in the files of the store.
///
/// # Errors
/// What the store answers.
pub fn overwrite(db: &mut Db) -> Result<()> {
    match db {
        // What was deleted is overwritten in the file when the log is put away, and the log is emptied.
        Db::Sqlite(conn) => conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")?,
        Db::Postgres(conn) => conn.batch_execute("VACUUM patients")?,
    }
    Ok(())
}

/// Those who are about to be erased, a few.
///
/// # Errors
/// What the store answers.
pub fn leaving(db: &mut Db) -> Result<Vec<(OrganisationId, PatientId, Moment)>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Text)]
        organisation_id: OrganisationId,
        #[diesel(sql_type = Text)]
        id: PatientId,
        #[diesel(sql_type = Timestamp)]
        left_at: Moment,
    }
    let found: Vec<Found> = sql_query(
        "SELECT organisation_id, id, COALESCE(left_at, made_at) AS left_at FROM patients WHERE state = 'leaving' \
         AND organisation_id > '' ORDER BY organisation_id, id LIMIT 100",
    )
    .load(db)?;
    Ok(found.into_iter().map(|row| (row.organisation_id, row.id, row.left_at)).collect())
}
