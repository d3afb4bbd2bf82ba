//! What an answer shows of the facts that a decision rested on: those that its reader may look up themselves.
//!
//! A decision is frozen with everything that it rested on, and so it is kept: in the tables, in the journal, and in answers
//! that are kept for a repetition. Whoever reads it sees the facts that their roles read elsewhere. Every answer goes
//! through [`shown`] on its way out, so that none can be forgotten.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::slice::Access;
use crate::caller::Caller;
use crate::decision::Basis;

/// Where facts begin in JSON of ours. Inside a text its quotation marks would be escaped, so it is found nowhere else.
const BASIS: &[u8] = b"\"basis\":";

/// A fact, of which only that is read which says who may.
#[derive(Deserialize)]
struct Fact<'a> {
    r#type: &'a str,
}

/// An answer without the facts that its reader may not read.
pub fn shown(body: Vec<u8>, reader: &Caller, access: Access) -> Vec<u8> {
    let reads = |operation: &str| access(operation).is_some_and(|said| reader.has_any(said.roles));
    if Basis::READ_BY.iter().all(|(_, operation)| reads(operation)) {
        return body;
    }
    let is_shown = |fact: &RawValue| {
        let fact = serde_json::from_str::<Fact<'_>>(fact.get());
        let said = fact.ok().and_then(|fact| Basis::READ_BY.iter().find(|(kind, _)| *kind == fact.r#type));
        said.is_some_and(|(_, operation)| reads(operation))
    };
    let mut shown = Vec::with_capacity(body.len());
    let mut rest = body.as_slice();
    while let Some(at) = rest.windows(BASIS.len()).position(|window| window == BASIS) {
        let (before, facts) = rest.split_at(at.saturating_add(BASIS.len()));
        shown.extend_from_slice(before);
        let mut values = serde_json::Deserializer::from_slice(facts).into_iter::<Vec<&RawValue>>();
        let Some(Ok(found)) = values.next() else {
            // Nothing of ours: it is left out, with what follows.
            return shown;
        };
        shown.push(b'[');
        for (number, fact) in found.into_iter().filter(|fact| is_shown(fact)).enumerate() {
            if number > 0 {
                shown.push(b',');
            }
            shown.extend_from_slice(fact.get().as_bytes());
        }
        shown.push(b']');
        rest = facts.get(values.byte_offset()..).unwrap_or_default();
    }
    shown.extend_from_slice(rest);
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::Role;

    fn reader(roles: &[Role]) -> Caller {
        Caller {
            organisation_id: "org_01932c07-8d00-7000-8000-000000000001".parse().unwrap(),
            subject: "nia".to_owned(),
            roles: roles.to_vec(),
            sites: None,
        }
    }

    const SUPPLIER: &str = r#"{"type":"supplier","id":"sup_1","approved_classes":["a, \"basis\":[\"b]"]}"#;
    const EXPIRY: &str = r#"{"type":"expiry","lot_id":"lot_1","expiry":"2027-06-30","effective_expiry":"2027-06-30"}"#;

    #[test]
    fn who_may_not_read_a_fact_is_not_shown_it() {
        let whole = format!(
            r#"[{{"a":1,"basis":[{SUPPLIER},{EXPIRY}],"z":"\"basis\":[1]"}},{{"basis":[],"b":{{"basis":[{SUPPLIER}]}}}}]"#
        );
        let partly = format!(r#"[{{"a":1,"basis":[{EXPIRY}],"z":"\"basis\":[1]"}},{{"basis":[],"b":{{"basis":[]}}}}]"#);
        for (roles, expected) in [
            (&[Role::Practitioner][..], &partly),
            (&[Role::Device], &partly.replace(EXPIRY, "")),
            (&[Role::Purchaser], &whole),
            (&[Role::Practitioner, Role::Auditor], &whole),
        ] {
            let found =
                String::from_utf8(shown(whole.clone().into_bytes(), &reader(roles), crate::house::operation)).unwrap();
            assert_eq!(&found, expected, "{roles:?}");
        }
    }

    #[test]
    fn every_fact_is_read_by_an_operation() {
        let schema = serde_json::to_value(<Basis as utoipa::PartialSchema>::schema()).unwrap();
        let forms = schema["oneOf"].as_array().unwrap();
        let kinds = forms.iter().map(|form| {
            let own = form["allOf"].as_array().and_then(|parts| parts.last()).unwrap_or(form);
            own["properties"]["type"]["enum"][0].as_str().unwrap_or_else(|| panic!("{form}"))
        });
        assert_eq!(kinds.collect::<Vec<_>>(), Basis::READ_BY.iter().map(|(kind, _)| *kind).collect::<Vec<_>>());
        for (_, operation) in Basis::READ_BY {
            assert!(crate::house::operation(operation).is_some(), "{operation}");
        }
    }
}
