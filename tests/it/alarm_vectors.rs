//! What loggers raise alarms about, as others have written it down, from outside this repository: each must agree exactly.

use std::path::Path;

use lotline::excursions::rules::{Bouts, alarms};
use lotline::sensors::model::{AlarmMode, AlarmRule, Comparator, Reading};
use serde_json::Value;

const MINUTE_US: i64 = 60_000_000;

fn rule(said: &Value) -> AlarmRule {
    AlarmRule {
        comparator: match said["op"].as_str().unwrap() {
            ">=" => Comparator::Above,
            "<=" => Comparator::Below,
            other => panic!("{other}"),
        },
        milli_c: milli(&said["c"]),
        minutes: said["minutes"].as_i64().unwrap(),
        mode: match said["mode"].as_str().unwrap() {
            "consecutive" => AlarmMode::Single,
            "cumulative" => AlarmMode::Cumulative,
            other => panic!("{other}"),
        },
    }
}

fn milli(celsius: &Value) -> i32 {
    format!("{:.0}", celsius.as_f64().unwrap() * 1000.0).parse().unwrap()
}

#[test]
fn every_vector_agrees() {
    let Some(folder) = std::env::var_os("LOTLINE_VECTORS") else {
        println!("LOTLINE_VECTORS is not set: the vectors of alarms are left out");
        return;
    };
    let file = Path::new(&folder).join("alarm_vectors.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    let document: Value = serde_json::from_str(&text).unwrap();
    let vectors = document["vectors"].as_array().unwrap();
    assert!(!vectors.is_empty(), "{} holds no vector", file.display());
    for vector in vectors {
        let interval_us = vector["interval_min"].as_i64().unwrap() * MINUTE_US;
        let mut raised: Vec<&str> = Vec::new();
        for (name, said) in vector["rules"].as_object().unwrap() {
            let rule = rule(said);
            let mut bouts = Bouts::new(&rule, interval_us, 3 * interval_us);
            for (place, celsius) in (0..).zip(vector["temps_c"].as_array().unwrap()) {
                bouts.take(Reading { at_us: place * interval_us, milli_c: milli(celsius) });
            }
            if !alarms(&bouts.found(), &rule).is_empty() {
                raised.push(name);
            }
        }
        let mut expected: Vec<_> =
            vector["alarms"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        expected.sort_unstable();
        raised.sort_unstable();
        assert_eq!(raised, expected, "{}", vector["name"]);
    }
    println!("{} alarm vectors agree", vectors.len());
}
