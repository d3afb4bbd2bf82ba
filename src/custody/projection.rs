//! What each event does to the tables: the only writer of them all.
//!
//! Commands apply an event when they record it, and [`super::verify`] applies the same events to an empty database. This
//! is the one module that reaches into every slice's store.

use super::model::{Deed, Event};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::OrganisationId;
use crate::stock::ledger;
use crate::versions::Versioned;

/// Applies an event to the tables.
///
/// # Errors
/// [`Error::Race`] when stock that it moves is not there; what the database answers otherwise.
pub fn apply(db: &mut Db, event: &Event) -> Result<()> {
    let organisation = &event.organisation_id;
    apply_deed(db, organisation, &event.deed)?;
    ledger::post(db, organisation, &event.id, event.deed.postings())
}

fn apply_deed(db: &mut Db, organisation: &OrganisationId, deed: &Deed) -> Result<()> {
    match deed {
        Deed::OrganisationRegistered(new) => crate::organisations::store::insert(db, new),
        Deed::SiteRegistered(new) => crate::sites::store::insert_site(db, new),
        Deed::LocationRegistered(new) => crate::sites::store::insert_location(db, new),
        Deed::ProductRegistered(new) => crate::catalogue::store::insert(db, new),
        Deed::SupplierRegistered(new) => crate::suppliers::store::insert(db, new),
        Deed::PractitionerRegistered(new) => crate::practitioners::store::insert(db, new),
        Deed::SiteCorrected(new) | Deed::SiteRetired(new) => new.row.replace(db),
        Deed::LocationCorrected(new) | Deed::LocationRetired(new) => new.row.replace(db),
        Deed::ProductCorrected(new) | Deed::ProductRetired(new) => new.row.replace(db),
        Deed::SupplierCorrected(new) | Deed::SupplierRetired(new) => new.row.replace(db),
        Deed::PractitionerCorrected(new) | Deed::PractitionerRetired(new) => new.row.replace(db),
        Deed::LicenceRegistered(new) => crate::licences::store::insert(db, new),
        Deed::LicenceChecked(new) => crate::licences::store::insert_check(db, new),
        Deed::ReceiptRecorded(new) => crate::receiving::store::insert(db, new),
        Deed::StockReceived { line, new_lot, packs, .. } => {
            if let Some(lot) = new_lot {
                crate::stock::store::insert_lot(db, lot)?;
            }
            crate::receiving::store::insert_line(db, line)?;
            crate::stock::store::insert_packs(db, packs)
        }
        Deed::PackagingInspected(new) => crate::inspections::store::insert(db, new),
        Deed::StockReleased { release, allocations, .. } => {
            crate::inspections::store::insert_release(db, release, allocations)
        }
        Deed::HoldOpened { hold, .. } => crate::holds::store::insert(db, hold),
        Deed::HoldLifted { lift, .. } => match crate::holds::store::lift(db, organisation, lift)? {
            true => Ok(()),
            false => Err(Error::Race),
        },
        Deed::StockAdministered { administration, new_lot, .. } => {
            if let Some(lot) = new_lot {
                crate::stock::store::insert_lot(db, lot)?;
            }
            crate::treatment::store::insert(db, administration)
        }
        Deed::AdministrationVoided { void, .. } => crate::treatment::store::insert_void(db, void),
        Deed::DeviationOpened(new) => crate::treatment::store::insert_deviation(db, new),
        Deed::DeviationClosed(closure) => match crate::treatment::store::close_deviation(db, organisation, closure)? {
            true => Ok(()),
            false => Err(Error::Race),
        },
        Deed::StockTransferred { movement, .. }
        | Deed::StockWasted { movement, .. }
        | Deed::StockReturned { movement, .. }
        | Deed::StockDestroyed { movement, .. }
        | Deed::StockCounted { movement, .. } => crate::movements::store::insert(db, movement),
        // what they change is postings, or nothing at all
        Deed::StockRejected { .. } | Deed::GateRefused { .. } => Ok(()),
    }
}
