//! How long readings are kept: what is let go, what stays in its place, and what may not go yet.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::excursions::at;
use super::policies;
use super::sensors::{counts, findings, reading, send, sensor};
use super::stability_budgets::with_budget;
use super::support::clinic::id;
use super::support::{World, on_both_databases};

on_both_databases!(
    hours_say_what_the_readings_said,
    a_day_with_very_many_goes_in_pieces,
    what_is_judged_by_readings_keeps_them,
    a_silence_keeps_the_readings_at_its_ends,
    what_comes_after_they_were_let_go_is_rejected,
    several_processes_let_go_together,
    a_budget_is_charged_by_the_readings_that_are_kept,
    a_budget_is_charged_by_the_hours_that_are_left,
    a_reading_is_removed_only_when_it_was_let_go,
    what_was_done_to_what_stays_is_named,
);

/// The shortest time that a policy may say: on the day of the tests, readings of March are older.
fn keep_91_days(world: &World) {
    policies::set(world, &json!({"readings_retention_days": 91}));
}

/// Readings of a day, from midnight on, that lie within the band: no two days are alike, and nor are the hours of one.
fn day(sensor: &str, day: &str, every_seconds: i64) -> Vec<Value> {
    let first: lotline::clock::Moment = format!("{day}T00:00:00Z").parse().unwrap();
    let seed = i64::from(day.as_bytes()[9] - b'0');
    (0..86_400 / every_seconds)
        .map(|place| {
            let at = lotline::clock::Moment::at_unix_micros(first.unix_micros() + place * every_seconds * 1_000_000);
            let milli = 2_100 + (place * 7_919 + seed * 104_729) % 5_800;
            reading(sensor, &at.to_string(), f64::from(i32::try_from(milli).unwrap()) / 1000.0)
        })
        .collect()
}

fn send_all(world: &World, rows: &[Value]) {
    rows.chunks(10_000).for_each(|rows| assert_eq!(counts(&send(world, rows)).2, []));
}

/// The climate of a place in March, without what says where it is from.
fn climate(world: &World, place: &str, resolution: &str) -> (Value, Value) {
    let path = format!("/v1/locations/{place}/climate?from=2026-03-20T00:00:00Z&to=2026-04-05T00:00:00Z");
    let mut said = world.read(&format!("{path}&resolution={resolution}"));
    let until = said.as_object_mut().unwrap().remove("hourly_until").unwrap_or_default();
    (said["buckets"].take(), until)
}

/// Counts and extremes are the same, means to a millionth of a degree and what rounding adds.
fn assert_alike(before: &Value, after: &Value) {
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    assert_eq!(before.len(), after.len());
    for (before, after) in before.iter().zip(after) {
        for exact in ["from", "to", "count", "min_c", "max_c"] {
            assert_eq!(before[exact], after[exact], "{before} {after}");
        }
        for near in ["mean_c", "mkt_c"] {
            let (one, other) = (before[near].as_f64(), after[near].as_f64());
            let is_near = one.zip(other).map_or(one == other, |(one, other)| (one - other).abs() < 1.5e-6);
            assert!(is_near, "{near}: {before} {after}");
        }
    }
}

fn events(world: &World) -> Vec<String> {
    let found = world.read("/v1/events?kind=readings_let_go&limit=200");
    found["items"].as_array().unwrap().iter().map(|event| event["summary"].as_str().unwrap().to_owned()).collect()
}

fn measured_from(world: &World, sensor: &str) -> (Option<String>, Value) {
    let page = world.read(&format!("/v1/sensors/{sensor}/readings?limit=1"));
    let first = page["items"][0]["at"].as_str().map(|at| at[..10].to_owned());
    (first, page.get("let_go_before").cloned().unwrap_or_default())
}

fn hours_say_what_the_readings_said(world: &World) {
    let clinic = world.clinic();
    let (upper, lower) = (sensor(world, &clinic.stock), sensor(world, &clinic.stock));
    let mut rows =
        [day(&upper, "2026-03-20", 300), day(&upper, "2026-03-21", 300), day(&lower, "2026-03-21", 420)].concat();
    // Hours with a silence within, across their end, and with one reading only; and the days after.
    rows.retain(|row| {
        !["2026-03-20T05:1", "2026-03-20T05:2", "2026-03-20T07:5", "2026-03-20T08:0", "2026-03-20T09:"]
            .iter()
            .any(|part| row["at"].as_str().unwrap().starts_with(part))
    });
    rows.push(reading(&upper, "2026-03-20T09:30:00Z", 4.25));
    for later in ["2026-03-23T12:00:00Z", "2026-05-01T12:00:00Z", "2026-06-30T12:00:00Z"] {
        rows.extend([reading(&upper, later, 5.0), reading(&lower, later, 5.5)]);
    }
    send_all(world, &rows);
    let resolutions = ["1h", "6h", "24h", "5h", "7d"];
    let before = resolutions.map(|resolution| climate(world, &clinic.stock, resolution));
    world.sweep();
    assert_eq!(events(world).len(), 0, "without a policy they are kept for ever");
    assert_eq!(measured_from(world, &upper), (Some("2026-03-20".to_owned()), Value::Null));
    keep_91_days(world);
    world.sweep();
    let all = u64::try_from(rows.len()).unwrap();
    assert_eq!(world.database.count("readings"), 4, "of {all}");
    for (resolution, (before, until)) in resolutions.iter().zip(&before) {
        let (after, hourly_until) = climate(world, &clinic.stock, resolution);
        assert_alike(before, &after);
        assert_eq!((until, &hourly_until), (&Value::Null, &json!("2026-04-01T00:00:00.000000Z")), "{resolution}");
    }
    // Finer than an hour: each counts where its first reading was.
    let (fine, _) = climate(world, &clinic.stock, "15m");
    let count = |buckets: &Value| buckets.as_array().unwrap().iter().map(|b| b["count"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(count(&fine), count(&before[0].0));
    assert_eq!((&fine[0]["count"], &fine[1]["count"]), (&json!(12), &json!(0)));
    assert_eq!(measured_from(world, &upper), (Some("2026-05-01".to_owned()), json!("2026-04-01T00:00:00.000000Z")));
    let svg = format!("/v1/locations/{}/climate.svg?from=2026-03-20T00:00:00Z&to=2026-03-22T00:00:00Z", clinic.stock);
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    let plot = world.http.send("GET", &svg, &[("authorization", &bearer)], None);
    assert!(String::from_utf8(plot.bytes).unwrap().contains("were let go: it is drawn by the hour"));
    // Five days of two sensors, each told once.
    let told = events(world);
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(told.contains(&"288 readings of 2026-03-21 were let go; hours of them are kept.".to_owned()), "{told:?}");
    let state = world.database.state();
    world.sweep();
    assert_eq!(world.database.state(), state);
    let of_sensor = world.read(&format!("/v1/events?kind=readings_let_go&subject={upper}"));
    assert_eq!(of_sensor["items"].as_array().unwrap().len(), 3);
}

fn a_day_with_very_many_goes_in_pieces(world: &World) {
    let clinic = world.clinic();
    let new = json!({"location_id": clinic.stock, "name": "Quick", "interval_seconds": 60});
    let quick = id(&world.create(Role::Admin, "/v1/sensors", &new));
    let mut rows = day(&quick, "2026-03-20", 60);
    rows.extend([reading(&quick, "2026-04-20T00:00:00Z", 5.0), reading(&quick, "2026-06-30T00:00:00Z", 5.0)]);
    send_all(world, &rows);
    let before = ["1h", "24h"].map(|resolution| climate(world, &clinic.stock, resolution).0);
    keep_91_days(world);
    world.sweep();
    let piece = |count: i64| format!("{count} readings of 2026-03-20 were let go; hours of them are kept.");
    assert_eq!(events(world), [500, 500, 440].map(piece));
    assert_eq!(world.database.count("climate_hours"), 24);
    for (resolution, before) in ["1h", "24h"].iter().zip(&before) {
        assert_alike(before, &climate(world, &clinic.stock, resolution).0);
    }
}

fn what_is_judged_by_readings_keeps_them(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let mut rows = day(&sensor, "2026-03-20", 300);
    // Too warm for an hour, two months later: what came before may still be judged with it.
    let warm: Vec<_> = (0..13).map(|five| format!("2026-05-20T10:{:02}:00Z", five * 5)).take(12).collect();
    rows.extend(warm.iter().map(|at| reading(&sensor, at, 9.5)));
    rows.extend([reading(&sensor, "2026-05-20T11:00:00Z", 5.0), reading(&sensor, "2026-06-30T10:00:00Z", 5.0)]);
    send_all(world, &rows);
    keep_91_days(world);
    world.sweep();
    assert_eq!(events(world).len(), 0);
    let found = world.read("/v1/excursions?kind=above")["items"].clone();
    let path = format!("/v1/excursions/{}/assessments", id(&found[0]));
    world.create(Role::Quality, &path, &json!({"disposition": "release", "reason": "Data allow it"}));
    let assessed = world.read(&format!("/v1/excursions/{}", id(&found[0])));
    world.sweep();
    assert_eq!(events(world).len(), 1);
    // The excursion's own readings go in their turn; it stays as it was assessed, and so does the day of the last one.
    world.clock.advance_days(365);
    world.sweep();
    assert_eq!(events(world).len(), 2);
    assert_eq!(world.read(&format!("/v1/excursions/{}", id(&found[0]))), assessed);
    assert_eq!(measured_from(world, &sensor).0, Some("2026-06-30".to_owned()));
    world.clock.advance_days(365);
    world.sweep();
    assert_eq!(measured_from(world, &sensor).0, Some("2026-06-30".to_owned()), "what comes next follows on it");
}

fn a_silence_keeps_the_readings_at_its_ends(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    // Silent from March until late in June: readings of that time could still come.
    let rows = [day(&sensor, "2026-03-20", 300), day(&sensor, "2026-03-21", 300)].concat();
    send_all(world, &rows);
    send(world, &[reading(&sensor, "2026-06-20T12:00:00Z", 5.0), reading(&sensor, "2026-06-30T12:00:00Z", 5.0)]);
    keep_91_days(world);
    world.sweep();
    assert_eq!(measured_from(world, &sensor).0, Some("2026-03-21".to_owned()));
    // One comes: the silence is one from when to when nobody knows, as ever.
    send(world, &[reading(&sensor, "2026-06-10T12:00:00Z", 5.0)]);
    let silences = || -> Vec<(String, String)> {
        let found = world.read("/v1/excursions?kind=silent&limit=200")["items"].clone();
        let day = |row: &Value, name: &str| row[name].as_str().map_or("…", |moment| &moment[..10]).to_owned();
        let mut all: Vec<_> =
            found.as_array().unwrap().iter().map(|row| (day(row, "opened_at"), day(row, "closed_at"))).collect();
        all.sort();
        all
    };
    let expected = [("2026-03-21", "2026-06-10"), ("2026-06-10", "2026-06-20"), ("2026-06-20", "2026-06-30")];
    assert_eq!(silences(), expected.map(|(from, to)| (from.to_owned(), to.to_owned())));
    world.clock.advance_days(20);
    world.sweep();
    assert_eq!(measured_from(world, &sensor).0, Some("2026-06-10".to_owned()));
    // And nobody has heard of it since.
    let expected: Vec<_> = expected.into_iter().chain([("2026-06-30", "…")]).collect();
    assert_eq!(
        silences(),
        expected.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect::<Vec<_>>()
    );
}

fn what_comes_after_they_were_let_go_is_rejected(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let mut rows = day(&sensor, "2026-03-20", 300);
    let row = |at: &str, celsius: f64| reading(&sensor, at, celsius);
    rows.extend([row("2026-04-20T12:00:00Z", 5.0), row("2026-05-30T12:00:00Z", 5.0), row("2026-06-30T12:00:00Z", 5.0)]);
    send_all(world, &rows);
    keep_91_days(world);
    world.sweep();
    assert_eq!(measured_from(world, &sensor), (Some("2026-04-20".to_owned()), json!("2026-04-01T00:00:00.000000Z")));
    let too_old = |index| (index, "reading_too_old".to_owned());
    let sent = [
        row("2026-03-20T00:00:00Z", 5.0),
        row("2026-03-01T00:00:00Z", 5.0),
        // What was kept is known, and what is not kept of that time is judged no more: it would need what is gone.
        row("2026-04-20T12:00:00Z", 5.0),
        row("2026-05-30T12:00:00Z", 5.5),
        row("2026-05-31T23:59:59Z", 5.0),
        row("2026-06-01T00:00:00Z", 5.0),
    ];
    let expected = vec![too_old(0), too_old(1), (3, "reading_conflict".to_owned()), too_old(4)];
    assert_eq!(counts(&send(world, &sent)), (1, 1, expected));
    // Of another sensor nothing was let go.
    let other = super::sensors::sensor(world, &clinic.stock);
    assert_eq!(counts(&send(world, &[reading(&other, "2026-03-20T00:00:00Z", 5.0)])), (1, 0, vec![]));
}

fn several_processes_let_go_together(world: &World) {
    let clinic = world.clinic();
    let sensors: Vec<_> = (0..3).map(|_| sensor(world, &clinic.stock)).collect();
    for sensor in &sensors {
        for date in ["2026-03-20", "2026-03-21", "2026-03-22", "2026-03-23"] {
            send_all(world, &day(sensor, date, 900));
        }
        send(world, &[reading(sensor, "2026-04-20T12:00:00Z", 5.0), reading(sensor, "2026-06-30T12:00:00Z", 5.0)]);
    }
    keep_91_days(world);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| world.sweep());
        }
    });
    assert_eq!(events(world).len(), 12);
    assert_eq!((world.database.count("readings"), world.database.count("climate_hours")), (6, 12 * 24));
}

/// An hour too warm, of which a quarter counts against the two hours of a budget and the rest against its ten: known by the
/// hour, all of it counts against the two. Then eighty minutes more are beyond them, which they are not as long as every
/// reading is there: 15 / 120 + 45 / 600 + 80 / 120 = 0.87, and 60 / 120 + 80 / 120 = 1.17.
fn a_budget_is_charged_by_the_readings_that_are_kept(world: &World) {
    assert_eq!(within_budget(world, false), 8);
}

/// See above.
fn a_budget_is_charged_by_the_hours_that_are_left(world: &World) {
    assert_eq!(within_budget(world, true), 0);
}

fn within_budget(world: &World, is_let_go: bool) -> u64 {
    let clinic = with_budget(world, &json!([{"max_c": 10, "hours": 10}, {"max_c": 25, "hours": 2}]));
    let lot = clinic.receive_inspect_release("WARM", 8);
    let sensor = sensor(world, &clinic.stock);
    world.clock.set(&at("12:00"));
    clinic.measure(&sensor, "07:00", &[[12.0; 3], [9.0; 3], [9.0; 3], [9.0; 3], [5.0; 3]].concat());
    let excursion = clinic.read(&format!("/v1/excursions?sensor_id={sensor}&kind=above"))["items"][0].clone();
    assert_eq!(excursion["lots"][0]["units_within_budget"], json!(8), "{excursion}");
    let path = format!("/v1/excursions/{}/assessments", id(&excursion));
    world.create(Role::Quality, &path, &json!({"disposition": "release", "reason": "Within the budget"}));
    world.clock.advance_days(150);
    let now = world.clock.now();
    // Of a silence that goes on until now the first reading could not be let go.
    let before = [now.plus_days(-90), now.plus_minutes(-120)].map(|at| reading(&sensor, &at.to_string(), 5.0));
    send(world, &before);
    if is_let_go {
        keep_91_days(world);
        world.sweep();
        assert_eq!(events(world).len(), 1);
    }
    let warm = |five: i64| {
        let at = now.plus_minutes(5 * five - 90).to_string();
        reading(&sensor, &at, if five < 16 { 12.0 } else { 5.0 })
    };
    send(world, &(0..17).map(warm).collect::<Vec<_>>());
    let found = clinic.read(&format!("/v1/excursions?sensor_id={sensor}&kind=above&state=closed"))["items"].clone();
    let exposed = found[0]["lots"].as_array().unwrap().iter().find(|row| row["lot_id"] == json!(lot)).unwrap();
    exposed.get("units_within_budget").map_or(0, |units| units.as_u64().unwrap())
}

fn a_reading_is_removed_only_when_it_was_let_go(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    send(world, &[reading(&sensor, "2026-03-20T12:00:00Z", 5.0), reading(&sensor, "2026-06-30T12:00:00Z", 5.0)]);
    for sql in ["DELETE FROM readings", "UPDATE readings SET milli_c = 1"] {
        assert!(world.database.execute(sql).is_err(), "{sql}");
    }
    keep_91_days(world);
    world.clock.advance_days(30);
    world.sweep();
    assert_eq!((world.database.count("readings"), world.database.count("climate_hours")), (1, 1));
    for sql in ["DELETE FROM readings", "DELETE FROM climate_hours"] {
        assert!(world.database.execute(sql).is_err(), "{sql}");
    }
}

fn what_was_done_to_what_stays_is_named(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let mut rows = [day(&sensor, "2026-03-20", 300), day(&sensor, "2026-03-21", 300)].concat();
    rows.extend(["2026-04-20T12:00:00Z", "2026-06-30T12:00:00Z"].map(|at| reading(&sensor, at, 5.0)));
    send_all(world, &rows);
    keep_91_days(world);
    world.sweep();
    world.assert_verified();
    let tampered = |sql: &str, back: &str, expected: &str| {
        world.database.tamper(sql);
        let mut found = findings(world);
        // What is kept of the last reading follows from those before it, too.
        found.retain(|finding| !finding.ends_with("sensor_latest says otherwise"));
        assert_eq!(found, [expected], "{sql}");
        world.database.tamper(back);
        world.assert_verified();
    };
    let (hours, readings) = (format!("hours of {sensor} on 2026-03-20"), format!("readings of {sensor}"));
    for column in
        ["readings", "min_mc", "max_mc", "sum_mc", "first_mc", "last_mc", "joined_ms", "joined_nc", "alike_nc"]
    {
        let change = |by: &str| {
            format!(
                "UPDATE climate_hours SET {column} = {column} {by} WHERE from_us = (SELECT MIN(from_us) FROM climate_hours)"
            )
        };
        tampered(&change("+ 1"), &change("- 1"), &format!("{hours}: they are not those that were kept"));
    }
    // A reading of that day, of a batch that there was; and a day that lost some without having been let go.
    let row = "SELECT series, let_go_before_us - 1, 5000, 1 FROM sensor_series";
    tampered(
        &format!("INSERT INTO readings (series, at_us, milli_c, batch) {row}"),
        "DELETE FROM readings WHERE at_us IN (SELECT let_go_before_us - 1 FROM sensor_series)",
        &format!("{readings} on 2026-03-31: 1 are there, which were let go"),
    );
    let of_april = "at_us < (SELECT MAX(at_us) FROM readings)";
    let keep = world.database.lines(&format!(
        "SELECT series || ', ' || at_us || ', ' || milli_c || ', ' || batch AS line FROM readings WHERE {of_april}"
    ));
    let batch = keep[0].rsplit(' ').next().unwrap();
    tampered(
        &format!("DELETE FROM readings WHERE {of_april}"),
        &format!("INSERT INTO readings (series, at_us, milli_c, batch) VALUES ({})", keep[0]),
        &format!("{readings} on 2026-04-20: batch {batch} is missing"),
    );
    world
        .database
        .tamper("DELETE FROM climate_hours WHERE from_us >= (SELECT MIN(from_us) + 86400000000 FROM climate_hours)");
    assert_eq!(findings(world), [format!("hours of {sensor} on 2026-03-21: they are missing")]);
    world.will_not_verify();
    // What was altered before it was let go is found afterwards, too.
    world.database.tamper("UPDATE readings SET milli_c = milli_c + 1 WHERE at_us = (SELECT MIN(at_us) FROM readings)");
    world.clock.advance_days(60);
    world.sweep();
    assert_eq!(world.database.count("readings"), 1);
    let found = findings(world);
    assert!(found.contains(&format!("{readings} on 2026-04-20: batch {batch} is not what was accepted")), "{found:?}");
}
