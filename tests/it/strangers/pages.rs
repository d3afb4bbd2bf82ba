//! Headers, and what the pages of the documentation hold.

use lotline::caller::Role;

use crate::support::{World, on_both_databases};

on_both_databases!(nothing_of_the_api_is_kept_on_the_way, pages_run_nothing_of_their_own);

fn nothing_of_the_api_is_kept_on_the_way(world: &World) {
    let auditor = format!("Bearer {}", world.token(Role::Auditor));
    let practitioner = format!("Bearer {}", world.token(Role::Practitioner));
    for (method, path, bearer, status) in [
        ("GET", "/v1/sites", Some(&auditor), 200),
        ("GET", "/v1/sites?no=1", Some(&auditor), 400),
        ("GET", "/v1/sites", None, 401),
        ("GET", "/v1/events", Some(&practitioner), 403),
        ("GET", "/v1/sites/nothing", Some(&auditor), 404),
        ("GET", "/v1/nothing", None, 404),
        ("GET", "/v1", None, 404),
        ("DELETE", "/v1/sites", Some(&auditor), 405),
        ("POST", "/v1/scans", Some(&practitioner), 415),
        ("GET", &format!("/v1/{}", "x".repeat(9000)), Some(&auditor), 414),
    ] {
        let headers: Vec<_> = bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        let answer = world.http.send(method, path, &headers, None);
        assert_eq!((answer.status, answer.header("cache-control")), (status, Some("no-store")), "{method} {path:.40}");
    }
}

fn pages_run_nothing_of_their_own(world: &World) {
    let fetch = |path: &str| world.http.send("GET", path, &[], None);
    let pages = ["/docs/", "/docs/guide", "/docs/problems", "/docs/reasons", "/docs/limits", "/docs/roles"];
    let others = ["/openapi.json", "/docs/pages.css", "/docs/swagger-ui-bundle.js", "/docs/nothing"];
    for path in pages.iter().chain(&others) {
        let answer = fetch(path);
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path}"));
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' "), "{path}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
    for path in pages {
        let html = String::from_utf8(fetch(path).bytes).unwrap();
        assert!(html.contains("stylesheet"), "{path}");
        for script in html.split("<script").skip(1) {
            let (attributes, rest) = script.split_once('>').unwrap();
            let text = rest.split("</script>").next().unwrap();
            assert!(attributes.contains("src=") && text.trim().is_empty(), "{path}: {script:.80}");
        }
        assert!(!html.contains("<style") && !html.contains(" style=") && !html.contains(" onload="), "{path}");
    }
    // The files are the ones that are part of the program, and the interface is told where the document is.
    assert!(fetch("/docs/swagger-ui-bundle.js").bytes.len() > 1_000_000);
    let initializer = String::from_utf8(fetch("/docs/swagger-initializer.js").bytes).unwrap();
    assert!(initializer.contains("\"url\": \"/openapi.json\""), "{initializer}");
}
