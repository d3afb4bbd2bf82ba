//! What can happen to levels. Orders that follow from suggestions are orders like any other.

use super::model::Level;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::values::number;

events! {
    /// How much of a product a site keeps was set, as a new version.
    LevelSet "level_set" (Box<Level>)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        let Deed::LevelSet(level) = self;
        once(store::set(tables, level)?)
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        let Deed::LevelSet(level) = self;
        let most = number(level.maximum_packs, "pack");
        format!("The site keeps from {} to {most} of the product, now version {}.", level.minimum_packs, level.version)
    }
}
