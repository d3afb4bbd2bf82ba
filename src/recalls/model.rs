//! What a recall is.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::identity::Identity;
use crate::ids::{AdministrationId, OrganisationId, RecallContactId, RecallId, SiteId};
use crate::values::{Gtin, Json, LotText, Prose, Serial, Word, words};

words! {
    /// How dangerous it is, as the manufacturer or the authority says.
    Classification {
        /// Life-threatening, or a serious risk to health.
        Class1 "class_1",
        /// It could cause illness or mistreatment, but not class 1.
        Class2 "class_2",
        /// It may not pose a significant hazard to health.
        Class3 "class_3",
        /// A caution in use: no threat to patients.
        Class4 "class_4",
    }
    /// What came of telling a patient.
    ContactOutcome {
        /// They know, and nothing is the matter.
        Informed "informed",
        /// They know, and were examined.
        Examined "examined",
        /// They know, and want nothing of it.
        Declined "declined",
        /// Nobody answered: somebody must try again.
        NoAnswer "no_answer",
        /// There is no way to reach them.
        Unreachable "unreachable",
    }
    /// What is to become of units that are left when a recall is closed.
    Remaining {
        /// They may be used: they are free where nothing else holds them.
        Release "release",
        /// They go back to the supplier.
        Return "return",
        /// They are destroyed.
        Destroy "destroy",
    }
    /// Why a lot is shown to somebody, though a recall does not name it.
    Resemblance {
        /// Its text is easily taken for one that the recall names.
        LotText "lot_text",
        /// The serial number of a pack is easily taken for one that the recall names.
        Serial "serial",
        /// The recall names dates of manufacture, and nobody knows when it was made.
        ManufactureUnknown "manufacture_unknown",
    }
}

impl ContactOutcome {
    /// Whether the patient knows.
    pub fn is_reached(self) -> bool {
        matches!(self, ContactOutcome::Informed | ContactOutcome::Examined | ContactOutcome::Declined)
    }

    /// The outcomes by which the patient knows.
    pub fn reached() -> impl Iterator<Item = ContactOutcome> {
        ContactOutcome::ALL.iter().copied().filter(|outcome| outcome.is_reached())
    }
}

/// Serial numbers from one to another, both included: of as many characters, in the order of their characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SerialRange {
    /// The first.
    pub from: Serial,
    /// The last, of as many characters.
    pub to: Serial,
}

/// Days of manufacture, both included; one of them may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Manufactured {
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// What a recall names of a product: whatever fits one of these, or all of the product where nothing is named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Lots, by their texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<LotText>,
    /// Packs, by their serial numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<Serial>,
    /// Packs, by ranges of serial numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serial_ranges: Vec<SerialRange>,
    /// Lots, by when they were made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufactured: Option<Manufactured>,
}

/// What is not accounted for yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Outstanding {
    /// Sites that have or had units of it and have not acknowledged it.
    pub sites: i64,
    /// Administrations of which the patient does not know yet.
    pub administrations: i64,
    /// Units on hand: neither returned nor wasted nor destroyed.
    pub units_on_hand: i64,
    /// Units lost.
    pub units_lost: i64,
}

impl Outstanding {
    /// Whether everything is accounted for.
    pub fn is_nothing(&self) -> bool {
        *self == Outstanding::default()
    }
}

/// How a recall ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Closing {
    /// What is to become of units that were left, where there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remaining: Option<Remaining>,
    /// Why, where not everything was accounted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Prose>,
    /// Of a hundred sites and administrations, how many had been reached.
    pub effectiveness: i64,
    /// What was not accounted for.
    pub outstanding: Outstanding,
}

/// A recall (DOMAIN rule 21).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::recalls)]
pub struct Recall {
    /// Its id.
    pub id: RecallId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What whoever issued it calls it.
    pub reference: Word,
    /// How dangerous it is.
    pub classification: Classification,
    /// The product, also where the catalogue does not know it yet.
    pub gtin: Gtin,
    /// What of the product.
    pub named: Json<Named>,
    /// Why.
    pub reason: Prose,
    /// Who opened it.
    pub opened_by: String,
    /// From when on it counts.
    pub opened_at: Moment,
    /// When it was entered.
    pub recorded_at: Moment,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// How it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Json<Closing>>,
}

impl Recall {
    /// A reference without what case and spaces tell apart.
    pub fn key(reference: &Word) -> String {
        Identity::of(reference.as_str()).as_str().to_owned()
    }

    /// What references are found by: two people write `FSN-2026-17` and `fsn 2026/17` for the same notice. Where something stands
    /// between two words counts, what it is does not: `FSN 1-1` is not `FSN 11`, and a recall must never be taken for another. The
    /// migration that began with it says the same in SQL.
    pub fn sought(reference: &Word) -> String {
        let key = Recall::key(reference);
        let words = key.split([' ', '-', '/', '.', '_']).filter(|word| !word.is_empty());
        words.collect::<Vec<_>>().join("-")
    }
}

/// A site has seen a recall, and looked for what it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::recall_acknowledgements)]
pub struct Acknowledgement {
    /// The recall.
    pub recall_id: RecallId,
    /// The site.
    pub site_id: SiteId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Who said so.
    pub acknowledged_by: String,
    /// When.
    pub acknowledged_at: Moment,
}

/// What came of telling a patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::recall_contacts)]
pub struct Contact {
    /// Its id.
    pub id: RecallContactId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The recall.
    pub recall_id: RecallId,
    /// What the patient was given.
    pub administration_id: AdministrationId,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// Who told them, or tried to.
    pub contacted_by: String,
    /// When.
    pub contacted_at: Moment,
    /// When it was entered.
    pub recorded_at: Moment,
}
