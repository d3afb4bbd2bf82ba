//! `lotline init --sample`: a clinic to try things in, brought in as lists are.
//!
//! Everything is made up: people, licences, approvals and temperature bands are illustrative, and the GTINs are under 952, the
//! GS1 prefix for examples.

use crate::command::Command;
use crate::error::{Error, Result};
use crate::http::input;
use crate::imports::model::{ImportKind, Outcome};
use crate::imports::{reading, service};
use crate::sites::wire::NewSite;
use crate::versions::SAME_NAME_MAX;

/// The name of the site, as the lists have it.
const SITE: &str = "Harley Street";

/// The lists, in the order in which one needs the other.
const LISTS: &[(ImportKind, &str)] = &[
    (ImportKind::Products, include_str!("sample/products.csv")),
    (ImportKind::Suppliers, include_str!("sample/suppliers.csv")),
    (ImportKind::Practitioners, include_str!("sample/practitioners.csv")),
    (ImportKind::Licences, include_str!("sample/licences.csv")),
    (ImportKind::Locations, include_str!("sample/locations.csv")),
];

/// Sets the clinic up, as far as it does not stand.
///
/// # Errors
/// What the database answers; what differs from the lists, where somebody has changed it since.
pub fn set_up(cmd: &mut Command<'_>) -> Result<()> {
    let name = SITE.parse()?;
    if crate::sites::service::sites_of_name(cmd.db, cmd.organisation(), &name, SAME_NAME_MAX)?.is_empty() {
        let site = serde_json::json!({"name": SITE, "jurisdiction": "GB-ENG", "time_zone": "Europe/London"});
        crate::sites::service::register_site(cmd, &input::read::<NewSite>(site)?)?;
    }
    for (kind, list) in LISTS {
        let import = service::bring_in(cmd, &reading::read(list.as_bytes(), *kind)?, false)?;
        if let Some(refused) = import.verdicts.iter().find(|verdict| verdict.outcome == Outcome::Refused) {
            let detail = format!("the sample's {kind}, line {}: {}", refused.line, refused.message);
            return Err(Error::Unavailable(detail));
        }
    }
    Ok(())
}
