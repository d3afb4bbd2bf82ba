//! Answers that are kept for repeated requests. They are in no event, so it is only their form that can be looked at.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::Report;
use super::tables::{self, Value};
use crate::db::Db;
use crate::db::schema::organisations;
use crate::error::Result;
use crate::ids::AdministrationId;
use crate::limits::IDEMPOTENCY_KEY_MAX;
use crate::sealing::Sealed;

const COLUMNS: [&str; 9] = [
    "organisation_id",
    "subject",
    "idempotency_key",
    "request_hash",
    "status",
    "body",
    "made_of",
    "digest",
    "created_at",
];

/// Looks at every kept answer: whose it is, what it answers, and whether it could have been one.
pub(super) fn look_at(db: &mut Db, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let known: BTreeSet<String> =
        organisations::table.select(organisations::id).load::<String>(replayed)?.into_iter().collect();
    let kinds = tables::kinds("idempotency_keys", db)?;
    if COLUMNS.iter().any(|column| !kinds.contains_key(*column)) {
        report.find("idempotency_keys: kept answers cannot be read".to_owned());
        return Ok(());
    }
    for line in tables::rows(db, "idempotency_keys", &COLUMNS, &COLUMNS[..3], &kinds)? {
        let values = tables::Row::new(line?, &[]).values();
        let [organisation, subject, key, hash, status, body, made_of, digest, created_at] = &values[..] else {
            continue;
        };
        let is_made = made_of.text().is_some_and(|id| id.parse::<AdministrationId>().is_ok());
        let is_whole = matches!(body, Value::Blob(bytes) if is_object(bytes));
        report.rows += 1;
        // What an older version kept is not given again, and nothing is left of it.
        let is_empty = |value: &Value| matches!(value, Value::Blob(bytes) if bytes.is_empty());
        let (is_gone, is_whole) = (is_empty(hash) && is_empty(body), is_whole || is_empty(body) && is_empty(hash));
        let wrong = [
            ("organisation_id", organisation.text().is_some_and(|id| known.contains(id))),
            ("subject", subject.text().is_some_and(|subject| !subject.is_empty())),
            ("idempotency_key", key.text().is_some_and(is_key)),
            ("request_hash", is_digest(hash) || is_gone),
            ("status", matches!(status, Value::Integer(200 | 201))),
            ("body", if is_made { *body == Value::Null } else { is_whole }),
            ("made_of", is_made || (is_whole && *made_of == Value::Null)),
            ("digest", if is_made { is_digest(digest) } else { is_whole && *digest == Value::Null }),
            ("created_at", created_at.text().is_some_and(is_time)),
        ];
        for (column, _) in wrong.iter().filter(|(_, is_right)| !is_right) {
            report.find(format!(
                "idempotency_keys {organisation}/{subject}/{key}: {column} is nothing that a kept answer has"
            ));
        }
    }
    Ok(())
}

fn is_key(text: &str) -> bool {
    (1..=IDEMPOTENCY_KEY_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A SHA-256.
fn is_digest(value: &Value) -> bool {
    matches!(value, Value::Blob(bytes) if bytes.len() == 32)
}

/// Every answer to a change is an object; one that names a patient is sealed.
fn is_object(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.parse::<Sealed<String>>().is_ok())
        || serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes).is_ok()
}

fn is_time(text: &str) -> bool {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").is_ok()
}
