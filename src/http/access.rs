//! The access table: for each operation, which roles may call it.
//!
//! It drives the check of every request, the security section of the OpenAPI document, and a test that fails when an
//! operation has no row.

use crate::caller::Role;

use Role::{Admin, Auditor, Practitioner, Purchaser, Quality};

/// Which roles may call an operation.
pub struct Access {
    /// The operation's id in the OpenAPI document.
    pub operation: &'static str,
    /// The roles.
    pub roles: &'static [Role],
}

const ADMIN: &[Role] = &[Admin];
const READ_ALL: &[Role] = &[Admin, Quality, Auditor];
const READ_MASTER_DATA: &[Role] = &[Admin, Purchaser, Quality, Auditor];
const READ_STOCK: &[Role] = &[Admin, Purchaser, Practitioner, Quality, Auditor];
const READ_TREATMENT: &[Role] = &[Admin, Practitioner, Quality, Auditor];

const fn may(operation: &'static str, roles: &'static [Role]) -> Access {
    Access { operation, roles }
}

/// The table.
pub const TABLE: &[Access] = &[
    may("create_site", ADMIN),
    may("list_sites", READ_STOCK),
    may("get_site", READ_STOCK),
    may("correct_site", ADMIN),
    may("patch_site", ADMIN),
    may("retire_site", ADMIN),
    may("reinstate_site", ADMIN),
    may("create_location", ADMIN),
    may("list_locations", READ_STOCK),
    may("get_location", READ_STOCK),
    may("correct_location", ADMIN),
    may("patch_location", ADMIN),
    may("retire_location", ADMIN),
    may("reinstate_location", ADMIN),
    may("create_product", ADMIN),
    may("list_products", READ_STOCK),
    may("get_product", READ_STOCK),
    may("correct_product", ADMIN),
    may("patch_product", ADMIN),
    may("retire_product", ADMIN),
    may("reinstate_product", ADMIN),
    may("create_supplier", ADMIN),
    may("list_suppliers", READ_MASTER_DATA),
    may("get_supplier", READ_MASTER_DATA),
    may("correct_supplier", ADMIN),
    may("patch_supplier", ADMIN),
    may("retire_supplier", ADMIN),
    may("reinstate_supplier", ADMIN),
    may("create_practitioner", ADMIN),
    may("list_practitioners", READ_MASTER_DATA),
    may("get_practitioner", READ_MASTER_DATA),
    may("correct_practitioner", ADMIN),
    may("patch_practitioner", ADMIN),
    may("retire_practitioner", ADMIN),
    may("reinstate_practitioner", ADMIN),
    may("create_licence", ADMIN),
    may("list_licences", READ_MASTER_DATA),
    may("get_licence", READ_MASTER_DATA),
    may("create_licence_check", ADMIN),
    may("create_licence_reversal", &[Admin, Quality]),
    may("create_licence_check_reversal", &[Admin, Quality]),
    may("create_licence_acknowledgement", &[Admin, Quality]),
    may("get_policies", READ_MASTER_DATA),
    may("set_policies", ADMIN),
    may("patch_policies", ADMIN),
    may("get_eligibility", READ_MASTER_DATA),
    may("create_order", &[Purchaser]),
    may("list_orders", READ_MASTER_DATA),
    may("get_order", READ_MASTER_DATA),
    may("place_order", &[Purchaser]),
    may("cancel_order", &[Purchaser]),
    may("close_order", &[Purchaser]),
    may("create_receipt", &[Purchaser]),
    may("list_receipts", READ_MASTER_DATA),
    may("get_receipt", READ_MASTER_DATA),
    may("create_receipt_correction", &[Purchaser]),
    may("create_inspection", &[Purchaser, Quality]),
    may("get_inspection", READ_MASTER_DATA),
    may("create_release", &[Quality]),
    may("create_evidence", &[Admin, Purchaser, Practitioner, Quality]),
    may("get_evidence", READ_MASTER_DATA),
    may("get_evidence_metadata", READ_MASTER_DATA),
    may("create_hold", &[Quality]),
    may("list_holds", READ_MASTER_DATA),
    may("get_hold", READ_MASTER_DATA),
    may("lift_hold", &[Quality]),
    may("create_transfer", &[Purchaser, Quality]),
    may("create_wastage", &[Quality]),
    may("create_return", &[Quality]),
    may("create_destruction", &[Quality]),
    may("create_count", &[Quality]),
    may("approve_count", &[Quality]),
    may("reject_count", &[Quality]),
    may("list_movements", READ_MASTER_DATA),
    may("get_movement", READ_MASTER_DATA),
    may("list_stock", READ_STOCK),
    may("list_lots", READ_STOCK),
    may("get_lot", READ_STOCK),
    may("get_lot_label_svg", READ_STOCK),
    may("get_lot_label_png", READ_STOCK),
    may("create_scan", &[Purchaser, Practitioner]),
    may("create_image_scan", &[Purchaser, Practitioner]),
    may("create_administration", &[Practitioner]),
    may("list_administrations", READ_TREATMENT),
    may("search_administrations", READ_TREATMENT),
    may("get_administration", READ_TREATMENT),
    may("void_administration", &[Practitioner, Quality]),
    may("list_deviations", READ_ALL),
    may("get_deviation", READ_ALL),
    may("close_deviation", &[Quality]),
    may("get_attention", READ_MASTER_DATA),
    may("get_lot_custody", READ_ALL),
    may("get_administration_custody", READ_ALL),
    may("list_events", READ_ALL),
    may("get_event", READ_ALL),
    may("get_event_bytes", READ_ALL),
];

/// The operations outside `/v1`, which anyone may call: they say nothing of an organisation or a person.
pub const PUBLIC: &[&str] = &["get_health", "get_readiness", "get_metrics"];

/// The roles that may call an operation; none when it has no row, and then nobody may.
pub fn roles(operation: &str) -> Option<&'static [Role]> {
    TABLE.iter().find(|access| access.operation == operation).map(|access| access.roles)
}
