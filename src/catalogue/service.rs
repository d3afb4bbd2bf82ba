//! Registering, correcting and retiring products, and finding them for other slices.

use std::collections::HashSet;

use super::events::Deed;
use super::model::{DeviceIdentifier, Identifier, Product, StabilityAllowance};
use super::wire::{NewProduct, ProductView};
use super::{identifiers, store};
use crate::clock::Moment;
use crate::command::{About, Command};
use crate::db::known::Known;
use crate::db::{Db, violates_unique};
use crate::error::{Error, Result};
use crate::http::versions::{Sent, edited};
use crate::ids::{OrganisationId, ProductId};
use crate::journal;
use crate::journal::model::Head;
use crate::problem::{Problem, ProblemCode};
use crate::values::Json;
use crate::versions::{self, Alike, Change, FIRST, Reinstatement, Retirement, Versioned};

// What others may ask of the tables, or let follow from their events.
pub use super::store::{approvals_verified_before, by_ids, in_order};

/// The most approvals that a product may list.
const LIST: usize = 300;

/// The most temperatures that a stability budget may name: what is left of several is computed exactly
/// (`excursions::budgets`).
const ALLOWANCES: usize = 5;

/// Registers a product.
///
/// # Errors
/// `already_exists` when an identifier is in the catalogue, `band_reversed`, `duplicate_entry`, `invalid_value`,
/// `invalid_jurisdiction`, `occurred_in_future`, what [`identifiers::well_formed`] refuses.
pub fn register(cmd: &mut Command<'_>, new: &NewProduct) -> Result<Product> {
    let id = cmd.mint(ProductId::mint);
    let product = described(cmd, id, new)?;
    refuse_taken(cmd, &product)?;
    let about = About { occurred_at: cmd.now, site_id: None, subjects: vec![product.id.to_string()] };
    cmd.record(about, Deed::ProductRegistered(Box::new(product.clone()))).map_err(race)?;
    Ok(product)
}

/// The product that one of these identifiers names, with what it would be by this, so that a list can be brought in twice.
///
/// # Errors
/// As for [`register`].
pub fn alike(cmd: &mut Command<'_>, new: &NewProduct) -> Result<Option<Alike<Product>>> {
    let id = cmd.mint(ProductId::mint);
    let asked = described(cmd, id, new)?;
    let known_by: Vec<_> = asked.known_by().collect();
    for identifier in known_by {
        if let Some((stands, _)) = store::named(cmd.db, cmd.organisation(), &identifier.named())?.pop() {
            return Ok(Some(Alike { asked: Product { id: stands.id.clone(), ..asked }, stands }));
        }
    }
    Ok(None)
}

/// Somebody else registered the same identifier at this moment: start again, and say so.
fn race(error: Error) -> Error {
    match error {
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    }
}

/// An identifier leads to one product.
fn refuse_taken(cmd: &mut Command<'_>, product: &Product) -> Result<()> {
    for identifier in product.known_by() {
        let named = identifier.named();
        let others = store::named(cmd.db, cmd.organisation(), &named)?;
        if let Some((other, _)) = others.into_iter().find(|(other, _)| other.id != product.id) {
            let detail = format!("{named} is in the catalogue already: it names {}.", other.name);
            return Err(Error::problem(ProblemCode::AlreadyExists, detail));
        }
    }
    Ok(())
}

fn described(cmd: &Command<'_>, id: ProductId, new: &NewProduct) -> Result<Product> {
    check(new, cmd.now)?;
    let identifiers = identifiers::well_formed(new.gtin.as_ref(), &new.identifiers, new.units_per_pack)?;
    Ok(Product {
        id,
        organisation_id: cmd.organisation().clone(),
        gtin: new.gtin.clone(),
        name: new.name.clone(),
        manufacturer: new.manufacturer.clone(),
        class: new.class,
        units_per_pack: new.units_per_pack,
        unit_presentation: new.unit.presentation.clone(),
        unit_amount: new.unit.amount.clone(),
        unit_amount_unit: new.unit.amount_unit.clone(),
        storage_min_mc: new.storage.min_c.milli(),
        storage_max_mc: new.storage.max_c.milli(),
        do_not_freeze: new.storage.do_not_freeze,
        protect_from_light: new.storage.protect_from_light,
        in_use_hours: new.in_use_hours,
        single_patient: new.single_patient,
        requires_training: new.requires_training,
        requires_prescriber: new.requires_prescriber,
        approvals: Json::new(new.approvals.clone()),
        stability_budget: Json::new(
            new.stability_budget
                .iter()
                .map(|entry| StabilityAllowance { max_mc: entry.max_c.milli(), hours: entry.hours })
                .collect(),
        ),
        registered_at: cmd.now,
        version: versions::FIRST,
        retired_at: None,
        identifiers: Json::new(identifiers),
    })
}

/// Corrects a product: anything but its GTIN, and how many units a pack holds only while there are no lots of it.
///
/// # Errors
/// `not_found`, `precondition_failed`, `retired`, `identity_fixed`, `product_in_use`, `already_exists`, `band_reversed`,
/// `duplicate_entry`, `invalid_value`, `invalid_jurisdiction`, `occurred_in_future`, what [`identifiers::well_formed`] and [`edited`] refuse.
pub fn correct(cmd: &mut Command<'_>, id: &ProductId, change: &Change, sent: &Sent) -> Result<Product> {
    let organisation = cmd.organisation();
    let earlier = versions::in_force(store::product(cmd.db, organisation, id)?, change)?;
    let new = edited(change, sent, &ProductView::from(earlier.clone()))?;
    let now = described(cmd, id.clone(), &new)?;
    if earlier.gtin.is_some() {
        versions::fixed("gtin", &earlier.gtin, &now.gtin)?;
    }
    if now.units_per_pack != earlier.units_per_pack && store::has_lots(cmd.db, organisation, id)? {
        let detail = format!("Lots of {} are on record in packs of {} units.", earlier.name, earlier.units_per_pack);
        return Err(Error::Problem(Problem::new(ProblemCode::ProductInUse, detail).at("units_per_pack")));
    }
    refuse_unnamed(cmd, &earlier, &now)?;
    refuse_taken(cmd, &now)?;
    versions::correct(cmd, &earlier, now, change).map_err(race)
}

/// Whoever asks by an identifier that something was received or used under must find it for ever.
fn refuse_unnamed(cmd: &mut Command<'_>, earlier: &Product, now: &Product) -> Result<()> {
    let stays = |gone: &Identifier| now.known_by().any(|kept| (kept.scheme, &kept.value) == (gone.scheme, &gone.value));
    let gone: Vec<_> = earlier.known_by().filter(|identifier| !stays(identifier)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    let organisation = cmd.organisation();
    let mut used = store::received_under(cmd.db, organisation, &earlier.id)?;
    used.extend(store::used_under(cmd.db, organisation, &earlier.id)?);
    match gone.iter().find(|identifier| used.contains(&identifier.value)) {
        Some(identifier) => {
            let detail = format!("Units of {} were received or used under {}.", earlier.name, identifier.value);
            Err(Error::Problem(Problem::new(ProblemCode::ProductInUse, detail).at("identifiers")))
        }
        None => Ok(()),
    }
}

/// Retires a product.
///
/// # Errors
/// `not_found`, `already_retired`.
pub fn retire(cmd: &mut Command<'_>, id: &ProductId, retirement: &Retirement) -> Result<Product> {
    let found = store::product(cmd.db, cmd.organisation(), id)?;
    versions::retire(cmd, found, retirement)
}

/// Puts a retired product back into use. Its identifiers were kept for it: no other product has them.
///
/// # Errors
/// `not_found`, `not_retired`.
pub fn reinstate(cmd: &mut Command<'_>, id: &ProductId, reinstatement: &Reinstatement) -> Result<Product> {
    let found = store::product(cmd.db, cmd.organisation(), id)?;
    versions::reinstate(cmd, found, reinstatement)
}

fn check(new: &NewProduct, now: Moment) -> Result<()> {
    if new.storage.min_c > new.storage.max_c {
        return Err(Error::invalid(ProblemCode::BandReversed, "storage.max_c", "must not be below storage.min_c"));
    }
    if new.in_use_hours.is_some_and(|hours| !(1..=87_600).contains(&hours)) {
        return Err(Error::invalid(ProblemCode::InvalidValue, "in_use_hours", "must be from 1 to 87600"));
    }
    if new.approvals.len() > LIST {
        let rule = format!("must have at most {LIST} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "approvals", rule));
    }
    check_budget(new)?;
    for (index, approval) in new.approvals.iter().enumerate() {
        let field = || format!("approvals[{index}].jurisdiction");
        approval.jurisdiction.expect_listed().map_err(|invalid| Problem::from(invalid).at(field()))?;
        // Where the day begins first, it is that day already.
        if approval.verified_on > now.day_in(chrono_tz::Pacific::Kiritimati) {
            let field = format!("approvals[{index}].verified_on");
            return Err(Error::invalid(ProblemCode::OccurredInFuture, &field, "lies in the future"));
        }
    }
    let places: HashSet<_> = new.approvals.iter().map(|approval| &approval.jurisdiction).collect();
    if places.len() < new.approvals.len() {
        return Err(Error::invalid(ProblemCode::DuplicateEntry, "approvals", "names a jurisdiction twice"));
    }
    Ok(())
}

/// A stability budget says how long units may be warmer than the label allows (DOMAIN rule 16): up to what the label allows
/// there is nothing to say, and of one temperature there is one number of hours.
fn check_budget(new: &NewProduct) -> Result<()> {
    if new.stability_budget.len() > ALLOWANCES {
        let rule = format!("must have at most {ALLOWANCES} entries");
        return Err(Error::invalid(ProblemCode::ListTooLong, "stability_budget", rule));
    }
    let mut known = HashSet::new();
    for (index, entry) in new.stability_budget.iter().enumerate() {
        let field = |name: &str| format!("stability_budget[{index}].{name}");
        if !(1..=87_600).contains(&entry.hours) {
            return Err(Error::invalid(ProblemCode::InvalidValue, &field("hours"), "must be from 1 to 87600"));
        }
        if entry.max_c <= new.storage.max_c {
            let rule = "must be above storage.max_c: up to that the label allows any time";
            return Err(Error::invalid(ProblemCode::InvalidValue, &field("max_c"), rule));
        }
        if !known.insert(entry.max_c.milli()) {
            let rule = "names a temperature twice";
            return Err(Error::invalid(ProblemCode::DuplicateEntry, &field("max_c"), rule));
        }
    }
    Ok(())
}

/// The product that a body names.
///
/// # Errors
/// `reference_unknown`.
pub fn expect(db: &mut Db, organisation: &OrganisationId, id: &ProductId) -> Result<Product> {
    store::product(db, organisation, id)?.ok_or_else(|| Error::reference_unknown("product_id"))
}

/// The product of that id.
///
/// # Errors
/// What the database answers.
pub fn find(db: &mut Db, organisation: &OrganisationId, id: &ProductId) -> Result<Option<Product>> {
    store::product(db, organisation, id)
}

/// The product that a device identifier names, and what carries it.
///
/// # Errors
/// `invalid_value` for one that was typed and that two agencies have given to different products.
pub fn find_named(
    db: &mut Db,
    organisation: &OrganisationId,
    named: &DeviceIdentifier,
) -> Result<Option<(Product, Identifier)>> {
    let mut found = store::named(db, organisation, named)?;
    if found.iter().any(|(product, _)| found.iter().any(|(other, _)| other.id != product.id)) {
        let rule = format!("names two products, by the rules of two agencies: scan the code of {named}");
        return Err(Error::invalid(ProblemCode::InvalidValue, "udi_di", rule));
    }
    Ok(found.pop())
}

/// The product of that id as it stands, from memory where it was read before.
///
/// # Errors
/// What the database answers.
pub fn remembered(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    id: &ProductId,
) -> Result<Option<Product>> {
    known.get(db, || id.to_string(), |db| find(db, organisation, id))
}

/// The same for what [`find_named`] finds.
///
/// # Errors
/// As for that.
pub fn remembered_named(
    known: &mut Known<'_>,
    db: &mut Db,
    organisation: &OrganisationId,
    named: &DeviceIdentifier,
) -> Result<Option<(Product, Identifier)>> {
    let scheme = named.scheme.map(|scheme| scheme.to_string()).unwrap_or_default();
    let read = |db: &mut Db| find_named(db, organisation, named);
    known.get(db, || format!("{scheme} {}", named.value), read)
}

/// Locks products until the transaction ends: lots and serial numbers of a product become known one after the other.
///
/// # Errors
/// What the database answers.
pub fn lock(cmd: &mut Command<'_>, ids: &[&ProductId]) -> Result<()> {
    cmd.lock(|db, organisation| store::lock(db, organisation, ids))
}

/// Who said, and when, that a unit of a product may serve several patients: the version that began to say so (DOMAIN rule 18).
/// None where the one in force at the moment says that it is for one.
///
/// # Errors
/// What the database answers.
pub fn shared(
    db: &mut Db,
    organisation: &OrganisationId,
    product: &ProductId,
    past: Option<Moment>,
) -> Result<Option<(String, Moment)>> {
    let kinds = ["product_registered", "product_corrected"];
    let mut said = None;
    for bytes in journal::store::told(db, organisation, product.as_str(), &kinds)? {
        let head: Head = journal::store::deed(&bytes)?;
        // The first version counts for earlier moments, too (DOMAIN rule 20a).
        let Some(row) = Product::of(journal::store::deed(&bytes)?) else { continue };
        let is_later = row.version > FIRST && past.is_some_and(|past| head.recorded_at > past);
        if is_later {
            break;
        }
        match (row.single_patient, &said) {
            (true, _) => said = None,
            (false, None) => said = Some((head.actor.subject, head.recorded_at)),
            (false, Some(_)) => {}
        }
    }
    Ok(said)
}
