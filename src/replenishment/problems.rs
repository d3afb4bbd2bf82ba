//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    InvalidLevel "invalid_level" 422 "purchasing" "A level is from 0 to 10,000 packs, and its maximum not below its minimum."
        "maximum_packs must not be below minimum_packs." ["maximum_packs"];
    SupplierRequired "supplier_required" 422 "purchasing" "Nobody knows of whom to buy the product: it was never bought, so name the supplier."
        "HArmonyCa was never bought: name its supplier." ["lines[0].supplier_id"];
    NothingToOrder "nothing_to_order" 409 "purchasing" "Nothing is suggested for the product, and no packs are named."
        "Nothing is suggested for HArmonyCa: name the packs to order." [];
    ReplenishmentTooLarge "replenishment_too_large" 422 "caller" "The products have more lots than are looked at together: ask for fewer with limit."
        "More than 5000 lots: ask for fewer products with limit." ["limit"];
}
