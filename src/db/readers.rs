//! Connections that read, and when a read ends.
//!
//! Scans, administrations and look-ups by id have readers of their own, so that they never wait for lists, chains, the
//! morning list and whatever else looks through much. Whoever waits for a reader waits without a thread, and leaves the queue
//! when they go. Nobody has more than half of the readers of reports at once, so that others find one however much somebody
//! asks.
//!
//! A read ends when its caller has gone or its time is over: both are looked at before every statement, and no statement
//! looks through more than its share, so that the next is never far. On PostgreSQL a statement has a time limit, too.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::Connection;
use diesel::connection::{Instrumentation, InstrumentationEvent, get_default_instrumentation};
use diesel::r2d2::{Pool, PooledConnection};
use diesel::result::Error as DieselError;
use prometheus::Histogram;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::connecting::{Manager, blocking, connection};
use super::{Db, transaction};
use crate::error::{Error, Result};
use crate::limits::READ_SECONDS;
use crate::problem::ProblemCode;

/// How long a request waits for a connection.
pub(super) const CONNECTION_WAIT: Duration = Duration::from_secs(2);

/// The connections of a lane.
#[derive(Clone)]
pub(super) struct Readers {
    pub pool: Pool<Manager>,
    seats: Arc<Semaphore>,
    shares: Arc<Shares>,
    waits: Histogram,
}

/// How many readers each has at once, of those who have or wait for one.
struct Shares {
    each: usize,
    of: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Shares {
    fn of(&self, who: &str) -> Arc<Semaphore> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has none and waits for none is forgotten, so that there are never more than requests.
        of.retain(|_, share| Arc::strong_count(share) > 1);
        of.entry(who.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(self.each))).clone()
    }
}

impl Readers {
    /// The readers of a pool of so many connections.
    pub fn new(pool: Pool<Manager>, connections: u32, waits: Histogram) -> Self {
        let seats = usize::try_from(connections.max(1)).unwrap_or(1);
        let shares = Arc::new(Shares { each: (seats / 2).max(1), of: Mutex::default() });
        Readers { pool, seats: Arc::new(Semaphore::new(seats)), shares, waits }
    }

    /// A seat at the connections: who has one finds a connection free. Somebody's own seats are counted.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when none comes in time.
    pub async fn seat(&self, who: Option<&str>) -> Result<Seat> {
        let timer = self.waits.start_timer();
        let share = who.map(|who| self.shares.of(who));
        let seat = tokio::time::timeout(CONNECTION_WAIT, async {
            let share = match share {
                Some(share) => Some(share.acquire_owned().await?),
                None => None,
            };
            Ok::<_, AcquireError>((share, self.seats.clone().acquire_owned().await?))
        });
        let seat = seat.await;
        timer.observe_duration();
        match seat {
            Ok(Ok((share, seat))) => Ok(Seat { pool: self.pool.clone(), _share: share, _seat: seat }),
            _ => Err(Error::Unavailable("every database connection is busy".to_owned())),
        }
    }

    /// Runs a query on one snapshot of the database, for as long as somebody waits for it.
    ///
    /// # Errors
    /// What the query answers; [`Error::Unavailable`] when no connection is free in time, `read_time_limit`.
    pub async fn read<T, F>(&self, who: Option<&str>, query: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Db) -> Result<T> + Send + 'static,
    {
        let seat = self.seat(who).await?;
        let caller = Caller::default();
        let watch = Watch { gone: caller.gone.clone(), until: Instant::now() + Duration::from_secs(READ_SECONDS) };
        blocking(move || {
            let mut db = seat.connection()?;
            watched(&mut db, watch, query)
        })
        .await
    }
}

/// A seat at the connections of a lane.
pub(super) struct Seat {
    pool: Pool<Manager>,
    _share: Option<OwnedSemaphorePermit>,
    _seat: OwnedSemaphorePermit,
}

impl Seat {
    /// The connection.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be reached.
    pub fn connection(&self) -> Result<PooledConnection<Manager>> {
        connection(&self.pool)
    }
}

/// Whoever waits for a read: gone as soon as this is dropped.
#[derive(Default)]
struct Caller {
    gone: Arc<AtomicBool>,
}

impl Drop for Caller {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}

/// What is looked at before every statement of a read.
struct Watch {
    gone: Arc<AtomicBool>,
    until: Instant,
}

/// Why a read was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    CallerGone,
    TimeOver,
}

impl Watch {
    fn ended(&self) -> Option<Ended> {
        if self.gone.load(Ordering::Relaxed) {
            Some(Ended::CallerGone)
        } else {
            (Instant::now() > self.until).then_some(Ended::TimeOver)
        }
    }
}

/// Runs a query on one snapshot, under a watch. A query knows nothing of it: before the statement that comes after its end it
/// is unwound to here, as by a panic, but silently, and with nothing broken.
fn watched<T>(db: &mut Db, watch: Watch, query: impl FnOnce(&mut Db) -> Result<T>) -> Result<T> {
    if watch.ended().is_some() {
        return Err(ended(Ended::CallerGone));
    }
    transaction::begin_read(db)?;
    let mut usual = get_default_instrumentation();
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. })
            && let Some(ended) = watch.ended()
        {
            resume_unwind(Box::new(ended));
        }
        usual.on_connection_event(event);
    });
    let result = catch_unwind(AssertUnwindSafe(|| query(db)));
    db.set_instrumentation(get_default_instrumentation());
    transaction::rollback(db)?;
    match result {
        Ok(Err(Error::Database(DieselError::DatabaseError(_, info))))
            if info.message().contains("statement timeout") =>
        {
            Err(ended(Ended::TimeOver))
        }
        Ok(answer) => answer,
        Err(why) => match why.downcast_ref::<Ended>() {
            Some(why) => Err(ended(*why)),
            None => Err(Error::internal("a query panicked")),
        },
    }
}

fn ended(why: Ended) -> Error {
    match why {
        Ended::CallerGone => Error::Unavailable("the caller has gone".to_owned()),
        Ended::TimeOver => Error::problem(ProblemCode::ReadTimeLimit, ProblemCode::ReadTimeLimit.title()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diesel::{RunQueryDsl, sql_query};

    /// Runs one statement after the other, without end.
    fn endless(db: &mut Db, ran: &mut u32, mut each: impl FnMut(u32)) -> Result<()> {
        loop {
            sql_query("SELECT 1").execute(db)?;
            *ran += 1;
            each(*ran);
        }
    }

    fn watch(caller: &Caller, seconds: u64) -> Watch {
        Watch { gone: caller.gone.clone(), until: Instant::now() + Duration::from_secs(seconds) }
    }

    #[test]
    fn a_read_ends_with_its_caller_and_its_connection_goes_on() {
        let mut db = crate::db::migrate::scratch().unwrap();
        let (caller, mut ran) = (Caller::default(), 0);
        let (watch_it, mut caller) = (watch(&caller, 3600), Some(caller));
        let leave = |ran| {
            if ran == 3 {
                caller = None;
            }
        };
        let answer = watched(&mut db, watch_it, |db| endless(db, &mut ran, leave));
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
        assert_eq!(ran, 3);
        let caller = Caller::default();
        let again = watched(&mut db, watch(&caller, 3600), |db| Ok(sql_query("SELECT 1").execute(db)?));
        assert!(again.is_ok(), "{again:?}");
    }

    #[test]
    fn a_read_ends_when_its_time_is_over() {
        let mut db = crate::db::migrate::scratch().unwrap();
        let (caller, mut ran) = (Caller::default(), 0);
        let mut watch = watch(&caller, 3600);
        watch.until = Instant::now() + Duration::from_millis(20);
        let answer = watched(&mut db, watch, |db| endless(db, &mut ran, |_| ()));
        let Err(Error::Problem(problem)) = answer else { panic!("{answer:?}") };
        assert_eq!((problem.code, problem.code.status()), (ProblemCode::ReadTimeLimit, 503));
        assert!(ran > 0);
    }

    #[test]
    fn a_query_that_panics_is_told_from_one_that_was_ended() {
        let mut db = crate::db::migrate::scratch().unwrap();
        let caller = Caller::default();
        let answer: Result<()> = watched(&mut db, watch(&caller, 3600), |_| panic!("as a defect would"));
        assert!(matches!(answer, Err(Error::Internal(_))), "{answer:?}");
    }
}
