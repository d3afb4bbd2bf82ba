//! Reading who asks.

use super::wire::{Me, MyOrganisation, MySite, Myself};
use crate::command::View;
use crate::error::{Error, Result};
use crate::http::auth::Issued;

/// Who asks, with the names of what their token says by ids.
///
/// # Errors
/// What the database answers.
pub fn me(view: &mut View<'_>, issued: Issued) -> Result<Me> {
    let (caller, organisation) = (view.caller, &view.caller.organisation_id);
    let found = crate::organisations::service::organisation(view.db, organisation)?;
    let found = found.ok_or_else(|| Error::internal("a caller of no organisation"))?;
    let sites = match &caller.sites {
        None => None,
        Some(ids) => {
            let found = crate::sites::service::sites(view.db, organisation, ids)?;
            Some(found.into_iter().map(MySite::from).collect())
        }
    };
    let practitioner = crate::practitioners::service::remembered_own(&mut view.known, view.db, caller)?;
    Ok(Me {
        subject: caller.subject.clone(),
        organisation: MyOrganisation { id: found.id, name: found.name },
        roles: caller.roles.clone(),
        sites,
        token_id: issued.token_id,
        expires_at: issued.expires_at,
        practitioner: practitioner.map(Myself::from),
    })
}
