//! How an excursion holds what was exposed: exactly those units, wherever they are now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::charging::Charging;
use super::events::Deed;
use super::exposure::Exposure;
use super::model::{Administered, Excursion, ExposedLot};
use super::presence::exposure_of;
use super::store;
use crate::command::{About, Command};
use crate::error::Result;
use crate::ids::{AdministrationId, LotId};
use crate::journal::post::parts;
use crate::ledger::Posting;
use crate::limits::EVENT_POSTINGS_MAX;

pub(super) fn about<'a>(cmd: &Command<'_>, excursion: &Excursion, lots: impl Iterator<Item = &'a LotId>) -> About {
    let mut subjects =
        vec![excursion.id.to_string(), excursion.sensor_id.to_string(), excursion.location_id.to_string()];
    subjects.extend(lots.map(ToString::to_string));
    About { occurred_at: cmd.now, site_id: Some(excursion.site_id.clone()), subjects }
}

/// Finds which units of these lots an excursion is about, and lets it hold those that it does not hold yet and that no stability
/// budget covers.
pub(super) fn expose(cmd: &mut Command<'_>, excursion: &Excursion, lots: &BTreeSet<LotId>) -> Result<()> {
    let found = find(cmd, excursion, lots)?;
    record(cmd, excursion, &found)
}

/// What is not known yet of the units of these lots that an excursion is about.
pub(super) fn find(cmd: &mut Command<'_>, excursion: &Excursion, lots: &BTreeSet<LotId>) -> Result<Found> {
    let organisation = cmd.organisation();
    let said = store::lots_of(cmd.db, organisation, &excursion.id)?;
    let mut said: BTreeMap<LotId, ExposedLot> = said.into_iter().map(|lot| (lot.lot_id.clone(), lot)).collect();
    let (mut found, mut charging) = (Found::default(), Charging::of(excursion));
    for lot_id in lots {
        let exposure = exposure_of(cmd, excursion, lot_id)?;
        let judged = charging.judge(cmd, lot_id, &exposure)?;
        let lot = ExposedLot {
            lot_id: lot_id.clone(),
            units_exposed: exposure.units,
            held: judged.held,
            units_within_budget: judged.within,
        };
        let is_known = match said.remove(lot_id) {
            Some(earlier) => earlier == lot,
            None => lot.units_exposed == 0,
        };
        if !is_known {
            found.lots.push(lot);
        }
        found.administered.extend(administered(cmd, excursion, lot_id, &exposure)?);
        found.postings.extend(judged.postings);
    }
    Ok(found)
}

/// What was administered of exposed units, where that is not what is known already.
fn administered(
    cmd: &mut Command<'_>,
    excursion: &Excursion,
    lot: &LotId,
    exposure: &Exposure,
) -> Result<Vec<Administered>> {
    let events: Vec<_> = exposure.administered.iter().map(|(event, _)| event).collect();
    let mut named: HashMap<_, _> = store::administrations(cmd.db, &events)?.into_iter().collect();
    // The command itself is not in the journal yet.
    named.extend(cmd.events().iter().filter_map(|event| {
        let administration = event.head.subjects.iter().find_map(|subject| subject.parse().ok())?;
        Some((event.head.id.clone(), administration))
    }));
    let mut units: BTreeMap<AdministrationId, i64> = BTreeMap::new();
    let earlier = store::administered_of(cmd.db, cmd.organisation(), &excursion.id, lot)?;
    for row in &earlier {
        units.insert(row.administration_id.clone(), 0);
    }
    for (event, exposed) in &exposure.administered {
        if let Some(administration) = named.get(event) {
            let sum = units.entry(administration.clone()).or_default();
            *sum = sum.saturating_add(*exposed);
        }
    }
    // What was given out of an opened unit is of one unit, whether it used that up or not.
    let containers: Vec<_> = exposure.containers.iter().collect();
    for administration in store::given_out_of(cmd.db, cmd.organisation(), &containers, excursion.opened_at)? {
        let known = units.entry(administration).or_default();
        *known = (*known).max(1);
    }
    let rows = units.into_iter().map(|(administration_id, units)| {
        let lot_id = lot.clone();
        Administered { administration_id, lot_id, units }
    });
    Ok(rows.filter(|row| !earlier.contains(row)).collect())
}

/// What was not known yet of exposed units.
#[derive(Default)]
pub(super) struct Found {
    lots: Vec<ExposedLot>,
    administered: Vec<Administered>,
    postings: Vec<Posting>,
}

impl Found {
    /// Whether all is known.
    pub(super) fn is_empty(&self) -> bool {
        self.lots.is_empty() && self.administered.is_empty() && self.postings.is_empty()
    }
}

/// Records it, in as many events as that takes.
pub(super) fn record(cmd: &mut Command<'_>, excursion: &Excursion, found: &Found) -> Result<()> {
    let mut lots = found.lots.chunks(EVENT_POSTINGS_MAX);
    let mut administered = found.administered.chunks(EVENT_POSTINGS_MAX);
    let mut postings = parts(&found.postings).into_iter();
    loop {
        let lots = lots.next().unwrap_or_default();
        let administered = administered.next().unwrap_or_default();
        let postings = postings.next().unwrap_or_default();
        if lots.is_empty() && administered.is_empty() && postings.is_empty() {
            return Ok(());
        }
        let used = administered.iter().map(|row| &row.lot_id);
        let moved = postings.iter().map(|posting| &posting.lot_id);
        let about_lots: BTreeSet<_> = lots.iter().map(|lot| &lot.lot_id).chain(used).chain(moved).collect();
        let about = about(cmd, excursion, about_lots.into_iter());
        let deed = Deed::ExcursionExposed {
            excursion_id: excursion.id.clone(),
            lots: lots.to_vec(),
            administered: administered.to_vec(),
            postings: postings.to_vec(),
        };
        cmd.record(about, deed)?;
    }
}
