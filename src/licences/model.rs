//! What a licence and a check of it are.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::ProductClass;
use crate::clock::Moment;
use crate::ids::{
    AdministrationId, LicenceAcknowledgementId, LicenceCheckId, LicenceId, LicenceReversalId, OrderId, OrganisationId,
    PractitionerId, PrescriptionId, ReleaseId,
};
use crate::problem::ProblemCode;
use crate::values::{Json, Jurisdiction, Prose, Sha256Hex, Word, words};

words! {
    /// Who can hold a licence.
    HolderType {
        /// A site.
        Site "site",
        /// A supplier.
        Supplier "supplier",
        /// A practitioner.
        Practitioner "practitioner",
        /// The organisation, for all its sites.
        Organisation "organisation",
    }
    /// What a licence allows: buying, selling, treating and prescribing are separate authorities.
    LicenceKind {
        /// A site may buy, hold and treat.
        Facility "facility",
        /// A person may treat.
        ProfessionalRegistration "professional_registration",
        /// A person may prescribe.
        Prescriber "prescriber",
        /// A person was trained in a product.
        Training "training",
        /// A supplier may sell.
        Wholesale "wholesale",
    }
    /// What an authority said.
    CheckOutcome {
        /// The licence is good.
        Verified "verified",
        /// The authority does not know it.
        NotFound "not_found",
        /// It has run out.
        Lapsed "lapsed",
        /// It was suspended.
        Suspended "suspended",
        /// It is restricted.
        Restricted "restricted",
        /// Somebody must look again.
        NeedsReview "needs_review",
    }
}

/// The classes that a licence covers: a list, or `["*"]` for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every class.
    All,
    /// These classes.
    Classes(Vec<ProductClass>),
}

impl Scope {
    /// Whether a class is covered.
    pub fn covers(&self, class: ProductClass) -> bool {
        match self {
            Scope::All => true,
            Scope::Classes(classes) => classes.contains(&class),
        }
    }

    /// Whether every class of another scope is covered.
    pub fn includes(&self, other: &Scope) -> bool {
        match (self, other) {
            (Scope::All, _) => true,
            (Scope::Classes(_), Scope::All) => ProductClass::ALL.iter().all(|class| self.covers(*class)),
            (Scope::Classes(_), Scope::Classes(classes)) => classes.iter().all(|class| self.covers(*class)),
        }
    }

    /// The words of the list.
    pub fn words(&self) -> Vec<String> {
        match self {
            Scope::All => vec!["*".to_owned()],
            Scope::Classes(classes) => classes.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.words().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        if matches!(words.as_slice(), [star] if star == "*") {
            return Ok(Scope::All);
        }
        let classes: Result<Vec<ProductClass>, _> = words.iter().map(|word| word.parse()).collect();
        classes.map(Scope::Classes).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Scope {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ArrayBuilder, Type};
        let words = std::iter::once("*").chain(ProductClass::ALL.iter().map(ProductClass::as_str));
        let item = crate::values::refusing(ProblemCode::InvalidValue, &[])
            .schema_type(Type::String)
            .enum_values(Some(words.collect::<Vec<_>>()));
        ArrayBuilder::new()
            .items(item)
            .min_items(Some(1))
            .description(Some("Product classes, or [\"*\"] for all."))
            .build()
            .into()
    }
}

impl utoipa::ToSchema for Scope {}

/// A licence, registration or training record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::licences)]
pub struct Licence {
    /// Its id.
    pub id: LicenceId,
    /// The organisation that keeps it.
    pub organisation_id: OrganisationId,
    /// What kind of holder.
    pub holder_type: HolderType,
    /// The holder.
    pub holder_id: String,
    /// What it allows.
    pub kind: LicenceKind,
    /// Who issued it.
    pub authority: Word,
    /// Its number.
    pub number: Word,
    /// Whether the number was checked against the authority's format.
    pub number_validated: bool,
    /// Where it counts.
    pub jurisdiction: Jurisdiction,
    /// The classes that it covers.
    pub product_classes: Json<Scope>,
    /// The first day of its validity.
    pub valid_from: NaiveDate,
    /// The last day of its validity.
    pub valid_to: NaiveDate,
    /// When it was registered.
    pub registered_at: Moment,
}

/// One check of a licence against its authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = crate::db::schema::licence_checks)]
pub struct LicenceCheck {
    /// Its id.
    pub id: LicenceCheckId,
    /// The organisation that checked.
    pub organisation_id: OrganisationId,
    /// The licence.
    pub licence_id: LicenceId,
    /// What the authority said.
    pub outcome: CheckOutcome,
    /// Where that is written.
    pub source: Prose,
    /// When it was looked up.
    pub checked_at: Moment,
    /// From which day on it is so, when that is another day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<NaiveDate>,
    /// The digest of what was kept as evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_sha256: Option<Sha256Hex>,
    /// A note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
    /// Who looked it up.
    pub checked_by: String,
    /// When the check was recorded.
    pub recorded_at: Moment,
}

/// The reversal of a mis-keyed licence or check: it counts for nothing any more, and stays on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = crate::db::schema::licence_reversals)]
pub struct LicenceReversal {
    /// Its id.
    pub id: LicenceReversalId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The licence.
    pub licence_id: LicenceId,
    /// The check, where only that was mis-keyed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_id: Option<LicenceCheckId>,
    /// Why.
    pub reason: Prose,
    /// Who reversed it.
    pub reversed_by: String,
    /// When.
    pub reversed_at: Moment,
}

impl LicenceReversal {
    /// The id of what is reversed.
    pub fn subject(&self) -> &str {
        self.check_id.as_ref().map_or(self.licence_id.as_str(), LicenceCheckId::as_str)
    }
}

/// Somebody has seen what a licence had touched until then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = crate::db::schema::licence_acknowledgements)]
pub struct LicenceAcknowledgement {
    /// Its id.
    pub id: LicenceAcknowledgementId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The licence.
    pub licence_id: LicenceId,
    /// What follows from it.
    pub note: Prose,
    /// Who has seen it.
    pub acknowledged_by: String,
    /// When.
    pub acknowledged_at: Moment,
}

/// What rested on a licence for a moment at which it was lost, as is known now; at most 200 in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Touched {
    /// Orders that were placed.
    pub orders: Vec<OrderId>,
    /// Administrations.
    pub administrations: Vec<AdministrationId>,
    /// Releases to stock.
    pub releases: Vec<ReleaseId>,
    /// Prescriptions.
    pub prescriptions: Vec<PrescriptionId>,
    /// Whether there are more than are listed.
    pub more: bool,
}

impl Touched {
    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.orders.is_empty()
            && self.administrations.is_empty()
            && self.releases.is_empty()
            && self.prescriptions.is_empty()
    }
}

/// A licence with its checks, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The licence.
    pub licence: Licence,
    /// Who registered it, by the subject of the token.
    pub registered_by: String,
    /// The subject of the holder's own token, where the holder is a practitioner who has one.
    pub holder_subject: Option<String>,
    /// Its checks.
    pub checks: Vec<LicenceCheck>,
    /// The verifications among them that stopped counting, and when.
    pub discounts: Vec<(LicenceCheckId, Moment)>,
}

impl Held {
    /// The checks that count at a moment: what speaks against a licence always does, whoever found it.
    pub fn counting(&self, at: Moment) -> Vec<&LicenceCheck> {
        let stopped = |check: &LicenceCheck| self.discounts.iter().any(|(id, since)| *id == check.id && *since <= at);
        let counts = |check: &&LicenceCheck| check.outcome != CheckOutcome::Verified || !stopped(check);
        self.checks.iter().filter(counts).collect()
    }
}

words! {
    /// Why a verification stopped counting.
    DiscountCause {
        /// Whoever made it turned out to be the holder.
        Holder "holder",
        /// Whoever made it turned out to be somebody for whom the holder vouches, straight or by way of others.
        Circle "circle",
    }
    /// Why a licence rests on less than two people.
    Doubt {
        /// No subject of the holder is known, so that nobody can tell whether they verified it themselves.
        HolderWithoutSubject "holder_without_subject",
        /// Nobody but whoever registered it has verified it within the interval.
        OnePerson "one_person",
    }
}

/// A verification that stopped counting. It stays on record, and so does what rested on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = crate::db::schema::licence_check_discounts)]
pub struct Discount {
    /// The check.
    pub check_id: LicenceCheckId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The licence.
    pub licence_id: LicenceId,
    /// Why.
    pub cause: DiscountCause,
    /// The practitioner whose subject showed it.
    pub practitioner_id: PractitionerId,
    /// Who entered that.
    pub discounted_by: String,
    /// From when on it does not count.
    pub discounted_at: Moment,
}

/// A check by a practitioner of the licence of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouching {
    /// The check.
    pub check_id: String,
    /// Its licence.
    pub licence_id: LicenceId,
    /// The practitioner whose subject checked.
    pub by: String,
    /// The holder of the licence.
    pub of: String,
    /// Whether it says verified.
    pub verifies: bool,
}

/// A licence that a decision rested on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestedOn {
    /// The licence.
    pub licence_id: String,
    /// The check that governed; none when there was none.
    pub check_id: Option<String>,
    /// The day that was judged, at the site.
    pub day: NaiveDate,
    /// The moment that was judged.
    pub at: Moment,
}
