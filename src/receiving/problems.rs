//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    OrderSiteMismatch "order_site_mismatch" 409 "purchasing" "The order is for another site than the one where the goods arrived."
        "The order is for another site than site_id." ["site_id"];
    OrderSupplierMismatch "order_supplier_mismatch" 409 "purchasing" "The order went to another supplier than the one that sent the goods."
        "The order went to another supplier than supplier_id." ["supplier_id"];
    ReceiptNotCorrectable "receipt_not_correctable" 409 "purchasing" "The receipt or the line was corrected or voided before, or not all units of it are inside."
        "This line was corrected before: correct the line that replaced it." [];
    SerialPacksMismatch "serial_packs_mismatch" 422 "caller" "A serial number marks one pack, so there must be as many packs as serial numbers."
        "lines[0].packs must be 1: a serial number marks one pack." ["lines[0].packs"];
    NothingToCorrect "nothing_to_correct" 422 "caller" "The correction says what the line says already."
        "The line says all of that already." [];
}
