//! What a protocol is, and what each kind of it says.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::model::{Product, ProductClass};
use crate::clock::Moment;
use crate::ids::{OrganisationId, ProductId, ProtocolId};
use crate::values::{Json, Name, Prose, Units, Word, words};

words! {
    /// What a protocol is about.
    ProtocolKind {
        /// What is asked before a treatment.
        Screening "screening",
        /// What is explained before a patient agrees.
        Consent "consent",
        /// What a patient is told to do afterwards, and when to come back.
        Aftercare "aftercare",
        /// What is looked at afterwards, and when.
        FollowUp "follow_up",
        /// What is done when something goes wrong, and how soon.
        AdverseEvent "adverse_event",
        /// How long one waits before the same area is treated again.
        Retreatment "retreatment",
        /// What a site must have at hand before it treats.
        EmergencyKit "emergency_kit",
    }
}

words! {
    /// What follows from an answer.
    Consequence {
        /// Nothing.
        None "none",
        /// It is noted.
        Note "note",
        /// Whoever treats looks at it, and says so, before the visit is signed.
        Review "review",
        /// Nobody is treated.
        Stop "stop",
    }
}

/// For what a protocol is. Neither means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliesTo {
    /// For this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<ProductId>,
    /// For products of this class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<ProductClass>,
}

impl AppliesTo {
    /// As one text, by which the versions of one document stand together: a product, a class, or nothing for everything.
    pub fn scope(&self) -> String {
        let product = self.product_id.as_ref().map(ToString::to_string);
        product.or(self.class.map(|class| class.to_string())).unwrap_or_default()
    }

    /// The scopes that a product falls under, the narrowest first.
    pub fn scopes_of(product: &Product) -> [String; 3] {
        [product.id.to_string(), product.class.to_string(), String::new()]
    }
}

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::db::schema::protocols)]
pub struct Protocol {
    /// Its id: of this version.
    pub id: ProtocolId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What it is about.
    pub kind: ProtocolKind,
    /// For which product, class or everything.
    pub scope: String,
    /// Its number among those of the same kind for the same, from 1.
    pub version: i64,
    /// What it is called.
    pub title: Name,
    /// Where it is from: a guideline, a manufacturer's instructions, a consensus.
    pub source: Prose,
    /// The first day on which it is in force, wherever the site is.
    pub effective_from: NaiveDate,
    /// Why there is this version.
    pub reason: Prose,
    /// What it says.
    pub content: Json<Content>,
    /// Who wrote it, by the subject of the token.
    pub author: String,
    /// When.
    pub recorded_at: Moment,
}

impl Protocol {
    /// For what it is.
    pub fn applies_to(&self) -> AppliesTo {
        AppliesTo { product_id: self.scope.parse().ok(), class: self.scope.parse().ok() }
    }
}

/// What a version says, by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// What is asked.
    Screening(Screening),
    /// What is explained.
    Consent(Consent),
    /// What a patient is told.
    Aftercare(Aftercare),
    /// What is looked at.
    FollowUp(FollowUp),
    /// What is done when something goes wrong.
    AdverseEvent(AdverseEvents),
    /// How long one waits.
    Retreatment(Retreatment),
    /// What is at hand.
    EmergencyKit(EmergencyKit),
    /// Nothing any more: from its day on there is no such document, and the next wider one counts.
    Ended,
}

/// What is asked before a treatment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// The questions, in the order in which they are asked.
    #[schema(min_items = 1, max_items = 100)]
    pub questions: Vec<Question>,
    /// For how many days answers count.
    #[schema(minimum = 1, maximum = 3650)]
    pub valid_days: i64,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What it is called: by this name a refusal tells which question stopped a treatment.
    pub code: Word,
    /// As it is asked.
    pub text: Prose,
    /// What may be answered, and what follows from it.
    pub answer: AnswerRule,
    /// Whether it may be left open; not if left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What may be answered, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerRule {
    /// `true` or `false`.
    YesNo {
        /// What follows from yes.
        yes: Consequence,
        /// What follows from no.
        no: Consequence,
    },
    /// One of several.
    Choice {
        /// Which.
        #[schema(min_items = 1, max_items = 50)]
        options: Vec<Choice>,
    },
    /// A whole number.
    Number {
        /// From this on nothing follows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<i64>,
        /// Up to this nothing follows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<i64>,
        /// What follows from a number outside.
        outside: Consequence,
    },
    /// The day on which something happened last, such as an infection or a vaccination; null where it never did.
    Date {
        /// So many days must have passed.
        #[schema(minimum = 1, maximum = 3650)]
        min_days_since: i64,
        /// What follows when they have not.
        sooner: Consequence,
    },
    /// A text; null where there is nothing to say.
    Text {
        /// What follows when something is said.
        given: Consequence,
    },
}

/// One of several answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What it is called.
    pub code: Word,
    /// As it is read out.
    pub text: Prose,
    /// What follows from it.
    pub consequence: Consequence,
}

/// What is explained before a patient agrees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// The counselling points.
    #[schema(min_items = 1, max_items = 100)]
    pub points: Vec<Point>,
    /// So many hours must pass between the information and the consent.
    #[schema(minimum = 0, maximum = 8760)]
    pub reflection_hours: i64,
    /// For how many days a consent counts.
    #[schema(minimum = 1, maximum = 3650)]
    pub valid_days: i64,
}

/// A counselling point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What it is called.
    pub code: Word,
    /// What is explained.
    pub text: Prose,
}

/// What a patient is told to do afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Aftercare {
    /// In each language once.
    #[schema(min_items = 1, max_items = 50)]
    pub languages: Vec<Instructions>,
}

/// What a patient is told, in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instructions {
    /// The language, as a BCP 47 tag such as `en-GB`.
    #[schema(value_type = String, min_length = 2, max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    pub language: Word,
    /// What to do and what not.
    #[schema(min_items = 1, max_items = 50)]
    pub instructions: Vec<Prose>,
    /// When to come back, or to call.
    #[schema(min_items = 1, max_items = 50)]
    pub return_precautions: Vec<Prose>,
}

/// What is looked at afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// What is looked at after how many days.
    #[schema(min_items = 1, max_items = 50)]
    pub checks: Vec<Check>,
    /// Symptoms that are asked for.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub symptoms: Vec<Word>,
    /// How the outcome is rated, the best first; such as the steps of a scale.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub scale: Vec<Word>,
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FollowUpCheck)]
pub struct Check {
    /// What it is called.
    pub code: Word,
    /// So many days after the treatment.
    #[schema(minimum = 0, maximum = 3650)]
    pub after_days: i64,
    /// What is looked at.
    pub look_at: Prose,
    /// Photographs that are taken, by view.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub views: Vec<Word>,
}

/// What is done when something goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdverseEvents {
    /// What may go wrong.
    #[schema(min_items = 1, max_items = 100)]
    pub kinds: Vec<AdverseEventKind>,
}

words! {
    /// How bad an adverse event is.
    Severity {
        /// Noticed, and no trouble.
        Mild "mild",
        /// Troublesome.
        Moderate "moderate",
        /// Incapacitating.
        Severe "severe",
        /// Threatens life, sight or function, or leads to a hospital.
        Serious "serious",
    }
}

/// Something that may go wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdverseEventKind {
    /// What it is called.
    pub code: Word,
    /// What it is.
    pub text: Prose,
    /// From this severity on.
    pub severity: Severity,
    /// Somebody who may treat must see the patient within so many minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 525_600)]
    pub see_within_minutes: Option<i64>,
    /// To whom it must be reported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub reports: Vec<ReportDuty>,
}

/// A report that must be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDuty {
    /// In which jurisdiction: ISO 3166-1 or -2; `GB` covers `GB-ENG`.
    pub jurisdiction: crate::values::Jurisdiction,
    /// To whom.
    pub to: Word,
    /// Within so many days.
    #[schema(minimum = 0, maximum = 365)]
    pub within_days: i64,
}

/// How long one waits before the same area is treated again with the same class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Retreatment {
    /// So many days must lie between.
    #[schema(minimum = 1, maximum = 3650)]
    pub least_days: i64,
    /// After so many days it is usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 3650)]
    pub usual_days: Option<i64>,
}

/// What a site must have at hand, in date, before it treats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmergencyKit {
    /// What, and how much of it.
    #[schema(min_items = 1, max_items = 20)]
    pub items: Vec<KitItem>,
}

/// Something to have at hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KitItem {
    /// Which product.
    pub product_id: ProductId,
    /// How many units of it, at least, may be used on that day.
    pub units: Units,
}
