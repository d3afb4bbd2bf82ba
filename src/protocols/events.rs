//! What can happen to protocols.

use super::model::{Content, Protocol};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// A version of a protocol was written.
    ProtocolWritten "protocol_written" (Box<Protocol>)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        let Deed::ProtocolWritten(protocol) = self;
        store::insert(tables, protocol)
    }

    fn postings(&self) -> &[Posting] {
        &[]
    }

    fn decision(&self) -> Option<&Decision> {
        None
    }

    fn summary(&self) -> String {
        let Deed::ProtocolWritten(protocol) = self;
        let Protocol { kind, version, title, effective_from, .. } = &**protocol;
        if *protocol.content == Content::Ended {
            return format!(
                "The {kind} protocol \"{title}\" was ended by version {version}, from {effective_from} on."
            );
        }
        format!("Version {version} of the {kind} protocol \"{title}\" was written, in force from {effective_from}.")
    }
}
