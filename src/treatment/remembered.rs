//! What a decision at the chair rests on and what seldom changes, as it stands now: from memory where it was read before.

use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::Db;
use crate::db::known::Known;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{OrganisationId, PractitionerId, SiteId};
use crate::licences::model::Held;
use crate::policies::model::Current;
use crate::practitioners::model::Practitioner;
use crate::sites::model::Site;

/// The site that a body names, if the caller sees it.
pub fn site(known: &mut Known<'_>, db: &mut Db, caller: &Caller, id: &SiteId) -> Result<Site> {
    let organisation = &caller.organisation_id;
    let found = known.get(db, || id.to_string(), |db| crate::sites::service::site(db, organisation, id))?;
    found.filter(|site| caller.sees(&site.id)).ok_or_else(|| Error::reference_unknown("site_id"))
}

/// The practitioner that a body names in `field`.
pub fn practitioner(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    field: &str,
    id: &PractitionerId,
) -> Result<Practitioner> {
    let read = |db: &mut Db| crate::practitioners::service::practitioner(db, organisation, id);
    known.get(db, || id.to_string(), read)?.ok_or_else(|| Error::reference_unknown(field))
}

/// The practitioner that the caller's token is of.
pub fn own(known: &mut Known<'_>, db: &mut Db, caller: &Caller) -> Result<Option<Practitioner>> {
    let read = |db: &mut Db| crate::practitioners::service::own(db, &caller.organisation_id, &caller.subject);
    known.get(db, || format!("of {}", Identity::of(&caller.subject).as_str()), read)
}

/// The policy in force, or that of a moment in the past, which is looked up.
pub fn policy(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    past: Option<Moment>,
) -> Result<Current> {
    match past {
        Some(_) => crate::policies::service::at(db, organisation, past),
        None => known.get(db, String::new, |db| crate::policies::service::at(db, organisation, None)),
    }
}

/// The licences of holders, with their checks.
pub fn licences(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    holders: &[&str],
) -> Result<Vec<Held>> {
    known.get(db, || holders.join(" "), |db| crate::licences::service::held_by(db, organisation, holders))
}
