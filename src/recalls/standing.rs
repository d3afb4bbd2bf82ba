//! How far a recall is.

use super::covered::{self, Covered};
use super::model::{Acknowledgement, Outstanding, Recall};
use super::store::Given;
use super::{rules, store};
use crate::db::Db;
use crate::error::Result;
use crate::ids::{LotId, OrganisationId, SiteId};

/// How far a recall is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The sites that have or had units of it, and whether they have acknowledged it.
    pub sites: Vec<(SiteId, Option<Acknowledgement>)>,
    /// How many administrations it concerns.
    pub administrations: i64,
    /// Of how many of them the patient knows.
    pub reached: i64,
    /// Of a hundred sites and administrations, how many have been reached.
    pub effectiveness: i64,
    /// What is not accounted for.
    pub outstanding: Outstanding,
}

/// How many lots one statement counts administrations of.
const AT_ONCE: usize = 200;

/// Reads how far a recall is.
///
/// # Errors
/// What the database answers.
pub fn standing(db: &mut Db, organisation: &OrganisationId, recall: &Recall, covered: &Covered) -> Result<Standing> {
    let (totals, mut concerned) = covered::totals(db, organisation, covered)?;
    let (mut administrations, mut reached) = (0, 0);
    let mut count = |(all, told, sites): (i64, i64, Vec<SiteId>)| {
        administrations += all;
        reached += told;
        concerned.extend(sites);
    };
    let whole: Vec<LotId> = covered.0.iter().filter(|(_, packs)| packs.is_none()).map(|(lot, _)| lot.clone()).collect();
    for some in whole.chunks(AT_ONCE) {
        count(store::reached(db, organisation, &recall.id, some, None)?);
    }
    for (lot, packs) in &covered.0 {
        let Some(packs) = packs else { continue };
        let serials = covered::serials(db, organisation, packs)?;
        count(store::reached(db, organisation, &recall.id, std::slice::from_ref(lot), Some(&serials))?);
    }
    let acknowledged = store::acknowledgements(db, organisation, &recall.id)?;
    concerned.extend(acknowledged.iter().map(|row| row.site_id.clone()));
    let of = |site: &SiteId| acknowledged.iter().find(|row| row.site_id == *site).cloned();
    let sites: Vec<_> = concerned.into_iter().map(|site| (site.clone(), of(&site))).collect();
    let sites_reached = count_of(sites.iter().filter(|(_, seen)| seen.is_some()));
    let all = count_of(sites.iter());
    Ok(Standing {
        effectiveness: rules::effectiveness(sites_reached + reached, all + administrations),
        outstanding: Outstanding {
            sites: all - sites_reached,
            administrations: administrations - reached,
            units_on_hand: totals.on_hand,
            units_lost: totals.lost,
        },
        sites,
        administrations,
        reached,
    })
}

/// What is outstanding of a recall at least, by the first of its lots and of what was administered of them: for whoever reads about
/// many recalls. And whether there may be more.
///
/// # Errors
/// What the database answers.
pub fn at_least(db: &mut Db, organisation: &OrganisationId, recall: &Recall) -> Result<(Outstanding, bool)> {
    let (covered, mut more) = Covered::first(db, organisation, recall, AT_ONCE)?;
    let (totals, mut sites) = covered::totals(db, organisation, &covered)?;
    for seen in store::acknowledgements(db, organisation, &recall.id)? {
        sites.remove(&seen.site_id);
    }
    let mut untold: i64 = 0;
    for (lot, packs) in &covered.0 {
        let serials = packs.as_ref().map(|packs| covered::serials(db, organisation, packs)).transpose()?;
        let left = UNTOLD_MAX.saturating_sub(untold);
        if left == 0 {
            more = true;
            break;
        }
        let (found, is_all) = store::untold(db, organisation, &recall.id, lot, serials.as_deref(), left)?;
        untold = untold.saturating_add(found);
        more |= !is_all;
    }
    let outstanding = Outstanding {
        sites: count_of(sites.iter()),
        administrations: untold,
        units_on_hand: totals.on_hand,
        units_lost: totals.lost,
    };
    Ok((outstanding, more))
}

/// What people still have to do for a recall that is open.
#[derive(Clone, Debug)]
pub struct ToDo {
    /// The recall.
    pub recall: Recall,
    /// The sites that have or had units of it and have not acknowledged it.
    pub sites: Vec<SiteId>,
    /// Administrations of which the patient does not know yet, the earliest of each lot first.
    pub untold: Vec<Given>,
    /// Whether everything is accounted for, so that it can be closed without a reason.
    pub is_accounted_for: bool,
}

/// What people at sites that are seen still have to do for the open recalls, the oldest first; by the first lots of each, and for
/// no more patients of each than so many.
///
/// # Errors
/// What the database answers.
pub fn to_do(
    db: &mut Db,
    organisation: &OrganisationId,
    is_seen: &dyn Fn(&SiteId) -> bool,
    most: usize,
) -> Result<Vec<ToDo>> {
    let mut found = Vec::new();
    for recall in store::list(db, organisation, Some(true), "", WAITING_MAX)? {
        let (outstanding, more) = at_least(db, organisation, &recall)?;
        let (covered, _) = Covered::first(db, organisation, &recall, AT_ONCE)?;
        let (_, mut sites) = covered::totals(db, organisation, &covered)?;
        for seen in store::acknowledgements(db, organisation, &recall.id)? {
            sites.remove(&seen.site_id);
        }
        let mut untold = Vec::new();
        for (lot, packs) in &covered.0 {
            if untold.len() >= most {
                break;
            }
            let serials = packs.as_ref().map(|packs| covered::serials(db, organisation, packs)).transpose()?;
            let left = (is_seen, most.saturating_sub(untold.len()));
            untold.extend(store::to_tell(db, organisation, &recall.id, lot, serials.as_deref(), left)?);
        }
        sites.retain(|site| is_seen(site));
        let sites = sites.into_iter().collect();
        found.push(ToDo { sites, untold, is_accounted_for: outstanding.is_nothing() && !more, recall });
    }
    Ok(found)
}

/// How many open recalls are read with what is outstanding of them: each costs some statements.
pub(super) const WAITING_MAX: i64 = 20;

/// How many administrations are looked at of a recall where many recalls are read about.
const UNTOLD_MAX: i64 = 200;

fn count_of<T>(all: impl Iterator<Item = T>) -> i64 {
    i64::try_from(all.count()).unwrap_or(i64::MAX)
}
