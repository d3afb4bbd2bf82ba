//! What a receipt and its lines are.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::{Identifier, Level};
use crate::clock::Moment;
use crate::ids::{
    LocationId, LotId, OpeningId, OrderId, OrganisationId, PackId, ProductId, ReceiptCorrectionId, ReceiptId,
    ReceiptLineId, ReceiptVoidId, SiteId, SupplierId,
};
use crate::purchasing::model::Counted;
use crate::stock::model::{Account, Lot, Pack, Posting};
use crate::values::{Codes, Currency, Json, MinorUnits, Name, Prose, Serial, Sha256Hex, Word, words};

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
        /// A delivery note of that number came from the supplier before: make sure that it is not entered twice.
        DeliveryNoteSeen "delivery_note_seen",
        /// The order had been closed short: nobody waited for it any more.
        OrderWasClosed "order_was_closed",
        /// More came to replace the units of a line than the line had brought.
        OverReplaced "over_replaced",
        /// The label says that it was made after its expiry, or after it arrived: a suspected falsification, or a slip of the pen.
        ProductionDateImpossible "production_date_impossible",
        /// The goods were warmer or colder on arrival than the product's label allows.
        ArrivedOutOfBand "arrived_out_of_band",
        /// What was invoiced for it is another price than the order's, or in another currency.
        PriceDiffers "price_differs",
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
    /// What its prices are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
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
    /// The line, of this receipt's order or at least of its supplier, whose units these ones replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ReceiptLineId>,
    /// Whether it counts: no correction replaced it, and nobody voided it. Other events say so, none says it of itself.
    #[serde(skip, default = "stands")]
    pub stands: bool,
    /// What was invoiced for each of `packs`, in minor units of the receipt's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_price_minor: Option<MinorUnits>,
}

impl ReceiptLine {
    /// Ids under which an auditor finds it.
    pub(super) fn subjects(&self, receipt: &Receipt) -> Vec<String> {
        [receipt.id.as_str(), self.lot_id.as_str(), self.product_id.as_str(), receipt.supplier_id.as_str()]
            .into_iter()
            .chain(receipt.order_id.iter().map(OrderId::as_str))
            .map(str::to_owned)
            .collect()
    }

    /// The packs whose serial numbers its units move under: none of a case, whose number is not one of the packs in it.
    pub(super) fn numbering(&self, packs: &[Pack]) -> Vec<PackId> {
        let of_cases = self.identifier.as_ref().is_some_and(|identifier| identifier.level == Level::Case);
        packs.iter().filter(|_| !of_cases).map(|pack| pack.id.clone()).collect()
    }

    /// Moves its units: pack by pack where packs have serial numbers.
    pub(super) fn postings(&self, packs: &[PackId], from: &Account, to: &Account) -> Vec<Posting> {
        let posting = |units, pack_id| Posting {
            lot_id: self.lot_id.clone(),
            from: from.clone(),
            to: to.clone(),
            units,
            pack_id,
            at: None,
        };
        if packs.is_empty() {
            return vec![posting(self.units, None)];
        }
        let each = self.units.checked_div(self.packs).unwrap_or(0);
        packs.iter().map(|pack| posting(each, Some(pack.clone()))).collect()
    }
}

/// A line counts until another event says that it does not.
pub(super) fn stands() -> bool {
    true
}

/// The supplier or the order of a receipt was mis-keyed: what it says now, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::receipt_corrections)]
pub struct ReceiptCorrection {
    /// Its id.
    pub id: ReceiptCorrectionId,
    /// The organisation that received.
    pub organisation_id: OrganisationId,
    /// The receipt.
    pub receipt_id: ReceiptId,
    /// Which of its corrections it is, from 1.
    pub number: i32,
    /// Who was said to have sent it.
    pub was_supplier_id: SupplierId,
    /// The order that it was said to answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was_order_id: Option<OrderId>,
    /// Who sent it.
    pub supplier_id: SupplierId,
    /// The order that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// Why.
    pub reason: Prose,
    /// Who corrected it, by the subject of the token.
    pub corrected_by: String,
    /// When.
    pub corrected_at: Moment,
}

/// Units of a lot that were at a place before Lotline, by the word of whoever attested them: once for each place and lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::opening_stock)]
pub struct Opening {
    /// Its id.
    pub id: OpeningId,
    /// The organisation that has them.
    pub organisation_id: OrganisationId,
    /// At which site.
    pub site_id: SiteId,
    /// At which place.
    pub location_id: LocationId,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// How many.
    pub units: i64,
    /// How it is known where they come from and how they were kept.
    pub attestation: Prose,
    /// By whom, by the subject of the token.
    pub attested_by: String,
    /// When.
    pub attested_at: Moment,
}

/// A receipt, or a line of one, that never came or was entered twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::receipt_voids)]
pub struct ReceiptVoid {
    /// Its id.
    pub id: ReceiptVoidId,
    /// The organisation that received.
    pub organisation_id: OrganisationId,
    /// What is voided, once: the receipt or the line.
    pub subject_id: String,
    /// The receipt.
    pub receipt_id: ReceiptId,
    /// The line, where it is of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_id: Option<ReceiptLineId>,
    /// Why.
    pub reason: Prose,
    /// Who voided it, by the subject of the token.
    pub voided_by: String,
    /// When.
    pub voided_at: Moment,
}

/// The lines of receipts that no correction replaced and nobody voided.
pub fn standing(lines: &[ReceiptLine]) -> impl Iterator<Item = &ReceiptLine> {
    lines.iter().filter(|line| line.stands)
}

/// The line that corrects this one, if one does.
pub fn corrected_by<'a>(lines: &'a [ReceiptLine], line: &ReceiptLine) -> Option<&'a ReceiptLine> {
    lines.iter().find(|other| other.corrects.as_ref() == Some(&line.id))
}

/// A receipt with its lines and the lots that they are of.
#[derive(Clone, Debug)]
pub struct Received {
    /// The receipt.
    pub receipt: Receipt,
    /// Its lines with their lots.
    pub lines: Vec<(ReceiptLine, Lot)>,
    /// What its supplier and its order were corrected from, the oldest first.
    pub corrections: Vec<ReceiptCorrection>,
    /// The voids of it and of its lines.
    pub voids: Vec<ReceiptVoid>,
}
