//! What can be brought in, and what becomes of a row.

use crate::values::words;

words! {
    /// What a list has.
    ImportKind {
        /// Products, known by their GTIN or another identifier.
        Products "products",
        /// Suppliers, known by their GLN, or by name and country.
        Suppliers "suppliers",
        /// Practitioners, known by the subject of their token, or by name and profession.
        Practitioners "practitioners",
        /// Licences, known by holder, kind, authority and number; each with a check, if the list has one.
        Licences "licences",
        /// Places, known by site and name.
        Locations "locations",
        /// How much of a product a site keeps, known by site and product.
        Levels "levels",
        /// What was on the shelf before Lotline, known by place and lot: attested by quality.
        OpeningStock "opening_stock",
    }
    /// What becomes of a row.
    Outcome {
        /// It makes something.
        Created "created",
        /// What it says stands.
        Unchanged "unchanged",
        /// It adds something to what stands, a check to a licence; or sets a level anew.
        Updated "updated",
        /// It is refused, and so is the file.
        Refused "refused",
    }
    /// How lists are written.
    SheetType {
        /// Values in columns.
        Csv "text/csv",
    }
}
