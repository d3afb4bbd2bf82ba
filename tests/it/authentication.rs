//! Tokens that are not good, and what each role may do: the access table is the whole truth.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lotline::caller::Role;
use lotline::clock::Clock;
use lotline::http::{access, docs};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::client::assert_problem;
use super::support::clinic::{GTIN, id, licence, location, scan, site};
use super::support::{Answer, World, on_both_databases};

on_both_databases!(bad_tokens, every_role_may_what_the_table_says, a_token_for_a_site_sees_its_sites_only);

fn get(world: &World, authorization: &str) -> Answer {
    world.http.send("GET", "/v1/sites", &[("authorization", authorization)], None)
}

/// The key in a data directory, as PEM, and its id.
fn key(data_dir: &Path) -> (Vec<u8>, String) {
    let mut files = std::fs::read_dir(data_dir.join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|file| file.extension().is_some_and(|extension| extension == "pem")).unwrap();
    (std::fs::read(&file).unwrap(), file.file_stem().unwrap().to_str().unwrap().to_owned())
}

fn encode(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

/// Signs anything, well-formed or not, with a key of ours.
fn sign(pem: &[u8], header: &Value, claims: &Value) -> String {
    let message = encode(header, claims);
    let key = EncodingKey::from_ed_pem(pem).unwrap();
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap();
    format!("{message}.{signature}")
}

fn with(value: &Value, field: &str, new: Value) -> Value {
    let mut value = value.clone();
    value[field] = new;
    value
}

fn without(value: &Value, field: &str) -> Value {
    let mut value = value.clone();
    value.as_object_mut().unwrap().remove(field);
    value
}

fn bad_tokens(world: &World) {
    let (pem, kid) = key(world.database.dir());
    let now = Clock::system().now().unix_seconds();
    let header = json!({"typ": "JWT", "alg": "EdDSA", "kid": kid});
    let claims = json!({
        "iss": "lotline", "aud": "lotline", "sub": "somebody", "exp": now + 600, "nbf": now - 60, "iat": now - 60,
        "org": world.organisation.as_str(), "roles": ["auditor"]
    });
    let ours = |header: &Value, claims: &Value| format!("Bearer {}", sign(&pem, header, claims));
    assert_eq!(get(world, &ours(&header, &claims)).status, 200, "what is signed here by hand is a good token");
    assert_eq!(get(world, &ours(&header, &with(&claims, "exp", json!(now - 20)))).status, 200, "30 s of leeway");
    let good = sign(&pem, &header, &claims);

    // Somebody else's key.
    let elsewhere = super::support::database::TempDir::new();
    lotline::http::auth::Keys::open(elsewhere.path()).unwrap();
    let forged = sign(&key(elsewhere.path()).0, &header, &claims);
    // The public key as an HMAC secret, and no algorithm at all.
    let seed = ed25519_dalek::pkcs8::DecodePrivateKey::from_pkcs8_pem(std::str::from_utf8(&pem).unwrap());
    let signing: ed25519_dalek::SigningKey = seed.unwrap();
    let public = signing.verifying_key();
    let hmac = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
    let symmetric = jsonwebtoken::encode(&hmac, &claims, &EncodingKey::from_secret(public.as_bytes())).unwrap();
    let none = with(&header, "alg", json!("none"));
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public.as_bytes())});

    let mut bad: Vec<(String, String)> = vec![
        ("nothing after it".into(), "Bearer ".into()),
        ("no scheme".into(), good.clone()),
        ("another scheme".into(), format!("Basic {good}")),
        ("garbage".into(), "Bearer garbage".into()),
        ("dots".into(), "Bearer ..".into()),
        ("very long".into(), format!("Bearer {}", "x".repeat(9_000))),
        ("no signature".into(), format!("Bearer {}", good.rsplit_once('.').unwrap().0)),
        ("an empty signature".into(), format!("Bearer {}.", good.rsplit_once('.').unwrap().0)),
        ("another's key".into(), format!("Bearer {forged}")),
        ("HS256 with the public key".into(), format!("Bearer {symmetric}")),
        ("alg none".into(), format!("Bearer {}.", encode(&none, &claims))),
        ("alg none, signed".into(), ours(&none, &claims)),
    ];
    for (field, value) in [
        ("kid", json!("0000000000000000")),
        ("kid", json!(format!("../keys/{kid}"))),
        ("kid", json!("")),
        ("alg", json!("ES256")),
        ("alg", json!("eddsa")),
        ("typ", json!("JWE")),
        ("jwk", jwk),
        ("jku", json!("https://example.com/keys")),
        ("x5u", json!("https://example.com/cert")),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
    ] {
        bad.push((format!("header {field} {value}"), ours(&with(&header, field, value.clone()), &claims)));
    }
    for field in ["kid", "alg", "typ"] {
        bad.push((format!("header without {field}"), ours(&without(&header, field), &claims)));
    }
    for (field, value) in [
        ("exp", json!(now - 31)),
        ("exp", json!("tomorrow")),
        ("nbf", json!(now + 40)),
        ("iss", json!("somebody")),
        ("aud", json!("somebody")),
        ("aud", json!([])),
        ("sub", json!("")),
        ("sub", json!("a\u{0}b")),
        ("org", json!("org_00000000-0000-7000-8000-000000000000")),
        ("org", json!("everyone")),
        ("roles", json!(["king"])),
        ("roles", json!("auditor")),
        ("sites", json!(["nothing"])),
    ] {
        bad.push((format!("{field} {value}"), ours(&header, &with(&claims, field, value.clone()))));
    }
    for field in ["iss", "aud", "sub", "exp", "nbf", "org", "roles"] {
        bad.push((format!("no {field}"), ours(&header, &without(&claims, field))));
    }

    let expected = without(&world.http.send("GET", "/v1/sites", &[], None).json(), "instance");
    assert_eq!(expected["code"], "unauthenticated");
    let before = world.database.state();
    for (what, authorization) in bad {
        let answer = get(world, &authorization);
        assert_problem(&answer, 401, "unauthenticated", &what);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{what}");
        assert_eq!(without(&answer.json(), "instance"), expected, "{what}: why it is not good is nobody's business");
        // The same before a body is looked at.
        let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
        assert_eq!(world.http.send("POST", "/v1/sites", &headers, Some(b"{")).status, 401, "{what}");
    }
    let both = [("authorization", format!("Bearer {good}")), ("authorization", format!("Bearer {good}"))];
    let both = both.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(world.http.send("GET", "/v1/sites", &both, None).status, 401, "two tokens");
    // A signature with one bit changed.
    let signature = URL_SAFE_NO_PAD.decode(good.rsplit_once('.').unwrap().1).unwrap();
    let mut changed = signature;
    changed[0] ^= 1;
    let token = format!("Bearer {}.{}", good.rsplit_once('.').unwrap().0, URL_SAFE_NO_PAD.encode(changed));
    assert_problem(&get(world, &token), 401, "unauthenticated", "one bit");
    assert_eq!(world.database.state(), before);
    // Our own names are no secret: the file is, and only its owner may read it.
    use std::os::unix::fs::PermissionsExt;
    let file = world.database.dir().join("keys").join(format!("{kid}.pem"));
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(Sha256::digest(public.as_bytes())[..8], hex(&kid)[..]);
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn the_access_table_and_the_document_have_the_same_operations() {
    let document = docs::document();
    let ids = docs::operations(&document).into_iter().map(|(_, _, operation)| operation.operation_id.clone().unwrap());
    let (public, operations): (Vec<_>, Vec<_>) = ids.partition(|id| access::PUBLIC.contains(&id.as_str()));
    assert_eq!(public.len(), access::PUBLIC.len());
    let documented: BTreeSet<_> = operations.iter().map(String::as_str).collect();
    let rows: Vec<_> = access::TABLE.iter().map(|access| access.operation).collect();
    assert_eq!(documented, rows.iter().copied().collect());
    assert_eq!((operations.len(), rows.len()), (documented.len(), documented.len()), "each once");
    assert!(access::TABLE.iter().all(|access| !access.roles.is_empty()));
    for (path, method, operation) in docs::operations(&document) {
        assert!(operation.summary.as_ref().is_some_and(|summary| !summary.is_empty()), "{method} {path}");
    }
}

/// For every operation and role: refused with 403 before anything else is looked at, unless the table allows it.
fn every_role_may_what_the_table_says(world: &World) {
    let before = world.database.state();
    let document = docs::document();
    for (path, method, operation) in docs::operations(&document) {
        if access::PUBLIC.contains(&operation.operation_id.as_deref().unwrap()) {
            continue;
        }
        let allowed = access::roles(operation.operation_id.as_deref().unwrap()).unwrap();
        let path = path.replace("{id}", "nothing").replace("{sha256}", "nothing");
        assert!(!path.contains('{'), "{path}");
        for role in Role::ALL {
            let bearer = format!("Bearer {}", world.token(*role));
            // A body that is none: whoever may call the operation is told so, nobody else.
            let body = (method != "GET").then_some(b"{".as_slice());
            let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
            let answer = world.http.send(method, &path, &headers, body);
            let what = format!("{method} {path} as {role}");
            if allowed.contains(role) {
                assert!(matches!(answer.status, 200 | 400 | 404 | 415), "{what}: {}", answer.json());
            } else {
                assert_problem(&answer, 403, "forbidden", &what);
            }
        }
        // No role, no right; several roles have the rights of each.
        let nobody = world.sign(&world.organisation, "nobody", &[], None);
        let headers = [("authorization", format!("Bearer {nobody}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        let body = (method != "GET").then_some(b"{".as_slice());
        assert_problem(&world.http.send(method, &path, &headers, body), 403, "forbidden", &path);
    }
    assert_eq!(world.database.state(), before);
}

fn a_token_for_a_site_sees_its_sites_only(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 4);
    let administration = id(&clinic.administer(&lot, 1).1);
    let elsewhere = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    let fridge = id(&clinic.create(Role::Admin, "/v1/locations", &location(&elsewhere, "quarantine")));
    clinic.checked_licence(&licence(("site", &elsewhere), "facility", "CQC", "1-200"));
    let bound = |site: &str| world.sign(&world.organisation, "bound", Role::ALL, Some(vec![site.parse().unwrap()]));
    let (here, there) = (bound(&clinic.site), bound(&elsewhere));
    let get =
        |token: &str, path: &str| world.http.send("GET", path, &[("authorization", &format!("Bearer {token}"))], None);
    let receipts = world.read("/v1/receipts");
    let receipt = receipts["items"][0]["id"].as_str().unwrap();
    let event = world.read(&format!("/v1/lots/{lot}/custody"))["events"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        format!("/v1/sites/{}", clinic.site),
        format!("/v1/locations/{}", clinic.stock),
        format!("/v1/receipts/{receipt}"),
        format!("/v1/lots/{lot}"),
        format!("/v1/lots/{lot}/custody"),
        format!("/v1/administrations/{administration}"),
        format!("/v1/administrations/{administration}/custody"),
        format!("/v1/events/{event}"),
        format!("/v1/events/{event}/bytes"),
    ] {
        assert_eq!(get(&here, &path).status, 200, "{path}");
        assert_problem(&get(&there, &path), 404, "not_found", &path);
    }
    for (path, theirs) in [
        ("/v1/sites", 1),
        ("/v1/locations", 1),
        ("/v1/receipts", 0),
        ("/v1/stock", 0),
        ("/v1/lots", 0),
        ("/v1/administrations", 0),
    ] {
        assert_eq!(get(&there, path).json()["items"].as_array().unwrap().len(), theirs, "{path}");
        assert!(!get(&here, path).json()["items"].as_array().unwrap().is_empty(), "{path}");
    }
    let found = world.http.post(&there, "/v1/administrations/search", &json!({"patient_ref": "P-1001"}));
    assert_eq!((found.0, &found.1["items"]), (200, &json!([])));

    let before = world.database.state();
    let unknown = |path: &str, body: &Value| {
        assert_problem(&world.http.post_with(&there, path, &[], body), 422, "reference_unknown", path);
    };
    unknown("/v1/administrations", &clinic.administration(&lot, 1));
    unknown("/v1/administrations", &with(&clinic.administration(&lot, 1), "site_id", json!(elsewhere)));
    unknown("/v1/scans", &clinic.question(&scan("270630", "LOT1", None)));
    unknown("/v1/receipts", &clinic.receipt(json!([{"gtin": GTIN, "lot": "L", "expiry": "2027-06-30", "packs": 1}])));
    unknown("/v1/inspections", &clinic.inspection(receipt, &lot, 1, 0));
    unknown("/v1/locations", &location(&clinic.site, "stock"));
    let release = format!("/v1/lots/{lot}/releases");
    assert_problem(&world.http.post_with(&there, &release, &[], &clinic.release(1)), 404, "not_found", &release);
    assert_eq!(world.database.state(), before);

    // At their own site they may, and of a lot that came to both they see their own units only.
    let mut receipt = clinic.receipt(json!([{"gtin": GTIN, "lot": "LOT1", "expiry": "2027-06-30", "packs": 1}]));
    receipt["site_id"] = json!(elsewhere);
    receipt["location_id"] = json!(fridge);
    assert_eq!(world.http.post(&there, "/v1/receipts", &receipt).0, 201);
    let stock = get(&there, "/v1/stock").json();
    assert_eq!((stock["items"].as_array().unwrap().len(), &stock["items"][0]["units"]), (1, &json!(2)));
    assert_eq!(get(&there, &format!("/v1/lots/{lot}")).status, 200);
    assert_problem(
        &get(&there, &format!("/v1/administrations/{administration}")),
        404,
        "not_found",
        "still not theirs",
    );
    let chain = get(&there, &format!("/v1/lots/{lot}/custody")).json();
    let kinds: Vec<_> = chain["events"].as_array().unwrap().iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(kinds, ["receipt_recorded", "stock_received"]);
}
