//! Readings as they arrive: read row by row, so that one that cannot be meant is told and the others are kept.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::model::Reading;
use super::wire::{NewReading, NewReadings, RejectedReading};
use crate::clock::Moment;
use crate::http::input;
use crate::ids::SensorId;
use crate::limits::{READINGS_AT_ONCE, READINGS_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::values::words;

words! {
    /// How readings are written.
    ReadingsType {
        /// An object with a list of them.
        Json "application/json",
        /// An object a line.
        Ndjson "application/x-ndjson",
    }
}

/// Where in what was sent a row is.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its number, from 0.
    pub index: usize,
    /// The line of a file, from 1.
    pub line: Option<u64>,
}

/// A row with where it is.
pub type Row = (Place, Sent);

/// A row that was sent: a reading, or why it is none.
pub type Sent = std::result::Result<(SensorId, Reading), RejectedReading>;

impl RejectedReading {
    /// The verdict on a row.
    pub fn new(place: Place, code: &str, message: impl Into<String>) -> Self {
        RejectedReading { index: place.index, line: place.line, code: code.to_owned(), message: message.into() }
    }

    fn of(place: Place, problem: &Problem) -> Self {
        RejectedReading::new(place, problem.code.as_str(), problem.detail.clone())
    }
}

/// A body whose rows are looked at one by one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Loose<'a> {
    #[serde(borrow)]
    readings: Vec<&'a RawValue>,
}

/// The rows of a body.
///
/// # Errors
/// What is wrong with the body as a whole: `malformed_json`, `invalid_body`, `missing_field`, `list_too_long`.
pub fn rows(media_type: ReadingsType, bytes: &[u8]) -> Result<Vec<Row>, Problem> {
    let rows: Vec<&[u8]> = match media_type {
        ReadingsType::Json if is_object(bytes) => {
            input::parse_long::<Loose<'_>>(bytes)?.readings.iter().map(|row| row.get().as_bytes()).collect()
        }
        // Whatever it is, it is told as of any other body.
        ReadingsType::Json => input::parse::<NewReadings>(bytes).map(|_| Vec::new())?,
        ReadingsType::Ndjson => {
            bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect()
        }
    };
    if rows.len() > READINGS_MAX {
        let detail = format!("readings must have at most {READINGS_MAX} entries: these are {}.", rows.len());
        return Err(Problem::new(ProblemCode::ListTooLong, detail).at("readings"));
    }
    let places = (0..).map(|index| Place { index, line: None });
    Ok(places.zip(rows).map(|(place, row)| (place, one(place, row))).collect())
}

/// The rows in parts that are taken in one after the other.
pub fn parts(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut rows = rows.into_iter();
    std::iter::from_fn(|| {
        Some(rows.by_ref().take(READINGS_AT_ONCE).collect::<Vec<_>>()).filter(|part| !part.is_empty())
    })
    .collect()
}

/// Whether JSON is an object: serde takes a list of its values for one.
fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// A row: quickly when there is nothing to say of it.
fn one(place: Place, row: &[u8]) -> Sent {
    match serde_json::from_slice::<NewReading>(row) {
        Ok(new) if is_object(row) => Ok(read(new)),
        _ => input::parse::<NewReading>(row).map(read).map_err(|problem| RejectedReading::of(place, &problem)),
    }
}

fn read(new: NewReading) -> (SensorId, Reading) {
    (new.sensor_id, Reading { at_us: new.at.unix_micros(), milli_c: new.celsius.milli() })
}

/// The moment of a reading.
pub fn moment_of(reading: Reading) -> Moment {
    Moment::at_unix_micros(reading.at_us)
}
