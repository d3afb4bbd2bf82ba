//! How often: requests without a valid token, counted by peer, and those that are refused or fail, counted by subject.
//!
//! What is accepted is not counted unless the deployment says so (`--rate-requests`): sixty people who lose the race for
//! one unit are no attack, nor is somebody who mistypes, and whoever only sends what is accepted is never told to wait.
//! The count is a leaky one (GCRA): so many at once, and then one for each share of the time. What remains is told in the
//! headers of draft-ietf-httpapi-ratelimit-headers.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

use super::peers::{Peer, Proxies};
use crate::caller::Caller;
use crate::limits::{RATE_ANONYMOUS, RATE_COUNTERS, RATE_FAILED};
use crate::problem::{Problem, ProblemCode, Told, TooMany};

/// How many in how many seconds, as `600/60`, or `off`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance(Option<PerTime>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PerTime {
    count: NonZeroU32,
    seconds: NonZeroU32,
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(PerTime { count, seconds }) => write!(f, "{count}/{seconds}"),
            None => f.write_str("off"),
        }
    }
}

impl Allowance {
    /// As many as anybody likes.
    pub const OFF: Allowance = Allowance(None);

    /// The most of either number.
    const MOST: u32 = 1_000_000;
}

impl FromStr for Allowance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Allowance::OFF);
        }
        let number = |text: &str| text.parse().ok().filter(|number: &NonZeroU32| number.get() <= Self::MOST);
        let both = text.split_once('/').and_then(|(count, seconds)| Some((number(count)?, number(seconds)?)));
        let wanted =
            || "it is neither a number of requests with a number of seconds, such as 600/60, nor off".to_owned();
        both.map(|both| Allowance(Some(both.into()))).ok_or_else(wanted)
    }
}

/// What is allowed.
#[derive(Clone, Copy, Debug)]
pub struct Allowances {
    /// To each peer: requests without a valid token.
    pub anonymous: Allowance,
    /// To each subject: requests that are refused or fail.
    pub failed: Allowance,
    /// To each subject: all requests.
    pub requests: Allowance,
}

impl Default for Allowances {
    fn default() -> Self {
        let a_minute = |count| Allowance(NonZeroU32::new(count).zip(NonZeroU32::new(60)).map(PerTime::from));
        Allowances { anonymous: a_minute(RATE_ANONYMOUS), failed: a_minute(RATE_FAILED), requests: Allowance::OFF }
    }
}

impl From<(NonZeroU32, NonZeroU32)> for PerTime {
    fn from((count, seconds): (NonZeroU32, NonZeroU32)) -> Self {
        PerTime { count, seconds }
    }
}

impl Allowances {
    /// Everything.
    pub const OFF: Allowances =
        Allowances { anonymous: Allowance::OFF, failed: Allowance::OFF, requests: Allowance::OFF };
}

/// The counters of a process.
pub struct Rates<C: Clock = MonotonicClock> {
    anonymous: Option<Rate<C>>,
    failed: Option<Rate<C>>,
    requests: Option<Rate<C>>,
    proxies: Arc<Proxies>,
    /// Whose keys nobody outside can foresee, so nobody can share another's counter on purpose.
    hasher: RandomState,
}

impl Rates {
    /// Counters that begin at nothing. Proxies that are trusted say whom they speak for.
    pub fn new(allowances: &Allowances, proxies: Arc<Proxies>) -> Self {
        Rates::by(allowances, proxies, &MonotonicClock)
    }
}

impl<C: Clock + Clone> Rates<C> {
    fn by(allowances: &Allowances, proxies: Arc<Proxies>, clock: &C) -> Self {
        let rate = |name, allowance: Allowance| allowance.0.and_then(|allowed| Rate::new(name, allowed, clock.clone()));
        Rates {
            anonymous: rate("anonymous", allowances.anonymous),
            failed: rate("failed", allowances.failed),
            requests: rate("requests", allowances.requests),
            proxies,
            hasher: RandomState::new(),
        }
    }
}

impl<C: Clock> Rates<C> {
    /// A request without a valid token comes over a connection from an address.
    ///
    /// # Errors
    /// `too_many_requests`.
    pub fn anonymous(&self, connected: IpAddr, headers: &HeaderMap) -> Result<Option<Told>, Problem> {
        self.of_peer(self.proxies.sender(connected, headers))
    }

    fn of_peer(&self, peer: Peer) -> Result<Option<Told>, Problem> {
        self.anonymous.as_ref().map(|rate| rate.take(self.hasher.hash_one(peer))).transpose()
    }

    /// A subject sends a request.
    ///
    /// # Errors
    /// `too_many_requests`, when too many were refused or have failed, or where all are counted.
    pub fn request(&self, caller: &Caller) -> Result<(), Problem> {
        let who = self.who(caller);
        self.failed.iter().try_for_each(|rate| rate.look(who))?;
        self.requests.iter().try_for_each(|rate| rate.take(who).map(|_| ()))
    }

    /// A request of a subject was refused or has failed.
    pub fn failed(&self, caller: &Caller) -> Option<Told> {
        let who = self.who(caller);
        // Those that came at the same moment may be more than remained: the next is told.
        self.failed.as_ref().map(|rate| rate.take(who).unwrap_or_else(|_| rate.told(0)))
    }

    fn who(&self, caller: &Caller) -> u64 {
        self.hasher.hash_one((caller.organisation_id.as_str(), &caller.subject))
    }
}

/// One rate with its counters.
struct Rate<C: Clock> {
    name: &'static str,
    allowed: PerTime,
    limiter: RateLimiter<Look, Counters, C, StateInformationMiddleware>,
}

/// Whose counter is looked at, and whether one is counted.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Look {
    who: u64,
    counts: bool,
}

impl<C: Clock> Rate<C> {
    fn new(name: &'static str, allowed: PerTime, clock: C) -> Option<Self> {
        let one = Duration::from_secs(allowed.seconds.get().into()).checked_div(allowed.count.get())?;
        let quota = Quota::with_period(one)?.allow_burst(allowed.count);
        Some(Rate { name, allowed, limiter: RateLimiter::new(quota, Counters::new(RATE_COUNTERS), clock) })
    }

    /// Counts one.
    fn take(&self, who: u64) -> Result<Told, Problem> {
        let taken = self.limiter.check_key(&Look { who, counts: true });
        taken.map(|state| self.told(state.remaining_burst_capacity())).map_err(|until| self.too_many(&until))
    }

    /// Whether there may be one more, without counting any.
    fn look(&self, who: u64) -> Result<(), Problem> {
        let look = self.limiter.check_key(&Look { who, counts: false });
        look.map(|_| ()).map_err(|until| self.too_many(&until))
    }

    fn too_many(&self, until: &governor::NotUntil<C::Instant>) -> Problem {
        let wait = until.wait_time_from(self.limiter.clock().now());
        let wait_seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
        let PerTime { count, seconds } = self.allowed;
        let detail = format!("Too many {} requests: {count} in {seconds} s are allowed.", self.name);
        let told = TooMany { told: self.told(0), wait_seconds };
        Problem { too_many: Some(Box::new(told)), ..Problem::new(ProblemCode::TooManyRequests, detail) }
    }

    fn told(&self, remaining: u32) -> Told {
        let (name, PerTime { count, seconds }) = (self.name, self.allowed);
        let used = u64::from(count.get().saturating_sub(remaining));
        let whole_in = used.saturating_mul(seconds.get().into()).div_ceil(count.get().into());
        Told {
            policy: format!("\"{name}\";q={count};w={seconds}"),
            remains: format!("\"{name}\";r={remaining};t={whole_in}"),
        }
    }
}

/// The counters of a rate, of which there are never more than so many. When there would be, those go of whom least was
/// counted: whoever comes from ever new addresses pushes out nobody who was told to wait.
struct Counters {
    most: usize,
    until: Mutex<HashMap<u64, Nanos>>,
}

impl Counters {
    fn new(most: usize) -> Self {
        Counters { most, until: Mutex::default() }
    }

    /// Forgets an eighth of them.
    fn forget(&self, until: &mut HashMap<u64, Nanos>) {
        let mut all: Vec<u64> = until.values().map(|nanos| nanos.as_u64()).collect();
        let eighth = all.len() / 8;
        let (_, least, _) = all.select_nth_unstable(eighth);
        let least = *least;
        let mut goes_on = eighth.max(1);
        until.retain(|_, nanos| {
            let stays = nanos.as_u64() > least || goes_on == 0;
            goes_on = goes_on.saturating_sub(usize::from(!stays));
            stays
        });
    }
}

impl StateStore for Counters {
    type Key = Look;

    fn measure_and_replace<T, F, E>(&self, look: &Look, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        let (measured, next) = measure(until.get(&look.who).copied())?;
        if look.counts {
            if until.len() >= self.most && !until.contains_key(&look.who) {
                self.forget(&mut until);
            }
            until.insert(look.who, next);
        }
        Ok(measured)
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;
    use crate::clock::Clock as Wall;
    use crate::ids::{Ids, OrganisationId};

    fn caller(subject: &str) -> Caller {
        let organisation_id = OrganisationId::mint(&Ids::system(), Wall::system().now(), 0);
        Caller { organisation_id, subject: subject.to_owned(), roles: Vec::new(), sites: None }
    }

    fn rates(anonymous: &str, failed: &str, requests: &str) -> (Rates<FakeRelativeClock>, FakeRelativeClock) {
        let [anonymous, failed, requests] = [anonymous, failed, requests].map(|text| text.parse().unwrap());
        let clock = FakeRelativeClock::default();
        (Rates::by(&Allowances { anonymous, failed, requests }, Arc::default(), &clock), clock)
    }

    fn peer(number: u64) -> Peer {
        Peer::of(std::net::Ipv6Addr::from_bits(u128::from(number) << 64).into())
    }

    fn wait(problem: Problem) -> u64 {
        assert_eq!(problem.code, ProblemCode::TooManyRequests);
        problem.too_many.unwrap().wait_seconds
    }

    #[test]
    fn an_allowance_is_a_number_in_a_time() {
        for (text, good) in [
            ("600/60", true),
            ("1/1", true),
            ("1000000/1000000", true),
            ("off", true),
            ("0/60", false),
            ("60/0", false),
            ("1000001/1", false),
            ("600", false),
            ("600/", false),
            ("-1/60", false),
            ("600/60/1", false),
            ("OFF", false),
            ("", false),
        ] {
            assert_eq!(text.parse::<Allowance>().is_ok(), good, "{text}");
        }
    }

    /// Ten in five seconds: ten at once, then one each half second. The numbers are those of the draft's parameters.
    #[test]
    fn what_remains_is_told_and_comes_back_with_time() {
        let (rates, clock) = rates("10/5", "off", "off");
        for (remaining, whole_in) in [(9, 1), (8, 1), (7, 2), (6, 2), (5, 3), (4, 3), (3, 4), (2, 4), (1, 5), (0, 5)] {
            let told = rates.of_peer(peer(1)).unwrap().unwrap();
            assert_eq!(told.policy, "\"anonymous\";q=10;w=5");
            assert_eq!(told.remains, format!("\"anonymous\";r={remaining};t={whole_in}"));
        }
        assert_eq!(wait(rates.of_peer(peer(1)).unwrap_err()), 1);
        assert!(rates.of_peer(peer(2)).is_ok(), "another peer has a counter of its own");
        clock.advance(Duration::from_millis(499));
        assert!(rates.of_peer(peer(1)).is_err());
        clock.advance(Duration::from_millis(1));
        assert!(rates.of_peer(peer(1)).is_ok() && rates.of_peer(peer(1)).is_err());
        clock.advance(Duration::from_secs(3600));
        assert_eq!(rates.of_peer(peer(1)).unwrap().unwrap().remains, "\"anonymous\";r=9;t=1");
        let (rates, _) = self::rates("1/60", "off", "off");
        rates.of_peer(peer(1)).unwrap();
        assert_eq!(wait(rates.of_peer(peer(1)).unwrap_err()), 60);
    }

    #[test]
    fn what_is_accepted_is_not_counted_unless_it_is_said() {
        let (rates, clock) = rates("off", "3/3", "off");
        let (one, other) = (caller("one"), caller("other"));
        let namesake = Caller { subject: "one".to_owned(), ..other.clone() };
        for _ in 0..1000 {
            rates.request(&one).unwrap();
        }
        for remaining in [2, 1, 0, 0] {
            let told = rates.failed(&one).unwrap();
            assert!(told.remains.starts_with(&format!("\"failed\";r={remaining};")), "{told:?}");
        }
        assert_eq!(wait(rates.request(&one).unwrap_err()), 1);
        assert!(rates.request(&other).is_ok() && rates.request(&namesake).is_ok());
        clock.advance(Duration::from_secs(1));
        assert!(rates.request(&one).is_ok());

        let (rates, _) = self::rates("off", "off", "5/60");
        assert_eq!((0..9).filter(|_| rates.request(&one).is_ok()).count(), 5);
        let (rates, _) = self::rates("off", "off", "off");
        assert!((0..9).all(|_| rates.request(&one).is_ok() && rates.failed(&one).is_none()));
    }

    #[test]
    fn ever_new_addresses_take_no_more_memory_and_push_out_nobody_who_has_to_wait() {
        let (rates, _) = rates("100/100", "off", "off");
        while rates.of_peer(peer(0)).is_ok() {}
        for number in 1..=u64::try_from(RATE_COUNTERS).unwrap() * 2 {
            rates.of_peer(peer(number)).unwrap();
        }
        assert!(rates.of_peer(peer(0)).is_err());
        let rate = rates.anonymous.unwrap();
        let kept = rate.limiter.into_state_store().until.into_inner().unwrap().len();
        assert!((RATE_COUNTERS / 2..=RATE_COUNTERS).contains(&kept), "{kept}");
    }
}
