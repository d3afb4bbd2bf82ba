//! What an administration is.

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::clock::Moment;
use crate::decision::{Decision, Facts, Reason, ReasonCode};
use crate::ids::{
    AdministrationId, ContainerId, DeviationId, LocationId, LotId, OrganisationId, PatientId, PractitionerId,
    ProductId, SiteId, VisitId, VoidId,
};
use crate::sealing::Sealed;
use crate::stock::model::Lot;
use crate::values::{Amount, AmountLeft, Codes, Json, PatientRef, Prose, Serial, UdiDi, Word, words};

words! {
    /// What a code is scanned for.
    ScanPurpose {
        /// To use it on a patient: asks all that an administration asks.
        Administer "administer",
        /// To receive it: asks whether the product is known, in use and authorised, the lot known with another expiry, or the
        /// serial number on hand or used before. Who sells it, and its expiry, are judged by the receipt.
        Receive "receive",
        /// To return it: asks whether the lot, and the pack if it is numbered, is known and at the site. Neither expiry nor a
        /// hold forbids a return.
        Return "return",
    }
}

words! {
    /// As what a practitioner is in an administration that another recorded.
    ConfirmationRole {
        /// They treated.
        Practitioner "practitioner",
        /// They prescribed.
        Prescriber "prescriber",
    }
}

/// What was done with the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Treatment {
    /// The area treated.
    pub area: Word,
    /// The plane of injection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plane: Option<Word>,
    /// The technique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technique: Option<Word>,
    /// Needle or cannula, with its gauge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Word>,
    /// How it was diluted or reconstituted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dilution: Option<Word>,
    /// How much was used, in the product's own measure, where that is not whole units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_used: Option<Amount>,
    /// How much was discarded, in the product's own measure; nothing, where it is 0. The two together are at most what the
    /// units hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_discarded: Option<AmountLeft>,
    /// Notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Prose>,
}

/// Units of a lot, administered to one patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::administrations, treat_none_as_default_value = false)]
pub struct Administration {
    /// Its id.
    pub id: AdministrationId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The product.
    pub product_id: ProductId,
    /// The lot.
    pub lot_id: LotId,
    /// The serial number of the pack, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<Serial>,
    /// How many units; of an opened unit 1, of which it may have used a part.
    pub units: i64,
    /// At which site.
    pub site_id: SiteId,
    /// From which location; none when the books had no unit of it anywhere at the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// Who treated.
    pub practitioner_id: PractitionerId,
    /// Who prescribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prescriber_id: Option<PractitionerId>,
    /// Who was treated: whose key opens what is clinical.
    pub patient_id: PatientId,
    /// The code, as scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<Codes>,
    /// What stands in the event, and nowhere else.
    #[serde(flatten)]
    #[diesel(skip_insertion)]
    #[diesel(select_expression = told(), select_expression_type = SqlLiteral<Binary>, deserialize_as = Told)]
    pub said: Said,
    /// Who recorded it, by the subject of the token.
    pub recorded_by: String,
    /// When it happened.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// The device identifier that was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub udi_di: Option<UdiDi>,
    /// The opened unit that it was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_id: Option<ContainerId>,
    /// The visit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<VisitId>,
    /// Whose word it waits for, as was decided when it was recorded.
    #[serde(default, skip_serializing_if = "Json::is_bare")]
    pub to_confirm: Json<Vec<ConfirmationRole>>,
    /// For how many of them it waits still; follows from the confirmations, and is in no event.
    #[serde(skip)]
    #[diesel(skip_insertion)]
    pub unconfirmed: i64,
}

/// What only the event of an administration says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What the rules said.
    pub decision: Json<Decision>,
    /// Whether it was recorded in retrospect, though a rule may forbid it: it has happened.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub retrospective: bool,
    /// What was done, and to whom.
    pub clinical: Sealed<Clinical>,
}

/// What is clinical of an administration (DOMAIN rule 24).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinical {
    /// Who was treated: a reference that means something only to the clinic, as it was typed.
    pub patient_ref: PatientRef,
    /// What was done.
    pub treatment: Treatment,
    /// The visit that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encounter_ref: Option<Word>,
    /// Why it is recorded though a rule may forbid it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrospective_reason: Option<Prose>,
}

/// The bytes of the event that recorded an administration.
fn told() -> SqlLiteral<Binary> {
    diesel::dsl::sql(
        "(SELECT events.bytes FROM event_subjects JOIN events ON events.id = event_subjects.event_id \
         WHERE event_subjects.organisation_id = administrations.organisation_id \
         AND event_subjects.subject = administrations.id AND events.kind = 'stock_administered')",
    )
}

/// The bytes of the event that recorded an administration, of which only that is read which no column has.
#[derive(Debug, FromSqlRow)]
pub struct Told(Vec<u8>);

impl<DB: Backend> FromSql<Binary, DB> for Told
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        FromSql::from_sql(bytes).map(Told)
    }
}

impl TryFrom<Told> for Said {
    type Error = serde_json::Error;

    fn try_from(told: Told) -> serde_json::Result<Self> {
        #[derive(Deserialize)]
        struct Event {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            administration: Administered,
        }
        #[derive(Deserialize)]
        struct Administered {
            decision: Decided,
            #[serde(default)]
            retrospective: bool,
            clinical: Sealed<Clinical>,
        }
        /// A decision whose facts are passed on: nobody judges by them again.
        #[derive(Deserialize)]
        struct Decided {
            allowed: bool,
            reasons: Vec<Reason>,
            basis: Box<RawValue>,
            evaluated_at: Moment,
        }
        let Event { data: Data { administration } } = serde_json::from_slice(&told.0)?;
        let Administered { decision: Decided { allowed, reasons, basis, evaluated_at }, retrospective, clinical } =
            administration;
        let decision = Json::new(Decision { allowed, reasons, basis: Facts::Told(basis), evaluated_at });
        Ok(Said { decision, retrospective, clinical })
    }
}

impl Administration {
    /// The practitioner who is in it in a role.
    pub fn in_role(&self, role: ConfirmationRole) -> Option<&PractitionerId> {
        match role {
            ConfirmationRole::Practitioner => Some(&self.practitioner_id),
            ConfirmationRole::Prescriber => self.prescriber_id.as_ref(),
        }
    }
}

/// A practitioner's word that an administration, which another recorded, is as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The administration.
    pub administration_id: AdministrationId,
    /// Who confirmed.
    pub practitioner_id: PractitionerId,
    /// As what they are in it.
    pub roles: Vec<ConfirmationRole>,
    /// The subject of their token.
    pub confirmed_by: String,
    /// When.
    pub confirmed_at: Moment,
}

/// A confirmation as it is kept, one for each role.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::administration_confirmations)]
pub struct Confirmed {
    /// The administration.
    pub administration_id: AdministrationId,
    /// As what they are in it.
    pub role: ConfirmationRole,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Who confirmed.
    pub practitioner_id: PractitionerId,
    /// The subject of their token.
    pub confirmed_by: String,
    /// When.
    pub confirmed_at: Moment,
}

/// The void of an administration. Both stay visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::administration_voids)]
pub struct Void {
    /// Its id.
    pub id: VoidId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What is void.
    pub administration_id: AdministrationId,
    /// Why.
    pub reason: Sealed<Prose>,
    /// Whether the units are back: then those that the books had are in quarantine; otherwise they count as wasted.
    pub returned_to_stock: bool,
    /// The quarantine location that they were put into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<LocationId>,
    /// Who voided it, by the subject of the token.
    pub voided_by: String,
    /// When it was voided.
    pub occurred_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// Units that are back and that the books never had: they are no stock until somebody has counted them there.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub units_to_count: i64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
fn is_zero(units: &i64) -> bool {
    *units == 0
}

/// Something that happened against a rule, for the quality lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::deviations)]
pub struct Deviation {
    /// Its id.
    pub id: DeviationId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where.
    pub site_id: SiteId,
    /// What happened.
    pub administration_id: AdministrationId,
    /// The rules that it was against.
    pub reason_codes: Json<Vec<ReasonCode>>,
    /// Units that the books did not have.
    pub units_unaccounted: i64,
    /// Who recorded it.
    pub opened_by: String,
    /// When it was recorded.
    pub opened_at: Moment,
    /// Who closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<String>,
    /// When it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Moment>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Sealed<Prose>>,
}

/// The end of a deviation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// The deviation.
    pub deviation_id: DeviationId,
    /// Who closed it.
    pub closed_by: String,
    /// When.
    pub closed_at: Moment,
    /// What came of it.
    pub resolution: Sealed<Prose>,
}

/// An administration as it stands: with its lot, its void and its deviation.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The administration.
    pub administration: Administration,
    /// Its lot.
    pub lot: Lot,
    /// Its void, if it was voided.
    pub void: Option<Void>,
    /// What was opened for it, if it was against a rule.
    pub deviation: Option<Deviation>,
    /// The words of those whom it waited for.
    pub confirmed: Vec<Confirmed>,
}
