//! The published conformance vectors. They are read from the folder that `LOTLINE_VECTORS` names,
//! which is no part of the project; without it the tests are skipped with a line that says so.

// A test says that it failed by panicking.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use chrono::{Datelike, NaiveDate};
use lotline::barcode::{self, Element, Error, gs1, hibc};
use serde_json::Value;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
}

fn vectors(file: &str) -> Option<Vec<Value>> {
    let Ok(folder) = std::env::var("LOTLINE_VECTORS") else {
        println!("skipped: LOTLINE_VECTORS is not set, so {file} was not read");
        return None;
    };
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join(file)).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    Some(document["vectors"].as_array().unwrap().clone())
}

/// The verdict of the reference engine for the dictionary release that the table follows.
fn oracle(vector: &Value) -> Option<bool> {
    let oracle = vector.get("oracle_full")?;
    let oracle = oracle.get("release_2026_01_27").unwrap_or(oracle);
    oracle["ok"].as_bool()
}

/// What the vectors' README lets us refuse although the reference engine takes it.
fn carries_nothing_of_ours(outcome: &Result<barcode::Decoded, Error>) -> bool {
    outcome.as_ref().is_err_and(|error| error.code == "unsupported")
}

#[test]
fn gs1_engine() {
    let Some(vectors) = vectors("gs1_engine.json") else {
        return;
    };
    let (mut agreed, mut unsupported, mut skipped) = (0, 0, Vec::new());
    let mut differ = Vec::new();
    for vector in &vectors {
        let (id, kind) = (&vector["id"], vector["kind"].as_str().unwrap());
        let expected = vector["expected"]["accept"].as_bool();
        let input = vector["input"].as_str().unwrap_or_default();
        let engine_option = |name: &str| vector["options"][name] == Value::Bool(true);
        let (ours, theirs) = match kind {
            "bracketed_ai" | "bracketed_ai_lint" | "raw_ai" | "scan_data" => {
                let Some(theirs) = oracle(vector).or(expected.filter(|_| kind != "raw_ai" || input.starts_with('^')))
                else {
                    skipped.push(format!("{id} {kind} {input:?}: no verdict"));
                    continue;
                };
                let outcome = barcode::decode(input, today());
                if theirs && carries_nothing_of_ours(&outcome) {
                    unsupported += 1;
                    continue;
                }
                (format!("{outcome:?}").starts_with("Ok"), theirs)
            }
            "ai_association" => (gs1::check_associations(&bracketed(input)).is_ok(), expected.unwrap()),
            "ai_length_by_prefix" => {
                let length = gs1::ai_table::ai_length(input);
                (length == vector["expected"]["ai_length"].as_u64().and_then(|n| usize::try_from(n).ok()), true)
            }
            "dl_uri_parse" => {
                if ["permit_convenience_alphas", "permit_zero_suppressed_gtin"].into_iter().any(engine_option)
                    || vector["options"].get("validate_unknown_ai_not_dl_attr").is_some()
                {
                    skipped.push(format!("{id} {kind} {input:?}: an option of the engine that we do not have"));
                    continue;
                }
                let outcome = barcode::decode(input, today());
                if let (Ok(decoded), Some(raw)) = (&outcome, vector["expected"]["raw"].as_str()) {
                    assert_eq!(
                        gs1::element_string::build(&decoded.elements, today()).unwrap(),
                        raw[1..].replace('^', "\u{1d}"),
                        "{id}"
                    );
                }
                (outcome.is_ok(), expected.unwrap())
            }
            "dl_path_ai_sequence" => {
                let sequence: Vec<&str> =
                    vector["input"].as_array().unwrap().iter().map(|ai| ai.as_str().unwrap()).collect();
                (gs1::digital_link::is_path(&sequence), expected.unwrap())
            }
            other => panic!("a kind of vector that this test does not know: {other}"),
        };
        if ours == theirs {
            agreed += 1;
        } else {
            differ.push(format!(
                "{id} {kind} {input:?}: ours {ours}, theirs {theirs}: {:?}",
                barcode::decode(input, today())
            ));
        }
        let expected_link = vector["oracle_full"].get("release_2026_01_27").and_then(|o| o["dl"].as_str());
        if let (Some(link), Ok(decoded)) = (expected_link, barcode::decode(input, today())) {
            assert_eq!(decoded.digital_link.as_deref(), Some(link), "{id} {input:?}");
        }
    }
    println!("{agreed} agree, {unsupported} refused as unsupported, {} skipped:", skipped.len());
    skipped.iter().for_each(|line| println!("  {line}"));
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

/// Splits bracketed text whose values hold no brackets, without any check.
fn bracketed(text: &str) -> Vec<Element> {
    let elements = text.split('(').skip(1).map(|element| element.split_once(')').unwrap());
    elements.map(|(ai, value)| Element { ai: ai.to_owned(), value: value.to_owned() }).collect()
}

#[test]
fn hibc_and_iccbba() {
    let Some(vectors) = vectors("hibc_vectors.json") else {
        return;
    };
    let mut counts = std::collections::BTreeMap::new();
    for vector in &vectors {
        let (kind, input, expected) =
            (vector["kind"].as_str().unwrap(), vector["input"].as_str().unwrap(), &vector["expected"]);
        *counts.entry(kind).or_insert(0) += 1;
        let outcome = barcode::decode(input, today());
        match kind {
            "hibc_check_char" => {
                let check = hibc::check_character(input).map(String::from);
                assert_eq!(check.as_deref(), expected["check"].as_str(), "{input}");
            }
            "hibc_invalid_without_check" => {
                assert!(outcome.is_err(), "{input}");
                if let Some(check) = hibc::check_character(input) {
                    assert!(
                        barcode::decode(&format!("{input}{check}"), today()).is_err(),
                        "{input} with its check character"
                    );
                }
            }
            "hibc_decode" | "hibc_secondary_standalone" | "iccbba_decode" => {
                let accept = expected["accept"].as_bool().unwrap_or(false);
                assert_eq!(outcome.is_ok(), accept, "{input}: {outcome:?}");
                if let Ok(decoded) = outcome {
                    fields(input, &decoded, expected);
                }
            }
            other => panic!("a kind of vector that this test does not know: {other}"),
        }
    }
    println!("{counts:?}");
}

fn fields(input: &str, decoded: &barcode::Decoded, expected: &Value) {
    let inner = if expected["fields"].is_object() { &expected["fields"] } else { expected };
    let text = |name: &str| inner[name].as_str().map(str::to_owned);
    let element = |ai: &str| decoded.elements.iter().find(|e| e.ai == ai).map(|e| e.value.clone());
    if let Some(lic) = text("lic") {
        let udi_di = format!("{lic}{}{}", text("pcn").unwrap(), inner["uom"]);
        assert_eq!(decoded.udi_di.as_deref(), Some(udi_di.as_str()), "{input}");
    } else {
        assert_eq!(decoded.udi_di, text("di"), "{input}");
    }
    assert_eq!(decoded.lot, text("lot").or(text("mpho_lot")), "{input}");
    assert_eq!(decoded.serial, text("serial"), "{input}");
    assert_eq!(decoded.production_date.map(|date| date.to_string()), text("manufactured"), "{input}");
    if let Some(month) = text("expiry_month") {
        let expiry = decoded.expiry.unwrap();
        assert_eq!(expiry.to_string()[..7], month, "{input}");
        assert_eq!(expiry.succ_opt().unwrap().day(), 1, "{input}: the last day of the month");
    } else if expected["fields"].is_string() {
        assert!(decoded.expiry.is_some(), "{input}: {}", expected["fields"]);
    } else {
        assert_eq!(decoded.expiry.map(|date| date.to_string()), text("expiry"), "{input}");
    }
    if let Some(quantity) = inner["quantity"].as_u64() {
        assert_eq!(element("Q"), Some(quantity.to_string()), "{input}");
    }
    if let Some(link) = expected["link_char"].as_str() {
        assert_eq!(element("link").as_deref(), Some(link), "{input}");
    }
    if let Some(donation) = text("donation_id") {
        assert_eq!(element("="), Some(donation), "{input}");
    }
    let has_hour = ["hour", "expiry_hour"].iter().any(|name| inner[*name].is_number() || expected[*name].is_number());
    assert_eq!(decoded.warnings.iter().any(|w| w.code == "expiry_time"), has_hour, "{input}");
}

/// Examples that were published with wrong check digits (named in the vectors' README).
#[test]
fn published_with_wrong_check_digits() {
    let wrong = [
        "+H123PARTNO1234567890120/$$420020216LOT123456789012345/SXYZ456789012345678/16D20130202C",
        "+A999ABC123DE1/$+1234567Y",
        "00208851107345",
        "00011954013448",
        "(01)00208851107345",
        "0100011954013448",
        "https://id.gs1.org/01/00011954013448",
        "]E00208851107345",
    ];
    for code in wrong {
        let error = barcode::decode(code, today()).unwrap_err();
        assert!(!error.message.is_empty(), "{code}");
    }
}
