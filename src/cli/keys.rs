//! `lotline keys`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::clock::Clock;
use crate::custody_log::witness;
use crate::error::{Error, Result};
use crate::http::keys::{self, Listed};

#[derive(Subcommand)]
pub enum Action {
    /// Print the keys, the oldest first, one line of JSON each
    ///
    /// {"use":"tokens","id":"…","made_at":"…","signs":true}: one key signs tokens, the others only check those that they signed. Keys of
    /// older versions do not say when they were made, and count as older than all that do; of several the one with the greatest id
    /// signs. One that is not used has a flaw that says why. The last line is the key of the custody log, if there is one yet
    /// ("use":"custody_log"): it is the log's name to everybody who keeps checkpoints, and is not rotated.
    List(Folder),
    /// Make a key, which signs tokens from now on, and print its id
    ///
    /// Older keys go on checking the tokens that they signed: retire them when those have ended, 24 hours later at most.
    #[command(visible_alias = "add")]
    Rotate(Folder),
    /// Retire a key: a running server refuses its tokens within seconds, and the file is removed
    #[command(visible_alias = "remove")]
    Retire(Removal),
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

/// A key, and what it is for.
#[derive(Serialize)]
struct Line {
    r#use: &'static str,
    #[serde(flatten)]
    key: Listed,
}

fn print(line: &Line) -> Result<()> {
    super::print_line(&serde_json::to_string(line).map_err(|e| Error::internal(e.to_string()))?)
}

pub fn run(action: &Action) -> Result<ExitCode> {
    match action {
        Action::List(Folder { data_dir }) => {
            for key in keys::list(data_dir)? {
                print(&Line { r#use: "tokens", key })?;
            }
            if let Some(key) = witness::look(data_dir)?.key {
                let id = keys::id_of(key.as_bytes());
                print(&Line { r#use: "custody_log", key: Listed { id, made_at: None, signs: true, flaw: None } })?;
            }
        }
        Action::Rotate(Folder { data_dir }) => super::print_line(&keys::add(data_dir, &Clock::system())?)?,
        Action::Retire(Removal { folder, id }) => keys::remove(&folder.data_dir, id)?,
    }
    Ok(ExitCode::SUCCESS)
}
