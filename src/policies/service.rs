//! Setting the policy, and reading the one in force.

use super::model::{Current, Policy, PolicyVersion};
use super::{rules, store};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::{Db, violates_unique};
use crate::error::{Error, Result};
use crate::http::problem::ProblemCode;
use crate::ids::OrganisationId;
use crate::values::Json;

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
    let found = store::in_force(db, organisation, past)?;
    Ok(found.map(|found| Current { version: found.version, policy: found.body.into_inner() }).unwrap_or_default())
}

/// Sets the policy, as a new version. `expected` is the version that the caller changes, if they said so.
///
/// # Errors
/// `precondition_failed` when another version is in force; what [`rules::well_formed`] refuses; `reference_unknown`.
pub fn set(cmd: &mut Command<'_>, expected: Option<i64>, policy: &Policy) -> Result<PolicyVersion> {
    let organisation = cmd.organisation();
    rules::well_formed(policy)?;
    for (index, supplier) in policy.denied_suppliers.iter().enumerate() {
        if crate::suppliers::store::supplier(cmd.db, organisation, supplier)?.is_none() {
            return Err(Error::reference_unknown(&format!("denied_suppliers[{index}]")));
        }
    }
    let version = current(cmd.db, organisation)?.version;
    if expected.is_some_and(|expected| expected != version) {
        let detail = format!("Version {version} of the policy is in force: read it and set yours again.");
        return Err(Error::problem(ProblemCode::PreconditionFailed, detail));
    }
    let set = PolicyVersion {
        organisation_id: organisation.clone(),
        version: version.saturating_add(1),
        body: Json::new(policy.clone().written_out()),
        set_by: cmd.caller.subject.clone(),
        set_at: cmd.now,
    };
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![organisation.to_string()] };
    cmd.record(about, Deed::PolicySet(Box::new(set.clone()))).map_err(|error| match error {
        // Somebody else set one at this moment: start again from what is true now.
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    })?;
    Ok(set)
}
