//! What a receipt and its lines are.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::ids::{LocationId, LotId, OrganisationId, ProductId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::values::{Code, Json, Serial, Word, words};

words! {
    /// What is unusual about a line on arrival.
    Flag {
        /// The lot text is known with another expiry: a suspected falsification, held.
        ExpiryTwin "expiry_twin",
        /// The expiry had passed on arrival.
        ExpiredOnArrival "expired_on_arrival",
        /// The product is not authorised in the site's jurisdiction.
        ProductNotAuthorised "product_not_authorised",
        /// The supplier is not approved for the product's class.
        SupplierNotApproved "supplier_not_approved",
        /// The supplier has no wholesale licence that counts.
        SupplierLicence "supplier_licence",
    }
}

/// A receipt of goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::receipts)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The organisation that received.
    pub organisation_id: OrganisationId,
    /// The order that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Who sent it.
    pub supplier_id: SupplierId,
    /// Where it arrived.
    pub site_id: SiteId,
    /// The quarantine location that it was put into.
    pub location_id: LocationId,
    /// The number of the delivery note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_note: Option<Word>,
    /// Who received it.
    pub received_by: String,
    /// When it arrived.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
}

/// Packs of one lot in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::receipt_lines)]
pub struct ReceiptLine {
    /// Its id.
    pub id: ReceiptLineId,
    /// The organisation that received.
    pub organisation_id: OrganisationId,
    /// The receipt.
    pub receipt_id: ReceiptId,
    /// Its place in the receipt, from 0.
    pub line: i32,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// How many packs.
    pub packs: i64,
    /// How many units that is.
    pub units: i64,
    /// The serial numbers, where packs have them.
    pub serials: Json<Vec<Serial>>,
    /// What was unusual.
    pub flags: Json<Vec<Flag>>,
    /// The code, as scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Code>,
}
