//! The tables of licences and their checks.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{Held, HolderType, Licence, LicenceCheck, LicenceKind};
use crate::caller::Caller;
use crate::db::schema::{administrations, decision_licences, licence_checks, licences, orders};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::ids::{LicenceId, OrganisationId, SiteId};

/// Adds a licence.
///
/// # Errors
/// What the database answers.
pub fn insert(db: &mut Db, licence: &Licence) -> Result<()> {
    diesel::insert_into(licences::table).values(licence).execute(db)?;
    Ok(())
}

/// Adds a check.
///
/// # Errors
/// What the database answers.
pub fn insert_check(db: &mut Db, check: &LicenceCheck) -> Result<()> {
    diesel::insert_into(licence_checks::table).values(check).execute(db)?;
    Ok(())
}

/// The licence of that id, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn licence(db: &mut Db, caller: &Caller, id: &LicenceId) -> Result<Option<Licence>> {
    let filter = Filter { id: Some(id.clone()), ..Filter::default() };
    Ok(list(db, caller, &filter, "", 1)?.into_iter().next())
}

/// The checks of a licence, oldest first.
///
/// # Errors
/// What the database answers.
pub fn checks(db: &mut Db, organisation: &OrganisationId, licences: &[&LicenceId]) -> Result<Vec<LicenceCheck>> {
    Ok(licence_checks::table
        .filter(licence_checks::organisation_id.eq(organisation))
        .filter(licence_checks::licence_id.eq_any(licences.iter().copied()))
        .select(LicenceCheck::as_select())
        .order((licence_checks::checked_at, licence_checks::recorded_at, licence_checks::id))
        .load(db)?)
}

/// The licences of several holders with their checks, in two queries.
///
/// # Errors
/// What the database answers.
pub fn held_by(db: &mut Db, organisation: &OrganisationId, holders: &[&str]) -> Result<Vec<Held>> {
    let found = licences::table
        .filter(licences::organisation_id.eq(organisation))
        .filter(licences::holder_id.eq_any(holders.iter().copied()))
        .select(Licence::as_select())
        .order(licences::id)
        .load(db)?;
    with_checks(db, organisation, found)
}

/// Every licence of a kind with its checks, in two queries.
///
/// # Errors
/// What the database answers.
pub fn of_kind(db: &mut Db, organisation: &OrganisationId, kind: LicenceKind) -> Result<Vec<Held>> {
    let found = licences::table
        .filter(licences::organisation_id.eq(organisation).and(licences::kind.eq(kind)))
        .select(Licence::as_select())
        .order(licences::id)
        .load(db)?;
    with_checks(db, organisation, found)
}

/// Licences with their checks, oldest check first.
///
/// # Errors
/// What the database answers.
pub fn with_checks(db: &mut Db, organisation: &OrganisationId, found: Vec<Licence>) -> Result<Vec<Held>> {
    let ids: Vec<_> = found.iter().map(|licence| &licence.id).collect();
    let mut checks = checks(db, organisation, &ids)?;
    Ok(found
        .into_iter()
        .map(|licence| {
            let (own, rest) = std::mem::take(&mut checks).into_iter().partition(|check| check.licence_id == licence.id);
            checks = rest;
            Held { licence, checks: own }
        })
        .collect())
}

/// Which licences.
#[derive(Default)]
pub struct Filter {
    /// Only that one.
    pub id: Option<LicenceId>,
    /// Only those of this kind of holder.
    pub holder_type: Option<HolderType>,
    /// Only those of this holder.
    pub holder_id: Option<String>,
    /// Only those of this kind.
    pub kind: Option<LicenceKind>,
}

/// Licences that the caller sees by id, after `after`: a site's licences are seen by those who see the site.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Vec<Licence>> {
    let mut query = licences::table
        .filter(licences::organisation_id.eq(&caller.organisation_id).and(licences::id.gt(after)))
        .select(Licence::as_select())
        .order(licences::id)
        .limit(limit)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        let seen = licences::holder_id.eq_any(sites.iter().map(SiteId::as_str));
        query = query.filter(licences::holder_type.ne(HolderType::Site).or(seen));
    }
    if let Some(id) = &filter.id {
        query = query.filter(licences::id.eq(id));
    }
    if let Some(holder_type) = filter.holder_type {
        query = query.filter(licences::holder_type.eq(holder_type));
    }
    if let Some(holder) = &filter.holder_id {
        query = query.filter(licences::holder_id.eq(holder));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(licences::kind.eq(kind));
    }
    Ok(query.load(db)?)
}

#[derive(Insertable)]
#[diesel(table_name = decision_licences)]
struct RestedOn<'a> {
    organisation_id: &'a OrganisationId,
    licence_id: &'a str,
    subject_id: &'a str,
    occurred_on: NaiveDate,
}

/// Keeps which licences the decision about a subject rested on, and for which day.
///
/// # Errors
/// What the database answers.
pub fn insert_rested_on(
    db: &mut Db,
    organisation: &OrganisationId,
    subject: &str,
    licences: &[(String, NaiveDate)],
) -> Result<()> {
    let rows: Vec<_> = licences
        .iter()
        .map(|(licence, day)| RestedOn {
            organisation_id: organisation,
            licence_id: licence,
            subject_id: subject,
            occurred_on: *day,
        })
        .collect();
    on_either!(db, conn => diesel::insert_into(decision_licences::table).values(&rows).execute(conn)?);
    Ok(())
}

/// The orders and administrations at sites that the caller sees whose decisions rested on a licence, for days from
/// `from` to `to`.
///
/// # Errors
/// What the database answers.
pub fn subjects_resting_on(
    db: &mut Db,
    caller: &Caller,
    licence: &LicenceId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<String>> {
    let organisation = &caller.organisation_id;
    let mut query = decision_licences::table
        .filter(decision_licences::organisation_id.eq(organisation).and(decision_licences::licence_id.eq(licence)))
        .filter(decision_licences::occurred_on.between(from, to))
        .select(decision_licences::subject_id)
        .order(decision_licences::subject_id)
        .into_boxed();
    if let Some(sites) = &caller.sites {
        let ordered = orders::table.filter(orders::site_id.eq_any(sites)).select(orders::id);
        let administered = administrations::table.filter(administrations::site_id.eq_any(sites));
        let seen = decision_licences::subject_id
            .eq_any(ordered)
            .or(decision_licences::subject_id.eq_any(administered.select(administrations::id)));
        query = query.filter(seen);
    }
    Ok(query.load(db)?)
}
