//! Who vouches for whom: a check of a licence is worth something when whoever made it is independent of its holder, by
//! history and not by what stands there today.
//!
//! People are known by the subjects of tokens, as [`Identity`] compares them, and a practitioner is whoever ever had one
//! of theirs. What an order of entries hid at first (a subject that is given later, or was taken off meanwhile) makes a
//! verification stop counting from when it is known; decisions that rested on it stay, and are listed as touched.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{CheckOutcome, Held, HolderType, Licence, LicenceCheck};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::Db;
use crate::db::schema::{
    licence_check_discounts as discounts, licence_check_people as people, licence_checks, licence_reversals, licences,
    practitioner_subjects as subjects,
};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{LicenceCheckId, LicenceId, OrganisationId, PractitionerId};
use crate::problem::{Problem, ProblemCode};
use crate::values::words;

words! {
    /// Why a verification stopped counting.
    DiscountCause {
        /// Whoever made it turned out to be the holder.
        Holder "holder",
        /// Whoever made it turned out to be somebody for whom the holder vouches, straight or by way of others.
        Circle "circle",
    }
    /// Why a licence rests on less than two people.
    Doubt {
        /// No subject of the holder is known, so that nobody can tell whether they verified it themselves.
        HolderWithoutSubject "holder_without_subject",
        /// Nobody but whoever registered it has verified it within the interval.
        OnePerson "one_person",
    }
}

/// A verification that stopped counting. It stays on record, and so does what rested on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = discounts)]
pub struct Discount {
    /// The check.
    pub check_id: LicenceCheckId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// The licence.
    pub licence_id: LicenceId,
    /// Why.
    pub cause: DiscountCause,
    /// The practitioner whose subject showed it.
    pub practitioner_id: PractitionerId,
    /// Who entered that.
    pub discounted_by: String,
    /// From when on it does not count.
    pub discounted_at: Moment,
}

#[derive(Insertable)]
#[diesel(table_name = people)]
struct PeopleRow<'a> {
    check_id: &'a LicenceCheckId,
    organisation_id: &'a OrganisationId,
    licence_id: &'a LicenceId,
    holder_id: &'a str,
    identity: &'a str,
}

/// Keeps who checked whose licence.
///
/// # Errors
/// What the database answers; an internal error when the licence is not there.
pub fn keep(db: &mut Db, check: &LicenceCheck) -> Result<()> {
    let holder: Option<String> = licences::table
        .filter(licences::organisation_id.eq(&check.organisation_id).and(licences::id.eq(&check.licence_id)))
        .select(licences::holder_id)
        .first(db)
        .optional()?;
    let identity = Identity::of(&check.checked_by);
    let row = PeopleRow {
        check_id: &check.id,
        organisation_id: &check.organisation_id,
        licence_id: &check.licence_id,
        holder_id: &holder.ok_or_else(|| Error::internal("a check without its licence"))?,
        identity: identity.as_str(),
    };
    diesel::insert_into(people::table).values(row).execute(db)?;
    Ok(())
}

/// Adds a discount.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, discount: &Discount) -> Result<()> {
    diesel::insert_into(discounts::table).values(discount).execute(db)?;
    Ok(())
}

/// The discounts of a licence's checks.
///
/// # Errors
/// What the database answers.
pub fn of_licence(db: &mut Db, organisation: &OrganisationId, licence: &LicenceId) -> Result<Vec<Discount>> {
    Ok(discounts::table
        .filter(discounts::organisation_id.eq(organisation).and(discounts::licence_id.eq(licence)))
        .select(Discount::as_select())
        .order(discounts::check_id)
        .load(db)?)
}

/// The licences of which checks stopped counting.
///
/// # Errors
/// What the database answers.
pub fn discounted(db: &mut Db, organisation: &OrganisationId) -> Result<Vec<LicenceId>> {
    Ok(discounts::table
        .filter(discounts::organisation_id.eq(organisation))
        .select(discounts::licence_id)
        .distinct()
        .load(db)?)
}

/// A check by a practitioner of the licence of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vouching {
    /// The check.
    pub check_id: String,
    /// Its licence.
    pub licence_id: LicenceId,
    /// The practitioner whose subject checked.
    pub by: String,
    /// The holder of the licence.
    pub of: String,
    /// Whether it says verified.
    pub verifies: bool,
}

/// The checks that practitioners made of others' licences, and that are neither reversed nor discounted, in the order of
/// their entry.
fn vouchings(db: &mut Db, organisation: &OrganisationId, by: &[String]) -> Result<Vec<Vouching>> {
    let reversed = licence_reversals::table.filter(
        licence_reversals::subject_id.eq(people::check_id).or(licence_reversals::subject_id.eq(people::licence_id)),
    );
    let discounted = discounts::table.filter(discounts::check_id.eq(people::check_id));
    let joined = people::table
        .inner_join(
            subjects::table
                .on(subjects::organisation_id.eq(people::organisation_id).and(subjects::identity.eq(people::identity))),
        )
        .inner_join(licence_checks::table.on(licence_checks::id.eq(people::check_id)));
    let found: Vec<(String, LicenceId, String, String, CheckOutcome)> = joined
        .filter(people::organisation_id.eq(organisation).and(subjects::practitioner_id.eq_any(by)))
        .filter(not(exists(reversed)).and(not(exists(discounted))))
        .select((
            people::check_id,
            people::licence_id,
            subjects::practitioner_id,
            people::holder_id,
            licence_checks::outcome,
        ))
        .order((people::check_id, subjects::practitioner_id))
        .load(db)?;
    Ok(found
        .into_iter()
        .map(|(check_id, licence_id, by, of, outcome)| {
            let verifies = outcome == CheckOutcome::Verified;
            Vouching { check_id, licence_id, by, of, verifies }
        })
        .collect())
}

/// Every vouching that starts from a practitioner, or from somebody whom they vouch for, straight or by way of others.
fn reached_from(db: &mut Db, organisation: &OrganisationId, practitioner: &str) -> Result<Vec<Vouching>> {
    let (mut seen, mut next) = (BTreeSet::from([practitioner.to_owned()]), vec![practitioner.to_owned()]);
    let mut found = Vec::new();
    while !next.is_empty() {
        let step = vouchings(db, organisation, &next)?;
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

/// Brings a database from before up to date: who checked whose licence is kept for every check.
///
/// # Errors
/// What the database answers.
pub fn keep_all(db: &mut Db) -> Result<()> {
    let kept = people::table.filter(people::check_id.eq(licence_checks::id));
    let missing: Vec<LicenceCheck> = licence_checks::table
        .filter(not(exists(kept)))
        .select(LicenceCheck::as_select())
        .order(licence_checks::id)
        .load(db)?;
    missing.iter().try_for_each(|check| keep(db, check))
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
