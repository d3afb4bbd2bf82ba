//! What can happen to the organisation's policy.

use super::model::PolicyVersion;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// The organisation's policy was set.
    PolicySet "policy_set" (Box<PolicyVersion>)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::PolicySet(new) => store::insert(tables, new),
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
            Deed::PolicySet(p) => format!("Version {} of the policy was set.", p.version),
        }
    }
}
