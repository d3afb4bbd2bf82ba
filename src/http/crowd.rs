//! Everybody who is connected to an address: how many connections a peer may hold, what unread answers may take of
//! memory, and who gives way when there is no more room.
//!
//! Nobody is turned away at the door: whoever comes has room, and a connection that waits for its peer loses its own.
//! Waiting is what a connection does that has no request, or whose body does not come, or whose answer is not read; what
//! is being worked on is never broken off. Those without a valid token go before those with one, then those of the peer
//! that holds most, then those that wait longest.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use prometheus::{IntCounter, IntGauge};
use tokio::time::Instant;

use super::peers::{Peer, Proxies};
use crate::limits::{ANSWER_SMALL, ANSWERS_MEMORY};

/// An answer of which less is read than a piece in so much time may be broken off when there is no more room.
const STALLED: Duration = Duration::from_secs(1);

/// What a seat that is worked on has instead of the time since which it waits.
const WORKING: u64 = u64::MAX;

/// How many may be connected.
#[derive(Clone, Debug)]
pub struct Shares {
    /// All together.
    pub connections_max: usize,
    /// Of one peer; proxies that are trusted have no share.
    pub peer_max: usize,
    /// The proxies that are trusted.
    pub proxies: Arc<Proxies>,
}

/// All open connections of an address.
pub struct Crowd {
    shares: Shares,
    began: Instant,
    seats: Mutex<Seats>,
    /// Bytes of answers that wait in memory to be read, beyond what each may have.
    unread: AtomicUsize,
    unread_max: usize,
    open: IntGauge,
    broken_off: IntCounter,
}

#[derive(Default)]
struct Seats {
    all: HashMap<u64, Arc<Seat>>,
    /// How many each peer holds.
    held: HashMap<Peer, usize>,
    next: u64,
}

/// The place of a connection in the crowd.
pub struct Seat {
    number: u64,
    /// Nobody for a proxy that is trusted.
    peer: Option<Peer>,
    /// Microseconds of the crowd, or [`WORKING`].
    waits_since: AtomicU64,
    has_token: AtomicBool,
    unread: AtomicUsize,
    lost: AtomicBool,
    task: AtomicWaker,
}

impl Crowd {
    /// A crowd that nobody is in. It counts connections, and those that had to give way.
    pub fn new(shares: Shares, open: IntGauge, broken_off: IntCounter) -> Arc<Self> {
        let (seats, unread, began) = (Mutex::default(), AtomicUsize::default(), Instant::now());
        Arc::new(Crowd { shares, began, seats, unread, unread_max: ANSWERS_MEMORY, open, broken_off })
    }

    /// Gives a new connection its seat; who has to give way for it loses theirs.
    pub fn arrive(self: &Arc<Self>, address: Option<SocketAddr>) -> Arc<Seat> {
        let peer = address.map(|address| address.ip()).filter(|ip| !self.shares.proxies.trust(*ip)).map(Peer::of);
        let mut seats = self.seats();
        let number = seats.next;
        seats.next = seats.next.wrapping_add(1);
        let seat = Arc::new(Seat {
            number,
            peer,
            waits_since: AtomicU64::new(self.now()),
            has_token: AtomicBool::default(),
            unread: AtomicUsize::default(),
            lost: AtomicBool::default(),
            task: AtomicWaker::new(),
        });
        if let Some(peer) = peer {
            let held = seats.held.entry(peer).or_default();
            *held = held.saturating_add(1);
            let too_many = |seats: &Seats| seats.held.get(&peer).is_some_and(|held| *held > self.shares.peer_max);
            // Those that were worked on when they should have given way may wait by now.
            while too_many(&seats) && self.make_way(&mut seats, |other| other.peer == Some(peer)) {}
        }
        while seats.all.len() >= self.shares.connections_max && self.make_way(&mut seats, |_| true) {}
        seats.all.insert(number, seat.clone());
        self.open.inc();
        seat
    }

    /// The connection of a seat has ended.
    pub fn leave(&self, seat: &Seat) {
        self.set_unread(seat, 0);
        self.open.dec();
        let mut seats = self.seats();
        remove(&mut seats, seat);
    }

    /// The seat waits for its peer, from now on.
    pub fn waits(&self, seat: &Seat) {
        seat.waits_since.store(self.now(), Ordering::Relaxed);
    }

    /// So many bytes of its answer are in memory and wait to be read. Whether there is room for them, after those who
    /// do not read have given way.
    pub fn holds(&self, seat: &Seat, bytes: usize) -> bool {
        self.set_unread(seat, bytes.saturating_sub(ANSWER_SMALL));
        let excess = || self.unread.load(Ordering::Relaxed).saturating_sub(self.unread_max);
        if excess() == 0 {
            return true;
        }
        let stalled = self.now().saturating_sub(micros(STALLED));
        let mut seats = self.seats();
        let mut others: Vec<_> = seats
            .all
            .values()
            .filter(|other| other.number != seat.number && other.unread.load(Ordering::Relaxed) > 0)
            .filter(|other| other.since().is_some_and(|since| since <= stalled))
            .cloned()
            .collect();
        others.sort_by_key(|other| (other.has_token.load(Ordering::Relaxed), other.since()));
        for other in others {
            if excess() == 0 {
                break;
            }
            self.break_off(&mut seats, &other);
        }
        excess() == 0
    }

    fn set_unread(&self, seat: &Seat, bytes: usize) {
        let bytes = if seat.lost.load(Ordering::SeqCst) { 0 } else { bytes };
        let before = seat.unread.swap(bytes, Ordering::SeqCst);
        self.unread.fetch_add(bytes, Ordering::SeqCst);
        self.unread.fetch_sub(before, Ordering::SeqCst);
    }

    /// One of those that wait gives way. Whether any does.
    fn make_way(&self, seats: &mut Seats, may: impl Fn(&Seat) -> bool) -> bool {
        let waiting = seats.all.values().filter(|seat| may(seat)).filter_map(|seat| {
            let held = seat.peer.and_then(|peer| seats.held.get(&peer).copied()).unwrap_or_default();
            Some(((seat.has_token.load(Ordering::Relaxed), Reverse(held), seat.since()?, seat.number), seat))
        });
        let first = waiting.min_by_key(|(order, _)| *order).map(|(_, seat)| seat.clone());
        first.inspect(|seat| self.break_off(seats, seat)).is_some()
    }

    fn break_off(&self, seats: &mut Seats, seat: &Seat) {
        remove(seats, seat);
        seat.lost.store(true, Ordering::SeqCst);
        self.set_unread(seat, 0);
        self.broken_off.inc();
        seat.task.wake();
    }

    fn now(&self) -> u64 {
        micros(self.began.elapsed())
    }

    /// Every change to the seats is a whole one, so they outlive a panic of whoever held them.
    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove(seats: &mut Seats, seat: &Seat) {
    if seats.all.remove(&seat.number).is_none() {
        return;
    }
    let Some(peer) = seat.peer else { return };
    if let Some(held) = seats.held.get_mut(&peer) {
        *held = held.saturating_sub(1);
        if *held == 0 {
            seats.held.remove(&peer);
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Seat {
    /// A request of it is worked on.
    pub fn works(&self) {
        self.waits_since.store(WORKING, Ordering::Relaxed);
    }

    /// It has shown a valid token.
    pub fn has_token(&self) {
        self.has_token.store(true, Ordering::Relaxed);
    }

    /// Whether it had to give way.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    /// Wakes whoever waited.
    pub fn reads_on(&self) {
        self.task.wake();
    }

    /// Whom to wake when it has to give way, or may read on.
    pub fn wakes(&self, task: &Waker) {
        self.task.register(task);
    }

    fn since(&self) -> Option<u64> {
        Some(self.waits_since.load(Ordering::Relaxed)).filter(|since| *since != WORKING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(connections_max: usize, peer_max: usize, proxies: &str) -> Arc<Crowd> {
        let proxies = Arc::new(proxies.parse().unwrap());
        let gauge = IntGauge::new("open", "open").unwrap();
        let counter = IntCounter::new("broken_off", "broken off").unwrap();
        Crowd::new(Shares { connections_max, peer_max, proxies }, gauge, counter)
    }

    fn from(address: &str) -> Option<SocketAddr> {
        Some(SocketAddr::new(address.parse().unwrap(), 40_000))
    }

    fn lost<const N: usize>(seats: [&Arc<Seat>; N]) -> [bool; N] {
        seats.map(|seat| seat.is_lost())
    }

    /// Seats are told apart by microseconds.
    fn later() {
        std::thread::sleep(Duration::from_micros(5));
    }

    #[test]
    fn who_is_over_the_share_loses_what_waits_longest_and_is_not_worked_on() {
        let crowd = crowd(100, 3, "");
        let arrive = |address: &str| {
            later();
            crowd.arrive(from(address))
        };
        let other = arrive("192.0.2.2");
        let (first, second, third) = (arrive("192.0.2.1"), arrive("192.0.2.1"), arrive("192.0.2.1"));
        first.works();
        let fourth = arrive("192.0.2.1");
        assert_eq!(lost([&first, &second, &third, &fourth, &other]), [false, true, false, false, false]);
        // What has been answered waits anew.
        later();
        crowd.waits(&first);
        let fifth = arrive("192.0.2.1");
        assert_eq!(lost([&first, &third, &fourth, &fifth, &other]), [false, true, false, false, false]);
        // When all are worked on, none is broken off, and nobody is turned away.
        for seat in [&first, &fourth, &fifth] {
            seat.works();
        }
        let sixth = arrive("192.0.2.1");
        assert_eq!(lost([&first, &fourth, &fifth, &sixth]), [false; 4]);
        // Who has gone makes room.
        for seat in [&first, &fourth, &fifth] {
            crowd.leave(seat);
        }
        let (seventh, eighth) = (arrive("192.0.2.1"), arrive("192.0.2.1"));
        assert_eq!(lost([&sixth, &seventh, &eighth]), [false; 3]);
        assert_eq!((crowd.open.get(), crowd.broken_off.get()), (6, 2), "the two that are lost have not left yet");
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer_and_a_trusted_proxy_is_none() {
        let crowd = crowd(100, 2, "10.0.0.0/8, 2001:db8:ffff::/48");
        let of = |addresses: [&str; 3]| {
            let seats = addresses.map(|address| {
                later();
                crowd.arrive(from(address))
            });
            seats.map(|seat| seat.is_lost())
        };
        assert_eq!(of(["2001:db8::1", "2001:db8::2", "2001:db8::3:4:5:6"]), [true, false, false]);
        assert_eq!(of(["2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1"]), [false; 3]);
        assert_eq!(of(["192.0.2.7", "::ffff:192.0.2.7", "192.0.2.7"]), [true, false, false]);
        assert_eq!(of(["10.1.2.3", "10.1.2.3", "10.1.2.3"]), [false; 3]);
        assert_eq!(of(["2001:db8:ffff::1", "2001:db8:ffff::1", "2001:db8:ffff::1"]), [false; 3]);
    }

    #[test]
    fn when_all_seats_are_taken_those_with_a_token_keep_theirs_longest() {
        let crowd = crowd(4, 3, "");
        let arrive = |address: &str| {
            later();
            crowd.arrive(from(address))
        };
        let (known, alone) = (arrive("192.0.2.1"), arrive("192.0.2.2"));
        known.has_token();
        let (one, two) = (arrive("192.0.2.3"), arrive("192.0.2.3"));
        // The peer that holds most, though it came later.
        let three = arrive("192.0.2.4");
        assert_eq!(lost([&known, &alone, &one, &two, &three]), [false, false, true, false, false]);
        let four = arrive("192.0.2.5");
        assert_eq!(lost([&known, &alone, &two, &three, &four]), [false, true, false, false, false]);
        // Only when nobody else waits does one with a token go.
        for seat in [&two, &three, &four] {
            seat.works();
        }
        arrive("192.0.2.6");
        assert!(known.is_lost());
    }

    #[test]
    fn who_does_not_read_gives_way_to_who_does() {
        let mut crowd = Arc::into_inner(crowd(100, 100, "")).unwrap();
        crowd.began = Instant::now().checked_sub(Duration::from_secs(60)).unwrap();
        let crowd = Arc::new(crowd);
        let seat = |seconds_ago: u64| {
            let seat = crowd.arrive(from("192.0.2.1"));
            seat.waits_since.fetch_sub(seconds_ago * 1_000_000, Ordering::Relaxed);
            seat
        };
        let (slow, slower, fresh, small) = (seat(5), seat(9), seat(0), seat(20));
        let half = ANSWERS_MEMORY / 2;
        assert!(crowd.holds(&small, ANSWER_SMALL), "what is small does not count");
        assert!(crowd.holds(&slow, half + ANSWER_SMALL) && crowd.holds(&slower, half));
        assert!(crowd.holds(&fresh, half), "the slowest gives way");
        assert_eq!(lost([&slow, &slower, &fresh, &small]), [false, true, false, false]);
        // Those who read are not broken off: whoever comes has no room, until somebody has read.
        crowd.waits(&slow);
        let last = seat(0);
        assert!(!crowd.holds(&last, half));
        assert_eq!(lost([&slow, &fresh, &last]), [false; 3]);
        crowd.holds(&last, 0);
        crowd.leave(&slow);
        assert!(crowd.holds(&last, half));
        // What was given back is given back once.
        for seat in [&slower, &fresh, &last, &small] {
            crowd.leave(seat);
        }
        assert_eq!(crowd.unread.load(Ordering::SeqCst), 0);
        assert_eq!(crowd.open.get(), 0);
    }
}
