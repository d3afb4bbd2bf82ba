//! What can happen to licences and the checks of them.

use super::model::{Discount, DiscountCause, Licence, LicenceAcknowledgement, LicenceCheck, LicenceReversal};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable};
use crate::journal::tables::Tables;
use crate::ledger::Posting;

events! {
    /// A licence was registered.
    LicenceRegistered "licence_registered" (Box<Licence>)
    /// A licence was checked with its authority.
    LicenceChecked "licence_checked" (LicenceCheck)
    /// A mis-keyed licence was reversed.
    LicenceReversed "licence_reversed" (LicenceReversal)
    /// A mis-keyed check of a licence was reversed.
    LicenceCheckReversed "licence_check_reversed" (LicenceReversal)
    /// A verification stopped counting: whoever made it turned out not to be independent of the holder.
    LicenceCheckDiscounted "licence_check_discounted" (Discount)
    /// Somebody has seen what a licence had touched.
    LicenceAcknowledged "licence_acknowledged" (LicenceAcknowledgement)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::LicenceRegistered(new) => store::insert(tables, new, &head.actor.subject),
            Deed::LicenceChecked(new) => {
                store::insert_check(tables, new)?;
                store::people::keep(tables, new)?;
                let Some(file) = &new.evidence_sha256 else { return Ok(()) };
                let organisation = &head.organisation_id;
                let site = store::site_of(tables.db(), organisation, &new.licence_id)?;
                let owner = site.unwrap_or_else(|| organisation.to_string());
                crate::evidence::service::keep_owners(tables, organisation, [file], &[owner])
            }
            Deed::LicenceReversed(new) | Deed::LicenceCheckReversed(new) => store::insert_reversal(tables, new),
            Deed::LicenceCheckDiscounted(new) => store::people::insert(tables, new),
            Deed::LicenceAcknowledged(new) => store::insert_acknowledgement(tables, new),
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
            Deed::LicenceRegistered(l) => format!("{} {} of {} was registered.", l.kind, l.number, l.authority),
            Deed::LicenceChecked(c) => format!("A licence was checked: {}.", c.outcome),
            Deed::LicenceReversed(r) => format!("A mis-keyed licence was reversed: {}", r.reason),
            Deed::LicenceCheckReversed(r) => format!("A mis-keyed check of a licence was reversed: {}", r.reason),
            Deed::LicenceCheckDiscounted(d) => {
                let whoever = match d.cause {
                    DiscountCause::Holder => "the holder",
                    DiscountCause::Circle => "somebody whom the holder vouches for",
                };
                format!("A check of a licence stopped counting: it was made by {whoever}.")
            }
            Deed::LicenceAcknowledged(a) => format!("What a lost licence had touched was acknowledged: {}", a.note),
        }
    }
}
