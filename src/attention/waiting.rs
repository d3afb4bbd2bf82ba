//! One thing that waits for somebody, before its names are read.

use super::kinds::WorkKind;
use super::wire::{KnownBody, KnownQuery};
use crate::clock::Moment;
use crate::ids::{LocationId, LotId, PractitionerId, ProductId, SiteId, SupplierId};

/// What something is about, by ids.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The product; that of the lot, where it is left out.
    pub product: Option<ProductId>,
    /// The lot.
    pub lot: Option<LotId>,
    /// The site.
    pub site: Option<SiteId>,
    /// The place.
    pub location: Option<LocationId>,
    /// The practitioner.
    pub practitioner: Option<PractitionerId>,
    /// The supplier.
    pub supplier: Option<SupplierId>,
    /// Who did what is to be looked at, by the subject of their token.
    pub person: Option<String>,
    /// What it is called, where it has a name or a number of its own.
    pub what: Option<String>,
}

/// One thing that waits for somebody.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// What is to be done.
    pub kind: WorkKind,
    /// What tells it apart from others of its kind: ids, with a point between them.
    pub subject: String,
    /// What the path of the call is about.
    pub id: String,
    /// What it is about.
    pub about: About,
    /// How many units.
    pub units: Option<i64>,
    /// Since when it waits.
    pub since: Moment,
    /// By when it is to be done, where there is such a moment.
    pub due: Option<Moment>,
    /// What is known of the query of the call.
    pub query: Option<KnownQuery>,
    /// What is known of the body of the call.
    pub body: Option<KnownBody>,
}

impl Waiting {
    /// Something about what has an id, with nothing known but that.
    pub fn of(kind: WorkKind, id: &impl ToString, since: Moment) -> Self {
        let id = id.to_string();
        Waiting {
            kind,
            subject: id.clone(),
            id,
            about: About::default(),
            units: None,
            since,
            due: None,
            query: None,
            body: None,
        }
    }

    /// Where it stands among all that waits: by when it is due, or else since when it waits, and then by what it is.
    pub fn place(&self) -> (Moment, String) {
        (self.due.unwrap_or(self.since), format!("{}.{}", self.kind, self.subject))
    }
}

/// Whether a key says what something is, as [`Waiting::place`] has it.
pub fn is_place(key: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-.".contains(c);
    key.split_once('.').is_some_and(|(kind, subject)| {
        kind.parse::<WorkKind>().is_ok() && (1..=200).contains(&subject.len()) && subject.chars().all(is_plain)
    })
}
