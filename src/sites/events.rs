//! What can happen to sites and locations.

use super::model::{Location, Site};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::versions::{Revision, gating, versioned};

events! {
    /// A site was registered.
    SiteRegistered "site_registered" (Site)
    /// A location was registered.
    LocationRegistered "location_registered" (Location)
    /// A site was corrected.
    SiteCorrected "site_corrected" (Box<Revision<Site>>)
    /// A site was retired.
    SiteRetired "site_retired" (Box<Revision<Site>>)
    /// A site was reinstated.
    SiteReinstated "site_reinstated" (Box<Revision<Site>>)
    /// A location was corrected.
    LocationCorrected "location_corrected" (Box<Revision<Location>>)
    /// A location was retired.
    LocationRetired "location_retired" (Box<Revision<Location>>)
    /// A location was reinstated.
    LocationReinstated "location_reinstated" (Box<Revision<Location>>)
}

versioned!(Site "site" SiteRegistered SiteCorrected SiteRetired SiteReinstated |site| Some(&site.id));
gating!(Site SiteRetired);
versioned!(Location "location" LocationRegistered LocationCorrected LocationRetired LocationReinstated |location| Some(
    &location.site_id
));
gating!(Location LocationRetired);

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, _head: &Head) -> Result<()> {
        match self {
            Deed::SiteRegistered(new) => store::insert_site(tables, new),
            Deed::LocationRegistered(new) => store::insert_location(tables, new),
            Deed::SiteCorrected(new) | Deed::SiteRetired(new) | Deed::SiteReinstated(new) => {
                once(store::replace_site(tables, &new.row)?)
            }
            Deed::LocationCorrected(new) | Deed::LocationRetired(new) | Deed::LocationReinstated(new) => {
                once(store::replace_location(tables, &new.row)?)
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
            Deed::SiteRegistered(s) => format!("Site {} was registered in {}.", s.name, s.jurisdiction),
            Deed::LocationRegistered(l) => format!("Location {} was registered for {}.", l.name, l.purpose),
            Deed::SiteCorrected(revision) => revision.summary("corrected"),
            Deed::SiteRetired(revision) => revision.summary("retired"),
            Deed::SiteReinstated(revision) => revision.summary("reinstated"),
            Deed::LocationCorrected(revision) => revision.summary("corrected"),
            Deed::LocationRetired(revision) => revision.summary("retired"),
            Deed::LocationReinstated(revision) => revision.summary("reinstated"),
        }
    }
}
