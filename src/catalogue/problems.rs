//! The problems that only this slice answers.

use crate::problem::problems;

problems! {
    AlreadyExists "already_exists" 409 "caller" "Something with the same identity exists already."
        "GTIN 09521234567899 is in the catalogue already." [];
    ProductInUse "product_in_use" 409 "admin" "Lots of the product are on record that are counted or identified by what the correction takes away."
        "Lots of HArmonyCa are on record in packs of 3 units." ["units_per_pack"];
    IdentifierUnits "identifier_units" 422 "caller" "An identifier counts units that cannot be those of a unit, a pack or a case of the product."
        "identifiers[0].units of a case must be a multiple of the 2 units of a pack." ["identifiers[0].units"];
}
