//! What a prescription is.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::ids::{OrganisationId, PatientId, PractitionerId, PrescriptionId, ProductId, SiteId};
use crate::practitioners::model::Practitioner;
use crate::sealing::Sealed;
use crate::values::{Name, PatientRef, Prose, words};

words! {
    /// How the patient was seen before it was prescribed.
    Seen {
        /// In the same room.
        InPerson "in_person",
        /// Over a video link.
        Video "video",
    }
}

/// How many parts a unit has: what is drawn on a prescription of an opened unit is a part of one.
pub const PARTS: i64 = 1_000_000;

/// A prescription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::prescriptions)]
pub struct Prescription {
    /// Its id.
    pub id: PrescriptionId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where it was prescribed.
    pub site_id: SiteId,
    /// For whom, by an id that says nothing of who they are.
    pub patient_id: PatientId,
    /// By whom.
    pub prescriber_id: PractitionerId,
    /// Of which product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// Or of any product of which class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ProductClass>,
    /// How many units.
    pub units: i64,
    /// How the patient was seen.
    pub seen: Seen,
    /// The last day on which it counts, at the site where it is drawn on.
    pub valid_until: NaiveDate,
    /// What is said of the patient, sealed under their key.
    pub clinical: Sealed<Clinical>,
    /// Who recorded it, by the subject of the token.
    pub recorded_by: String,
    /// When it was prescribed.
    pub prescribed_at: Moment,
    /// When that was recorded.
    pub recorded_at: Moment,
    /// How much was drawn on it, in millionths of a unit; follows from what was administered, and is in no event of the prescription's.
    #[serde(skip)]
    #[diesel(skip_insertion)]
    pub drawn: i64,
    /// Who withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Moment>,
    /// Why, sealed like the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal_reason: Option<Sealed<Prose>>,
}

impl Prescription {
    /// How much is left, in millionths of a unit.
    pub fn left(&self) -> i64 {
        left(self.units, self.drawn)
    }
}

fn left(units: i64, drawn: i64) -> i64 {
    units.saturating_mul(PARTS).saturating_sub(drawn).max(0)
}

/// What the chair asks of a prescription.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::db::schema::prescriptions)]
pub struct Drawable {
    /// Which.
    pub id: PrescriptionId,
    /// By whom.
    pub prescriber_id: PractitionerId,
    /// When.
    pub prescribed_at: Moment,
    /// How many units.
    pub units: i64,
    /// How much was drawn on it, in millionths of a unit.
    pub drawn: i64,
    /// The last day on which it counts.
    pub valid_until: NaiveDate,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Moment>,
}

impl Drawable {
    /// How much is left, in millionths of a unit.
    pub fn left(&self) -> i64 {
        left(self.units, self.drawn)
    }
}

/// What is said of the patient.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinical {
    /// The clinic's own reference of the patient.
    pub patient_ref: PatientRef,
    /// Directions, such as areas or dose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Prose>,
}

/// A prescription was withdrawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// Which.
    pub prescription_id: PrescriptionId,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why, sealed under the patient's key.
    pub reason: Sealed<Prose>,
}

/// What an administration took of a prescription, or a void gave back to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The prescription.
    pub prescription_id: PrescriptionId,
    /// How much, in millionths of a unit.
    pub parts: i64,
}

/// How much is asked of a patient's prescriptions, and when.
pub struct Asked<'a> {
    /// Whose.
    pub patient: &'a PatientId,
    /// By whom, where somebody is named: who is told to have prescribed it must have.
    pub prescriber: Option<&'a Practitioner>,
    /// Of which product.
    pub product: &'a Product,
    /// How much, in millionths of a unit.
    pub parts: i64,
    /// At which moment.
    pub at: Moment,
    /// The day that is at the site.
    pub day: NaiveDate,
}

/// What was prescribed of what is to be used, as far as that is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Prescribed {
    /// Nobody asks.
    #[default]
    NotAsked,
    /// Nobody said for whom.
    ForNobody,
    /// Nothing ever was.
    Nothing,
    /// Nothing ever was by whoever is named, by that name.
    NothingBy(Name),
    /// Something was, and not enough of it may be used: the one that lapses last.
    NotEnough(Drawable),
    /// The one that is drawn on, with how much.
    Enough(Drawable, Draw),
}

impl Prescribed {
    /// What is drawn on.
    pub fn drawn_on(&self) -> Option<&Drawable> {
        match self {
            Prescribed::Enough(found, _) => Some(found),
            _ => None,
        }
    }

    /// What is drawn.
    pub fn draw(&self) -> Option<&Draw> {
        match self {
            Prescribed::Enough(_, draw) => Some(draw),
            _ => None,
        }
    }
}
