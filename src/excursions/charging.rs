//! Which exposed units a stability budget covers, by the product, the readings and the movements as they are known now.
//!
//! A unit is charged for the time that it can have been there: whoever takes it out of a warm fridge ends that. Which excursions it
//! was charged with before is part of the account that it is in.

use std::collections::{BTreeMap, BTreeSet};

use super::budgets::{Budget, Warm, Warming};
use super::exposure::{Exposed, Exposure};
use super::model::{Excursion, ExcursionKind, ExcursionState};
use super::presence::exposure_of;
use super::store;
use crate::command::Command;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{AccountId, ExcursionId, LotId, OrganisationId, PackId, ProductId};
use crate::ledger::{AccountKind, Posting};
use crate::sensors::climate::Known;
use crate::sensors::model::series_of;
use crate::sensors::rules::silent_after_us;
use crate::sensors::service::{each_known, nearest};

/// What is to become of exposed units of a lot.
#[derive(Default)]
pub(super) struct Judged {
    /// Whether the excursion holds any of them.
    pub(super) held: bool,
    /// How many the budget covers.
    pub(super) within: i64,
    /// What has them charged or held that are not yet.
    pub(super) postings: Vec<Posting>,
}

/// Judges what one excursion exposed, lot by lot. What lots of one product have in common is read once.
pub(super) struct Charging<'a> {
    excursion: &'a Excursion,
    budgets: BTreeMap<ProductId, Option<Budget>>,
    warm: BTreeMap<(ProductId, ExcursionId), Vec<Warm>>,
}

/// From when until when units of a strand can have been there.
type Stays = BTreeMap<(AccountId, Option<PackId>), (i64, i64)>;

impl<'a> Charging<'a> {
    pub(super) fn of(excursion: &'a Excursion) -> Self {
        Charging { excursion, budgets: BTreeMap::new(), warm: BTreeMap::new() }
    }

    /// What is to become of exposed units of a lot. What is warmer than the label allows may be covered; of what was too cold
    /// hours say nothing.
    pub(super) fn judge(&mut self, cmd: &mut Command<'_>, lot: &LotId, exposure: &Exposure) -> Result<Judged> {
        let mut judged = Judged::default();
        if !self.excursion.holds() || exposure.strands.is_empty() {
            return Ok(judged);
        }
        let warmth = match self.excursion.kind {
            ExcursionKind::Above => self.warmth(cmd, lot, &exposure.strands)?,
            ExcursionKind::Below | ExcursionKind::Silent => None,
        };
        for strand in &exposure.strands {
            let from = strand.account.account();
            if strand.account.excursions().contains(&self.excursion.id) {
                judged.held |= strand.may_be_used();
                continue;
            }
            let is_covered = warmth.as_ref().is_some_and(|warmth| warmth.covers(strand));
            if is_covered {
                judged.within = judged.within.saturating_add(strand.units);
            }
            if strand.account.location_id.is_none() {
                continue;
            }
            let charged = if warmth.is_some() { from.charged_by(&self.excursion.id) } else { from.clone() };
            let is_held = !is_covered && from.kind != AccountKind::Rejected;
            let to = if is_held { charged.exposed_to(&self.excursion.id) } else { charged };
            judged.held |= is_held;
            if to != from {
                let (lot_id, units, pack_id) = (lot.clone(), strand.units, strand.pack_id.clone());
                judged.postings.push(Posting { lot_id, from, to, units, pack_id, at: None });
            }
        }
        Ok(judged)
    }

    /// How warm these units were over their life, for the budget of their product; none where it has none.
    fn warmth(&mut self, cmd: &mut Command<'_>, lot: &LotId, strands: &[Exposed]) -> Result<Option<Warmth>> {
        let organisation = cmd.organisation();
        let product = crate::stock::service::lot(cmd.db, organisation, lot)?
            .ok_or_else(|| Error::internal("exposed units of no lot"))?
            .product_id;
        let Some(budget) = self.budget(cmd.db, organisation, &product)? else { return Ok(None) };
        let before = strands.iter().flat_map(|strand| strand.account.charges());
        let before: BTreeSet<_> = before.filter(|id| **id != self.excursion.id).collect();
        let before: Vec<_> = before.into_iter().collect();
        let mut earlier = store::excursions(cmd.db, organisation, &before)?;
        // Of one that was withdrawn nobody knows any warmth.
        earlier.retain(|one| one.kind == ExcursionKind::Above && one.state != ExcursionState::Withdrawn);
        let now = self.warm(cmd, &product, &budget, self.excursion)?;
        let mut warmth = Warmth { budget, now, earlier: BTreeMap::new() };
        for one in earlier {
            let warm = self.warm(cmd, &product, &warmth.budget, &one)?;
            if warm.is_empty() {
                continue;
            }
            let there = exposure_of(cmd, &one, lot)?.strands.into_iter();
            let stays = there.map(|strand| ((strand.account.id, strand.pack_id), strand.there_us)).collect();
            warmth.earlier.insert(one.id, (warm, stays));
        }
        Ok(Some(warmth))
    }

    fn budget(&mut self, db: &mut Db, organisation: &OrganisationId, product: &ProductId) -> Result<Option<Budget>> {
        if let Some(known) = self.budgets.get(product) {
            return Ok(known.clone());
        }
        let found = crate::catalogue::service::find(db, organisation, product)?;
        let budget = found.as_ref().and_then(Budget::of);
        self.budgets.insert(product.clone(), budget.clone());
        Ok(budget)
    }

    /// How warm it was during an excursion.
    fn warm(
        &mut self,
        cmd: &mut Command<'_>,
        product: &ProductId,
        budget: &Budget,
        excursion: &Excursion,
    ) -> Result<Vec<Warm>> {
        let key = (product.clone(), excursion.id.clone());
        if let Some(known) = self.warm.get(&key) {
            return Ok(known.clone());
        }
        let sensors = crate::sensors::service::sensors(cmd.db, cmd.organisation(), &[&excursion.sensor_id])?;
        let sensor = sensors.first().ok_or_else(|| Error::internal("an excursion of no sensor"))?;
        let (from_us, to_us) = excursion.span_us();
        let interval_us = sensor.interval_seconds.saturating_mul(1_000_000);
        let mut warming = Warming::new(budget, (from_us, to_us), interval_us, silent_after_us(sensor));
        let series = series_of(&excursion.sensor_id);
        if let Some(before) = nearest(cmd.db, series, from_us, true, None)? {
            warming.take(before);
        }
        each_known(cmd.db, sensor, (from_us, to_us.saturating_add(1)), |known| match known {
            Known::Reading(reading) => warming.take(reading),
            Known::Hour(hour) => warming.take_hour(&hour),
        })?;
        let found = warming.found(excursion.state == ExcursionState::Open);
        self.warm.insert(key, found.clone());
        Ok(found)
    }
}

/// How warm units of a lot were: now, and during excursions before.
struct Warmth {
    budget: Budget,
    now: Vec<Warm>,
    earlier: BTreeMap<ExcursionId, (Vec<Warm>, Stays)>,
}

impl Warmth {
    fn covers(&self, strand: &Exposed) -> bool {
        if strand.were_held {
            return false;
        }
        let during = |warm: &[Warm], (since_us, until_us): (i64, i64)| -> Vec<Warm> {
            warm.iter().filter_map(|warm| warm.during(since_us, until_us)).collect()
        };
        let mut exposed = during(&self.now, strand.there_us);
        let key = (strand.account.id.clone(), strand.pack_id.clone());
        for (warm, stays) in strand.account.charges().iter().filter_map(|id| self.earlier.get(id)) {
            exposed.extend(stays.get(&key).into_iter().flat_map(|stay| during(warm, *stay)));
        }
        self.budget.covers(&exposed)
    }
}
