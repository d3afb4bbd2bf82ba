//! How much was used and how much was discarded, in the product's own measure (DOMAIN.md, rule 19).

use lotline::caller::Role;
use serde_json::{Value, json};

use super::support::{World, on_both_databases};

on_both_databases!(amounts_are_no_more_than_the_units_hold);

fn amounts_are_no_more_than_the_units_hold(world: &World) {
    let clinic = world.clinic();
    let lot = clinic.receive_inspect_release("LOT1", 20); // syringes of 1.25 mL
    let record = |units: i64, used: Value, discarded: Value, in_retrospect: bool| {
        let mut body = clinic.administration(&lot, units);
        for (field, amount) in [("amount_used", used), ("amount_discarded", discarded)] {
            if !amount.is_null() {
                body["treatment"][field] = amount;
            }
        }
        if in_retrospect {
            body["retrospective"] = json!({"reason": "Entered after an outage"});
        }
        clinic.post(Role::Practitioner, "/v1/administrations", &body)
    };
    for (units, used, discarded) in [
        (1, json!("1.25"), json!("0")),
        (1, json!("1.25"), json!("0.000000")),
        (1, json!("0.8"), json!("0.45")),
        (1, json!("1.250000"), Value::Null),
        (2, json!("2.5"), Value::Null),
        (1, Value::Null, json!("1.25")),
        (1, Value::Null, Value::Null),
        (1, json!("0.000001"), json!("1.249999")),
    ] {
        let (status, made) = record(units, used.clone(), discarded.clone(), false);
        assert_eq!(status, 201, "{used} {discarded}: {made}");
        let kept = made["treatment"].get("amount_discarded").cloned().unwrap_or_default();
        assert_eq!(kept, discarded, "as it was said");
    }
    let before = clinic.database.state();
    for (units, used, discarded, code, field) in [
        (1, json!("500"), Value::Null, "amount_exceeds_units", "treatment.amount_used"),
        (1, json!("1.250001"), json!("0"), "amount_exceeds_units", "treatment.amount_used"),
        (1, json!("1"), json!("0.250001"), "amount_exceeds_units", "treatment.amount_used"),
        (1, Value::Null, json!("1.3"), "amount_exceeds_units", "treatment.amount_discarded"),
        (2, json!("999999999.999999"), Value::Null, "amount_exceeds_units", "treatment.amount_used"),
        (1, json!("0"), json!("1"), "invalid_amount", "treatment.amount_used"),
        (1, json!("0.5"), json!("-1"), "invalid_amount", "treatment.amount_discarded"),
        (1, json!("0.5"), json!("0."), "invalid_amount", "treatment.amount_discarded"),
    ] {
        for in_retrospect in [false, true] {
            let (status, problem) = record(units, used.clone(), discarded.clone(), in_retrospect);
            let found = (status, &problem["code"], &problem["fields"]);
            assert_eq!(found, (422, &json!(code), &json!([field])), "{used} {discarded}: {problem}");
        }
    }
    assert_eq!(clinic.database.state(), before);
}
