//! Levels, and what follows from them, from stock, use and orders.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::events::Deed;
use super::model::{Item, Level};
use super::rules::{self, Usable};
use super::store;
use super::wire::{LeftOut, LevelView, NewLevel, NewReplenishment, NewReplenishmentLine, Replenished};
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{AccountId, LevelId, LotId, OrganisationId, ProductId, SiteId, SupplierId};
use crate::limits::{ORDER_LINES_MAX, REPLENISHMENT_LOTS_MAX, REPLENISHMENT_PRODUCTS_MAX};
use crate::names::service::{Asked, Known};
use crate::problem::{Problem, ProblemCode};
use crate::purchasing::wire::{NewOrder, NewOrderLine, OrderView};
use crate::sites::model::Site;
use crate::stock::model::{AccountKind, Balance, Lot};
use crate::values::Packs;
use crate::versions::{FIRST, in_use};

pub use super::store::level;

/// What came of setting a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// There was none.
    New,
    /// It is another one now.
    Changed,
    /// It says what it said.
    Same,
}

/// Sets how much of a product a site keeps. One that says what stands changes nothing.
///
/// # Errors
/// `invalid_level`, `reference_unknown`; `retired` for a site or a product that is.
pub fn set(cmd: &mut Command<'_>, new: &NewLevel) -> Result<(Level, Settled)> {
    rules::well_formed(new.minimum_packs, new.maximum_packs)?;
    let organisation = cmd.organisation();
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let product = crate::catalogue::service::expect(cmd.db, organisation, &new.product_id)?;
    let earlier = store::level(cmd.db, organisation, &site.id, &product.id)?;
    let says = |level: &Level| (level.minimum_packs, level.maximum_packs) == (new.minimum_packs, new.maximum_packs);
    if let Some(level) = earlier.clone().filter(says) {
        return Ok((level, Settled::Same));
    }
    in_use(&site)?;
    in_use(&product)?;
    let settled = if earlier.is_some() { Settled::Changed } else { Settled::New };
    let (id, version) = match earlier {
        Some(earlier) => (earlier.id, earlier.version.saturating_add(1)),
        None => (cmd.mint(LevelId::mint), FIRST),
    };
    let level = Level {
        id,
        organisation_id: organisation.clone(),
        site_id: site.id.clone(),
        product_id: product.id.clone(),
        minimum_packs: new.minimum_packs,
        maximum_packs: new.maximum_packs,
        version,
        set_by: cmd.caller.subject.clone(),
        set_at: cmd.now,
    };
    let subjects = vec![level.id.to_string(), product.id.to_string(), site.id.to_string()];
    let about = About { occurred_at: cmd.now, site_id: Some(site.id), subjects };
    cmd.record_once(about, Deed::LevelSet(Box::new(level.clone())))?;
    Ok((level, settled))
}

/// Levels with their names.
///
/// # Errors
/// What the database answers.
pub fn views(db: &mut Db, organisation: &OrganisationId, found: Vec<Level>) -> Result<Vec<LevelView>> {
    let known = named(db, organisation, &found)?;
    Ok(found.into_iter().map(|level| LevelView::of(level, &known)).collect())
}

fn named(db: &mut Db, organisation: &OrganisationId, levels: &[Level]) -> Result<Known> {
    let asked = Asked {
        products: levels.iter().map(|level| level.product_id.clone()).collect(),
        sites: levels.iter().map(|level| level.site_id.clone()).collect(),
        ..Asked::default()
    };
    crate::names::service::known(db, organisation, asked)
}

/// What is known of products at a site: a few statements for all of them.
///
/// # Errors
/// `replenishment_too_large` where they have more lots than are looked at together.
// Long because it lists, one after the other, all that is known of a product.
pub fn items(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &Site,
    products: Vec<Product>,
    now: Moment,
) -> Result<Vec<Item>> {
    let ids: Vec<ProductId> = products.iter().map(|product| product.id.clone()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let today = now.day_in(site.time_zone.rules());
    let lots = lots(db, organisation, &ids, now)?;
    let product_of: HashMap<&LotId, &ProductId> = lots.iter().map(|lot| (&lot.id, &lot.product_id)).collect();
    let lot_ids: Vec<&LotId> = lots.iter().map(|lot| &lot.id).collect();
    let balances =
        if lot_ids.is_empty() { Vec::new() } else { crate::stock::service::balances(db, organisation, &lot_ids)? };
    let used = |db: &mut Db, weeks: i64| -> Result<BTreeMap<ProductId, i64>> {
        let since = now.plus_days(-7 * weeks);
        used(db, organisation, &site.id, (&lot_ids, &product_of, &balances), (since, now))
    };
    let (of_4, of_13) = (used(db, 4)?, used(db, 13)?);
    let sums = |rows: Vec<(ProductId, i64)>| rows.into_iter().collect::<HashMap<_, _>>();
    let on_order = sums(store::ordered(db, organisation, &site.id, &ids, true)?);
    let drafted = sums(store::ordered(db, organisation, &site.id, &ids, false)?);
    let mut levels: HashMap<ProductId, Level> = store::levels_of(db, organisation, &site.id, &ids)?
        .into_iter()
        .map(|level| (level.product_id.clone(), level))
        .collect();
    let scopes: Vec<&str> = lots.iter().map(|lot| lot.id.as_str()).chain(ids.iter().map(ProductId::as_str)).collect();
    let blocked = crate::holds::service::wholly_held(db, organisation, &scopes)?;
    let mut items = Vec::with_capacity(products.len());
    for product in products {
        let own = balances.iter().filter(|balance| {
            product_of.get(&balance.lot_id) == Some(&&product.id) && balance.site_id.as_ref() == Some(&site.id)
        });
        let own: Vec<&Balance> =
            own.filter(|balance| balance.units > 0 && balance.use_by.is_some_and(|day| day >= today)).collect();
        // What waits in quarantine is held there, too, where a hold is on its lot or product.
        let is_blocked =
            |balance: &Balance| blocked.contains(balance.lot_id.as_str()) || blocked.contains(product.id.as_str());
        let is_usable = |balance: &Balance| USABLE.contains(&balance.kind) && !is_blocked(balance);
        let is_held = |balance: &Balance| {
            balance.kind == AccountKind::Held || (USABLE.contains(&balance.kind) && is_blocked(balance))
        };
        let sum = |counts: &dyn Fn(&Balance) -> bool| -> i64 {
            own.iter().filter(|balance| counts(balance)).map(|balance| balance.units).sum()
        };
        let usable = own.iter().filter(|balance| is_usable(balance));
        let usable: Vec<Usable> =
            usable.filter_map(|balance| Some(Usable { use_by: balance.use_by?, units: balance.units })).collect();
        let of = |sums: &HashMap<ProductId, i64>| sums.get(&product.id).copied().unwrap_or(0);
        let used_13_weeks = of_13.get(&product.id).copied().unwrap_or(0).max(0);
        items.push(Item {
            level: levels.remove(&product.id),
            on_hand: sum(&is_usable),
            available: sum(&|balance| balance.kind == AccountKind::Available && !is_blocked(balance)),
            held: sum(&is_held),
            on_order: of(&on_order),
            drafted: of(&drafted),
            used_4_weeks: of_4.get(&product.id).copied().unwrap_or(0).max(0),
            used_13_weeks,
            cover: rules::cover(today, used_13_weeks, &usable),
            first_expiry: usable.iter().map(|lot| lot.use_by).min(),
            last_supplier: None,
            product,
        });
    }
    items.retain(Item::is_of_interest);
    for item in &mut items {
        item.last_supplier = store::last_supplier(db, organisation, &item.product.id)?;
    }
    Ok(items)
}

/// What may be used, or will be when it was looked at.
const USABLE: &[AccountKind] = &[AccountKind::Available, AccountKind::Passed, AccountKind::Quarantined];

/// The lots of products that had not run out when the 13 weeks began: no others can have been used since, or be used.
fn lots(db: &mut Db, organisation: &OrganisationId, products: &[ProductId], now: Moment) -> Result<Vec<Lot>> {
    let since = now.plus_days(-rules::DAYS - 1).day_in(chrono_tz::Tz::UTC);
    let most = i64::try_from(REPLENISHMENT_LOTS_MAX).unwrap_or(i64::MAX);
    let found = crate::stock::service::lots_of_products(db, organisation, products, since, most.saturating_add(1))?;
    if found.len() > REPLENISHMENT_LOTS_MAX {
        let detail = format!("More than {REPLENISHMENT_LOTS_MAX} lots: ask for fewer products with limit.");
        return Err(Error::Problem(Problem::new(ProblemCode::ReplenishmentTooLarge, detail).at("limit")));
    }
    Ok(found)
}

/// Lots with their products and accounts.
type Of<'a> = (&'a [&'a LotId], &'a HashMap<&'a LotId, &'a ProductId>, &'a [Balance]);

/// How many units patients were given of what lay at a site, less those that voids brought back.
fn used(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    (lots, product_of, balances): Of<'_>,
    period: (Moment, Moment),
) -> Result<BTreeMap<ProductId, i64>> {
    let mut sums: BTreeMap<ProductId, i64> = BTreeMap::new();
    if lots.is_empty() {
        return Ok(sums);
    }
    let known: HashMap<&AccountId, &Balance> = balances.iter().map(|balance| (&balance.id, balance)).collect();
    let is_here = |id: &AccountId| known.get(id).is_some_and(|account| account.site_id.as_ref() == Some(site));
    let is_patient = |id: &AccountId| known.get(id).is_some_and(|account| account.kind == AccountKind::Patient);
    for flow in crate::stock::service::moved_between(db, organisation, lots, period, None)? {
        let units = match (is_here(&flow.from) && is_patient(&flow.to), is_patient(&flow.from) && is_here(&flow.to)) {
            (true, _) => flow.units,
            (_, true) => -flow.units,
            _ => continue,
        };
        let Some(product) = known.get(&flow.from).and_then(|account| product_of.get(&account.lot_id)) else { continue };
        let sum = sums.entry((*product).clone()).or_default();
        *sum = sum.saturating_add(units);
    }
    Ok(sums)
}

/// A line of what is to be ordered.
struct Wanted {
    product: Product,
    supplier: SupplierId,
    packs: Packs,
}

/// Writes drafts of orders: one for each supplier.
///
/// # Errors
/// `reference_unknown`, `empty_list`, `list_too_long`, `duplicate_entry`; `supplier_required`, `nothing_to_order` for a product that is named;
/// `nothing_to_order` where nothing is suggested at all; `replenishment_too_large`.
pub fn order(cmd: &mut Command<'_>, new: &NewReplenishment) -> Result<Replenished> {
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let mut left_out = Vec::new();
    let wanted = match &new.lines {
        None => suggested(cmd, &site, &mut left_out)?,
        Some(lines) => chosen(cmd, &site, lines)?,
    };
    if wanted.is_empty() && left_out.is_empty() {
        return Err(Error::problem(ProblemCode::NothingToOrder, "Nothing is suggested for this site."));
    }
    let mut by_supplier: BTreeMap<SupplierId, Vec<Wanted>> = BTreeMap::new();
    for wanted in wanted {
        by_supplier.entry(wanted.supplier.clone()).or_default().push(wanted);
    }
    let mut orders = Vec::new();
    for (supplier_id, wanted) in by_supplier {
        for lines in wanted.chunks(ORDER_LINES_MAX) {
            let line = |line: &Wanted| NewOrderLine {
                product_id: line.product.id.clone(),
                packs: line.packs,
                pack_price_minor: None,
            };
            let order = NewOrder {
                site_id: site.id.clone(),
                supplier_id: supplier_id.clone(),
                reference: new.reference.clone(),
                expected_on: new.expected_on,
                // Whoever knows what it costs writes it into the draft.
                currency: None,
                lines: lines.iter().map(line).collect(),
            };
            let ordered = crate::purchasing::service::create(cmd, &order)?;
            orders.push(OrderView::of(ordered, cmd.now));
        }
    }
    Ok(Replenished { orders, left_out })
}

/// Everything that is suggested for a site. What was never bought is left out, and said.
fn suggested(cmd: &mut Command<'_>, site: &Site, left_out: &mut Vec<LeftOut>) -> Result<Vec<Wanted>> {
    let organisation = cmd.organisation();
    let filter = store::Filter { site_id: Some(site.id.clone()), product_id: None };
    let most = i64::try_from(REPLENISHMENT_PRODUCTS_MAX).unwrap_or(i64::MAX);
    let levels = store::list(cmd.db, cmd.caller, &filter, "", most.saturating_add(1))?.items;
    if levels.len() > REPLENISHMENT_PRODUCTS_MAX {
        let detail = format!("More than {REPLENISHMENT_PRODUCTS_MAX} products have a level: name those to order.");
        return Err(Error::Problem(Problem::new(ProblemCode::ReplenishmentTooLarge, detail).at("lines")));
    }
    let ids: Vec<&ProductId> = levels.iter().map(|level| &level.product_id).collect();
    let mut products = crate::catalogue::service::by_ids(cmd.db, organisation, &ids)?;
    products.retain(|product| product.retired_at.is_none());
    let mut wanted = Vec::new();
    for item in items(cmd.db, organisation, site, products, cmd.now)? {
        let suggested_packs = item.suggested_packs();
        let Ok(packs) = Packs::try_from(suggested_packs) else { continue };
        match item.last_supplier {
            Some(supplier) => wanted.push(Wanted { product: item.product, supplier, packs }),
            None => left_out.push(LeftOut {
                message: format!("{} was never bought: name its supplier.", item.product.name),
                product_id: item.product.id,
                product: item.product.name,
                suggested_packs,
            }),
        }
    }
    Ok(wanted)
}

/// The products that are named.
fn chosen(cmd: &mut Command<'_>, site: &Site, lines: &[NewReplenishmentLine]) -> Result<Vec<Wanted>> {
    let organisation = cmd.organisation();
    if lines.is_empty() {
        return Err(Error::invalid(ProblemCode::EmptyList, "lines", "needs at least one entry"));
    }
    if lines.len() > ORDER_LINES_MAX {
        let rule = format!("must have at most {ORDER_LINES_MAX} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "lines", rule));
    }
    if lines.iter().map(|line| &line.product_id).collect::<BTreeSet<_>>().len() < lines.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, "lines", "name a product twice"));
    }
    let ids: Vec<&ProductId> = lines.iter().map(|line| &line.product_id).collect();
    let products = crate::catalogue::service::by_ids(cmd.db, organisation, &ids)?;
    if let Some(index) = ids.iter().position(|id| !products.iter().any(|product| product.id == **id)) {
        return Err(Error::reference_unknown(&format!("lines[{index}].product_id")));
    }
    let known = items(cmd.db, organisation, site, products.clone(), cmd.now)?;
    let mut wanted = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(product) = products.iter().find(|product| product.id == line.product_id) else { continue };
        let item = known.iter().find(|item| item.product.id == product.id);
        let last = match line.supplier_id.clone() {
            Some(named) => Some(named),
            None => store::last_supplier(cmd.db, organisation, &product.id)?,
        };
        let Some(supplier) = last else {
            let detail = format!("{} was never bought: name its supplier.", product.name);
            let problem = Problem::new(ProblemCode::SupplierRequired, detail);
            return Err(Error::Problem(problem.at(format!("lines[{index}].supplier_id"))));
        };
        let suggested = item.map_or(0, Item::suggested_packs);
        let Some(packs) = line.packs.or_else(|| Packs::try_from(suggested).ok()) else {
            let detail = format!("Nothing is suggested for {}: name the packs to order.", product.name);
            return Err(Error::problem(ProblemCode::NothingToOrder, detail));
        };
        wanted.push(Wanted { product: product.clone(), supplier, packs });
    }
    Ok(wanted)
}

/// What a site had of a product, in units of whatever disposition: at each of these moments, the earliest first, now being the last.
///
/// # Errors
/// `replenishment_too_large`; what the database answers.
pub fn course(
    db: &mut Db,
    organisation: &OrganisationId,
    site: &SiteId,
    product: &ProductId,
    moments: &[Moment],
) -> Result<Vec<i64>> {
    let Some(now) = moments.last().copied() else { return Ok(Vec::new()) };
    let lots = lots(db, organisation, std::slice::from_ref(product), now)?;
    let ids: Vec<&LotId> = lots.iter().map(|lot| &lot.id).collect();
    if ids.is_empty() {
        return Ok(vec![0; moments.len()]);
    }
    let balances = crate::stock::service::balances(db, organisation, &ids)?;
    let here: BTreeSet<&AccountId> =
        balances.iter().filter(|balance| balance.site_id.as_ref() == Some(site)).map(|balance| &balance.id).collect();
    let mut units: i64 =
        balances.iter().filter(|balance| here.contains(&balance.id)).map(|balance| balance.units).sum();
    let mut found = vec![units];
    for pair in moments.windows(2).rev() {
        let [from, to] = pair else { continue };
        for flow in crate::stock::service::moved_between(db, organisation, &ids, (*from, *to), None)? {
            units -= if here.contains(&flow.to) { flow.units } else { 0 };
            units += if here.contains(&flow.from) { flow.units } else { 0 };
        }
        found.push(units);
    }
    found.reverse();
    Ok(found)
}
