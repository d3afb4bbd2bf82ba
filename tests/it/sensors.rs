//! Sensors and readings: what comes late, twice, out of order or wrong, and how warm it was.

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{id, location, site};
use super::support::{Answer, World, on_both_databases};

on_both_databases!(
    readings_come_in_any_order_and_again,
    what_is_wrong_with_a_reading_is_its_verdict,
    lines_are_read_like_a_list,
    of_two_temperatures_the_first_stays_and_both_are_shown,
    sensors_of_others_are_not_there,
    a_retired_sensor_has_measured,
    a_location_has_so_many_sensors,
    a_whole_month_comes_at_once,
    a_key_that_was_used_for_something_else_changes_nothing,
    how_warm_it_was,
    the_file_of_a_logger_is_taken_in,
    the_file_of_a_logger_is_taken_in_from_the_command_line,
    who_is_silent_and_who_must_be_calibrated_is_told,
    who_says_the_same_for_a_day_is_told,
    what_is_kept_of_readings_is_the_same_in_any_order,
    spans_that_cannot_be_meant,
    what_was_done_to_readings_is_named,
);

/// A sensor that measures every five minutes.
pub fn sensor(world: &World, location: &str) -> String {
    let new = json!({"location_id": location, "name": "Upper shelf", "interval_seconds": 300});
    id(&world.create(Role::Admin, "/v1/sensors", &new))
}

pub fn reading(sensor: &str, at: &str, celsius: f64) -> Value {
    json!({"sensor_id": sensor, "at": at, "celsius": celsius})
}

/// Sends readings as a device.
pub fn send(world: &World, readings: &[Value]) -> Value {
    let (status, said) = world.post(Role::Device, "/v1/readings", &json!({ "readings": readings }));
    assert_eq!(status, 200, "{said}");
    said
}

pub fn counts(said: &Value) -> (u64, u64, Vec<(u64, String)>) {
    let rejected = said["rejected"].as_array().unwrap().iter();
    let rejected = rejected.map(|row| (row["index"].as_u64().unwrap(), row["code"].as_str().unwrap().to_owned()));
    (said["accepted"].as_u64().unwrap(), said["duplicates"].as_u64().unwrap(), rejected.collect())
}

fn measured(world: &World, sensor: &str) -> Vec<(String, f64)> {
    let page = world.read(&format!("/v1/sensors/{sensor}/readings?limit=200"));
    assert_eq!(page["next_cursor"], Value::Null);
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| (item["at"].as_str().unwrap()[..16].to_owned(), item["celsius"].as_f64().unwrap())).collect()
}

/// A moment of the day before the clinic's.
fn yesterday(world: &World, time: &str) -> String {
    format!("{}T{time}Z", world.clock.now().plus_days(-1).day_in(chrono_tz::Tz::UTC))
}

fn readings_come_in_any_order_and_again(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let at = |time: &str| yesterday(world, time);
    let row = |time: &str, celsius: f64| reading(&sensor, &at(time), celsius);
    let said = send(world, &[row("10:10:00", 5.2), row("10:00:00", 5.0), row("10:10:00", 5.2)]);
    assert_eq!(counts(&said), (2, 1, vec![]));
    let said = send(world, &[row("10:05:00", -0.1), row("10:00:00", 5.0), row("09:00:00", 4.125)]);
    assert_eq!(counts(&said), (2, 1, vec![]));
    let day = &at("")[..11];
    let expected: Vec<_> = [("09:00", 4.125), ("10:00", 5.0), ("10:05", -0.1), ("10:10", 5.2)]
        .map(|(time, celsius)| (format!("{day}{time}"), celsius))
        .into();
    assert_eq!(measured(world, &sensor), expected);
    // The same again is no event.
    let before = world.database.state();
    assert_eq!(counts(&send(world, &[row("10:05:00", -0.1)])), (0, 1, vec![]));
    assert_eq!(world.database.state(), before);
    // A page after the other, and from a moment to another.
    let page = world.read(&format!("/v1/sensors/{sensor}/readings?limit=3"));
    let next = page["next_cursor"].as_str().unwrap();
    let rest = world.read(&format!("/v1/sensors/{sensor}/readings?limit=3&cursor={next}"));
    assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (3, 1));
    let some = world.read(&format!("/v1/sensors/{sensor}/readings?from={}&to={}", at("10:00:00"), at("10:10:00")));
    assert_eq!(some["items"].as_array().unwrap().len(), 2, "{some}");
    // Each batch is an event that an auditor finds at its site.
    let events = world.read(&format!("/v1/events?kind=readings_accepted&subject={}", clinic.site));
    let said: Vec<_> = events["items"].as_array().unwrap().iter().map(|event| event["summary"].clone()).collect();
    assert_eq!(said, ["2 readings of 1 sensor came.", "2 readings of 1 sensor came."]);
}

/// Rows that cannot be meant, with the code of each.
fn wrong(world: &World, sensor: &str) -> Vec<(String, &'static str)> {
    let at = yesterday(world, "10:00:00");
    let nobody = "sen_01932c07-8d00-7000-8000-00000000dead";
    let later = world.clock.now().plus_minutes(1);
    let row = |sensor: &str, at: &str, celsius: &str| {
        format!(r#"{{"sensor_id":"{sensor}","at":"{at}","celsius":{celsius}}}"#)
    };
    vec![
        (row(sensor, &at, "-300"), "invalid_temperature"),
        (row(sensor, &at, "1e9"), "invalid_temperature"),
        (row(sensor, &at, "\"NaN\""), "invalid_body"),
        (row(sensor, &at, "null"), "invalid_body"),
        (row(sensor, &later.to_string(), "5"), "occurred_in_future"),
        (row(sensor, "yesterday", "5"), "invalid_time"),
        (row(nobody, &at, "5"), "reference_unknown"),
        (row("sen_1", &at, "5"), "reference_unknown"),
        (format!(r#"{{"sensor_id":"{sensor}","at":"{at}"}}"#), "missing_field"),
        (format!(r#"{{"sensor_id":"{sensor}","at":"{at}","celsius":5,"humidity":40}}"#), "unknown_field"),
        (format!(r#"{{"sensor_id":"{sensor}","at":"{at}","celsius":5,"celsius":6}}"#), "duplicate_field"),
        ("7".to_owned(), "invalid_body"),
    ]
}

fn send_raw(world: &World, media_type: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Device));
    let headers = [("authorization", bearer.as_str()), ("content-type", media_type)];
    world.http.send("POST", "/v1/readings", &headers, Some(body.as_bytes()))
}

fn what_is_wrong_with_a_reading_is_its_verdict(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let good = reading(&sensor, &yesterday(world, "12:00:00"), 5.0).to_string();
    let wrong = wrong(world, &sensor);
    let rows: Vec<_> = wrong.iter().map(|(row, _)| row.clone()).chain([good]).collect();
    let answer = send_raw(world, "application/json", &format!("{{\"readings\":[{}]}}", rows.join(",")));
    assert_eq!(answer.status, 200, "{}", answer.json());
    let expected: Vec<_> = (0..).zip(&wrong).map(|(index, (_, code))| (index, (*code).to_owned())).collect();
    assert_eq!(counts(&answer.json()), (1, 0, expected));
    // What is wrong with the whole is a problem, and changes nothing.
    let before = world.database.state();
    for (body, status, code) in [
        ("{\"readings\":[{\"celsius\":NaN}]}", 400, "malformed_json"),
        ("{\"readings\":[", 400, "malformed_json"),
        ("{}", 422, "missing_field"),
        ("[]", 422, "invalid_body"),
        ("{\"readings\":[],\"sensor\":1}", 422, "unknown_field"),
    ] {
        assert_problem(&send_raw(world, "application/json", body), status, code, body);
    }
    assert_problem(&send_raw(world, "text/csv", "at,celsius"), 415, "unsupported_media_type", "csv");
    assert_eq!(world.database.state(), before);
    assert_eq!(counts(&send(world, &[])), (0, 0, vec![]));
}

fn lines_are_read_like_a_list(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let wrong = wrong(world, &sensor);
    let mut lines: Vec<_> = wrong.iter().map(|(row, _)| row.clone()).collect();
    lines.push("{\"celsius\":NaN}".to_owned());
    lines.push(reading(&sensor, &yesterday(world, "12:00:00"), 5.0).to_string());
    let answer = send_raw(world, "application/x-ndjson", &format!("\r\n{}\r\n\n", lines.join("\n")));
    let mut expected: Vec<_> = (0..).zip(&wrong).map(|(index, (_, code))| (index, (*code).to_owned())).collect();
    expected.push((u64::try_from(wrong.len()).unwrap(), "malformed_json".to_owned()));
    assert_eq!(counts(&answer.json()), (1, 0, expected));
    assert_eq!(measured(world, &sensor).len(), 1);
}

fn of_two_temperatures_the_first_stays_and_both_are_shown(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let at = yesterday(world, "10:00:00");
    let both = send(world, &[reading(&sensor, &at, 5.0), reading(&sensor, &at, 9.0)]);
    assert_eq!(counts(&both), (1, 0, vec![(1, "reading_conflict".to_owned())]));
    let again = send(world, &[reading(&sensor, &at, 9.0), reading(&sensor, &at, 9.5), reading(&sensor, &at, 5.0)]);
    let conflict = |index| (index, "reading_conflict".to_owned());
    assert_eq!(counts(&again), (0, 1, vec![conflict(0), conflict(1)]));
    let items = world.read(&format!("/v1/sensors/{sensor}/readings"))["items"].clone();
    assert_eq!(items[0]["celsius"], json!(5.0));
    assert_eq!(items[0]["contradicted_by"], json!([9.0, 9.5]));
    // Whoever sends it a third time fills nothing.
    let before = world.database.state();
    assert_eq!(counts(&send(world, &[reading(&sensor, &at, 9.5)])).2.len(), 1);
    assert_eq!(world.database.state(), before);
    let found = world.read(&format!("/v1/events?subject={sensor}&kind=readings_accepted"))["items"].clone();
    assert_eq!(found.as_array().unwrap().len(), 2, "an auditor finds them by the sensor");
}

fn sensors_of_others_are_not_there(world: &World) {
    let clinic = world.clinic();
    let mine = sensor(world, &clinic.stock);
    let annex = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let there = id(&world.create(Role::Admin, "/v1/locations", &location(&annex, "stock")));
    let theirs = sensor(world, &there);
    let at = yesterday(world, "10:00:00");
    let only_here = world.sign(
        &world.organisation,
        "logger",
        &[Role::Device, Role::Auditor],
        Some(vec![clinic.site.parse().unwrap()]),
    );
    let body = json!({"readings": [reading(&mine, &at, 5.0), reading(&theirs, &at, 5.0)]});
    let (status, said) = world.http.post(&only_here, "/v1/readings", &body);
    assert_eq!((status, counts(&said)), (200, (1, 0, vec![(1, "reference_unknown".to_owned())])));
    let get = |path: &str| world.http.get(&only_here, path).0;
    assert_eq!(get(&format!("/v1/sensors/{mine}/readings")), 200);
    for path in [
        format!("/v1/sensors/{theirs}"),
        format!("/v1/sensors/{theirs}/readings"),
        format!("/v1/locations/{there}/climate?from={at}&to={}", world.clock.now()),
    ] {
        assert_eq!(get(&path), 404, "{path}");
    }
    let stranger = world.register_organisation("Somebody Else");
    let stranger = world.sign(&stranger, "logger", &[Role::Device, Role::Auditor], None);
    let (_, said) = world.http.post(&stranger, "/v1/readings", &json!({"readings": [reading(&mine, &at, 5.0)]}));
    assert_eq!(counts(&said), (0, 0, vec![(0, "reference_unknown".to_owned())]));
    assert_eq!(world.http.get(&stranger, &format!("/v1/sensors/{mine}")).0, 404);
    // A device only says what it measured.
    for role in [Role::Admin, Role::Purchaser, Role::Practitioner, Role::Quality, Role::Auditor] {
        assert_eq!(world.post(role, "/v1/readings", &json!({"readings": []})).0, 403, "{role}");
    }
    assert_eq!(world.http.get(&world.token(Role::Device), "/v1/sensors").0, 403);
}

fn a_retired_sensor_has_measured(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let path = format!("/v1/sensors/{sensor}");
    world.create(Role::Admin, &format!("{path}/retire"), &json!({"reason": "Battery"}));
    let then = world.clock.now();
    world.clock.advance_days(1);
    let rows = [
        reading(&sensor, &then.plus_minutes(-5).to_string(), 5.0),
        reading(&sensor, &then.plus_minutes(5).to_string(), 5.0),
    ];
    assert_eq!(counts(&send(world, &rows)), (1, 0, vec![(1, "retired".to_owned())]));
    world.create(Role::Admin, &format!("{path}/reinstate"), &json!({"reason": "New battery"}));
    assert_eq!(counts(&send(world, &rows)), (1, 1, vec![]));
    // Where it is is what it is known by; the rest is corrected.
    let moved = world.patch(&path, &json!({"location_id": clinic.quarantine}));
    assert_problem(&moved, 409, "identity_fixed", "another location");
    let rules = json!([{"comparator": "above", "celsius": 8.5, "minutes": 60, "mode": "cumulative"}]);
    let patched = world.patch(&path, &json!({"alarm_rules": rules, "calibration_due": "2027-01-31"})).json();
    assert_eq!((&patched["alarm_rules"], &patched["calibration_due"]), (&rules, &json!("2027-01-31")));
    for (field, value) in [
        ("interval_seconds", json!(0)),
        ("interval_seconds", json!(86_401)),
        ("alarm_rules", json!([{"comparator": "above", "celsius": 8.5, "minutes": -1, "mode": "single"}])),
    ] {
        assert_problem(&world.patch(&path, &json!({field: value})), 422, "invalid_value", field);
    }
    let many = vec![rules[0].clone(); 17];
    assert_problem(&world.patch(&path, &json!({"alarm_rules": many})), 422, "list_too_long", "17 rules");
}

fn a_location_has_so_many_sensors(world: &World) {
    let clinic = world.clinic();
    for _ in 0..100 {
        sensor(world, &clinic.stock);
    }
    let new = json!({"location_id": clinic.stock, "name": "One more", "interval_seconds": 300});
    let answer = world.http.post_with(&world.token(Role::Admin), "/v1/sensors", &[], &new);
    assert_problem(&answer, 409, "too_many_sensors", "the 101st");
    sensor(world, &clinic.quarantine);
}

/// Readings every five minutes that end a while ago.
fn month(world: &World, sensor: &str, count: i64) -> Vec<Value> {
    let first = world.clock.now().plus_minutes(-5 * count - 60);
    let celsius = |place: i64| f64::from(i32::try_from(place % 40).unwrap()) / 10.0 + 3.0;
    (0..count).map(|place| reading(sensor, &first.plus_minutes(5 * place).to_string(), celsius(place))).collect()
}

fn a_whole_month_comes_at_once(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let mut all = month(world, &sensor, 10_001);
    let body = json!({ "readings": all });
    let answer = world.http.post_with(&world.token(Role::Device), "/v1/readings", &[], &body);
    assert_problem(&answer, 422, "list_too_long", "10,001");
    assert_eq!(world.database.count("readings"), 0);
    all.pop();
    let body = json!({ "readings": all });
    let token = world.token(Role::Device);
    let key = [("idempotency-key", "month")];
    let first = world.http.post_with(&token, "/v1/readings", &key, &body);
    assert_eq!(counts(&first.json()), (10_000, 0, vec![]));
    assert_eq!(world.database.count("readings"), 10_000);
    // With the key the same answer, without it what is so now.
    let again = world.http.post_with(&token, "/v1/readings", &key, &body);
    assert_eq!((again.status, again.bytes), (200, first.bytes));
    assert_eq!(counts(&send(world, &all)), (0, 10_000, vec![]));
    assert_eq!(world.database.count("readings"), 10_000);
}

fn a_key_that_was_used_for_something_else_changes_nothing(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let token = world.token(Role::Device);
    let key = [("idempotency-key", "mine")];
    let rows = month(world, &sensor, 1_200);
    let first = world.http.post_with(&token, "/v1/readings", &key, &json!({"readings": rows[..1]}));
    assert_eq!(first.status, 200);
    let other = world.http.post_with(&token, "/v1/readings", &key, &json!({ "readings": rows }));
    assert_problem(&other, 422, "idempotency_key_reused", "another body");
    assert_eq!(world.database.count("readings"), 1);
}

fn how_warm_it_was(world: &World) {
    let clinic = world.clinic();
    let (upper, lower) = (sensor(world, &clinic.stock), sensor(world, &clinic.stock));
    let at = |time: &str| yesterday(world, time);
    send(
        world,
        &[
            reading(&upper, &at("10:00:00"), 5.0),
            reading(&upper, &at("10:05:00"), 5.0),
            reading(&upper, &at("10:10:00"), 14.0),
            reading(&lower, &at("10:02:00"), -1.0),
            reading(&upper, &at("10:15:00"), 6.0),
            reading(&upper, &at("09:59:59"), 30.0),
            reading(&upper, &at("10:45:00"), 30.0),
        ],
    );
    let path = format!("/v1/locations/{}/climate", clinic.stock);
    let climate = world.read(&format!("{path}?from={}&to={}&resolution=15m", at("10:00:00"), at("10:45:00")));
    assert_eq!((&climate["min_c"], &climate["max_c"]), (&json!(2.0), &json!(8.0)), "its band");
    let buckets = climate["buckets"].as_array().unwrap();
    let edges: Vec<_> = buckets
        .iter()
        .map(|bucket| (bucket["from"].as_str().unwrap()[11..16].to_owned(), bucket["count"].as_i64().unwrap()))
        .collect();
    assert_eq!(edges, [("10:00".to_owned(), 4), ("10:15".to_owned(), 1), ("10:30".to_owned(), 0)]);
    assert_eq!(
        (&buckets[0]["min_c"], &buckets[0]["max_c"], &buckets[0]["mean_c"]),
        (&json!(-1.0), &json!(14.0), &json!(5.75))
    );
    // python3 -c "from math import*; r=lambda c: exp(-1e4/(c+273.15)); p=[5,5,14];
    // s=sum((r(a)+r(b))/2*5 for a,b in zip(p,p[1:])); print(-1e4/log(s/10)-273.15)": the lower one has no time between.
    let mkt = buckets[0]["mkt_c"].as_f64().unwrap();
    assert!((mkt - MKT).abs() < 1e-6, "{mkt}");
    assert_eq!(buckets[1]["mkt_c"], json!(6.0));
    assert_eq!(
        (&buckets[2]["mkt_c"], &buckets[2]["mean_c"], &buckets[2]["min_c"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    // Nothing of what comes after the end is in the last.
    let part = world.read(&format!("{path}?from={}&to={}&resolution=1h", at("10:00:00"), at("10:12:00")));
    let bucket = &part["buckets"][0];
    assert_eq!((&bucket["count"], &bucket["to"]), (&json!(4), &json!(at("10:12:00.000000"))));
    // What is frozen has none.
    let mut freezer = location(&clinic.site, "stock");
    (freezer["min_c"], freezer["max_c"], freezer["name"]) = (json!(-25), json!(-15), json!("Freezer"));
    let freezer = id(&world.create(Role::Admin, "/v1/locations", &freezer));
    let cold = sensor(world, &freezer);
    send(world, &[reading(&cold, &at("10:00:00"), -20.0)]);
    let climate = world.read(&format!("/v1/locations/{freezer}/climate?from={}&to={}", at("10:00:00"), at("11:00:00")));
    assert_eq!((&climate["buckets"][0]["mean_c"], &climate["buckets"][0]["mkt_c"]), (&json!(-20.0), &Value::Null));
    assert_eq!(climate["buckets"].as_array().unwrap().len(), 12, "five minutes each, as nothing else was asked for");
}

/// See [`how_warm_it_was`].
const MKT: f64 = 8.285215773520349;

fn import(world: &World, role: Role, query: &str, file: &[u8]) -> Answer {
    let bearer = format!("Bearer {}", world.token(role));
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    world.http.send("POST", &format!("/v1/readings/import?{query}"), &headers, Some(file))
}

fn the_file_of_a_logger_is_taken_in(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let before = world.database.state();
    let file = b"Logger 7\r\nDatum;Temp. \xb0C\r\n12.06.2026 09:00;5,2\r\n12.06.2026 09:05;warm\r\n12.12.2026 09:05;5,2\r\n13.06.2026 09:00;4,9\r\n";
    let zone = "&time_zone=Europe/Berlin";
    for (role, query, status, code) in [
        (Role::Quality, format!("sensor_id=sen_01932c07-8d00-7000-8000-00000000dead{zone}"), 422, "reference_unknown"),
        (Role::Quality, format!("sensor_id={sensor}{zone}&delimiter=comma"), 422, "logger_file_unclear"),
        (Role::Quality, format!("sensor_id={sensor}&time_zone=Berlin"), 400, "malformed_query"),
        (Role::Quality, "time_zone=Europe/Berlin".to_owned(), 400, "malformed_query"),
        (Role::Admin, format!("sensor_id={sensor}{zone}"), 403, "forbidden"),
    ] {
        assert_problem(&import(world, role, &query, file), status, code, &query);
    }
    assert_eq!(world.database.state(), before);
    let query = format!("sensor_id={sensor}{zone}");
    let answer = import(world, Role::Quality, &query, file);
    let said = answer.json();
    assert_eq!(answer.status, 200, "{said}");
    let expected = vec![(1, "invalid_temperature".to_owned()), (2, "occurred_in_future".to_owned())];
    assert_eq!(counts(&said), (2, 0, expected));
    assert_eq!((&said["rejected"][0]["line"], &said["rejected"][1]["line"]), (&json!(4), &json!(5)));
    let found = [("2026-06-12T07:00".to_owned(), 5.2), ("2026-06-13T07:00".to_owned(), 4.9)];
    assert_eq!(measured(world, &sensor), found);
    assert_eq!(counts(&import(world, Role::Device, &query, file).json()).1, 2, "again");
    // As many rows as a year has.
    let first = "2025-07-01T00:00:00Z".parse::<lotline::clock::Moment>().unwrap();
    let rows = |count: i64| -> Vec<u8> {
        let rows = (0..count).map(|row| format!("{},5.{}\n", first.plus_minutes(row), row % 10));
        format!("time,temp\n{}", rows.collect::<String>()).into_bytes()
    };
    let answer = import(world, Role::Device, &format!("sensor_id={sensor}"), &rows(110_001));
    assert_problem(&answer, 422, "list_too_long", "110,001 rows");
    assert_eq!(
        counts(&import(world, Role::Device, &format!("sensor_id={sensor}"), &rows(3_000)).json()),
        (3_000, 0, vec![])
    );
}

fn the_file_of_a_logger_is_taken_in_from_the_command_line(world: &World) {
    use super::support::process::{lotline, run};
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let file = world.database.dir().join("logger.csv");
    std::fs::write(&file, "Time,Temp\n2026-06-12 09:00,5.2\n2026-06-12 09:05,warm\n").unwrap();
    let import = |sensor: &str| {
        let mut command = lotline("import", &world.database);
        command.arg("readings").arg(&file).args(["--organisation", world.organisation.as_str(), "--sensor", sensor]);
        command.args(["--time-zone", "Europe/London"]);
        let output = run(command);
        let said = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (output.status.success(), said(&output.stdout), said(&output.stderr))
    };
    let rejected = "line 3: the temperature is no number between -273.15 and 200. (invalid_temperature)";
    assert_eq!(
        import(&sensor),
        (false, format!("{rejected}\n1 accepted, 0 there before, 1 rejected\n"), String::new())
    );
    std::fs::write(&file, "Time,Temp\n2026-06-12 09:00,5.2\n2026-06-12 09:10,5.3\n").unwrap();
    assert_eq!(import(&sensor), (true, "1 accepted, 1 there before, 0 rejected\n".to_owned(), String::new()));
    let found = [("2026-06-12T08:00".to_owned(), 5.2), ("2026-06-12T08:10".to_owned(), 5.3)];
    assert_eq!(measured(world, &sensor), found);
    let (done, _, said) = import("sen_01932c07-8d00-7000-8000-00000000dead");
    assert!(!done && said.contains("sensor_id names nothing that exists"), "{said}");
}

fn who_is_silent_and_who_must_be_calibrated_is_told(world: &World) {
    let clinic = world.clinic();
    let (new, spoken, retired) =
        (sensor(world, &clinic.stock), sensor(world, &clinic.stock), sensor(world, &clinic.stock));
    let silent = |site: &str| -> Vec<(String, Value)> {
        let list = world.read(&format!("/v1/attention?site_id={site}"))["silent_sensors"].clone();
        let of = |item: &Value| (item["sensor_id"].as_str().unwrap().to_owned(), item["last_reading_at"].clone());
        list.as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(silent(&clinic.site), []);
    let then = world.clock.now();
    world.create(Role::Admin, &format!("/v1/sensors/{retired}/retire"), &json!({"reason": "Broken"}));
    world.clock.advance_days(1);
    let at = world.clock.now().plus_minutes(-14);
    send(world, &[reading(&spoken, &at.to_string(), 5.0)]);
    assert_eq!(silent(&clinic.site), [(new.clone(), Value::Null)]);
    world.clock.set(&at.plus_minutes(16).to_string());
    assert_eq!(silent(&clinic.site), [(new.clone(), Value::Null), (spoken.clone(), json!(at))]);
    let since = world.read("/v1/attention")["silent_sensors"][0]["silent_since"].clone();
    assert!(since.as_str().unwrap()[..16] == then.plus_minutes(15).to_string()[..16], "{since} after {then}");
    let annex = id(&world.create(Role::Admin, "/v1/sites", &site()));
    assert_eq!(silent(&annex), []);
    // Within the days asked for.
    let due = |days: &str| world.read(&format!("/v1/attention?days={days}"))["sensors_to_calibrate"].clone();
    let on = world.clock.now().plus_days(10).day_in(chrono_tz::Tz::UTC).to_string();
    world.patch(&format!("/v1/sensors/{spoken}"), &json!({ "calibration_due": on }));
    assert_eq!(due("9"), json!([]));
    assert_eq!(due("10")[0]["sensor_id"], json!(spoken));
    assert_eq!(due("10")[0]["calibration_due"], json!(on));
}

/// The sensors that the morning list doubts, and why.
fn suspects(world: &World, query: &str) -> Vec<(String, Vec<String>)> {
    let list = world.read(&format!("/v1/attention{query}"))["suspect_sensors"].clone();
    let of = |item: &Value| (item["sensor_id"].as_str().unwrap().to_owned(), codes(&item["suspicions"]));
    list.as_array().unwrap().iter().map(of).collect()
}

pub fn codes(suspicions: &Value) -> Vec<String> {
    suspicions.as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap().to_owned()).collect()
}

fn who_says_the_same_for_a_day_is_told(world: &World) {
    let clinic = world.clinic();
    let hourly = || {
        let new = json!({"location_id": clinic.stock, "name": "Shelf", "interval_seconds": 3600});
        id(&world.create(Role::Admin, "/v1/sensors", &new))
    };
    let (stuck, coarse, short, moving) = (hourly(), hourly(), hourly(), hourly());
    world.clock.advance_days(3);
    let begin = world.clock.now().plus_minutes(-30 * 60);
    let at = |hour: i64| begin.plus_minutes(60 * hour).to_string();
    let rows = |sensor: &str, hours: std::ops::RangeInclusive<i64>, celsius: f64| -> Vec<Value> {
        hours.map(|hour| reading(sensor, &at(hour), celsius)).collect()
    };
    // Inside the band all the time. One of half degrees may well say the same for a day, and 23 hours are none.
    send(world, &rows(&coarse, 0..=30, 4.5));
    send(world, &rows(&short, 0..=23, 5.1));
    send(world, &rows(&moving, 0..=29, 5.1));
    send(world, &rows(&moving, 30..=30, 5.2));
    // The end first.
    send(world, &rows(&stuck, 20..=30, 5.1));
    assert_eq!(suspects(world, ""), []);
    send(world, &rows(&stuck, 1..=19, 5.1));
    send(world, &rows(&stuck, 0..=0, 4.9));
    assert_eq!(world.read("/v1/excursions")["items"], json!([]));
    let here = format!("?site_id={}", clinic.site);
    let expected = [(stuck.clone(), vec!["sensor_stuck".to_owned()])];
    assert_eq!((suspects(world, ""), suspects(world, &here)), (expected.to_vec(), expected.to_vec()));
    let annex = id(&world.create(Role::Admin, "/v1/sites", &site()));
    assert_eq!(suspects(world, &format!("?site_id={annex}")), []);
    // The sensor itself says so, and since when; what GET answers may be sent back.
    let path = format!("/v1/sensors/{stuck}");
    let shown = world.read(&path);
    assert_eq!(shown["suspicions"][0]["at"], json!(at(1)), "{shown}");
    assert!(shown["suspicions"][0]["message"].as_str().unwrap().contains("5.1 °C"), "{shown}");
    let due = world.clock.now().day_in(chrono_tz::Europe::London).to_string();
    let mut whole = shown.clone();
    whole["calibration_due"] = json!(due);
    let (admin, body) = (world.token(Role::Admin), whole.to_string());
    let bearer = format!("Bearer {admin}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "\"1\"")];
    let answer = world.http.send("PUT", &path, &headers, Some(body.as_bytes()));
    assert_eq!(answer.status, 200, "{}", answer.json());
    assert_eq!(codes(&world.read(&path)["suspicions"]), ["sensor_stuck", "calibration_overdue"]);
    assert_eq!(world.read(&format!("/v1/sensors/{moving}"))["suspicions"], json!([]));
    // A late reading shows that it moved.
    send(world, &[reading(&stuck, &begin.plus_minutes(20 * 60 + 30).to_string(), 5.2)]);
    assert_eq!(suspects(world, ""), []);
    assert_eq!(codes(&world.read(&path)["suspicions"]), ["calibration_overdue"]);
    // What is kept of it is compared with its readings.
    world.assert_verified();
    world.database.tamper(&format!("UPDATE sensor_latest SET since_us = since_us - 1 WHERE sensor_id = '{short}'"));
    assert_eq!(findings(world), [format!("readings of {short}: sensor_latest says otherwise")]);
    world.database.tamper(&format!("UPDATE sensor_latest SET since_us = since_us + 1 WHERE sensor_id = '{short}'"));
}

/// `verify` computes it from the readings in the order of their time; they come in any.
fn what_is_kept_of_readings_is_the_same_in_any_order(world: &World) {
    let clinic = world.clinic();
    world.clock.advance_days(3);
    let begin = world.clock.now().plus_days(-2);
    for seed in 0..40 {
        let mut dice = super::excursion_histories::Dice(seed * 104_729 + 7);
        let sensor = sensor(world, &clinic.stock);
        let mut rows: Vec<Value> = (0..40)
            .map(|minute| {
                reading(&sensor, &begin.plus_minutes(minute).to_string(), [5.0, 5.0, 5.0, 5.5, 5.1][dice.throw(5)])
            })
            .collect();
        while !rows.is_empty() {
            let mut part = Vec::new();
            for _ in 0..=dice.throw(6).min(rows.len() - 1) {
                part.push(rows.swap_remove(dice.throw(rows.len())));
            }
            send(world, &part);
            if seed % 8 == 0 {
                world.assert_verified();
            }
        }
    }
    world.assert_verified();
}

fn spans_that_cannot_be_meant(world: &World) {
    let clinic = world.clinic();
    let token = world.token(Role::Auditor);
    for query in [
        "",
        "from=2026-01-01T00:00:00Z",
        "from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z",
        "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&resolution=5",
        "from=2026-01-01T00:00:00Z&to=2026-06-02T00:00:00Z&resolution=1m",
        "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&resolution=1h&unit=F",
    ] {
        let (status, said) = world.http.get(&token, &format!("/v1/locations/{}/climate?{query}", clinic.stock));
        assert_eq!((status, &said["code"]), (400, &json!("malformed_query")), "{query}: {said}");
    }
    let nowhere = "/v1/locations/loc_1/climate?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z";
    assert_eq!(world.http.get(&token, nowhere).0, 404);
}

pub fn findings(world: &World) -> Vec<String> {
    lotline::verify::verify(&world.database.url).unwrap().findings
}

fn what_was_done_to_readings_is_named(world: &World) {
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let at = |time: &str| yesterday(world, time);
    send(world, &[reading(&sensor, &at("10:00:00"), 5.0), reading(&sensor, &at("10:05:00"), 5.1)]);
    send(world, &[reading(&sensor, &at("10:10:00"), 5.2)]);
    world.assert_verified();
    let day = &at("")[..10];
    let tampered = |sql: &str, back: &str, expected: &str| {
        world.database.tamper(sql);
        let found = findings(world);
        assert!(found.iter().any(|line| line == expected), "{expected}\nbut: {found:?}");
        assert!(found.iter().all(|line| line.starts_with("readings of ")), "{found:?}");
        world.database.tamper(back);
        world.assert_verified();
    };
    let of = format!("readings of {sensor} on {day}");
    tampered(
        "UPDATE readings SET milli_c = 5150 WHERE milli_c = 5100",
        "UPDATE readings SET milli_c = 5100 WHERE milli_c = 5150",
        &format!("{of}: batch 1 is not what was accepted"),
    );
    tampered(
        "UPDATE readings SET batch = 1 WHERE batch = 2",
        "UPDATE readings SET batch = 2 WHERE milli_c = 5200",
        &format!("{of}: batch 2 is missing"),
    );
    tampered(
        "UPDATE readings SET series = 7 WHERE milli_c = 5200",
        "UPDATE readings SET series = (SELECT series FROM sensor_series) WHERE series = 7",
        &format!("readings of series 7, which is no sensor's, on {day}: batch 2 with 1 is in no event"),
    );
    tampered(
        "INSERT INTO readings (series, at_us, milli_c, batch) SELECT series, 0, 5000, 3 FROM sensor_series",
        "DELETE FROM readings WHERE at_us = 0",
        &format!("readings of {sensor} on 1970-01-01: batch 3 with 1 is in no event"),
    );
    world.database.tamper("DELETE FROM readings WHERE milli_c = 5100");
    assert_eq!(findings(world), [format!("{of}: batch 1 has 1, the journal says 2")]);
    world.will_not_verify();
}
