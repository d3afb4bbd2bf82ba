//! No read costs more than its page: however much is stored, a page looks at about as many rows.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lotline::attention::kinds::WorkKind;
use lotline::caller::{Caller, Role};
use lotline::clock::Moment;
use lotline::command::View;
use lotline::custody_log::past::{Known, Past};
use lotline::db::Db;
use lotline::db::known::Memory;
use lotline::error::Result;
use lotline::http::paging::After;
use lotline::http::period::Period;
use lotline::ids::SiteId;
use lotline::{
    custody, holds, inspections, licences, movements, packs, purchasing, recalls, receiving, stock, treatment,
};
use serde_json::{Value, json};

use super::support::clinic::{id, location, site};
use super::support::{Kind, World, on_both_databases};

on_both_databases!(every_list_is_asked_in_every_way,);

/// Every list with every filter and the whole combination of them, by whoever sees all sites and by whoever sees one: what is
/// found is what was asked for, and nothing else is left out.
fn every_list_is_asked_in_every_way(world: &World) {
    let clinic = world.clinic();
    let lots: Vec<_> = (0..3).map(|number| clinic.receive_inspect_release(&format!("LOT{number}"), 4)).collect();
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let there = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "stock")));
    let move_there = json!({"lot_id": lots[0], "from_location_id": clinic.stock, "to_location_id": there, "units": 1,
        "reason": "Needed there"});
    clinic.create(Role::Quality, "/v1/transfers", &move_there);
    assert_eq!(clinic.administer(&lots[0], 1).0, 201);
    assert_eq!(clinic.administer(&lots[1], 4).0, 201);
    assert_eq!(clinic.administer(&lots[1], 1).0, 409);
    let hold = id(&clinic.hold(&lots[2]));
    clinic.hold(&lots[0]);
    clinic.create(Role::Quality, &format!("/v1/holds/{hold}/lift"), &json!({"reason": "It was nothing"}));
    let lines = json!([{"product_id": clinic.product, "packs": 5}]);
    let order = json!({"site_id": clinic.site, "supplier_id": clinic.supplier, "lines": lines,
        "expected_on": "2026-06-01"});
    let order = id(&clinic.create(Role::Purchaser, "/v1/orders", &order));
    clinic.create(Role::Purchaser, &format!("/v1/orders/{order}/place"), &json!({}));

    let by_site = |field: &'static str, site: &str| {
        let site = site.to_owned();
        move |item: &Value| item[field] == json!(site)
    };
    type Keeps = Box<dyn Fn(&Value) -> bool>;
    let is = |field: &'static str, value: &str| -> (String, Keeps) {
        (format!("{field}={value}"), Box::new(by_site(field, value)))
    };
    let lists: Vec<(&str, Vec<(String, Keeps)>)> = vec![
        (
            "stock",
            vec![
                is("site_id", &clinic.site),
                is("product_id", &clinic.product),
                is("lot_id", &lots[0]),
                is("location_id", &clinic.stock),
                is("state", "held"),
                (
                    "expiring_before=2027-07-01".to_owned(),
                    Box::new(|item| item["expiry"].as_str() < Some("2027-07-01")),
                ),
            ],
        ),
        ("lots", vec![is("product_id", &clinic.product), is("lot", "LOT1")]),
        (
            "administrations",
            vec![
                is("lot_id", &lots[0]),
                is("practitioner_id", &clinic.practitioner),
                ("from=2026-06-30T00:00:00Z".to_owned(), Box::new(|_| true)),
                ("to=2026-07-03T00:00:00Z".to_owned(), Box::new(|_| true)),
            ],
        ),
        ("movements", vec![is("lot_id", &lots[0]), is("kind", "transfer")]),
        ("receipts", vec![is("site_id", &clinic.site), is("supplier_id", &clinic.supplier)]),
        (
            "orders",
            vec![
                is("status", "placed"),
                is("site_id", &clinic.site),
                is("supplier_id", &clinic.supplier),
                (format!("product_id={}", clinic.product), Box::new(|_| true)),
                ("overdue=true".to_owned(), Box::new(|_| true)),
            ],
        ),
        ("holds", vec![("open=true".to_owned(), Box::new(|item| item.get("lifted_at").is_none_or(Value::is_null)))]),
        ("holds", vec![("open=false".to_owned(), Box::new(|item| item["lifted_at"].is_string()))]),
        ("deviations", vec![("open=true".to_owned(), Box::new(|_| true))]),
        ("deviations", vec![("open=false".to_owned(), Box::new(|_| true))]),
        (
            "licences",
            vec![
                is("kind", "facility"),
                (format!("holder_id={}", clinic.site), Box::new(|_| true)),
                ("holder_type=site".to_owned(), Box::new(|_| true)),
            ],
        ),
        (
            "events",
            vec![
                is("kind", "stock_administered"),
                (format!("subject={}", lots[0]), {
                    let lot = json!(lots[0]);
                    Box::new(move |item| item["subjects"].as_array().unwrap().contains(&lot))
                }),
                ("actor=practitioner".to_owned(), Box::new(|item| item["actor"]["subject"] == "practitioner")),
                ("from=2026-06-30T00:00:00Z".to_owned(), Box::new(|_| true)),
                ("to=2026-07-03T00:00:00Z".to_owned(), Box::new(|_| true)),
            ],
        ),
    ];
    let all_sites = world.token(Role::Auditor);
    let sees = |sites: Vec<&str>| {
        let sites = sites.into_iter().map(|site| site.parse::<SiteId>().unwrap()).collect();
        world.sign(&world.organisation, "auditor", &[Role::Auditor], Some(sites))
    };
    for token in [all_sites, sees(vec![&clinic.site]), sees(vec![&elsewhere]), sees(vec![&clinic.site, &elsewhere])] {
        for (list, filters) in &lists {
            let ask = |query: &str| {
                let (status, page) = world.http.get(&token, &format!("/v1/{list}?{query}"));
                assert_eq!((status, &page["next_cursor"]), (200, &json!(null)), "{list}?{query}: {page}");
                page["items"].as_array().unwrap().clone()
            };
            let whole = ask("limit=200");
            for chosen in 1_u32..1 << filters.len() {
                let chosen: Vec<_> = filters
                    .iter()
                    .enumerate()
                    .filter(|(bit, _)| chosen >> bit & 1 == 1)
                    .map(|(_, filter)| filter)
                    .collect();
                let query: Vec<_> = chosen.iter().map(|(query, _)| query.as_str()).collect();
                let query = query.join("&");
                let found = ask(&query);
                let expected = whole.iter().filter(|item| chosen.iter().all(|(_, keeps)| keeps(item)));
                let named = |items: &[Value]| -> BTreeSet<String> { items.iter().map(Value::to_string).collect() };
                let expected = named(&expected.cloned().collect::<Vec<_>>());
                if query.contains("overdue") || query.contains("open=") || query.contains("holder") {
                    assert!(named(&found).is_subset(&expected), "{list}?{query}");
                } else {
                    assert_eq!(named(&found), expected, "{list}?{query}");
                }
            }
        }
        assert_eq!(world.http.get(&token, "/v1/attention").0, 200);
        let attention = format!("/v1/attention?site_id={}", clinic.site);
        assert!(matches!(world.http.get(&token, &attention).0, 200 | 422));
    }
}

/// Rows that statements of this transaction have looked at, by scan or by index.
fn looked_at(db: &mut Db) -> i64 {
    #[derive(QueryableByName)]
    struct Rows {
        #[diesel(sql_type = BigInt)]
        rows: i64,
    }
    let rows: Rows = sql_query(
        "SELECT CAST(COALESCE(SUM(seq_tup_read + COALESCE(idx_tup_fetch, 0)), 0) AS BIGINT) AS rows \
         FROM pg_stat_xact_user_tables",
    )
    .get_result(db)
    .unwrap();
    rows.rows
}

/// A read that a page is made of.
type Read = Box<dyn Fn(&mut Db, &Caller) -> Result<usize>>;

/// What is measured: every list, by each filter and by pairs of them, and the morning list.
fn reads(world: &World, site: &str) -> Vec<(String, Read)> {
    let organisation = world.organisation.clone();
    let site: SiteId = site.parse().unwrap();
    let line = |table: &str, column: &str| {
        world.database.lines(&format!(
            "SELECT {column} AS line FROM {table} WHERE organisation_id = '{organisation}' ORDER BY id LIMIT 1"
        ))[0]
            .clone()
    };
    let (lot, product, practitioner) = (line("lots", "id"), line("products", "id"), line("practitioners", "id"));
    let (supplier, place) = (line("suppliers", "id"), line("locations", "id"));
    let mut reads: Vec<(String, Read)> = Vec::new();
    let mut add = |name: String, read: Read| reads.push((name, read));
    let all = 51;
    let moment: Moment = "2026-07-01T00:00:00Z".parse().unwrap();

    for asked in 0_u8..32 {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let (lot, actor) = (lot.clone(), "practitioner".to_owned());
        add(
            format!("events {asked:05b}"),
            Box::new(move |db, caller| {
                let filter = custody::store::Filter {
                    kind: is(0).then(|| "stock_administered".to_owned()),
                    subject: is(1).then(|| lot.clone()),
                    actor: is(2).then(|| actor.clone()),
                    from: is(3).then_some(moment),
                    to: is(4).then_some(moment),
                };
                Ok(custody::store::list(db, caller, &filter, "", all)?.items.len())
            }),
        );
    }
    let known = Some(Known { size: 1_000, by: moment });
    let pasts = [Past::default(), Past { at: Some(moment), known: None }, Past { at: None, known }];
    for (refusals, past) in [false, true].into_iter().flat_map(|refusals| pasts.map(|past| (refusals, past))) {
        let lot: lotline::ids::LotId = lot.parse().unwrap();
        add(
            format!("custody of a lot {refusals} {past:?}"),
            Box::new(move |db, caller| {
                let wanted = custody::chain::Wanted { refusals, past };
                Ok(custody::chain::page(db, caller, &custody::chain::Of::Lot(&lot), wanted, &After::START, 201)?
                    .items
                    .len())
            }),
        );
    }
    // Each filter of the past is looked for beside others or alone: it is by one, and by all.
    let is_one = |asked: u8, past: &Past| past.is_now() || asked.count_ones() < 2 || asked == 63;
    let asked = (0_u8..64).flat_map(|asked| pasts.map(|past| (asked, past)));
    for (asked, past) in asked.filter(|(asked, past)| is_one(*asked, past)) {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let (lot, product, place, site) = (lot.clone(), product.clone(), place.clone(), site.clone());
        add(
            format!("stock {asked:06b} {past:?}"),
            Box::new(move |db, caller| {
                let filter = stock::store::StockFilter {
                    site_id: is(0).then(|| site.clone()),
                    product_id: is(1).then(|| product.parse().unwrap()),
                    lot_id: is(2).then(|| lot.parse().unwrap()),
                    location_id: is(3).then(|| place.parse().unwrap()),
                    state: is(4).then_some(stock::model::Disposition::Held),
                    expiring_before: is(5).then(|| "2028-01-01".parse().unwrap()),
                };
                let start = (stock::wire::BEFORE_ALL, "");
                let found = match past.is_now() {
                    true => stock::store::list_stock(db, caller, &filter, start, all)?,
                    false => stock::store::list_stock_then(db, caller, &filter, &past, start, all)?,
                };
                Ok(found.items.len())
            }),
        );
    }
    for (asked, past) in (0_u8..4).flat_map(|asked| pasts.map(|past| (asked, past))) {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let product = product.clone();
        add(
            format!("lots {asked:02b} {past:?}"),
            Box::new(move |db, caller| {
                let filter = stock::store::LotFilter {
                    product_id: is(0).then(|| product.parse().unwrap()),
                    lot: is(1).then(|| serde_json::from_value(json!("LOT1")).unwrap()),
                };
                let found = stock::store::list_lots(db, caller, &filter, "", all)?.items;
                Ok(stock::service::states_then(db, &caller.organisation_id, found, &past)?.len())
            }),
        );
    }
    let period = move |from: bool, to: bool| Period { from: from.then_some(moment), to: to.then_some(moment) };
    for asked in 0_u8..=255 {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let (lot, practitioner, site, product) = (lot.clone(), practitioner.clone(), site.clone(), product.clone());
        add(
            format!("administrations {asked:08b}"),
            Box::new(move |db, caller| {
                let filter = treatment::store::Filter {
                    lot_id: is(0).then(|| lot.parse().unwrap()),
                    practitioner_id: is(1).then(|| practitioner.parse().unwrap()),
                    patient: is(2).then(|| vec![PATIENT.parse().unwrap()]),
                    period: period(is(3), is(4)),
                    site_id: is(5).then(|| site.clone()),
                    product_id: is(6).then(|| product.parse().unwrap()),
                    visit_id: is(7).then(|| VISIT.parse().unwrap()),
                };
                Ok(treatment::store::list(db, caller, &filter, &After::START, all)?.items.len())
            }),
        );
    }
    for asked in 0_u8..64 {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let (own, supplier, site, at, place, of) =
            (lot.clone(), supplier.clone(), site.clone(), site.clone(), place.clone(), product.clone());
        let lot = lot.clone();
        add(
            format!("movements {asked:06b}"),
            Box::new(move |db, caller| {
                let filter = movements::store::Filter {
                    id: None,
                    lot_id: is(0).then(|| lot.parse().unwrap()),
                    kind: is(1).then_some(movements::model::MovementKind::Transfer),
                    site_id: is(2).then(|| at.clone()),
                    location_id: is(3).then(|| place.parse().unwrap()),
                    product_id: is(4).then(|| of.parse().unwrap()),
                    period: period(is(5), is(5)),
                };
                Ok(movements::store::list(db, caller, &filter, &After::START, all)?.items.len())
            }),
        );
        add(
            format!("receipts {asked:06b}"),
            Box::new(move |db, caller| {
                let filter = receiving::store::Filter {
                    order_id: None,
                    site_id: is(0).then(|| site.clone()),
                    supplier_id: is(1).then(|| supplier.parse().unwrap()),
                    lot_id: is(2).then(|| own.parse().unwrap()),
                    delivery_note: is(3).then(|| "DN-1".parse().unwrap()),
                    period: period(is(4), is(5)),
                };
                Ok(receiving::store::list(db, caller, &filter, &After::START, all)?.items.len())
            }),
        );
    }
    for asked in 0_u8..32 {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let filter = inspections::store::Filter {
            site_id: is(0).then(|| site.clone()),
            location_id: is(1).then(|| place.parse().unwrap()),
            lot_id: is(2).then(|| lot.parse().unwrap()),
            serial: is(3).then(|| "SN1".parse().unwrap()),
            period: period(is(4), is(4)),
        };
        let same = filter.clone();
        add(
            format!("inspections {asked:05b}"),
            Box::new(move |db, caller| {
                Ok(inspections::store::list(db, caller, &filter, &After::START, all)?.items.len())
            }),
        );
        add(
            format!("releases {asked:05b}"),
            Box::new(move |db, caller| {
                Ok(inspections::store::list_releases(db, caller, &same, &After::START, all)?.items.len())
            }),
        );
    }
    for asked in 0_u8..64 {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let filter = packs::store::Filter {
            site_id: is(0).then(|| site.clone()),
            location_id: is(1).then(|| place.parse().unwrap()),
            product_id: is(2).then(|| product.parse().unwrap()),
            lot_id: is(3).then(|| lot.parse().unwrap()),
            serial: is(4).then(|| "SN1".parse().unwrap()),
            state: is(5).then_some(stock::model::Disposition::Held),
        };
        add(
            format!("packs {asked:06b}"),
            Box::new(move |db, caller| Ok(packs::store::list(db, caller, &filter, "", all)?.items.len())),
        );
    }
    for asked in 0_u8..32 {
        let is = move |bit: u8| asked >> bit & 1 == 1;
        let (product, supplier, site) = (product.clone(), supplier.clone(), site.clone());
        add(
            format!("orders {asked:05b}"),
            Box::new(move |db, caller| {
                let filter = purchasing::store::Filter {
                    status: is(0).then_some(purchasing::model::OrderStatus::Placed),
                    site_id: is(1).then(|| site.clone()),
                    supplier_id: is(2).then(|| supplier.parse().unwrap()),
                    product_id: is(3).then(|| product.parse().unwrap()),
                    overdue_on: is(4).then(|| "2026-07-01".parse().unwrap()),
                };
                Ok(purchasing::store::list(db, caller, &filter, "", all)?.items.len())
            }),
        );
    }
    for open in [None, Some(true), Some(false)] {
        add(
            format!("holds {open:?}"),
            Box::new(move |db, caller| {
                Ok(holds::store::list(db, caller, &holds::store::Filter { id: None, open }, "", all)?.items.len())
            }),
        );
        add(
            format!("deviations {open:?}"),
            Box::new(move |db, caller| {
                Ok(treatment::store::list_deviations(db, caller, None, open, "", all)?.items.len())
            }),
        );
    }
    add(
        "licences by kind".to_owned(),
        Box::new(move |db, caller| {
            let kind = Some(licences::model::LicenceKind::Facility);
            let filter = licences::store::Filter { kind, ..licences::store::Filter::default() };
            Ok(licences::store::list(db, caller, &filter, "", all)?.items.len())
        }),
    );
    // A page of what became of a lot, whatever else is on record; DOMAIN rule 21.
    let (patients, others) = (world.database.patients(), world.database.patients());
    add(
        "impact of a recall".to_owned(),
        Box::new(move |db, caller| {
            let recalls = recalls::store::list(db, &caller.organisation_id, None, "", 1)?;
            let now: Moment = "2026-09-01T00:00:00Z".parse().unwrap();
            let memory = Memory::default();
            let known = memory.of(&caller.organisation_id);
            let mut view = View::new(db, caller, now, lotline::house::kinds, known, &patients);
            recalls::impact::sums(&mut view, &recalls[0])?;
            Ok(recalls::impact::entries(&mut view, &recalls[0], "", all)?.items.len())
        }),
    );
    for at in [None, Some(site.clone())] {
        let others = others.clone();
        add(
            format!("attention {}", at.is_some()),
            Box::new(move |db, caller| {
                let now: Moment = "2026-09-01T00:00:00Z".parse().unwrap();
                let found = lotline::attention::service::attention(
                    &mut View::new(
                        db,
                        caller,
                        now,
                        lotline::house::kinds,
                        Memory::default().of(&caller.organisation_id),
                        &others,
                    ),
                    at.clone(),
                    30,
                )?;
                Ok(found.expiring.len())
            }),
        );
    }
    for (only, at) in WorkKind::ALL
        .iter()
        .copied()
        .map(Some)
        .chain([None])
        .flat_map(|kind| [(kind, None), (kind, Some(site.clone()))])
    {
        let others = others.clone();
        add(
            format!("work {} {}", only.map_or("of all kinds", |kind| kind.as_str()), at.is_some()),
            Box::new(move |db, caller| {
                // Whoever may do everything has the most to read.
                let caller = &Caller { roles: Role::ALL.to_vec(), ..caller.clone() };
                let now: Moment = "2026-09-01T00:00:00Z".parse().unwrap();
                let known = Memory::default();
                let known = known.of(&caller.organisation_id);
                let mut view = View::new(db, caller, now, lotline::house::kinds, known, &others);
                let found =
                    lotline::attention::work::work(&mut view, lotline::house::operation, (at.clone(), only, 30))?;
                Ok(found.len())
            }),
        );
    }
    reads
}

/// A patient of whom much was recorded.
const PATIENT: &str = "pat_019f0000-0000-7000-8000-999999999999";
const VISIT: &str = "vis_019f0000-0000-7000-8000-000000000001";

/// A clinic with so many times as much on record: everything of one lot, and as much of others.
fn filled(world: &World, site: &str, times: i64) {
    let organisation = &world.organisation;
    let row = |table: &str| {
        world.database.lines(&format!(
            "SELECT id AS line FROM {table} WHERE organisation_id = '{organisation}' ORDER BY id LIMIT 1"
        ))[0]
            .clone()
    };
    let (lot, product, practitioner, place) = (row("lots"), row("products"), row("practitioners"), row("locations"));
    let supplier = row("suppliers");
    let rows = 3_000 * times;
    // Ids as they are minted, in the order of their numbers.
    let of = |prefix: &str| format!("'{prefix}_' || '019f0000-0000-7000-8000-' || lpad(n::text, 12, '0')");
    let at = "TIMESTAMP '2026-01-01' + n * INTERVAL '1 second'";
    let series = format!("FROM generate_series(1, {rows}) AS n");
    world.database.execute(&format!("
        INSERT INTO events (id, organisation_id, command_id, kind, version, site_id, actor, occurred_at, recorded_at, bytes, leaf_hash)
        SELECT {evt}, '{organisation}', 'cmd', CASE WHEN n % 3 = 0 THEN 'gate_refused' ELSE 'stock_administered' END, 1,
            CASE WHEN n % 2 = 0 THEN '{site}' END, CASE WHEN n % 5 = 0 THEN 'quality' ELSE 'practitioner' END, {at}, {at}, convert_to('{told}', 'UTF8'), '\\x00' {series};
        INSERT INTO event_subjects (organisation_id, subject, event_id, occurred_at, strand)
        SELECT '{organisation}', '{lot}', {evt}, {at}, CASE n % 3 WHEN 0 THEN 'refusal' WHEN 1 THEN 'treatment' ELSE 'course' END {series};
        INSERT INTO event_subjects (organisation_id, subject, event_id, occurred_at, strand)
        SELECT '{organisation}', '{site}', {evt}, {at}, NULL {series};
        INSERT INTO event_subjects (organisation_id, subject, event_id, occurred_at, strand)
        SELECT '{organisation}', {adm}, 'evt_' || '019f0000-0000-7000-8000-' || lpad((n - CASE WHEN n % 3 = 0 THEN 1 ELSE 0 END)::text, 12, '0'), {at}, 'treatment' {series};
        INSERT INTO lots (id, organisation_id, product_id, lot, expiry, first_received_at, lot_key, likeness)
        SELECT {lotid}, '{organisation}', '{product}', 'L' || n, '2027-06-30', {at}, 'l' || n, 'l' || n {series};
        INSERT INTO accounts (id, organisation_id, lot_id, kind, location_id, site_id, use_by, units, changed_at)
        SELECT {acc}, '{organisation}', {lotid}, CASE WHEN n % 7 = 0 THEN 'held' ELSE 'available' END, '{place}', '{site}',
            DATE '2026-01-01' + (n % 900)::int, CASE WHEN n % 2 = 0 THEN 0 ELSE 3 END, {at} {series};
        INSERT INTO administrations (id, organisation_id, product_id, lot_id, units, site_id, practitioner_id, patient_id, recorded_by, occurred_at, recorded_at)
        SELECT {adm}, '{organisation}', '{product}', CASE WHEN n % 2 = 0 THEN '{lot}' ELSE {lotid} END, 1, '{site}', '{practitioner}',
            CASE WHEN n % 2 = 0 THEN '{PATIENT}' ELSE {pat} END, 'practitioner', {at}, {at} {series};
        INSERT INTO movements (id, organisation_id, kind, lot_id, site_id, from_location_id, units, units_counted, serials, reason, moved_by, occurred_at, recorded_at, waits)
        SELECT {mov}, '{organisation}', 'count', CASE WHEN n % 2 = 0 THEN '{lot}' ELSE {lotid} END, '{site}', '{place}', n % 2, 1, '[]', 'x', 'q', {at}, {at}, FALSE {series};
        INSERT INTO receipts (id, organisation_id, supplier_id, site_id, location_id, received_by, occurred_at, recorded_at)
        SELECT {rec}, '{organisation}', '{supplier}', '{site}', '{place}', 'p', {at}, {at} {series};
        INSERT INTO orders (id, organisation_id, site_id, supplier_id, status, created_by, created_at, expected_on)
        SELECT {ord}, '{organisation}', '{site}', '{supplier}', CASE WHEN n % 100 = 0 THEN 'placed' ELSE 'received' END, 'p', {at}, DATE '2026-02-01' {series};
        INSERT INTO holds (id, organisation_id, scope_type, scope_id, reason, cause_type, opened_by, opened_at, lifted_at, lifted_by, lift_reason)
        SELECT {hld}, '{organisation}', 'lot', {lotid}, 'x', 'manual', 'q', {at}, CASE WHEN n % 10 = 0 THEN NULL ELSE {at} END, NULL, NULL {series};
        INSERT INTO deviations (id, organisation_id, site_id, administration_id, reason_codes, units_unaccounted, opened_by, opened_at, closed_at)
        SELECT {dev}, '{organisation}', '{site}', {adm}, '[]', 0, 'p', {at}, CASE WHEN n % 10 = 0 THEN NULL ELSE {at} END {series};
        ANALYZE;",
        evt = of("evt"), lotid = of("lot"), acc = of("acct"), adm = of("adm"), mov = of("mov"), rec = of("rec"), ord = of("ord"),
        hld = of("hold"), dev = of("dev"), pat = of("pat"),
        told = json!({"data": {"administration": {"clinical": format!("{PATIENT}.AAAA"), "decision":
            {"allowed": true, "reasons": [], "basis": [], "evaluated_at": "2026-01-01T00:00:00Z"}}}}),
    )).unwrap();
}

/// Rows that a page looks at grow by less than 1.2 when the data grow twentyfold.
#[test]
fn twenty_times_as_much_costs_a_page_no_more() {
    let measured = |times: i64| -> Option<Vec<(String, i64)>> {
        let world = World::start(Kind::Postgres)?;
        world.will_not_verify();
        let clinic = world.clinic();
        clinic.receive_inspect_release("LOT1", 4);
        super::recalls::of_lot(&clinic, "LOT1");
        filled(&world, &clinic.site, times);
        let site: SiteId = clinic.site.parse().unwrap();
        let mut db = lotline::db::open_for_reports(&world.database.url).unwrap();
        let mut found = Vec::new();
        for sites in [None, Some(vec![site])] {
            let caller = Caller {
                organisation_id: world.organisation.clone(),
                subject: "auditor".to_owned(),
                roles: vec![Role::Auditor],
                sites,
            };
            for (name, read) in reads(&world, &clinic.site) {
                db.batch_execute("BEGIN").unwrap();
                let before = looked_at(&mut db);
                read(&mut db, &caller).unwrap_or_else(|error| panic!("{name}: {error:?}"));
                let rows = looked_at(&mut db) - before;
                db.batch_execute("ROLLBACK").unwrap();
                found.push((format!("{name}, one site: {}", caller.sites.is_some()), rows));
            }
        }
        Some(found)
    };
    let (Some(few), Some(many)) = (measured(1), measured(20)) else { return };
    let mut grown = Vec::new();
    for ((name, few), (_, many)) in few.iter().zip(&many) {
        // What a page finds differs by a row or two: where a few were looked at, twenty more are no growth.
        if *many * 10 >= *few * 12 + 200 && *many > most_of(name) {
            grown.push(format!("{name}: {few} rows, then {many}"));
        }
    }
    let most = many.iter().max_by_key(|(_, rows)| *rows);
    println!("{} reads; the most rows: {most:?}", many.len());
    assert!(grown.is_empty(), "{} of {} reads:\n{}", grown.len(), many.len(), grown.join("\n"));
}

/// What a read may look at however little it finds, so that more of it is no growth while there is less than that: for a list,
/// the next entries and what each leads to; for the morning list and for work, which are dozens of them, as many times the former.
fn most_of(name: &str) -> i64 {
    let next = lotline::limits::LOOKED_AT_MAX + 1;
    match name.split(' ').next() {
        Some("attention") => 12 * next,
        Some("work") if name.starts_with("work of all kinds") => 24 * next,
        // Some are looked for in both of what has waited and what has happened since.
        Some("work") => 4 * next,
        _ => 2 * next + 200,
    }
}
