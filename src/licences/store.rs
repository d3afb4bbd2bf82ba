//! The tables of licences and their checks.

pub mod people;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{
    Held, HolderType, Licence, LicenceAcknowledgement, LicenceCheck, LicenceKind, LicenceReversal, RestedOn,
};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{
    decision_licences, licence_acknowledgements, licence_check_discounts, licence_checks, licence_reversals, licences,
    practitioners,
};
use crate::db::{Db, Prepared, insert_rows};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{LicenceCheckId, LicenceId, LicenceReversalId, OrganisationId, PractitionerId, SiteId};
use crate::journal::model::Head;
use crate::journal::tables::Tables;
use crate::values::Prose;

/// Adds a licence that somebody registered.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, licence: &Licence, registered_by: &str) -> Result<()> {
    let db = tables.db();
    let row = (licence, licences::registered_by.eq(registered_by));
    diesel::insert_into(licences::table).values(row).execute(db)?;
    Ok(())
}

/// The site that holds a licence; none for what all sites share.
///
/// # Errors
/// What the database answers.
pub fn site_of(db: &mut Db, organisation: &OrganisationId, id: &LicenceId) -> Result<Option<String>> {
    Ok(licences::table
        .filter(licences::organisation_id.eq(organisation).and(licences::id.eq(id)))
        .filter(licences::holder_type.eq(HolderType::Site))
        .select(licences::holder_id)
        .first(db)
        .optional()?)
}

/// Adds a check.
///
/// # Errors
/// What the database answers.
pub fn insert_check(tables: &mut Tables<'_>, check: &LicenceCheck) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(licence_checks::table).values(check).execute(db)?;
    Ok(())
}

/// The licence of that id, if the caller sees it.
///
/// # Errors
/// What the database answers.
pub fn licence(db: &mut Db, caller: &Caller, id: &LicenceId) -> Result<Option<Licence>> {
    let filter = Filter { id: Some(id.clone()), ..Filter::default() };
    Ok(list(db, caller, &filter, "", 1)?.items.into_iter().next())
}

#[derive(Insertable)]
#[diesel(table_name = licence_reversals)]
struct ReversalRow<'a> {
    id: &'a LicenceReversalId,
    organisation_id: &'a OrganisationId,
    subject_id: &'a str,
    licence_id: &'a LicenceId,
    check_id: Option<&'a LicenceCheckId>,
    reason: &'a Prose,
    reversed_by: &'a str,
    reversed_at: Moment,
}

/// Adds a reversal.
///
/// # Errors
/// What the database answers; a unique violation is always what was reversed before.
pub fn insert_reversal(tables: &mut Tables<'_>, reversal: &LicenceReversal) -> Result<()> {
    let db = tables.db();
    let row = ReversalRow {
        id: &reversal.id,
        organisation_id: &reversal.organisation_id,
        subject_id: reversal.subject(),
        licence_id: &reversal.licence_id,
        check_id: reversal.check_id.as_ref(),
        reason: &reversal.reason,
        reversed_by: &reversal.reversed_by,
        reversed_at: reversal.reversed_at,
    };
    diesel::insert_into(licence_reversals::table).values(row).execute(db)?;
    Ok(())
}

/// The reversals of licences and of their checks.
///
/// # Errors
/// What the database answers.
pub fn reversals(db: &mut Db, organisation: &OrganisationId, licences: &[&LicenceId]) -> Result<Vec<LicenceReversal>> {
    Ok(licence_reversals::table
        .filter(licence_reversals::organisation_id.eq(organisation))
        .filter(licence_reversals::licence_id.eq_any(licences.iter().copied()))
        .select(LicenceReversal::as_select())
        .order(licence_reversals::id)
        .load(db)?)
}

/// Adds an acknowledgement.
///
/// # Errors
/// What the database answers.
pub fn insert_acknowledgement(tables: &mut Tables<'_>, acknowledgement: &LicenceAcknowledgement) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(licence_acknowledgements::table).values(acknowledgement).execute(db)?;
    Ok(())
}

/// The newest acknowledgement of what a licence touched.
///
/// # Errors
/// What the database answers.
pub fn newest_acknowledgement(
    db: &mut Db,
    organisation: &OrganisationId,
    licence: &LicenceId,
) -> Result<Option<LicenceAcknowledgement>> {
    Ok(licence_acknowledgements::table
        .filter(licence_acknowledgements::organisation_id.eq(organisation))
        .filter(licence_acknowledgements::licence_id.eq(licence))
        .select(LicenceAcknowledgement::as_select())
        .order(licence_acknowledgements::id.desc())
        .first(db)
        .optional()?)
}

/// The checks of a licence, oldest first, those that were reversed among them.
///
/// # Errors
/// What the database answers.
pub fn all_checks(db: &mut Db, organisation: &OrganisationId, licence: &LicenceId) -> Result<Vec<LicenceCheck>> {
    Ok(licence_checks::table
        .filter(licence_checks::organisation_id.eq(organisation).and(licence_checks::licence_id.eq(licence)))
        .select(LicenceCheck::as_select())
        .order((licence_checks::checked_at, licence_checks::recorded_at, licence_checks::id))
        .load(db)?)
}

/// The checks of licences that are in force, oldest first, and when they stopped counting.
///
/// # Errors
/// What the database answers.
pub fn checks(
    db: &mut Db,
    organisation: &OrganisationId,
    licences: &[&LicenceId],
) -> Result<Vec<(LicenceCheck, Option<Moment>)>> {
    let reversed = licence_reversals::table.filter(licence_reversals::subject_id.eq(licence_checks::id));
    let discounts = licence_check_discounts::table.on(licence_check_discounts::check_id.eq(licence_checks::id));
    let query = licence_checks::table
        .left_join(discounts)
        .filter(licence_checks::organisation_id.eq(organisation))
        .filter(licence_checks::licence_id.eq_any(licences.iter().copied()))
        .filter(not(exists(reversed)))
        .select((LicenceCheck::as_select(), licence_check_discounts::discounted_at.nullable()))
        .order((licence_checks::checked_at, licence_checks::recorded_at, licence_checks::id));
    Ok(Prepared::over(licences.len(), query).load(db)?)
}

/// A licence with who registered it, and the subject of a holder who has a token.
pub type Kept = (Licence, String, Option<String>);

/// Licences by id, as they are kept.
///
/// # Errors
/// What the database answers.
pub fn kept(db: &mut Db, organisation: &OrganisationId, ids: &[&LicenceId]) -> Result<Vec<Kept>> {
    let holders = practitioners::table.on(practitioners::id.eq(licences::holder_id));
    Ok(licences::table
        .left_join(holders)
        .filter(licences::organisation_id.eq(organisation).and(licences::id.eq_any(ids.iter().copied())))
        .select((Licence::as_select(), licences::registered_by, practitioners::subject.nullable()))
        .order(licences::id)
        .load(db)?)
}

/// The licences of several holders that are in force with their checks, in two queries.
///
/// # Errors
/// What the database answers.
pub fn held_by(db: &mut Db, organisation: &OrganisationId, holders: &[&str]) -> Result<Vec<Held>> {
    let reversed = licence_reversals::table.filter(licence_reversals::subject_id.eq(licences::id));
    let query = licences::table
        .left_join(practitioners::table.on(practitioners::id.eq(licences::holder_id)))
        .filter(licences::organisation_id.eq(organisation).and(not(exists(reversed))))
        .filter(licences::holder_id.eq_any(holders.iter().copied()))
        .select((Licence::as_select(), licences::registered_by, practitioners::subject.nullable()))
        .order(licences::id);
    let found = Prepared::over(holders.len(), query).load(db)?;
    with_checks(db, organisation, found)
}

/// The licences of several holders, and all of a kind where one is given, those that were reversed among them: their ids and holders.
///
/// # Errors
/// What the database answers.
pub fn ever_held(
    db: &mut Db,
    organisation: &OrganisationId,
    holders: &[&str],
    kind: Option<LicenceKind>,
) -> Result<Vec<(LicenceId, String)>> {
    let of = licences::table
        .filter(licences::organisation_id.eq(organisation))
        .select((licences::id, licences::holder_id))
        .order(licences::id);
    let mut found: Vec<(LicenceId, String)> =
        of.filter(licences::holder_id.eq_any(holders.iter().copied())).load(db)?;
    if let Some(kind) = kind {
        found.extend(of.filter(licences::kind.eq(kind)).load::<(LicenceId, String)>(db)?);
    }
    Ok(found)
}

/// Every licence of a kind that is in force with its checks, in two queries.
///
/// # Errors
/// What the database answers.
pub fn of_kind(db: &mut Db, organisation: &OrganisationId, kind: LicenceKind) -> Result<Vec<Held>> {
    let reversed = licence_reversals::table.filter(licence_reversals::subject_id.eq(licences::id));
    let found = licences::table
        .left_join(practitioners::table.on(practitioners::id.eq(licences::holder_id)))
        .filter(licences::organisation_id.eq(organisation).and(licences::kind.eq(kind)))
        .filter(not(exists(reversed)))
        .select((Licence::as_select(), licences::registered_by, practitioners::subject.nullable()))
        .order(licences::id)
        .load(db)?;
    with_checks(db, organisation, found)
}

/// Licences with their checks, oldest check first.
///
/// # Errors
/// What the database answers.
pub fn with_checks(db: &mut Db, organisation: &OrganisationId, found: Vec<Kept>) -> Result<Vec<Held>> {
    let ids: Vec<_> = found.iter().map(|(licence, ..)| &licence.id).collect();
    let mut checks = checks(db, organisation, &ids)?;
    Ok(found
        .into_iter()
        .map(|(licence, registered_by, holder_subject)| {
            let all = std::mem::take(&mut checks).into_iter();
            let (own, rest): (Vec<_>, Vec<_>) = all.partition(|(check, _)| check.licence_id == licence.id);
            checks = rest;
            let stopped = |(check, at): &(LicenceCheck, Option<Moment>)| Some((check.id.clone(), (*at)?));
            let discounts = own.iter().filter_map(stopped).collect();
            let checks = own.into_iter().map(|(check, _)| check).collect();
            Held { licence, registered_by, holder_subject, checks, discounts }
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
    /// Only those that were not reversed.
    pub in_force: bool,
}

/// Licences that the caller sees by id, after `after`: a site's licences are seen by those who see the site. A holder's have an
/// order of their own; what else is asked for is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Licence, 1>> {
    let led = || {
        let mut led = licences::table
            .filter(licences::organisation_id.eq(&caller.organisation_id).and(licences::id.gt(after)))
            .into_boxed();
        if let Some(id) = &filter.id {
            led = led.filter(licences::id.eq(id));
        }
        if let Some(holder) = &filter.holder_id {
            led = led.filter(licences::holder_id.eq(holder));
        }
        led
    };
    let is_more = filter.holder_type.is_some() || filter.kind.is_some() || filter.in_force || caller.sites.is_some();
    let horizon: Option<LicenceId> =
        if is_more && filter.id.is_none() { horizon!(db, led(), licences::id)? } else { None };
    let mut query = led().select(Licence::as_select()).order(licences::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(licences::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        let seen = licences::holder_id.eq_any(sites.iter().map(SiteId::as_str));
        query = query.filter(licences::holder_type.ne(HolderType::Site).or(seen));
    }
    if let Some(holder_type) = filter.holder_type {
        query = query.filter(licences::holder_type.eq(holder_type));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(licences::kind.eq(kind));
    }
    if filter.in_force {
        let reversed = licence_reversals::table.filter(licence_reversals::subject_id.eq(licences::id));
        query = query.filter(not(exists(reversed)));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

#[derive(Insertable)]
#[diesel(table_name = decision_licences, treat_none_as_default_value = false)]
struct RestedOnRow {
    organisation_id: OrganisationId,
    licence_id: String,
    subject_id: String,
    check_id: Option<String>,
    site_id: SiteId,
    occurred_on: NaiveDate,
    occurred_at: Moment,
    recorded_at: Moment,
}

/// Keeps which licences and checks a decision rested on, and for which moment.
///
/// # Errors
/// What the database answers.
pub fn insert_rested_on(tables: &mut Tables<'_>, head: &Head, subject: &str, rested_on: &[RestedOn]) -> Result<()> {
    let (db, Some(site)) = (tables.db(), &head.site_id) else { return Ok(()) };
    let rows: Vec<_> = rested_on
        .iter()
        .map(|licence| RestedOnRow {
            organisation_id: head.organisation_id.clone(),
            licence_id: licence.licence_id.clone(),
            subject_id: subject.to_owned(),
            check_id: licence.check_id.clone(),
            site_id: site.clone(),
            occurred_on: licence.day,
            occurred_at: licence.at,
            recorded_at: head.recorded_at,
        })
        .collect();
    insert_rows!(db, decision_licences::table, rows);
    Ok(())
}

/// Whether a practitioner of that id is on record.
///
/// # Errors
/// What the database answers.
pub fn is_practitioner(db: &mut Db, organisation: &OrganisationId, id: &PractitionerId) -> Result<bool> {
    let found = practitioners::table
        .filter(practitioners::organisation_id.eq(organisation).and(practitioners::id.eq(id)))
        .select(practitioners::id)
        .first::<String>(db)
        .optional()?;
    Ok(found.is_some())
}
