//! What those who look again would tell: the quality lead in the morning, the auditor months later.

use serde_json::json;

use super::super::people::Person::{Omar, Quinn};
use super::super::step::{Step, get, post};
use super::BOOKS;

/// How an event is shown.
const EVENT: &str = "{/recorded_at:.19}  {/actor/subject:6} {/summary}";

pub fn morning() -> Vec<Step> {
    vec![
        get(Quinn, "reads what needs attention", "/v1/attention?site_id=$site&days=30")
            .has("/expiring_stock/0/lot_id", "$lot_z")
            .has("/held_stock_to_move/0/lot_id", "$lot_x")
            .has("/lapsing_licences/0/licence_id", "$max_gmc")
            .has("/open_holds/0/scope/id", "$lot_x")
            .has("/deviations/0/id", "$deviation")
            .lists("/expiring_stock", "expiring: lot {/lot}, {/effective_expiry}, {/state}: {/units}")
            .lists("/held_stock_to_move", "to be moved away: lot {/lot}, {/state}: {/units}")
            .lists("/lapsing_licences", "licence: {/authority} {/number}, {/lapse} on {/on}")
            .lists("/open_holds", "hold: {/reason}")
            .lists("/deviations", "deviation: {/reason_codes}"),
        post(
            Quinn,
            "closes the deviation",
            "/v1/deviations/$deviation/close",
            json!({"resolution": "Patient informed; no treatment until he is registered again"}),
        )
        .changes()
        .has("/closed_by", "quinn")
        .shows("{/resolution}"),
    ]
}

pub fn audit() -> Vec<Step> {
    let books = |does: &str, lot: &str, expected: [i64; 5]| {
        let [received, adjusted, on_hand, administered, returned] = expected;
        get(Omar, does, &format!("/v1/lots/{lot}"))
            .has("/reconciliation/received", received)
            .has("/reconciliation/adjusted", adjusted)
            .has("/reconciliation/on_hand", on_hand)
            .has("/reconciliation/administered", administered)
            .has("/reconciliation/returned", returned)
            .has("/reconciliation/balanced", true)
            .shows(BOOKS)
    };
    vec![
        books("reads the books of the first lot", "$lot_a", [2, 0, 0, 2, 0]),
        books("of the second: one syringe is back", "$lot_b", [4, 0, 1, 3, 0]),
        books("of the third: returned, missing, used", "$lot_c", [4, -1, 0, 1, 2]),
        books("of the vials", "$lot_x", [2, 0, 1, 1, 0]),
        get(Omar, "reads the first lot's chain of custody", "/v1/lots/$lot_a/custody")
            .has("/events/0/kind", "order_created")
            .has("/events/0/actor/subject", "pat")
            .lists("/events", EVENT),
        get(Omar, "reads how one syringe came to its patient", "/v1/administrations/$administration/custody")
            .lists("/events", EVENT),
        post(
            Omar,
            "finds all that a patient was given",
            "/v1/administrations/search",
            json!({"patient_ref": "P-1001"}),
        )
        .changes()
        .has("/items/0/id", "$administration")
        .has("/items/2/lot_id", "$lot_b")
        .lists("/items", "{/occurred_at:.19}  {/treatment/area:15} lot {/lot}, {/serial}, visit {/encounter_ref}"),
        get(Omar, "reads every refusal in the journal", "/v1/events?kind=gate_refused&limit=200")
            .lists("/items", EVENT)
            .lists_every_refusal("/items"),
    ]
}
