//! What can happen to products.

use super::model::Product;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::versions::{Revision, gating, versioned};

events! {
    /// A product was registered.
    ProductRegistered "product_registered" (Box<Product>)
    /// A product was corrected.
    ProductCorrected "product_corrected" (Box<Revision<Product>>)
    /// A product was retired.
    ProductRetired "product_retired" (Box<Revision<Product>>)
    /// A product was reinstated.
    ProductReinstated "product_reinstated" (Box<Revision<Product>>)
}

versioned!(Product "product" ProductRegistered ProductCorrected ProductRetired ProductReinstated |_| None);
gating!(Product ProductRetired);

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::ProductRegistered(new) => store::insert(tables, new),
            Deed::ProductCorrected(new) => {
                once(store::replace(tables, &new.row)?)?;
                store::replace_identifiers(tables, &new.row)?;
                store::replace_approvals(tables, &new.row)
            }
            Deed::ProductRetired(new) | Deed::ProductReinstated(new) => once(store::replace(tables, &new.row)?),
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
            Deed::ProductRegistered(p) => {
                let named = p.known_by().next().map(|known| format!(" ({})", known.named())).unwrap_or_default();
                format!("Product {}{named} was registered.", p.name)
            }
            Deed::ProductCorrected(revision) => revision.summary("corrected"),
            Deed::ProductRetired(revision) => revision.summary("retired"),
            Deed::ProductReinstated(revision) => revision.summary("reinstated"),
        }
    }
}
