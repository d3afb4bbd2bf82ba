//! Keeping evidence, and giving it back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt, stream};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use super::events::Deed;
use super::model::{Evidence, NewEvidence, Repeated, Stored};
use super::objects::Found;
use super::{rules, store};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::command::{About, Command, View};
use crate::db::{Db, violates_unique};
use crate::error::{Error, Result};
use crate::http::commands::{Commands, State};
use crate::http::input::Body;
use crate::http::slice::READ_MASTER_DATA;
use crate::ids::{OrganisationId, SiteId};
use crate::problem::{Problem, ProblemCode};
use crate::values::Sha256Hex;

// Where the bytes are.
pub use super::objects::Objects;
// What others may let follow from their events.
pub use super::store::keep_owners;

/// How long bytes may be on their way before whoever brings them must have ended: many times as long as writing them may
/// take.
const GIVEN_UP_MINUTES: i64 = 10;

/// What becomes of bytes before they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// They are on record: writing them again mends what may have become of them.
    Known,
    /// They are claimed: nobody removes them until [`keep`] or [`give_up`] says how it ended.
    Claimed,
}

/// Makes sure that bytes may be written: there is room for them, and nobody is about to remove the same ones.
///
/// # Errors
/// `evidence_quota_exceeded`; `overloaded` while the same bytes are being removed; what the database answers.
pub fn arrive(db: &mut Db, organisation: &OrganisationId, new: &NewEvidence, now: Moment) -> Result<Arrival> {
    // Counted before the file is looked for: where somebody else keeps it in between, it is found, not without room.
    let total = store::total(db, organisation)?;
    if store::evidence(db, organisation, &new.sha256)?.is_some() {
        return Ok(Arrival::Known);
    }
    let policy = crate::policies::service::current(db, organisation)?;
    rules::has_room(&policy, total, new.bytes)?;
    if store::arrive(db, organisation, &new.sha256, now)? {
        return Ok(Arrival::Claimed);
    }
    let detail = "The bytes of an upload of this file that failed are being removed; try again.";
    Err(Error::problem(ProblemCode::Overloaded, detail))
}

/// Keeps bytes, and then what they are in one command with what `record` does: first the bytes, then their record.
///
/// # Errors
/// What [`arrive`], the place where the bytes are and the command answer.
pub async fn bring<B, T, F>(
    state: &State,
    objects: &Objects,
    commands: Commands,
    (new, bytes): (NewEvidence, Bytes),
    body: Body<B>,
    record: F,
) -> std::result::Result<HttpResponse, Problem>
where
    B: Send + Sync + 'static,
    T: Serialize + 'static,
    F: Fn(&mut Command<'_>, &B, Shown) -> Result<T> + Send + 'static,
{
    let (organisation, sha256) = (commands.caller().organisation_id.clone(), new.sha256.clone());
    let (owner, arriving, now) = (organisation.clone(), new.clone(), state.clock.now());
    let arrival = state.store.write(move |db| arrive(db, &owner, &arriving, now)).await?;
    let kept = Arc::new(AtomicBool::new(false));
    let answer = async {
        objects.put(&organisation, &sha256, bytes).await?;
        let kept = kept.clone();
        let run = move |cmd: &mut Command<'_>, value: &B| {
            let shown = keep(cmd, &new, arrival)?;
            let answer = record(cmd, value, shown)?;
            kept.store(true, Ordering::SeqCst);
            Ok(answer)
        };
        commands.create(body, run).await
    }
    .await;
    // A request that came again is answered as before, without a record.
    let is_kept = answer.is_ok() && kept.load(Ordering::SeqCst);
    if arrival == Arrival::Claimed
        && !is_kept
        && let Err(error) = give_up(state, objects, &organisation, &sha256).await
    {
        tracing::warn!(?error, "bytes without a record are removed later");
    }
    answer
}

/// Records a file whose bytes are kept already. The same bytes again are the record that is there; whoever sends them has
/// them, so that they are their sites' from then on. That somebody else sent them is recorded, once for each.
///
/// # Errors
/// `evidence_quota_exceeded`; `unavailable` when writing the bytes took so long that they were given up; what the database
/// answers.
pub fn keep(cmd: &mut Command<'_>, new: &NewEvidence, arrival: Arrival) -> Result<Shown> {
    if arrival == Arrival::Claimed {
        if !store::arrived(cmd.db, cmd.organisation(), &new.sha256)? {
            let detail = "Writing the file took too long; send it again.";
            return Err(Error::problem(ProblemCode::Unavailable, detail));
        }
        store::end_claim(cmd.db, cmd.organisation(), &new.sha256)?;
    }
    let mut sites = cmd.caller.sites.clone().unwrap_or_default();
    sites.sort();
    sites.dedup();
    if let Some(known) = store::evidence(cmd.db, cmd.organisation(), &new.sha256)? {
        repeat(cmd, &known, &sites)?;
        return Ok(Shown::to(cmd.caller, known));
    }
    let evidence = Evidence {
        organisation_id: cmd.organisation().clone(),
        sha256: new.sha256.clone(),
        media_type: new.media_type,
        bytes: new.bytes,
        uploaded_by: cmd.caller.subject.clone(),
        uploaded_at: cmd.now,
    };
    let about = about(cmd, &evidence.sha256, &sites);
    let stored = Stored { evidence: evidence.clone(), sites };
    cmd.record(about, Deed::EvidenceStored(stored)).map_err(|error| match error {
        // Somebody else sent the same file at this moment.
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    })?;
    // Asked when the bytes are counted: who counts others at this moment waits for this transaction.
    let total = store::total(cmd.db, cmd.organisation())?;
    let policy = crate::policies::service::current(cmd.db, cmd.organisation())?;
    rules::has_room(&policy, total.saturating_sub(new.bytes), new.bytes)?;
    Ok(Shown { evidence, is_theirs: true })
}

/// Records that somebody sent a file that is there, when that says something new: they did not before, or not for these
/// sites.
fn repeat(cmd: &mut Command<'_>, known: &Evidence, sites: &[SiteId]) -> Result<()> {
    let subject = &cmd.caller.subject;
    let sites = store::without(cmd.db, cmd.organisation(), &known.sha256, sites)?;
    let is_first = cmd.caller.is(&known.uploaded_by);
    if !is_first {
        store::wait_for_others(cmd.db, cmd.organisation())?;
    }
    let is_known = is_first || store::was_sent_by(cmd.db, cmd.organisation(), &known.sha256, subject)?;
    if sites.is_empty() && is_known {
        return Ok(());
    }
    let again = Repeated { sha256: known.sha256.clone(), sites, uploaded_by: subject.clone(), uploaded_at: cmd.now };
    let about = about(cmd, &again.sha256, &again.sites);
    cmd.record(about, Deed::EvidenceRepeated(again))
}

/// Gives up a claim on bytes that got no record, and removes them if nobody else needs them.
///
/// # Errors
/// What the database answers, or the place where the bytes are.
pub async fn give_up(
    state: &State,
    objects: &Objects,
    organisation: &OrganisationId,
    sha256: &Sha256Hex,
) -> Result<()> {
    let (owner, digest) = (organisation.clone(), sha256.clone());
    let ended = state.store.write(move |db| store::arrived(db, &owner, &digest)).await?;
    if ended {
        remove(state, objects, organisation, sha256, state.clock.now().plus_minutes(-GIVEN_UP_MINUTES)).await
    } else {
        Ok(())
    }
}

async fn remove(
    state: &State,
    objects: &Objects,
    organisation: &OrganisationId,
    sha256: &Sha256Hex,
    given_up: Moment,
) -> Result<()> {
    let (owner, digest, now) = (organisation.clone(), sha256.clone(), state.clock.now());
    if state.store.write(move |db| store::leave(db, &owner, &digest, given_up, now)).await? {
        objects.remove(organisation, sha256).await?;
        let (owner, digest) = (organisation.clone(), sha256.clone());
        state.store.write(move |db| store::removed(db, &owner, &digest)).await?;
    }
    Ok(())
}

/// Removes bytes that got no record because whoever brought them ended on the way: a few at a time, how many.
///
/// # Errors
/// What the database answers, or the place where the bytes are.
pub async fn sweep(state: &State, objects: &Objects, most: usize) -> Result<usize> {
    let since = state.clock.now().plus_minutes(-GIVEN_UP_MINUTES);
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let found = state.store.read(move |db| store::given_up(db, since, limit)).await?;
    for (organisation, sha256) in &found {
        remove(state, objects, organisation, sha256, since).await?;
    }
    Ok(found.len())
}

/// The event of an upload is seen by the sites whose the file is.
fn about(cmd: &Command<'_>, sha256: &Sha256Hex, sites: &[SiteId]) -> About {
    let subjects = std::iter::once(sha256.to_string()).chain(sites.iter().map(ToString::to_string));
    About { occurred_at: cmd.now, site_id: None, subjects: subjects.collect() }
}

/// A file, as far as somebody sees it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The file.
    pub evidence: Evidence,
    /// Whether they see who uploaded it first, and when: that may have been at a site of others.
    pub is_theirs: bool,
}

impl Shown {
    fn to(caller: &Caller, evidence: Evidence) -> Self {
        let is_theirs = caller.sites.is_none() || caller.is(&evidence.uploaded_by);
        Shown { evidence, is_theirs }
    }
}

/// The file of that digest, if the caller sees it: who reads no other records reads what they uploaded themselves.
///
/// # Errors
/// What the database answers.
pub fn find(view: &mut View<'_>, sha256: &Sha256Hex) -> Result<Option<Shown>> {
    let organisation = &view.caller.organisation_id;
    let found = store::evidence(view.db, organisation, sha256)?;
    let unseen = store::unseen(view.db, view.caller, &[sha256])?;
    let is_theirs = |evidence: &Evidence| view.caller.is(&evidence.uploaded_by);
    let may_read = view.caller.has_any(READ_MASTER_DATA)
        || found.as_ref().is_some_and(is_theirs)
        || store::was_sent_by(view.db, organisation, sha256, &view.caller.subject)?;
    let found = found.filter(|_| may_read);
    Ok(found.filter(|_| unseen.is_empty()).map(|evidence| Shown::to(view.caller, evidence)))
}

/// What is kept under a digest, for whoever was allowed to read what names it.
///
/// # Errors
/// What the database answers.
pub fn kept(db: &mut Db, organisation: &OrganisationId, sha256: &Sha256Hex) -> Result<Option<Evidence>> {
    store::evidence(db, organisation, sha256)
}

/// Files that somebody attaches to something in `field`. What is kept is named only by those who see it; a digest of what is
/// kept elsewhere, or not yet, may be named by everybody.
///
/// # Errors
/// `reference_unknown`.
pub fn expect_seen(cmd: &mut Command<'_>, field: &str, files: &[&Sha256Hex]) -> Result<()> {
    match store::unseen(cmd.db, cmd.caller, files)?.first() {
        None => Ok(()),
        Some(_) => Err(Error::reference_unknown(field)),
    }
}

/// The bytes of a file in pieces, after they were compared with its digest. They are compared again on their way: when they
/// change meanwhile, the last piece is kept back and the stream ends with an error, so that nobody takes them for whole.
///
/// Reading a file twice costs less than what the other ways would: to hold it in memory for as long as its reader likes, or
/// to have given out most of it when it is found to be damaged.
///
/// # Errors
/// `evidence_damaged` when they are others or gone; [`Error::Unavailable`] when the place where they are cannot be read.
pub async fn read(objects: &Objects, evidence: Evidence) -> Result<impl Stream<Item = std::io::Result<Bytes>> + use<>> {
    match objects.find(&evidence).await? {
        Found::Digest(digest) if digest == evidence.sha256 => {}
        Found::Digest(_) => return Err(damaged(&evidence, "its digest is another")),
        Found::Missing => return Err(damaged(&evidence, "its bytes are gone")),
        Found::OtherLength => return Err(damaged(&evidence, "it has another length")),
    }
    let start = (objects.clone(), evidence, 0_u64, Sha256::new());
    Ok(stream::try_unfold(start, |(objects, evidence, from, mut hash)| async move {
        let length = u64::try_from(evidence.bytes).unwrap_or_default();
        if from >= length {
            return Ok(None);
        }
        let broken = |error: Error| std::io::Error::other(format!("{error:?}"));
        let piece = objects.piece(&evidence, from).await.map_err(broken)?;
        hash.update(&piece);
        let next = from.saturating_add(u64::try_from(piece.len()).unwrap_or_default());
        let is_whole = next == length;
        if piece.is_empty() || (is_whole && !rules::is_intact(&evidence, hash.clone())) {
            return Err(broken(damaged(&evidence, "it changed while it was given out")));
        }
        Ok(Some((piece, (objects, evidence, next, hash))))
    }))
}

/// All bytes of a file, after they were compared with its digest. Some files are held at a time, each until its permit is dropped.
///
/// # Errors
/// `evidence_damaged` when they are others or gone; [`Error::Unavailable`] when the place where they are cannot be read.
pub async fn whole(objects: &Objects, evidence: Evidence) -> Result<(Vec<u8>, OwnedSemaphorePermit)> {
    let held = objects.held().await?;
    let most = usize::try_from(evidence.bytes).unwrap_or_default();
    let mut pieces = std::pin::pin!(read(objects, evidence).await?);
    let mut bytes = Vec::with_capacity(most);
    while let Some(piece) = pieces.next().await {
        bytes.extend_from_slice(&piece.map_err(|e| Error::internal(e.to_string()))?);
    }
    Ok((bytes, held))
}

fn damaged(evidence: &Evidence, how: &'static str) -> Error {
    let (organisation, sha256) = (evidence.organisation_id.as_str(), evidence.sha256.as_str());
    tracing::error!(organisation, sha256, how, "evidence is damaged");
    Error::problem(ProblemCode::EvidenceDamaged, ProblemCode::EvidenceDamaged.title())
}
