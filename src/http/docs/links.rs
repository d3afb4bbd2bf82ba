//! Where the answer of an operation leads: the links of the document.

use utoipa::openapi::link::Link;
use utoipa::openapi::{OpenApi, RefOr};

/// An answer, what in it leads on, and where.
struct Leads {
    from: &'static str,
    to: &'static str,
    parameter: &'static str,
    value: &'static str,
    what: &'static str,
}

const fn leads(
    from: &'static str,
    to: &'static str,
    parameter: &'static str,
    value: &'static str,
    what: &'static str,
) -> Leads {
    Leads { from, to, parameter, value, what }
}

const ID: &str = "$response.body#/id";

/// The way of a lot, from the order to the patient and to the auditor.
const TABLE: &[Leads] = &[
    leads(
        "create_licence",
        "create_licence_check",
        "id",
        ID,
        "Look the licence up with its authority and record what it says.",
    ),
    leads("create_order", "place_order", "id", ID, "Place the order."),
    leads("create_order", "cancel_order", "id", ID, "Cancel it while nothing has arrived."),
    leads("place_order", "get_order", "id", ID, "What was ordered, what came, and what differs."),
    leads("place_order", "create_receipt", "order_id", ID, "Receive what it brings."),
    leads("create_receipt", "create_inspection", "receipt_id", ID, "Inspect the packaging of each of its lots."),
    leads(
        "create_receipt",
        "create_receipt_correction",
        "id",
        ID,
        "Correct what was mis-keyed, while all units of it are inside.",
    ),
    leads("create_receipt", "create_receipt_void", "id", ID, "Void it, if it was entered twice or never came."),
    leads("create_receipt", "get_lot", "id", "$response.body#/lines/0/lot_id", "The lot of its first line."),
    leads("create_inspection", "create_release", "id", "$response.body#/lot_id", "Somebody else releases what passed."),
    leads("create_release", "list_stock", "lot_id", "$response.body#/lot_id", "Where the units are now."),
    leads("create_scan", "create_administration", "scan", "$request.body#/code", "Administer what was scanned."),
    leads("create_administration", "void_administration", "id", ID, "Void it, if it should not have been recorded."),
    leads("create_administration", "confirm_administration", "id", ID, "Confirm it, if another recorded it for you."),
    leads("create_administration", "get_administration_custody", "id", ID, "How the units came to this patient."),
    leads("create_administration", "get_lot", "id", "$response.body#/lot_id", "What the lot's books say now."),
    leads("get_lot", "get_lot_custody", "id", ID, "Everything that happened to the lot."),
    leads("create_hold", "lift_hold", "id", ID, "Lift the hold when the question is answered."),
    leads("get_deviation", "close_deviation", "id", ID, "Say what came of it."),
    leads(
        "get_deviation",
        "get_administration",
        "id",
        "$response.body#/administration_id",
        "The administration that it is about.",
    ),
    leads("create_evidence", "get_evidence", "sha256", "$response.body#/sha256", "The file, as it was uploaded."),
    leads("list_events", "get_event", "id", "$response.body#/items/0/id", "The first of them, alone."),
    leads("get_event", "get_event_bytes", "id", ID, "The exact bytes of the event."),
];

/// Adds the links to the answers of a document.
pub fn add(document: &mut OpenApi) {
    for row in TABLE {
        let in_address =
            super::operations(document).into_iter().any(|(path, _, operation)| {
                operation.operation_id.as_deref() == Some(row.to)
                    && (path.contains(&format!("{{{}}}", row.parameter))
                        || operation.parameters.iter().flatten().any(
                            |parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == row.parameter),
                        ))
            });
        let link = Link::builder().operation_id(row.to).description(row.what);
        let link = if in_address {
            link.parameter(row.parameter, row.value)
        } else {
            // The rest of the body is the caller's to say.
            link.request_body(Some(serde_json::json!({ row.parameter: row.value })))
        };
        let link = link.build();
        for item in document.paths.paths.values_mut() {
            for operation in super::operations_mut(item) {
                if operation.operation_id.as_deref() != Some(row.from) {
                    continue;
                }
                for (status, response) in &mut operation.responses.responses {
                    if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
                        response.links.insert(row.to.to_owned(), link.clone().into());
                    }
                }
            }
        }
    }
}
