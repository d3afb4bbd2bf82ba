//! The access table: for each operation, which roles may call it, how far it reaches, and what may run beside it.
//!
//! It drives the check of every request, the turn that its command waits for ([`Turn`]), the security section of the
//! OpenAPI document, and a test that fails when an operation has no row, or a command no turn.
//!
//! A token may be for some sites only. What it does stays there: [`Reach`] says of each operation what that means. What
//! all sites share, such as products and policies, is read with it and never changed.

use crate::caller::Role;
use crate::command::Turn;

use Role::{Admin, Auditor, Practitioner, Purchaser, Quality};

/// How far an operation reaches, for a token that is for some sites only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To what is at sites. What is at another site is not there for the token: 404 in a path, `reference_unknown` in a
    /// body, left out of a list. What all sites share is shown.
    Sites,
    /// To what all sites share: `beyond_your_sites`, before anything is read.
    Organisation,
    /// As far as the thing that it names, which is known only when that is read: the service asks
    /// [`Caller::expect_within`](crate::caller::Caller::expect_within), and `beyond_your_sites` is answered for a thing
    /// that the token sees, but that all sites share or that is partly elsewhere.
    Thing,
}

/// Which roles may call an operation.
pub struct Access {
    /// The operation's id in the OpenAPI document.
    pub operation: &'static str,
    /// The roles.
    pub roles: &'static [Role],
    /// How far it reaches.
    pub reach: Reach,
    /// What may run beside it, where it is a command.
    pub turn: Option<Turn>,
}

impl Access {
    /// It changes what all sites share.
    const fn for_all_sites(self) -> Self {
        Access { reach: Reach::Organisation, ..self }
    }

    /// It reaches as far as the thing that it names.
    const fn of_its_thing(self) -> Self {
        Access { reach: Reach::Thing, ..self }
    }

    /// A command that changes what others rest on.
    const fn alone(self) -> Self {
        Access { turn: Some(Turn::Alone), ..self }
    }

    /// A command that rests on what stands.
    const fn beside(self) -> Self {
        Access { turn: Some(Turn::Beside), ..self }
    }
}

const ADMIN: &[Role] = &[Admin];
const READ_ALL: &[Role] = &[Admin, Quality, Auditor];
const READ_MASTER_DATA: &[Role] = &[Admin, Purchaser, Quality, Auditor];
const READ_STOCK: &[Role] = &[Admin, Purchaser, Practitioner, Quality, Auditor];
const READ_TREATMENT: &[Role] = &[Admin, Practitioner, Quality, Auditor];

const fn may(operation: &'static str, roles: &'static [Role]) -> Access {
    Access { operation, roles, reach: Reach::Sites, turn: None }
}

/// The table.
pub const TABLE: &[Access] = &[
    may("create_site", ADMIN).for_all_sites().alone(),
    may("list_sites", READ_STOCK),
    may("get_site", READ_STOCK),
    may("correct_site", ADMIN).alone(),
    may("patch_site", ADMIN).alone(),
    may("retire_site", ADMIN).alone(),
    may("reinstate_site", ADMIN).alone(),
    may("create_location", ADMIN).alone(),
    may("list_locations", READ_STOCK),
    may("get_location", READ_STOCK),
    may("correct_location", ADMIN).alone(),
    may("patch_location", ADMIN).alone(),
    may("retire_location", ADMIN).alone(),
    may("reinstate_location", ADMIN).alone(),
    may("create_product", ADMIN).for_all_sites().alone(),
    may("list_products", READ_STOCK),
    may("get_product", READ_STOCK),
    may("correct_product", ADMIN).for_all_sites().alone(),
    may("patch_product", ADMIN).for_all_sites().alone(),
    may("retire_product", ADMIN).for_all_sites().alone(),
    may("reinstate_product", ADMIN).for_all_sites().alone(),
    may("create_supplier", ADMIN).for_all_sites().alone(),
    may("list_suppliers", READ_MASTER_DATA),
    may("get_supplier", READ_MASTER_DATA),
    may("correct_supplier", ADMIN).for_all_sites().alone(),
    may("patch_supplier", ADMIN).for_all_sites().alone(),
    may("retire_supplier", ADMIN).for_all_sites().alone(),
    may("reinstate_supplier", ADMIN).for_all_sites().alone(),
    may("create_practitioner", ADMIN).for_all_sites().alone(),
    may("list_practitioners", READ_MASTER_DATA),
    may("get_practitioner", READ_MASTER_DATA),
    may("correct_practitioner", ADMIN).for_all_sites().alone(),
    may("patch_practitioner", ADMIN).for_all_sites().alone(),
    may("retire_practitioner", ADMIN).for_all_sites().alone(),
    may("reinstate_practitioner", ADMIN).for_all_sites().alone(),
    may("create_licence", ADMIN).of_its_thing().alone(),
    may("list_licences", READ_MASTER_DATA),
    may("get_licence", READ_MASTER_DATA),
    may("create_licence_check", ADMIN).of_its_thing().alone(),
    may("create_licence_reversal", &[Admin, Quality]).of_its_thing().alone(),
    may("create_licence_check_reversal", &[Admin, Quality]).of_its_thing().alone(),
    may("create_licence_acknowledgement", &[Admin, Quality]).of_its_thing().alone(),
    may("get_policies", READ_MASTER_DATA),
    may("set_policies", ADMIN).for_all_sites().alone(),
    may("patch_policies", ADMIN).for_all_sites().alone(),
    may("get_eligibility", READ_MASTER_DATA),
    may("create_order", &[Purchaser]).beside(),
    may("list_orders", READ_MASTER_DATA),
    may("get_order", READ_MASTER_DATA),
    may("place_order", &[Purchaser]).beside(),
    may("cancel_order", &[Purchaser]).beside(),
    may("close_order", &[Purchaser]).beside(),
    may("create_receipt", &[Purchaser]).beside(),
    may("list_receipts", READ_MASTER_DATA),
    may("get_receipt", READ_MASTER_DATA),
    may("create_receipt_correction", &[Purchaser, Quality]).of_its_thing().beside(),
    may("create_receipt_void", &[Quality]).of_its_thing().beside(),
    may("create_inspection", &[Purchaser, Quality]).beside(),
    may("get_inspection", READ_MASTER_DATA),
    may("create_inspection_reversal", &[Quality]).of_its_thing().beside(),
    may("create_release", &[Quality]).beside(),
    may("create_evidence", &[Admin, Purchaser, Practitioner, Quality]).beside(),
    may("get_evidence", READ_MASTER_DATA),
    may("get_evidence_metadata", READ_MASTER_DATA),
    may("create_hold", &[Quality]).of_its_thing().alone(),
    may("list_holds", READ_MASTER_DATA),
    may("get_hold", READ_MASTER_DATA),
    may("lift_hold", &[Quality]).of_its_thing().alone(),
    may("create_transfer", &[Purchaser, Quality]).beside(),
    may("create_wastage", &[Quality]).beside(),
    may("create_return", &[Quality]).beside(),
    may("create_destruction", &[Quality]).beside(),
    may("create_count", &[Quality]).beside(),
    may("approve_count", &[Quality]).beside(),
    may("reject_count", &[Quality]).beside(),
    may("create_movement_reversal", &[Quality]).of_its_thing().beside(),
    may("list_movements", READ_MASTER_DATA),
    may("get_movement", READ_MASTER_DATA),
    may("list_stock", READ_STOCK),
    may("list_lots", READ_STOCK),
    may("get_lot", READ_STOCK),
    may("get_lot_label_svg", READ_STOCK),
    may("get_lot_label_png", READ_STOCK),
    may("create_scan", &[Purchaser, Practitioner]),
    may("create_image_scan", &[Purchaser, Practitioner]),
    may("create_administration", &[Practitioner]).beside(),
    may("list_administrations", READ_TREATMENT),
    may("search_administrations", READ_TREATMENT),
    may("get_administration", READ_TREATMENT),
    may("void_administration", &[Practitioner, Quality]).beside(),
    may("confirm_administration", &[Practitioner]).beside(),
    may("list_deviations", READ_ALL),
    may("get_deviation", READ_ALL),
    may("close_deviation", &[Quality]).beside(),
    may("get_attention", READ_MASTER_DATA),
    may("get_lot_custody", READ_ALL),
    may("get_administration_custody", READ_ALL),
    may("list_events", READ_ALL),
    may("get_event", READ_ALL),
    may("get_event_bytes", READ_ALL).of_its_thing(),
];

/// The operations outside `/v1`, which anyone may call: they say nothing of an organisation or a person.
pub const PUBLIC: &[&str] = &["get_health", "get_readiness", "get_metrics"];

/// Those of them that ask whether a process lives and can answer. However often they are asked, they are answered.
pub const PROBES: &[&str] = &["get_health", "get_readiness"];

/// The row of an operation; none means that nobody may call it.
pub fn of(operation: &str) -> Option<&'static Access> {
    TABLE.iter().find(|access| access.operation == operation)
}

/// The turn of a command; none when the operation only reads.
pub fn turn(operation: &str) -> Option<Turn> {
    of(operation).and_then(|access| access.turn)
}

/// The roles that may call an operation; none when it has no row, and then nobody may.
pub fn roles(operation: &str) -> Option<&'static [Role]> {
    of(operation).map(|access| access.roles)
}
