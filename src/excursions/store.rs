//! The tables of excursions.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{Administered, Excursion, ExcursionKind, ExcursionState, ExposedLot};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{
    accounts, administrations, event_subjects, excursion_administrations, excursion_lots, excursions,
};
use crate::db::{Db, on_either};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{
    AdministrationId, ContainerId, EventId, ExcursionId, LocationId, LotId, OrganisationId, SensorId, SiteId,
};
use crate::journal::tables::Tables;
use crate::sensors::model::AlarmRule;
use crate::values::Json;

/// The states in which an excursion is for somebody to assess.
const UNSETTLED: [ExcursionState; 2] = [ExcursionState::Open, ExcursionState::Closed];

/// Adds an excursion.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, excursion: &Excursion) -> Result<()> {
    diesel::insert_into(excursions::table).values(excursion).execute(tables.db())?;
    Ok(())
}

/// Says anew what an excursion is; false when nobody knows it.
///
/// # Errors
/// What the database answers.
pub fn replace(tables: &mut Tables<'_>, excursion: &Excursion) -> Result<bool> {
    let row = excursions::table
        .filter(excursions::organisation_id.eq(&excursion.organisation_id).and(excursions::id.eq(&excursion.id)));
    Ok(diesel::update(row).set(excursion).execute(tables.db())? == 1)
}

/// Says how many units of a lot were exposed.
///
/// # Errors
/// What the database answers.
pub fn expose(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    excursion: &ExcursionId,
    lot: &ExposedLot,
) -> Result<()> {
    let db = tables.db();
    let said = (
        excursion_lots::units_exposed.eq(lot.units_exposed),
        excursion_lots::held.eq(lot.held),
        excursion_lots::units_within_budget.eq(lot.units_within_budget),
    );
    on_either!(db, conn => diesel::insert_into(excursion_lots::table)
        .values((
            excursion_lots::excursion_id.eq(excursion),
            excursion_lots::lot_id.eq(&lot.lot_id),
            excursion_lots::organisation_id.eq(organisation),
            said,
        ))
        .on_conflict((excursion_lots::excursion_id, excursion_lots::lot_id))
        .do_update()
        .set(said)
        .execute(conn)?);
    Ok(())
}

/// Says what was administered of them.
///
/// # Errors
/// What the database answers.
pub fn administered(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    excursion: &ExcursionId,
    row: &Administered,
) -> Result<()> {
    use excursion_administrations as table;
    let db = tables.db();
    on_either!(db, conn => diesel::insert_into(table::table)
        .values((
            table::excursion_id.eq(excursion),
            table::administration_id.eq(&row.administration_id),
            table::organisation_id.eq(organisation),
            table::lot_id.eq(&row.lot_id),
            table::units.eq(row.units),
        ))
        .on_conflict((table::excursion_id, table::administration_id))
        .do_update()
        .set(table::units.eq(row.units))
        .execute(conn)?);
    Ok(())
}

/// Holds nothing any more.
///
/// # Errors
/// What the database answers.
pub fn let_go(tables: &mut Tables<'_>, organisation: &OrganisationId, excursion: &ExcursionId) -> Result<()> {
    let lots = excursion_lots::table
        .filter(excursion_lots::organisation_id.eq(organisation).and(excursion_lots::excursion_id.eq(excursion)));
    diesel::update(lots).set(excursion_lots::held.eq(false)).execute(tables.db())?;
    Ok(())
}

/// Which excursions.
#[derive(Default)]
pub struct Filter {
    /// Only that one.
    pub id: Option<ExcursionId>,
    /// Only those of a site.
    pub site_id: Option<SiteId>,
    /// Only those of a location.
    pub location_id: Option<LocationId>,
    /// Only those of a sensor.
    pub sensor_id: Option<SensorId>,
    /// Only those of a lot.
    pub lot_id: Option<LotId>,
    /// Only those that are in a state.
    pub state: Option<ExcursionState>,
    /// Only those of a kind.
    pub kind: Option<ExcursionKind>,
}

/// Excursions that the caller sees, by id, after `after`. What has no order of its own is looked for.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<Excursion, 1>> {
    let organisation = &caller.organisation_id;
    let led = || {
        let led = excursions::table
            .filter(excursions::organisation_id.eq(organisation).and(excursions::id.gt(after)))
            .into_boxed();
        match &filter.id {
            Some(id) => led.filter(excursions::id.eq(id)),
            None => led,
        }
    };
    let horizon: Option<ExcursionId> = if filter.id.is_some() { None } else { horizon!(db, led(), excursions::id)? };
    let mut query = led().select(Excursion::as_select()).order(excursions::id).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(excursions::id.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(excursions::site_id.eq_any(sites));
    }
    if let Some(site) = &filter.site_id {
        query = query.filter(excursions::site_id.eq(site));
    }
    if let Some(location) = &filter.location_id {
        query = query.filter(excursions::location_id.eq(location));
    }
    if let Some(sensor) = &filter.sensor_id {
        query = query.filter(excursions::sensor_id.eq(sensor));
    }
    if let Some(lot) = &filter.lot_id {
        let of_lot = excursion_lots::table.filter(excursion_lots::lot_id.eq(lot)).select(excursion_lots::excursion_id);
        query = query.filter(excursions::id.eq_any(of_lot));
    }
    if let Some(state) = filter.state {
        query = query.filter(excursions::state.eq(state));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(excursions::kind.eq(kind));
    }
    Ok(Found { items: query.load(db)?, looked_at: horizon.map(|id| [id.to_string()]) })
}

/// Those that wait for somebody: nobody has assessed them, or they hold units although readings have shown since that there
/// was none; and sensors that are silent. One that is over and of which stability budgets cover all that was there leaves
/// nothing to decide. The earliest first.
///
/// # Errors
/// What the database answers.
pub fn to_assess(db: &mut Db, caller: &Caller, site: Option<&SiteId>, limit: i64) -> Result<Vec<Excursion>> {
    use ExcursionKind as K;
    use ExcursionState as S;
    let mut found: Vec<Excursion> = Vec::new();
    let waiting = [
        (S::Open, vec![K::Above, K::Below, K::Silent]),
        (S::Closed, vec![K::Above, K::Below]),
        (S::Withdrawn, vec![K::Above, K::Below]),
    ];
    for (state, kinds) in waiting {
        let held = excursion_lots::table
            .filter(excursion_lots::excursion_id.eq(excursions::id))
            .filter(excursion_lots::held.eq(true));
        let mut query = excursions::table
            .filter(excursions::organisation_id.eq(&caller.organisation_id))
            .filter(excursions::state.eq(state).and(excursions::kind.eq_any(kinds)))
            .filter(excursions::assessed_at.is_null())
            .select(Excursion::as_select())
            .order(excursions::id)
            .limit(limit)
            .into_boxed();
        if state == S::Withdrawn {
            query = query.filter(exists(held));
        }
        if state == S::Closed {
            let of_it = || excursion_lots::table.filter(excursion_lots::excursion_id.eq(excursions::id));
            let within = of_it().filter(excursion_lots::units_within_budget.gt(0));
            let beyond = of_it().filter(excursion_lots::units_exposed.gt(excursion_lots::units_within_budget));
            query = query.filter(not(exists(within)).or(exists(beyond)));
        }
        if let Some(sites) = &caller.sites {
            query = query.filter(excursions::site_id.eq_any(sites));
        }
        if let Some(site) = site {
            query = query.filter(excursions::site_id.eq(site));
        }
        found.extend(query.load(db)?);
    }
    found.sort_by(|one, other| (one.opened_at, &one.id).cmp(&(other.opened_at, &other.id)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The lots that excursions are about.
///
/// # Errors
/// What the database answers.
pub fn lots(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&ExcursionId],
) -> Result<Vec<(ExcursionId, ExposedLot)>> {
    let rows: Vec<(ExcursionId, LotId, i64, bool, i64)> = excursion_lots::table
        .filter(excursion_lots::organisation_id.eq(organisation))
        .filter(excursion_lots::excursion_id.eq_any(ids.iter().copied()))
        .select((
            excursion_lots::excursion_id,
            excursion_lots::lot_id,
            excursion_lots::units_exposed,
            excursion_lots::held,
            excursion_lots::units_within_budget,
        ))
        .order((excursion_lots::excursion_id, excursion_lots::lot_id))
        .load(db)?;
    Ok(rows
        .into_iter()
        .map(|(id, lot_id, units_exposed, held, units_within_budget)| {
            (id, ExposedLot { lot_id, units_exposed, held, units_within_budget })
        })
        .collect())
}

/// The same for one.
///
/// # Errors
/// What the database answers.
pub fn lots_of(db: &mut Db, organisation: &OrganisationId, id: &ExcursionId) -> Result<Vec<ExposedLot>> {
    Ok(lots(db, organisation, &[id])?.into_iter().map(|(_, lot)| lot).collect())
}

/// What is known to have been administered of those of a lot.
///
/// # Errors
/// What the database answers.
pub fn administered_of(
    db: &mut Db,
    organisation: &OrganisationId,
    excursion: &ExcursionId,
    lot: &LotId,
) -> Result<Vec<Administered>> {
    use excursion_administrations as table;
    let rows: Vec<(AdministrationId, LotId, i64)> = table::table
        .filter(table::organisation_id.eq(organisation).and(table::excursion_id.eq(excursion)))
        .filter(table::lot_id.eq(lot))
        .select((table::administration_id, table::lot_id, table::units))
        .load(db)?;
    Ok(rows.into_iter().map(administered_row).collect())
}

fn administered_row((administration_id, lot_id, units): (AdministrationId, LotId, i64)) -> Administered {
    Administered { administration_id, lot_id, units }
}

/// What was given out of opened units from a moment on.
///
/// # Errors
/// What the database answers.
pub fn given_out_of(
    db: &mut Db,
    organisation: &OrganisationId,
    containers: &[&ContainerId],
    since: Moment,
) -> Result<Vec<AdministrationId>> {
    if containers.is_empty() {
        return Ok(Vec::new());
    }
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation))
        .filter(administrations::container_id.eq_any(containers.iter().copied()))
        .filter(administrations::occurred_at.ge(since))
        .select(administrations::id)
        .load(db)?)
}

/// What was administered of them, by administration, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list_administered(
    db: &mut Db,
    organisation: &OrganisationId,
    excursion: &ExcursionId,
    after: &str,
    limit: i64,
) -> Result<Vec<Administered>> {
    use excursion_administrations as table;
    let rows: Vec<(AdministrationId, LotId, i64)> = table::table
        .filter(table::organisation_id.eq(organisation).and(table::excursion_id.eq(excursion)))
        .filter(table::administration_id.gt(after).and(table::units.gt(0)))
        .select((table::administration_id, table::lot_id, table::units))
        .order(table::administration_id)
        .limit(limit)
        .load(db)?;
    Ok(rows.into_iter().map(administered_row).collect())
}

/// Those of some sensors that go on.
///
/// # Errors
/// What the database answers.
pub fn open_of(db: &mut Db, organisation: &OrganisationId, sensors: &[&SensorId]) -> Result<Vec<Excursion>> {
    Ok(excursions::table
        .filter(excursions::organisation_id.eq(organisation))
        .filter(excursions::sensor_id.eq_any(sensors.iter().copied()))
        .filter(excursions::state.eq(ExcursionState::Open))
        .select(Excursion::as_select())
        .load(db)?)
}

/// Those with these ids.
///
/// # Errors
/// What the database answers.
pub fn excursions(db: &mut Db, organisation: &OrganisationId, ids: &[&ExcursionId]) -> Result<Vec<Excursion>> {
    Ok(excursions::table
        .filter(excursions::organisation_id.eq(organisation).and(excursions::id.eq_any(ids.iter().copied())))
        .select(Excursion::as_select())
        .order(excursions::id)
        .load(db)?)
}

/// Those of a sensor, of a kind and by a rule, that are anywhere between two moments (the second may be none), without those
/// that were withdrawn; the earliest first.
///
/// # Errors
/// What the database answers.
pub fn between(
    db: &mut Db,
    organisation: &OrganisationId,
    sensor: &SensorId,
    kind: ExcursionKind,
    rule: Option<&Json<AlarmRule>>,
    (from, to): (Moment, Option<Moment>),
) -> Result<Vec<Excursion>> {
    let mut query = excursions::table
        .filter(excursions::organisation_id.eq(organisation).and(excursions::sensor_id.eq(sensor)))
        .filter(excursions::state.ne(ExcursionState::Withdrawn).and(excursions::kind.eq(kind)))
        .filter(excursions::closed_at.is_null().or(excursions::closed_at.gt(from)))
        .select(Excursion::as_select())
        .order((excursions::opened_at, excursions::id))
        .into_boxed();
    if let Some(rule) = rule {
        query = query.filter(excursions::rule.eq(rule));
    }
    if let Some(to) = to {
        query = query.filter(excursions::opened_at.lt(to));
    }
    Ok(query.load(db)?)
}

/// Those at a location that began before a moment, without those that were withdrawn, the latest first; of each state so many at
/// the most.
///
/// # Errors
/// What the database answers.
pub fn begun_before(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    to: Moment,
    most: i64,
) -> Result<Vec<Excursion>> {
    let mut found: Vec<Excursion> = Vec::new();
    for state in [ExcursionState::Open, ExcursionState::Closed, ExcursionState::Assessed] {
        let begun: Vec<Excursion> = excursions::table
            .filter(excursions::organisation_id.eq(organisation).and(excursions::location_id.eq(location)))
            .filter(excursions::state.eq(state).and(excursions::opened_at.lt(to)))
            .select(Excursion::as_select())
            .order(excursions::opened_at.desc())
            .limit(most)
            .load(db)?;
        found.extend(begun);
    }
    Ok(found)
}

/// The lots that were exposed in excursions: of so many at the most.
///
/// # Errors
/// What the database answers.
pub fn exposed_lots(
    db: &mut Db,
    organisation: &OrganisationId,
    ids: &[&ExcursionId],
    most: i64,
) -> Result<Vec<(ExcursionId, LotId)>> {
    Ok(excursion_lots::table
        .filter(excursion_lots::organisation_id.eq(organisation).and(excursion_lots::units_exposed.gt(0)))
        .filter(excursion_lots::excursion_id.eq_any(ids.iter().copied()))
        .select((excursion_lots::excursion_id, excursion_lots::lot_id))
        .order((excursion_lots::excursion_id.desc(), excursion_lots::lot_id.desc()))
        .limit(most)
        .load(db)?)
}

/// Those for somebody to assess that were at one of these locations at a moment or later, and those that are about one of these
/// lots; not silent ones, which hold nothing.
///
/// # Errors
/// What the database answers.
pub fn touching(
    db: &mut Db,
    organisation: &OrganisationId,
    arrived_at: &[(&LocationId, Moment)],
    lots: &[&LotId],
) -> Result<Vec<Excursion>> {
    let mut found: Vec<Excursion> = Vec::new();
    for (location, at) in arrived_at {
        let there: Vec<Excursion> = excursions::table
            .filter(excursions::organisation_id.eq(organisation).and(excursions::location_id.eq(*location)))
            .filter(excursions::state.eq_any(UNSETTLED).and(excursions::kind.ne(ExcursionKind::Silent)))
            .filter(excursions::closed_at.is_null().or(excursions::closed_at.ge(*at)))
            .select(Excursion::as_select())
            .load(db)?;
        found.extend(there);
    }
    if !lots.is_empty() {
        let about: Vec<Excursion> = excursion_lots::table
            .inner_join(excursions::table.on(excursions::id.eq(excursion_lots::excursion_id)))
            .filter(excursion_lots::lot_id.eq_any(lots.iter().copied()))
            .filter(excursions::organisation_id.eq(organisation).and(excursions::state.eq_any(UNSETTLED)))
            .filter(excursions::kind.ne(ExcursionKind::Silent))
            .select(Excursion::as_select())
            .load(db)?;
        found.extend(about);
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    Ok(found)
}

/// Those at a location that were assessed and went on at a moment: what was there then was assessed with them.
///
/// # Errors
/// What the database answers.
pub fn assessed_at(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    at: Moment,
) -> Result<Vec<Excursion>> {
    Ok(excursions::table
        .filter(excursions::organisation_id.eq(organisation).and(excursions::location_id.eq(location)))
        .filter(excursions::state.eq(ExcursionState::Assessed).and(excursions::kind.ne(ExcursionKind::Silent)))
        .filter(excursions::opened_at.le(at).and(excursions::closed_at.ge(at)))
        .select(Excursion::as_select())
        .order(excursions::id)
        .load(db)?)
}

/// Whether one that nobody has assessed yet is about the same time as an assessed one.
///
/// # Errors
/// What the database answers.
pub fn waits_beside(db: &mut Db, organisation: &OrganisationId, assessed: &Excursion) -> Result<bool> {
    let same = excursions::table
        .filter(excursions::organisation_id.eq(organisation).and(excursions::sensor_id.eq(&assessed.sensor_id)))
        .filter(excursions::state.eq(ExcursionState::Closed).and(excursions::opened_at.eq(assessed.opened_at)))
        .filter(excursions::rule.eq(&assessed.rule).and(excursions::closed_at.eq(assessed.closed_at)));
    Ok(diesel::select(exists(same)).get_result(db)?)
}

/// The lots with units at a location, or that had any at a moment or later.
///
/// # Errors
/// What the database answers.
pub fn lots_there(
    db: &mut Db,
    organisation: &OrganisationId,
    location: &LocationId,
    since: Moment,
) -> Result<Vec<LotId>> {
    Ok(accounts::table
        .filter(accounts::organisation_id.eq(organisation).and(accounts::location_id.eq(location)))
        .filter(accounts::units.gt(0).or(accounts::changed_at.gt(since)))
        .select(accounts::lot_id)
        .distinct()
        .order(accounts::lot_id)
        .load(db)?)
}

/// The administrations that these events are.
///
/// # Errors
/// What the database answers.
pub fn administrations(db: &mut Db, events: &[&EventId]) -> Result<Vec<(EventId, AdministrationId)>> {
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(EventId, String)> = event_subjects::table
        .filter(event_subjects::event_id.eq_any(events.iter().copied()))
        .filter(event_subjects::subject.like("adm_%"))
        .select((event_subjects::event_id, event_subjects::subject))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(event, subject)| Some((event, subject.parse().ok()?))).collect())
}
