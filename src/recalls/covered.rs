//! What a recall covers: what its holds say.

use std::collections::{BTreeMap, BTreeSet};

use super::model::Recall;
use crate::db::Db;
use crate::error::Result;
use crate::holds::model::ScopeType;
use crate::ids::{LotId, OrganisationId, PackId, SiteId};
use crate::stock::model::{Balance, Reconciliation};
use crate::values::Serial;

/// The packs of a lot; none where it is all of the lot.
pub type Packs = Option<BTreeSet<PackId>>;

/// The lots that a recall covers, in the order of their ids.
#[derive(Clone, Debug, Default)]
pub struct Covered(pub BTreeMap<LotId, Packs>);

/// How many lots or packs one statement asks for.
const AT_ONCE: usize = 200;

impl Covered {
    /// Reads it: of a closed recall, what it covered when it was closed.
    ///
    /// # Errors
    /// What the database answers.
    pub fn of(db: &mut Db, organisation: &OrganisationId, recall: &Recall) -> Result<Self> {
        Ok(Covered::first(db, organisation, recall, usize::MAX)?.0)
    }

    /// The first lots of it, so many at the most, and whether there are more.
    ///
    /// # Errors
    /// What the database answers.
    pub fn first(db: &mut Db, organisation: &OrganisationId, recall: &Recall, most: usize) -> Result<(Self, bool)> {
        let mut covered = Covered::default();
        // An id says when its lot became known.
        let until = recall.closed_at.map(LotId::earliest);
        for hold in crate::holds::service::caused_by(db, organisation, recall.id.as_str(), false)? {
            let lots = match hold.scope_type {
                ScopeType::Product => {
                    let mut lots = crate::stock::service::lots_of_product(db, organisation, &hold.scope_id.parse()?)?;
                    lots.retain(|lot| until.as_ref().is_none_or(|until| lot.as_str() < until.as_str()));
                    lots
                }
                ScopeType::Lot | ScopeType::Account => vec![hold.scope_id.parse()?],
            };
            for lot in lots {
                if covered.0.len() >= most && !covered.0.contains_key(&lot) {
                    return Ok((covered, true));
                }
                covered.add(lot, hold.pack_ids.as_ref().map(|packs| packs.to_vec()));
            }
        }
        Ok((covered, false))
    }

    fn add(&mut self, lot: LotId, packs: Option<Vec<PackId>>) {
        let known = self.0.entry(lot).or_insert_with(|| Some(BTreeSet::new()));
        match (known.as_mut(), packs) {
            (Some(known), Some(packs)) => known.extend(packs),
            _ => *known = None,
        }
    }

    /// Whether it covers all of a lot.
    pub fn has_lot(&self, lot: &LotId) -> bool {
        self.0.get(lot).is_some_and(Option::is_none)
    }

    /// Whether it covers a pack.
    pub fn has_pack(&self, lot: &LotId, pack: &PackId) -> bool {
        self.0.get(lot).is_some_and(|packs| packs.as_ref().is_none_or(|packs| packs.contains(pack)))
    }
}

/// Units of an account, as far as they are covered.
///
/// # Errors
/// What the database answers.
pub fn balances(db: &mut Db, organisation: &OrganisationId, lot: &LotId, packs: &Packs) -> Result<Vec<Balance>> {
    let Some(packs) = packs else { return crate::stock::service::balances(db, organisation, &[lot]) };
    let packs: Vec<PackId> = packs.iter().cloned().collect();
    let mut found: BTreeMap<_, Balance> = BTreeMap::new();
    for some in packs.chunks(AT_ONCE) {
        for row in crate::stock::service::balances_of_packs(db, organisation, some)? {
            let account = Balance { units: 0, ..row.account };
            found.entry(account.id.clone()).or_insert(account).units += row.units;
        }
    }
    Ok(found.into_values().collect())
}

/// The serial numbers of packs.
///
/// # Errors
/// What the database answers.
pub fn serials(db: &mut Db, organisation: &OrganisationId, packs: &BTreeSet<PackId>) -> Result<Vec<Serial>> {
    let ids: Vec<_> = packs.iter().collect();
    let mut serials = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let found = crate::stock::service::packs_by_id(db, organisation, some)?;
        serials.extend(found.into_iter().map(|pack| pack.serial));
    }
    Ok(serials)
}

/// Where all units are that are covered, and at which sites any are or were.
///
/// # Errors
/// What the database answers.
pub fn totals(
    db: &mut Db,
    organisation: &OrganisationId,
    covered: &Covered,
) -> Result<(Reconciliation, BTreeSet<SiteId>)> {
    let (mut total, mut sites) = (Reconciliation { balanced: true, ..Reconciliation::default() }, BTreeSet::new());
    let mut count = |all: &[Balance]| {
        let of = crate::stock::rules::reconcile(all);
        total.received += of.received;
        total.on_hand += of.on_hand;
        total.administered += of.administered;
        total.wasted += of.wasted;
        total.returned += of.returned;
        total.destroyed += of.destroyed;
        total.lost += of.lost;
        total.adjusted += of.adjusted;
        total.unaccounted += of.unaccounted;
        total.balanced &= of.balanced;
        sites.extend(all.iter().filter_map(|balance| balance.site_id.clone()));
    };
    let (whole, of_packs): (Vec<_>, Vec<_>) = covered.0.iter().partition(|(_, packs)| packs.is_none());
    let whole: Vec<&LotId> = whole.into_iter().map(|(lot, _)| lot).collect();
    for some in whole.chunks(AT_ONCE) {
        count(&crate::stock::service::balances(db, organisation, some)?);
    }
    for (lot, packs) in of_packs {
        count(&balances(db, organisation, lot, packs)?);
    }
    Ok((total, sites))
}
