//! Published licence and identifier numbers, from outside this repository: every verdict must
//! agree.

use std::path::Path;

use lotline::licences::numbers::{Verdict, check};
use serde_json::Value;

#[test]
fn every_vector_agrees() {
    let Some(folder) = std::env::var_os("LOTLINE_VECTORS") else {
        println!("LOTLINE_VECTORS is not set: the identifier vectors are left out");
        return;
    };
    let file = Path::new(&folder).join("id_number_vectors.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    let document: Value = serde_json::from_str(&text).unwrap();
    let vectors = document["vectors"].as_array().unwrap();
    assert!(!vectors.is_empty(), "{} holds no vector", file.display());

    let mut disagreeing = Vec::new();
    for vector in vectors {
        let kind = vector["kind"].as_str().unwrap();
        let input = vector["input"].as_str().unwrap();
        let accept = vector["expected"]["accept"].as_bool().unwrap();
        let verdict = check(kind, input);
        // An unknown kind would be taken unvalidated, and so agree without having been judged.
        if (verdict == Ok(Verdict::Valid)) != accept || verdict == Ok(Verdict::Unvalidated) {
            disagreeing.push(format!("{vector}: {verdict:?}"));
        }
    }
    assert!(
        disagreeing.is_empty(),
        "{} of {} vectors disagree:\n{}",
        disagreeing.len(),
        vectors.len(),
        disagreeing.join("\n")
    );
    println!("{} identifier vectors agree", vectors.len());
}
