//! What a receipt and its lines are.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::Identifier;
use crate::clock::Moment;
use crate::ids::{LocationId, LotId, OrderId, OrganisationId, ProductId, ReceiptId, ReceiptLineId, SiteId, SupplierId};
use crate::purchasing::model::Counted;
use crate::values::{Codes, Json, Name, Prose, Serial, Sha256Hex, Word, words};

words! {
    /// What is unusual about a line on arrival.
    Flag {
        /// The lot text is known with another expiry: a suspected falsification, held.
        ExpiryTwin "expiry_twin",
        /// The code may lack a separator, so that its lot or serial number may be two values: compare it with the label, and
        /// correct the line while it is in quarantine.
        PossiblySwallowedAi "possibly_swallowed_ai",
        /// The expiry had passed on arrival.
        ExpiredOnArrival "expired_on_arrival",
        /// The product is not authorised in the site's jurisdiction.
        ProductNotAuthorised "product_not_authorised",
        /// The product's authorisation was not verified within the organisation's interval.
        ProductAuthorisationStale "product_authorisation_stale",
        /// The supplier is not approved for the product's class.
        SupplierNotApproved "supplier_not_approved",
        /// The supplier has no wholesale licence that counts.
        SupplierLicence "supplier_licence",
        /// The supplier is on the organisation's list of denied suppliers.
        SupplierDenied "supplier_denied",
        /// The lot is on the organisation's list of denied lots.
        DeniedLot "denied_lot",
        /// Fewer days are left than the organisation wants.
        ShortDated "short_dated",
        /// The order that this answers has nothing of the product.
        NotOrdered "not_ordered",
        /// More arrived than the order that this answers has open.
        OverDelivered "over_delivered",
        /// The lot text is known in another spelling, by case: the two match, and each is a lot of its own. With another
        /// expiry it is a suspected falsification, held.
        LotTextVariant "lot_text_variant",
        /// The lot text is easily taken for one that is known: O and 0, I and 1, leading zeros. Compare it with the label.
        LotNearMiss "lot_near_miss",
        /// The labelled temperature band does not contain that of the location that it was put into: move it.
        LocationBandMismatch "location_band_mismatch",
        /// The location that it was put into may not hold the product's class: move it.
        LocationClassMismatch "location_class_mismatch",
        /// A pack with its serial number was here before, and had been returned or was missing: make sure that it is the same.
        SerialArrivedAgain "serial_arrived_again",
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
    pub order_id: Option<OrderId>,
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
    /// How warm the goods were on arrival, in milli-degrees Celsius.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrival_temperature_mc: Option<i32>,
    /// The logger that travelled with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logger_reference: Option<Word>,
    /// What came with them on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents: Option<Json<Vec<Document>>>,
}

/// A document that came with the goods, by its digest.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The SHA-256 of the file.
    pub sha256: Sha256Hex,
    /// What it is: `delivery note`, `certificate of analysis`.
    pub name: Name,
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
    /// How many packs; or how many units or cases, where `identifier` is that of one.
    pub packs: i64,
    /// How many units that is.
    pub units: i64,
    /// The serial numbers, where there are any: one for each of `packs`.
    pub serials: Json<Vec<Serial>>,
    /// What was unusual.
    pub flags: Json<Vec<Flag>>,
    /// The code, as scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Codes>,
    /// How its units count into the order that the receipt answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Json<Vec<Counted>>>,
    /// The mis-keyed line that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<ReceiptLineId>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction_reason: Option<Prose>,
    /// What identified the product, as the catalogue knew it then; none in events from before it was kept, which counted
    /// packs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Json<Identifier>>,
}
