//! The tables of adverse events.

pub mod counts;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{AdverseEvent, AdverseEventState, Entry, Row, Standing, Suspect, SuspectRow, Withdrawn, place};
use crate::caller::Caller;
use crate::clock::Moment;
use crate::db::schema::{adverse_event_administrations, adverse_event_entries, adverse_events};
use crate::db::{Db, insert_rows, lock_rows};
use crate::error::Result;
use crate::http::paging::{Found, horizon};
use crate::ids::{
    AdministrationId, AdverseEventEntryId, AdverseEventId, LotId, OrganisationId, PatientId, ProductId, SiteId,
};
use crate::journal::tables::Tables;
use crate::limits::ADVERSE_EVENT_ENTRIES_MAX;

/// Adds an adverse event.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, event: &AdverseEvent) -> Result<()> {
    diesel::insert_into(adverse_events::table).values(Row::from(event.clone())).execute(tables.db())?;
    Ok(())
}

/// Adds the administrations that it is about.
///
/// # Errors
/// What the database answers.
pub fn insert_suspects(tables: &mut Tables<'_>, event: &AdverseEvent, suspects: &[Suspect]) -> Result<()> {
    let row = |suspect: &Suspect| SuspectRow {
        adverse_event_id: event.id.clone(),
        administration_id: suspect.administration_id.clone(),
        organisation_id: event.organisation_id.clone(),
        lot_id: suspect.lot_id.clone(),
        product_id: suspect.product_id.clone(),
        voided: false,
    };
    let rows: Vec<SuspectRow> = suspects.iter().map(row).collect();
    insert_rows!(tables.db(), adverse_event_administrations::table, rows);
    Ok(())
}

/// Adds what was recorded about one.
///
/// # Errors
/// What the database answers.
pub fn insert_entry(tables: &mut Tables<'_>, entry: &Entry) -> Result<()> {
    diesel::insert_into(adverse_event_entries::table).values(entry).execute(tables.db())?;
    Ok(())
}

/// Says how far one is from now on, and what is due; false when there is no such.
///
/// # Errors
/// What the database answers.
pub fn stand(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    (id, recorded_at): (&AdverseEventId, Moment),
    standing: &Standing,
) -> Result<bool> {
    let one = adverse_events::table
        .filter(adverse_events::organisation_id.eq(organisation).and(adverse_events::id.eq(id)))
        .filter(adverse_events::recorded_at.eq(recorded_at));
    let changed = diesel::update(one)
        .set((
            adverse_events::state.eq(standing.state),
            adverse_events::see_by.eq(standing.see_by),
            adverse_events::seen_at.eq(standing.seen_at),
            adverse_events::duties.eq(&standing.duties),
            adverse_events::reviewed_at.eq(standing.reviewed_at),
            adverse_events::closed_at.eq(standing.closed_at),
            adverse_events::place.eq(place(id, recorded_at, standing)),
        ))
        .execute(tables.db())?;
    Ok(changed == 1)
}

/// Marks an administration of one as voided; false when it was before.
///
/// # Errors
/// What the database answers.
pub fn withdraw(tables: &mut Tables<'_>, organisation: &OrganisationId, withdrawn: &Withdrawn) -> Result<bool> {
    let one = adverse_event_administrations::table
        .filter(adverse_event_administrations::organisation_id.eq(organisation))
        .filter(adverse_event_administrations::adverse_event_id.eq(&withdrawn.adverse_event_id))
        .filter(adverse_event_administrations::administration_id.eq(&withdrawn.administration_id))
        .filter(adverse_event_administrations::voided.eq(false));
    let changed = diesel::update(one).set(adverse_event_administrations::voided.eq(true)).execute(tables.db())?;
    Ok(changed == 1)
}

/// Locks adverse events: nothing is recorded about them until the transaction ends.
///
/// # Errors
/// What the database answers.
pub fn lock(db: &mut Db, organisation: &OrganisationId, ids: &[&AdverseEventId]) -> Result<()> {
    lock_rows!(
        db,
        adverse_events::table
            .filter(adverse_events::organisation_id.eq(organisation))
            .filter(adverse_events::id.eq_any(ids.iter().copied()))
            .select(adverse_events::id)
            .order(adverse_events::id)
    );
    Ok(())
}

/// An adverse event, by its id.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &AdverseEventId) -> Result<Option<AdverseEvent>> {
    let found = adverse_events::table
        .filter(adverse_events::organisation_id.eq(organisation).and(adverse_events::id.eq(id)))
        .select(Row::as_select())
        .first(db)
        .optional()?;
    Ok(found.map(AdverseEvent::from))
}

/// What was recorded about one, in the order of time.
///
/// # Errors
/// What the database answers.
pub fn entries(db: &mut Db, organisation: &OrganisationId, id: &AdverseEventId) -> Result<Vec<Entry>> {
    Ok(adverse_event_entries::table
        .filter(adverse_event_entries::organisation_id.eq(organisation))
        .filter(adverse_event_entries::adverse_event_id.eq(id))
        .select(Entry::as_select())
        .order(adverse_event_entries::id)
        .limit(ADVERSE_EVENT_ENTRIES_MAX)
        .load(db)?)
}

/// Something that was recorded about one, by its id.
///
/// # Errors
/// What the database answers.
pub fn entry(
    db: &mut Db,
    organisation: &OrganisationId,
    event: &AdverseEventId,
    id: &AdverseEventEntryId,
) -> Result<Option<Entry>> {
    Ok(adverse_event_entries::table
        .filter(adverse_event_entries::organisation_id.eq(organisation).and(adverse_event_entries::id.eq(id)))
        .filter(adverse_event_entries::adverse_event_id.eq(event))
        .select(Entry::as_select())
        .first(db)
        .optional()?)
}

/// How much was recorded about one.
///
/// # Errors
/// What the database answers.
pub fn count_entries(db: &mut Db, organisation: &OrganisationId, id: &AdverseEventId) -> Result<i64> {
    Ok(adverse_event_entries::table
        .filter(adverse_event_entries::organisation_id.eq(organisation))
        .filter(adverse_event_entries::adverse_event_id.eq(id))
        .count()
        .get_result(db)?)
}

/// The administrations that adverse events are about, in the order of these.
///
/// # Errors
/// What the database answers.
pub fn suspects(db: &mut Db, organisation: &OrganisationId, ids: &[&AdverseEventId]) -> Result<Vec<SuspectRow>> {
    Ok(adverse_event_administrations::table
        .filter(adverse_event_administrations::organisation_id.eq(organisation))
        .filter(adverse_event_administrations::adverse_event_id.eq_any(ids.iter().copied()))
        .select(SuspectRow::as_select())
        .order((adverse_event_administrations::adverse_event_id, adverse_event_administrations::administration_id))
        .load(db)?)
}

/// The adverse events that are about an administration.
///
/// # Errors
/// What the database answers.
pub fn about(
    db: &mut Db,
    organisation: &OrganisationId,
    administration: &AdministrationId,
) -> Result<Vec<AdverseEventId>> {
    Ok(adverse_event_administrations::table
        .filter(adverse_event_administrations::organisation_id.eq(organisation))
        .filter(adverse_event_administrations::administration_id.eq(administration))
        .select(adverse_event_administrations::adverse_event_id)
        .order(adverse_event_administrations::adverse_event_id)
        .load(db)?)
}

/// Adverse events for which somebody must still do something, of the organisation or of one site: what is due first, first; so many
/// at the most.
///
/// # Errors
/// What the database answers.
pub fn waiting(
    db: &mut Db,
    organisation: &OrganisationId,
    site: Option<&SiteId>,
    most: i64,
) -> Result<Vec<AdverseEvent>> {
    let query = adverse_events::table
        .filter(adverse_events::organisation_id.eq(organisation).and(adverse_events::place.lt("2")))
        .select(Row::as_select())
        .order(adverse_events::place)
        .limit(most);
    let found: Vec<Row> = match site {
        Some(site) => query.filter(adverse_events::site_id.eq(site)).load(db)?,
        None => query.load(db)?,
    };
    Ok(found.into_iter().map(AdverseEvent::from).collect())
}

/// Which adverse events.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only at this site.
    pub site_id: Option<SiteId>,
    /// Only those that are so far.
    pub state: Option<AdverseEventState>,
    /// Only those about this product.
    pub product_id: Option<ProductId>,
    /// Only those about this lot.
    pub lot_id: Option<LotId>,
    /// Only of this patient: of whoever goes or went by one reference.
    pub patient: Option<Vec<PatientId>>,
}

/// Adverse events at sites that the caller sees, by what is due, after `after`.
///
/// # Errors
/// What the database answers.
pub fn list(db: &mut Db, caller: &Caller, filter: &Filter, after: &str, limit: i64) -> Result<Found<AdverseEvent, 1>> {
    use adverse_event_administrations as suspects;
    let Filter { site_id, state, product_id, lot_id, patient } = filter;
    let led = || {
        let led = adverse_events::table
            .filter(adverse_events::organisation_id.eq(&caller.organisation_id).and(adverse_events::place.gt(after)))
            .into_boxed();
        let led = match site_id {
            Some(site) => led.filter(adverse_events::site_id.eq(site)),
            None => led,
        };
        match patient {
            Some(patient) => led.filter(adverse_events::patient_id.eq_any(patient)),
            None => led,
        }
    };
    let is_led = caller.sites.is_none() && state.is_none() && product_id.is_none() && lot_id.is_none();
    let horizon: Option<String> = if is_led { None } else { horizon!(db, led(), adverse_events::place)? };
    let mut query = led().select(Row::as_select()).order(adverse_events::place).limit(limit);
    if let Some(last) = &horizon {
        query = query.filter(adverse_events::place.le(last));
    }
    if let Some(sites) = &caller.sites {
        query = query.filter(adverse_events::site_id.eq_any(sites));
    }
    if let Some(state) = state {
        query = query.filter(adverse_events::state.eq(*state));
    }
    let of = || {
        suspects::table
            .filter(suspects::organisation_id.eq(&caller.organisation_id))
            .filter(suspects::adverse_event_id.eq(adverse_events::id))
    };
    if let Some(product) = product_id {
        query = query.filter(exists(of().filter(suspects::product_id.eq(product))));
    }
    if let Some(lot) = lot_id {
        query = query.filter(exists(of().filter(suspects::lot_id.eq(lot))));
    }
    let items = query.load::<Row>(db)?.into_iter().map(AdverseEvent::from).collect();
    Ok(Found { items, looked_at: horizon.map(|place| [place]) })
}
