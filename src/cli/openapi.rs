//! `lotline openapi`

use std::process::ExitCode;

use crate::error::{Error, Result};

/// The document as it is checked in.
///
/// # Errors
/// Never: the document is made of what this program is.
pub fn text() -> Result<String> {
    serde_json::to_string_pretty(crate::app::docs::document()).map_err(|e| Error::internal(e.to_string()))
}

/// Prints the document.
///
/// # Errors
/// When standard output cannot be written.
pub fn run() -> Result<ExitCode> {
    super::print_line(&text()?)?;
    Ok(ExitCode::SUCCESS)
}
