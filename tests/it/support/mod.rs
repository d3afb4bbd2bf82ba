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

/// Runs a scenario on a server of its own, and verifies its books afterwards.
///
/// Does nothing where the database is not installed; `postgres.rs` says so loudly.
pub fn run(kind: Kind, scenario: fn(&World)) {
    if let Some(world) = World::start(kind) {
        scenario(&world);
        world.assert_verified();
    }
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
