//! `lotline import readings`

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use crate::caller::Caller;
use crate::clock::Clock;
use crate::command::Turn;
use crate::config::Deployment;
use crate::db::{Settings, Store};
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, SensorId};
use crate::sensors::intake;
use crate::sensors::logger_files::{self, DateOrder, Delimiter, Import};
use crate::sensors::wire::Verdicts;
use crate::values::TimeZone;

#[derive(Args)]
#[group(skip)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    /// The organisation, as `lotline init` printed it
    #[arg(long, value_name = "ID", value_parser = crate::cli::parse::<OrganisationId>, required_if_eq("kind", "readings"))]
    organisation: Option<OrganisationId>,
    /// The sensor that measured
    #[arg(long, value_name = "ID", value_parser = crate::cli::parse::<SensorId>, required_if_eq("kind", "readings"))]
    sensor: Option<SensorId>,
    /// The time zone of times without an offset, such as Europe/London
    #[arg(long, value_name = "ZONE", value_parser = crate::cli::parse::<TimeZone>)]
    time_zone: Option<TimeZone>,
    /// The name of the column with the time, or its number from 1; found by its name when left out
    #[arg(long, value_name = "COLUMN")]
    time_column: Option<String>,
    /// The name of the column with the temperature in °C, or its number from 1; found by its name when left out
    #[arg(long, value_name = "COLUMN")]
    celsius_column: Option<String>,
    /// What separates columns: comma, semicolon or tab; seen from the file when left out
    #[arg(long, value_name = "WORD", value_parser = crate::cli::parse::<Delimiter>)]
    delimiter: Option<Delimiter>,
    /// In which order dates are written: day_first or month_first; needed where both could be meant
    #[arg(long, value_name = "WORD", value_parser = crate::cli::parse::<DateOrder>)]
    date_order: Option<DateOrder>,
}

pub fn run(file: &Path, options: &Options) -> Result<ExitCode> {
    let bytes = std::fs::read(file).map_err(|error| Error::Unavailable(format!("{}: {error}", file.display())))?;
    let (Some(organisation), Some(sensor)) = (&options.organisation, &options.sensor) else {
        return Err(Error::Unavailable("Readings need --organisation and --sensor.".to_owned()));
    };
    let rows = logger_files::read(&bytes, &options.import(sensor))?;
    let url = options.deployment.database();
    crate::cli::close(&options.deployment)?;
    crate::cli::token::expect_organisation(&url, organisation)?;
    let store = Store::open_beside(&url, &Settings { connections: 1, report_connections: 1 })?;
    let mut whole = Verdicts::default();
    for part in intake::parts(rows) {
        whole = take(organisation, sensor, &store, part, whole)?;
    }
    for line in whole.rejections() {
        crate::cli::print_line(&line)?;
    }
    crate::cli::print_line(&whole.to_string())?;
    Ok(if whole.is_all_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Options {
    fn import(&self, sensor: &SensorId) -> Import {
        Import {
            sensor_id: sensor.clone(),
            time_zone: self.time_zone.clone(),
            time_column: self.time_column.clone(),
            celsius_column: self.celsius_column.clone(),
            delimiter: self.delimiter,
            date_order: self.date_order,
        }
    }
}

/// Takes a part in, as the command line: whoever may run this program beside its database.
fn take(
    organisation: &OrganisationId,
    sensor: &SensorId,
    store: &Store,
    part: Vec<intake::Row>,
    so_far: Verdicts,
) -> Result<Verdicts> {
    let caller = Caller {
        organisation_id: organisation.clone(),
        subject: crate::cli::token::ACTOR.to_owned(),
        roles: Vec::new(),
        sites: None,
    };
    let sensor = sensor.clone();
    crate::cli::give(store, &Clock::system(), caller, Turn::Beside, move |cmd| {
        let mut whole = so_far.clone();
        crate::sensors::service::import(cmd, &sensor, &part, &mut whole)?;
        Ok(whole)
    })
}
