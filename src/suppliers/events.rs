//! What can happen to suppliers.

use super::model::Supplier;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::versions::{Revision, gating, versioned};

events! {
    /// A supplier was registered.
    SupplierRegistered "supplier_registered" (Supplier)
    /// A supplier was corrected.
    SupplierCorrected "supplier_corrected" (Box<Revision<Supplier>>)
    /// A supplier was retired.
    SupplierRetired "supplier_retired" (Box<Revision<Supplier>>)
    /// A supplier was reinstated.
    SupplierReinstated "supplier_reinstated" (Box<Revision<Supplier>>)
}

versioned!(Supplier "supplier" SupplierRegistered SupplierCorrected SupplierRetired SupplierReinstated |_| None);
gating!(Supplier SupplierRetired);

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::SupplierRegistered(new) => store::insert(tables, new),
            Deed::SupplierCorrected(new) | Deed::SupplierRetired(new) | Deed::SupplierReinstated(new) => {
                once(store::replace(tables, &new.row)?)
            }
        }
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        match self {
            Deed::SupplierRegistered(s) => format!("Supplier {} was registered.", s.name),
            Deed::SupplierCorrected(revision) => revision.summary("corrected"),
            Deed::SupplierRetired(revision) => revision.summary("retired"),
            Deed::SupplierReinstated(revision) => revision.summary("reinstated"),
        }
    }
}
