//! What an event is: who did what, when, and everything that follows from it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::caller::Role;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::decision::{Decision, Refusal};
use crate::evidence::model::{Repeated, Stored};
use crate::holds::model::{Hold, Lift};
use crate::ids::{CommandId, EventId, HoldId, InspectionId, LotId, OrganisationId, PackId, SiteId};
use crate::inspections::model::{Allocation, Inspection, InspectionReversal, Release, Settled};
use crate::licences::model::{Licence, LicenceAcknowledgement, LicenceCheck, LicenceReversal};
use crate::licences::people::{Discount, DiscountCause};
use crate::movements::model::{Movement, MovementReversal, Review};
use crate::organisations::model::Organisation;
use crate::policies::model::PolicyVersion;
use crate::practitioners::model::Practitioner;
use crate::purchasing::model::{Ending, Ordered, Placement};
use crate::receiving::model::{Receipt, ReceiptCorrection, ReceiptLine, ReceiptVoid};
use crate::sites::model::{Location, Site};
use crate::stock::model::{Lot, Pack, Posting};
use crate::suppliers::model::Supplier;
use crate::tokens::model::TokenIssued;
use crate::treatment::model::{Administration, Closure, Confirmation, Deviation, Void};
use crate::values::number;
use crate::versions::Revision;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// The subject of their token.
    pub subject: String,
    /// The roles that it carried.
    pub roles: Vec<Role>,
}

/// One thing that happened. Its canonical JSON is what the journal stores and the log commits to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The command that it belongs to.
    pub command_id: CommandId,
    /// The version of its form.
    pub version: i32,
    /// At which site it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Ids under which it is found.
    pub subjects: Vec<String>,
    /// Who did it.
    pub actor: Actor,
    /// When it happened.
    pub occurred_at: Moment,
    /// When it was recorded.
    pub recorded_at: Moment,
    /// What happened: `kind` and `data`.
    #[serde(flatten)]
    pub deed: Deed,
}

/// Declares what can happen: the kind's name and its content.
macro_rules! deeds {
    ($($(#[$doc:meta])* $variant:ident $kind:literal $body:tt)+) => {
        deeds!(@enum [] $($(#[$doc])* $variant $kind $body)+);

        impl Deed {
            /// Every kind.
            pub const KINDS: &'static [&'static str] = &[$($kind,)+];

            /// The name of its kind.
            pub fn kind(&self) -> &'static str {
                match self { $(Deed::$variant { .. } => $kind,)+ }
            }
        }
    };
    (@enum [$($done:tt)*]) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "kind", content = "data")]
        pub enum Deed { $($done)* }
    };
    (@enum [$($done:tt)*] $(#[$doc:meta])* $variant:ident $kind:literal $body:tt $($rest:tt)*) => {
        deeds!(@enum [$($done)* $(#[$doc])* #[serde(rename = $kind)] $variant $body,] $($rest)*);
    };
}

deeds! {
    /// An organisation was made.
    OrganisationRegistered "organisation_registered" (Organisation)
    /// A token was signed and given out.
    TokenIssued "token_issued" (TokenIssued)
    /// A site was registered.
    SiteRegistered "site_registered" (Site)
    /// A location was registered.
    LocationRegistered "location_registered" (Location)
    /// A product was registered.
    ProductRegistered "product_registered" (Box<Product>)
    /// A supplier was registered.
    SupplierRegistered "supplier_registered" (Supplier)
    /// A practitioner was registered.
    PractitionerRegistered "practitioner_registered" (Practitioner)
    /// A site was corrected.
    SiteCorrected "site_corrected" (Box<Revision<Site>>)
    /// A site was retired.
    SiteRetired "site_retired" (Box<Revision<Site>>)
    /// A site was reinstated.
    SiteReinstated "site_reinstated" (Box<Revision<Site>>)
    /// A location was corrected.
    LocationCorrected "location_corrected" (Box<Revision<Location>>)
    /// A location was retired.
    LocationRetired "location_retired" (Box<Revision<Location>>)
    /// A location was reinstated.
    LocationReinstated "location_reinstated" (Box<Revision<Location>>)
    /// A product was corrected.
    ProductCorrected "product_corrected" (Box<Revision<Product>>)
    /// A product was retired.
    ProductRetired "product_retired" (Box<Revision<Product>>)
    /// A product was reinstated.
    ProductReinstated "product_reinstated" (Box<Revision<Product>>)
    /// A supplier was corrected.
    SupplierCorrected "supplier_corrected" (Box<Revision<Supplier>>)
    /// A supplier was retired.
    SupplierRetired "supplier_retired" (Box<Revision<Supplier>>)
    /// A supplier was reinstated.
    SupplierReinstated "supplier_reinstated" (Box<Revision<Supplier>>)
    /// A practitioner was corrected.
    PractitionerCorrected "practitioner_corrected" (Box<Revision<Practitioner>>)
    /// A practitioner was retired.
    PractitionerRetired "practitioner_retired" (Box<Revision<Practitioner>>)
    /// A practitioner was reinstated.
    PractitionerReinstated "practitioner_reinstated" (Box<Revision<Practitioner>>)
    /// A licence was registered.
    LicenceRegistered "licence_registered" (Box<Licence>)
    /// A licence was checked with its authority.
    LicenceChecked "licence_checked" (LicenceCheck)
    /// A mis-keyed licence was reversed.
    LicenceReversed "licence_reversed" (LicenceReversal)
    /// A mis-keyed check of a licence was reversed.
    LicenceCheckReversed "licence_check_reversed" (LicenceReversal)
    /// A verification stopped counting: whoever made it turned out not to be independent of the holder.
    LicenceCheckDiscounted "licence_check_discounted" (Discount)
    /// Somebody has seen what a licence had touched.
    LicenceAcknowledged "licence_acknowledged" (LicenceAcknowledgement)
    /// The organisation's policy was set.
    PolicySet "policy_set" (Box<PolicyVersion>)
    /// An order was written.
    OrderCreated "order_created" (Box<Ordered>)
    /// An order was placed: everything in it might be bought.
    OrderPlaced "order_placed" (Box<Placement>)
    /// An order was cancelled before anything of it had arrived.
    OrderCancelled "order_cancelled" (Ending)
    /// An order was closed short.
    OrderClosed "order_closed" (Ending)
    /// Goods arrived; one `stock_received` for each line follows.
    ReceiptRecorded "receipt_recorded" (Receipt)
    /// Packs of one lot were put into quarantine.
    StockReceived "stock_received" {
        /// The line of the receipt.
        line: ReceiptLine,
        /// The lot, when it was not known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// The packs that have serial numbers.
        packs: Vec<Pack>,
        /// Packs that were here before: they are of this line now.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        back: Vec<PackId>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A mis-keyed line of a receipt was corrected: its units went back, and the right ones were received.
    ReceiptCorrected "receipt_corrected" {
        /// The mis-keyed line.
        corrected: Box<ReceiptLine>,
        /// The line as it should have been.
        line: Box<ReceiptLine>,
        /// The lot, when it was not known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// When the lot was made, where that was wrong and the lot was known before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        production_date: Option<NaiveDate>,
        /// The packs with serial numbers that are of the new line now.
        packs: Vec<PackId>,
        /// The packs whose serial numbers were not known before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        new_packs: Vec<Pack>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that the units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
    /// The supplier or the order of a receipt was corrected; a `receipt_corrected` for each line follows.
    ReceiptReassigned "receipt_reassigned" (Box<ReceiptCorrection>)
    /// A line of a receipt was voided: its units went back to the supplier's account.
    ReceiptLineVoided "receipt_line_voided" {
        /// By whom and why.
        void: Box<ReceiptVoid>,
        /// The line.
        line: Box<ReceiptLine>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A receipt was voided; a `receipt_line_voided` for each line that stood came before.
    ReceiptVoided "receipt_voided" (Box<ReceiptVoid>)
    /// Packaging was inspected.
    PackagingInspected "packaging_inspected" (Inspection)
    /// Units passed inspection: from now on their account is one of that inspection.
    StockPassed "stock_passed" {
        /// Which inspection.
        inspection_id: InspectionId,
        /// How many.
        units: i64,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Passes that were counted beside the stock became postings: the migration did that, once for a lot.
    PassesSettled "passes_settled" {
        /// The lot.
        lot_id: LotId,
        /// What could not be told, and must be inspected again.
        again: Vec<Settled>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
    }
    /// Units failed inspection.
    StockRejected "stock_rejected" {
        /// In which inspection.
        inspection_id: InspectionId,
        /// How many.
        units: i64,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were released to stock.
    StockReleased "stock_released" {
        /// The release.
        release: Release,
        /// The inspections that they passed in, where passes were counted beside the stock.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        allocations: Vec<Allocation>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A photograph or a document was kept.
    EvidenceStored "evidence_stored" (Stored)
    /// A file that is kept was sent again, by somebody else or for sites that did not have it.
    EvidenceRepeated "evidence_repeated" (Repeated)
    /// A hold was opened.
    HoldOpened "hold_opened" {
        /// The hold.
        hold: Hold,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
    }
    /// A hold was lifted.
    HoldLifted "hold_lifted" {
        /// Which, by whom and why.
        lift: Lift,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
    }
    /// More of the units that the opening or the lift of a hold moved.
    HoldContinued "hold_continued" {
        /// The event that it continues.
        event_id: EventId,
        /// The hold.
        hold_id: HoldId,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// More of the units that a movement, an inspection or a release moved, or that its reversal moved back.
    PostingsContinued "postings_continued" {
        /// The event that it continues.
        event_id: EventId,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that held units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
    /// Units moved from one location to another.
    StockTransferred "stock_transferred" {
        /// The transfer.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// Holds on the accounts that held units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
    /// Units were wasted.
    StockWasted "stock_wasted" {
        /// The wastage.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units went back to their supplier.
    StockReturned "stock_returned" {
        /// The return.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were destroyed.
    StockDestroyed "stock_destroyed" {
        /// The destruction.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were counted; what the books had otherwise was adjusted.
    StockCounted "stock_counted" {
        /// The count.
        movement: Box<Movement>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A second person said what becomes of the difference that a count found.
    CountReviewed "count_reviewed" {
        /// What they said.
        review: Review,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A movement was reversed: its units went back.
    MovementReversed "movement_reversed" {
        /// Which, by whom and why.
        reversal: MovementReversal,
        /// The units that moved.
        postings: Vec<Posting>,
        /// How many more the events that continue this one moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        more: Option<i64>,
        /// Holds on the accounts that held units came from: they cover them where they are now, too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        holds: Vec<HoldId>,
    }
    /// A packaging inspection was reversed: what had passed or failed in it is quarantined again.
    InspectionReversed "inspection_reversed" {
        /// Which, by whom and why.
        reversal: InspectionReversal,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// Units were administered to a patient.
    StockAdministered "stock_administered" {
        /// The administration.
        administration: Box<Administration>,
        /// The lot, when it was used though it was never received.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// An administration was voided.
    AdministrationVoided "administration_voided" {
        /// The void.
        void: Void,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A practitioner confirmed what another had recorded of them.
    AdministrationConfirmed "administration_confirmed" (Confirmation)
    /// Something happened against a rule.
    DeviationOpened "deviation_opened" (Deviation)
    /// The quality lead closed a deviation.
    DeviationClosed "deviation_closed" (Closure)
    /// A rule refused a command; nothing else changed.
    GateRefused "gate_refused" {
        /// What was asked for.
        operation: String,
        /// The request, as it was sent.
        request: serde_json::Value,
        /// The decision, with the facts that it rested on.
        decision: Box<Decision>,
    }
}

impl From<Refusal> for Deed {
    fn from(refusal: Refusal) -> Self {
        Deed::GateRefused {
            operation: refusal.operation.to_owned(),
            request: refusal.request,
            decision: Box::new(refusal.decision),
        }
    }
}

impl Deed {
    /// The version of this kind's form.
    pub fn version(&self) -> i32 {
        1
    }

    /// The units that it moved.
    pub fn postings(&self) -> &[Posting] {
        match self {
            Deed::StockReceived { postings, .. }
            | Deed::ReceiptCorrected { postings, .. }
            | Deed::ReceiptLineVoided { postings, .. }
            | Deed::StockPassed { postings, .. }
            | Deed::PassesSettled { postings, .. }
            | Deed::StockRejected { postings, .. }
            | Deed::StockReleased { postings, .. }
            | Deed::HoldOpened { postings, .. }
            | Deed::HoldLifted { postings, .. }
            | Deed::HoldContinued { postings, .. }
            | Deed::PostingsContinued { postings, .. }
            | Deed::StockTransferred { postings, .. }
            | Deed::StockWasted { postings, .. }
            | Deed::StockReturned { postings, .. }
            | Deed::StockDestroyed { postings, .. }
            | Deed::StockCounted { postings, .. }
            | Deed::CountReviewed { postings, .. }
            | Deed::MovementReversed { postings, .. }
            | Deed::InspectionReversed { postings, .. }
            | Deed::StockAdministered { postings, .. }
            | Deed::AdministrationVoided { postings, .. } => postings,
            _ => &[],
        }
    }

    /// The decision that it rested on, if a gate was asked.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::OrderPlaced(placement) => Some(&placement.decision),
            Deed::StockReleased { release, .. } => Some(&release.decision),
            Deed::StockAdministered { administration, .. } => Some(&administration.decision),
            Deed::StockTransferred { movement, .. }
            | Deed::StockWasted { movement, .. }
            | Deed::StockReturned { movement, .. }
            | Deed::StockDestroyed { movement, .. } => movement.decision.as_deref(),
            Deed::GateRefused { decision, .. } => Some(decision),
            _ => None,
        }
    }

    /// One sentence for a person.
    pub fn summary(&self) -> String {
        match self {
            Deed::OrganisationRegistered(o) => format!("Organisation {} was made.", o.name),
            Deed::TokenIssued(t) => {
                let roles: Vec<_> = t.roles.iter().map(Role::as_str).collect();
                format!("A token for {} was given out, until {}: {}.", t.subject, t.expires_at, roles.join(", "))
            }
            Deed::SiteRegistered(s) => format!("Site {} was registered in {}.", s.name, s.jurisdiction),
            Deed::LocationRegistered(l) => format!("Location {} was registered for {}.", l.name, l.purpose),
            Deed::ProductRegistered(p) => {
                let named = p.known_by().next().map(|known| format!(" ({})", known.named())).unwrap_or_default();
                format!("Product {}{named} was registered.", p.name)
            }
            Deed::SupplierRegistered(s) => format!("Supplier {} was registered.", s.name),
            Deed::PractitionerRegistered(p) => format!("{}, {}, was registered.", p.name, p.profession),
            Deed::SiteCorrected(revision) => revision.summary("corrected"),
            Deed::SiteRetired(revision) => revision.summary("retired"),
            Deed::SiteReinstated(revision) => revision.summary("reinstated"),
            Deed::LocationCorrected(revision) => revision.summary("corrected"),
            Deed::LocationRetired(revision) => revision.summary("retired"),
            Deed::LocationReinstated(revision) => revision.summary("reinstated"),
            Deed::ProductCorrected(revision) => revision.summary("corrected"),
            Deed::ProductRetired(revision) => revision.summary("retired"),
            Deed::ProductReinstated(revision) => revision.summary("reinstated"),
            Deed::SupplierCorrected(revision) => revision.summary("corrected"),
            Deed::SupplierRetired(revision) => revision.summary("retired"),
            Deed::SupplierReinstated(revision) => revision.summary("reinstated"),
            Deed::PractitionerCorrected(revision) => revision.summary("corrected"),
            Deed::PractitionerRetired(revision) => revision.summary("retired"),
            Deed::PractitionerReinstated(revision) => revision.summary("reinstated"),
            Deed::LicenceRegistered(l) => format!("{} {} of {} was registered.", l.kind, l.number, l.authority),
            Deed::LicenceChecked(c) => format!("A licence was checked: {}.", c.outcome),
            Deed::LicenceReversed(r) => format!("A mis-keyed licence was reversed: {}", r.reason),
            Deed::LicenceCheckReversed(r) => format!("A mis-keyed check of a licence was reversed: {}", r.reason),
            Deed::LicenceCheckDiscounted(d) => {
                let whoever = match d.cause {
                    DiscountCause::Holder => "the holder",
                    DiscountCause::Circle => "somebody whom the holder vouches for",
                };
                format!("A check of a licence stopped counting: it was made by {whoever}.")
            }
            Deed::LicenceAcknowledged(a) => format!("What a lost licence had touched was acknowledged: {}", a.note),
            Deed::PolicySet(p) => format!("Version {} of the policy was set.", p.version),
            Deed::OrderCreated(o) => format!("An order with {} was written.", number(o.lines.len(), "line")),
            Deed::OrderPlaced(_) => "An order was placed.".to_owned(),
            Deed::OrderCancelled(e) => match &e.reason {
                Some(reason) => format!("An order was cancelled: {reason}"),
                None => "An order was cancelled.".to_owned(),
            },
            Deed::OrderClosed(e) => match &e.reason {
                Some(reason) => format!("An order was closed short: {reason}"),
                None => "An order was closed short.".to_owned(),
            },
            Deed::ReceiptRecorded(r) => match &r.delivery_note {
                Some(note) => format!("A delivery arrived with note {note}."),
                None => "A delivery arrived.".to_owned(),
            },
            Deed::StockReceived { line, .. } => {
                let flags: Vec<_> = line.flags.iter().map(ToString::to_string).collect();
                let flagged = if flags.is_empty() { String::new() } else { format!(", flagged {}", flags.join(", ")) };
                let (units, packs) = (number(line.units, "unit"), number(line.packs, "pack"));
                format!("{units} in {packs} {} received into quarantine{flagged}.", be(line.units))
            }
            Deed::ReceiptCorrected { corrected, line, .. } => {
                let reason = line.correction_reason.as_ref().map(ToString::to_string).unwrap_or_default();
                let (old, new) = (number(corrected.units, "unit"), number(line.units, "unit"));
                format!("A mis-keyed line of {old} was corrected to {new}: {reason}")
            }
            Deed::ReceiptReassigned(correction) => {
                let what = match (
                    correction.supplier_id == correction.was_supplier_id,
                    correction.order_id == correction.was_order_id,
                ) {
                    (true, _) => "order",
                    (false, true) => "supplier",
                    (false, false) => "supplier and the order",
                };
                format!("The mis-keyed {what} of a receipt was corrected: {}", correction.reason)
            }
            Deed::ReceiptLineVoided { void, line, .. } => {
                format!("A line of {} was voided: {}", number(line.units, "unit"), void.reason)
            }
            Deed::ReceiptVoided(void) => format!("A receipt was voided: {}", void.reason),
            Deed::PackagingInspected(i) => {
                format!(
                    "Packaging was inspected: {} passed, {} failed.",
                    number(i.units_passed, "unit"),
                    i.units_failed
                )
            }
            Deed::PassesSettled { again, postings, more, .. } => {
                let units = sum(postings.iter().map(|p| p.units).chain(*more));
                let again = sum(again.iter().map(|s| s.units));
                format!("Passes went to {}; {} must be inspected again.", number(units, "unit"), number(again, "unit"))
            }
            Deed::StockPassed { units, .. } => {
                format!("{} passed, to be released by somebody else.", units_were(*units))
            }
            Deed::StockRejected { units, .. } => format!("{} rejected.", units_were(*units)),
            Deed::StockReleased { release, .. } => format!("{} released to stock.", units_were(release.units)),
            Deed::EvidenceStored(Stored { evidence: e, .. }) => {
                format!("A file of type {} with {} bytes was kept as evidence.", e.media_type, e.bytes)
            }
            Deed::EvidenceRepeated(_) => {
                "A file that is kept as evidence was uploaded by somebody else, or for another site.".to_owned()
            }
            Deed::HoldOpened { hold, postings, more } => {
                let units = sum(postings.iter().map(|posting| posting.units).chain(*more));
                format!("A hold was opened over {}: {}", number(units, "unit"), hold.reason)
            }
            Deed::HoldLifted { lift, postings, more } => {
                let units = sum(postings.iter().map(|posting| posting.units).chain(*more));
                format!("A hold was lifted, which freed {}: {}", number(units, "unit"), lift.lift_reason)
            }
            Deed::HoldContinued { postings, .. } | Deed::PostingsContinued { postings, .. } => {
                format!("{} more.", number(sum(postings.iter().map(|posting| posting.units)), "unit"))
            }
            Deed::StockTransferred { movement: m, .. } => format!("{} transferred: {}", units_were(m.units), m.reason),
            Deed::StockWasted { movement: m, .. } => format!("{} wasted: {}", units_were(m.units), m.reason),
            Deed::StockReturned { movement: m, .. } => {
                format!("{} returned to the supplier: {}", units_were(m.units), m.reason)
            }
            Deed::StockDestroyed { movement: m, .. } => format!("{} destroyed: {}", units_were(m.units), m.reason),
            Deed::StockCounted { movement: m, .. } => match (m.units_counted.unwrap_or(0), m.units) {
                (counted, 0) => format!("{} counted, as the books say: {}", units_were(counted), m.reason),
                (counted, units) => {
                    let (more, many) = (if units > 0 { "more" } else { "fewer" }, units.unsigned_abs());
                    format!("{} counted, {many} {more} than in the books: {}", units_were(counted), m.reason)
                }
            },
            Deed::CountReviewed { review, .. } => {
                format!("The difference of a count was {}: {}", review.outcome, review.reason)
            }
            Deed::MovementReversed { reversal, postings, more, .. } => {
                let moved = postings.iter().filter(|posting| posting.at.is_none()).map(|posting| posting.units);
                let units = sum(moved.chain(*more));
                format!("A movement of {} was reversed: {}", number(units, "unit"), reversal.reason)
            }
            Deed::InspectionReversed { reversal, .. } => {
                let units = number(reversal.units, "unit");
                format!("An inspection was reversed, {units} to be inspected again: {}", reversal.reason)
            }
            Deed::StockAdministered { administration, .. } => {
                let late = if administration.retrospective_reason.is_some() { ", recorded in retrospect" } else { "" };
                format!("{} administered{late}.", units_were(administration.units))
            }
            Deed::AdministrationVoided { void, .. } => {
                let back = if void.returned_to_stock { "back in quarantine" } else { "not back" };
                let to_count = match void.units_to_count {
                    0 => String::new(),
                    units => format!("; {} that the books never had must be counted there", number(units, "unit")),
                };
                format!("An administration was voided, its units are {back}{to_count}.")
            }
            Deed::AdministrationConfirmed(confirmation) => {
                let roles: Vec<_> = confirmation.roles.iter().map(ToString::to_string).collect();
                format!("An administration was confirmed by its {}.", roles.join(" and "))
            }
            Deed::DeviationOpened(deviation) => {
                let codes: Vec<_> = deviation.reason_codes.iter().map(|code| code.as_str()).collect();
                format!("A deviation was opened: {}.", codes.join(", "))
            }
            Deed::DeviationClosed(_) => "A deviation was closed.".to_owned(),
            Deed::GateRefused { operation, decision, .. } => {
                let codes: Vec<_> = decision.reasons.iter().map(|reason| reason.code.as_str()).collect();
                format!("Refused to {}: {}.", operation.replace('_', " "), codes.join(", "))
            }
        }
    }
}

fn sum(units: impl Iterator<Item = i64>) -> i64 {
    units.sum()
}

/// The verb for so many.
fn be(count: i64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn units_were(count: i64) -> String {
    format!("{} {}", number(count, "unit"), be(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns_and_verbs() {
        for (count, text) in [(0, "0 units were"), (1, "1 unit was"), (2, "2 units were")] {
            assert_eq!(units_were(count), text);
        }
    }
}
