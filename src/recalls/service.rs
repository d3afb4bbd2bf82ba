//! Opening recalls, and keeping watch for what they name.

use std::collections::{BTreeMap, BTreeSet};

use super::covered::Covered;
use super::events::Deed;
use super::finding::{expect_open, product_of, view};
use super::model::{Named, Recall};
use super::wire::{NewRecall, NewRecalledLot, RecallView};
use super::{rules, store};
use crate::command::{About, Command};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::holds::model::{Cause, CauseType, Scope};
use crate::ids::{LotId, OrganisationId, PackId, PatientId, ProductId, RecallId};
use crate::ledger::AccountKind;
use crate::limits::{LOOKED_AT_MAX, SERIALS_MAX};
use crate::problem::ProblemCode;
use crate::stock::model::{Lot, Pack};
use crate::stock::service::By;
use crate::values::{Json, Prose, Word};

// What others may ask of the tables.
pub use super::campaign::waiting;
pub use super::standing::{ToDo, to_do};
pub use super::store::Given;

/// How many lots one statement asks for.
const LOTS_AT_ONCE: usize = 200;

/// The open recalls that concern what patients were given, by their references.
///
/// # Errors
/// What the database answers.
pub fn concerning(db: &mut Db, organisation: &OrganisationId, patients: &[PatientId]) -> Result<Vec<Word>> {
    let (mut concerning, mut after) = (Vec::new(), String::new());
    loop {
        let open = store::list(db, organisation, Some(true), &after, LOOKED_AT_MAX)?;
        let Some(last) = open.last() else { return Ok(concerning) };
        after = last.id.to_string();
        for recall in &open {
            if concerns(db, organisation, recall, patients)? {
                concerning.push(recall.reference.clone());
            }
        }
    }
}

fn concerns(db: &mut Db, organisation: &OrganisationId, recall: &Recall, patients: &[PatientId]) -> Result<bool> {
    let covered = Covered::of(db, organisation, recall)?;
    let lots: Vec<_> = covered.0.keys().collect();
    for some in lots.chunks(LOTS_AT_ONCE) {
        for (lot, serial) in store::given_to(db, organisation, patients, some)? {
            let is_covered = match covered.0.get(&lot) {
                Some(Some(packs)) => {
                    let serials = super::covered::serials(db, organisation, packs)?;
                    serial.is_some_and(|serial| serials.contains(&serial))
                }
                Some(None) => true,
                None => false,
            };
            if is_covered {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Opens a recall: what it names is held in the same transaction, by holds of its own. The same reference again is the same
/// recall.
///
/// # Errors
/// `invalid_value`, `missing_field` for what it names; `recall_reference_taken`.
pub fn open(cmd: &mut Command<'_>, new: &NewRecall) -> Result<RecallView> {
    let organisation = cmd.organisation();
    let named = new.named();
    rules::well_formed(&named)?;
    let opened_at = cmd.occurred_at(new.occurred_at)?;
    if let Some(earlier) = store::by_reference(cmd.db, organisation, &new.reference)? {
        let says = |recall: &Recall| (recall.classification, recall.gtin.clone(), recall.reason.clone());
        let is_same = says(&earlier) == (new.classification, new.gtin.clone(), new.reason.clone())
            && *earlier.named == named
            && new.occurred_at.is_none_or(|at| at == earlier.opened_at);
        if is_same {
            return view(cmd.db, cmd.caller, earlier);
        }
        let detail = format!("Recall {} was opened before, and says something else.", earlier.reference);
        return Err(Error::problem(ProblemCode::RecallReferenceTaken, detail));
    }
    let recall = Recall {
        id: cmd.mint(RecallId::mint),
        organisation_id: organisation.clone(),
        reference: new.reference.clone(),
        classification: new.classification,
        gtin: new.gtin.clone(),
        named: Json::new(named),
        reason: new.reason.clone(),
        opened_by: cmd.caller.subject.clone(),
        opened_at,
        recorded_at: cmd.now,
        closed_at: None,
        closed_by: None,
        closing: None,
    };
    let product = product_of(cmd.db, organisation, &recall)?;
    let found = match &product {
        Some(product) => uncovered(cmd.db, organisation, &recall, product, None)?,
        None => Vec::new(),
    };
    let lots = lots_of(cmd, &found)?;
    let about = about(&recall, product.as_ref(), &lots);
    let count = i64::try_from(lots.len()).unwrap_or(i64::MAX);
    cmd.record(about, Deed::RecallOpened { recall: Box::new(recall.clone()), lots: count })?;
    hold(cmd, &recall, found)?;
    view(cmd.db, cmd.caller, recall)
}

/// Takes a lot in that a recall does not name, or packs of it: somebody has looked, and says that it is meant, too.
///
/// # Errors
/// `not_found`; `reference_unknown` for the lot and its packs; `invalid_value` for a lot of another product;
/// `recall_closed`, `recalled_already`.
pub fn take_in(cmd: &mut Command<'_>, id: &RecallId, new: &NewRecalledLot) -> Result<RecallView> {
    let organisation = cmd.organisation();
    let recall = expect_open(cmd, id)?;
    let lot = crate::stock::service::expect_lot(cmd.db, cmd.caller, &new.lot_id)?;
    let product = product_of(cmd.db, organisation, &recall)?;
    if product.as_ref() != Some(&lot.product_id) {
        let rule = format!("must be a lot of the product with GTIN {}", recall.gtin);
        return Err(Error::invalid(ProblemCode::InvalidValue, "lot_id", rule));
    }
    let mut packs = crate::stock::service::expect_packs(cmd.db, organisation, &lot, &new.serials)?;
    let covered = Covered::of(cmd.db, organisation, &recall)?;
    packs.retain(|pack| !covered.has_pack(&lot.id, &pack.id));
    if covered.has_lot(&lot.id) || (packs.is_empty() && !new.serials.is_empty()) {
        return Err(Error::problem(ProblemCode::RecalledAlready, "The recall covers this already."));
    }
    let scope = match new.serials.is_empty() {
        true => Scope::Lot(lot.id.clone()),
        false => Scope::Packs(lot.id.clone(), packs.into_iter().map(|pack| pack.id).collect()),
    };
    extend(cmd, &recall, &lot.product_id, vec![scope], Some(new.reason.clone()))?;
    view(cmd.db, cmd.caller, recall)
}

/// Lets open recalls cover what a command has brought or made known: lots and packs that arrived or were corrected, lots that
/// were used though they were never received, and products that have become known by another GTIN.
///
/// # Errors
/// What the database answers.
pub fn judge(cmd: &mut Command<'_>) -> Result<()> {
    let (mut lots, mut products) = (BTreeSet::<LotId>::new(), BTreeMap::<ProductId, Vec<Lot>>::new());
    let mut whole = BTreeSet::<ProductId>::new();
    for event in cmd.events() {
        if matches!(event.deed.kind(), "product_registered" | "product_corrected") {
            whole.extend(event.head.subjects.iter().filter_map(|subject| subject.parse().ok()));
        }
        let comes = |kind| matches!(kind, AccountKind::Supplier | AccountKind::Unaccounted);
        let arrived = event.deed.postings().iter().filter(|posting| comes(posting.from.kind));
        lots.extend(arrived.map(|posting| posting.lot_id.clone()));
    }
    let organisation = cmd.organisation();
    if (lots.is_empty() && whole.is_empty()) || !store::is_any_open(cmd.db, organisation)? {
        return Ok(());
    }
    let lots: Vec<_> = lots.iter().collect();
    for lot in crate::stock::service::lots(cmd.db, organisation, &lots)? {
        products.entry(lot.product_id.clone()).or_default().push(lot);
    }
    products.extend(whole.iter().map(|product| (product.clone(), Vec::new())));
    let ids: Vec<_> = products.keys().cloned().collect();
    let mut is_alone = false;
    for (recall, product) in store::open_of(cmd.db, organisation, &ids)? {
        let only = products.get(&product).map(Vec::as_slice).filter(|_| !whole.contains(&product));
        if uncovered(cmd.db, organisation, &recall, &product, only)?.is_empty() {
            continue;
        }
        if !is_alone {
            // Others rest on holds: it is looked for again when nobody else decides.
            cmd.alone()?;
            is_alone = true;
        }
        let is_open = store::recall(cmd.db, organisation, &recall.id)?.is_some_and(|now| now.closed_at.is_none());
        let found = if is_open { uncovered(cmd.db, organisation, &recall, &product, only)? } else { Vec::new() };
        if !found.is_empty() {
            extend(cmd, &recall, &product, found, None)?;
        }
    }
    Ok(())
}

/// Records that a recall covers more, and holds it.
fn extend(
    cmd: &mut Command<'_>,
    recall: &Recall,
    product: &ProductId,
    found: Vec<Scope>,
    reason: Option<Prose>,
) -> Result<()> {
    let lots = lots_of(cmd, &found)?;
    let about = About { occurred_at: cmd.now, ..about(recall, Some(product), &lots) };
    let deed = Deed::RecallExtended {
        recall_id: recall.id.clone(),
        reference: recall.reference.clone(),
        lots: i64::try_from(lots.len()).unwrap_or(i64::MAX),
        reason,
    };
    cmd.record(about, deed)?;
    hold(cmd, recall, found)
}

/// Holds what a recall was found to cover, from its own moment on: whatever is entered late for a moment since is judged by it
/// (DOMAIN rule 20a).
fn hold(cmd: &mut Command<'_>, recall: &Recall, found: Vec<Scope>) -> Result<()> {
    for scope in found {
        let (id, reference) = (Some(recall.id.to_string()), Some(recall.reference.clone()));
        let cause = Cause { kind: CauseType::Recall, id, reference };
        crate::holds::service::open(cmd, scope, &recall.reason, cause, recall.opened_at)?;
    }
    Ok(())
}

/// What a recall names of a product and does not cover yet, as scopes of holds: among these lots, or all that are known.
fn uncovered(
    db: &mut Db,
    organisation: &OrganisationId,
    recall: &Recall,
    product: &ProductId,
    only: Option<&[Lot]>,
) -> Result<Vec<Scope>> {
    let named: &Named = &recall.named;
    let held = crate::holds::service::caused_by(db, organisation, recall.id.as_str(), true)?;
    if named.is_whole() {
        let is_held = held.iter().any(|hold| hold.scope_id == product.as_str());
        return Ok(if is_held { Vec::new() } else { vec![Scope::Product(product.clone())] });
    }
    let mut lots = BTreeSet::new();
    let candidates = match only {
        Some(only) => only.to_vec(),
        None => lots_named(db, organisation, named, product)?,
    };
    lots.extend(candidates.iter().filter(|lot| rules::names_lot(named, lot)).map(|lot| lot.id.clone()));
    let is_whole = |lot: &LotId| held.iter().any(|hold| hold.scope_id == lot.as_str() && !hold.is_of_packs());
    let mut of_packs: BTreeMap<LotId, Vec<PackId>> = BTreeMap::new();
    for pack in packs_named(db, organisation, named, product, only)? {
        let is_held = held.iter().any(|hold| hold.scope_id == pack.lot_id.as_str() && hold.takes(Some(&pack.id)));
        if !is_held && !lots.contains(&pack.lot_id) && rules::names_serial(named, &pack.serial) {
            of_packs.entry(pack.lot_id).or_default().push(pack.id);
        }
    }
    lots.retain(|lot| !is_whole(lot));
    let mut found: Vec<_> = lots.into_iter().map(Scope::Lot).collect();
    for (lot, packs) in of_packs {
        found.extend(packs.chunks(SERIALS_MAX).map(|packs| Scope::Packs(lot.clone(), packs.to_vec())));
    }
    Ok(found)
}

/// The lots of a product that may be named, all of which are known.
fn lots_named(db: &mut Db, organisation: &OrganisationId, named: &Named, product: &ProductId) -> Result<Vec<Lot>> {
    let mut found = Vec::new();
    let keys = rules::keys(&named.lots);
    if !keys.is_empty() {
        found = crate::stock::service::lots_sought(db, organisation, product, By::Keys(&keys), i64::MAX)?;
    }
    if let Some(made) = &named.manufactured {
        let made = By::Made(made.from, made.to);
        found.extend(crate::stock::service::lots_sought(db, organisation, product, made, i64::MAX)?);
    }
    Ok(found)
}

/// The packs of a product that may be named: of these lots, or all.
fn packs_named(
    db: &mut Db,
    organisation: &OrganisationId,
    named: &Named,
    product: &ProductId,
    only: Option<&[Lot]>,
) -> Result<Vec<Pack>> {
    if !named.has_serials() {
        return Ok(Vec::new());
    }
    if let Some(only) = only {
        let lots: Vec<_> = only.iter().map(|lot| lot.id.clone()).collect();
        return crate::stock::service::packs_of_lots(db, organisation, &lots);
    }
    let mut found = crate::stock::service::packs_numbered(db, organisation, product, &named.serials)?;
    for range in &named.serial_ranges {
        let (from, to) = (&range.from, &range.to);
        found.extend(crate::stock::service::packs_between(db, organisation, product, (from, to))?);
    }
    found.sort_by(|a, b| a.id.cmp(&b.id));
    found.dedup();
    Ok(found)
}

/// The lots that scopes are of, under which auditors find what is recorded.
fn lots_of(cmd: &mut Command<'_>, scopes: &[Scope]) -> Result<Vec<LotId>> {
    let mut lots = BTreeSet::new();
    for scope in scopes {
        match scope {
            Scope::Lot(lot) | Scope::Packs(lot, _) => {
                lots.insert(lot.clone());
            }
            Scope::Product(product) => {
                lots.extend(crate::stock::service::lots_of_product(cmd.db, cmd.organisation(), product)?);
            }
            Scope::Account(_) => {}
        }
    }
    Ok(lots.into_iter().collect())
}

/// A recall is seen wherever there is something of what it covers, and by the whole organisation.
fn about(recall: &Recall, product: Option<&ProductId>, lots: &[LotId]) -> About {
    let mut subjects = vec![recall.id.to_string()];
    subjects.extend(product.map(ToString::to_string));
    subjects.extend(lots.iter().map(ToString::to_string));
    About { occurred_at: recall.opened_at, site_id: None, subjects }
}
