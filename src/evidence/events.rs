//! What can happen to files of evidence.

use super::model::{Repeated, Stored};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// A photograph or a document was kept.
    EvidenceStored "evidence_stored" (Stored)
    /// A file that is kept was sent again, by somebody else or for sites that did not have it.
    EvidenceRepeated "evidence_repeated" (Repeated)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::EvidenceStored(new) => {
                store::insert(tables, &new.evidence)?;
                let sites: Vec<_> = new.sites.iter().map(ToString::to_string).collect();
                store::keep_owners(tables, &head.organisation_id, [&new.evidence.sha256], &sites)
            }
            Deed::EvidenceRepeated(again) => {
                let sites: Vec<_> = again.sites.iter().map(ToString::to_string).collect();
                store::keep_owners(tables, &head.organisation_id, [&again.sha256], &sites)
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
            Deed::EvidenceStored(Stored { evidence: e, .. }) => {
                format!("A file of type {} with {} bytes was kept as evidence.", e.media_type, e.bytes)
            }
            Deed::EvidenceRepeated(_) => {
                "A file that is kept as evidence was uploaded by somebody else, or for another site.".to_owned()
            }
        }
    }
}
