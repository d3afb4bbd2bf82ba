//! Photographs and documents: whether their bytes are still those that were uploaded.

use super::Report;
use crate::db::Db;
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::evidence::store;

/// Rows that are read at once.
const CHUNK: i64 = 500;

/// Compares the bytes of every file that the journal knows with its digest.
pub(super) fn compare(objects: Option<&Objects>, replayed: &mut Db, report: &mut Report) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Error::Unavailable(e.to_string()))?;
    let mut after = (String::new(), String::new());
    let objects = objects.filter(|objects| runtime.block_on(objects.is_reachable()));
    loop {
        let files = store::every(replayed, &after, CHUNK)?;
        let Some(last) = files.last() else { return Ok(()) };
        after = (last.organisation_id.to_string(), last.sha256.to_string());
        let Some(objects) = objects else {
            report.find("evidence: the place of its files cannot be reached, so that none was compared".to_owned());
            return Ok(());
        };
        for file in &files {
            report.files += 1;
            let wrong = match runtime.block_on(objects.digest(file)) {
                Ok(Some(digest)) if digest == file.sha256.as_str() => continue,
                Ok(Some(_)) => "its bytes were altered",
                Ok(None) => "its bytes are gone",
                Err(_) => "its bytes cannot be read",
            };
            report.find(format!("evidence {}/{}: {wrong}", file.organisation_id, file.sha256));
        }
    }
}
