//! What became of the units of a lot, row by row.

use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamp};

use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{administration_voids, administrations};
use crate::error::Result;
use crate::http::paging::{After, later};
use crate::ids::{
    AdministrationId, ContainerId, EventId, LotId, OrganisationId, PackId, PatientId, PractitionerId, SiteId,
};
use crate::ledger::{Account, AccountKind};
use crate::values::Serial;

/// Units that were given to a patient.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = administrations)]
pub struct Given {
    /// The administration.
    pub id: AdministrationId,
    /// The lot.
    pub lot_id: LotId,
    /// The number of their pack.
    pub serial: Option<Serial>,
    /// How many.
    pub units: i64,
    /// At which site.
    pub site_id: SiteId,
    /// To whom.
    pub patient_id: PatientId,
    /// By whom.
    pub practitioner_id: PractitionerId,
    /// When.
    pub occurred_at: Moment,
    /// Out of which opened unit, if it was a share of one.
    pub container_id: Option<ContainerId>,
}

/// The administrations of a lot that stand, the earliest first, after a place; only of packs with these serial numbers, where
/// some are named.
///
/// # Errors
/// What the database answers.
pub fn given(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &LotId,
    serials: Option<&[Serial]>,
    after: &After,
    limit: i64,
) -> Result<Vec<Given>> {
    let voided = administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id));
    let query = administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::lot_id.eq(lot)))
        .filter(later!("administrations.occurred_at", "administrations.id", after))
        .filter(not(exists(voided)))
        .select(Given::as_select())
        .order((administrations::occurred_at, administrations::id))
        .limit(limit)
        .into_boxed();
    Ok(match serials {
        Some(serials) => query.filter(administrations::serial.eq_any(serials)).load(db)?,
        None => query.load(db)?,
    })
}

/// Units that left for good, or came back from there.
#[derive(Clone, Debug, QueryableByName)]
pub struct Gone {
    /// The event.
    #[diesel(sql_type = Text)]
    pub event_id: EventId,
    /// Which of its lines.
    #[diesel(sql_type = Integer)]
    pub line: i32,
    /// How many.
    #[diesel(sql_type = BigInt)]
    pub units: i64,
    /// When.
    #[diesel(sql_type = Timestamp)]
    pub counts_at: Moment,
    /// From where.
    #[diesel(sql_type = Text)]
    pub from_kind: AccountKind,
    /// To where.
    #[diesel(sql_type = Text)]
    pub to_kind: AccountKind,
    /// From which site, or back to which.
    #[diesel(sql_type = Nullable<Text>)]
    pub site_id: Option<SiteId>,
    /// Of which pack.
    #[diesel(sql_type = Nullable<Text>)]
    pub pack_id: Option<PackId>,
}

/// The places outside that units leave for, other than patients.
pub const GONE: [AccountKind; 4] =
    [AccountKind::Waste, AccountKind::Returned, AccountKind::Destroyed, AccountKind::Lost];

/// What left of a lot for good, and came back from there, the earliest first, after a place: an event and a line of it.
///
/// # Errors
/// What the database answers.
pub fn gone(
    db: &mut Db,
    organisation: &OrganisationId,
    lot: &LotId,
    (after, line): (&After, i32),
    limit: i64,
) -> Result<Vec<Gone>> {
    // Most of what moved went to patients: that is left out by the ids of the accounts, before any of them is looked up.
    let [waste, returned, destroyed, lost] = GONE.map(|kind| Account::outside(kind).id(lot));
    Ok(sql_query(
        "SELECT moved.event_id, moved.line, moved.units, moved.counts_at, source.kind AS from_kind, \
         target.kind AS to_kind, COALESCE(source.site_id, target.site_id) AS site_id, moved.pack_id \
         FROM postings AS moved JOIN accounts AS source ON source.id = moved.from_account \
         JOIN accounts AS target ON target.id = moved.to_account \
         WHERE moved.lot_id = $1 AND moved.organisation_id = $2 \
         AND (moved.from_account IN ($3, $4, $5, $6) OR moved.to_account IN ($3, $4, $5, $6)) \
         AND (moved.counts_at, moved.event_id, moved.line) > ($7, $8, $9) \
         ORDER BY moved.counts_at, moved.event_id, moved.line LIMIT $10",
    )
    .bind::<Text, _>(lot)
    .bind::<Text, _>(organisation)
    .bind::<Text, _>(waste)
    .bind::<Text, _>(returned)
    .bind::<Text, _>(destroyed)
    .bind::<Text, _>(lost)
    .bind::<Timestamp, _>(after.at)
    .bind::<Text, _>(&after.id)
    .bind::<Integer, _>(line)
    .bind::<BigInt, _>(limit)
    .load(db)?)
}
