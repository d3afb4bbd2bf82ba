//! What a rule answers: allowed or not, every reason, and the facts that the answer rests on.
//!
//! Each reason has one stable code, one line of meaning, and who acts on it ([`ReasonCode`] is that table; the
//! documentation is made from it).

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::values::words;

/// Declares the reason codes with who acts on them and their meaning; and what one says, as the server has answered it.
macro_rules! reasons {
    ($($variant:ident $code:literal $acts:literal $meaning:literal $example:literal;)+) => {
        words! {
            /// Why a gate refuses. The codes are stable.
            ReasonCode { $(#[doc = $meaning] $variant $code,)+ }
        }

        impl ReasonCode {
            /// One line that says what the code means.
            pub fn meaning(self) -> &'static str {
                match self { $(ReasonCode::$variant => $meaning,)+ }
            }

            /// Who can do something about it.
            pub fn acts(self) -> &'static str {
                match self { $(ReasonCode::$variant => $acts,)+ }
            }

            /// What one says to a person.
            pub fn example(self) -> &'static str {
                match self { $(ReasonCode::$variant => $example,)+ }
            }
        }
    };
}

reasons! {
    ProductUnknown "product_unknown" "admin" "The code names a product that is not in the catalogue."
        "GTIN 09520000000011 is not in the catalogue.";
    ProductNotAuthorised "product_not_authorised" "admin" "The product has no current authorisation in the site's jurisdiction; unknown is not authorised."
        "HArmonyCa is not authorised in GB-ENG.";
    ProductAuthorisationStale "product_authorisation_stale" "admin" "The product's authorisation in the site's jurisdiction was last verified longer ago than the organisation allows."
        "The authorisation of HArmonyCa in GB was last verified on 2026-01-05, more than 30 days before.";
    LotUnknown "lot_unknown" "practitioner" "This lot was never received here."
        "Lot OLD was never received.";
    LotExpired "lot_expired" "practitioner" "The lot's effective expiry has passed on that day, in the site's time zone."
        "Lot DAY could be used until 2026-07-15; it is 2026-07-16 at the site.";
    LotOnHold "lot_on_hold" "quality" "A hold covers the lot."
        "Lot LOT1 is on hold: Under review";
    LotRecalled "lot_recalled" "quality" "A recall covers the lot."
        "Lot HC24A is recalled (FSN-2026-17): Wrong needle in some packs";
    LotQuarantined "lot_quarantined" "quality" "Units of the lot are in quarantine only: they were not released."
        "Lot OLD has 2 units in quarantine here.";
    LotRejected "lot_rejected" "quality" "Units of the lot were rejected, at inspection or after a recall or an excursion."
        "Lot LOT1 has 2 units set apart here, to be returned or destroyed.";
    ExpiryMismatch "expiry_mismatch" "quality" "The lot is known with another expiry: a suspected falsification."
        "Lot OLD was received with expiry 2026-06-30, not 2026-06-29.";
    StockNotOnHand "stock_not_on_hand" "practitioner" "The books have fewer available units of the lot at this site or location than asked for."
        "0 such units of lot LOT1 are on hand, not 1.";
    SerialAlreadyUsed "serial_already_used" "quality" "The units of the pack with this serial number were used, or it was received before and is not one that may arrive again."
        "Serial number SN1 was received before.";
    SerialUnknown "serial_unknown" "practitioner" "No pack of the lot with this serial number was received, and packs of it came under numbers."
        "No pack of lot LOT1 with serial number SN9 was received.";
    SerialsRequired "serials_required" "practitioner" "The lot is kept by serial number: name the pack."
        "Lot LOT1 is kept by serial number: scan the pack.";
    StockMovedSince "stock_moved_since" "practitioner" "The entry is late, and units that it takes were moved since, or a count has missed them already: with it, there would have been fewer than there were."
        "Units of lot LOT1 were moved since: with this entry, 1 unit of those available would be too few now.";
    ContainerOtherPatient "container_other_patient" "practitioner" "The opened unit was used for another patient, and the product says that it is for one."
        "This container of lot LOT1 was used for another patient, and HArmonyCa is for one only.";
    ContainerInUseExpired "container_in_use_expired" "practitioner" "The in-use life of the opened unit is over: discard what is left."
        "This container of lot LOT1 could be used until 2026-07-02 11:00 (Europe/London): discard what is left.";
    RetentionNotOver "retention_not_over" "admin" "What was recorded of the patient is to be kept for longer."
        "The patient was treated at 2026-07-01 10:00 UTC; that is to be kept for 10 years.";
    PatientRecalled "patient_recalled" "admin" "An open recall concerns what the patient was given: they are to be told first."
        "Recall FSN-2026-17 is open, and concerns what the patient was given.";
    TreatmentUnsettled "treatment_unsettled" "quality" "A deviation of one of the patient's treatments is open: what comes of it is to be written down first."
        "1 deviation of the patient's treatments to close first.";
    OriginUnknown "origin_unknown" "quality" "Nobody knows by which receipt the units came: they can be returned or destroyed."
        "Nobody knows by which receipt these units of lot LOT1 came.";
    PractitionerMissing "practitioner_missing" "practitioner" "Nobody is named who treats, and the token is no practitioner's."
        "Say who treats: name the practitioner, or use a practitioner's own token.";
    LocationRequired "location_required" "practitioner" "Units lie in several places of the site: say from which."
        "Units of lot LOT1 lie in several places, Fridge for stock among them: say from which.";
    SiteLicenceMissing "site_licence_missing" "admin" "Neither the site nor its organisation holds a facility licence."
        "There is no facility licence on record.";
    SiteLicenceOutsideValidity "site_licence_outside_validity" "admin" "The facility licence is not valid on that day."
        "The facility licence of CQC is valid from 2026-07-02 to 2099-12-31, not on 2026-07-01.";
    SiteLicenceCheckMissing "site_licence_check_missing" "admin" "The facility licence was never verified with its authority."
        "The facility licence of CQC was never verified with its authority.";
    SiteLicenceCheckFailed "site_licence_check_failed" "admin" "At that moment a check spoke against the facility licence, and no verification had ended that."
        "The facility licence of CQC: a check says lapsed since 2026-06-20, and no verification had ended that.";
    SiteLicenceCheckStale "site_licence_check_stale" "admin" "The facility licence was last verified longer ago than the organisation allows."
        "The facility licence of CQC was last verified at 2026-07-01 11:00 (Europe/London), more than 30 days before.";
    SiteLicenceScope "site_licence_scope" "admin" "The facility licence does not cover the product's class."
        "The facility licence of CQC does not cover hybrid_filler.";
    SiteLicenceJurisdiction "site_licence_jurisdiction" "admin" "The facility licence does not cover the site's jurisdiction."
        "The facility licence of CQC counts in FR, not in GB-ENG.";
    PractitionerLicenceMissing "practitioner_licence_missing" "admin" "The practitioner has no professional registration."
        "There is no professional registration on record.";
    PractitionerLicenceOutsideValidity "practitioner_licence_outside_validity" "admin" "The professional registration is not valid on that day."
        "The professional registration of GMC is valid from 2026-07-02 to 2099-12-31, not on 2026-07-01.";
    PractitionerLicenceCheckMissing "practitioner_licence_check_missing" "admin" "The professional registration was never verified with its authority."
        "The professional registration of GMC was never verified with its authority.";
    PractitionerLicenceCheckFailed "practitioner_licence_check_failed" "admin" "At that moment a check spoke against the professional registration, and no verification had ended that."
        "The professional registration of GMC: a check says lapsed since 2026-06-20, and no verification had ended that.";
    PractitionerLicenceCheckStale "practitioner_licence_check_stale" "admin" "The professional registration was last verified longer ago than the organisation allows."
        "The professional registration of GMC was last verified at 2026-07-01 11:00 (Europe/London), more than 30 days before.";
    PractitionerLicenceScope "practitioner_licence_scope" "admin" "The professional registration does not cover the product's class."
        "The professional registration of GMC does not cover hybrid_filler.";
    PractitionerLicenceJurisdiction "practitioner_licence_jurisdiction" "admin" "The professional registration does not cover the site's jurisdiction."
        "The professional registration of GMC counts in FR, not in GB-ENG.";
    PrescriberMissing "prescriber_missing" "practitioner" "The product needs a prescriber, and none is named."
        "HArmonyCa must be prescribed: name the prescriber.";
    PrescriberLicenceMissing "prescriber_licence_missing" "admin" "The prescriber has no prescribing authority on record."
        "There is no prescribing authority on record.";
    PrescriberLicenceOutsideValidity "prescriber_licence_outside_validity" "admin" "The prescribing authority is not valid on that day."
        "The prescribing authority of GMC is valid from 2026-01-01 to 2026-06-30, not on 2026-07-01.";
    PrescriberLicenceCheckMissing "prescriber_licence_check_missing" "admin" "The prescribing authority was never verified."
        "The prescribing authority of GMC was never verified with its authority.";
    PrescriberLicenceCheckFailed "prescriber_licence_check_failed" "admin" "At that moment a check spoke against the prescribing authority, and no verification had ended that."
        "The prescribing authority of GMC: a check says lapsed since 2026-06-20, and no verification had ended that.";
    PrescriberLicenceCheckStale "prescriber_licence_check_stale" "admin" "The prescribing authority was last verified longer ago than the organisation allows."
        "The prescribing authority of GMC was last verified at 2025-01-01 00:00 (Europe/London), more than 365 days before.";
    PrescriberLicenceScope "prescriber_licence_scope" "admin" "The prescribing authority does not cover the product's class."
        "The prescribing authority of GMC does not cover hybrid_filler.";
    PrescriberLicenceJurisdiction "prescriber_licence_jurisdiction" "admin" "The prescribing authority does not cover the site's jurisdiction."
        "The prescribing authority of GMC counts in FR, not in GB-ENG.";
    SupplierLicenceMissing "supplier_licence_missing" "purchasing" "The supplier has no wholesale licence."
        "There is no wholesale licence on record.";
    SupplierLicenceOutsideValidity "supplier_licence_outside_validity" "purchasing" "The supplier's wholesale licence is not valid on that day."
        "The wholesale licence of MHRA is valid from 2026-01-01 to 2099-12-31, not on 2100-01-01.";
    SupplierLicenceCheckMissing "supplier_licence_check_missing" "purchasing" "The supplier's wholesale licence was never verified with its authority."
        "The wholesale licence of MHRA was never verified with its authority.";
    SupplierLicenceCheckFailed "supplier_licence_check_failed" "purchasing" "At that moment a check spoke against the supplier's wholesale licence, and no verification had ended that."
        "The wholesale licence of MHRA: a check says suspended since 2026-06-20, and no verification had ended that.";
    SupplierLicenceCheckStale "supplier_licence_check_stale" "purchasing" "The supplier's wholesale licence was last verified longer ago than the organisation allows."
        "The wholesale licence of MHRA was last verified at 2026-07-04 11:00 (Europe/London), more than 365 days before.";
    SupplierLicenceScope "supplier_licence_scope" "purchasing" "The supplier's wholesale licence does not cover the product's class."
        "The wholesale licence of MHRA does not cover hybrid_filler.";
    SupplierLicenceJurisdiction "supplier_licence_jurisdiction" "purchasing" "The supplier's wholesale licence does not cover the site's jurisdiction."
        "The wholesale licence of MHRA counts in GB, not in IE.";
    SupplierNotApproved "supplier_not_approved" "purchasing" "The supplier is not approved for the product's class."
        "Grey Imports is not approved for hybrid_filler.";
    SupplierDenied "supplier_denied" "purchasing" "The supplier is on the organisation's list of denied suppliers."
        "Example Wholesale is on the organisation's list of denied suppliers.";
    LotDenied "lot_denied" "quality" "The lot is on the organisation's list of denied lots."
        "Lot LOT1 of HArmonyCa is on the organisation's list of denied lots.";
    TrainingMissing "training_missing" "admin" "The product needs training evidence, and none that counts is on record."
        "There is no training record on record.";
    LicenceNotByTwo "licence_not_by_two" "admin" "The organisation asks for two people behind a licence: nobody but whoever registered it has verified it, or its holder is known by no subject."
        "The facility licence of CQC was verified by nobody but whoever registered it.";
    RecordedForAnother "recorded_for_another" "practitioner" "The organisation lets practitioners record what they did themselves only."
        "Dr A. Example must record this, with their own token.";
    EarlierExpiryFirst "earlier_expiry_first" "practitioner" "The organisation asks that what runs out first is used first, and another lot of the product is here that does."
        "Use lot LOT2 first: it is here, and runs out on 2027-01-31, before lot LOT1.";
    NotInspected "not_inspected" "quality" "The checklist that the product's class requires is not complete for these units."
        "Lot LOT1 needs an inspection with a complete checklist: outer_carton_intact, tamper_evidence_intact, label_legible.";
    UnitsNotPassed "units_not_passed" "quality" "More units than passed inspection and are not yet released."
        "0 units of lot LOT1 have passed and are not yet released, not 1.";
    InspectorCannotRelease "inspector_cannot_release" "quality" "Whoever inspected these units cannot release them (four eyes)."
        "Whoever inspected these units cannot release them: a second person must.";
    LocationBandMismatch "location_band_mismatch" "purchasing" "The product's labelled temperature band does not contain the location's band."
        "HArmonyCa must be kept between 2 °C and 25 °C; Fridge for stock runs between 2 °C and 30 °C.";
    LocationClassMismatch "location_class_mismatch" "purchasing" "The location may not hold the product's class."
        "Fridge for stock does not take hybrid_filler.";
    ProductRetired "product_retired" "purchasing" "The product is retired: it is neither ordered nor received."
        "HArmonyCa was retired at 2026-07-01 10:00 UTC.";
    LocationRetired "location_retired" "purchasing" "The location is retired: it takes no stock."
        "Fridge for stock was retired at 2026-07-01 10:00 UTC.";
    SupplierRetired "supplier_retired" "purchasing" "The supplier is retired: nothing is ordered or received from it."
        "Example Wholesale was retired at 2026-07-01 10:00 UTC.";
    PractitionerRetired "practitioner_retired" "admin" "The practitioner is retired: they neither treat nor prescribe."
        "Dr A. Example was retired at 2026-07-02 10:00 UTC.";
    SiteRetired "site_retired" "admin" "The site is retired: nothing is received and nobody is treated there."
        "Harley Street was retired at 2026-07-01 10:00 UTC.";
    LocationPurposeMismatch "location_purpose_mismatch" "purchasing" "The location's purpose does not allow it: goods arrive in quarantine and are released to stock."
        "Fridge for stock is a location for returns, not for stock.";
    StockMovedMeanwhile "stock_moved_meanwhile" "quality" "Units of the lot came to the place or left it since it was counted there, or that was too long ago: count it again."
        "Units of lot LOT1 came to Fridge for stock or left it since they were counted: count them again.";
    CountWaits "count_waits" "quality" "A count of the lot at the place waits for a second person: approve or reject that first."
        "A count of lot LOT1 at Fridge for stock waits for a second person: approve or reject it first.";
    ScreeningMissing "screening_missing" "practitioner" "The organisation asks what the screening protocol says before a treatment, and no visit is named in which it was asked, or no protocol is in force."
        "\"Before a filler\" was not asked in this visit.";
    ScreeningStale "screening_stale" "practitioner" "The patient answered too long ago, or an earlier version of the protocol."
        "\"Before a filler\" was answered on 2026-07-02, and counts for 30 days.";
    ScreeningStop "screening_stop" "practitioner" "An answer of the patient stops the treatment."
        "The answer to \"pregnancy\" stops this treatment.";
    ConsentMissing "consent_missing" "practitioner" "The organisation asks for consent, and the patient gave none in the visit that is named, or not everything was explained before."
        "Nobody has consented to \"A filler\" in this visit.";
    ConsentTooSoon "consent_too_soon" "practitioner" "Between the information and the consent lies less time than the protocol asks for."
        "Between the last information and the consent must lie 24 hours: ask for the consent again.";
    ConsentLapsed "consent_lapsed" "practitioner" "The consent was given too long ago, or to an earlier version of what is explained."
        "The consent is of 2026-07-02, and counts for 180 days.";
    ConsentWithdrawn "consent_withdrawn" "practitioner" "The patient has withdrawn the consent."
        "The consent was withdrawn on 2026-07-02.";
    IntervalTooShort "interval_too_short" "practitioner" "The same area was treated with the product's class more recently than the protocol allows."
        "The same area was treated with hybrid_filler on 2026-07-01: 14 days must lie between.";
    PatientUnderAge "patient_under_age" "practitioner" "Nobody has attested that the patient is of age, or somebody that they are not."
        "Nobody has attested in this visit that the patient is of age.";
    PrescriptionMissing "prescription_missing" "practitioner" "Nobody has prescribed for the patient what is to be used."
        "Nobody has prescribed HArmonyCa for the patient.";
    PrescriptionLapsed "prescription_lapsed" "practitioner" "What was prescribed for the patient was for use until an earlier day, or was withdrawn."
        "The prescription of HArmonyCa was for use until 2026-07-01.";
    PrescriptionExhausted "prescription_exhausted" "practitioner" "Less is left of what was prescribed for the patient than is to be used."
        "A prescription of HArmonyCa was for 2 units, of which 0 can still be used: not enough.";
    EmergencyKitIncomplete "emergency_kit_incomplete" "quality" "The site lacks in date what the emergency kit of the product's class asks for."
        "\"Emergency kit\" asks for 2 units of Hyaluronidase at this site, and 0 of them may be used on 2026-07-02.";
    VisitIncomplete "visit_incomplete" "practitioner" "The visit lacks something that the organisation asks for before it is signed."
        "The visit lacks its goals.";
    ScreeningUnreviewed "screening_unreviewed" "practitioner" "An answer of the patient is to be looked at, and nobody has said that they did."
        "The answer to \"autoimmune\" is to be looked at: answer again, with a note of what came of it.";
}

words! {
    /// What a reason or a basis is about.
    SubjectType {
        /// A site.
        Site "site",
        /// A location.
        Location "location",
        /// A product.
        Product "product",
        /// A lot.
        Lot "lot",
        /// A pack, named by its serial number.
        Serial "serial",
        /// A supplier.
        Supplier "supplier",
        /// A practitioner.
        Practitioner "practitioner",
        /// A licence.
        Licence "licence",
        /// A hold.
        Hold "hold",
        /// An excursion.
        Excursion "excursion",
        /// A recall, by its reference.
        Recall "recall",
        /// An opened unit.
        Container "container",
        /// A patient, by an id that says nothing of who they are.
        Patient "patient",
        /// A person, by the subject of the token.
        Person "person",
        /// A code as scanned.
        Code "code",
        /// A visit.
        Visit "visit",
    }
}

/// What a reason is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Subject {
    /// The kind of thing.
    #[serde(rename = "type")]
    pub kind: SubjectType,
    /// Its id (a serial or a code as text).
    pub id: String,
}

impl Subject {
    /// A subject by its kind and id.
    pub fn new(kind: SubjectType, id: impl ToString) -> Self {
        Subject { kind, id: id.to_string() }
    }
}

/// One reason for a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reason {
    /// The stable code.
    pub code: ReasonCode,
    /// What is wrong here, in a sentence that a tired person understands.
    pub message: String,
    /// What it is about.
    pub subject: Subject,
}

/// A fact that a decision rests on, frozen into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(missing_docs)] // the fields are named as where they come from, and documented there
pub enum Basis {
    /// The moment judged, and the calendar day that it is at the site.
    Moment { occurred_at: Moment, site_id: String, time_zone: String, day: NaiveDate },
    /// A licence and the check that governed: what spoke against it at the moment, or else its newest verification.
    Licence {
        id: String,
        holder_type: String,
        holder_id: String,
        kind: String,
        authority: String,
        number: String,
        jurisdiction: String,
        product_classes: Vec<String>,
        valid_from: NaiveDate,
        valid_to: NaiveDate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_id: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        check_outcome: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checked_at: Option<Moment>,
        recheck_days: i64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        doubts: Vec<String>,
    },
    /// The product's approval that governs in the site's jurisdiction.
    Approval {
        product_id: String,
        jurisdiction: String,
        status: String,
        source: String,
        verified_on: NaiveDate,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        recheck_days: Option<i64>,
    },
    /// The dates of a lot.
    Expiry { lot_id: String, expiry: NaiveDate, effective_expiry: NaiveDate },
    /// Units of a lot by disposition: at the site, or at the location that a movement starts from.
    Stock { lot_id: String, available: i64, quarantined: i64, held: i64, rejected: i64 },
    /// An open hold.
    Hold { id: String, scope_type: String, scope_id: String, reason: String, opened_at: Moment },
    /// A pack and how many of its units are left and administered.
    Pack { serial: String, units_left: i64, units_administered: i64 },
    /// An opened unit, and how much was left in it, in the product's own measure.
    Container { id: String, opened_at: Moment, usable_until: Moment, amount_left: String, amount_unit: String },
    /// Who said, and when, that a unit of the product may serve several patients.
    Shared { product_id: String, said_by: String, said_at: Moment },
    /// An inspection that a release rests on.
    Inspection {
        id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt_id: Option<String>,
        inspector: String,
        units_passed: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        units_released: Option<i64>,
    },
    /// A supplier and the classes that it is approved for.
    Supplier { id: String, approved_classes: Vec<String> },
    /// The version of the organisation's policy.
    Policy { version: i64 },
    /// A location's temperature band in milli-degrees Celsius, and the classes it may hold.
    Location { id: String, purpose: String, min_mc: i32, max_mc: i32, product_classes: Option<Vec<String>> },
    /// The visit whose record was looked at.
    Visit { id: String },
    /// What was prescribed for the patient: by whom, and the last day on which it counts.
    Prescription { id: String, prescriber_id: String, valid_until: NaiveDate },
    /// A version of a protocol.
    Protocol { id: String, kind: String, version: i64 },
}

impl Basis {
    /// The operation that shows facts of a `type` by themselves: whoever may not call it is not shown such a fact in a decision
    /// either.
    pub const READ_BY: &'static [(&'static str, &'static str)] = &[
        ("moment", "list_sites"),
        ("licence", "get_licence"),
        ("approval", "get_product"),
        ("expiry", "get_lot"),
        ("stock", "list_stock"),
        ("hold", "get_hold"),
        ("pack", "list_stock"),
        ("container", "get_container"),
        ("shared", "get_product"),
        ("inspection", "get_inspection"),
        ("supplier", "get_supplier"),
        ("policy", "get_policies"),
        ("location", "get_location"),
        ("visit", "get_visit"),
        ("prescription", "get_prescription"),
        ("protocol", "get_protocol"),
    ];
}

/// The facts that a decision rests on.
#[derive(Clone, Debug)]
pub enum Facts {
    /// As rules found them.
    Found(Vec<Basis>),
    /// As an event has them, for whoever only passes them on: JSON.
    Told(Box<RawValue>),
}

impl Facts {
    /// The facts themselves.
    ///
    /// # Errors
    /// For what an event tells that is no fact of these.
    pub fn found(&self) -> serde_json::Result<Cow<'_, [Basis]>> {
        match self {
            Facts::Found(facts) => Ok(Cow::Borrowed(facts)),
            Facts::Told(text) => serde_json::from_str(text.get()).map(Cow::Owned),
        }
    }
}

impl PartialEq for Facts {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Facts::Told(one), Facts::Told(other)) if one.get() == other.get() => true,
            _ => matches!((self.found(), other.found()), (Ok(one), Ok(other)) if one == other),
        }
    }
}

impl Eq for Facts {}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Facts::Found(facts) => facts.serialize(serializer),
            Facts::Told(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Facts::Found)
    }
}

/// What a rule decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// Whether the step may happen: true when there is no reason against it.
    pub allowed: bool,
    /// Every reason against it, not only the first.
    pub reasons: Vec<Reason>,
    /// The facts that it rests on, but for those that your roles may not read.
    #[schema(value_type = Vec<Basis>)]
    pub basis: Facts,
    /// When it was evaluated.
    pub evaluated_at: Moment,
}

impl Decision {
    /// The decision that follows from findings.
    pub fn from(findings: Findings, evaluated_at: Moment) -> Self {
        Decision {
            allowed: findings.reasons.is_empty(),
            reasons: findings.reasons,
            basis: Facts::Found(findings.basis),
            evaluated_at,
        }
    }
}

/// What rules collect on the way to a decision.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Reasons against it so far.
    pub reasons: Vec<Reason>,
    /// Facts looked at so far.
    pub basis: Vec<Basis>,
}

impl Findings {
    /// Adds a reason.
    pub fn refuse(&mut self, code: ReasonCode, subject: Subject, message: impl Into<String>) {
        self.reasons.push(Reason { code, message: message.into(), subject });
    }

    /// Adds a fact.
    pub fn rests_on(&mut self, basis: Basis) {
        self.basis.push(basis);
    }
}

/// A refusal on its way to the journal and the caller.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The operation that was refused, such as `administer`.
    pub operation: &'static str,
    /// The site concerned.
    pub site_id: Option<crate::ids::SiteId>,
    /// When the refused act was to have happened.
    pub occurred_at: Moment,
    /// Ids under which an auditor finds the refusal.
    pub subjects: Vec<String>,
    /// What was asked for, as the caller sent it.
    pub request: serde_json::Value,
    /// The answer.
    pub decision: Decision,
}
