//! Plots: what they show is where it must be, and is well-formed whatever names are.

use lotline::caller::Role;
use lotline::excursions::model::{ExcursionKind, ExcursionState};
use lotline::plots::drawing::draw;
use lotline::plots::model::{Bar, KineticMean, Plot, Point, Shade, Stretch};
use proptest::prelude::*;
use roxmltree::{Document, Node};
use serde_json::json;

use super::sensors::{reading, send, sensor};
use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, product, whole};
use super::support::{Answer, World, on_both_databases};

on_both_databases!(
    a_plot_shows_the_curve_the_band_and_what_was_there,
    a_plot_goes_on_where_things_do,
    nothing_measured_is_said,
    a_frozen_place_has_no_kinetic_mean,
    many_lots_are_not_all_drawn,
    a_plot_is_seen_by_those_of_its_site,
    names_are_text,
);

fn ask(world: &World, path: &str) -> Answer {
    let bearer = format!("Bearer {}", world.token(Role::Auditor));
    world.http.send("GET", path, &[("authorization", &bearer)], None)
}

fn svg(world: &World, location: &str, from: &str, to: &str) -> String {
    let answer = ask(world, &format!("/v1/locations/{location}/climate.svg?from={from}&to={to}"));
    let said = String::from_utf8(answer.bytes).unwrap();
    assert_eq!(answer.status, 200, "{said}");
    assert_eq!(answer.headers["content-type"], "image/svg+xml; charset=utf-8");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    assert_eq!(answer.headers["content-security-policy"], "default-src 'none'");
    said
}

fn all<'a>(document: &'a Document<'a>, attribute: &str) -> Vec<Node<'a, 'a>> {
    document.descendants().filter(|node| node.has_attribute(attribute)).collect()
}

/// Hour and minute of attributes that are moments.
fn when(node: &Node<'_, '_>) -> (String, String) {
    let time = |name: &str| {
        let value = node.attribute(name).unwrap();
        if value == "goes_on" { value.to_owned() } else { value[11..16].to_owned() }
    };
    (time("data-from"), time("data-to"))
}

fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap().parse().unwrap()
}

fn desc(document: &Document<'_>) -> String {
    document.descendants().find(|node| node.has_tag_name("desc")).unwrap().text().unwrap().to_owned()
}

/// Readings of every ten minutes of the day of the tests, from a time on.
fn measure(world: &World, sensor: &str, from: &str, celsius: &[f64]) {
    let first: lotline::clock::Moment = format!("2026-07-01T{from}:00Z").parse().unwrap();
    let row = |(place, celsius): (i64, &f64)| reading(sensor, &first.plus_minutes(10 * place).to_string(), *celsius);
    send(world, &(0..).zip(celsius).map(row).collect::<Vec<_>>());
}

fn pair(from: &str, to: &str) -> (String, String) {
    (from.to_owned(), to.to_owned())
}

fn a_plot_shows_the_curve_the_band_and_what_was_there(world: &World) {
    world.clock.set("2026-07-01T00:00:00Z");
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let longer = json!({"interval_seconds": 600, "alarm_rules": []});
    assert_eq!(world.patch(&format!("/v1/sensors/{sensor}"), &longer).status, 200);
    let (stays, moves) = (clinic.receive_inspect_release("L-1", 10), clinic.receive_inspect_release("L-2", 4));
    let second = json!({"site_id": clinic.site, "name": "Second fridge", "purpose": "stock", "min_c": 2, "max_c": 8});
    let second = id(&world.create(Role::Admin, "/v1/locations", &second));
    world.clock.set("2026-07-01T02:30:00Z");
    let body = json!({
        "lot_id": moves, "from_location_id": clinic.stock, "to_location_id": second, "units": 4, "reason": "Restocking"
    });
    world.create(Role::Quality, "/v1/transfers", &body);
    world.clock.set("2026-07-01T05:00:00Z");
    let late = clinic.receive_inspect_release("L-3", 2);
    world.clock.set("2026-07-01T12:00:00Z");
    // Too warm from 01:00 to 02:00, and after 03:30, the last for a while, nobody knows.
    let warm: Vec<f64> = (0..22).map(|place| if (6..12).contains(&place) { 11.5 } else { 4.5 }).collect();
    measure(world, &sensor, "00:00", &warm);
    measure(world, &sensor, "06:00", &[4.0; 12]);
    let text = svg(world, &clinic.stock, "2026-07-01T00:00:00Z", "2026-07-01T08:00:00Z");
    let document = Document::parse(&text).unwrap();
    assert_eq!(document.root_element().attribute("role"), Some("img"));
    // The curve is in two pieces; each has its range and its mean.
    let pieces: Vec<_> = all(&document, "data-piece").iter().map(when).collect();
    assert_eq!(pieces, [pair("00:00", "03:35"), pair("06:00", "07:55")]);
    assert_eq!((all(&document, "data-range").len(), all(&document, "data-mean").len()), (2, 2));
    let shades = all(&document, "data-excursion");
    let said: Vec<_> = shades.iter().map(|node| (node.attribute("data-kind").unwrap(), when(node))).collect();
    assert_eq!(said, [("above", pair("01:00", "02:00")), ("silent", pair("03:30", "06:00"))]);
    // Eight hours are 359 units wide, from 33 on: 01:00 is at 33 + 359 / 8, and an hour as wide as that.
    let rect = shades[0].children().find(|node| node.has_tag_name("rect")).unwrap();
    assert!((number(&rect, "x") - (33.0 + 359.0 / 8.0)).abs() < 0.1, "{rect:?}");
    assert!((number(&rect, "width") - 359.0 / 8.0).abs() < 0.11, "{rect:?}");
    assert_eq!(rect.attribute("fill"), Some("url(#above)"));
    // The band's ends, the warm one above the cold one.
    let ends: Vec<_> = all(&document, "data-band-end").iter().map(|node| number(node, "y1")).collect();
    assert!(ends.len() == 2 && ends[0] < ends[1], "{ends:?}");
    // Who was exposed comes first, then the newest; each with when it was there.
    let bars: Vec<_> =
        all(&document, "data-lot").iter().map(|node| node.attribute("data-lot").unwrap().to_owned()).collect();
    assert_eq!(bars, [moves.clone(), stays.clone(), late.clone()]);
    let of = |lot: &str, name: &str| -> Vec<(String, String)> {
        let bar = document.descendants().find(|node| node.attribute("data-lot") == Some(lot)).unwrap();
        bar.children().filter(|node| node.has_attribute(name)).map(|node| when(&node)).collect()
    };
    assert_eq!(of(&moves, "data-there"), [pair("00:00", "02:30")]);
    assert_eq!(of(&stays, "data-there"), [pair("00:00", "goes_on")]);
    assert_eq!(of(&late, "data-there"), [pair("05:00", "goes_on")]);
    assert_eq!(of(&moves, "data-exposed"), [pair("01:00", "02:00")]);
    assert_eq!(of(&stays, "data-exposed"), [pair("01:00", "02:00"), pair("03:30", "06:00")]);
    // The same in words, in the time of the site (UTC+1).
    // python3: r=lambda c: exp(-1e4/(c+273.15)); a=[11.5 if 6<=p<12 else 4.5 for p in range(22)]; b=[4.0]*12
    // s=sum((r(x)+r(y))/2 for q in (a,b) for x,y in zip(q,q[1:]))/32; print(-1e4/log(s)-273.15)
    let words = desc(&document);
    for said in [
        "in the time of Europe/London.",
        "The band is 2 to 8 °C.",
        "Lowest 4 °C, highest 11.5 °C, MKT 6.20 °C; 34 readings.",
        "Nothing was measured from 1 Jul 2026 04:35 BST to 1 Jul 2026 07:00 BST.",
        "Excursion, too warm: from 1 Jul 2026 02:00 BST to 1 Jul 2026 03:00 BST; nobody has assessed it.",
        "Excursion, sensor silent: from 1 Jul 2026 04:30 BST to 1 Jul 2026 07:00 BST",
        "Lot L-2 of HArmonyCa was there from 1 Jul 2026 01:00 BST to 1 Jul 2026 03:30 BST. It was too warm there from",
        "Nobody knows how warm it was there from 1 Jul 2026 04:30 BST to 1 Jul 2026 07:00 BST.",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    assert!(!text.contains("more lots") && !text.contains("more excursions"), "{words}");
    // Hours are marked at the site's times, and the day where it begins.
    let ticks: Vec<_> = all(&document, "data-tick")
        .iter()
        .map(|node| node.attribute("data-tick").unwrap()[11..16].to_owned())
        .collect();
    assert_eq!(ticks, ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00", "07:00", "08:00"]);
    assert!(text.contains(">01:00<") && text.contains(">1 Jul<") && text.contains(">Times of Europe/London<"));
}

fn a_plot_goes_on_where_things_do(world: &World) {
    world.clock.set("2026-07-01T00:00:00Z");
    let clinic = world.clinic();
    let sensor = sensor(world, &clinic.stock);
    let lot = clinic.receive_inspect_release("L-1", 10);
    world.clock.set("2026-07-01T03:00:00Z");
    measure(world, &sensor, "00:30", &[9.0; 16]);
    // A span that begins in the middle, and ends after now.
    let text = svg(world, &clinic.stock, "2026-07-01T02:00:00Z", "2026-07-01T06:00:00Z");
    let document = Document::parse(&text).unwrap();
    let shades = all(&document, "data-excursion");
    assert_eq!(shades.len(), 1);
    assert_eq!((shades[0].attribute("data-state"), when(&shades[0])), (Some("open"), pair("02:00", "goes_on")));
    let edges = shades[0].children().filter(|node| node.has_tag_name("line")).count();
    assert_eq!(edges, 0, "neither its beginning nor an end is within the span");
    // Until now, and not beyond: an hour of four.
    let rect = shades[0].children().find(|node| node.has_tag_name("rect")).unwrap();
    assert!((number(&rect, "width") - 359.0 / 4.0).abs() < 0.11, "{rect:?}");
    let bars = all(&document, "data-there");
    assert_eq!((bars.len(), when(&bars[0])), (1, pair("02:00", "goes_on")));
    assert_eq!(bars[0].parent().unwrap().attribute("data-lot"), Some(&*lot));
    // What is withdrawn is not drawn: readings between show that no bout was as long as the rule says.
    measure(world, &sensor, "00:35", &[5.0; 15]);
    let state = world.read("/v1/excursions")["items"][0]["state"].clone();
    assert_eq!(state, "withdrawn");
    let now = svg(world, &clinic.stock, "2026-07-01T02:00:00Z", "2026-07-01T06:00:00Z");
    assert!(all(&Document::parse(&now).unwrap(), "data-excursion").is_empty(), "{now}");
    // And neither is what was not yet there.
    let before = svg(world, &clinic.stock, "2026-06-01T00:00:00Z", "2026-06-02T00:00:00Z");
    let before = Document::parse(&before).unwrap();
    assert_eq!((all(&before, "data-excursion").len(), all(&before, "data-lot").len()), (0, 0));
    assert!(desc(&before).contains("No units were there."), "{}", desc(&before));
}

fn nothing_measured_is_said(world: &World) {
    let clinic = world.clinic();
    let text = svg(world, &clinic.stock, "2026-06-01T00:00:00Z", "2026-06-08T00:00:00Z");
    let document = Document::parse(&text).unwrap();
    assert!(all(&document, "data-piece").is_empty());
    assert!(text.contains(">Nothing was measured in this time.<"), "{text}");
    assert!(desc(&document).contains("Nothing was measured."));
    assert_eq!(all(&document, "data-band-end").len(), 2);
    for (path, status, code) in [
        ("climate.svg?from=2026-06-01T00:00:00Z&to=2026-06-01T00:00:00Z", 400, "malformed_query"),
        ("climate.svg?from=2026-06-01T00:00:00Z", 400, "malformed_query"),
        ("climate.svg?from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z&resolution=1s", 400, "malformed_query"),
    ] {
        assert_problem(&ask(world, &format!("/v1/locations/{}/{path}", clinic.stock)), status, code, path);
    }
}

fn a_frozen_place_has_no_kinetic_mean(world: &World) {
    let clinic = world.clinic();
    let freezer = json!({"site_id": clinic.site, "name": "Freezer", "purpose": "stock", "min_c": -25, "max_c": -15});
    let freezer = id(&world.create(Role::Admin, "/v1/locations", &freezer));
    let sensor = sensor(world, &freezer);
    world.clock.set("2026-07-01T12:00:00Z");
    measure(world, &sensor, "00:00", &[-20.0, -19.0]);
    let text = svg(world, &freezer, "2026-07-01T00:00:00Z", "2026-07-01T08:00:00Z");
    assert!(text.contains(">Lowest -20 °C, highest -19 °C, no MKT: frozen<"), "{text}");
}

fn many_lots_are_not_all_drawn(world: &World) {
    world.clock.set("2026-07-01T00:00:00Z");
    let clinic = world.clinic();
    let lots: Vec<String> = (0..14).map(|number| clinic.receive_inspect_release(&format!("L-{number}"), 2)).collect();
    world.clock.set("2026-07-01T12:00:00Z");
    let text = svg(world, &clinic.stock, "2026-07-01T00:00:00Z", "2026-07-01T08:00:00Z");
    let document = Document::parse(&text).unwrap();
    let drawn: Vec<_> =
        all(&document, "data-lot").iter().map(|node| node.attribute("data-lot").unwrap().to_owned()).collect();
    let newest: Vec<_> = lots.iter().rev().take(12).cloned().collect();
    assert_eq!(drawn, newest);
    assert!(text.contains(">And there may be more lots.<"), "{text}");
}

fn a_plot_is_seen_by_those_of_its_site(world: &World) {
    let clinic = world.clinic();
    let annex = id(&world.create(Role::Admin, "/v1/sites", &super::support::clinic::site()));
    let only_there = world.sign(&world.organisation, "ann", &[Role::Auditor], Some(vec![annex.parse().unwrap()]));
    let path = format!("/v1/locations/{}/climate.svg?from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00Z", clinic.stock);
    let bearer = format!("Bearer {only_there}");
    assert_problem(
        &world.http.send("GET", &path, &[("authorization", &bearer)], None),
        404,
        "not_found",
        "another site",
    );
}

fn names_are_text(world: &World) {
    world.clock.set("2026-07-01T00:00:00Z");
    let clinic = world.clinic();
    let hostile = "<script>alert('1')</script> & \"co\" ]]> &amp;";
    let mut named = whole("products", &product(GTIN));
    named["name"] = json!(hostile);
    assert_eq!(world.put(&format!("/v1/products/{}", clinic.product), &[], &named).status, 200);
    assert_eq!(world.patch(&format!("/v1/locations/{}", clinic.stock), &json!({ "name": hostile })).status, 200);
    clinic.receive_inspect_release("L<1>&\"'", 2);
    world.clock.set("2026-07-01T12:00:00Z");
    let text = svg(world, &clinic.stock, "2026-07-01T00:00:00Z", "2026-07-01T08:00:00Z");
    let document = Document::parse(&text).unwrap();
    assert!(!text.contains("<script"), "{text}");
    assert!(document.descendants().all(|node| !node.attributes().any(|attribute| attribute.name().starts_with("on"))));
    let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
    assert!(title.text().unwrap().starts_with(&format!("Temperature of {hostile}, ")), "{title:?}");
    assert!(desc(&document).contains(&format!("Lot L<1>&\"' of {hostile} was there")), "{}", desc(&document));
}

/// A day in London with one reading an hour, an excursion and a lot.
fn plot(name: &str) -> Plot {
    let hour = |hour: i64| 1_782_864_000_000_000 + hour * 3_600_000_000;
    let when = |from: i64, to: i64| Stretch { from_us: hour(from), to_us: hour(to), is_open: to == 24 };
    let point = |at: i64| Point {
        from_us: hour(at),
        to_us: hour(at + 1),
        min_mc: 4_000,
        max_mc: if at == 5 { 9_000 } else { 5_000 },
        mean_mc: 4_500,
        is_joined: at != 12,
    };
    Plot {
        location_id: "loc_01932c07-8d00-7000-8000-000000000007".parse().unwrap(),
        location: name.to_owned(),
        site: name.to_owned(),
        zone: chrono_tz::Europe::London,
        from_us: hour(0),
        to_us: hour(24),
        band_min_mc: 2_000,
        band_max_mc: 8_000,
        readings: 24,
        extremes_mc: Some((4_000, 9_000)),
        kinetic: KineticMean::Of(4.6),
        points: (0..24).map(point).collect(),
        excursions: vec![Shade {
            id: "exc_01932c07-8d00-7000-8000-000000000007".parse().unwrap(),
            kind: ExcursionKind::Above,
            state: ExcursionState::Closed,
            when: when(5, 6),
        }],
        hourly_until_us: Some(hour(0)),
        more_excursions: true,
        excursions_since_us: Some(hour(0)),
        lots: vec![Bar {
            lot_id: "lot_01932c07-8d00-7000-8000-000000000007".parse().unwrap(),
            lot: name.to_owned(),
            product: name.to_owned(),
            there: vec![when(0, 10), when(20, 24)],
            exposed: vec![(ExcursionKind::Above, when(5, 6))],
            known_since_us: Some(hour(0)),
        }],
        more_lots: true,
    }
}

#[test]
fn what_is_left_out_is_said() {
    let text = draw(&plot("Fridge"));
    let document = Document::parse(&text).unwrap();
    let words = desc(&document);
    for said in [
        "There are more excursions than are drawn",
        "Excursions that began before 1 Jul 2026 01:00 BST are not looked for.",
        "And there may be more lots.",
        "Lot Fridge is followed back to 1 Jul 2026 01:00 BST only",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
    // A breach of an hour among means within the band is seen: the range reaches above the band.
    let range = all(&document, "data-range")[0].attribute("d").unwrap().to_owned();
    let highest = range.split(['M', 'L', 'H', 'Z']).filter_map(|part| part.split(' ').nth(1)?.parse::<f64>().ok());
    let highest = highest.fold(f64::INFINITY, f64::min);
    let band = number(&all(&document, "data-band-end")[0], "y1");
    assert!(highest < band, "{highest} is not above {band}");
}

proptest! {
    #[test]
    fn whatever_names_are_a_plot_is_well_formed(name in ".{0,40}", more in "[\\x00-\\x1f<>&\"'\\]]{0,20}") {
        let name = format!("{name}{more}");
        let text = draw(&plot(&name));
        let document = Document::parse(&text);
        prop_assert!(document.is_ok(), "{:?} {name:?}", document.err());
        let expected = draw(&plot("Fridge"));
        let elements = |text: &str| Document::parse(text).unwrap().descendants().filter(Node::is_element).count();
        // What is followed in several lines is longer for a longer name; nothing else may be.
        prop_assert!(elements(&text).abs_diff(elements(&expected)) <= 4);
    }
}
