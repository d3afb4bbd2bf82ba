//! The OpenAPI document is what was agreed with callers: it changes only on purpose.

use std::path::Path;
use std::process::Command;

#[test]
fn the_document_is_the_one_checked_in() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let agreed = std::fs::read(&path).unwrap_or_default();
    let output = Command::new(env!("CARGO_BIN_EXE_lotline")).arg("openapi").output().unwrap();
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    if output.stdout == agreed {
        return;
    }
    let (now, then) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&agreed));
    let line = now.lines().zip(then.lines()).position(|(now, then)| now != then);
    panic!(
        "openapi/openapi.json is not what `lotline openapi` prints; the first line that differs is {}.\n\
         If the change is meant: cargo run -- openapi > openapi/openapi.json",
        line.unwrap_or_else(|| now.lines().count().min(then.lines().count())) + 1
    );
}

/// Whoever generates a client follows every reference.
#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = serde_json::to_value(lotline::app::docs::document()).unwrap();
    let mut found = 0;
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        match value {
            serde_json::Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(|reference| reference.as_str()) {
                    found += 1;
                    assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
                }
                left.extend(fields.values());
            }
            serde_json::Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    assert!(found > 100, "{found}");
}
