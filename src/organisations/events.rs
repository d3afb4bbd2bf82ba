//! What can happen to organisations.

use super::model::Organisation;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// An organisation was made.
    OrganisationRegistered "organisation_registered" (Organisation)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::OrganisationRegistered(new) => store::insert(tables, new),
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
            Deed::OrganisationRegistered(o) => format!("Organisation {} was made.", o.name),
        }
    }
}
