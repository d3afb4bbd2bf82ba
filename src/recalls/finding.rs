//! Finding a recall, and what is shown of it.

use std::collections::BTreeSet;

use super::covered::Covered;
use super::model::{Named, Recall, Resemblance};
use super::standing::standing;
use super::wire::{CampaignView, CoveredLot, NearMiss, RecallView};
use super::{rules, store};
use crate::caller::Caller;
use crate::catalogue::model::DeviceIdentifier;
use crate::command::Command;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{LotId, OrganisationId, ProductId, RecallId};
use crate::problem::ProblemCode;
use crate::stock::model::Lot;
use crate::stock::service::By;

/// The most lots that a recall is shown with, and the most that somebody is asked to look at.
const SHOWN_MAX: i64 = 100;

/// The recall of that id.
///
/// # Errors
/// `not_found`.
pub fn expect(db: &mut Db, organisation: &OrganisationId, id: &RecallId) -> Result<Recall> {
    store::recall(db, organisation, id)?.ok_or_else(|| Error::not_found("recall"))
}

/// The recall of that id, if it is open.
///
/// # Errors
/// `not_found`, `recall_closed`.
pub(super) fn expect_open(cmd: &mut Command<'_>, id: &RecallId) -> Result<Recall> {
    let found = expect(cmd.db, cmd.organisation(), id)?;
    match &found.closed_at {
        None => Ok(found),
        Some(at) => Err(Error::problem(ProblemCode::RecallClosed, format!("This recall was closed at {}.", at.told()))),
    }
}

/// The product that a recall is of, if the catalogue knows it.
pub(super) fn product_of(db: &mut Db, organisation: &OrganisationId, recall: &Recall) -> Result<Option<ProductId>> {
    let found = crate::catalogue::service::find_named(db, organisation, &DeviceIdentifier::from(&recall.gtin))?;
    Ok(found.map(|(product, _)| product.id))
}

/// A recall with what it covers, what only looks like that, and how far its campaign is. Of lots and sites what the caller sees.
///
/// # Errors
/// What the database answers.
pub fn view(db: &mut Db, caller: &Caller, recall: Recall) -> Result<RecallView> {
    let organisation = &caller.organisation_id;
    let covered = Covered::of(db, organisation, &recall)?;
    let most = usize::try_from(SHOWN_MAX).unwrap_or(usize::MAX);
    let first: Vec<&LotId> = covered.0.keys().take(most).collect();
    let first = crate::stock::service::visible(db, caller, &first)?;
    let mut lots = Vec::with_capacity(first.len());
    for lot in crate::stock::service::lots(db, organisation, &first.iter().collect::<Vec<_>>())? {
        let serials = match covered.0.get(&lot.id) {
            Some(Some(packs)) => Some(super::covered::serials(db, organisation, packs)?),
            _ => None,
        };
        lots.push(CoveredLot { lot_id: lot.id, lot: lot.lot, expiry: lot.expiry, serials });
    }
    lots.sort_by(|a, b| a.lot_id.cmp(&b.lot_id));
    let mut near = match product_of(db, organisation, &recall)?.filter(|_| recall.closed_at.is_none()) {
        Some(product) => near_misses(db, organisation, &recall, &product, &covered)?,
        None => Vec::new(),
    };
    let ids: Vec<_> = near.iter().map(|miss| &miss.lot_id).collect();
    let seen = crate::stock::service::visible(db, caller, &ids)?;
    near.retain(|miss| seen.contains(&miss.lot_id));
    let campaign = standing(db, organisation, &recall, &covered)?;
    let (matched, more) = (!covered.0.is_empty(), covered.0.len() > most);
    Ok(RecallView::of(recall).whole((matched, lots, more), near, CampaignView::of(campaign, caller)))
}

/// What a recall does not name, but may mean: somebody must look.
fn near_misses(
    db: &mut Db,
    organisation: &OrganisationId,
    recall: &Recall,
    product: &ProductId,
    covered: &Covered,
) -> Result<Vec<NearMiss>> {
    let named: &Named = &recall.named;
    let mut found = Vec::new();
    let mut likenesses: Vec<_> = named.lots.iter().map(|text| text.likeness()).collect();
    likenesses.dedup();
    if !likenesses.is_empty() {
        let by = By::Likeness(&likenesses);
        found = crate::stock::service::lots_sought(db, organisation, product, by, LOOKED_AT)?;
    }
    if named.manufactured.is_some() {
        found.extend(crate::stock::service::lots_sought(db, organisation, product, By::MadeUnknown, LOOKED_AT)?);
    }
    let near = |lot: &Lot| rules::resembles(named, lot).filter(|_| !covered.has_lot(&lot.id));
    let of_lot = |lot: &Lot| near(lot).map(|because| NearMiss::of(lot, None, because));
    let mut misses: Vec<NearMiss> = found.iter().filter_map(of_lot).collect();
    let alike: BTreeSet<_> = named.serials.iter().flat_map(rules::easily_taken_for).collect();
    let alike: Vec<_> = alike.into_iter().collect();
    let mut packs = crate::stock::service::packs_numbered(db, organisation, product, &alike)?;
    packs.retain(|pack| !rules::names_serial(named, &pack.serial) && !covered.has_pack(&pack.lot_id, &pack.id));
    let ids: Vec<_> = packs.iter().map(|pack| &pack.lot_id).collect();
    let lots = crate::stock::service::lots(db, organisation, &ids)?;
    for pack in &packs {
        let lot = lots.iter().find(|lot| lot.id == pack.lot_id);
        misses.extend(lot.map(|lot| NearMiss::of(lot, Some(pack.serial.clone()), Resemblance::Serial)));
    }
    misses.dedup_by(|a, b| a.is_same(b));
    misses.truncate(usize::try_from(SHOWN_MAX).unwrap_or(usize::MAX));
    Ok(misses)
}

/// How many lots are looked at for what only looks like one that is named.
const LOOKED_AT: i64 = crate::limits::LOOKED_AT_MAX;
