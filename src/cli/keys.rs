//! `lotline keys`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::http::keys;

#[derive(Subcommand)]
pub enum Action {
    /// Print the keys, the oldest first, one line of JSON each
    ///
    /// {"id":"…","made_at":"…","signs":true}. Keys of older versions do not say when they were made, and count as older
    /// than all that do; of several the one with the greatest id signs. One that is not used has a flaw that says why.
    List(Folder),
    /// Make a key, which signs from now on, and print its id
    ///
    /// Older keys go on verifying the tokens that they signed: remove them when those have ended, 24 hours later at most.
    Add(Folder),
    /// Remove a key: a running server refuses its tokens within seconds
    Remove(Removal),
}

#[derive(Args)]
pub struct Folder {
    /// Folder for the signing keys and the embedded database
    #[arg(long, value_name = "DIR", env = "LOTLINE_DATA_DIR", default_value = "./lotline-data")]
    data_dir: PathBuf,
}

#[derive(Args)]
pub struct Removal {
    #[command(flatten)]
    folder: Folder,
    /// The key, as `lotline keys list` prints it
    id: String,
}

pub fn run(action: &Action) -> Result<ExitCode> {
    match action {
        Action::List(Folder { data_dir }) => {
            for key in keys::list(data_dir)? {
                let line = serde_json::to_string(&key).map_err(|e| Error::internal(e.to_string()))?;
                super::print_line(&line)?;
            }
        }
        Action::Add(Folder { data_dir }) => super::print_line(&keys::add(data_dir, &Clock::system())?)?,
        Action::Remove(Removal { folder, id }) => keys::remove(&folder.data_dir, id)?,
    }
    Ok(ExitCode::SUCCESS)
}
