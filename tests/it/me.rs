//! Who a token is.

use lotline::caller::Role;
use lotline::http::auth::{AUDIENCE, Claims, ISSUER};
use lotline::ids::TokenId;
use serde_json::{Value, json};

use super::support::client::assert_problem;
use super::support::clinic::{id, site};
use super::support::{World, on_both_databases};

on_both_databases!(a_token_says_who_it_is, the_practitioner_is_whom_the_subject_names, nobody_is_told_without_a_token,);

fn me(world: &World, token: &str) -> Value {
    let (status, answer) = world.http.get(token, "/v1/me");
    assert_eq!(status, 200, "{answer}");
    answer
}

fn a_token_says_who_it_is(world: &World) {
    let clinic = world.clinic();
    let other = id(&clinic.create(Role::Admin, "/v1/sites", &site()));
    // Tokens live by the machine's clock.
    let now = lotline::clock::Clock::system().now().unix_seconds();
    let jti: TokenId = "tok_01932c07-8d00-7000-8000-000000000001".parse().unwrap();
    let claims = |sites: Option<Vec<&str>>, jti: Option<TokenId>| Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: "Rita Müller".to_owned(),
        iat: now,
        nbf: now,
        exp: now + 1800,
        jti,
        org: world.organisation.clone(),
        roles: vec![Role::Purchaser, Role::Quality],
        sites: sites.map(|sites| sites.into_iter().map(|site| site.parse().unwrap()).collect()),
    };
    let told = me(world, &world.keys.sign(&claims(None, Some(jti.clone()))).unwrap());
    let until = told["expires_at"].as_str().unwrap().parse::<lotline::clock::Moment>().unwrap();
    assert_eq!(until.unix_seconds(), now + 1800);
    let expected = json!({
        "subject": "Rita Müller",
        "organisation": {"id": world.organisation, "name": "Example Clinics"},
        "roles": ["purchaser", "quality"],
        "sites": null,
        "token_id": jti,
        "expires_at": told["expires_at"],
        "practitioner": null,
    });
    assert_eq!(told, expected);
    // One for some sites names them, in whatever order the token has them.
    let mut asked = vec![clinic.site.as_str(), other.as_str()];
    for _ in 0..2 {
        let told = me(world, &world.keys.sign(&claims(Some(asked.clone()), Some(jti.clone()))).unwrap());
        let named: Vec<_> = told["sites"].as_array().unwrap().iter().map(|site| site["id"].as_str().unwrap()).collect();
        assert_eq!(named, [clinic.site.as_str(), other.as_str()]);
        let first = &told["sites"][0];
        let read = world.read(&format!("/v1/sites/{}", clinic.site));
        for field in ["name", "jurisdiction", "time_zone"] {
            assert_eq!(first[field], read[field], "{field}");
        }
        assert_eq!(first["retired_at"], Value::Null);
        asked.reverse();
    }
    // One for no site sees none, which is not all.
    assert_eq!(me(world, &world.keys.sign(&claims(Some(Vec::new()), Some(jti))).unwrap())["sites"], json!([]));
}

fn the_practitioner_is_whom_the_subject_names(world: &World) {
    let create = |name: &str, subject: Option<&str>| {
        let body = json!({"name": name, "profession": "nurse", "subject": subject});
        id(&world.create(Role::Admin, "/v1/practitioners", &body))
    };
    let token = |subject: &str| world.token_as(subject, &[Role::Practitioner]);
    let nia = create("Nia Nurse", Some("nia@example.org"));
    create("Nia Nurse", None);
    // However it is spelt.
    for subject in ["nia@example.org", "NIA@Example.org"] {
        let told = me(world, &token(subject));
        assert_eq!(told["subject"], json!(subject));
        assert_eq!(told["practitioner"], json!({"id": nia, "name": "Nia Nurse", "profession": "nurse"}), "{subject}");
    }
    assert_eq!(me(world, &token("Nia Nurse"))["practitioner"], Value::Null, "a name is no subject");
    // Another organisation's practitioner of that subject is somebody else.
    let elsewhere = world.register_organisation("Elsewhere Clinics");
    let theirs = world.sign(&elsewhere, "nia@example.org", &[Role::Practitioner], None);
    let told = me(world, &theirs);
    assert_eq!((&told["practitioner"], &told["organisation"]["name"]), (&Value::Null, &json!("Elsewhere Clinics")));
    // A subject that was taken off names nobody, and so does one of two people.
    assert_eq!(world.patch(&format!("/v1/practitioners/{nia}"), &json!({"subject": "nia.new"})).status, 200);
    assert_eq!(me(world, &token("nia@example.org"))["practitioner"], Value::Null);
    assert_eq!(me(world, &token("nia.new"))["practitioner"]["id"], json!(nia));
    let twin = create("Another Nia", Some("Nia.New"));
    assert_eq!(me(world, &token("nia.new"))["practitioner"], Value::Null, "it may be either");
    world.create(Role::Admin, &format!("/v1/practitioners/{nia}/retire"), &json!({"reason": "Has left"}));
    assert_eq!(me(world, &token("nia.new"))["practitioner"]["id"], json!(twin));
}

fn nobody_is_told_without_a_token(world: &World) {
    assert_problem(&world.http.send("GET", "/v1/me", &[], None), 401, "unauthenticated", "no token");
    let nothing = world.sign(&world.organisation, "nobody", &[], None);
    let bearer = format!("Bearer {nothing}");
    let answer = world.http.send("GET", "/v1/me", &[("authorization", &bearer)], None);
    assert_problem(&answer, 403, "forbidden", "a token without roles");
    for role in Role::ALL {
        assert_eq!(me(world, &world.token(*role))["roles"], json!([role.as_str()]));
    }
}
