//! Logs: one line of JSON for each event, on standard error.
//!
//! A log line never holds a patient reference, a token or a key: request bodies and paths are not logged at all, only
//! the pattern of the route.

use tracing::Level;

/// Starts logging at a level and above.
pub fn start(level: Level) {
    // A second start, in a test, is not an error: the first one stays.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .try_init();
}
