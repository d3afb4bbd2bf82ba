//! The two pasts. The judge of what was known is what was answered then: everything is asked after each step, kept, and asked again
//! when all is over, by the size of the log and by the time. The judge of how things stood is the same where nothing was entered late.

use std::collections::BTreeMap;

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::client::{assert_problem, codes};
use super::support::clinic::{Clinic, GTIN, gtin, id, location, product, site};
use super::support::{World, on_both_databases};

on_both_databases!(
    what_was_known_is_what_was_answered,
    how_things_stood_is_what_was_answered_unless_more_came_to_light,
    the_same_question_has_the_same_answer_while_much_is_recorded,
    what_cannot_be_asked_of_the_past,
    a_token_of_a_site_sees_its_past,
    what_is_gone_is_found_again_page_by_page,
);

/// What is asked, each by a name, with what is asked in it.
type Answers = BTreeMap<String, Value>;

/// A point of the log, with what was answered when it was its end.
struct Point {
    size: u64,
    time: String,
    answers: Answers,
}

fn with(path: &str, parameter: &str) -> String {
    format!("{path}{}{parameter}", if path.contains('?') { '&' } else { '?' })
}

/// All items of a list, or of a chain; what else is asked for as it is answered, a problem by its status and codes.
fn ask(world: &World, path: &str, parameter: &str) -> Value {
    let token = world.token(Role::Auditor);
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, mut answer) = world.http.get(&token, &format!("{}{cursor}", with(path, parameter)));
        if status != 200 {
            return json!({"status": status, "code": answer["code"], "codes": codes(&answer)});
        }
        let fields = answer.as_object_mut().unwrap();
        let size = fields.remove("tree_size");
        assert_eq!(size.is_some(), parameter.contains("as_of"), "{path} {parameter}");
        // Things are called as they are called now: what is answered for ever calls nothing.
        let is_forever = parameter.contains("as_of");
        assert!(fields.remove("names").is_none() || !is_forever, "{path} {parameter}");
        let Some(mut items) = fields.remove("items").or_else(|| fields.remove("events")) else { return answer };
        for item in items.as_array_mut().unwrap() {
            assert!(item.as_object_mut().unwrap().remove("told").is_none() || !is_forever, "{path} {parameter}");
        }
        all.extend(items.as_array().unwrap().iter().cloned());
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Value::Array(all),
        }
    }
}

/// What the tests ask of lots that there are or will be.
fn questions(clinic: &Clinic<'_>, lots: &[String]) -> Vec<String> {
    let (site, product) = (&clinic.site, &clinic.product);
    let mut all = vec![
        "/v1/stock?limit=3".to_owned(),
        format!("/v1/stock?site_id={site}"),
        format!("/v1/stock?location_id={}", clinic.stock),
        format!("/v1/stock?site_id={site}&state=held"),
        format!("/v1/stock?product_id={product}&expiring_before=2027-03-01"),
        "/v1/lots?limit=2".to_owned(),
        format!("/v1/lots?gtin={GTIN}"),
        format!("/v1/eligibility?site_id={site}&product_id={product}"),
        format!(
            "/v1/eligibility?site_id={site}&product_id={product}&supplier_id={}&practitioner_id={}",
            clinic.supplier, clinic.practitioner
        ),
        format!("/v1/eligibility?site_id={site}&product_id={product}&on=2027-01-10&supplier_id={}", clinic.supplier),
    ];
    for lot in lots {
        all.push(format!("/v1/stock?lot_id={lot}"));
        all.push(format!("/v1/lots/{lot}"));
        all.push(format!("/v1/lots/{lot}/custody?limit=4"));
        all.push(format!("/v1/lots/{lot}/custody?refusals=true"));
    }
    all
}

/// A decision says when it was asked for, which is no more of the past than who asks.
fn told(mut answer: Value) -> Value {
    if let Some(decision) = answer.get_mut("decision").and_then(Value::as_object_mut) {
        assert!(decision.remove("evaluated_at").is_some());
        let moment = decision["basis"].as_array_mut().unwrap().iter_mut().find(|fact| fact["type"] == "moment");
        assert!(moment.unwrap().as_object_mut().unwrap().remove("occurred_at").is_some());
    }
    answer
}

/// How many leaves the log has, when everything has one.
pub fn size(world: &World) -> u64 {
    world.log();
    let token = world.token(Role::Auditor);
    let answer = world.http.send("GET", "/v1/log/checkpoint", &[("authorization", &format!("Bearer {token}"))], None);
    String::from_utf8(answer.bytes).unwrap().lines().nth(1).unwrap().parse().unwrap()
}

fn point(clinic: &Clinic<'_>, lots: &[String]) -> Point {
    let size = size(clinic);
    let answers =
        questions(clinic, lots).into_iter().map(|path| (path.clone(), told(ask(clinic, &path, "")))).collect();
    let time = clinic.clock.now().to_string();
    Point { size, time, answers }
}

/// Everything that can become otherwise, a step at a time; the lots that came, and what was answered after each.
fn story(clinic: &Clinic<'_>) -> (Vec<String>, Vec<Point>) {
    let (mut lots, mut points) = (Vec::new(), Vec::new());
    let mut step = |lots: &[String]| points.push(point(clinic, lots));
    step(&lots);
    let (receipt, first) = clinic.receive("LOT-A", "2027-06-30", 10);
    lots.push(first.clone());
    step(&lots);
    clinic.create(Role::Purchaser, "/v1/inspections", &clinic.inspection(&receipt, &first, 18, 2));
    step(&lots);
    clinic.create(Role::Quality, &format!("/v1/lots/{first}/releases"), &clinic.release(18));
    step(&lots);
    let administered = clinic.administer(&first, 3);
    assert_eq!(administered.0, 201, "{}", administered.1);
    step(&lots);
    let hold = id(&clinic.hold(&first));
    assert_eq!(clinic.administer(&first, 1).0, 409);
    step(&lots);
    clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "Cleared"}));
    step(&lots);
    let void = json!({"reason": "Wrong patient", "returned_to_stock": true});
    clinic.create(
        Role::Practitioner,
        &format!("/v1/administrations/{}/voids", administered.1["id"].as_str().unwrap()),
        &void,
    );
    step(&lots);
    let waste = json!({"lot_id": first, "from_location_id": clinic.stock, "units": 2, "reason": "Broken"});
    clinic.create(Role::Quality, "/v1/wastages", &waste);
    step(&lots);
    lots.push(clinic.stocked("LOT-B", "2027-02-28", 6));
    step(&lots);
    clinic.clock.advance_days(20);
    let adverse = json!({"outcome": "suspended", "source": "GPhC register"});
    clinic.create(Role::Admin, &format!("/v1/licences/{}/checks", clinic.registration), &adverse);
    step(&lots);
    let supplier = clinic.read(&format!("/v1/suppliers/{}", clinic.supplier));
    let denied = json!({"denied_suppliers": [supplier["id"]]});
    let answer = clinic.patch("/v1/policies", &denied);
    assert_eq!(answer.status, 200, "{}", answer.json());
    step(&lots);
    let retired = json!({"reason": "No longer bought"});
    clinic.create(Role::Admin, &format!("/v1/products/{}/retire", clinic.product), &retired);
    step(&lots);
    clinic.create(Role::Admin, &format!("/v1/products/{}/reinstate", clinic.product), &json!({"reason": "By mistake"}));
    clinic.check(&clinic.registration, json!({"outcome": "verified", "source": "GPhC register"}));
    let answer = clinic.patch("/v1/policies", &json!({"denied_suppliers": []}));
    assert_eq!(answer.status, 200, "{}", answer.json());
    step(&lots);
    (lots, points)
}

fn what_was_known_is_what_was_answered(world: &World) {
    let clinic = world.clinic();
    let (lots, mut points) = story(&clinic);
    // Entered late: nobody knew of it at any of these points.
    let mut late = clinic.administration(&lots[0], 1);
    late["occurred_at"] = json!(points[4].time);
    let (status, answer) = world.post(Role::Practitioner, "/v1/administrations", &late);
    assert_eq!(status, 201, "{answer}");
    points.push(point(&clinic, &lots));
    clinic.receive("LOT-C", "2028-01-31", 1);

    let mut differed = 0;
    for (number, known) in points.iter().enumerate() {
        for path in questions(&clinic, &lots) {
            // What was asked later only is what nobody knew of.
            let expected = match known.answers.get(&path) {
                Some(answer) => answer.clone(),
                None if path.starts_with("/v1/lots/") => json!({"status": 404, "code": "not_found", "codes": []}),
                None => json!([]),
            };
            for as_of in [known.size.to_string(), known.time.clone()] {
                let answer = told(ask(&clinic, &path, &format!("as_of={as_of}")));
                assert_eq!(answer, expected, "point {number}: {path} as_of={as_of}");
            }
            differed += usize::from(told(ask(&clinic, &path, "")) != expected);
        }
    }
    assert!(differed > 100, "the present is another in {differed} answers only");
}

fn how_things_stood_is_what_was_answered_unless_more_came_to_light(world: &World) {
    let clinic = world.clinic();
    let (lots, points) = story(&clinic);
    let of_stock = |path: &String| !path.contains("eligibility") && !path.contains("refusals");
    for (number, then) in points.iter().enumerate() {
        for (path, expected) in then.answers.iter().filter(|(path, _)| of_stock(path)) {
            assert_eq!(ask(&clinic, path, &format!("at={}", then.time)), *expected, "point {number}: {path}");
        }
    }
    let mut late = clinic.administration(&lots[0], 1);
    late["occurred_at"] = json!(points[4].time);
    let (status, answer) = world.post(Role::Practitioner, "/v1/administrations", &late);
    assert_eq!(status, 201, "{answer}");
    let size = size(world);
    let administered = |parameters: &str| {
        let lot = ask(&clinic, &format!("/v1/lots/{}", lots[0]), parameters);
        (lot["reconciliation"]["administered"].as_i64().unwrap(), lot["reconciliation"]["on_hand"].as_i64().unwrap())
    };
    let before = |number: usize| {
        let lot = &points[number].answers[&format!("/v1/lots/{}", lots[0])]["reconciliation"];
        (lot["administered"].as_i64().unwrap(), lot["on_hand"].as_i64().unwrap())
    };
    // Before the moment of the late entry all is as it was; from then on there is one more, at every moment.
    assert_eq!(administered(&format!("at={}", points[3].time)), before(3));
    for number in 4..points.len() {
        let (then, on_hand) = before(number);
        assert_eq!(administered(&format!("at={}", points[number].time)), (then + 1, on_hand - 1), "point {number}");
        // What was known of that moment before the entry is what was answered; and once it was known, the other.
        let of_then = |size: u64| format!("at={}&as_of={size}", points[number].time);
        assert_eq!(administered(&of_then(points.last().unwrap().size)), (then, on_hand), "point {number}");
        assert_eq!(administered(&of_then(size)), (then + 1, on_hand - 1), "point {number}");
    }
    // A day of a register is judged by what is known now of it: the suspension ended, and covers its days for ever.
    let eligible = |moment: &str| {
        let path = format!(
            "/v1/eligibility?site_id={}&product_id={}&practitioner_id={}",
            clinic.site, clinic.product, clinic.practitioner
        );
        ask(&clinic, &path, &format!("at={moment}"))["decision"]["allowed"].clone()
    };
    assert_eq!(eligible(&points[8].time), json!(true));
    assert_eq!(eligible(&points[10].time), json!(false));
    assert_eq!(eligible(&points.last().unwrap().time), json!(true));
}

/// Somebody asks what is known now, again and again, while others record; all of it is asked again when they have ended.
fn the_same_question_has_the_same_answer_while_much_is_recorded(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT-A", "2027-06-30", 60);
    let path = format!("/v1/lots/{lot}");
    let kept = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..12).for_each(|_| assert_eq!(clinic.administer(&lot, 1).0, 201))))
            .collect();
        let mut kept = Vec::new();
        while kept.len() < 4 || !workers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            let time = world.clock.now().to_string();
            let answer = world.read(&with(&path, &format!("as_of={time}")));
            kept.push((time, answer));
        }
        kept
    });
    let mut sizes = Vec::new();
    for (time, answer) in &kept {
        assert_eq!(world.read(&with(&path, &format!("as_of={time}"))), *answer, "{time}");
        let size = answer["tree_size"].as_u64().unwrap();
        assert_eq!(world.read(&with(&path, &format!("as_of={size}"))), *answer, "{size}");
        sizes.push(size);
    }
    assert!(sizes.is_sorted(), "{sizes:?}");
    assert!(sizes.first() < sizes.last(), "nothing was recorded meanwhile");
}

fn what_cannot_be_asked_of_the_past(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT-A", "2027-06-30", 2);
    let size = size(world);
    let token = world.token(Role::Auditor);
    let headers = [("authorization", format!("Bearer {token}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let eligibility = format!("/v1/eligibility?site_id={}&product_id={}", clinic.site, clinic.product);
    let custody = format!("/v1/lots/{lot}/custody");
    let lot = format!("/v1/lots/{lot}");
    for path in ["/v1/stock", "/v1/lots", &lot, &custody, &eligibility] {
        let refused = |parameter: &str, status: u16, code: &str| {
            let answer = world.http.send("GET", &with(path, parameter), &headers, None);
            assert_problem(&answer, status, code, &with(path, parameter));
        };
        refused("as_of=2127-01-01T00:00:00Z", 422, "occurred_in_future");
        refused("at=2127-01-01T00:00:00Z", 422, "occurred_in_future");
        refused(&format!("as_of={}", size + 1), 422, "beyond_the_log");
        refused("as_of=99999999999999999999999999", 422, "beyond_the_log");
        refused("as_of=-1", 400, "malformed_query");
        refused("as_of=yesterday", 400, "malformed_query");
        refused("as_of=", 400, "malformed_query");
        refused("at=12", 400, "malformed_query");
    }
    let both = format!("{eligibility}&on=2026-12-01&at=2026-01-02T00:00:00Z");
    assert_problem(&world.http.send("GET", &both, &headers, None), 400, "malformed_query", &both);
    // Before everything there was nothing.
    for as_of in ["0", "2020-01-01T00:00:00Z"] {
        assert_eq!(ask(world, "/v1/stock", &format!("as_of={as_of}")), json!([]));
        assert_eq!(ask(world, "/v1/lots", &format!("as_of={as_of}")), json!([]));
        assert_eq!(ask(world, &lot, &format!("as_of={as_of}"))["status"], 404);
        assert_eq!(ask(world, &custody, &format!("as_of={as_of}"))["status"], 404);
        assert_eq!(ask(world, &eligibility, &format!("as_of={as_of}"))["code"], "reference_unknown");
    }
    assert_eq!(ask(world, "/v1/stock", "at=2020-01-01T00:00:00Z"), json!([]));
    assert_eq!(ask(world, &lot, "at=2020-01-01T00:00:00Z")["status"], 404);
    // Another organisation has another log.
    let other = world.register_organisation("Other Clinics");
    let stranger = world.sign(&other, "auditor", &[Role::Auditor], None);
    assert_eq!(world.http.get(&stranger, &with(&lot, &format!("as_of={size}"))).0, 422);
    assert_eq!(world.http.get(&stranger, &with("/v1/stock", "as_of=1")).1["items"], json!([]));
}

fn a_token_of_a_site_sees_its_past(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.stocked("LOT-A", "2027-06-30", 8);
    let elsewhere = id(&world.create(Role::Admin, "/v1/sites", &site()));
    let there = id(&world.create(Role::Admin, "/v1/locations", &location(&elsewhere, "stock")));
    let size = size(world);
    let moved =
        json!({"lot_id": lot, "from_location_id": clinic.stock, "to_location_id": there, "units": 8, "reason": "Lent"});
    world.create(Role::Quality, "/v1/transfers", &moved);
    let of = |site: &str| {
        let organisation = world.organisation.clone();
        world.sign(&organisation, "auditor", &[Role::Auditor], Some(vec![site.parse().unwrap()]))
    };
    let units = |site: &str, parameter: &str| -> Vec<i64> {
        let (status, page) = world.http.get(&of(site), &with("/v1/stock", parameter));
        assert_eq!(status, 200, "{page}");
        page["items"].as_array().unwrap().iter().map(|item| item["units"].as_i64().unwrap()).collect()
    };
    assert_eq!((units(&clinic.site, "limit=10"), units(&elsewhere, "limit=10")), (vec![], vec![8]));
    let then = format!("as_of={size}");
    assert_eq!((units(&clinic.site, &then), units(&elsewhere, &then)), (vec![8], vec![]));
}

/// Many accounts that are empty now: what was in them is found page by page, in its order, none twice.
fn what_is_gone_is_found_again_page_by_page(world: &World) {
    let clinic = world.clinic();
    let lots: Vec<String> = (0..23).map(|number| clinic.stocked(&format!("LOT{number}"), "2027-06-30", 2)).collect();
    let other = gtin(77);
    let made = id(&world.create(Role::Admin, "/v1/products", &product(&other)));
    let then = size(world);
    let time = world.clock.now().to_string();
    for lot in &lots {
        assert_eq!(clinic.administer(lot, 2).0, 201);
    }
    assert_eq!(ask(world, "/v1/stock", "limit=5"), json!([]));
    for past in [format!("as_of={then}"), format!("at={time}")] {
        for question in ["/v1/stock?limit=5".to_owned(), format!("/v1/stock?limit=7&product_id={}", clinic.product)] {
            let found = ask(world, &question, &past);
            let mut seen: Vec<_> = found.as_array().unwrap().iter().map(|item| item["lot_id"].to_string()).collect();
            assert!(found.as_array().unwrap().iter().all(|item| item["units"] == 2), "{found}");
            assert_eq!(seen.len(), lots.len(), "{question} {past}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), lots.len());
        }
        assert_eq!(ask(world, &format!("/v1/stock?product_id={made}"), &past), json!([]));
    }
}
