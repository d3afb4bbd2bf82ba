//! The table of protocols.

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date};

use super::model::{Protocol, ProtocolKind};
use crate::db::Db;
use crate::db::schema::protocols;
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{OrganisationId, ProtocolId};
use crate::journal::tables::Tables;
use crate::values::Name;

/// Adds a version.
///
/// # Errors
/// What the database answers; a unique violation where another was written first at this moment.
pub fn insert(tables: &mut Tables<'_>, protocol: &Protocol) -> Result<()> {
    diesel::insert_into(protocols::table).values(protocol).execute(tables.db())?;
    Ok(())
}

/// A version, by its id.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &ProtocolId) -> Result<Option<Protocol>> {
    Ok(protocols::table
        .filter(protocols::organisation_id.eq(organisation).and(protocols::id.eq(id)))
        .select(Protocol::as_select())
        .first(db)
        .optional()?)
}

/// What versions are called.
///
/// # Errors
/// What the database answers.
pub fn titles(db: &mut Db, organisation: &OrganisationId, ids: &[ProtocolId]) -> Result<Vec<(ProtocolId, Name)>> {
    Ok(protocols::table
        .filter(protocols::organisation_id.eq(organisation).and(protocols::id.eq_any(ids)))
        .select((protocols::id, protocols::title))
        .load(db)?)
}

/// The newest version of a document.
///
/// # Errors
/// What the database answers.
pub fn newest(db: &mut Db, organisation: &OrganisationId, kind: ProtocolKind, scope: &str) -> Result<Option<Protocol>> {
    Ok(protocols::table
        .filter(protocols::organisation_id.eq(organisation).and(protocols::kind.eq(kind)))
        .filter(protocols::scope.eq(scope))
        .select(Protocol::as_select())
        .order(protocols::version.desc())
        .first(db)
        .optional()?)
}

/// A version is in force from its day until the day of the one that follows it.
macro_rules! in_force_on {
    ($day:expr) => {
        // A version that ended the document (`Content::Ended`) is in force nowhere.
        sql::<Bool>("(protocols.content <> '\"ended\"' AND protocols.effective_from <= ")
            .bind::<Date, _>($day)
            .sql(
                " AND NOT EXISTS (SELECT 1 FROM protocols AS following \
                 WHERE following.organisation_id = protocols.organisation_id AND following.kind = protocols.kind \
                 AND following.scope = protocols.scope AND following.version = protocols.version + 1 \
                 AND following.effective_from <= ",
            )
            .bind::<Date, _>($day)
            .sql("))")
    };
}

/// The versions that are in force on a day, of all kinds, for any of these: one for each kind and scope.
///
/// # Errors
/// What the database answers.
pub fn in_force(
    db: &mut Db,
    organisation: &OrganisationId,
    scopes: &[String],
    day: NaiveDate,
) -> Result<Vec<Protocol>> {
    Ok(protocols::table
        .filter(protocols::organisation_id.eq(organisation).and(protocols::kind.eq_any(ProtocolKind::ALL)))
        .filter(protocols::scope.eq_any(scopes))
        .filter(in_force_on!(day))
        .select(Protocol::as_select())
        .load(db)?)
}

/// Which versions.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only of this kind.
    pub kind: Option<ProtocolKind>,
    /// Only those for this.
    pub scope: Option<String>,
    /// Only those in force on this day.
    pub on: Option<NaiveDate>,
}

/// Versions, by id, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    filter: &Filter,
    after: &str,
    limit: i64,
) -> Result<Found<Protocol, 1>> {
    let led = || {
        protocols::table.filter(protocols::organisation_id.eq(organisation).and(protocols::id.gt(after))).into_boxed()
    };
    let Filter { kind, scope, on } = filter;
    let is_led = kind.is_none() && scope.is_none() && on.is_none();
    let horizon: Option<ProtocolId> = if is_led { None } else { horizon!(db, led(), protocols::id)? };
    let mut query = led().select(Protocol::as_select()).order(protocols::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(protocols::id.le(last));
    }
    if let Some(kind) = kind {
        query = query.filter(protocols::kind.eq(*kind));
    }
    if let Some(scope) = scope {
        query = query.filter(protocols::scope.eq(scope));
    }
    if let Some(day) = on {
        query = query.filter(in_force_on!(*day));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}
