//! Making an organisation.

use super::events::Deed;
use super::model::Organisation;
use crate::command::{About, Command};
use crate::error::Result;
use crate::values::Name;

// What others may ask of the tables, or let follow from their events.
pub use super::store::{exists, is_only, of_name, organisation};

/// Makes the organisation that the command's caller belongs to: its id is minted before it exists.
///
/// # Errors
/// What the database answers.
pub fn register(cmd: &mut Command<'_>, name: &Name) -> Result<Organisation> {
    let organisation = Organisation { id: cmd.organisation().clone(), name: name.clone(), registered_at: cmd.now };
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![organisation.id.to_string()] };
    cmd.record(about, Deed::OrganisationRegistered(organisation.clone()))?;
    Ok(organisation)
}
