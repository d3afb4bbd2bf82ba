//! Mean kinetic temperatures that others computed, from outside this repository: each must agree to a millionth of a degree.

use std::path::Path;

use lotline::sensors::climate::{Known, Span};
use lotline::sensors::kinetic::Kinetic;
use lotline::sensors::model::Reading;
use serde_json::Value;

fn assert_near(found: Option<f64>, expected: &Value, what: &Value) {
    let expected: f64 = expected.as_str().unwrap().parse().unwrap();
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}: {what}");
}

#[test]
fn every_vector_agrees() {
    let Some(folder) = std::env::var_os("LOTLINE_VECTORS") else {
        println!("LOTLINE_VECTORS is not set: the vectors of mean kinetic temperatures are left out");
        return;
    };
    let file = Path::new(&folder).join("mkt_vectors.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("cannot read {}: {error}", file.display()));
    let document: Value = serde_json::from_str(&text).unwrap();
    let (alike, by_time) =
        (document["vectors"].as_array().unwrap(), document["trapezoid_unequal_spacing"].as_array().unwrap());
    assert!(!alike.is_empty() && !by_time.is_empty(), "{} holds no vector", file.display());
    for vector in alike {
        let mut kinetic = Kinetic::default();
        let temperatures = vector["temps_c"].as_array().unwrap();
        temperatures.iter().for_each(|celsius| kinetic.take(celsius.as_f64().unwrap(), 1.0));
        assert_near(kinetic.celsius(), &vector["expected_mkt_c"], vector);
    }
    for vector in by_time {
        let mut span = Span::default();
        for point in vector["points_h_c"].as_array().unwrap() {
            let (at_us, celsius) = (point[0].as_i64().unwrap() * 3_600_000_000, point[1].as_i64().unwrap());
            let reading = Reading { at_us, milli_c: i32::try_from(celsius * 1000).unwrap() };
            span.take(&Known::Reading(reading), i64::MAX);
        }
        assert_near(span.mkt_c(), &vector["expected_mkt_c"], vector);
    }
    println!("{} mean kinetic temperatures agree", alike.len() + by_time.len());
}
