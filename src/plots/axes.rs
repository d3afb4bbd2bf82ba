//! Axes: which local times and which degrees are marked. Pure.

use chrono::{DateTime, Datelike, MappedLocalTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// As many marks as an axis of time has room for.
const TIMES_MAX: i64 = 8;
/// As many as one of degrees has.
const DEGREES_MAX: i64 = 7;
const MINUTE_US: i64 = 60 * 1_000_000;
const DAY: i64 = 24 * 60;

/// How far marks are apart. What is shorter than a day begins at midnight; weeks begin on Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Minutes(i64),
    Days(i64),
    Weeks,
    Months(u32),
}

/// The steps, from the finest, each with its length in minutes.
const STEPS: [(Step, i64); 17] = [
    (Step::Minutes(1), 1),
    (Step::Minutes(5), 5),
    (Step::Minutes(15), 15),
    (Step::Minutes(30), 30),
    (Step::Minutes(60), 60),
    (Step::Minutes(3 * 60), 3 * 60),
    (Step::Minutes(6 * 60), 6 * 60),
    (Step::Minutes(12 * 60), 12 * 60),
    (Step::Days(1), DAY),
    (Step::Days(2), 2 * DAY),
    (Step::Days(4), 4 * DAY),
    (Step::Weeks, 7 * DAY),
    (Step::Months(1), 30 * DAY),
    (Step::Months(2), 61 * DAY),
    (Step::Months(3), 91 * DAY),
    (Step::Months(6), 182 * DAY),
    (Step::Months(12), 365 * DAY),
];

/// A mark on the axis of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Where, in microseconds since 1970.
    pub at_us: i64,
    /// The time, the day or the month.
    pub label: String,
    /// The day or the year that begins there.
    pub below: Option<String>,
}

/// The marks of the time from one moment to another, both inclusive, in a time zone: at round local times, wherever the clocks
/// are changed. An hour that there is twice is marked twice; what there is not is not marked.
pub fn times(from_us: i64, to_us: i64, zone: Tz) -> Vec<Tick> {
    let most = (to_us.saturating_sub(from_us) / MINUTE_US) / TIMES_MAX;
    let step = STEPS.iter().find(|(_, minutes)| *minutes >= most).map_or(Step::Months(12), |(step, _)| *step);
    let (Some(first), Some(last)) = (day_of(from_us, zone), day_of(to_us, zone)) else { return Vec::new() };
    let ticks = days(first, last).flat_map(|day| match step {
        Step::Minutes(minutes) => of_day(day, minutes, zone),
        Step::Days(days) => dated(day, i64::from(day.num_days_from_ce()) % days == 0, zone),
        Step::Weeks => dated(day, day.weekday() == chrono::Weekday::Mon, zone),
        Step::Months(months) => monthly(day, months, zone),
    });
    let mut ticks: Vec<_> = ticks.filter(|tick| (from_us..=to_us).contains(&tick.at_us)).collect();
    ticks.sort_by_key(|tick| tick.at_us);
    if let Some(first) = ticks.first_mut()
        && first.below.is_none()
        && let Some(local) = local(first.at_us, zone)
    {
        // The first mark says of which day or year it is.
        first.below = match step {
            Step::Minutes(_) => Some(local.format("%-d %b").to_string()),
            Step::Days(_) | Step::Weeks => None,
            Step::Months(_) => Some(local.format("%Y").to_string()),
        };
    }
    ticks
}

fn local(at_us: i64, zone: Tz) -> Option<DateTime<Tz>> {
    DateTime::<Utc>::from_timestamp_micros(at_us).map(|at| at.with_timezone(&zone))
}

fn day_of(at_us: i64, zone: Tz) -> Option<NaiveDate> {
    local(at_us, zone).map(|at| at.date_naive())
}

fn days(first: NaiveDate, last: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    first.iter_days().take_while(move |day| *day <= last)
}

/// The moments at which clocks show a time of a day: none, one, or two.
fn moments(day: NaiveDate, minutes: i64, zone: Tz) -> Vec<DateTime<Tz>> {
    let Some(time) = day.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(minutes)) else {
        return Vec::new();
    };
    match zone.from_local_datetime(&time) {
        MappedLocalTime::Single(at) => vec![at],
        MappedLocalTime::Ambiguous(one, other) => vec![one.min(other), one.max(other)],
        MappedLocalTime::None => Vec::new(),
    }
}

/// When a day begins: not always at midnight, and not every day there is (a country changed sides of the date line).
fn start_of(day: NaiveDate, zone: Tz) -> Option<DateTime<Tz>> {
    (0..DAY).step_by(15).find_map(|minutes| moments(day, minutes, zone).into_iter().next())
}

fn tick(at: &DateTime<Tz>, label: &str, below: Option<&str>) -> Tick {
    Tick {
        at_us: at.timestamp_micros(),
        label: at.format(label).to_string(),
        below: below.map(|below| at.format(below).to_string()),
    }
}

fn of_day(day: NaiveDate, minutes: i64, zone: Tz) -> Vec<Tick> {
    let start = start_of(day, zone);
    let step = usize::try_from(minutes).unwrap_or(1).max(1);
    let within = (0..DAY).step_by(step).flat_map(|minute| moments(day, minute, zone));
    let within = within.filter(|at| Some(at) != start.as_ref()).map(|at| tick(&at, "%H:%M", None));
    start.iter().map(|at| tick(at, "%H:%M", Some("%-d %b"))).chain(within).collect()
}

fn dated(day: NaiveDate, is_marked: bool, zone: Tz) -> Vec<Tick> {
    start_of(day, zone).filter(|_| is_marked).iter().map(|at| tick(at, "%-d %b", None)).collect()
}

fn monthly(day: NaiveDate, months: u32, zone: Tz) -> Vec<Tick> {
    if day.day() != 1 || !day.month0().is_multiple_of(months) {
        return Vec::new();
    }
    let below = (day.month0() == 0).then_some("%Y");
    start_of(day, zone).iter().map(|at| tick(at, "%b", below)).collect()
}

/// A moment as a person there writes it, with what the clocks are called.
pub fn moment(at_us: i64, zone: Tz) -> String {
    local(at_us, zone).map_or_else(String::new, |at| at.format("%-d %b %Y %H:%M %Z").to_string())
}

/// The same without.
pub fn short_moment(at_us: i64, zone: Tz) -> String {
    local(at_us, zone).map_or_else(String::new, |at| at.format("%-d %b %Y %H:%M").to_string())
}

/// An axis of degrees: from where to where it goes, and what is marked, in milli-degrees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Degrees {
    /// The lowest that is on it.
    pub bottom_mc: i64,
    /// The highest.
    pub top_mc: i64,
    /// What is marked, from below.
    pub marks_mc: Vec<i64>,
}

/// The axis that has room for all from the lowest to the highest, with a little more on either side, and marks at round degrees.
pub fn degrees(lowest_mc: i32, highest_mc: i32) -> Degrees {
    let (lowest, highest) = (i64::from(lowest_mc), i64::from(highest_mc).max(i64::from(lowest_mc)));
    let margin = ((highest - lowest) / 12).max(200);
    let (bottom_mc, top_mc) = (lowest - margin, highest + margin);
    let mut steps = [100, 200, 500].into_iter().chain([1_000, 2_000, 5_000, 10_000, 20_000, 50_000]);
    let step = steps.find(|step| (top_mc - bottom_mc) / step < DEGREES_MAX).unwrap_or(100_000);
    let first = bottom_mc.div_euclid(step) + i64::from(bottom_mc.rem_euclid(step) > 0);
    let marks = (first..).map(|mark| mark * step).take_while(|mark| *mark <= top_mc);
    Degrees { bottom_mc, top_mc, marks_mc: marks.collect() }
}

/// Milli-degrees as degrees, without needless zeros.
pub fn celsius(milli_c: i64) -> String {
    let (sign, whole, rest) = (if milli_c < 0 { "-" } else { "" }, milli_c.abs() / 1000, milli_c.abs() % 1000);
    match rest {
        0 => format!("{sign}{whole}"),
        rest => format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::Moment;

    fn us(text: &str) -> i64 {
        text.parse::<Moment>().unwrap().unix_micros()
    }

    fn marks(from: &str, to: &str, zone: &str) -> Vec<String> {
        let said = |tick: Tick| {
            let at = Moment::at_unix_micros(tick.at_us).to_string();
            format!(
                "{}Z {}{}",
                at.split_at(16).0,
                tick.label,
                tick.below.map(|below| format!("/{below}")).unwrap_or_default()
            )
        };
        times(us(from), us(to), zone.parse().unwrap()).into_iter().map(said).collect()
    }

    #[test]
    // Long because it is a table: a row for each way in which clocks are changed.
    fn marks_are_at_round_local_times_when_clocks_change() {
        // Moments by python3's zoneinfo: datetime(2026, 3, 29, 3, tzinfo=ZoneInfo('Europe/London')).astimezone(timezone.utc),
        // with fold=1 for the second of two hours.
        let rows: [(&str, &str, &str, &[&str]); 7] = [
            // 23 hours: there is no 01:00.
            (
                "2026-03-29T00:00:00Z",
                "2026-03-29T04:00:00Z",
                "Europe/London",
                &[
                    "2026-03-29T00:00Z 00:00/29 Mar",
                    "2026-03-29T00:30Z 00:30",
                    "2026-03-29T01:00Z 02:00",
                    "2026-03-29T01:30Z 02:30",
                    "2026-03-29T02:00Z 03:00",
                    "2026-03-29T02:30Z 03:30",
                    "2026-03-29T03:00Z 04:00",
                    "2026-03-29T03:30Z 04:30",
                    "2026-03-29T04:00Z 05:00",
                ],
            ),
            // 25 hours: 01:00 is twice, and later marks are three hours apart again.
            (
                "2026-10-24T22:00:00Z",
                "2026-10-25T05:00:00Z",
                "Europe/London",
                &[
                    "2026-10-24T22:00Z 23:00/24 Oct",
                    "2026-10-24T23:00Z 00:00/25 Oct",
                    "2026-10-25T00:00Z 01:00",
                    "2026-10-25T01:00Z 01:00",
                    "2026-10-25T02:00Z 02:00",
                    "2026-10-25T03:00Z 03:00",
                    "2026-10-25T04:00Z 04:00",
                    "2026-10-25T05:00Z 05:00",
                ],
            ),
            (
                "2026-10-24T23:00:00Z",
                "2026-10-25T23:00:00Z",
                "Europe/London",
                &[
                    "2026-10-24T23:00Z 00:00/25 Oct",
                    "2026-10-25T03:00Z 03:00",
                    "2026-10-25T06:00Z 06:00",
                    "2026-10-25T09:00Z 09:00",
                    "2026-10-25T12:00Z 12:00",
                    "2026-10-25T15:00Z 15:00",
                    "2026-10-25T18:00Z 18:00",
                    "2026-10-25T21:00Z 21:00",
                ],
            ),
            // Days that begin at another moment of the day in UTC after the change.
            (
                "2026-10-31T00:00:00Z",
                "2026-11-05T00:00:00Z",
                "America/New_York",
                &[
                    "2026-10-31T04:00Z 31 Oct",
                    "2026-11-01T04:00Z 1 Nov",
                    "2026-11-02T05:00Z 2 Nov",
                    "2026-11-03T05:00Z 3 Nov",
                    "2026-11-04T05:00Z 4 Nov",
                ],
            ),
            // A day that begins at 01:00, as there is no midnight.
            (
                "2026-03-27T12:00:00Z",
                "2026-03-31T12:00:00Z",
                "Asia/Beirut",
                &[
                    "2026-03-27T22:00Z 00:00/28 Mar",
                    "2026-03-28T10:00Z 12:00",
                    "2026-03-28T22:00Z 01:00/29 Mar",
                    "2026-03-29T09:00Z 12:00",
                    "2026-03-29T21:00Z 00:00/30 Mar",
                    "2026-03-30T09:00Z 12:00",
                    "2026-03-30T21:00Z 00:00/31 Mar",
                    "2026-03-31T09:00Z 12:00",
                ],
            ),
            // Mondays.
            (
                "2026-03-01T12:00:00Z",
                "2026-04-14T12:00:00Z",
                "Europe/Berlin",
                &[
                    "2026-03-01T23:00Z 2 Mar",
                    "2026-03-08T23:00Z 9 Mar",
                    "2026-03-15T23:00Z 16 Mar",
                    "2026-03-22T23:00Z 23 Mar",
                    "2026-03-29T22:00Z 30 Mar",
                    "2026-04-05T22:00Z 6 Apr",
                    "2026-04-12T22:00Z 13 Apr",
                ],
            ),
            // First days of months.
            (
                "2025-12-31T13:00:00Z",
                "2026-12-31T13:00:00Z",
                "Australia/Sydney",
                &[
                    "2025-12-31T13:00Z Jan/2026",
                    "2026-02-28T13:00Z Mar",
                    "2026-04-30T14:00Z May",
                    "2026-06-30T14:00Z Jul",
                    "2026-08-31T14:00Z Sep",
                    "2026-10-31T13:00Z Nov",
                    "2026-12-31T13:00Z Jan/2027",
                ],
            ),
        ];
        for (from, to, zone, expected) in rows {
            assert_eq!(marks(from, to, zone), expected, "{from} {zone}");
        }
        // Samoa had no 30 December 2011.
        let days = marks("2011-12-28T12:00:00Z", "2012-01-02T09:00:00Z", "Pacific/Apia");
        assert_eq!(
            days,
            [
                "2011-12-29T10:00Z 29 Dec",
                "2011-12-30T10:00Z 31 Dec",
                "2011-12-31T10:00Z 1 Jan",
                "2012-01-01T10:00Z 2 Jan"
            ]
        );
        // Havana has midnight twice; the first begins the day.
        let twice = marks("2026-11-01T03:00:00Z", "2026-11-01T06:00:00Z", "America/Havana");
        assert!(twice.contains(&"2026-11-01T04:00Z 00:00/1 Nov".to_owned()), "{twice:?}");
        assert!(twice.contains(&"2026-11-01T05:00Z 00:00".to_owned()), "{twice:?}");
    }

    #[test]
    fn degrees_are_round() {
        let rows: [(i32, i32, &[i64]); 5] = [
            (2_000, 8_000, &[2_000, 4_000, 6_000, 8_000]),
            (-25_000, -15_000, &[-24_000, -22_000, -20_000, -18_000, -16_000]),
            (2_000, 24_900, &[5_000, 10_000, 15_000, 20_000, 25_000]),
            (5_000, 5_000, &[4_800, 4_900, 5_000, 5_100, 5_200]),
            (-273_150, 200_000, &[-300_000, -200_000, -100_000, 0, 100_000, 200_000]),
        ];
        for (lowest, highest, expected) in rows {
            assert_eq!(degrees(lowest, highest).marks_mc, expected, "{lowest} to {highest}");
        }
        let written = [(0, "0"), (8_000, "8"), (-18_500, "-18.5"), (4_125, "4.125"), (-50, "-0.05")];
        for (milli_c, expected) in written {
            assert_eq!(celsius(milli_c), expected);
        }
    }

    proptest! {
        #[test]
        fn axes_have_few_marks_in_order_within_what_they_are_of(
            from in 0_i64..4_000_000_000, length in 60_i64..158_000_000, zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            lowest in -273_150..200_000_i32, highest in -273_150..200_000_i32,
        ) {
            let (from_us, to_us) = (from * 1_000_000, (from + length) * 1_000_000);
            let ticks = times(from_us, to_us, zone);
            prop_assert!(ticks.len() <= 14, "{}", ticks.len());
            prop_assert!(ticks.is_sorted_by(|one, other| one.at_us < other.at_us));
            prop_assert!(ticks.iter().all(|tick| (from_us..=to_us).contains(&tick.at_us)));
            let axis = degrees(lowest.min(highest), lowest.max(highest));
            prop_assert!(axis.bottom_mc < i64::from(lowest.min(highest)) && i64::from(lowest.max(highest)) < axis.top_mc);
            prop_assert!((2..=8).contains(&axis.marks_mc.len()), "{axis:?}");
            prop_assert!(axis.marks_mc.iter().all(|mark| (axis.bottom_mc..=axis.top_mc).contains(mark)));
        }
    }
}
