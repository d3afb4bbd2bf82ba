//! What is outside `/v1`: how the process is.

use crate::http::slice::Routes;

/// The operations outside `/v1`, which anyone may call: they say nothing of an organisation or a person.
pub const PUBLIC: &[&str] = &["get_health", "get_readiness", "get_metrics"];

/// Those of them that ask whether a process lives and can answer. However often they are asked, they are answered.
pub const PROBES: &[&str] = &["get_health", "get_readiness"];

/// Whether the process lives and can answer.
pub fn probes(cfg: &mut impl Routes) {
    cfg.service(super::health::healthz).service(super::health::readyz);
}

/// The numbers of the process.
pub fn numbers(cfg: &mut impl Routes) {
    cfg.service(super::health::metrics);
}
