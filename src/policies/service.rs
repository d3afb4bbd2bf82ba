//! Setting the policy, and reading the one in force.

use super::events::Deed;
use super::model::{Current, DeniedAs, Policy, PolicyVersion};
use super::wire::PolicyView;
use super::{rules, store};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::known::Known;
use crate::db::{Db, violates_unique};
use crate::error::{Error, Result};
use crate::http::versions::{Sent, edited};
use crate::ids::OrganisationId;
use crate::problem::ProblemCode;
use crate::values::Json;
use crate::versions::Change;

// What others may ask of the table.
pub use super::store::set_by;

/// The policy in force.
///
/// # Errors
/// What the database answers.
pub fn current(db: &mut Db, organisation: &OrganisationId) -> Result<Current> {
    at(db, organisation, None)
}

/// The policy that was in force at a moment in the past, or is now: what happened is judged by the policy of then (DOMAIN
/// rule 20a).
///
/// # Errors
/// What the database answers.
pub fn at(db: &mut Db, organisation: &OrganisationId, past: Option<Moment>) -> Result<Current> {
    let mut current = read(db, organisation, past)?;
    for some in current.policy.denied_suppliers.chunks(DENIED_AT_ONCE) {
        let some: Vec<_> = some.iter().collect();
        let denied = crate::suppliers::service::by_ids(db, organisation, &some)?;
        current.denied_as.extend(denied.into_iter().map(|denied| DeniedAs { name: denied.name, gln: denied.gln }));
    }
    Ok(current)
}

/// How many denied suppliers one statement asks for.
const DENIED_AT_ONCE: usize = 200;

/// The policy without what its denied suppliers are called.
fn read(db: &mut Db, organisation: &OrganisationId, past: Option<Moment>) -> Result<Current> {
    let found = store::in_force(db, organisation, past)?;
    let current =
        found.map(|found| Current { version: found.version, policy: found.body.into_inner(), denied_as: Vec::new() });
    Ok(current.unwrap_or_default())
}

/// The same but for what denied suppliers are called, from memory where the policy in force was read before; one of the past is
/// looked up. It is for who treats, where nobody asks for suppliers.
///
/// # Errors
/// What the database answers.
pub fn remembered(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    past: Option<Moment>,
) -> Result<Current> {
    match past {
        Some(_) => read(db, organisation, past),
        None => known.get(db, String::new, |db| read(db, organisation, None)),
    }
}

/// Sets the policy, as a new version. One that says what the version in force says changes nothing: that one is
/// answered, if any was ever set.
///
/// # Errors
/// `precondition_failed` when another version is in force than the caller changes; what [`edited`] and
/// [`rules::well_formed`] refuse; `reference_unknown`.
pub fn set(cmd: &mut Command<'_>, change: &Change, sent: &Sent) -> Result<Option<PolicyVersion>> {
    let organisation = cmd.organisation();
    let newest = store::in_force(cmd.db, organisation, None)?;
    let version = newest.as_ref().map_or(0, |found| found.version);
    if change.expected.is_some_and(|expected| expected != version) {
        let detail = format!("Version {version} of the policy is in force: read it and set yours again.");
        return Err(Error::problem(ProblemCode::PreconditionFailed, detail));
    }
    let policy: Policy = edited(change, sent, &PolicyView::from(newest.clone()))?;
    rules::well_formed(&policy)?;
    for (index, supplier) in policy.denied_suppliers.iter().enumerate() {
        if crate::suppliers::service::supplier(cmd.db, organisation, supplier)?.is_none() {
            return Err(Error::reference_unknown(&format!("denied_suppliers[{index}]")));
        }
    }
    let (policy, earlier) = (policy.written_out(), newest.as_ref().map(|found| (*found.body).clone()));
    if policy == earlier.unwrap_or_default().written_out() {
        return Ok(newest);
    }
    let set = PolicyVersion {
        organisation_id: organisation.clone(),
        version: version.saturating_add(1),
        body: Json::new(policy),
        set_by: cmd.caller.subject.clone(),
        set_at: cmd.now,
    };
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![organisation.to_string()] };
    cmd.record(about, Deed::PolicySet(Box::new(set.clone()))).map_err(|error| match error {
        // Somebody else set one at this moment: start again from what is true now.
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    })?;
    Ok(Some(set))
}
