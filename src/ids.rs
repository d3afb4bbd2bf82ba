//! Identifiers: UUIDv7 (RFC 9562) behind a prefix that says what it names, such as `lot_0193…`.
//!
//! The source of randomness is injected beside the clock; clippy forbids the ambient ones.

use std::sync::Arc;

use uuid::Uuid;

use crate::clock::Moment;
use crate::problem_code::ProblemCode;

/// A source of fresh identifiers.
#[derive(Clone)]
pub struct Ids(Arc<dyn Fn() -> [u8; 10] + Send + Sync>);

impl Ids {
    /// Identifiers from the operating system's random source.
    pub fn system() -> Self {
        Ids(Arc::new(|| {
            let mut bytes = [0; 10];
            // A machine without randomness can make neither identifiers nor keys; there is nothing to fall back to.
            if getrandom::fill(&mut bytes).is_err() {
                std::process::abort();
            }
            bytes
        }))
    }

    /// A UUIDv7 for `now`.
    ///
    /// Behind the milliseconds come their fraction (RFC 9562 section 6.2, method 3) and `sequence`, so that what one
    /// command mints sorts in the order in which it was minted; the rest is random.
    pub fn uuid(&self, now: Moment, sequence: u16) -> Uuid {
        let mut bytes = (self.0)();
        let fraction = u16::try_from(u32::from(now.micros_of_milli()) * 4096 / 1000).unwrap_or(0);
        let [f0, f1] = fraction.to_be_bytes();
        let [s0, s1] = sequence.to_be_bytes();
        bytes[..4].copy_from_slice(&[f0, f1, s0, s1]);
        uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &bytes).into_uuid()
    }
}

/// Whether `text` is `prefix_` and a UUID in its lower-case hyphenated form.
pub fn is_well_formed(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).is_some_and(|rest| {
        rest.len() == 36 && Uuid::try_parse(rest).is_ok() && !rest.bytes().any(|b| b.is_ascii_uppercase())
    })
}

/// Declares identifier types. A text that is not of the type's form is refused as `reference_unknown`: whatever it
/// is, nothing of that name exists.
macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident $prefix:literal;)+) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub struct $name(String);

        impl $name {
            /// What this kind of identifier starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A fresh identifier.
            pub fn mint(ids: &Ids, now: Moment, sequence: u16) -> Self {
                Self::from_uuid(ids.uuid(now, sequence))
            }

            /// The identifier that a UUID computed elsewhere stands for.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(format!("{}_{uuid}", $prefix))
            }

            /// Before every identifier that is minted at a moment or later.
            pub fn earliest(moment: Moment) -> String {
                let uuid = uuid::Builder::from_unix_timestamp_millis(moment.unix_millis(), &[0; 10]).into_uuid();
                format!("{}_{uuid}", $prefix)
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::values::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if is_well_formed($prefix, text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(crate::values::Invalid::new(
                        ProblemCode::ReferenceUnknown,
                        concat!("names nothing that exists; such an id starts with ", $prefix, "_"),
                    ))
                }
            }
        }

        crate::values::text_column!(
            $name,
            concat!("^", $prefix, "_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
            $prefix.len() + 37..=$prefix.len() + 37,
            ProblemCode::ReferenceUnknown,
            [$($doc),*]
        );
    )+};
}

ids! {
    /// An organisation: a clinic or a group, the boundary that no query crosses.
    OrganisationId "org";
    /// A place with an address and a time zone, where patients are treated.
    SiteId "site";
    /// A room, fridge or shelf of a site.
    LocationId "loc";
    /// A product of the catalogue.
    ProductId "prd";
    /// A supplier.
    SupplierId "sup";
    /// A person who treats or prescribes.
    PractitionerId "prac";
    /// A licence, registration or training record.
    LicenceId "lic";
    /// One check of a licence against its authority.
    LicenceCheckId "chk";
    /// The reversal of a mis-keyed licence or check.
    LicenceReversalId "lrv";
    /// What a licence touched was seen by somebody.
    LicenceAcknowledgementId "lak";
    /// An order.
    OrderId "ord";
    /// A line of an order.
    OrderLineId "orl";
    /// A receipt of goods.
    ReceiptId "rec";
    /// A line of a receipt.
    ReceiptLineId "rcl";
    /// The correction of a receipt's supplier or order.
    ReceiptCorrectionId "rcc";
    /// The void of a receipt, or of a line of one.
    ReceiptVoidId "rcv";
    /// Units of a lot that were at a place before Lotline.
    OpeningId "opn";
    /// A lot: product, lot text and expiry.
    LotId "lot";
    /// A pack with a serial number.
    PackId "pack";
    /// A stock account: lot, location, disposition and use-by date.
    AccountId "acct";
    /// A packaging inspection.
    InspectionId "insp";
    /// A release from quarantine.
    ReleaseId "rel";
    /// A movement of stock that is neither receipt, release nor administration.
    MovementId "mov";
    /// The reversal of a movement.
    MovementReversalId "mrv";
    /// The reversal of a packaging inspection.
    InspectionReversalId "irv";
    /// A hold.
    HoldId "hold";
    /// An administration to a patient.
    AdministrationId "adm";
    /// The void of an administration.
    VoidId "void";
    /// A deviation for the quality lead.
    DeviationId "dev";
    /// A patient: says nothing of who they are, and stays when they are erased.
    PatientId "pat";
    /// The erasure of a patient.
    ErasureId "ers";
    /// An event of the journal.
    EventId "evt";
    /// A command: all events of one request.
    CommandId "cmd";
    /// A token: the claim `jti`.
    TokenId "tok";
    /// A sensor.
    SensorId "sen";
    /// A time at which a location was outside its temperatures.
    ExcursionId "exc";
    /// A unit that was opened.
    ContainerId "con";
    /// A recall.
    RecallId "rcal";
    /// What came of telling a patient of a recall.
    RecallContactId "rct";
    /// A verification of the deployment.
    VerificationId "vrf";
    /// A stock-take.
    StockTakeId "stt";
    /// Something that was counted in a stock-take.
    StockTakeScanId "sts";
    /// What is claimed of a supplier.
    ClaimId "clm";
    /// How much of a product a site keeps.
    LevelId "lvl";
    /// A version of a protocol.
    ProtocolId "prot";
    /// A visit of a patient.
    VisitId "vis";
    /// What is to be looked at after a treatment, or a treatment that is usual again.
    FollowUpId "fup";
    /// A prescription.
    PrescriptionId "rx";
    /// Something that was recorded in a visit.
    VisitEntryId "ven";
    /// An adverse event.
    AdverseEventId "aev";
    /// Something that was recorded about an adverse event.
    AdverseEventEntryId "aee";
    /// What was concluded of a signal.
    SignalReviewId "srv";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_minted() {
        let ids = Ids::system();
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let early = at("2026-11-21T00:00:00.000001Z");
        let late = at("2026-11-21T00:00:00.000002Z");
        let minted = [ids.uuid(early, 0), ids.uuid(early, 1), ids.uuid(early, 300), ids.uuid(late, 0)];
        assert!(minted.is_sorted(), "{minted:?}");
        assert_eq!(minted[0].get_version_num(), 7);
    }

    #[test]
    fn ids_are_typed_and_strict() {
        let now = "2026-11-21T00:00:00Z".parse().unwrap();
        let id = LotId::mint(&Ids::system(), now, 0);
        assert_eq!(id.as_str().parse::<LotId>().unwrap(), id);
        assert!(id.as_str().parse::<SiteId>().is_err());
        for wrong in ["", "lot_", "lot_1", "lot_0193\u{0}", "LOT_01932c07-0000-7000-8000-000000000000"] {
            assert!(wrong.parse::<LotId>().is_err(), "{wrong:?}");
        }
    }
}
