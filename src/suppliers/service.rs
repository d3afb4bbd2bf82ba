//! Registering suppliers, and finding them for other slices.

use super::api::NewSupplier;
use super::model::Supplier;
use super::store;
use crate::command::{About, Command};
use crate::custody::model::Deed;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, SupplierId};
use crate::values::Json;

/// Registers a supplier.
///
/// # Errors
/// `empty_list`, `duplicate_entry`.
pub fn register(cmd: &mut Command<'_>, new: &NewSupplier) -> Result<Supplier> {
    crate::catalogue::rules::distinct_classes("approved_classes", &new.approved_classes)?;
    let supplier = Supplier {
        id: cmd.mint(SupplierId::mint),
        organisation_id: cmd.organisation().clone(),
        name: new.name.clone(),
        country: new.country.clone(),
        gln: new.gln.clone(),
        approved_classes: Json::new(new.approved_classes.clone()),
        registered_at: cmd.now,
    };
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![supplier.id.to_string()] };
    cmd.record(about, Deed::SupplierRegistered(supplier.clone()))?;
    Ok(supplier)
}

/// The supplier that a body names.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, organisation: &OrganisationId, id: &SupplierId) -> Result<Supplier> {
    store::supplier(db, organisation, id)?.ok_or_else(|| Error::reference_unknown("supplier_id"))
}
