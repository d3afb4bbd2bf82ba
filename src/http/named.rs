//! Names beside ids: what an answer has the id of is called by its name in `names`, at the end of it.
//!
//! Ids are what machines go by, and names what people read. Every answer goes through [`named`] on its way out, so that
//! none is without them, whatever slice it comes from. A file of a list has none, and neither has what is answered for ever: things are
//! called as they are called now, also where a request that was sent again is answered as before.

use std::collections::{BTreeMap, BTreeSet};

use super::slice::Access;
use crate::caller::Caller;
use crate::command::View;
use crate::error::{Error, Result};
use crate::limits::NAMES_MAX;
use crate::values::Name;

/// How the ids of what has a name begin, and the operation by which that name is read.
pub const KINDS: [(&str, &str); 6] = [
    ("loc_", "get_location"),
    ("prac_", "get_practitioner"),
    ("prd_", "get_product"),
    ("site_", "get_site"),
    ("prot_", "get_protocol"),
    ("sup_", "get_supplier"),
];

/// How long an id is behind its kind: a UUID.
const ID_LENGTH: usize = 36;

/// Under which name an answer has them.
pub const NAMES: &str = "names";

/// What things are called, by their ids. What the organisation does not have is left out.
pub type Naming = fn(&mut View<'_>, &BTreeSet<&str>) -> Result<BTreeMap<String, Name>>;

/// An answer with the names of what it has the ids of, as far as its reader may read them, and of [`NAMES_MAX`] at the most.
///
/// # Errors
/// What reading the names answers.
pub fn named(mut body: Vec<u8>, view: &mut View<'_>, access: Access, naming: Naming) -> Result<Vec<u8>> {
    if body.last() != Some(&b'}') || body.len() <= "{}".len() {
        return Ok(body);
    }
    let ids = ids(&body, view.caller, access);
    let names = if ids.is_empty() { BTreeMap::new() } else { naming(view, &ids)? };
    if names.is_empty() {
        return Ok(body);
    }
    body.pop();
    body.extend_from_slice(format!(",\"{NAMES}\":").as_bytes());
    serde_json::to_writer(&mut body, &names).map_err(|e| Error::internal(e.to_string()))?;
    body.push(b'}');
    Ok(body)
}

/// The operation by which the name of what has this id is read; none of a text that is no such id.
pub fn read_by(text: &str) -> Option<&'static str> {
    KINDS.iter().find(|(prefix, _)| is_of(text.as_bytes(), prefix)).map(|(_, operation)| *operation)
}

/// Whether a text is an id of a kind. Most of an answer is none, and does not have the length of one.
fn is_of(text: &[u8], prefix: &str) -> bool {
    text.len() == prefix.len().saturating_add(ID_LENGTH) && text.starts_with(prefix.as_bytes())
}

/// The ids in JSON of ours whose names a reader may read: whole texts, as an id has nothing to be escaped.
fn ids<'a>(body: &'a [u8], reader: &Caller, access: Access) -> BTreeSet<&'a str> {
    let reads = |operation: &str| access(operation).is_some_and(|said| reader.has_any(said.roles));
    let kinds: Vec<_> = KINDS.iter().filter(|(_, operation)| reads(operation)).map(|(prefix, _)| *prefix).collect();
    let mut found = BTreeSet::new();
    for text in body.split(|byte| *byte == b'"').filter(|text| kinds.iter().any(|prefix| is_of(text, prefix))) {
        let Ok(text) = std::str::from_utf8(text) else { continue };
        if found.len() < NAMES_MAX {
            found.insert(text);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Role;

    #[test]
    fn whole_texts_that_are_ids_are_named_for_who_may_read_the_names() {
        let (site, product) = ("site_01932c07-8d00-7000-8000-000000000001", "prd_01932c07-8d00-7000-8000-000000000007");
        let supplier = "sup_01932c07-8d00-7000-8000-000000000002";
        let body = format!(
            r#"{{"site_id":"{site}","lines":[{{"product_id":"{product}"}},"{product}"],"reason":"of \"{supplier} and {site}.","x":"sup_1","{supplier}":1}}"#
        );
        let of = |roles: &[Role]| Caller {
            organisation_id: "org_01932c07-8d00-7000-8000-000000000001".parse().unwrap(),
            subject: "nia".to_owned(),
            roles: roles.to_vec(),
            sites: None,
        };
        let found = |roles: &[Role]| ids(body.as_bytes(), &of(roles), crate::house::operation);
        assert_eq!(found(&[Role::Auditor]), BTreeSet::from([site, product, supplier]));
        assert!(!found(&[Role::Practitioner]).contains(supplier), "practitioners read no suppliers");
        assert!(found(&[Role::Device]).is_empty());
    }

    #[test]
    fn every_kind_is_read_by_an_operation() {
        for (_, operation) in KINDS {
            assert!(crate::house::operation(operation).is_some(), "{operation}");
        }
    }
}
