//! Who vouches for whom: a check of a licence is worth something when whoever made it is independent of its holder, by
//! history and not by what stands there today.
//!
//! People are known by the subjects of tokens, as [`Identity`] compares them, and a practitioner is whoever ever had one
//! of theirs. What an order of entries hid at first (a subject that is given later, or was taken off meanwhile) makes a
//! verification stop counting from when it is known; decisions that rested on it stay, and are listed as touched.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::events::Deed;
use super::model::{CheckOutcome, Discount, DiscountCause, Doubt, Held, HolderType, Licence, Vouching};
use super::store;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::db::schema::practitioner_subjects as subjects;
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{OrganisationId, PractitionerId};
use crate::problem::{Problem, ProblemCode};

/// Every vouching that starts from a practitioner, or from somebody whom they vouch for, straight or by way of others.
fn reached_from(db: &mut Db, organisation: &OrganisationId, practitioner: &str) -> Result<Vec<Vouching>> {
    let (mut seen, mut next) = (BTreeSet::from([practitioner.to_owned()]), vec![practitioner.to_owned()]);
    let mut found = Vec::new();
    while !next.is_empty() {
        let step = store::people::vouchings(db, organisation, &next)?;
        next = step.iter().map(|vouching| vouching.of.clone()).filter(|of| seen.insert(of.clone())).collect();
        found.extend(step);
    }
    found.sort_by(|one, other| (&one.check_id, &one.by).cmp(&(&other.check_id, &other.by)));
    Ok(found)
}

/// Whoever checks a licence, or takes a check of it back, is independent of its holder: not the holder by any subject that
/// they ever had, and nobody for whom the holder vouches, straight or by way of others (DOMAIN rule 1 rests on what the
/// checks say, and a circle says nothing).
///
/// Commands that change who vouches for whom run alone in their organisation (see [`crate::command`]), so that two who
/// check each other at one moment do so one after the other.
///
/// # Errors
/// `self_approved_check`, `circular_check`.
pub fn expect_independent(cmd: &mut Command<'_>, licence: &Licence) -> Result<()> {
    if licence.holder_type != HolderType::Practitioner {
        return Ok(()); // a site or a supplier has no token
    }
    let organisation = cmd.organisation();
    let checkers: Vec<String> = subjects::table
        .filter(subjects::organisation_id.eq(organisation))
        .filter(subjects::identity.eq(Identity::of(&cmd.caller.subject).as_str()))
        .select(subjects::practitioner_id)
        .load(cmd.db)?;
    let refused = |code: ProblemCode| Err(Error::Problem(Problem::new(code, code.title())));
    if checkers.contains(&licence.holder_id) {
        return refused(ProblemCode::SelfApprovedCheck);
    }
    if checkers.is_empty() {
        return Ok(());
    }
    let reached = reached_from(cmd.db, organisation, &licence.holder_id)?;
    if reached.iter().any(|vouching| checkers.contains(&vouching.of)) {
        return refused(ProblemCode::CircularCheck);
    }
    Ok(())
}

/// The verifications among vouchings, in the order of their entry, that close a circle with those before them: they would
/// have been refused, had it been known who is who.
pub fn closing(vouchings: &[Vouching]) -> Vec<&Vouching> {
    let mut whom: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut closing: Vec<&Vouching> = Vec::new();
    let mut rest = vouchings;
    while let Some(first) = rest.first() {
        // Whoever has the subjects of several practitioners vouches as each of them.
        let (same, later): (Vec<_>, _) =
            (rest.iter().take_while(|v| v.check_id == first.check_id).collect(), rest.iter());
        rest = later.as_slice().get(same.len()..).unwrap_or_default();
        if same.iter().any(|v| v.by == v.of || reaches(&whom, &v.of, &v.by)) {
            closing.extend(same.first().filter(|v| v.verifies));
        } else {
            for vouching in same {
                whom.entry(&vouching.by).or_default().insert(&vouching.of);
            }
        }
    }
    closing
}

fn reaches(whom: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(person) = next.pop() {
        if person == to {
            return true;
        }
        next.extend(whom.get(person).into_iter().flatten().filter(|of| seen.insert(of)));
    }
    false
}

/// Takes the verifications out of account that a subject, given to a practitioner now, shows to be worth nothing.
///
/// # Errors
/// What the database answers.
pub fn discount(cmd: &mut Command<'_>, practitioner: &PractitionerId) -> Result<()> {
    let organisation = cmd.organisation();
    let reached = reached_from(cmd.db, organisation, practitioner.as_str())?;
    let worthless: Vec<(DiscountCause, Vouching)> = closing(&reached)
        .into_iter()
        .map(|v| (if v.by == v.of { DiscountCause::Holder } else { DiscountCause::Circle }, v.clone()))
        .collect();
    for (cause, vouching) in worthless {
        let discount = Discount {
            check_id: vouching.check_id.parse()?,
            organisation_id: organisation.clone(),
            licence_id: vouching.licence_id,
            cause,
            practitioner_id: practitioner.clone(),
            discounted_by: cmd.caller.subject.clone(),
            discounted_at: cmd.now,
        };
        let subjects = vec![discount.licence_id.to_string(), vouching.of, practitioner.to_string()];
        let about = About { occurred_at: cmd.now, site_id: None, subjects };
        cmd.record(about, Deed::LicenceCheckDiscounted(discount))?;
    }
    Ok(())
}

/// Why a licence rests on less than two people at a moment, within the interval in which a check speaks for it.
pub fn doubts(held: &Held, at: Moment, recheck_days: i64) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    if held.licence.holder_type == HolderType::Practitioner && held.holder_subject.is_none() {
        doubts.push(Doubt::HolderWithoutSubject);
    }
    let registrar = Identity::of(&held.registered_by);
    let mut verified = held.counting(at).into_iter().filter(|check| check.outcome == CheckOutcome::Verified).peekable();
    if verified.peek().is_some()
        && !verified
            .any(|check| at <= check.checked_at.plus_days(recheck_days) && Identity::of(&check.checked_by) != registrar)
    {
        doubts.push(Doubt::OnePerson);
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::LicenceId;

    fn of(checks: &[(&str, &str)]) -> Vec<usize> {
        let ids = crate::ids::Ids::system();
        let licence = LicenceId::mint(&ids, "2026-01-01T00:00:00Z".parse().unwrap(), 0);
        let vouchings: Vec<_> = checks
            .iter()
            .enumerate()
            .map(|(n, (by, of))| Vouching {
                check_id: format!("{n:03}"),
                licence_id: licence.clone(),
                by: (*by).to_owned(),
                of: (*of).to_owned(),
                verifies: true,
            })
            .collect();
        closing(&vouchings).into_iter().map(|vouching| vouching.check_id.parse().unwrap()).collect()
    }

    #[test]
    fn what_closes_a_circle_is_worth_nothing() {
        for (checks, closing) in [
            (&[("a", "b"), ("b", "c")][..], &[][..]),
            (&[("a", "a")], &[0]),
            (&[("a", "b"), ("b", "a")], &[1]),
            (&[("a", "b"), ("b", "c"), ("c", "a")], &[2]),
            (&[("c", "a"), ("a", "b"), ("b", "c"), ("b", "d")], &[2]),
            // What is worth nothing closes nothing.
            (&[("a", "b"), ("b", "a"), ("a", "b")], &[1]),
            (&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "a"), ("d", "b")], &[4, 5]),
        ] {
            assert_eq!(of(checks), closing, "{checks:?}");
        }
    }
}
