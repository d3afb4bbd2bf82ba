//! Registering, correcting and retiring practitioners, and finding them for other slices.

use super::events::Deed;
use super::model::Practitioner;
use super::wire::{NewPractitioner, PractitionerView};
use super::{rules, store};
use crate::caller::Caller;
use crate::command::{About, Command};
use crate::db::Db;
use crate::db::known::Known;
use crate::error::{Error, Result};
use crate::http::versions::{Sent, edited};
use crate::identity::Identity;
use crate::ids::{OrganisationId, PractitionerId};
use crate::licences::people;
use crate::values::Name;
use crate::versions::{self, Alike, Change, Reinstatement, Retirement, SAME_NAME_MAX};

// What others may ask of the tables, or let follow from their events.
pub use super::store::{has_had, of_name, practitioner, practitioners};

/// Registers a practitioner.
///
/// # Errors
/// `mixed_scripts` and `invalid_name` for the subject; what the database answers.
pub fn register(cmd: &mut Command<'_>, new: &NewPractitioner) -> Result<Practitioner> {
    rules::subject_is_well_formed(new.subject.as_ref())?;
    let id = cmd.mint(PractitionerId::mint);
    let practitioner = described(cmd, id, new);
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![practitioner.id.to_string()] };
    cmd.record(about, Deed::PractitionerRegistered(practitioner.clone()))?;
    Ok(practitioner)
}

/// The practitioner who is meant: the one whose token has that subject, else the one of that name and profession. With what
/// they would be by this, so that a list can be brought in twice.
///
/// # Errors
/// As for [`register`].
pub fn alike(cmd: &mut Command<'_>, new: &NewPractitioner) -> Result<Option<Alike<Practitioner>>> {
    let organisation = cmd.organisation();
    let by_subject = match &new.subject {
        Some(subject) => own(cmd.db, organisation, subject.as_str())?,
        None => None,
    };
    let found = match by_subject {
        Some(found) => Some(found),
        None => {
            let named = store::of_name(cmd.db, organisation, &new.name, SAME_NAME_MAX)?;
            named.into_iter().find(|practitioner| practitioner.profession == new.profession)
        }
    };
    Ok(found.map(|stands| Alike { asked: described(cmd, stands.id.clone(), new), stands }))
}

fn described(cmd: &Command<'_>, id: PractitionerId, new: &NewPractitioner) -> Practitioner {
    Practitioner {
        id,
        organisation_id: cmd.organisation().clone(),
        name: new.name.clone(),
        profession: new.profession.clone(),
        subject: new.subject.clone(),
        registered_at: cmd.now,
        version: versions::FIRST,
        retired_at: None,
    }
}

/// Corrects a practitioner. A subject that they have from now on may show that checks of licences were worth nothing: those
/// stop counting.
///
/// # Errors
/// `not_found`, `precondition_failed`, `retired`, `mixed_scripts`, what [`edited`] refuses.
pub fn correct(cmd: &mut Command<'_>, id: &PractitionerId, change: &Change, sent: &Sent) -> Result<Practitioner> {
    let earlier = versions::in_force(store::practitioner(cmd.db, cmd.organisation(), id)?, change)?;
    let new: NewPractitioner = edited(change, sent, &PractitionerView::from(earlier.clone()))?;
    if new.subject != earlier.subject {
        rules::subject_is_well_formed(new.subject.as_ref())?;
    }
    let now = described(cmd, id.clone(), &new);
    let now = versions::correct(cmd, &earlier, now, change)?;
    if now.subject.is_some() && now.subject != earlier.subject {
        people::discount(cmd, id)?;
    }
    Ok(now)
}

/// Retires a practitioner.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire(cmd: &mut Command<'_>, id: &PractitionerId, retirement: &Retirement) -> Result<Practitioner> {
    let found = store::practitioner(cmd.db, cmd.organisation(), id)?;
    versions::retire(cmd, found, retirement)
}

/// Puts a retired practitioner back into use.
///
/// # Errors
/// `not_found`, `not_retired`.
pub fn reinstate(cmd: &mut Command<'_>, id: &PractitionerId, reinstatement: &Reinstatement) -> Result<Practitioner> {
    let found = store::practitioner(cmd.db, cmd.organisation(), id)?;
    versions::reinstate(cmd, found, reinstatement)
}

/// The practitioner that a body names in `field`.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, organisation: &OrganisationId, field: &str, id: &PractitionerId) -> Result<Practitioner> {
    store::practitioner(db, organisation, id)?.ok_or_else(|| Error::reference_unknown(field))
}

/// The practitioner that a token is of, by its subject: the one that is not retired, if that is only one.
///
/// # Errors
/// What the database answers.
pub fn own(db: &mut Db, organisation: &OrganisationId, subject: &str) -> Result<Option<Practitioner>> {
    let identity = Identity::of(subject);
    let mut found = store::with_subject(db, organisation, &identity)?;
    let is_theirs = |now: &Name| Identity::of(now.as_str()) == identity;
    found.retain(|found| found.retired_at.is_none() && found.subject.as_ref().is_some_and(is_theirs));
    let only = found.pop();
    Ok(only.filter(|_| found.is_empty()))
}

/// The practitioner that a body names in `field`: from memory where they were read before.
///
/// # Errors
/// `reference_unknown`.
pub fn remembered(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    field: &str,
    id: &PractitionerId,
) -> Result<Practitioner> {
    let read = |db: &mut Db| practitioner(db, organisation, id);
    known.get(db, || id.to_string(), read)?.ok_or_else(|| Error::reference_unknown(field))
}

/// The same for the practitioner that the caller's token is of.
///
/// # Errors
/// What the database answers.
pub fn remembered_own(known: &mut Known<'_>, db: &mut Db, caller: &Caller) -> Result<Option<Practitioner>> {
    let read = |db: &mut Db| own(db, &caller.organisation_id, &caller.subject);
    known.get(db, || format!("of {}", Identity::of(&caller.subject).as_str()), read)
}
