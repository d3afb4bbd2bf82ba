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
    LabelDisagrees "label_disagrees" 422 "caller" "The code of a label says one thing, and what was typed from it another: look at the label."
        "The code says expiry 2029-11-30, and lines[0].expiry 2029-10-31. Look at the label: leave the field out where the code is right; a label that disagrees with its own code is a suspected falsification, to be received by its code and put on hold." ["lines[0].expiry"];
    NothingToCorrect "nothing_to_correct" 422 "caller" "The correction says what the line says already."
        "The line says all of that already." [];
}
