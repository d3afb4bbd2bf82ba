//! Requests and answers about receipts.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model;
use super::model::{Document, Flag, ReceiptCorrection, ReceiptLine, ReceiptVoid, Received};
use crate::catalogue::model::Identifier;
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::http::period::When;
use crate::ids::{
    LocationId, LotId, OrderId, ProductId, ReceiptCorrectionId, ReceiptId, ReceiptLineId, SiteId, SupplierId,
};
use crate::purchasing::model::Counted;
use crate::values::{
    Celsius, Codes, Currency, Expiry, Gtin, Json, LotText, MinorUnits, Packs, Prose, Serial, UdiDi, Word,
    gtin_of_any_length_optional,
};

/// Goods that arrived.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "supplier_id": "sup_01932c07-8d00-7000-8000-000000000002", "site_id": "site_01932c07-8d00-7000-8000-000000000001",
    "location_id": "loc_01932c07-8d00-7000-8000-000000000004", "delivery_note": "DN-1001",
    "currency": "GBP",
    "lines": [{"scan": "]d201095212345678991729123110HC24A^21SN0001", "packs": 1, "pack_price_minor": 28900}]
}))]
pub struct NewReceipt {
    /// Who sent it.
    pub supplier_id: SupplierId,
    /// Where it arrived.
    pub site_id: SiteId,
    /// The quarantine location that it was put into.
    pub location_id: LocationId,
    /// The number of the delivery note.
    #[serde(default)]
    pub delivery_note: Option<Word>,
    /// The order that it answers: to the same supplier, for the same site, and open.
    #[serde(default)]
    pub order_id: Option<OrderId>,
    /// What it held.
    #[schema(min_items = 1)]
    pub lines: Vec<NewLine>,
    /// How warm the goods were on arrival.
    #[serde(default, serialize_with = "Celsius::as_text")]
    pub arrival_temperature_c: Option<Celsius>,
    /// The logger that travelled with them.
    #[serde(default)]
    pub logger_reference: Option<Word>,
    /// What came with them on paper, by digest.
    #[serde(default)]
    pub documents: Vec<Document>,
    /// What the prices of its lines are in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// When it arrived; now if left out.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// Packs of one lot: a scanned code, what the label says, or both, where the code does not say all of it. Units or cases of
/// it where their code is scanned: `packs` counts what was scanned, and the identifier knows how many units each holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// The code, as the scanner types it; or a list of the codes of one label, where it is printed as several (HIBC
    /// primary and secondary).
    #[serde(default)]
    pub scan: Option<Codes>,
    /// The GTIN of the unit, pack or case, where no code says it.
    #[serde(default, deserialize_with = "gtin_of_any_length_optional")]
    pub gtin: Option<Gtin>,
    /// The device identifier in place of the GTIN, as the catalogue has it.
    #[serde(default)]
    pub udi_di: Option<UdiDi>,
    /// The lot text, where no code says it.
    #[serde(default)]
    pub lot: Option<LotText>,
    /// The expiry, where no code says it: a day, or a month for its last day.
    #[serde(default)]
    pub expiry: Option<Expiry>,
    /// The serial number of the one pack, where no code says it. It marks what carries it: a pack, or a unit that has one
    /// of its own, is used under it. One of a case is kept and received once, but does not number the packs in the case.
    #[serde(default)]
    pub serial: Option<Serial>,
    /// The serial numbers of several of them, as many as `packs`.
    #[serde(default)]
    pub serials: Option<Vec<Serial>>,
    /// When it was made, where no code says it.
    #[serde(default, deserialize_with = "crate::values::optional_day")]
    pub production_date: Option<NaiveDate>,
    /// How many packs; or how many units or cases, where that is what the code or the identifier is of.
    pub packs: Packs,
    /// The line of an earlier receipt whose units these ones replace: what came damaged, short-dated or wrong. It counts no
    /// second time into the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<ReceiptLineId>,
    /// What was invoiced for each of `packs`, in minor units of the receipt's currency (pence, cents). Where the order has another
    /// price, the line is flagged (`price_differs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pack_price_minor: Option<MinorUnits>,
}

/// A receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Receipt)]
pub struct ReceiptView {
    pub(super) id: ReceiptId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_id: Option<OrderId>,
    pub(super) supplier_id: SupplierId,
    pub(super) site_id: SiteId,
    pub(super) location_id: LocationId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delivery_note: Option<Word>,
    pub(super) received_by: String,
    pub(super) occurred_at: Moment,
    pub(super) recorded_at: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arrival_temperature_c: Option<Celsius>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) logger_reference: Option<Word>,
    pub(super) documents: Vec<Document>,
    /// What its prices are in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) currency: Option<Currency>,
    pub(super) lines: Vec<ReceiptLineView>,
    /// What its supplier and its order were corrected from, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) corrections: Vec<CorrectionView>,
    /// That it was entered twice, or never came: nothing of it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) voided: Option<VoidedView>,
}

/// The supplier or the order of a receipt was corrected.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptCorrection)]
pub struct CorrectionView {
    pub(super) id: ReceiptCorrectionId,
    /// Who was said to have sent it before.
    pub(super) was_supplier_id: SupplierId,
    /// The order that it was said to answer before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) was_order_id: Option<OrderId>,
    pub(super) supplier_id: SupplierId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) order_id: Option<OrderId>,
    pub(super) reason: Prose,
    /// Who corrected it.
    pub(super) by: String,
    /// When.
    pub(super) at: Moment,
}

impl From<ReceiptCorrection> for CorrectionView {
    fn from(correction: ReceiptCorrection) -> Self {
        CorrectionView {
            id: correction.id,
            was_supplier_id: correction.was_supplier_id,
            was_order_id: correction.was_order_id,
            supplier_id: correction.supplier_id,
            order_id: correction.order_id,
            reason: correction.reason,
            by: correction.corrected_by,
            at: correction.corrected_at,
        }
    }
}

/// Who voided it, when and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptVoided)]
pub struct VoidedView {
    pub(super) by: String,
    pub(super) at: Moment,
    pub(super) reason: Prose,
}

impl From<&ReceiptVoid> for VoidedView {
    fn from(void: &ReceiptVoid) -> Self {
        VoidedView { by: void.voided_by.clone(), at: void.voided_at, reason: void.reason.clone() }
    }
}

/// Packs of one lot in a receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptLine)]
pub struct ReceiptLineView {
    pub(super) id: ReceiptLineId,
    pub(super) product_id: ProductId,
    pub(super) lot_id: LotId,
    pub(super) lot: LotText,
    pub(super) expiry: NaiveDate,
    pub(super) serials: Vec<Serial>,
    /// How many of what `identifier` is of; packs where there is none.
    pub(super) packs: i64,
    pub(super) units: i64,
    /// What identified the product, with its level and its units, as it was known then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<Identifier>,
    /// What was unusual about it.
    pub(super) flags: Vec<Flag>,
    /// The lines of the order that its units count into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ordered: Option<Vec<Counted>>,
    /// The line of an earlier receipt whose units these ones replace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) replaces: Option<ReceiptLineId>,
    /// What was invoiced for each of `packs`, in minor units of the receipt's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pack_price_minor: Option<MinorUnits>,
    /// The mis-keyed line that this one corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) corrects: Option<ReceiptLineId>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correction_reason: Option<Prose>,
    /// The line that corrects this mis-keyed one: nothing of this line is in stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) corrected_by: Option<ReceiptLineId>,
    /// That it never came, or the whole receipt did not: nothing of this line is in stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) voided: Option<VoidedView>,
}

impl From<Received> for ReceiptView {
    fn from(Received { receipt, lines, corrections, voids }: Received) -> Self {
        let void_of = |line: Option<&ReceiptLineId>| {
            voids.iter().find(|void| void.line_id.as_ref() == line).map(VoidedView::from)
        };
        let all: Vec<ReceiptLine> = lines.iter().map(|(line, _)| line.clone()).collect();
        ReceiptView {
            voided: void_of(None),
            corrections: corrections.into_iter().map(CorrectionView::from).collect(),
            id: receipt.id,
            order_id: receipt.order_id,
            supplier_id: receipt.supplier_id,
            site_id: receipt.site_id,
            location_id: receipt.location_id,
            delivery_note: receipt.delivery_note,
            received_by: receipt.received_by,
            occurred_at: receipt.occurred_at,
            recorded_at: receipt.recorded_at,
            arrival_temperature_c: receipt.arrival_temperature_mc.map(Celsius::from_milli),
            logger_reference: receipt.logger_reference,
            documents: receipt.documents.map(Json::into_inner).unwrap_or_default(),
            currency: receipt.currency,
            lines: lines
                .into_iter()
                .map(|(line, lot)| ReceiptLineView {
                    voided: void_of(Some(&line.id)),
                    corrected_by: model::corrected_by(&all, &line).map(|by| by.id.clone()),
                    ordered: line.ordered.map(Json::into_inner),
                    replaces: line.replaces,
                    pack_price_minor: line.pack_price_minor,
                    corrects: line.corrects,
                    correction_reason: line.correction_reason,
                    id: line.id,
                    product_id: line.product_id,
                    lot_id: line.lot_id,
                    lot: lot.lot,
                    expiry: lot.expiry,
                    serials: line.serials.into_inner(),
                    packs: line.packs,
                    units: line.units,
                    identifier: line.identifier.map(Json::into_inner),
                    flags: line.flags.into_inner(),
                })
                .collect(),
        }
    }
}

/// Which receipts.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReceiptFilter {
    /// Only those that answer this order.
    pub(super) order_id: Option<OrderId>,
    /// Only those at this site.
    pub(super) site_id: Option<SiteId>,
    /// Only those from this supplier.
    pub(super) supplier_id: Option<SupplierId>,
    /// Only those that brought this lot.
    pub(super) lot_id: Option<LotId>,
    /// Only those with this delivery note, whichever way its letters, spaces and strokes are written.
    pub(super) delivery_note: Option<Word>,
    /// Only from this day or moment on.
    #[param(inline)]
    pub(super) from: Option<When>,
    /// Only up to this day, which counts, or before this moment.
    #[param(inline)]
    pub(super) to: Option<When>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// What a mis-keyed line should have said, or from whom and for which order the receipt should have been: only what was
/// wrong.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "line_id": "rcl_01932c07-8d00-7000-8000-000000000008", "expiry": "2029-11-30", "reason": "Month misread on the label"
}))]
pub struct NewCorrection {
    /// The line; left out where `supplier_id` or `order_id` is corrected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_id: Option<ReceiptLineId>,
    /// The GTIN of the unit, pack or case that it was.
    #[serde(default, deserialize_with = "gtin_of_any_length_optional", skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
    /// The device identifier in place of the GTIN, as the catalogue has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub udi_di: Option<UdiDi>,
    /// The lot text as it should have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<LotText>,
    /// The expiry as it should have been: a day, or a month for its last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
    /// The serial number of the one pack as it should have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// The serial numbers of all packs of the line as they should have been; an empty list where they have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serials: Option<Vec<Serial>>,
    /// The production date as it should have been.
    #[serde(default, deserialize_with = "crate::values::optional_day", skip_serializing_if = "Option::is_none")]
    pub production_date: Option<NaiveDate>,
    /// The number of packs as it should have been: as many as there are serial numbers, where there are any. 0 where the
    /// line never came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 10000)]
    pub packs: Option<i64>,
    /// Who sent the receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supplier_id: Option<SupplierId>,
    /// The order that the receipt answers; null where it answers none.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<OrderId>)]
    pub order_id: Option<Option<OrderId>>,
    /// The latest correction of the receipt's supplier or order, where there is one: the one that this corrects again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<ReceiptCorrectionId>,
    /// Why.
    pub reason: Prose,
}

impl NewCorrection {
    /// Whether it names something of the whole receipt.
    pub fn is_of_receipt(&self) -> bool {
        self.supplier_id.is_some() || self.order_id.is_some() || self.corrects.is_some()
    }

    /// Whether it names something of a line.
    pub fn is_of_line(&self) -> bool {
        self.packs.is_some() || self.names_more_than_packs()
    }

    /// Whether it names something of a line beside how many packs it was of.
    pub fn names_more_than_packs(&self) -> bool {
        let typed = [self.gtin.is_some(), self.udi_di.is_some(), self.lot.is_some(), self.expiry.is_some()];
        let more = [self.serial.is_some(), self.serials.is_some(), self.production_date.is_some()];
        typed.contains(&true) || more.contains(&true)
    }
}

/// A field that is there, be it with null.
pub(super) fn named<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Why a receipt is voided.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Entered twice"}))]
pub struct NewReceiptVoid {
    /// Why.
    pub reason: Prose,
}
