//! Making leaves: what waits becomes part of the tree, in steps so small that nobody waits for one.
//!
//! On PostgreSQL a step has the row of its organisation's head, and where somebody else has it there is nothing to do: they make the
//! leaves. On SQLite it is a job of the writer like any other, so that it shares a commit with the commands that stand beside it
//! in the queue, and is rolled back and run again with them. Nothing is kept in memory from one step to the next: each begins
//! with what is committed, whatever became of the one before.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::service::{expect_published, expect_root};
use super::store::{self, Rows};
use super::witness::Witness;
use crate::clock::Moment;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::commands::State;
use crate::ids::OrganisationId;
use crate::limits::LEAVES_AT_ONCE;
use crate::merkle::{Edge, Hash, Place, Tiles, edge_places};
use crate::note::Checkpoint;

/// For how long a checkpoint counts as fresh when nothing happens, in minutes.
const FRESH_MINUTES: i64 = 60;
/// How often is looked, and waited if there is nothing to do, until what waits has its leaves: a hundred thousand events, or ten
/// seconds of somebody else.
const CATCHING_UP_STEPS: usize = 200;
const CATCHING_UP_PAUSE: Duration = Duration::from_millis(50);
/// Organisations whose checkpoint is made anew in one round.
const RENEWED_AT_ONCE: i64 = 100;

/// What is to be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A tree that has grown.
    Growth,
    /// Also one that has not: what was signed is old, or by another key.
    Anyway,
}

/// Why logs could not be signed, as it was said last: the same is not said twice a second.
#[derive(Debug, Default)]
pub struct Troubles(BTreeMap<OrganisationId, String>);

impl Troubles {
    /// How many leaves were made; what stands in the way is said where it is new.
    fn of(&mut self, organisation: &OrganisationId, made: Result<usize>) -> usize {
        let error = match made {
            Ok(made) => {
                self.0.remove(organisation);
                return made;
            }
            Err(error) => format!("{error:?}"),
        };
        if self.0.get(organisation) != Some(&error) {
            tracing::error!(%organisation, error, "the custody log is not signed");
            self.0.insert(organisation.clone(), error);
        }
        0
    }
}

/// Makes the leaves of everything that waits, of every organisation, and signs anew what was signed an hour ago.
///
/// # Errors
/// What the database answers when it is asked who waits. An organisation whose leaves cannot be made is tried again the next time,
/// and keeps none of the others from theirs.
pub async fn sweep(state: &State, witness: &Arc<Witness>, troubles: &mut Troubles) -> Result<()> {
    let mut after = String::new();
    let mut unfinished = false;
    loop {
        let from = after.clone();
        let Some(organisation) = state.store.read(move |db| store::next_waiting(db, &from)).await? else {
            if unfinished {
                // One with much to do has kept nobody from their turn.
                (after, unfinished) = (String::new(), false);
                continue;
            }
            break;
        };
        after = organisation.to_string();
        let made = step(state, witness, &organisation, Sign::Growth).await;
        unfinished |= troubles.of(&organisation, made) == LEAVES_AT_ONCE;
    }
    let old = state.clock.now().plus_minutes(-FRESH_MINUTES);
    for organisation in state.store.read(move |db| store::signed_before(db, old, RENEWED_AT_ONCE)).await? {
        let made = step(state, witness, &organisation, Sign::Anyway).await;
        troubles.of(&organisation, made);
    }
    Ok(())
}

/// Makes so many leaves of an organisation at the most, and publishes the checkpoint that commits to them: how many it made.
///
/// # Errors
/// `log_disagrees`; what the database answers; when the checkpoint cannot be put beside the key: it is committed then, and
/// served when that is done.
pub async fn step(state: &State, witness: &Arc<Witness>, organisation: &OrganisationId, sign: Sign) -> Result<usize> {
    // First what was published, then what is committed: the other way round, others could have done both in between.
    let published = published(witness, organisation).await?;
    let (by, whose, now) = (witness.clone(), organisation.clone(), state.clock.now());
    let grow = move |db: &mut Db| grow(db, &by, &whose, published.as_ref(), sign, now);
    let Some((made, checkpoint)) = state.store.write(grow).await? else { return Ok(0) };
    publish(witness, organisation, checkpoint).await?;
    Ok(made)
}

/// Makes the leaves of everything that waits for one by now, or lets others make them.
///
/// # Errors
/// `not_yet_logged` where that takes too long; as for [`step`].
pub async fn catch_up(state: &State, witness: &Arc<Witness>, organisation: &OrganisationId) -> Result<()> {
    let waits = async |last: bool| {
        let whose = organisation.clone();
        state.store.read(move |db| store::waits(db, &whose, last)).await
    };
    let Some(last) = waits(true).await? else { return Ok(()) };
    for _ in 0..CATCHING_UP_STEPS {
        let made = step(state, witness, organisation, Sign::Growth).await?;
        if waits(false).await?.is_none_or(|first| first > last) {
            return Ok(());
        }
        if made == 0 {
            // Somebody else is at it.
            tokio::time::sleep(CATCHING_UP_PAUSE).await;
        }
    }
    Err(super::service::not_yet("What was recorded last is not in the log yet"))
}

/// What was published of an organisation's log.
///
/// # Errors
/// `log_disagrees` when it cannot be read.
pub async fn published(witness: &Arc<Witness>, organisation: &OrganisationId) -> Result<Option<Checkpoint>> {
    let (by, whose) = (witness.clone(), organisation.clone());
    blocking(move || Ok(by.published(&whose))).await?.map_err(super::service::disagrees)
}

/// Puts a checkpoint beside the key, before anybody is shown it.
///
/// # Errors
/// When it cannot be written.
pub async fn publish(witness: &Arc<Witness>, organisation: &OrganisationId, checkpoint: String) -> Result<()> {
    let (by, whose) = (witness.clone(), organisation.clone());
    blocking(move || by.publish(&whose, &checkpoint)).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::internal(e.to_string()))?
}

/// One step in its transaction: how many leaves it made, and the checkpoint that is to be published. None where there is nothing to
/// sign, or somebody else is at it.
fn grow(
    db: &mut Db,
    witness: &Witness,
    organisation: &OrganisationId,
    published: Option<&Checkpoint>,
    sign: Sign,
    now: Moment,
) -> Result<Option<(usize, String)>> {
    let Some(head) = store::take_head(db, organisation)? else { return Ok(None) };
    let most = i64::try_from(LEAVES_AT_ONCE).unwrap_or(i64::MAX);
    let waiting = store::waiting(db, organisation, most)?;
    if waiting.is_empty() && (sign == Sign::Growth || head.size == 0) {
        return Ok(None);
    }
    let mut rows = Rows { db: &mut *db, organisation };
    expect_published(&mut rows, head.size, published)?;
    let before = tiles(&mut rows, head.size)?;
    let edge = Edge::of(head.size, before.clone());
    let mut edge = edge.ok_or_else(|| Error::internal(format!("the tiles of {organisation} are not of its log")))?;
    expect_root(&head, edge.root())?;
    let mut whole: Vec<(Place, Vec<Hash>)> = Vec::new();
    for (_, event, hash, _) in &waiting {
        let hash = Hash::try_from(hash.as_slice()).map_err(|_| Error::internal(format!("the leaf hash of {event}")))?;
        edge.push(hash, |place, tile| -> Result<()> {
            whole.push((place, tile.to_vec()));
            Ok(())
        })?;
    }
    let grown = edge.tiles().map(|(place, tile)| (place, tile.to_vec())).filter(|tile| !before.contains(tile));
    for (place, tile) in whole.into_iter().chain(grown) {
        store::put_tile(db, organisation, place, &tile)?;
    }
    let made = waiting.len();
    store::settle(db, organisation, head.size, waiting)?;
    let checkpoint = witness.sign(organisation, edge.size(), edge.root());
    store::set_head(db, organisation, edge.size(), &checkpoint, now)?;
    Ok(Some((made, checkpoint)))
}

/// The tiles at the right edge of a tree.
fn tiles(rows: &mut Rows<'_>, size: u64) -> Result<Vec<(Place, Vec<Hash>)>> {
    edge_places(size).into_iter().map(|place| Ok((place, rows.tile(place, place.width(size))?))).collect()
}
