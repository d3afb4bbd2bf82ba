//! What scenarios share: a server on a database of its own, an HTTP client, and a clinic to work in.

pub mod client;
pub mod clinic;
pub mod contract;
pub mod database;
pub mod postgres;
pub mod process;
pub mod world;

pub use client::{Answer, Client};
pub use clinic::Clinic;
pub use database::{Database, Kind};
pub use process::Process;
pub use world::World;

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The scenarios that ran, and whether they passed.
static RAN: Mutex<BTreeMap<(Kind, usize), Arc<OnceLock<bool>>>> = Mutex::new(BTreeMap::new());

/// Runs a scenario on a server of its own, and verifies its books afterwards.
///
/// Does nothing where the database is not installed; `postgres.rs` says so loudly.
///
/// A scenario runs once: `plans.rs` wants what all of them ask the database, whoever ran them.
pub fn run(kind: Kind, scenario: fn(&World)) {
    let ran = RAN.lock().unwrap_or_else(PoisonError::into_inner).entry((kind, scenario as usize)).or_default().clone();
    let passed = ran.get_or_init(|| {
        let whole = || {
            if let Some(world) = World::start(kind) {
                scenario(&world);
                world.assert_verified();
            }
        };
        catch_unwind(whole).is_ok()
    });
    assert!(passed, "the scenario failed; what it said stands with the test that ran it first");
}

/// Makes two tests of each scenario, `…::sqlite` and `…::postgres`.
macro_rules! on_both_databases {
    ($($scenario:ident),+ $(,)?) => {
        /// The scenarios of this file.
        #[allow(dead_code)] // not every file's are counted
        pub const SCENARIOS: &[fn(&$crate::support::World)] = &[$($scenario),+];

        $(
        mod $scenario {
            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Kind::Sqlite, super::$scenario);
            }

            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Kind::Postgres, super::$scenario);
            }
        }
        )+
    };
}
pub(crate) use on_both_databases;
