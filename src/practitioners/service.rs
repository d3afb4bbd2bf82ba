//! Registering practitioners, and finding them for other slices.

use super::api::NewPractitioner;
use super::model::Practitioner;
use super::store;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, PractitionerId};

/// Registers a practitioner.
///
/// # Errors
/// What the database answers.
pub fn register(cmd: &mut Command<'_>, new: &NewPractitioner) -> Result<Practitioner> {
    let practitioner = Practitioner {
        id: cmd.mint(PractitionerId::mint),
        organisation_id: cmd.organisation().clone(),
        name: new.name.clone(),
        profession: new.profession.clone(),
        registered_at: cmd.now,
    };
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![practitioner.id.to_string()] };
    cmd.record(about, Deed::PractitionerRegistered(practitioner.clone()))?;
    Ok(practitioner)
}

/// The practitioner that a body names in `field`.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, organisation: &OrganisationId, field: &str, id: &PractitionerId) -> Result<Practitioner> {
    store::practitioner(db, organisation, id)?.ok_or_else(|| Error::reference_unknown(field))
}
