//! What lists show of inspections and releases: themselves, and what is called what.

use std::collections::BTreeSet;

use super::model::{Inspection, Release};
use super::store;
use super::wire::{InspectionView, ListedInspection, ListedRelease, ReleaseView};
use crate::command::View;
use crate::error::Result;
use crate::names::service::{Asked, known};
use crate::names::wire::Names;

/// Inspections, with who took them back and what they were of.
///
/// # Errors
/// What the database answers.
pub fn inspections(view: &mut View<'_>, found: Vec<Inspection>) -> Result<Vec<ListedInspection>> {
    let organisation = &view.caller.organisation_id;
    let ids: Vec<_> = found.iter().map(|inspection| &inspection.id).collect();
    let reversals = store::reversals(view.db, organisation, &ids)?;
    let asked = Asked {
        lots: found.iter().map(|inspection| inspection.lot_id.clone()).collect(),
        places: found.iter().filter_map(|inspection| inspection.location_id.clone()).collect(),
        sites: found.iter().filter_map(|inspection| inspection.site_id.clone()).collect(),
        ..Asked::default()
    };
    let known = known(view.db, organisation, asked)?;
    let listed = found.into_iter().map(|inspection| {
        let names = known.names(&inspection.lot_id, inspection.location_id.as_ref(), inspection.site_id.as_ref());
        let reversal = reversals.iter().find(|reversal| reversal.inspection_id == inspection.id);
        ListedInspection { names, inspection: InspectionView::of(inspection, reversal) }
    });
    Ok(listed.collect())
}

/// Releases, with what they were of, from where and to where.
///
/// # Errors
/// What the database answers.
pub fn releases(view: &mut View<'_>, found: Vec<Release>) -> Result<Vec<ListedRelease>> {
    let places: BTreeSet<_> =
        found.iter().flat_map(|release| [release.from_location_id.clone(), release.to_location_id.clone()]).collect();
    let asked =
        Asked { lots: found.iter().map(|release| release.lot_id.clone()).collect(), places, ..Asked::default() };
    let known = known(view.db, &view.caller.organisation_id, asked)?;
    let listed = found.into_iter().map(|release| {
        let called = |place| known.place(place).map(|place| place.name.clone());
        let (from_location, to_location) = (called(&release.from_location_id), called(&release.to_location_id));
        let named = known.names(&release.lot_id, Some(&release.to_location_id), None);
        let names = Names { location: None, from_location, to_location, ..named };
        ListedRelease { names, release: ReleaseView::from(release) }
    });
    Ok(listed.collect())
}
