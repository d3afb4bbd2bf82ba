//! Files of temperature loggers: CSV, as each maker writes it.
//!
//! Nothing is guessed that can be read in two ways. Which column is which, what separates them, in which order a date is
//! written: what the file leaves open is asked for, and the file is refused as a whole; what is wrong with a row is its verdict.

use chrono::{LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use serde::Deserialize;
use utoipa::IntoParams;

use super::intake::{Place, Row};
use super::model::Reading;
use super::wire::RejectedReading;
use crate::clock::Moment;
use crate::ids::SensorId;
use crate::limits::{LOGGER_PREAMBLE_MAX, LOGGER_ROWS_MAX};
use crate::problem::{Problem, ProblemCode};
use crate::sheet;
pub use crate::sheet::Delimiter;
use crate::values::{TimeZone as ZoneName, words};

words! {
    /// How files of loggers are written.
    LoggerFileType {
        /// Values in columns.
        Csv "text/csv",
    }
    /// In which order a date is written that does not begin with its year.
    DateOrder {
        /// Day, month, year.
        DayFirst "day_first",
        /// Month, day, year.
        MonthFirst "month_first",
    }
}

/// What the file does not say.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Import {
    /// The sensor that measured.
    pub sensor_id: SensorId,
    /// The time zone of times that have no offset, as IANA names it: `Europe/London`. Needed where there are any.
    #[serde(default)]
    pub time_zone: Option<ZoneName>,
    /// The name of the column with the time, or its number from 1. Left out, it is found by its name.
    #[serde(default)]
    pub time_column: Option<String>,
    /// The name of the column with the temperature, or its number from 1. Left out, it is found by its name.
    #[serde(default)]
    pub celsius_column: Option<String>,
    /// What separates columns. Left out, it is seen from the line with the names.
    #[serde(default)]
    #[param(inline)]
    pub delimiter: Option<Delimiter>,
    /// In which order dates are written. Needed where both could be meant throughout the file.
    #[serde(default)]
    #[param(inline)]
    pub date_order: Option<DateOrder>,
}

fn unclear(what: String) -> Problem {
    Problem::new(ProblemCode::LoggerFileUnclear, what)
}

/// The rows of a file.
///
/// # Errors
/// `logger_file_unclear`, `list_too_long`.
pub fn read(bytes: &[u8], import: &Import) -> Result<Vec<Row>, Problem> {
    let text = sheet::text(bytes);
    let shape = Shape::of(&text, import)?;
    let mut found: Vec<(u64, Result<(WrittenTime, i32), (&'static str, String)>)> = Vec::new();
    for row in sheet::rows(shape.body, shape.delimiter, shape.lines_before) {
        let (line, record) = row.map_err(unclear)?;
        if found.len() >= LOGGER_ROWS_MAX {
            let detail = format!("The file must have at most {LOGGER_ROWS_MAX} rows.");
            return Err(Problem::new(ProblemCode::ListTooLong, detail));
        }
        found.push((line, shape.row(&record)));
    }
    let times = || found.iter().filter_map(|(_, row)| row.as_ref().ok().map(|(time, _)| time));
    let has_offset = |time: &WrittenTime| matches!(time, WrittenTime::Whole(_));
    if import.time_zone.is_none() && times().next().is_some() && !times().any(has_offset) {
        return Err(unclear("The times have no offset: say of which time_zone they are.".to_owned()));
    }
    let order = date_order(times(), import)?;
    Ok(in_time(found, order, import))
}

/// Where in a file what is.
struct Shape<'a> {
    delimiter: Delimiter,
    columns: usize,
    time: usize,
    celsius: usize,
    /// What comes after the line with the names.
    body: &'a str,
    lines_before: u64,
}

impl<'a> Shape<'a> {
    /// Looks for the line with the names of the columns: what stands above it is the maker's.
    fn of(text: &'a str, import: &Import) -> Result<Self, Problem> {
        let mut rest = text;
        for lines_before in 1..=LOGGER_PREAMBLE_MAX {
            let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
            if let Some((delimiter, names)) = named(line, import)
                && let (Some(time), Some(celsius)) = (
                    column(&names, import.time_column.as_deref(), is_time),
                    column(&names, import.celsius_column.as_deref(), is_celsius),
                )
                && time != celsius
            {
                return Ok(Shape { delimiter, columns: names.len(), time, celsius, body: after, lines_before });
            }
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        Err(unclear(
            "No line names exactly one column with the time and one with the temperature in °C: name them with \
             time_column and celsius_column, and what separates them with delimiter."
                .to_owned(),
        ))
    }

    /// What a row says.
    fn row(&self, record: &csv::StringRecord) -> Result<(WrittenTime, i32), (&'static str, String)> {
        if record.len() != self.columns {
            let rule = format!("the line has {} columns, the names are {}.", record.len(), self.columns);
            return Err(("invalid_body", rule));
        }
        let at = |column| record.get(column).unwrap_or_default().trim();
        let (time, celsius) = (at(self.time), at(self.celsius));
        let time =
            WrittenTime::read(time).ok_or(("invalid_time", "the time is not one that is understood.".to_owned()))?;
        let milli_c = milli_c(celsius)
            .ok_or(("invalid_temperature", "the temperature is no number between -273.15 and 200.".to_owned()))?;
        Ok((time, milli_c))
    }
}

/// The names that a line has, and what separates them.
fn named(line: &str, import: &Import) -> Option<(Delimiter, Vec<String>)> {
    let delimiter = import.delimiter.unwrap_or_else(|| Delimiter::of(line));
    let names: Vec<String> = sheet::cells(line, delimiter)?.iter().map(|name| name.trim().to_lowercase()).collect();
    (names.len() > 1).then_some((delimiter, names))
}

/// The one column that is asked for, or is called so.
fn column(names: &[String], asked: Option<&str>, is_called_so: fn(&str) -> bool) -> Option<usize> {
    if let Some(number) = asked.and_then(|asked| asked.parse::<usize>().ok()) {
        return number.checked_sub(1).filter(|place| *place < names.len());
    }
    let asked = asked.map(|asked| asked.trim().to_lowercase());
    let is_it = |name: &str| asked.as_deref().map_or_else(|| is_called_so(name), |asked| name == asked);
    let mut found = names.iter().enumerate().filter(|(_, name)| is_it(name)).map(|(place, _)| place);
    found.next().filter(|_| found.next().is_none())
}

fn is_time(name: &str) -> bool {
    ["time", "date", "zeit", "datum", "heure", "fecha", "hora"].iter().any(|word| name.contains(word))
}

fn is_celsius(name: &str) -> bool {
    let is_other = ["°f", "ºf", "(f)", "fahrenheit", "kelvin"].iter().any(|word| name.contains(word));
    !is_other && ["temp", "celsius", "°c", "ºc"].iter().any(|word| name.contains(word))
}

/// Milli-degrees of a number with a point or a comma, and perhaps its unit.
fn milli_c(text: &str) -> Option<i32> {
    let number = text.trim_end_matches(['C', 'c', '°', 'º', ' ', '\u{a0}']).replace('\u{2212}', "-");
    let number = if number.contains('.') { number } else { number.replacen(',', ".", 1) };
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    let degrees = number.parse::<f64>().ok().filter(|degrees| is_plain && (-273.15..=200.0).contains(degrees))?;
    format!("{degrees:.3}").replace('.', "").parse().ok()
}

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WrittenTime {
    /// With its offset.
    Whole(Moment),
    /// Of a place.
    Local(NaiveDateTime),
    /// The same, with a date whose first two numbers may be day and month, or month and day.
    Either { first: u32, second: u32, year: i32, time: NaiveTime },
}

impl WrittenTime {
    fn read(text: &str) -> Option<Self> {
        if let Ok(moment) = text.replacen(' ', "T", 1).parse::<Moment>() {
            return Some(WrittenTime::Whole(moment));
        }
        let (date, time) = text.split_once(['T', ' '])?;
        let time = time.trim().trim_start_matches(',').trim();
        let formats = ["%H:%M:%S%.f", "%H:%M", "%I:%M:%S %p", "%I:%M %p"];
        let time = formats.iter().find_map(|format| NaiveTime::parse_from_str(time, format).ok())?;
        let mut parts = date.trim_end_matches(',').split(['-', '/', '.']);
        let [one, two, three] = [parts.next()?, parts.next()?, parts.next()?];
        if parts.next().is_some() {
            return None;
        }
        let number = |text: &str| text.parse::<u32>().ok();
        match (one.len(), three.len()) {
            (4, 1..=2) => {
                let day = NaiveDate::from_ymd_opt(one.parse().ok()?, number(two)?, number(three)?)?;
                Some(WrittenTime::Local(day.and_time(time)))
            }
            (1..=2, 4) => {
                let (first, second, year) = (number(one)?, number(two)?, three.parse().ok()?);
                Some(WrittenTime::Either { first, second, year, time })
            }
            _ => None,
        }
    }
}

/// In which order dates are written: as it is said, or as the one order says in which all of them are dates.
fn date_order<'a>(times: impl Iterator<Item = &'a WrittenTime>, import: &Import) -> Result<DateOrder, Problem> {
    if let Some(order) = import.date_order {
        return Ok(order);
    }
    let (mut day_first, mut month_first, mut depends) = (true, true, false);
    for time in times {
        if let WrittenTime::Either { first, second, .. } = time {
            day_first &= *second <= 12;
            month_first &= *first <= 12;
            depends |= first != second;
        }
    }
    match (day_first, month_first) {
        _ if !depends => Ok(DateOrder::DayFirst),
        (true, false) => Ok(DateOrder::DayFirst),
        (false, true) => Ok(DateOrder::MonthFirst),
        _ => Err(unclear(
            "The dates can be read with the day first and with the month first: say which with date_order.".to_owned(),
        )),
    }
}

type Written = (u64, Result<(WrittenTime, i32), (&'static str, String)>);

/// The rows with their moments. An hour that a place has twice, in autumn, is the first in the order of the file until that has
/// passed, and then the second.
fn in_time(rows: Vec<Written>, order: DateOrder, import: &Import) -> Vec<Row> {
    let zone = import.time_zone.as_ref().map(ZoneName::rules);
    let mut local: Vec<Option<NaiveDateTime>> =
        rows.iter().map(|(_, row)| row.as_ref().ok().and_then(|(time, _)| time.local(order))).collect();
    let known = || local.iter().flatten();
    let is_newest_first = known().next() > known().last();
    if is_newest_first {
        local.reverse();
    }
    let mut last = Moment::FIRST;
    let mut moments: Vec<Option<Moment>> = local
        .into_iter()
        .map(|local| {
            let moment = zone.zip(local).and_then(|(zone, local)| moment_in(zone, local, last));
            last = moment.unwrap_or(last);
            moment
        })
        .collect();
    if is_newest_first {
        moments.reverse();
    }
    let rows = rows.into_iter().zip(moments).enumerate();
    rows.map(|(index, ((line, row), moment))| {
        let sent = row.and_then(|(time, milli_c)| {
            let at = match time {
                WrittenTime::Whole(at) => at,
                _ if zone.is_none() => {
                    return Err(("invalid_time", "the time has no offset: say of which time_zone it is.".to_owned()));
                }
                _ => moment.ok_or((
                    "invalid_time",
                    "there is no such time: clocks were put forward, or no such day.".to_owned(),
                ))?,
            };
            Ok((import.sensor_id.clone(), Reading { at_us: at.unix_micros(), milli_c }))
        });
        let place = Place { index, line: Some(line) };
        (place, sent.map_err(|(code, message)| RejectedReading::new(place, code, message)))
    })
    .collect()
}

impl WrittenTime {
    /// The time of the place, if it has no offset and there is such a day.
    fn local(self, order: DateOrder) -> Option<NaiveDateTime> {
        match self {
            WrittenTime::Whole(_) => None,
            WrittenTime::Local(local) => Some(local),
            WrittenTime::Either { first, second, year, time } => {
                let (day, month) = if order == DateOrder::DayFirst { (first, second) } else { (second, first) };
                Some(NaiveDate::from_ymd_opt(year, month, day)?.and_time(time))
            }
        }
    }
}

fn moment_in(zone: Tz, local: NaiveDateTime, last: Moment) -> Option<Moment> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => Some(Moment::from(time.to_utc())),
        LocalResult::Ambiguous(first, second) => {
            let first = Moment::from(first.to_utc());
            Some(if first > last { first } else { Moment::from(second.to_utc()) })
        }
        LocalResult::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(changes: fn(&mut Import)) -> Import {
        let mut import = Import {
            sensor_id: "sen_01932c07-8d00-7000-8000-000000000009".parse().unwrap(),
            time_zone: Some("Europe/London".parse().unwrap()),
            time_column: None,
            celsius_column: None,
            delimiter: None,
            date_order: None,
        };
        changes(&mut import);
        import
    }

    /// What a file says: the moment and milli-degrees of each row, or the line and code of what is wrong with it.
    fn said(file: &[u8], changes: fn(&mut Import)) -> Result<Vec<Result<(String, i32), (u64, String)>>, &'static str> {
        let rows = read(file, &import(changes)).map_err(|problem| problem.code.as_str())?;
        let of = |(place, sent): Row| {
            let at = |reading: Reading| {
                Moment::at_unix_micros(reading.at_us).to_string().chars().take(19).collect::<String>()
            };
            sent.map(|(_, reading)| (at(reading), reading.milli_c))
                .map_err(|rejected| (place.line.unwrap(), rejected.code))
        };
        Ok(rows.into_iter().map(of).collect())
    }

    fn row(at: &str, milli_c: i32) -> Result<(String, i32), (u64, String)> {
        Ok((at.to_owned(), milli_c))
    }

    #[test]
    fn files_are_read_as_makers_write_them() {
        let same = Ok(vec![row("2026-06-30T07:00:00", 5200), row("2026-06-30T07:05:00", -100)]);
        let files: [&[u8]; 7] = [
            b"Time,Temperature\n2026-06-30 08:00,5.2\n2026-06-30 08:05:00,-0.1\n",
            b"\xef\xbb\xbfNr;Datum/Zeit;Temp. \xc2\xb0C;rF %\r\n1;30.06.2026 08:00:00;5,2;40\r\n2;30.06.2026 08:05:00;-0,1;40\r\n",
            b"Logger 7\r\nSerial: 1,234\r\n\r\nDate Time\tTemp (\xb0C)\tTemp (\xb0F)\r\n06/30/2026 08:00:00 AM\t5.2 \xb0C\t41\r\n06/30/2026 08:05 AM\t-0.1\t32\r\n",
            b"at;celsius;timestamp\nx;5,2;2026-06-30T07:00:00Z\ny;-0.1;2026-06-30T08:05:00+01:00",
            b"\"Time\",\"Temp\"\n\"2026-06-30T08:00:00\",\"5,2\"\n\n\"2026-06-30T08:05:00\",\"-0,1\"\n",
            b"Time;Temp\n2026-06-30 08:00;+5,200\n,;\n2026-06-30 08:05;\xe2\x88\x920,1\n",
            b"\xff\xfeT\0i\0m\0e\0;\0T\0e\0m\0p\0\n\x002\x000\x002\x006\0-\x000\x006\0-\x003\x000\0 \x000\x008\0:\x000\x000\0;\x005\0,\x002\0\n\x002\x000\x002\x006\0-\x000\x006\0-\x003\x000\0 \x000\x008\0:\x000\x005\0;\0-\x000\0,\x001\0\n\0",
        ];
        for file in files.iter().take(3).chain(files.iter().skip(4)) {
            assert_eq!(
                said(file, |_| ()).map(|rows| rows.into_iter().filter(Result::is_ok).collect()),
                same,
                "{}",
                String::from_utf8_lossy(file)
            );
        }
        let named = |import: &mut Import| import.time_column = Some("3".to_owned());
        assert_eq!(said(files[3], named), same);
        let named = |import: &mut Import| {
            import.time_column = Some("TIMESTAMP".to_owned());
            import.celsius_column = Some("celsius".to_owned());
        };
        assert_eq!(said(files[3], named), same);
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_asked_for() {
        let unclear = Err("logger_file_unclear");
        let both = b"Time,Temp\n01/02/2026 08:00,5\n03/02/2026 08:00,5\n";
        assert_eq!(said(both, |_| ()), unclear);
        let day = said(both, |import| import.date_order = Some(DateOrder::DayFirst));
        assert_eq!(day, Ok(vec![row("2026-02-01T08:00:00", 5000), row("2026-02-03T08:00:00", 5000)]));
        let month = said(both, |import| import.date_order = Some(DateOrder::MonthFirst));
        assert_eq!(month, Ok(vec![row("2026-01-02T08:00:00", 5000), row("2026-03-02T08:00:00", 5000)]));
        // A date that can only be one of them says it of all, and so does one that is the same in both.
        let said_once = said(b"Time,Temp\n01/02/2026 08:00,5\n13/02/2026 08:00,5\n", |_| ());
        assert_eq!(said_once, Ok(vec![row("2026-02-01T08:00:00", 5000), row("2026-02-13T08:00:00", 5000)]));
        assert_eq!(said(b"Time,Temp\n02/02/2026 08:00,5\n", |_| ()), Ok(vec![row("2026-02-02T08:00:00", 5000)]));
        for file in [
            &b""[..],
            b"\n\n",
            b"a,b\n1,2\n",
            b"Time,Temp (F)\n2026-06-30 08:00,41\n",
            b"Time,Temp 1,Temp 2\n2026-06-30 08:00,4,5\n",
            b"Time|Temp\n2026-06-30 08:00|4\n",
            b"Time,Temp\n13/02/2026 08:00,5\n02/13/2026 08:00,5\n",
            b"\x00\x01\x02",
        ] {
            assert_eq!(said(file, |_| ()), unclear, "{}", String::from_utf8_lossy(file));
        }
        assert_eq!(said(b"Time,Temp\n2026-06-30 08:00,5\n", |import| import.time_zone = None), unclear);
        let wrong = said(b"Time;Temp\n2026-06-30 08:00;4\n", |import| import.delimiter = Some(Delimiter::Comma));
        assert_eq!(wrong, unclear);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_its_verdict() {
        let wrong = |line, code: &str| Err((line, code.to_owned()));
        let file = b"Made by X\r\nTime,Temp\r\n2026-06-30 08:00,5,2\n2026-06-30 08:05,NaN\n2026-06-30 08:10,inf\n\
            2026-06-30 08:15,-300\n2026-06-30 08:20,\n2026-06-31 08:25,5\nyesterday,5\n2026-06-30 08:35,1,000.5\n2026-06-30 08:40,5\n";
        let expected = vec![
            wrong(3, "invalid_body"),
            wrong(4, "invalid_temperature"),
            wrong(5, "invalid_temperature"),
            wrong(6, "invalid_temperature"),
            wrong(7, "invalid_temperature"),
            wrong(8, "invalid_time"),
            wrong(9, "invalid_time"),
            wrong(10, "invalid_body"),
            row("2026-06-30T07:40:00", 5000),
        ];
        assert_eq!(said(file, |_| ()), Ok(expected));
        // Without a zone only times that have their offset are moments.
        let mixed = b"Time,Temp\n2026-06-30 08:00,5\n2026-06-30T08:00:00Z,6\n2026-06-30 08:00:00+02:00,7\n";
        let found = said(mixed, |import| import.time_zone = None);
        let expected =
            vec![wrong(2, "invalid_time"), row("2026-06-30T08:00:00", 6000), row("2026-06-30T06:00:00", 7000)];
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn an_hour_that_is_there_twice_is_read_twice_and_one_that_is_not_is_refused() {
        // Clocks in London went back on 2025-10-26 at 02:00, and forward on 2026-03-29 at 01:00.
        let autumn = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"];
        let utc = [
            "2025-10-25T23:30:00",
            "2025-10-26T00:00:00",
            "2025-10-26T00:30:00",
            "2025-10-26T01:00:00",
            "2025-10-26T01:30:00",
            "2025-10-26T02:00:00",
        ];
        let file = |times: &[&str]| -> Vec<u8> {
            let rows = times.iter().map(|time| format!("2025-10-26 {time},5\n"));
            format!("Time,Temp\n{}", rows.collect::<String>()).into_bytes()
        };
        let expected: Vec<_> = utc.iter().map(|at| row(at, 5000)).collect();
        assert_eq!(said(&file(&autumn), |_| ()), Ok(expected.clone()));
        let newest_first: Vec<_> = autumn.into_iter().rev().collect();
        assert_eq!(said(&file(&newest_first), |_| ()), Ok(expected.into_iter().rev().collect()));
        let spring = said(b"Time,Temp\n2026-03-29 00:30,5\n2026-03-29 01:30,5\n2026-03-29 02:00,5\n", |_| ());
        let gone = Err((3, "invalid_time".to_owned()));
        assert_eq!(spring, Ok(vec![row("2026-03-29T00:30:00", 5000), gone, row("2026-03-29T01:00:00", 5000)]));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_sent_is_read_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            let file = [&b"Time;Temp\n"[..], &bytes].concat();
            let _ = said(&file, |_| ());
            let _ = said(&bytes, |_| ());
        }
    }
}
