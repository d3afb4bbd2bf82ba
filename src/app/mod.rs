//! The application: everything that the [house](crate::house) says, served. Its routes, what happens around every request,
//! the documentation, and how the process is.

pub mod docs;
pub mod health;
pub mod housekeeping;
pub mod operations;
pub mod process;
pub mod requests;
pub mod server;

pub use operations::{PROBES, PUBLIC};
pub use process::Process;
