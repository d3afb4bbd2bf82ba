//! What can happen to practitioners. Every subject that one ever had is kept: who is who is known by that.

use super::model::Practitioner;
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::versions::{Revision, gating, versioned};

events! {
    /// A practitioner was registered.
    PractitionerRegistered "practitioner_registered" (Practitioner)
    /// A practitioner was corrected.
    PractitionerCorrected "practitioner_corrected" (Box<Revision<Practitioner>>)
    /// A practitioner was retired.
    PractitionerRetired "practitioner_retired" (Box<Revision<Practitioner>>)
    /// A practitioner was reinstated.
    PractitionerReinstated "practitioner_reinstated" (Box<Revision<Practitioner>>)
}

versioned!(Practitioner "practitioner" PractitionerRegistered PractitionerCorrected PractitionerRetired PractitionerReinstated |_| None);
gating!(Practitioner PractitionerRetired);

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::PractitionerRegistered(new) => {
                store::insert(tables, new)?;
                store::keep_subject(tables, new, head.recorded_at)
            }
            Deed::PractitionerCorrected(new) => {
                once(store::replace(tables, &new.row)?)?;
                store::keep_subject(tables, &new.row, head.recorded_at)
            }
            Deed::PractitionerRetired(new) | Deed::PractitionerReinstated(new) => {
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
            Deed::PractitionerRegistered(p) => format!("{}, {}, was registered.", p.name, p.profession),
            Deed::PractitionerCorrected(revision) => revision.summary("corrected"),
            Deed::PractitionerRetired(revision) => revision.summary("retired"),
            Deed::PractitionerReinstated(revision) => revision.summary("reinstated"),
        }
    }
}
