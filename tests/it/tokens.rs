//! Tokens that are not good: whatever is wrong with one, the answer is the same, and nothing is looked at or changed.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePublicKey};
use ed25519_dalek::{SigningKey, VerifyingKey};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use lotline::clock::Clock;
use lotline::http::auth::Keys;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::support::client::assert_problem;
use super::support::database::TempDir;
use super::support::{Answer, World, on_both_databases};

on_both_databases!(bad_tokens);

/// The key in a data directory, as PEM, and its id.
fn key(data_dir: &Path) -> (Vec<u8>, String) {
    let mut files = std::fs::read_dir(data_dir.join("keys")).unwrap().map(|entry| entry.unwrap().path());
    let file = files.find(|file| file.extension().is_some_and(|extension| extension == "pem")).unwrap();
    (std::fs::read(&file).unwrap(), file.file_stem().unwrap().to_str().unwrap().to_owned())
}

/// A forger who has our key: what they sign is refused for what it says, not for its signature.
struct Forge {
    pem: Vec<u8>,
    header: Value,
    claims: Value,
}

impl Forge {
    fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let key = EncodingKey::from_ed_pem(&self.pem).unwrap();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn good(&self) -> String {
        self.sign_text(&self.header.to_string(), &self.claims.to_string())
    }

    fn with_header(&self, field: &str, value: Value) -> String {
        self.sign_text(&with(&self.header, field, value).to_string(), &self.claims.to_string())
    }

    fn with_claim(&self, field: &str, value: Value) -> String {
        self.sign_text(&self.header.to_string(), &with(&self.claims, field, value).to_string())
    }

    /// The good token with more members in front of its header or claims, as text: so a name can come twice.
    fn with_text(&self, header: &str, claims: &str) -> String {
        let (ours, theirs) = (self.header.to_string(), self.claims.to_string());
        self.sign_text(&format!("{{{header}{}", &ours[1..]), &format!("{{{claims}{}", &theirs[1..]))
    }
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
    let day = 24 * 3600;
    let forge = Forge {
        pem,
        header: json!({"typ": "JWT", "alg": "EdDSA", "kid": kid}),
        claims: json!({
            "iss": "lotline", "aud": "lotline", "sub": "somebody", "exp": now + 600, "nbf": now - 60, "iat": now - 60,
            "jti": "tok_01932c07-8d00-7000-8000-000000000001", "org": world.organisation.as_str(), "roles": ["auditor"]
        }),
    };
    let get = |authorization: &str| world.http.send("GET", "/v1/sites", &[("authorization", authorization)], None);
    let good = forge.good();
    let longest = with(&with(&forge.claims, "iat", json!(now - 5)), "exp", json!(now - 5 + day));
    for (what, authorization) in [
        ("signed here by hand", format!("Bearer {good}")),
        ("the scheme's case is nothing (RFC 9110, 11.1)", format!("bearer {good}")),
        ("30 s of leeway", format!("Bearer {}", forge.with_claim("exp", json!(now - 20)))),
        ("a day", format!("Bearer {}", forge.sign_text(&forge.header.to_string(), &longest.to_string()))),
        ("a claim that says nothing to us", format!("Bearer {}", forge.with_claim("client", json!("1")))),
    ] {
        assert_eq!(get(&authorization).status, 200, "{what}");
    }

    let bad = bad(&forge, world, now);
    let before = world.database.state();
    let json = ("content-type", "application/json");
    let post = |headers: &[(&str, &str)]| world.http.send("POST", "/v1/sites?nothing=1", headers, Some(b"{"));
    let silent = world.http.send("GET", "/v1/sites", &[], None);
    assert_problem(&silent, 401, "unauthenticated", "no token");
    assert_eq!(silent.header("www-authenticate"), Some("Bearer"));
    let same = |answer: &Answer, what: &str| {
        assert_eq!(shape(answer), shape(&silent), "{what}: why it is not good is nobody's business");
    };
    for (what, authorization) in &bad {
        same(&get(authorization), what);
        // The same before a query or a body is looked at.
        same(&post(&[("authorization", authorization.as_str()), json]), what);
    }
    let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
    for (what, path, headers) in [
        ("two tokens", "/v1/sites".to_owned(), vec![bearer(&good), bearer(&good)]),
        ("a good one before a bad one", "/v1/sites".to_owned(), vec![bearer(&good), bearer("bad")]),
        ("a bad one before a good one", "/v1/sites".to_owned(), vec![bearer("bad"), bearer(&good)]),
        ("in the query", format!("/v1/sites?access_token={good}"), Vec::new()),
        ("in a cookie", "/v1/sites".to_owned(), vec![("cookie", format!("access_token={good}"))]),
        ("for a proxy", "/v1/sites".to_owned(), vec![("proxy-authorization", format!("Bearer {good}"))]),
    ] {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        same(&world.http.send("GET", &path, &headers, None), what);
    }
    assert_eq!(world.database.state(), before);

    // A key's name is no secret: the file is, and only its owner may read it.
    use std::os::unix::fs::PermissionsExt;
    let file = world.database.dir().join("keys").join(format!("{kid}.pem"));
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let digest = Sha256::digest(public(&forge.pem).as_bytes());
    assert_eq!(digest[..8].iter().map(|byte| format!("{byte:02x}")).collect::<String>(), kid);
}

/// What an answer says, but for what names it and when it was given; `connection` says whether the body had arrived.
fn shape(answer: &Answer) -> (u16, Value, Vec<(String, String)>) {
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["connection", "date", "x-request-id"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, without(&answer.json(), "instance"), headers)
}

fn public(pem: &[u8]) -> VerifyingKey {
    SigningKey::from_pkcs8_pem(std::str::from_utf8(pem).unwrap()).unwrap().verifying_key()
}

/// Every bad `Authorization`, by what is wrong with it.
fn bad(forge: &Forge, world: &World, now: i64) -> Vec<(String, String)> {
    let kid = forge.header["kid"].as_str().unwrap();
    let good = forge.good();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, claims) = message.split_once('.').unwrap();
    let ours = public(&forge.pem);
    let mut bad: Vec<(String, String)> = Vec::new();
    let mut raw = |what: &str, authorization: String| bad.push((what.to_owned(), authorization));

    raw("nothing after it", "Bearer ".into());
    raw("no scheme", good.clone());
    raw("another scheme", format!("Basic {good}"));
    raw("the scheme twice", format!("Bearer Bearer {good}"));
    raw("two in one header", format!("Bearer {good}, Bearer {good}"));
    raw("a tab after the scheme", format!("Bearer\t{good}"));

    let mut token = |what: &str, token: String| raw(what, format!("Bearer {token}"));
    token("garbage", "garbage".into());
    token("dots", "..".into());
    token("no base64", "!!!.???.***".into());
    token("64 kB of nothing", "x".repeat(64 * 1024));
    token("64 kB, signed", forge.with_claim("more", json!("x".repeat(48 * 1024))));
    let deep = format!("{{\"roles\":{}{}}}", "[".repeat(2_000), "]".repeat(2_000));
    token("deeper than a stack", forge.sign_text(&forge.header.to_string(), &deep));
    token("no signature", message.to_owned());
    token("an empty signature", format!("{message}."));
    token("a part too many", format!("{good}.{signature}"));
    token("five parts, as of an encrypted one", format!("{header}.{claims}.{signature}.{signature}.{signature}"));
    // Another reading of the same bytes is another token.
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    token("padded", format!("{message}.{}", URL_SAFE.encode(bytes(signature))));
    token("padded header", format!("{}.{claims}.{signature}", URL_SAFE.encode(bytes(header)) + "="));
    // 64 bytes leave four bits of the last character unused, and they are zero: it is one of A, Q, g and w.
    let (rest, last) = signature.split_at(signature.len() - 1);
    let loose = char::from(last.as_bytes()[0] + 1);
    token("loose bits at the end", format!("{message}.{rest}{loose}"));
    let flipped = |at: usize| {
        let mut changed = bytes(signature);
        changed[at] ^= 1;
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(changed))
    };
    token("one bit of R", flipped(0));
    token("one bit of s", flipped(32));
    // s + L has the same meaning as s in sloppy arithmetic (RFC 8032, 5.1.7).
    token("a signature out of range", format!("{message}.{}", URL_SAFE_NO_PAD.encode(out_of_range(&bytes(signature)))));
    token("zeros for a signature", format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64])));
    let others = forge.sign_text(&forge.header.to_string(), &with(&forge.claims, "sub", json!("x")).to_string());
    token("another's signature", format!("{message}.{}", others.rsplit_once('.').unwrap().1));

    // Somebody else's key; the public key as a secret; no algorithm at all.
    let elsewhere = TempDir::new();
    Keys::open(elsewhere.path()).unwrap();
    let stranger = Forge { pem: key(elsewhere.path()).0, header: forge.header.clone(), claims: forge.claims.clone() };
    token("another's key", stranger.good());
    let published = ours.to_public_key_pem(LineEnding::LF).unwrap();
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        for secret in [&ours.as_bytes()[..], published.as_bytes(), kid.as_bytes(), b"x"] {
            let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
            let key = EncodingKey::from_secret(secret);
            token("a shared secret", jsonwebtoken::encode(&header, &forge.claims, &key).unwrap());
        }
    }
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let signed = forge.with_header("alg", json!(none));
        let unsigned = signed.rsplit_once('.').unwrap().0;
        token(&format!("alg {none:?}, signed"), signed.clone());
        token(&format!("alg {none:?}, nothing"), format!("{unsigned}."));
        token(&format!("alg {none:?}, two parts"), unsigned.to_owned());
    }

    let jwk = |key: VerifyingKey| json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(key.as_bytes())});
    let embedded = stranger.with_header("jwk", jwk(public(&stranger.pem)));
    token("a key in the header, that it is signed with", embedded);
    for (field, value) in [
        ("kid", json!("0000000000000000")),
        ("kid", json!("")),
        ("kid", json!(null)),
        ("kid", json!(0)),
        ("kid", json!([kid])),
        ("kid", json!(format!("../keys/{kid}"))),
        ("kid", json!(format!("{kid}.pem"))),
        ("kid", json!("../../../../../../dev/null")),
        ("kid", json!(format!("{kid}\u{0}"))),
        ("kid", json!(kid.to_uppercase() + " ")),
        ("kid", json!("' OR '1'='1")),
        ("kid", json!("x' UNION SELECT 'key' --")),
        ("kid", json!("| sleep 5")),
        ("alg", json!("ES256")),
        ("alg", json!("RS256")),
        ("alg", json!("HS256")),
        ("alg", json!("eddsa")),
        ("alg", json!("Ed448")),
        ("alg", json!(["EdDSA"])),
        ("alg", json!(null)),
        ("typ", json!("JWE")),
        ("typ", json!("at+jwt")),
        ("typ", json!("jwt")),
        ("typ", json!("")),
        ("typ", json!(null)),
        ("jwk", jwk(ours)),
        ("jku", json!("https://example.com/keys")),
        ("x5u", json!("https://example.com/cert")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("x5t#S256", json!("AAAA")),
        ("cty", json!("JWT")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("enc", json!("A256GCM")),
        ("zip", json!("DEF")),
    ] {
        token(&format!("header {field} {value}"), forge.with_header(field, value.clone()));
    }
    for field in ["kid", "alg", "typ"] {
        let header = without(&forge.header, field).to_string();
        token(&format!("header without {field}"), forge.sign_text(&header, &forge.claims.to_string()));
    }
    token("an algorithm twice", forge.with_text("\"alg\":\"none\",", ""));
    token("the same algorithm twice", forge.with_text("\"alg\":\"EdDSA\",", ""));
    token("a key id twice", forge.with_text("\"kid\":\"other\",", ""));
    for header in ["", "null", "[]", "\"JWT\"", "{}", "{", "\u{0}"] {
        token(&format!("header {header:?}"), forge.sign_text(header, &forge.claims.to_string()));
    }

    let day = 24 * 3600;
    for (field, value) in [
        ("exp", json!(now - 31)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!(now - 60 + day + 1)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", json!((now + 600).to_string())),
        ("exp", json!("tomorrow")),
        ("exp", json!([now + 600])),
        ("exp", json!({"$gt": 0})),
        ("exp", json!(true)),
        ("exp", json!(null)),
        ("nbf", json!(now + 40)),
        ("nbf", json!((now - 60).to_string())),
        ("nbf", json!(null)),
        ("iat", json!(now + 40)),
        ("iat", json!(now - day)),
        ("iat", json!(i64::MIN)),
        ("iat", json!("now")),
        ("iat", json!(null)),
        ("iss", json!("somebody")),
        ("iss", json!("lotline ")),
        ("iss", json!(["lotline"])),
        ("iss", json!(["lotline", "somebody"])),
        ("iss", json!(null)),
        ("aud", json!("somebody")),
        ("aud", json!("LOTLINE")),
        ("aud", json!([])),
        ("aud", json!(["lotline", "somebody"])),
        ("aud", json!({"lotline": true})),
        ("aud", json!(null)),
        ("sub", json!("")),
        ("sub", json!("a\u{0}b")),
        ("sub", json!("a\nb")),
        ("sub", json!("x".repeat(201))),
        ("sub", json!(["somebody"])),
        ("sub", json!({"id": "somebody"})),
        ("sub", json!(0)),
        ("sub", json!(null)),
        ("jti", json!("")),
        ("jti", json!("1")),
        ("jti", json!("TOK_01932c07-8d00-7000-8000-000000000001")),
        ("jti", json!("org_01932c07-8d00-7000-8000-000000000001")),
        ("jti", json!(["tok_01932c07-8d00-7000-8000-000000000001"])),
        ("jti", json!(0)),
        ("jti", json!(null)),
        ("org", json!("")),
        ("org", json!("*")),
        ("org", json!("org_00000000-0000-7000-8000-000000000000")),
        ("org", json!(format!("{}' OR '1'='1", world.organisation))),
        ("org", json!(world.organisation.as_str().to_uppercase())),
        ("org", json!([world.organisation.as_str()])),
        ("org", json!({"id": world.organisation.as_str()})),
        ("org", json!(null)),
        ("roles", json!(["king"])),
        ("roles", json!(["auditor", "king"])),
        ("roles", json!(["Auditor"])),
        ("roles", json!(["auditor", ["admin"]])),
        ("roles", json!([["auditor"]])),
        ("roles", json!({"0": "auditor"})),
        ("roles", json!("auditor")),
        ("roles", json!("auditor admin")),
        ("roles", json!(null)),
        ("sites", json!(["nothing"])),
        ("sites", json!("*")),
        ("sites", json!({})),
        ("sites", json!([["site_00000000-0000-7000-8000-000000000000"]])),
    ] {
        let shown: String = value.to_string().chars().take(80).collect();
        token(&format!("{field} {shown}"), forge.with_claim(field, value));
    }
    for field in ["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "org", "roles"] {
        let claims = without(&forge.claims, field).to_string();
        token(&format!("no {field}"), forge.sign_text(&forge.header.to_string(), &claims));
        let twice = format!("\"{field}\":{},", forge.claims[field]);
        token(&format!("{field} twice"), forge.with_text("", &twice));
    }
    token("roles twice, more of them first", forge.with_text("", "\"roles\":[\"admin\"],"));
    for claims in ["", "null", "[]", "{}", "{", "\"\"", "\u{0}"] {
        token(&format!("claims {claims:?}"), forge.sign_text(&forge.header.to_string(), claims));
    }
    bad
}

/// The signature with the order of the group added to its second half (RFC 8032, section 5.1).
fn out_of_range(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (r, s) = signature.split_at(32);
    let mut carry = 0_u16;
    let sum = s.iter().zip(ORDER).map(|(a, b)| {
        let sum = u16::from(*a) + u16::from(b) + carry;
        carry = sum >> 8;
        sum.to_le_bytes()[0]
    });
    r.iter().copied().chain(sum).collect()
}
