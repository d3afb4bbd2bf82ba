//! The tables of who checked whose licence, and of which checks stopped counting.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::db::Db;
use crate::db::schema::{
    licence_check_discounts as discounts, licence_check_people as people, licence_checks, licence_reversals, licences,
    practitioner_subjects as subjects,
};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::ids::{LicenceCheckId, LicenceId, OrganisationId};
use crate::journal::tables::Tables;
use crate::licences::model::{CheckOutcome, Discount, LicenceCheck, Vouching};

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
pub fn keep(tables: &mut Tables<'_>, check: &LicenceCheck) -> Result<()> {
    let db = tables.db();
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
pub fn insert(tables: &mut Tables<'_>, discount: &Discount) -> Result<()> {
    let db = tables.db();
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

/// The checks that practitioners made of others' licences, and that are neither reversed nor discounted, in the order of
/// their entry.
///
/// # Errors
/// What the database answers.
pub fn vouchings(db: &mut Db, organisation: &OrganisationId, by: &[String]) -> Result<Vec<Vouching>> {
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

/// Brings a database from before up to date: who checked whose licence is kept for every check.
///
/// # Errors
/// What the database answers.
pub fn keep_all(tables: &mut Tables<'_>) -> Result<()> {
    let kept = people::table.filter(people::check_id.eq(licence_checks::id));
    let missing: Vec<LicenceCheck> = licence_checks::table
        .filter(not(exists(kept)))
        .select(LicenceCheck::as_select())
        .order(licence_checks::id)
        .load(tables.db())?;
    missing.iter().try_for_each(|check| keep(tables, check))
}
