//! The table of answers that are kept for a repetition. It is no part of the record.

use diesel::prelude::*;
use sha2::{Digest, Sha256};

use super::model::{Kept, Repeat};
use crate::clock::Moment;
use crate::db::schema::idempotency_keys;
use crate::db::{Db, PreparedChange, on_either};
use crate::error::Result;

/// Whether nobody else is at it: other processes of the deployment may be. Held until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn is_free(db: &mut Db, name: &str) -> Result<bool> {
    let Db::Postgres(conn) = db else { return Ok(true) };
    let hash = Sha256::digest(name.as_bytes());
    let number = hash.iter().take(8).fold(0_i64, |number, byte| (number << 8) | i64::from(*byte));
    Ok(diesel::select(pg_try_advisory_xact_lock(number)).get_result(conn)?)
}

diesel::define_sql_function! {
    /// Whether nobody held the lock; held from then on until the transaction ends.
    fn pg_try_advisory_xact_lock(number: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// What is kept of an answer, with its status and the digest of its request.
pub type Found = (Vec<u8>, i32, Option<Vec<u8>>, Option<String>, Option<Vec<u8>>);

/// What is kept of an answer since a moment.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, of: &Repeat, since: Moment) -> Result<Option<Found>> {
    let query = idempotency_keys::table
        .filter(idempotency_keys::organisation_id.eq(&of.organisation))
        // Answers from before people were compared so are kept under what they typed.
        .filter(idempotency_keys::subject.eq(of.person.as_str()).or(idempotency_keys::subject.eq(&of.subject)))
        .filter(idempotency_keys::idempotency_key.eq(&of.key))
        .filter(idempotency_keys::created_at.gt(since))
        .select((
            idempotency_keys::request_hash,
            idempotency_keys::status,
            idempotency_keys::body,
            idempotency_keys::made_of,
            idempotency_keys::digest,
        ));
    Ok(on_either!(db, conn => query.first(conn)).optional()?)
}

/// Keeps an answer, in the place of one whose time is over.
///
/// # Errors
/// What the database answers.
pub fn keep(db: &mut Db, of: &Repeat, status: u16, kept: &Kept, now: Moment) -> Result<()> {
    let (body, made_of, digest) = match kept {
        Kept::Body(body) => (Some(body), None, None),
        Kept::MadeOf { id, digest } => (None, Some(id), Some(digest)),
    };
    let kept = (
        idempotency_keys::request_hash.eq(&of.request_hash),
        idempotency_keys::status.eq(i32::from(status)),
        idempotency_keys::body.eq(body),
        idempotency_keys::made_of.eq(made_of),
        idempotency_keys::digest.eq(digest),
        idempotency_keys::created_at.eq(now),
    );
    // In the place of one whose time is over, where that is not gone yet.
    on_either!(db, conn => PreparedChange(diesel::insert_into(idempotency_keys::table)
        .values((
            idempotency_keys::organisation_id.eq(&of.organisation),
            idempotency_keys::subject.eq(of.person.as_str()),
            idempotency_keys::idempotency_key.eq(&of.key),
            kept,
        ))
        .on_conflict((
            idempotency_keys::organisation_id,
            idempotency_keys::subject,
            idempotency_keys::idempotency_key,
        ))
        .do_update()
        .set(kept))
        .execute(conn)?);
    Ok(())
}

/// Ends kept answers from before a moment, a few at a time: how many it ended.
///
/// # Errors
/// What the database answers.
pub fn end_answers(db: &mut Db, until: Moment, most: i64) -> Result<usize> {
    // The moment is asked once more where the row is locked: another process may have kept a new answer there meanwhile.
    let ended = diesel::sql_query(
        "DELETE FROM idempotency_keys WHERE (organisation_id, subject, idempotency_key) IN \
         (SELECT organisation_id, subject, idempotency_key FROM idempotency_keys WHERE created_at <= $1 \
         ORDER BY created_at LIMIT $2) AND created_at <= $1",
    )
    .bind::<diesel::sql_types::Timestamp, _>(until)
    .bind::<diesel::sql_types::BigInt, _>(most);
    Ok(ended.execute(db)?)
}
