//! What waits for people, by kind, and the operation that settles each.

use crate::caller::{Caller, Extent, Role};
use crate::http::slice::{Access, Reach};
use crate::values::words;

words! {
    /// What is to be done.
    WorkKind {
        /// Units lie in quarantine, and nobody has inspected them.
        Inspect "inspect",
        /// Units passed their inspection, and a second person must release them.
        Release "release",
        /// Held, rejected or expired units lie among the stock for use, and must be set apart.
        SetApart "set_apart",
        /// Rejected units, and expired ones in quarantine, go back to their supplier or are destroyed.
        SendBack "send_back",
        /// Units came back that the books never had, and must be counted.
        CountFound "count_found",
        /// A count found a difference that a second person must look at.
        ApproveCount "approve_count",
        /// A stock-take is open: its places are counted.
        CountStockTake "count_stock_take",
        /// A stock-take is closed, and a second person must approve its differences.
        ApproveStockTake "approve_stock_take",
        /// Goods were expected before today, or are within the days that are looked ahead.
        ReceiveOrder "receive_order",
        /// A part of an order has arrived: the rest comes, or the order is closed short.
        CompleteOrder "complete_order",
        /// A claim is written, and must go to its supplier.
        SendClaim "send_claim",
        /// A claim was sent, and its supplier has neither credited nor replaced anything.
        SettleClaim "settle_claim",
        /// A licence is no longer valid, or soon will not be.
        RenewLicence "renew_licence",
        /// A licence must be looked up in its register: never verified, too long ago, or with an outcome that speaks against it.
        VerifyLicence "verify_licence",
        /// A licence was verified by nobody but whoever registered it: a second person must.
        VerifyAgain "verify_again",
        /// No subject of a practitioner is known, so that they can confirm nothing and nobody can tell what is theirs.
        NameSubject "name_subject",
        /// The authorisation of a product must be verified again.
        VerifyApproval "verify_approval",
        /// An excursion waits for what is to become of its units.
        AssessExcursion "assess_excursion",
        /// Orders, administrations or releases rested on a licence that was lost earlier than anybody knew.
        ReviewTouched "review_touched",
        /// Something happened against a rule, and nobody has said what came of it.
        CloseDeviation "close_deviation",
        /// Somebody's hold, or that on a twin of a lot, is open.
        LiftHold "lift_hold",
        /// A site has or had units of a recall, and has not said that it has looked for them.
        AcknowledgeRecall "acknowledge_recall",
        /// A patient was given what is recalled, and does not know it yet.
        ContactPatient "contact_patient",
        /// Everything of a recall is accounted for.
        CloseRecall "close_recall",
        /// Another person recorded an administration of yours, and your word is missing.
        Confirm "confirm",
        /// A visit of yours is open, and waits for your signature.
        SignVisit "sign_visit",
        /// A patient is to be looked at after a treatment.
        FollowUp "follow_up",
        /// Harm was reported, and nobody has reviewed it, or seen the patient by when that must be.
        ReviewAdverseEvent "review_adverse_event",
        /// An adverse event must be reported to an authority.
        ReportAdverseEvent "report_adverse_event",
        /// An adverse event was reviewed, and how it ended is not said.
        CloseAdverseEvent "close_adverse_event",
        /// Harm came of a lot or a product more often than of others, and nobody has looked at that since.
        ReviewSignal "review_signal",
        /// An opened unit is past its use.
        DiscardContainer "discard_container",
        /// A sensor must be calibrated, and its next day entered.
        CalibrateSensor "calibrate_sensor",
        /// A sensor has said nothing for too long, or the same: somebody must go and look.
        CheckSensor "check_sensor",
        /// Two lots with units on hand are easily taken for each other: compare their labels.
        CompareLots "compare_lots",
        /// Somebody is refused over and over.
        LookIntoRefusals "look_into_refusals",
    }
}

/// How work of a kind is settled.
pub struct Settled {
    /// By which operation.
    pub operation: &'static str,
    /// Its method.
    pub method: &'static str,
    /// Its path, with `{id}` for what it is about.
    pub path: &'static str,
    /// Of those who may call it, whose work it is; all of them, where nobody is named.
    whose: &'static [Role],
}

/// Whose work it is to look where nothing but looking settles it.
const OVERSIGHT: &[Role] = &[Role::Quality, Role::Admin];

impl WorkKind {
    /// How it is settled.
    // Long because it is a table: a row for each kind.
    pub fn settled(self) -> Settled {
        let by = |operation, method, path| Settled { operation, method, path, whose: &[] };
        match self {
            WorkKind::Inspect => by("create_inspection", "POST", "/v1/inspections"),
            WorkKind::Release => by("create_release", "POST", "/v1/lots/{id}/releases"),
            // Purchasers transfer between stock locations only.
            WorkKind::SetApart => Settled { whose: &[Role::Quality], ..by("create_transfer", "POST", "/v1/transfers") },
            WorkKind::SendBack => by("create_return", "POST", "/v1/returns"),
            WorkKind::CountFound => by("create_count", "POST", "/v1/counts"),
            WorkKind::ApproveCount => by("approve_count", "POST", "/v1/movements/{id}/approvals"),
            WorkKind::CountStockTake => by("record_stock_take_scans", "POST", "/v1/stock-takes/{id}/scans"),
            WorkKind::ApproveStockTake => by("approve_stock_take", "POST", "/v1/stock-takes/{id}/approve"),
            WorkKind::ReceiveOrder => by("create_receipt", "POST", "/v1/receipts"),
            WorkKind::CompleteOrder => by("close_order", "POST", "/v1/orders/{id}/close"),
            WorkKind::SendClaim => by("send_claim", "POST", "/v1/claims/{id}/send"),
            WorkKind::SettleClaim => by("settle_claim", "POST", "/v1/claims/{id}/settle"),
            WorkKind::RenewLicence => by("create_licence", "POST", "/v1/licences"),
            WorkKind::VerifyLicence | WorkKind::VerifyAgain => {
                by("create_licence_check", "POST", "/v1/licences/{id}/checks")
            }
            WorkKind::NameSubject => by("patch_practitioner", "PATCH", "/v1/practitioners/{id}"),
            WorkKind::VerifyApproval => by("patch_product", "PATCH", "/v1/products/{id}"),
            WorkKind::AssessExcursion => by("assess_excursion", "POST", "/v1/excursions/{id}/assessments"),
            WorkKind::ReviewTouched => {
                by("create_licence_acknowledgement", "POST", "/v1/licences/{id}/acknowledgements")
            }
            WorkKind::CloseDeviation => by("close_deviation", "POST", "/v1/deviations/{id}/close"),
            WorkKind::LiftHold => by("lift_hold", "POST", "/v1/holds/{id}/lift"),
            WorkKind::AcknowledgeRecall => by("acknowledge_recall", "POST", "/v1/recalls/{id}/acknowledgements"),
            WorkKind::ContactPatient => by("record_recall_contact", "POST", "/v1/recalls/{id}/contacts"),
            WorkKind::CloseRecall => by("close_recall", "POST", "/v1/recalls/{id}/close"),
            WorkKind::Confirm => by("confirm_administration", "POST", "/v1/administrations/{id}/confirmations"),
            WorkKind::SignVisit => by("sign_visit", "POST", "/v1/visits/{id}/sign"),
            WorkKind::FollowUp => by("review_follow_up", "POST", "/v1/follow-ups/{id}/reviews"),
            WorkKind::ReviewAdverseEvent => by("review_adverse_event", "POST", "/v1/adverse-events/{id}/reviews"),
            WorkKind::ReportAdverseEvent => {
                by("record_adverse_event_report", "POST", "/v1/adverse-events/{id}/reports-sent")
            }
            WorkKind::CloseAdverseEvent => by("close_adverse_event", "POST", "/v1/adverse-events/{id}/close"),
            WorkKind::ReviewSignal => by("review_signal", "POST", "/v1/signals/reviews"),
            WorkKind::DiscardContainer => by("discard_container", "POST", "/v1/containers/{id}/discard"),
            WorkKind::CalibrateSensor => by("patch_sensor", "PATCH", "/v1/sensors/{id}"),
            WorkKind::CheckSensor => Settled { whose: OVERSIGHT, ..by("get_sensor", "GET", "/v1/sensors/{id}") },
            WorkKind::CompareLots => Settled { whose: OVERSIGHT, ..by("get_lot", "GET", "/v1/lots/{id}") },
            WorkKind::LookIntoRefusals => Settled { whose: OVERSIGHT, ..by("list_events", "GET", "/v1/events") },
        }
    }

    /// Whether it is for a caller: they may call what settles it, as far as their token reaches.
    pub fn is_for(self, caller: &Caller, access: Access) -> bool {
        let Settled { operation, whose, .. } = self.settled();
        access(operation).is_some_and(|operation| {
            let reaches = operation.reach != Reach::Organisation || caller.reaches(&Extent::Shared);
            caller.has_any(operation.roles) && (whose.is_empty() || caller.has_any(whose)) && reaches
        })
    }
}
