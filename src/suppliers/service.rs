//! Registering, correcting and retiring suppliers, and finding them for other slices.

use super::events::Deed;
use super::model::Supplier;
use super::store;
use super::wire::{NewSupplier, SupplierView};
use crate::command::{About, Command};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::http::versions::{Sent, edited};
use crate::ids::{OrganisationId, SupplierId};
use crate::values::Json;
use crate::versions::{self, Alike, Change, Reinstatement, Retirement, SAME_NAME_MAX};

// What others may ask of the tables, or let follow from their events.
pub use super::store::{by_ids, of_name, supplier};

/// Registers a supplier.
///
/// # Errors
/// `empty_list`, `duplicate_entry`.
pub fn register(cmd: &mut Command<'_>, new: &NewSupplier) -> Result<Supplier> {
    let id = cmd.mint(SupplierId::mint);
    let supplier = described(cmd, id, new)?;
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![supplier.id.to_string()] };
    cmd.record(about, Deed::SupplierRegistered(supplier.clone()))?;
    Ok(supplier)
}

/// The supplier that is meant: the one with that GLN, else the one of that name in that country. With what it would be by this,
/// so that a list can be brought in twice.
///
/// # Errors
/// As for [`register`].
pub fn alike(cmd: &mut Command<'_>, new: &NewSupplier) -> Result<Option<Alike<Supplier>>> {
    let organisation = cmd.organisation();
    let by_gln = new.gln.as_ref().map(|gln| store::of_gln(cmd.db, organisation, gln)).transpose()?.flatten();
    let found = match by_gln {
        Some(found) => Some(found),
        None => {
            let named = store::of_name(cmd.db, organisation, &new.name, SAME_NAME_MAX)?;
            named.into_iter().find(|supplier| supplier.country == new.country)
        }
    };
    found.map(|stands| Ok(Alike { asked: described(cmd, stands.id.clone(), new)?, stands })).transpose()
}

fn described(cmd: &Command<'_>, id: SupplierId, new: &NewSupplier) -> Result<Supplier> {
    crate::catalogue::rules::distinct_classes("approved_classes", &new.approved_classes)?;
    Ok(Supplier {
        id,
        organisation_id: cmd.organisation().clone(),
        name: new.name.clone(),
        country: new.country.clone(),
        gln: new.gln.clone(),
        approved_classes: Json::new(new.approved_classes.clone()),
        registered_at: cmd.now,
        version: versions::FIRST,
        retired_at: None,
    })
}

/// Corrects a supplier.
///
/// # Errors
/// `not_found`, `precondition_failed`, `retired`, `empty_list`, `duplicate_entry`, what [`edited`] refuses.
pub fn correct(cmd: &mut Command<'_>, id: &SupplierId, change: &Change, sent: &Sent) -> Result<Supplier> {
    let earlier = versions::in_force(store::supplier(cmd.db, cmd.organisation(), id)?, change)?;
    let new = edited(change, sent, &SupplierView::from(earlier.clone()))?;
    let now = described(cmd, id.clone(), &new)?;
    versions::correct(cmd, &earlier, now, change)
}

/// Retires a supplier.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire(cmd: &mut Command<'_>, id: &SupplierId, retirement: &Retirement) -> Result<Supplier> {
    let found = store::supplier(cmd.db, cmd.organisation(), id)?;
    versions::retire(cmd, found, retirement)
}

/// Puts a retired supplier back into use.
///
/// # Errors
/// `not_found`, `not_retired`.
pub fn reinstate(cmd: &mut Command<'_>, id: &SupplierId, reinstatement: &Reinstatement) -> Result<Supplier> {
    let found = store::supplier(cmd.db, cmd.organisation(), id)?;
    versions::reinstate(cmd, found, reinstatement)
}

/// The supplier that a body names.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, organisation: &OrganisationId, id: &SupplierId) -> Result<Supplier> {
    store::supplier(db, organisation, id)?.ok_or_else(|| Error::reference_unknown("supplier_id"))
}
