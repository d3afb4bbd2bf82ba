//! The tables of recalls, and what of others they ask.

mod became;

pub use became::{GONE, Given, Gone, given, gone};

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::model::{Acknowledgement, Closing, Contact, ContactOutcome, Recall};
use crate::clock::Moment;
use crate::db::Db;
use crate::db::schema::{
    administration_voids, administrations, product_identifiers, recall_acknowledgements, recall_contacts, recalls,
};
use crate::error::Result;
use crate::ids::{AdministrationId, LotId, OrganisationId, PatientId, ProductId, RecallId, SiteId};
use crate::journal::tables::Tables;
use crate::limits::LOOKED_AT_MAX;
use crate::values::{Json, Serial, Word};

/// Adds a recall.
///
/// # Errors
/// What the database answers.
pub fn insert(tables: &mut Tables<'_>, recall: &Recall) -> Result<()> {
    let db = tables.db();
    let key = recalls::reference_key.eq(Recall::key(&recall.reference));
    let sought = recalls::reference_sought.eq(Recall::sought(&recall.reference));
    diesel::insert_into(recalls::table).values((recall, key, sought)).execute(db)?;
    Ok(())
}

/// Closes a recall that is open; false when it is not.
///
/// # Errors
/// What the database answers.
pub fn close(
    tables: &mut Tables<'_>,
    organisation: &OrganisationId,
    id: &RecallId,
    (by, at): (&str, Moment),
    closing: &Closing,
) -> Result<bool> {
    let db = tables.db();
    let open = recalls::table
        .filter(recalls::organisation_id.eq(organisation).and(recalls::id.eq(id)))
        .filter(recalls::closed_at.is_null());
    let changed = diesel::update(open)
        .set((recalls::closed_at.eq(at), recalls::closed_by.eq(by), recalls::closing.eq(Json::new(closing.clone()))))
        .execute(db)?;
    Ok(changed == 1)
}

/// Adds that a site has seen a recall.
///
/// # Errors
/// What the database answers; a unique violation where somebody of it has said so before.
pub fn insert_acknowledgement(tables: &mut Tables<'_>, new: &Acknowledgement) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(recall_acknowledgements::table).values(new).execute(db)?;
    Ok(())
}

/// Adds what came of telling a patient.
///
/// # Errors
/// What the database answers.
pub fn insert_contact(tables: &mut Tables<'_>, new: &Contact) -> Result<()> {
    let db = tables.db();
    diesel::insert_into(recall_contacts::table).values(new).execute(db)?;
    Ok(())
}

/// What patients were given of lots, and what was not voided: the lots, and the numbers of the packs.
///
/// # Errors
/// What the database answers.
pub fn given_to(
    db: &mut Db,
    organisation: &OrganisationId,
    patients: &[PatientId],
    lots: &[&LotId],
) -> Result<Vec<(LotId, Option<Serial>)>> {
    let voided = administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id));
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::patient_id.eq_any(patients)))
        .filter(administrations::lot_id.eq_any(lots.iter().copied()))
        .filter(not(exists(voided)))
        .select((administrations::lot_id, administrations::serial))
        .distinct()
        .load(db)?)
}

/// The recall of that id, if the organisation has it.
///
/// # Errors
/// What the database answers.
pub fn recall(db: &mut Db, organisation: &OrganisationId, id: &RecallId) -> Result<Option<Recall>> {
    Ok(recalls::table
        .filter(recalls::organisation_id.eq(organisation).and(recalls::id.eq(id)))
        .select(Recall::as_select())
        .first(db)
        .optional()?)
}

/// The recall of that reference, however it is spelt.
///
/// # Errors
/// What the database answers.
pub fn by_reference(db: &mut Db, organisation: &OrganisationId, reference: &Word) -> Result<Option<Recall>> {
    Ok(recalls::table
        .filter(recalls::organisation_id.eq(organisation))
        .filter(recalls::reference_sought.eq(Recall::sought(reference)))
        .select(Recall::as_select())
        .order(recalls::id)
        .first(db)
        .optional()?)
}

/// Recalls by id, after `after`; only open ones, or only closed ones, if so asked.
///
/// # Errors
/// What the database answers.
pub fn list(
    db: &mut Db,
    organisation: &OrganisationId,
    open: Option<bool>,
    after: &str,
    limit: i64,
) -> Result<Vec<Recall>> {
    let query = recalls::table
        .filter(recalls::organisation_id.eq(organisation).and(recalls::id.gt(after)))
        .select(Recall::as_select())
        .order(recalls::id)
        .limit(limit)
        .into_boxed();
    Ok(match open {
        Some(true) => query.filter(recalls::closed_at.is_null()).load(db)?,
        Some(false) => query.filter(recalls::closed_at.is_not_null()).load(db)?,
        None => query.load(db)?,
    })
}

/// Whether any recall is open.
///
/// # Errors
/// What the database answers.
pub fn is_any_open(db: &mut Db, organisation: &OrganisationId) -> Result<bool> {
    let open = recalls::table.filter(recalls::organisation_id.eq(organisation)).filter(recalls::closed_at.is_null());
    Ok(open.select(recalls::id).first::<RecallId>(db).optional()?.is_some())
}

/// The open recalls of these products, each with its product.
///
/// # Errors
/// What the database answers.
pub fn open_of(db: &mut Db, organisation: &OrganisationId, products: &[ProductId]) -> Result<Vec<(Recall, ProductId)>> {
    Ok(recalls::table
        .inner_join(product_identifiers::table.on(product_identifiers::value.eq(recalls::gtin)))
        .filter(recalls::organisation_id.eq(organisation).and(recalls::closed_at.is_null()))
        .filter(product_identifiers::organisation_id.eq(organisation))
        .filter(product_identifiers::scheme.eq("gtin").and(product_identifiers::product_id.eq_any(products)))
        .select((Recall::as_select(), product_identifiers::product_id))
        .order(recalls::id)
        .load(db)?)
}

/// The sites that have seen a recall.
///
/// # Errors
/// What the database answers.
pub fn acknowledgements(db: &mut Db, organisation: &OrganisationId, id: &RecallId) -> Result<Vec<Acknowledgement>> {
    Ok(recall_acknowledgements::table
        .filter(recall_acknowledgements::recall_id.eq(id))
        .filter(recall_acknowledgements::organisation_id.eq(organisation))
        .select(Acknowledgement::as_select())
        .order(recall_acknowledgements::site_id)
        .load(db)?)
}

/// What came last of telling the patients of these administrations.
///
/// # Errors
/// What the database answers.
pub fn contacts(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &RecallId,
    of: &[&AdministrationId],
) -> Result<Vec<Contact>> {
    if of.is_empty() {
        return Ok(Vec::new());
    }
    Ok(recall_contacts::table
        .filter(recall_contacts::recall_id.eq(id))
        .filter(recall_contacts::administration_id.eq_any(of.iter().copied()))
        .filter(recall_contacts::organisation_id.eq(organisation))
        .select(Contact::as_select())
        .order(recall_contacts::id)
        .load(db)?)
}

/// How an administration stands that somebody was told of: its lot, its serial number, its site; none where it is void.
///
/// # Errors
/// What the database answers.
pub fn administered(
    db: &mut Db,
    organisation: &OrganisationId,
    id: &AdministrationId,
) -> Result<Option<(LotId, Option<Serial>, SiteId)>> {
    let voided = administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id));
    Ok(administrations::table
        .filter(administrations::organisation_id.eq(organisation).and(administrations::id.eq(id)))
        .filter(not(exists(voided)))
        .select((administrations::lot_id, administrations::serial, administrations::site_id))
        .first(db)
        .optional()?)
}

/// Of the first administrations of a lot that stand, so many at the most, how many patients do not know of a recall; and whether
/// these are all.
///
/// # Errors
/// What the database answers.
pub fn untold(
    db: &mut Db,
    organisation: &OrganisationId,
    recall: &RecallId,
    lot: &LotId,
    serials: Option<&[Serial]>,
    most: i64,
) -> Result<(i64, bool)> {
    let start = crate::http::paging::After::START;
    let found = given(db, organisation, lot, serials, &start, most)?;
    let ids: Vec<_> = found.iter().map(|given| &given.id).collect();
    let mut told: Vec<_> = contacts(db, organisation, recall, &ids)?;
    told.retain(|contact| contact.outcome.is_reached());
    let untold = found.iter().filter(|given| !told.iter().any(|contact| contact.administration_id == given.id));
    let is_all = i64::try_from(found.len()).is_ok_and(|found| found < most);
    Ok((i64::try_from(untold.count()).unwrap_or(i64::MAX), is_all))
}

/// The first administrations of a lot that stand, at sites that are seen, and of which the patient does not know of a recall, so
/// many at the most: of the first [`LOOKED_AT_MAX`] that stand.
///
/// # Errors
/// What the database answers.
pub fn to_tell(
    db: &mut Db,
    organisation: &OrganisationId,
    recall: &RecallId,
    lot: &LotId,
    serials: Option<&[Serial]>,
    (is_seen, most): (&dyn Fn(&SiteId) -> bool, usize),
) -> Result<Vec<Given>> {
    let mut found = Vec::new();
    let (mut after, mut looked_at) = (crate::http::paging::After::START, 0);
    while found.len() < most && looked_at < LOOKED_AT_MAX {
        let next = given(db, organisation, lot, serials, &after, LOOKED_AT_ONCE)?;
        let ids: Vec<_> = next.iter().map(|given| &given.id).collect();
        let mut told = contacts(db, organisation, recall, &ids)?;
        told.retain(|contact| contact.outcome.is_reached());
        let Some(last) = next.last() else { break };
        after = crate::http::paging::After { at: last.occurred_at, id: last.id.to_string() };
        looked_at += LOOKED_AT_ONCE;
        let is_told = |one: &Given| told.iter().any(|contact| contact.administration_id == one.id);
        found.extend(next.into_iter().filter(|one| is_seen(&one.site_id) && !is_told(one)));
    }
    found.truncate(most);
    Ok(found)
}

/// How many administrations one statement looks at for those whose patients are to be told.
const LOOKED_AT_ONCE: i64 = 200;

/// How many administrations of lots stand (of packs with these serial numbers, where some are named), and of how many of them
/// the patient knows of a recall; and at which sites they were.
///
/// # Errors
/// What the database answers.
pub fn reached(
    db: &mut Db,
    organisation: &OrganisationId,
    recall: &RecallId,
    lots: &[LotId],
    serials: Option<&[Serial]>,
) -> Result<(i64, i64, Vec<SiteId>)> {
    let standing = || {
        let voided =
            administration_voids::table.filter(administration_voids::administration_id.eq(administrations::id));
        let query = administrations::table
            .filter(administrations::organisation_id.eq(organisation).and(administrations::lot_id.eq_any(lots)))
            .filter(not(exists(voided)))
            .into_boxed();
        match serials {
            Some(serials) => query.filter(administrations::serial.eq_any(serials)),
            None => query,
        }
    };
    let told = recall_contacts::table
        .filter(recall_contacts::recall_id.eq(recall))
        .filter(recall_contacts::administration_id.eq(administrations::id))
        .filter(recall_contacts::outcome.eq_any(ContactOutcome::reached()));
    let all: i64 = standing().count().get_result(db)?;
    let told: i64 = standing().filter(exists(told)).count().get_result(db)?;
    let sites = standing().select(administrations::site_id).distinct().load(db)?;
    Ok((all, told, sites))
}
