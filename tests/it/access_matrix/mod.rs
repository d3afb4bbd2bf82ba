//! Every operation, by every role, with what is the caller's own, at another site and of another organisation: in the
//! path, the query, the body, a cursor and a repeated request. The operations come from the OpenAPI document; one
//! without a row in [`table`] fails, and so does a parameter or a field with an id that its row does not name.

mod table;
mod things;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lotline::app::docs;
use lotline::caller::Role;
use lotline::house;
use lotline::http::slice::Reach;
use lotline::ids::OrganisationId;
use serde_json::Value;

use super::support::client::assert_problem;
use super::support::{Answer, World, on_both_databases};
use table::{Body, Row, Stranger};
use things::Things;

on_both_databases!(nobody_reaches_what_is_not_theirs);

/// An operation of the document.
struct Operation {
    id: String,
    method: &'static str,
    path: String,
    query: Vec<(String, Value)>,
    body: Option<Value>,
}

fn operations() -> (Value, Vec<Operation>) {
    let document = docs::document();
    let json = serde_json::to_value(document).unwrap();
    let found = docs::operations(document)
        .into_iter()
        .filter(|(_, _, operation)| !lotline::app::PUBLIC.contains(&operation.operation_id.as_deref().unwrap()))
        .map(|(path, method, operation)| {
            let raw = &json["paths"][path][method.to_lowercase()];
            let parameters = raw["parameters"].as_array().cloned().unwrap_or_default();
            let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
            Operation {
                id: operation.operation_id.clone().unwrap(),
                method,
                path: path.to_owned(),
                query: query.map(|p| (p["name"].as_str().unwrap().to_owned(), p["schema"].clone())).collect(),
                body: raw.get("requestBody").map(|body| body["content"]["application/json"]["schema"].clone()),
            }
        })
        .collect();
    (json, found)
}

/// Where a schema has ids, as JSON pointers with 0 for the first of a list.
fn ids_in(document: &Value, schema: &Value, at: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        if name.ends_with("Id") {
            found.insert(at.to_owned());
        } else {
            ids_in(document, &document["components"]["schemas"][name], at, found);
        }
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        ids_in(document, property, &format!("{at}/{name}"), found);
    }
    if schema["items"].is_object() {
        ids_in(document, &schema["items"], &format!("{at}/0"), found);
    }
    for choice in ["oneOf", "anyOf", "allOf"].iter().flat_map(|word| schema[*word].as_array()).flatten() {
        ids_in(document, choice, at, found);
    }
}

/// Whoever sends a request: a token, and what it may not be shown.
struct Bearer {
    token: String,
    hidden: Vec<String>,
}

impl Bearer {
    fn headers<'a>(bearer: &'a str, key: Option<&'a str>, body: Option<&'a Body>) -> Vec<(&'a str, &'a str)> {
        let mut headers = vec![("authorization", bearer)];
        headers.extend(key.map(|key| ("idempotency-key", key)));
        headers.extend(body.map(|body| ("content-type", body.media_type)));
        headers
    }

    /// Sends a request. The answer names nothing that is hidden from the bearer, unless they said it themselves.
    fn send(&self, world: &World, method: &str, path: &str, key: Option<&str>, body: Option<&Body>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = Bearer::headers(&bearer, key, body);
        headers.extend((method == "PUT").then_some(("if-match", "*")));
        let answer = world.http.send(method, path, &headers, body.map(|body| body.bytes.as_slice()));
        let said = body.map(|body| String::from_utf8_lossy(&body.bytes).into_owned()).unwrap_or_default();
        let text = String::from_utf8_lossy(&answer.bytes);
        for hidden in self.hidden.iter().filter(|hidden| !path.contains(*hidden) && !said.contains(*hidden)) {
            assert!(!text.contains(hidden), "{method} {path} {said}: shows {hidden}: {text}");
        }
        answer
    }
}

/// Every row of every table of an organisation, as far as a number tells it: nobody else's request may change one.
fn books(world: &World, organisation: &OrganisationId) -> Vec<String> {
    let tables = [
        "events",
        "idempotency_keys",
        "accounts",
        "lots",
        "packs",
        "holds",
        "recalls",
        "patient_erasures",
        "recall_acknowledgements",
        "recall_contacts",
        "excursions",
        "excursion_lots",
        "excursion_administrations",
        "administrations",
        "containers",
        "deviations",
        "movements",
        "levels",
        "protocols",
        "prescriptions",
        "visits",
        "visit_entries",
        "follow_ups",
        "claims",
        "claim_lines",
        "adverse_events",
        "adverse_event_administrations",
        "adverse_event_entries",
        "signal_reviews",
        "signal_counts",
        "stock_takes",
        "stock_take_scans",
        "orders",
        "receipts",
        "receipt_lines",
        "receipt_corrections",
        "receipt_voids",
        "opening_stock",
        "inspections",
        "sites",
        "locations",
        "products",
        "suppliers",
        "practitioners",
        "licences",
        "licence_checks",
        "licence_reversals",
        "movement_reversals",
        "inspection_reversals",
        "licence_acknowledgements",
        "policies",
        "evidence",
        "evidence_owners",
    ];
    let counts = tables.map(|table| {
        format!(
            "SELECT '{table} ' || CAST(COUNT(*) AS TEXT) AS line FROM {table} WHERE organisation_id = '{organisation}'"
        )
    });
    let units = format!(
        "SELECT id || ' ' || CAST(units AS TEXT) AS line FROM accounts WHERE organisation_id = '{organisation}'"
    );
    world
        .database
        .lines(&format!("SELECT line FROM ({} UNION ALL {units}) all_of_it ORDER BY line", counts.join(" UNION ALL ")))
}

/// The world of a matrix: two organisations that know nothing of each other, with two sites each.
struct Matrix<'a> {
    world: &'a World,
    /// What the caller works with.
    own: Things,
    /// What lies at the other site of the caller's organisation.
    elsewhere: Things,
    /// What another organisation has.
    foreign: Things,
    other: OrganisationId,
    /// All roles, all sites.
    all: Bearer,
    /// All roles, at the own site.
    bound: Bearer,
    /// All roles, in the other organisation, under the same name.
    namesake: Bearer,
}

const SUBJECT: &str = "eve";

impl<'a> Matrix<'a> {
    fn new(world: &'a World) -> Self {
        let other = world.register_organisation("Elsewhere Clinics");
        let (own, elsewhere) = things::make(world, &world.organisation);
        let (foreign, foreign_too) = things::make(world, &other);
        let sites = ["site", "spare_site"].map(|kind| own.get(kind).parse().unwrap());
        let ids = |things: &[&Things]| things.iter().flat_map(|things| things.all()).collect::<Vec<_>>();
        let bound_hidden = [ids(&[&foreign, &foreign_too]), elsewhere.of_the_site()].concat();
        let sign = |organisation: &OrganisationId, sites| world.sign(organisation, SUBJECT, Role::ALL, sites);
        Matrix {
            all: Bearer { token: sign(&world.organisation, None), hidden: ids(&[&foreign, &foreign_too]) },
            bound: Bearer { token: sign(&world.organisation, Some(sites.to_vec())), hidden: bound_hidden },
            namesake: Bearer { token: sign(&other, None), hidden: ids(&[&own, &elsewhere]) },
            world,
            own,
            elsewhere,
            foreign,
            other,
        }
    }

    fn state(&self) -> [Vec<String>; 2] {
        [books(self.world, &self.world.organisation), books(self.world, &self.other)]
    }

    /// The path of an operation with ids of these things.
    fn path(&self, operation: &Operation, row: &Row, things: &Things) -> String {
        let path = row
            .path
            .iter()
            .fold(operation.path.clone(), |path, (name, kind)| path.replace(&format!("{{{name}}}"), things.get(kind)));
        path + row.parameters
    }

    /// With everything that an operation needs, of the caller's own.
    fn valid(&self, operation: &Operation, row: &Row) -> (String, Vec<Body>) {
        let mut path = self.path(operation, row, &self.own);
        let needed = row.query.iter().filter(|query| query.2 == Stranger::Unknown);
        for (name, kind, _) in needed {
            path = format!("{path}{}{name}={}", if path.contains('?') { '&' } else { '?' }, self.own.get(kind));
        }
        (path, row.bodies(&self.own))
    }

    /// The document has nothing that the row does not know.
    fn complete(&self, document: &Value, operation: &Operation, row: &Row) {
        let id = &operation.id;
        let in_path: BTreeSet<_> =
            operation.path.split('{').skip(1).map(|part| part.split('}').next().unwrap()).collect();
        assert_eq!(in_path, row.path.iter().map(|(name, _)| *name).collect(), "{id}: the path");
        for (name, schema) in &operation.query {
            let mut found = BTreeSet::new();
            ids_in(document, schema, "", &mut found);
            let known = row.query.iter().any(|(known, ..)| known == name);
            assert!(found.is_empty() || known, "{id}: the row does not say what {name} names");
        }
        let mut found = BTreeSet::new();
        ids_in(document, operation.body.as_ref().unwrap_or(&Value::Null), "", &mut found);
        let known: BTreeSet<_> = row.bodies(&self.own).into_iter().flat_map(|body| body.references).collect();
        let known: BTreeSet<_> = known.into_iter().map(|(pointer, _)| pointer.to_owned()).collect();
        let missing: Vec<_> = found.difference(&known).collect();
        assert!(missing.is_empty(), "{id}: the row does not say what {missing:?} name");
        assert_eq!(operation.method != "GET", !row.bodies(&self.own).is_empty(), "{id}: a body to send");
    }

    /// Roles that its slice does not name are refused, whatever they send.
    fn roles(&self, operation: &Operation, row: &Row) {
        let allowed = house::operation(&operation.id).unwrap().roles;
        let (path, bodies) = self.valid(operation, row);
        let others =
            Role::ALL.iter().filter(|role| !allowed.contains(role)).map(std::slice::from_ref).map(<[Role]>::to_vec);
        let all_others: Vec<_> = Role::ALL.iter().filter(|role| !allowed.contains(role)).copied().collect();
        for roles in others.chain([Vec::new(), all_others]) {
            let token = self.world.sign(&self.world.organisation, SUBJECT, &roles, None);
            let bearer = Bearer { token, hidden: self.all.hidden.clone() };
            for place in [&self.own, &self.elsewhere, &self.foreign] {
                let path = self.path(operation, row, place);
                let answer = bearer.send(self.world, operation.method, &path, None, bodies.first());
                assert_problem(&answer, 403, "forbidden", &format!("{} as {roles:?}", operation.id));
            }
            let answer = bearer.send(self.world, operation.method, &path, Some(&operation.id), bodies.first());
            assert_problem(&answer, 403, "forbidden", &format!("{} as {roles:?}, with a key", operation.id));
        }
    }

    /// What belongs to others: another organisation's for everybody, another site's for those bound to theirs.
    fn strangers(&self) -> Vec<(&'static str, &Bearer, &Things)> {
        vec![
            ("another organisation's", &self.all, &self.foreign),
            ("another organisation's, at a site", &self.bound, &self.foreign),
            ("another site's", &self.bound, &self.elsewhere),
        ]
    }

    fn in_the_path(&self, operation: &Operation, row: &Row) {
        for (whose, bearer, theirs) in self.strangers() {
            if row.path.is_empty() || row.path.iter().all(|(_, kind)| !theirs.is_hidden_from(&self.own, kind)) {
                continue;
            }
            let path = self.path(operation, row, theirs);
            // With a body that would do for them, and with one that would do for us.
            let bodies = row.bodies(theirs).into_iter().chain(row.bodies(&self.own)).map(Some);
            for body in bodies.chain(row.bodies(theirs).is_empty().then_some(None)) {
                let answer = bearer.send(self.world, operation.method, &path, None, body.as_ref());
                let what = format!("{}: {whose} in the path", operation.id);
                let (status, code) =
                    if self.is_beyond(operation, bearer) { (403, "beyond_your_sites") } else { (404, "not_found") };
                assert_problem(&answer, status, code, &what);
            }
        }
    }

    fn in_the_query(&self, operation: &Operation, row: &Row) {
        for (whose, bearer, theirs) in self.strangers() {
            for (name, kind, stranger) in row.query {
                if !theirs.is_hidden_from(&self.own, kind) {
                    continue;
                }
                let mut asked: Vec<(&str, &str)> = Vec::new();
                for (other, kind, needed) in row.query {
                    if other == name {
                        asked.push((name, theirs.get(kind)));
                    } else if *needed == Stranger::Unknown {
                        asked.push((other, self.own.get(kind)));
                    }
                }
                let asked: Vec<_> = asked.iter().map(|(name, value)| format!("{name}={value}")).collect();
                let path = self.path(operation, row, &self.own);
                let path = format!("{path}{}{}", if path.contains('?') { '&' } else { '?' }, asked.join("&"));
                let body = row.bodies(&self.own).into_iter().next();
                let answer = bearer.send(self.world, operation.method, &path, None, body.as_ref());
                let what = format!("{path}: {whose} in {name}");
                match stranger {
                    Stranger::Nothing => {
                        let empty = serde_json::json!({"items": [], "next_cursor": null});
                        assert_eq!((answer.status, answer.json()), (200, empty), "{what}");
                    }
                    Stranger::Unknown | Stranger::UnknownIfGiven => {
                        assert_problem(&answer, 422, "reference_unknown", &what);
                    }
                }
            }
        }
    }

    fn in_the_body(&self, operation: &Operation, row: &Row) {
        let path = self.path(operation, row, &self.own);
        for (whose, bearer, theirs) in self.strangers() {
            let refusal = if self.is_beyond(operation, bearer) { (403, "beyond_your_sites") } else { row.refusal };
            for body in row.bodies(&self.own) {
                for (pointer, kind) in &body.references {
                    if !theirs.is_hidden_from(&self.own, kind) {
                        continue;
                    }
                    let attack = body.with(pointer, theirs.get(kind));
                    let answer = bearer.send(self.world, operation.method, &path, None, Some(&attack));
                    let what = format!("{}: {whose} in {pointer}", operation.id);
                    assert_refused(&answer, refusal, &what);
                }
            }
            // And all of it theirs.
            for body in row.bodies(theirs).iter().filter(|body| !body.references.is_empty()) {
                if !body.references.iter().any(|(_, kind)| theirs.is_hidden_from(&self.own, kind)) {
                    continue;
                }
                let answer = bearer.send(self.world, operation.method, &path, None, Some(body));
                let what = format!("{}: {whose} throughout", operation.id);
                assert_refused(&answer, refusal, &what);
            }
        }
    }

    /// A cursor leads on in the caller's own list, wherever it comes from.
    fn by_cursor(&self, operation: &Operation, row: &Row) {
        let Some(list) = row.list else {
            assert!(operation.query.iter().all(|(name, _)| name != "cursor"), "{}: it has a cursor", operation.id);
            return;
        };
        if list == "custody" {
            return self.by_cursor_of_a_chain(operation, row);
        }
        if ["readings", "exposed administrations", "impact", "stock take scans", "replenishment"].contains(&list) {
            // A cursor is a moment or an id; of which thing, the path says, and that is tried as such.
            return;
        }
        let page = |bearer: &Bearer, cursor: Option<&str>, limit: usize| {
            if operation.method == "GET" {
                let cursor = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
                bearer.send(self.world, "GET", &format!("{}?limit={limit}{cursor}", operation.path), None, None)
            } else {
                let mut body = row.bodies(&self.own).remove(0).json();
                body["limit"] = limit.into();
                if let Some(cursor) = cursor {
                    body["cursor"] = cursor.into();
                }
                bearer.send(self.world, operation.method, &operation.path, None, Some(&Body::of(&body, &[])))
            }
        };
        let items = |answer: &Answer| {
            assert_eq!(answer.status, 200, "{}: {}", operation.id, answer.json());
            answer.json()["items"].as_array().unwrap().clone()
        };
        for (whose, giver) in [("another organisation's", &self.namesake), ("another site's", &self.all)] {
            let first = page(giver, None, 1);
            assert_eq!(items(&first).len(), 1, "{}", operation.id);
            let cursor = first.json()["next_cursor"].as_str().unwrap_or_else(|| panic!("{list}: one item")).to_owned();
            for bearer in [&self.all, &self.bound] {
                // Nothing hidden is in it: [`Bearer::send`] sees to that.
                items(&page(bearer, Some(&cursor), 200));
            }
            assert!(!items(&page(&self.bound, None, 200)).is_empty(), "{list} of their own, with {whose}");
        }
        // One that nobody gave out: from before the first of all.
        let keys = vec![
            "";
            usize::from(matches!(
                list,
                "stock"
                    | "administrations"
                    | "movements"
                    | "receipts"
                    | "inspections"
                    | "releases"
                    | "work"
                    | "signals"
            )) + 1
        ]
        .join("\u{1f}");
        let forged = URL_SAFE_NO_PAD.encode(format!("{list}\u{1f}{keys}"));
        for bearer in [&self.all, &self.bound] {
            let answer = page(bearer, Some(&forged), 200);
            assert!(matches!(answer.status, 200 | 400), "{list}: {}", answer.status);
        }
    }

    /// What an operation of all sites answers to somebody who is bound to one, whatever it is asked about.
    fn is_beyond(&self, operation: &Operation, bearer: &Bearer) -> bool {
        house::operation(&operation.id).unwrap().reach == Reach::Organisation && std::ptr::eq(bearer, &self.bound)
    }

    /// Who is bound to a site changes nothing that reaches beyond it: what all sites share, and what is partly at others.
    /// What is there, and theirs to see, is refused with a code of its own.
    fn beyond_their_sites(&self, operation: &Operation, row: &Row) {
        let id = &operation.id;
        let asked = match house::operation(id).unwrap().reach {
            Reach::Sites => Vec::new(),
            Reach::Organisation => {
                let (path, bodies) = self.valid(operation, row);
                bodies.into_iter().map(|body| (path.clone(), Some(body))).collect()
            }
            Reach::Thing => {
                let beyond = row.beyond(&self.own).into_iter();
                let path = |names: &[(&str, &str)]| {
                    let set = |path: String, (name, kind): &(&str, &str)| {
                        path.replace(&format!("{{{name}}}"), self.own.get(kind))
                    };
                    names.iter().fold(operation.path.clone(), set)
                };
                beyond.map(|beyond| (path(&beyond.path), beyond.body)).collect()
            }
        };
        let reaches = house::operation(id).unwrap().reach != Reach::Sites;
        assert_eq!(reaches, !asked.is_empty(), "{id}: what reaches beyond a site");
        for (index, (path, body)) in asked.iter().enumerate() {
            for key in [None, Some(format!("beyond-{id}-{index}"))] {
                let answer = self.bound.send(self.world, operation.method, path, key.as_deref(), body.as_ref());
                let said = body.as_ref().map(|body| String::from_utf8_lossy(&body.bytes));
                assert_problem(&answer, 403, "beyond_your_sites", &format!("{id} {path}: {said:?}"));
            }
        }
    }

    /// What all sites share, and what is at the other site.
    fn beyond_the_own_site(&self) -> Vec<String> {
        let (organisation, site) = (&self.world.organisation, self.elsewhere.get("site"));
        let versions = ["products", "suppliers", "practitioners"].map(|table| {
            format!("SELECT id || ' ' || CAST(version AS TEXT) AS line FROM {table} WHERE organisation_id = '{organisation}'")
        });
        let rest = [
            format!(
                "SELECT 'policy ' || CAST(version AS TEXT) AS line FROM policies WHERE organisation_id = '{organisation}'"
            ),
            format!("SELECT id AS line FROM sites WHERE organisation_id = '{organisation}'"),
            format!(
                "SELECT id AS line FROM licences WHERE organisation_id = '{organisation}' AND holder_type <> 'site'"
            ),
            format!("SELECT id || ' ' || CAST(version AS TEXT) AS line FROM locations WHERE site_id = '{site}'"),
            format!("SELECT id || ' ' || CAST(units AS TEXT) AS line FROM accounts WHERE site_id = '{site}'"),
            format!("SELECT id AS line FROM events WHERE site_id = '{site}'"),
        ];
        let all = [versions.to_vec(), rest.to_vec()].concat().join(" UNION ALL ");
        self.world.database.lines(&format!("SELECT line FROM ({all}) all_of_it ORDER BY line"))
    }

    /// The same of a chain of custody, which is one thing's own.
    fn by_cursor_of_a_chain(&self, operation: &Operation, row: &Row) {
        let (path, _) = self.valid(operation, row);
        let first = self.all.send(self.world, "GET", &format!("{path}?limit=1"), None, None);
        let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
        for bearer in [&self.all, &self.bound] {
            let rest = format!("{path}?limit=200&refusals=true&cursor={cursor}");
            let answer = bearer.send(self.world, "GET", &rest, None, None);
            assert_eq!(answer.status, 200, "{rest}: {}", answer.json());
            assert!(!answer.json()["events"].as_array().unwrap().is_empty(), "{rest}");
        }
        let forged = URL_SAFE_NO_PAD.encode("custody\u{1f}\u{1f}");
        let answer = self.bound.send(self.world, "GET", &format!("{path}?cursor={forged}"), None, None);
        assert!(matches!(answer.status, 200 | 400), "{}", answer.status);
    }

    /// What is the caller's own is done; and its repetition is for nobody but the caller.
    fn own(&self, operation: &Operation, row: &Row) {
        let (path, bodies) = self.valid(operation, row);
        // Whoever is bound to a site does what is of a site, and with it nothing beyond.
        let is_of_a_site = house::operation(&operation.id).unwrap().reach == Reach::Sites;
        let bearer = if is_of_a_site { &self.bound } else { &self.all };
        let before = self.beyond_the_own_site();
        for (index, body) in bodies.iter().map(Some).chain(bodies.is_empty().then_some(None)).enumerate() {
            let key = format!("{}-{index}", operation.id);
            let key = (operation.method != "GET").then_some(key.as_str());
            let done = bearer.send(self.world, operation.method, &path, key, body);
            assert!(
                matches!(done.status, 200..=202),
                "{} {}: {} {}",
                operation.id,
                body.map(|body| String::from_utf8_lossy(&body.bytes)).unwrap_or_default(),
                done.status,
                done.json()
            );
            if let (Some(key), Some(body)) = (key, body) {
                self.repeated(operation, &path, key, body, (bearer, &done), row.keeps_no_answer);
            }
        }
        assert!(!is_of_a_site || self.beyond_the_own_site() == before, "{}: beyond the site", operation.id);
    }

    fn repeated(
        &self,
        operation: &Operation,
        path: &str,
        key: &str,
        body: &Body,
        (bearer, done): (&Bearer, &Answer),
        keeps_no_answer: bool,
    ) {
        let send = |bearer: &Bearer| bearer.send(self.world, operation.method, path, Some(key), Some(body));
        let (id, before) = (&operation.id, self.state());
        if !keeps_no_answer {
            assert_eq!(send(bearer).bytes, done.bytes, "{id}: the same caller");
            let (status, code) = match house::operation(id).unwrap().reach {
                Reach::Organisation => (403, "beyond_your_sites"),
                _ => (422, "idempotency_key_reused"),
            };
            // The same name at another site, with less to see: theirs is another request.
            let elsewhere = vec![self.elsewhere.get("site").parse().unwrap()];
            for sites in [elsewhere, Vec::new()] {
                let token = self.world.sign(&self.world.organisation, SUBJECT, Role::ALL, Some(sites));
                let narrow = Bearer { token, hidden: self.all.hidden.clone() };
                assert_problem(&send(&narrow), status, code, &format!("{id}: the same name, fewer sites"));
            }
        }
        // The same name without the role is refused before anything is looked up.
        let allowed = house::operation(id).unwrap().roles;
        for role in Role::ALL.iter().filter(|role| !allowed.contains(role)) {
            let token = self.world.sign(&self.world.organisation, SUBJECT, &[*role], None);
            let less = Bearer { token, hidden: Vec::new() };
            assert_problem(&send(&less), 403, "forbidden", &format!("{id}: repeated as {role}"));
        }
        assert_eq!(self.state(), before, "{id}: a repetition changes nothing");
        // The same name in another organisation has a key of its own, and its own world behind it.
        let [ours, _] = self.state();
        let answer = send(&self.namesake);
        let makes = matches!(answer.status, 200 | 201);
        assert!(!makes || keeps_no_answer || answer.bytes != done.bytes, "{id}: another organisation's answer");
        assert_eq!(self.state()[0], ours, "{id}: what the namesake did is not ours");
    }
}

fn nobody_reaches_what_is_not_theirs(world: &World) {
    let matrix = Matrix::new(world);
    world.log();
    let (document, operations) = operations();
    let named: BTreeSet<_> = table::TABLE.iter().map(|row| row.operation.to_owned()).collect();
    let documented: BTreeSet<_> = operations.iter().map(|operation| operation.id.clone()).collect();
    assert_eq!(named, documented, "each operation has its row");
    assert_eq!(table::TABLE.len(), named.len(), "each once");
    // In the order of the table: what comes early needs what comes late to be in use.
    for row in table::TABLE {
        let operation = operations.iter().find(|operation| operation.id == row.operation).unwrap();
        matrix.complete(&document, operation, row);
        let before = matrix.state();
        matrix.roles(operation, row);
        matrix.in_the_path(operation, row);
        matrix.in_the_query(operation, row);
        matrix.in_the_body(operation, row);
        matrix.by_cursor(operation, row);
        matrix.beyond_their_sites(operation, row);
        assert_eq!(matrix.state(), before, "{}: nothing was changed", row.operation);
        matrix.own(operation, row);
    }
    // A token with sites that are another organisation's sees no site at all.
    let sites = vec![matrix.foreign.get("site").parse().unwrap()];
    let token = world.sign(&world.organisation, SUBJECT, Role::ALL, Some(sites));
    let lost = Bearer {
        token,
        hidden: [matrix.all.hidden.clone(), matrix.bound.hidden.clone(), matrix.own.of_the_site()].concat(),
    };
    for operation in operations.iter().filter(|operation| operation.method == "GET" && !operation.path.contains('{')) {
        if table::row(&operation.id).query.iter().all(|query| query.2 != Stranger::Unknown) {
            let path = operation.path.clone() + table::row(&operation.id).parameters;
            assert_eq!(lost.send(world, "GET", &path, None, None).status, 200, "{}", operation.id);
        }
    }
}

/// A problem; or, of what is answered row by row, the verdict on the first: with 200 this one, with 201 any but this one.
fn assert_refused(answer: &Answer, refusal: (u16, &str), what: &str) {
    if refusal.0 == 201 {
        let outcome = answer.json()["scans"][0]["outcome"].clone();
        assert!(
            answer.status == 201 && outcome.as_str().is_some_and(|outcome| outcome != refusal.1),
            "{what}: {outcome}"
        );
    } else if refusal.0 == 200 {
        assert_eq!((answer.status, answer.json()["rejected"][0]["code"].as_str()), (200, Some(refusal.1)), "{what}");
    } else {
        assert_problem(answer, refusal.0, refusal.1, what);
    }
}
