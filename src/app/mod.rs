//! The application: everything that the [house](crate::house) says, served. Its routes, what happens around every request,
//! the documentation, and how the process is.

pub mod docs;
pub mod health;
pub mod housekeeping;
mod process;
pub mod requests;
pub mod server;

pub use process::Process;

use crate::http::slice::Routes;

/// The operations outside `/v1`, which anyone may call: they say nothing of an organisation or a person.
pub const PUBLIC: &[&str] = &["get_health", "get_readiness", "get_metrics"];

/// Those of them that ask whether a process lives and can answer. However often they are asked, they are answered.
pub const PROBES: &[&str] = &["get_health", "get_readiness"];

/// Whether the process lives and can answer.
fn probes(cfg: &mut impl Routes) {
    cfg.service(health::healthz).service(health::readyz);
}

/// The numbers of the process.
fn numbers(cfg: &mut impl Routes) {
    cfg.service(health::metrics);
}
