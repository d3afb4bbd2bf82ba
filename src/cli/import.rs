//! `lotline import`: what is in files comes in.

mod lists;
mod readings;

use std::process::ExitCode;

use clap::Subcommand;

use crate::error::Result;
use crate::imports::model::ImportKind;

/// What a file has.
#[derive(Subcommand)]
pub enum What {
    /// Products: send a list to a running server
    ///
    /// All rows come in, or none: what is wrong with a row is printed with its line and column, and it exits with 1. The same
    /// file may be brought in again. GET /v1/imports/templates/products is a list to fill in.
    ///
    /// Example: lotline import products products.csv --dry-run
    Products(lists::Options),
    /// Suppliers, as products are
    Suppliers(lists::Options),
    /// Practitioners, as products are
    Practitioners(lists::Options),
    /// Licences with their checks, as products are; their holders come first
    Licences(lists::Options),
    /// Places, as products are; their sites come first
    Locations(lists::Options),
    /// What was on the shelf before Lotline, as products are; with a token of quality, who attests it
    OpeningStock(lists::Options),
    /// The file of a temperature logger, into the database
    ///
    /// May be run beside a server. What is wrong with a row is printed with its line, the others are kept, and it exits with 1.
    ///
    /// Example: lotline import readings FILE --organisation org_… --sensor sen_… --time-zone Europe/London
    Readings(readings::Options),
}

/// Brings it in.
///
/// # Errors
/// When the file or the server cannot be read, or the file is refused as a whole.
pub fn run(what: &What) -> Result<ExitCode> {
    match what {
        What::Products(options) => lists::run(ImportKind::Products, options),
        What::Suppliers(options) => lists::run(ImportKind::Suppliers, options),
        What::Practitioners(options) => lists::run(ImportKind::Practitioners, options),
        What::Licences(options) => lists::run(ImportKind::Licences, options),
        What::Locations(options) => lists::run(ImportKind::Locations, options),
        What::OpeningStock(options) => lists::run(ImportKind::OpeningStock, options),
        What::Readings(options) => readings::run(options),
    }
}
