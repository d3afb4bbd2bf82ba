//! `lotline import`: what is in files comes in.

mod lists;
mod readings;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::error::Result;
use crate::imports::model::ImportKind;

/// What a file has.
#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// Products
    Products,
    /// Suppliers
    Suppliers,
    /// Practitioners
    Practitioners,
    /// Licences with their checks; their holders come first
    Licences,
    /// Places; their sites come first
    Locations,
    /// How much of a product a site keeps
    Levels,
    /// What was on the shelf before Lotline; with a token of quality, who attests it
    #[value(name = "opening_stock", alias = "opening-stock")]
    OpeningStock,
    /// The file of a temperature logger
    Readings,
}

/// Its options.
#[derive(Args)]
pub struct Options {
    /// What the file has
    #[arg(value_enum)]
    kind: What,
    /// The file, as CSV
    file: PathBuf,
    #[command(flatten)]
    lists: lists::Options,
    #[command(flatten)]
    readings: readings::Options,
}

/// Brings it in.
///
/// # Errors
/// When the file or the server cannot be read, or the file is refused as a whole.
pub fn run(options: &Options) -> Result<ExitCode> {
    let kind = match options.kind {
        What::Products => ImportKind::Products,
        What::Suppliers => ImportKind::Suppliers,
        What::Practitioners => ImportKind::Practitioners,
        What::Licences => ImportKind::Licences,
        What::Locations => ImportKind::Locations,
        What::Levels => ImportKind::Levels,
        What::OpeningStock => ImportKind::OpeningStock,
        What::Readings => return readings::run(&options.file, &options.readings),
    };
    lists::run(kind, &options.file, &options.lists)
}
