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
