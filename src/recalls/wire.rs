//! Requests and answers about recalls.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{
    Classification, Closing, Contact, ContactOutcome, Manufactured, Named, Outstanding, Recall, Remaining, Resemblance,
    SerialRange,
};
use super::rules;
use super::standing::Standing;
use crate::caller::Caller;
use crate::clock::Moment;
use crate::http::paging::{Cursor, Limit};
use crate::ids::{AdministrationId, LotId, RecallContactId, RecallId, SiteId};
use crate::stock::model::Lot;
use crate::values::{Gtin, Json, LotText, Prose, Serial, Word};

/// A recall to open. It covers what fits any of `lots`, `serials`, `serial_ranges` and `manufactured`; where none of them is
/// given, all of the product.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "reference": "FSN-2026-17", "classification": "class_2", "gtin": "09521234567899", "lots": ["HC24A", "HC24B"],
    "reason": "Wrong needle in some packs"
}))]
pub struct NewRecall {
    /// What whoever issued it calls it. The same again, however it is spelt and whatever stands between its words, is the same recall.
    pub reference: Word,
    /// How dangerous it is.
    pub classification: Classification,
    /// The GTIN of the product, of a unit, a pack or a case of it: 8, 12, 13 or 14 digits. Also one that the catalogue does not
    /// know yet.
    #[serde(deserialize_with = "crate::values::gtin_of_any_length")]
    pub gtin: Gtin,
    /// Lots by their texts, which match whatever their case.
    #[serde(default)]
    pub lots: Vec<LotText>,
    /// Packs by their serial numbers: exactly these.
    #[serde(default)]
    pub serials: Vec<Serial>,
    /// Packs by ranges of serial numbers.
    #[serde(default)]
    pub serial_ranges: Vec<SerialRange>,
    /// Lots by when they were made.
    #[serde(default)]
    pub manufactured: Option<Manufactured>,
    /// Why, for those at the chair.
    pub reason: Prose,
    /// From when on it counts; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

impl NewRecall {
    /// What it names of the product.
    pub(super) fn named(&self) -> Named {
        Named {
            lots: self.lots.clone(),
            serials: self.serials.clone(),
            serial_ranges: self.serial_ranges.clone(),
            manufactured: self.manufactured.clone(),
        }
    }
}

/// A lot that a recall means, though it does not name it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "lot_id": "lot_01932c07-8d00-7000-8000-000000000006", "reason": "The label says HC2O4; the notice means HC204"
}))]
pub struct NewRecalledLot {
    /// The lot.
    pub lot_id: LotId,
    /// Its packs, where not all of it is meant.
    #[serde(default)]
    pub serials: Vec<Serial>,
    /// Why it is meant, too.
    pub reason: Prose,
}

/// A lot that a recall covers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CoveredLot {
    pub(super) lot_id: LotId,
    pub(super) lot: LotText,
    pub(super) expiry: NaiveDate,
    /// The packs that it covers; left out where it is all of the lot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serials: Option<Vec<Serial>>,
}

/// A lot that somebody should look at: a recall does not name it, but may mean it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NearMiss {
    pub(super) lot_id: LotId,
    pub(super) lot: LotText,
    pub(super) expiry: NaiveDate,
    /// The pack, where its number is what is alike.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<Serial>,
    /// What is alike.
    pub(super) because: Resemblance,
}

impl NearMiss {
    pub(super) fn of(lot: &Lot, serial: Option<Serial>, because: Resemblance) -> Self {
        NearMiss { lot_id: lot.id.clone(), lot: lot.lot.clone(), expiry: lot.expiry, serial, because }
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.lot_id, &self.serial) == (&other.lot_id, &other.serial)
    }
}

/// A site that has or had units of what a recall covers.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignSite {
    pub(super) site_id: SiteId,
    /// When somebody of it said that they have seen it; null until then.
    pub(super) acknowledged_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) acknowledged_by: Option<String>,
}

/// How far a recall is.
#[derive(Debug, Serialize, ToSchema)]
pub struct CampaignView {
    /// The sites that have or had units of it.
    pub(super) sites: Vec<CampaignSite>,
    /// How many administrations it concerns.
    pub(super) administrations: i64,
    /// Of how many of them the patient knows.
    pub(super) reached: i64,
    /// Of a hundred sites and administrations that it concerns, how many have acknowledged it or know, rounded down: one number for
    /// two things, which follow apart.
    pub(super) effectiveness: i64,
    /// Of a hundred sites that have or had units of it, how many have acknowledged it, rounded down; 100 of none.
    pub(super) effectiveness_sites: i64,
    /// Of a hundred administrations that it concerns, of how many the patient knows, rounded down; 100 of none.
    pub(super) effectiveness_patients: i64,
    /// What is not accounted for.
    pub(super) outstanding: Outstanding,
}

impl CampaignView {
    /// What is shown of it to somebody.
    pub fn of(standing: Standing, caller: &Caller) -> Self {
        let Standing { sites, administrations, reached, effectiveness, outstanding } = standing;
        let all_sites = i64::try_from(sites.len()).unwrap_or(i64::MAX);
        let effectiveness_sites = rules::effectiveness(all_sites.saturating_sub(outstanding.sites), all_sites);
        let effectiveness_patients = rules::effectiveness(reached, administrations);
        let seen = sites.into_iter().filter(|(site, _)| caller.sees(site));
        let sites = seen.map(|(site_id, said)| {
            let (acknowledged_at, acknowledged_by) =
                said.map(|said| (said.acknowledged_at, said.acknowledged_by)).unzip();
            CampaignSite { site_id, acknowledged_at, acknowledged_by }
        });
        CampaignView {
            sites: sites.collect(),
            administrations,
            reached,
            effectiveness,
            effectiveness_sites,
            effectiveness_patients,
            outstanding,
        }
    }
}

/// A recall that is open, with what is outstanding of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenRecall {
    pub(super) recall_id: RecallId,
    pub(super) reference: Word,
    pub(super) classification: Classification,
    pub(super) opened_at: Moment,
    /// What is not accounted for, by the first 200 of its lots and of what was administered of them.
    pub(super) outstanding: Outstanding,
    /// Whether more may be outstanding: the recall itself says how much.
    pub(super) more: bool,
}

impl OpenRecall {
    pub(super) fn of(recall: Recall, outstanding: Outstanding, more: bool) -> Self {
        OpenRecall {
            recall_id: recall.id,
            reference: recall.reference,
            classification: recall.classification,
            opened_at: recall.opened_at,
            outstanding,
            more,
        }
    }
}

/// A recall.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recall)]
pub struct RecallView {
    pub(super) id: RecallId,
    pub(super) reference: Word,
    pub(super) classification: Classification,
    pub(super) gtin: Gtin,
    /// The lot texts that it names.
    pub(super) lots: Vec<LotText>,
    pub(super) serials: Vec<Serial>,
    pub(super) serial_ranges: Vec<SerialRange>,
    pub(super) manufactured: Option<Manufactured>,
    pub(super) reason: Prose,
    pub(super) opened_by: String,
    pub(super) opened_at: Moment,
    pub(super) recorded_at: Moment,
    /// Null while it is open: then it keeps watch for what arrives.
    pub(super) closed_at: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) closed_by: Option<String>,
    /// How it ended; null while it is open.
    pub(super) closing: Option<Closing>,
    /// Whether anything that is known here is covered; left out of lists, as is what follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) matched: Option<bool>,
    /// The lots that it covers; the first hundred, for the others see its impact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) covered: Option<Vec<CoveredLot>>,
    /// Whether it covers more lots than are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) more: Option<bool>,
    /// What somebody should look at: it is not named, but may be meant. A hundred at the most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) near_misses: Option<Vec<NearMiss>>,
    /// How far it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) campaign: Option<CampaignView>,
}

impl RecallView {
    /// A recall without what it comes to.
    pub fn of(recall: Recall) -> Self {
        let Named { lots, serials, serial_ranges, manufactured } = recall.named.into_inner();
        RecallView {
            id: recall.id,
            reference: recall.reference,
            classification: recall.classification,
            gtin: recall.gtin,
            lots,
            serials,
            serial_ranges,
            manufactured,
            reason: recall.reason,
            opened_by: recall.opened_by,
            opened_at: recall.opened_at,
            recorded_at: recall.recorded_at,
            closed_at: recall.closed_at,
            closed_by: recall.closed_by,
            closing: recall.closing.map(Json::into_inner),
            matched: None,
            covered: None,
            more: None,
            near_misses: None,
            campaign: None,
        }
    }

    /// The same with what it comes to.
    pub(super) fn whole(
        self,
        (matched, covered, more): (bool, Vec<CoveredLot>, bool),
        near_misses: Vec<NearMiss>,
        campaign: CampaignView,
    ) -> Self {
        RecallView {
            matched: Some(matched),
            covered: Some(covered),
            more: Some(more),
            near_misses: Some(near_misses),
            campaign: Some(campaign),
            ..self
        }
    }
}

/// Which recalls.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecallFilter {
    /// Only the one of this reference, however it is spelt.
    pub(super) reference: Option<Word>,
    /// Only open ones, or only closed ones.
    pub(super) open: Option<bool>,
    /// How many items at the most.
    pub(super) limit: Option<Limit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// How much of an impact.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImpactQuery {
    /// How many entries at the most, of all kinds together; 1000 if left out. CSV and NDJSON have all of them.
    #[param(value_type = i64, required = false, minimum = 1, maximum = 1000, default = 1000)]
    pub(super) limit: Option<ImpactLimit>,
    /// Where the page before ended.
    pub(super) cursor: Option<Cursor>,
}

/// How many entries of an impact a page has at the most.
#[derive(Clone, Copy, Debug)]
pub struct ImpactLimit(pub(super) i64);

impl<'de> Deserialize<'de> for ImpactLimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        let most = crate::limits::IMPACT_MAX;
        if (1..=most).contains(&number) {
            return Ok(ImpactLimit(number));
        }
        let rule = format!("must be from 1 to {most}");
        let code = crate::problem::ProblemCode::MalformedQuery;
        Err(serde::de::Error::custom(crate::values::Invalid::new(code, rule)))
    }
}

/// A site that has seen a recall.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"site_id": "site_01932c07-8d00-7000-8000-000000000001"}))]
pub struct NewRecallAcknowledgement {
    /// The site, which has looked for what the recall names.
    pub site_id: SiteId,
}

/// What came of telling a patient.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"administration_id": "adm_01932c07-8d00-7000-8000-00000000000c", "outcome": "informed"}))]
pub struct NewContact {
    /// What the patient was given.
    pub administration_id: AdministrationId,
    /// What came of it.
    pub outcome: ContactOutcome,
    /// When; now if left out, at most 30 days back.
    #[serde(default)]
    pub occurred_at: Option<Moment>,
}

/// What came of telling a patient.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecallContact)]
pub struct ContactView {
    pub(super) id: RecallContactId,
    pub(super) recall_id: RecallId,
    pub(super) administration_id: AdministrationId,
    pub(super) outcome: ContactOutcome,
    pub(super) contacted_by: String,
    pub(super) contacted_at: Moment,
    pub(super) recorded_at: Moment,
}

impl From<Contact> for ContactView {
    fn from(contact: Contact) -> Self {
        ContactView {
            id: contact.id,
            recall_id: contact.recall_id,
            administration_id: contact.administration_id,
            outcome: contact.outcome,
            contacted_by: contact.contacted_by,
            contacted_at: contact.contacted_at,
            recorded_at: contact.recorded_at,
        }
    }
}

/// The end of a recall.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"remaining": "destroy", "reason": "One patient has moved abroad"}))]
pub struct NewClosing {
    /// What is to become of units that are left; needed where there are any.
    #[serde(default)]
    pub remaining: Option<Remaining>,
    /// Why; needed where not everything is accounted for.
    #[serde(default)]
    pub reason: Option<Prose>,
}
