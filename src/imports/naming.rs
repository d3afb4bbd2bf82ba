//! Names in the place of ids: a list names a site or a holder as people do.

use serde_json::{Map, Value};

use crate::catalogue::model::DeviceIdentifier;
use crate::command::Command;
use crate::error::{Error, Result};
use crate::ids::{LocationId, PractitionerId, ProductId, SiteId, SupplierId};
use crate::licences::model::HolderType;
use crate::problem::{Problem, ProblemCode};
use crate::values::{Gtin, Name};
use crate::versions::Versioned;

/// Puts the id of a site where a list has its name, or the id itself.
///
/// # Errors
/// `reference_unknown`, `ambiguous_name`; what the database answers.
pub fn site(cmd: &mut Command<'_>, said: &mut Map<String, Value>) -> Result<()> {
    let Some(Value::String(named)) = said.get("site_id") else { return Ok(()) };
    if named.parse::<SiteId>().is_ok() {
        return Ok(());
    }
    let id = site_of(cmd, named, "site_id")?;
    said.insert("site_id".to_owned(), Value::String(id));
    Ok(())
}

/// Puts the id of a place where a list has its name, or the id itself. Its site is known.
///
/// # Errors
/// `reference_unknown`, `ambiguous_name`; what the database answers.
pub fn place(cmd: &mut Command<'_>, said: &mut Map<String, Value>) -> Result<()> {
    let text = |name: &str| said.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (site, named) = (text("site_id").parse::<SiteId>()?, text("location_id"));
    if named.parse::<LocationId>().is_ok() {
        return Ok(());
    }
    let most = crate::versions::SAME_NAME_MAX;
    let found = match named.parse::<Name>() {
        Ok(name) => crate::sites::service::locations_of_name(cmd.db, cmd.organisation(), &site, &name, most)?,
        Err(_) => Vec::new(),
    };
    let id = only(found, &named, "location_id")?;
    said.insert("location_id".to_owned(), Value::String(id));
    Ok(())
}

/// Puts the id of a product where a list has its GTIN, or the id itself.
///
/// # Errors
/// `reference_unknown`; what the database answers.
pub fn product(cmd: &mut Command<'_>, said: &mut Map<String, Value>) -> Result<()> {
    let Some(Value::String(named)) = said.get("product_id") else { return Ok(()) };
    if named.parse::<ProductId>().is_ok() {
        return Ok(());
    }
    let unknown = || {
        let detail = format!("product_id names no product: {named} is not in the catalogue.");
        Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, detail).at("product_id"))
    };
    let gtin = Gtin::from_digits(named).map_err(|_| unknown())?;
    let found = crate::catalogue::service::find_named(cmd.db, cmd.organisation(), &DeviceIdentifier::from(&gtin))?;
    let (product, _) = found.ok_or_else(unknown)?;
    said.insert("product_id".to_owned(), Value::String(product.id.to_string()));
    Ok(())
}

fn site_of(cmd: &mut Command<'_>, named: &str, field: &str) -> Result<String> {
    let mut found = match named.parse::<Name>() {
        Ok(name) => {
            crate::sites::service::sites_of_name(cmd.db, cmd.organisation(), &name, crate::versions::SAME_NAME_MAX)?
        }
        Err(_) => Vec::new(),
    };
    found.retain(|site| cmd.caller.sees(&site.id));
    only(found, named, field)
}

/// Puts the id of a holder where a list has their name, or the id itself; the organisation needs none.
///
/// # Errors
/// `reference_unknown`, `ambiguous_name`; what the database answers.
pub fn holder(cmd: &mut Command<'_>, said: &mut Map<String, Value>) -> Result<()> {
    const FIELD: &str = "holder.id";
    let organisation = cmd.organisation();
    let Some(Value::Object(holder)) = said.get_mut("holder") else { return Ok(()) };
    let kind = holder.get("type").and_then(Value::as_str).and_then(|word| word.parse::<HolderType>().ok());
    let named = holder.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let is_id = named.parse::<SiteId>().is_ok()
        || named.parse::<SupplierId>().is_ok()
        || named.parse::<PractitionerId>().is_ok();
    let name = named.parse::<Name>().ok();
    let most = crate::versions::SAME_NAME_MAX;
    let id = match kind {
        // What is no word for a holder is refused with the other fields.
        None => named,
        Some(HolderType::Organisation) if named.is_empty() => organisation.to_string(),
        Some(_) if named.is_empty() => {
            let detail = "holder.id is empty: only the organisation itself needs no name.";
            return Err(Error::Problem(Problem::new(ProblemCode::MissingField, detail).at(FIELD)));
        }
        Some(HolderType::Organisation) => named,
        Some(_) if is_id => named,
        Some(HolderType::Site) => site_of(cmd, &named, FIELD)?,
        Some(HolderType::Supplier) => {
            let of_name = |name: &Name| crate::suppliers::service::of_name(cmd.db, organisation, name, most);
            only(name.as_ref().map(of_name).transpose()?.unwrap_or_default(), &named, FIELD)?
        }
        Some(HolderType::Practitioner) => {
            let of_name = |name: &Name| crate::practitioners::service::of_name(cmd.db, organisation, name, most);
            only(name.as_ref().map(of_name).transpose()?.unwrap_or_default(), &named, FIELD)?
        }
    };
    holder.insert("id".to_owned(), Value::String(id));
    Ok(())
}

/// The id of the one that is in use of those of a name.
fn only<T: Versioned>(mut found: Vec<T>, named: &str, field: &str) -> Result<String> {
    found.retain(|row| row.retired_at().is_none());
    match (found.pop(), found.is_empty()) {
        (Some(row), true) => Ok(row.id().to_owned()),
        (Some(_), false) => {
            let detail = format!("{field} names several: write the id of the one that is meant.");
            Err(Error::Problem(Problem::new(ProblemCode::AmbiguousName, detail).at(field)))
        }
        (None, _) => {
            let named: String = named.chars().take(NAME_SAID_MAX).collect();
            let detail = format!("{field} names nothing that is in use: {named}.");
            Err(Error::Problem(Problem::new(ProblemCode::ReferenceUnknown, detail).at(field)))
        }
    }
}

/// How much of a name that nothing has is said again.
const NAME_SAID_MAX: usize = 80;
