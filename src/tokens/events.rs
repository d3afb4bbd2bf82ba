//! What can happen to tokens: nothing but the journal knows of them.

use super::model::TokenIssued;
use crate::caller::Role;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// A token was signed and given out.
    TokenIssued "token_issued" (TokenIssued)
}

impl Recordable for Deed {
    fn apply(&self, _tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::TokenIssued(_) => Ok(()),
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
            Deed::TokenIssued(t) => {
                let roles: Vec<_> = t.roles.iter().map(Role::as_str).collect();
                format!("A token for {} was given out, until {}: {}.", t.subject, t.expires_at, roles.join(", "))
            }
        }
    }
}
