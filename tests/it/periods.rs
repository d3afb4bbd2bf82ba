//! Reports on a period: what a site had, what came, what went, and what it had at the end. The figures of the scenarios were computed by
//! hand; those of random histories by a replay of the journal that knows nothing of the service ([`assert_told`]).

use std::collections::{BTreeMap, BTreeSet};

use lotline::caller::Role;
use serde_json::{Map, Value, json};

use super::judge::{Event, Line};
use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, licence, location, scan, site};
use super::support::{Answer, Clinic, World, on_both_databases};

on_both_databases!(
    a_period_adds_up,
    a_day_ends_when_it_does_there,
    what_the_books_never_had_is_told,
    a_report_is_read_printed_and_summed_up,
    what_was_known_is_told_for_ever,
    a_report_that_makes_no_sense_is_refused,
);

/// The columns, in the order in which they are told.
const COLUMNS: [&str; 13] = [
    "opening",
    "received",
    "transferred_in",
    "voided",
    "unaccounted",
    "adjusted",
    "administered",
    "wasted",
    "returned",
    "destroyed",
    "lost",
    "transferred_out",
    "closing",
];

fn period(site: &str, from: &str, to: &str) -> String {
    format!("/v1/reports/period?site_id={site}&from={from}&to={to}")
}

/// What a row says but noughts.
fn sums(row: &Value) -> Value {
    let told = COLUMNS.iter().map(|name| ((*name).to_owned(), row[name].clone()));
    told.filter(|(_, units)| *units != json!(0)).collect::<Map<_, _>>().into()
}

/// The rows of a report, by the texts of their lots.
fn lots(report: &Value) -> BTreeMap<String, Value> {
    let rows = report["lots"].as_array().unwrap().iter();
    rows.map(|row| (row["lot"].as_str().unwrap().to_owned(), sums(row))).collect()
}

/// Everything in a report adds up.
fn assert_adds_up(report: &Value) {
    let units = |row: &Value, name: &str| row[name].as_i64().unwrap();
    let of = |rows: &[&Value]| -> Vec<i64> {
        COLUMNS.iter().map(|name| rows.iter().map(|row| units(row, name)).sum()).collect()
    };
    let rows: Vec<_> = report["lots"].as_array().unwrap().iter().collect();
    let products: Vec<_> = report["products"].as_array().unwrap().iter().collect();
    for row in rows.iter().chain(&products).chain([&&report["totals"]]) {
        let sum = |names: &[&str]| names.iter().map(|name| units(row, name)).sum::<i64>();
        let came = sum(&COLUMNS[..6]);
        let went = sum(&COLUMNS[6..]);
        assert_eq!(came, went, "{row}");
        assert!(units(row, "opening") >= 0 && units(row, "closing") >= 0, "{row}");
    }
    for product in &products {
        let own: Vec<_> = rows.iter().filter(|row| row["product_id"] == product["product_id"]).copied().collect();
        assert_eq!(of(&own), of(&[product]), "{product}");
    }
    assert_eq!(of(&rows), of(&[&report["totals"]]), "{report}");
    assert_eq!(of(&products), of(&[&report["totals"]]), "{report}");
}

fn told(world: &World, path: &str) -> Value {
    let report = world.read(path);
    assert_adds_up(&report);
    report
}

impl Clinic<'_> {
    fn at(&self, time: &str) {
        self.clock.set(time);
    }

    fn gone(&self, path: &str, lot: &str, from: &str, units: i64) {
        let body = json!({"lot_id": lot, "from_location_id": from, "units": units, "reason": "As it was"});
        self.create(Role::Quality, path, &body);
    }

    fn given(&self, lot: &str, units: i64) -> String {
        let (status, made) = self.administer(lot, units);
        assert_eq!(status, 201, "{made}");
        id(&made)
    }

    fn void_of(&self, administration: &str, returned: bool) {
        let body = json!({"reason": "Wrong patient", "returned_to_stock": returned});
        self.create(Role::Quality, &format!("/v1/administrations/{administration}/voids"), &body);
    }

    /// Another site with a place for stock.
    fn second_site(&self) -> (String, String) {
        let mut there = site();
        there["name"] = json!("Deansgate");
        let there = id(&self.create(Role::Admin, "/v1/sites", &there));
        self.checked_licence(&licence(("site", &there), "facility", "CQC", "1-200"));
        let fridge = id(&self.create(Role::Admin, "/v1/locations", &location(&there, "stock")));
        (there, fridge)
    }
}

/// June and July of a lot, of which another part goes to a second site; the days are London's.
fn a_period_adds_up(world: &World) {
    let clinic = world.clinic();
    let (there, their_fridge) = clinic.second_site();
    clinic.at("2026-06-10T09:00:00Z");
    let lot = clinic.receive_inspect_release("LOT-A", 20);
    clinic.at("2026-06-15T09:00:00Z");
    let three = clinic.given(&lot, 3);
    clinic.at("2026-06-16T09:00:00Z");
    clinic.gone("/v1/wastages", &lot, &clinic.stock, 1);
    // Half past eleven in London, and half past midnight on the first of July.
    clinic.at("2026-06-30T22:30:00Z");
    let two = clinic.given(&lot, 2);
    clinic.at("2026-06-30T23:30:00Z");
    clinic.given(&lot, 1);
    clinic.at("2026-07-05T09:00:00Z");
    clinic.void_of(&three, true);
    clinic.at("2026-07-06T09:00:00Z");
    clinic.void_of(&two, false);
    clinic.at("2026-07-07T09:00:00Z");
    clinic.create(
        Role::Quality,
        "/v1/transfers",
        &json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": their_fridge, "units": 2,
            "reason": "They ran out"}),
    );
    clinic.at("2026-07-08T09:00:00Z");
    clinic.gone("/v1/returns", &lot, &clinic.quarantine, 1);
    clinic.gone("/v1/destructions", &lot, &clinic.quarantine, 1);
    clinic.at("2026-07-10T09:00:00Z");
    let june = period(&clinic.site, "2026-06-01", "2026-06-30");
    let expected = json!({"received": 20, "administered": 5, "wasted": 1, "closing": 14});
    assert_eq!(lots(&told(world, &june)), BTreeMap::from([("LOT-A".to_owned(), expected)]));
    // Entered now, it happened in June.
    let mut late = clinic.administration(&lot, 1);
    late["occurred_at"] = json!("2026-06-20T09:00:00Z");
    clinic.create(Role::Practitioner, "/v1/administrations", &late);
    let expected = json!({"received": 20, "administered": 6, "wasted": 1, "closing": 13});
    let report = told(world, &june);
    assert_eq!(lots(&report), BTreeMap::from([("LOT-A".to_owned(), expected.clone())]));
    assert_eq!((sums(&report["totals"]), report["products"].as_array().unwrap().len()), (expected, 1));
    assert_eq!(
        (&report["site"], &report["from"], &report["to"], &report["time_zone"]),
        (
            &json!("Harley Street"),
            &json!("2026-05-31T23:00:00.000000Z"),
            &json!("2026-06-30T23:00:00.000000Z"),
            &json!("Europe/London")
        )
    );
    let row = &report["lots"][0];
    assert_eq!(
        (&row["product"], &row["lot_id"], &row["expiry"]),
        (&json!("HArmonyCa"), &json!(lot), &json!("2027-06-30")),
        "{row}"
    );
    let july = told(world, &period(&clinic.site, "2026-07-01", "2026-07-31"));
    let expected = json!({
        "opening": 13, "voided": 5, "administered": 1, "wasted": 2, "returned": 1, "destroyed": 1, "transferred_out": 2,
        "closing": 11
    });
    assert_eq!(lots(&july)["LOT-A"], expected);
    let expected = json!({"transferred_in": 2, "closing": 2});
    assert_eq!(
        lots(&told(world, &period(&there, "2026-07-01", "2026-07-31"))),
        [("LOT-A".to_owned(), expected)].into()
    );
    let none = told(world, &period(&there, "2026-06-01", "2026-06-30"));
    assert_eq!((&none["lots"], &none["products"], sums(&none["totals"])), (&json!([]), &json!([]), json!({})));
    // The void is not back in June, and a period in which nothing moved tells what lies there.
    let still = told(world, &period(&clinic.site, "2026-07-11", "2026-07-12"));
    assert_eq!(lots(&still)["LOT-A"], json!({"opening": 11, "closing": 11}));
    assert_eq!(told(world, &period(&clinic.site, "2026-01-01", "2026-01-31"))["lots"], json!([]));
    world.assert_verified();
}

/// The same units by the clocks of London and by moments; and a day of 23 hours.
fn a_day_ends_when_it_does_there(world: &World) {
    let clinic = world.clinic();
    // On the 29th of March 2026 clocks go forward at one o'clock: the day ends at 23:00 UTC.
    clinic.at("2026-03-20T09:00:00Z");
    let lot = clinic.receive_inspect_release("LOT-A", 10);
    for (time, units) in [("2026-03-28T23:59:59Z", 1), ("2026-03-29T00:00:00Z", 2), ("2026-03-29T22:59:59Z", 3)] {
        clinic.at(time);
        clinic.given(&lot, units);
    }
    clinic.at("2026-03-29T23:00:00Z");
    clinic.given(&lot, 1);
    clinic.at("2026-03-30T09:00:00Z");
    let administered =
        |from: &str, to: &str| told(world, &period(&clinic.site, from, to))["totals"]["administered"].as_i64().unwrap();
    for (from, to, units) in [
        ("2026-03-28", "2026-03-28", 1),
        ("2026-03-29", "2026-03-29", 5),
        ("2026-03-30", "2026-03-30", 1),
        ("2026-03-28", "2026-03-30", 7),
        ("2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z", 6),
        ("2026-03-29T00:00:00Z", "2026-03-29", 5),
        ("2026-03-29", "2026-03-29T22:59:59Z", 2),
        ("2026-03-01", "2026-03-27", 0),
    ] {
        assert_eq!(administered(from, to), units, "{from} {to}");
    }
}

/// Given though the books did not have it, here and of a lot that never came; and voided.
fn what_the_books_never_had_is_told(world: &World) {
    let clinic = world.clinic();
    clinic.at("2026-06-10T09:00:00Z");
    let lot = clinic.receive_inspect_release("LOT-A", 2);
    let retrospective = |mut body: Value| {
        body["retrospective"] = json!({"reason": "It has happened"});
        id(&clinic.create(Role::Practitioner, "/v1/administrations", &body))
    };
    clinic.at("2026-06-11T09:00:00Z");
    retrospective(clinic.administration(&lot, 5));
    let never = retrospective(clinic.administration_of(&scan("270630", "NEVER", None)));
    clinic.at("2026-07-02T09:00:00Z");
    clinic.void_of(&never, false);
    let june = told(world, &period(&clinic.site, "2026-06-01", "2026-06-30"));
    assert_eq!(
        lots(&june),
        BTreeMap::from([
            ("LOT-A".to_owned(), json!({"received": 2, "unaccounted": 3, "administered": 5})),
            ("NEVER".to_owned(), json!({"unaccounted": 1, "administered": 1})),
        ])
    );
    let july = told(world, &period(&clinic.site, "2026-07-01", "2026-07-31"));
    assert_eq!(lots(&july), BTreeMap::from([("NEVER".to_owned(), json!({"voided": 1, "unaccounted": -1}))]));
    // They are nobody else's.
    let (there, _) = clinic.second_site();
    assert_eq!(told(world, &period(&there, "2026-06-01", "2026-07-31"))["lots"], json!([]));
}

fn asked(world: &World, path: &str, accept: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    world.http.send("GET", path, &[("authorization", &bearer), ("accept", accept)], None)
}

/// The rows of a CSV, each by the names of its columns.
pub fn rows(answer: &Answer) -> Vec<BTreeMap<String, String>> {
    assert!(answer.header("content-type").unwrap().starts_with("text/csv; charset=utf-8"), "{answer:?}");
    let mut reader = csv::Reader::from_reader(answer.bytes.as_slice());
    let names = reader.headers().unwrap().clone();
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        names.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    });
    rows.collect()
}

fn a_report_is_read_printed_and_summed_up(world: &World) {
    let clinic = world.clinic();
    let mut other = super::support::clinic::product(&super::support::clinic::gtin(7));
    other["name"] = json!("Aa \"<b>\" & filler");
    clinic.create(Role::Admin, "/v1/products", &other);
    let line = |gtin: &str, lot: &str| json!({"gtin": gtin, "lot": lot, "expiry": "2027-06-30", "packs": 2});
    let lines = json!([line(GTIN, "=1+1"), line(GTIN, "LOT-B"), line(&super::support::clinic::gtin(7), "<i>,\"x\""),]);
    clinic.create(Role::Purchaser, "/v1/receipts", &clinic.receipt(lines));
    let path = period(&clinic.site, "2026-07-01", "2026-07-31");
    let report = told(world, &path);
    let names: Vec<_> = report["lots"].as_array().unwrap().iter().map(|row| row["lot"].as_str().unwrap()).collect();
    assert_eq!((names.len(), names[0]), (3, "<i>,\"x\""), "by the names of the products: {report}");

    let csv = asked(world, &path, "text/csv");
    let found = rows(&csv);
    assert_eq!(found.len(), 3);
    assert_eq!(found.iter().map(|row| row["received"].parse::<i64>().unwrap()).sum::<i64>(), 12);
    let texts: BTreeSet<_> = found.iter().map(|row| row["lot"].as_str()).collect();
    assert_eq!(texts, ["'=1+1", "LOT-B", "<i>,\"x\""].into());
    let head = String::from_utf8(csv.bytes.clone()).unwrap().lines().next().unwrap().to_owned();
    assert_eq!(head, format!("product_id,product,lot_id,lot,expiry,{}", COLUMNS.join(",")));
    let name = format!("attachment; filename=\"stock-of-{}-from-2026-07-01-to-2026-08-01.csv\"", clinic.site);
    assert_eq!(csv.header("content-disposition"), Some(name.as_str()));
    // Whoever has nothing to tell tells the names of the columns.
    let none = asked(world, &period(&clinic.site, "2026-01-01", "2026-01-01"), "text/csv");
    assert_eq!(String::from_utf8(none.bytes).unwrap(), format!("{head}\r\n"));
    let lines = String::from_utf8(asked(world, &path, "application/x-ndjson").bytes).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(json!(lines), report["lots"]);

    let page = asked(world, &path, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("content-security-policy"), Some("default-src 'none'; style-src 'unsafe-inline'"));
    let html = String::from_utf8(page.bytes).unwrap();
    for said in [
        "<title>Stock of Harley Street: 2026-07-01 00:00:00 to 2026-08-01 00:00:00</title>",
        "Aa \"&lt;b&gt;\" &amp; filler",
        "&lt;i&gt;,\"x\"",
        "for auditor",
        "<td class=\"n\">12</td>",
    ] {
        assert!(html.contains(said), "{said}: {html}");
    }
    assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<i>"), "{html}");
}

fn what_was_known_is_told_for_ever(world: &World) {
    let clinic = world.clinic();
    clinic.at("2026-06-10T09:00:00Z");
    let lot = clinic.receive_inspect_release("LOT-A", 4);
    clinic.at("2026-07-02T09:00:00Z");
    let path = period(&clinic.site, "2026-06-01", "2026-06-30");
    let size = super::pasts::size(world);
    let known = told(world, &path);
    assert_eq!((&known["tree_size"], sums(&known["totals"])), (&Value::Null, json!({"received": 4, "closing": 4})));
    // What was there is gone at every moment since, and nothing of it has moved since the period began but what was entered later.
    let mut late = clinic.administration(&lot, 4);
    late["occurred_at"] = json!("2026-06-12T09:00:00Z");
    clinic.create(Role::Practitioner, "/v1/administrations", &late);
    let now = told(world, &path);
    assert_eq!(sums(&now["totals"]), json!({"received": 4, "administered": 4}));
    let then = told(world, &format!("{path}&as_of={size}"));
    assert_eq!((&then["tree_size"], &then["lots"]), (&json!(size), &known["lots"]));
    let later = format!("{}&as_of={size}", period(&clinic.site, "2026-07-01", "2026-07-01"));
    assert_eq!(sums(&told(world, &later)["totals"]), json!({"opening": 4, "closing": 4}));
    // What things are called since changes nothing of it: what is asked for now has the new names.
    let rename = |path: String, name: &str| assert_eq!(clinic.patch(&path, &json!({"name": name})).status, 200);
    rename(format!("/v1/products/{}", clinic.product), "Another name");
    rename(format!("/v1/sites/{}", clinic.site), "Another street");
    let again = told(world, &format!("{path}&as_of={size}"));
    assert_eq!((&again["site"], &again["lots"], &again["products"]), (&then["site"], &then["lots"], &then["products"]));
    let now = told(world, &path);
    assert_eq!((&now["site"], &now["lots"][0]["product"]), (&json!("Another street"), &json!("Another name")));
    let html = String::from_utf8(asked(world, &format!("{path}&as_of={size}"), "text/html").bytes).unwrap();
    assert!(html.contains(&format!("as_of={size}")), "{html}");
}

fn a_report_that_makes_no_sense_is_refused(world: &World) {
    let clinic = world.clinic();
    let refused = |path: &str, status: u16, code: &str| {
        for accept in ["application/json", "text/csv", "text/html"] {
            assert_problem(&asked(world, path, accept), status, code, path);
        }
    };
    let site = &clinic.site;
    refused(&period(site, "2026-07-02", "2026-07-01"), 400, "malformed_query");
    refused(&period(site, "2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"), 400, "malformed_query");
    refused(&format!("/v1/reports/period?site_id={site}&from=2026-07-01"), 400, "malformed_query");
    refused(&format!("/v1/reports/period?site_id={site}&from=2026-02-30&to=2026-03-01"), 400, "malformed_query");
    refused("/v1/reports/period?from=2026-07-01&to=2026-07-01", 400, "malformed_query");
    let nowhere = "site_01932c07-8d00-7000-8000-000000000001";
    refused(&period(nowhere, "2026-07-01", "2026-07-01"), 422, "reference_unknown");
    refused(&format!("{}&as_of=999999", period(site, "2026-07-01", "2026-07-01")), 422, "beyond_the_log");
    // The ends of what both databases keep.
    let whole = told(world, &period(site, "0001-01-01", "9999-12-31"));
    assert_eq!(whole["lots"], json!([]));
}

/// What a replay of the journal finds for a site and a period, lot by lot. Nothing of the service is used, and nothing is taken from
/// what is there now: what was there is what all lines before a moment come to.
fn replayed(journal: &[Event], site: &str, (from, to): (i64, i64)) -> BTreeMap<String, Vec<i64>> {
    let mut found: BTreeMap<String, BTreeMap<&str, i64>> = BTreeMap::new();
    for (event, line) in journal.iter().flat_map(|event| event.lines.iter().map(move |line| (event, line))) {
        let is_here = |key: &super::judge::Key| key.account.place.as_ref().is_some_and(|place| place.site == site);
        let is_inside = |key: &super::judge::Key| key.account.place.is_some();
        let Line { at, from: source, to: target, units } = line;
        let row = found.entry(source.lot.clone()).or_default();
        let mut add = |column, units: i64| *row.entry(column).or_default() += units;
        let gained = i64::from(is_here(target)) - i64::from(is_here(source));
        if *at < from {
            add("opening", gained * units);
        }
        if *at < to {
            add("closing", gained * units);
        }
        if !(from..to).contains(at) {
            continue;
        }
        let recorded_here = !is_inside(source) && !is_inside(target) && event.site == site;
        let came_here = is_here(target) && !is_here(source) || recorded_here;
        let went_from_here = is_here(source) && !is_here(target) || recorded_here;
        if came_here {
            match source.account.kind.as_str() {
                _ if is_inside(source) => add("transferred_in", *units),
                "supplier" => add("received", *units),
                "patient" => add("voided", *units),
                "unaccounted" => add("unaccounted", *units),
                "adjustment" => add("adjusted", *units),
                "waste" => add("wasted", -units),
                "returned" => add("returned", -units),
                "destroyed" => add("destroyed", -units),
                "lost" => add("lost", -units),
                other => panic!("from {other}"),
            }
        }
        if went_from_here {
            match target.account.kind.as_str() {
                _ if is_inside(target) => add("transferred_out", *units),
                "supplier" => add("received", -units),
                "patient" => add("administered", *units),
                "unaccounted" => add("unaccounted", -units),
                "adjustment" => add("adjusted", -units),
                "waste" => add("wasted", *units),
                "returned" => add("returned", *units),
                "destroyed" => add("destroyed", *units),
                "lost" => add("lost", *units),
                other => panic!("to {other}"),
            }
        }
    }
    let rows = found.into_iter().map(|(lot, row)| {
        let row: Vec<i64> = COLUMNS.iter().map(|name| row.get(name).copied().unwrap_or(0)).collect();
        (lot, row)
    });
    rows.filter(|(_, row)| row.iter().any(|units| *units != 0)).collect()
}

/// How many units of the columns were told in all: whoever asserts that something is told looks for noughts.
pub type Told = BTreeMap<&'static str, i64>;

/// For every site of a journal, periods from one of its moments to another, one behind the other: the report is what a replay
/// finds, and each begins with what the one before ended with.
pub fn assert_told(world: &World, token: &str, journal: &[Event], number: u64, tally: &mut Told) {
    let mut moments: Vec<i64> = journal.iter().flat_map(|event| event.lines.iter().map(|line| line.at)).collect();
    moments.sort_unstable();
    moments.dedup();
    let Some(last) = moments.last().copied() else { return };
    let places = journal.iter().flat_map(|event| &event.lines).flat_map(|line| [&line.from, &line.to]);
    let sites: BTreeSet<&str> =
        places.filter_map(|key| key.account.place.as_ref()).map(|place| place.site.as_str()).collect();
    let pick = |share: u64| {
        moments[usize::try_from(number.rotate_right(u32::try_from(share).unwrap()) % moments.len() as u64).unwrap()]
    };
    let mut ends = vec![pick(0), pick(11), pick(23), last, last + 1];
    ends.sort_unstable();
    ends.dedup();
    let text =
        |at: i64| chrono::DateTime::from_timestamp_micros(at).unwrap().format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    for site in sites {
        let mut before: Option<BTreeMap<String, i64>> = None;
        for ends in ends.windows(2) {
            let (status, report) = world.http.get(token, &period(site, &text(ends[0]), &text(ends[1])));
            assert_eq!(status, 200, "{report}");
            assert_adds_up(&report);
            let row = |row: &Value| -> (String, Vec<i64>) {
                let units = COLUMNS.iter().map(|name| row[name].as_i64().unwrap()).collect();
                (row["lot_id"].as_str().unwrap().to_owned(), units)
            };
            let found: BTreeMap<String, Vec<i64>> = report["lots"].as_array().unwrap().iter().map(row).collect();
            assert_eq!(found, replayed(journal, site, (ends[0], ends[1])), "{site} {ends:?}");
            let of = |column: usize| -> BTreeMap<String, i64> {
                let units = found.iter().map(|(lot, row)| (lot.clone(), row[column]));
                units.filter(|(_, units)| *units != 0).collect()
            };
            if let Some(before) = before.replace(of(12)) {
                assert_eq!(before, of(0), "{site} {ends:?}");
            }
            for row in found.values() {
                COLUMNS.iter().zip(row).for_each(|(name, units)| *tally.entry(name).or_default() += units.abs());
            }
        }
    }
}
