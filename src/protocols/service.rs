//! Writing protocols, and which of them counts.

use std::sync::Arc;

use chrono::NaiveDate;

use super::events::Deed;
use super::model::{AppliesTo, Content, Protocol};
use super::wire::NewProtocol;
use super::{rules, store};
use crate::catalogue::model::Product;
use crate::command::{About, Command};
use crate::db::Db;
use crate::db::known::Known;
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, ProductId, ProtocolId};
use crate::problem::ProblemCode;
use crate::values::Json;

// What others may ask of the table.
pub use super::store::{find, titles};

/// Writes a version: the first of its kind for this product, class or everything, or the one that follows the newest. One that says
/// what the newest says is that one.
///
/// # Errors
/// `reference_unknown`, `invalid_value` for both a product and a class; what [`rules::well_formed`] and
/// [`rules::can_follow`] refuse; `effective_too_early`.
pub fn write(cmd: &mut Command<'_>, new: &NewProtocol) -> Result<Protocol> {
    let organisation = cmd.organisation();
    let applies_to = &new.applies_to;
    if applies_to.product_id.is_some() && applies_to.class.is_some() {
        let rule = "is for a product or for a class: give one of them, or neither";
        return Err(Error::invalid(ProblemCode::InvalidValue, "applies_to", rule));
    }
    let content = new.content()?;
    rules::well_formed(&content)?;
    expect_products(cmd.db, organisation, applies_to, &content)?;
    let scope = applies_to.scope();
    let newest = store::newest(cmd.db, organisation, new.kind, &scope)?;
    let is_same = |newest: &Protocol| {
        (&newest.title, &newest.source, &newest.reason) == (&new.title, &new.source, &new.reason)
            && newest.effective_from == new.effective_from
            && *newest.content == content
    };
    if let Some(newest) = newest.clone().filter(is_same) {
        return Ok(newest);
    }
    rules::can_follow(newest.as_ref(), &content)?;
    let today = cmd.now.day_in(chrono_tz::Tz::UTC);
    if let Some(earliest) = rules::earliest(newest.as_ref(), today).filter(|earliest| new.effective_from < *earliest) {
        let rule = format!("must be {earliest} or later");
        return Err(Error::invalid(ProblemCode::EffectiveTooEarly, "effective_from", rule));
    }
    let protocol = Protocol {
        id: cmd.mint(ProtocolId::mint),
        organisation_id: organisation.clone(),
        kind: new.kind,
        scope,
        version: newest.map_or(0, |newest| newest.version).saturating_add(1),
        title: new.title.clone(),
        source: new.source.clone(),
        effective_from: new.effective_from,
        reason: new.reason.clone(),
        content: Json::new(content),
        author: cmd.caller.subject.clone(),
        recorded_at: cmd.now,
    };
    let product = applies_to.product_id.as_ref().map(ToString::to_string);
    let subjects = [protocol.id.to_string()].into_iter().chain(product).collect();
    let about = About { occurred_at: cmd.now, site_id: None, subjects };
    cmd.record_once(about, Deed::ProtocolWritten(Box::new(protocol.clone())))?;
    Ok(protocol)
}

/// The products that a document is for, and that it names.
fn expect_products(
    db: &mut Db,
    organisation: &OrganisationId,
    applies_to: &AppliesTo,
    content: &Content,
) -> Result<()> {
    let own = applies_to.product_id.iter().map(|id| (id, "applies_to.product_id".to_owned()));
    let kit = match content {
        Content::EmergencyKit(kit) => kit.items.as_slice(),
        _ => &[],
    };
    let of_kit =
        kit.iter().enumerate().map(|(index, item)| (&item.product_id, format!("content.items[{index}].product_id")));
    let named: Vec<(&ProductId, String)> = own.chain(of_kit).collect();
    if named.is_empty() {
        return Ok(());
    }
    let ids: Vec<&ProductId> = named.iter().map(|(id, _)| *id).collect();
    let known = crate::catalogue::service::by_ids(db, organisation, &ids)?;
    match named.iter().find(|(id, _)| !known.iter().any(|product| product.id == **id)) {
        Some((_, field)) => Err(Error::reference_unknown(field)),
        None => Ok(()),
    }
}

/// The protocols that are in force for a product on a day, from memory where they were read before: at most one of each kind for
/// each of the product, its class, and everything.
///
/// # Errors
/// What the database answers.
pub fn in_force(known: &mut Known<'_>, db: &mut Db, product: &Product, day: NaiveDate) -> Result<Arc<[Protocol]>> {
    let organisation = &product.organisation_id;
    let scopes = AppliesTo::scopes_of(product);
    let name = || format!("{} {} {day}", product.id, product.class);
    known.get(db, name, |db| Ok(store::in_force(db, organisation, &scopes, day)?.into()))
}

/// The protocols that are in force for everything on a day.
///
/// # Errors
/// What the database answers.
pub fn in_force_for_all(db: &mut Db, organisation: &OrganisationId, day: NaiveDate) -> Result<Vec<Protocol>> {
    store::in_force(db, organisation, &[AppliesTo::default().scope()], day)
}

/// The version of a document that is in force on a day.
///
/// # Errors
/// What the database answers.
pub fn in_force_of(db: &mut Db, of: &Protocol, day: NaiveDate) -> Result<Option<Protocol>> {
    let scopes = std::slice::from_ref(&of.scope);
    let found = store::in_force(db, &of.organisation_id, scopes, day)?;
    Ok(found.into_iter().find(|found| found.kind == of.kind))
}
