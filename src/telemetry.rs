//! Logs: one line of JSON for each event, on standard error.
//!
//! A log line never holds a patient reference, a token or a key: request bodies and paths are not logged at all, only
//! the pattern of the route. Libraries may log what they please of what passes through them, so of theirs only warnings
//! and errors are kept, whatever level is asked for.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Starts logging at a level and above.
pub fn start(level: Level) {
    let of_libraries = level.min(Level::WARN);
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(std::io::stderr);
    let filter = Targets::new().with_target("lotline", level).with_default(of_libraries);
    // A second start, in a test, is not an error: the first one stays.
    if tracing_subscriber::registry().with(filter).with(lines).try_init().is_ok() {
        // Where, but not what: the message of a panic may quote a value.
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, "a defect: something panicked");
        }));
    }
}
