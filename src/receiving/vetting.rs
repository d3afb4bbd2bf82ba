//! What an arrival is judged by, and whether whoever sent it was vetted.

use chrono::NaiveDate;

use super::store;
use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::Command;
use crate::decision::{Findings, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::ids::ReceiptId;
use crate::licences::model::{Held, LicenceKind};
use crate::licences::rules::{HolderRole, Occasion, licensed};
use crate::policies::model::Current;
use crate::sites::model::{Location, Site};
use crate::suppliers::model::Supplier;
use crate::values::Currency;

/// What is known before anything is decided.
pub(super) struct Facts {
    pub(super) site: Site,
    pub(super) location: Location,
    pub(super) supplier: Supplier,
    pub(super) supplier_licences: Vec<Held>,
    pub(super) policy: Current,
    pub(super) occurred_at: Moment,
    pub(super) day: NaiveDate,
    /// Whether the supplier sent a delivery note of that number before.
    pub(super) is_note_seen: bool,
    /// Whether the order had been closed short.
    pub(super) is_after_closing: bool,
    /// What the prices of the order are in.
    pub(super) order_currency: Option<Currency>,
}

/// The rest of what an arrival is judged by.
pub(super) fn judged_by(
    cmd: &mut Command<'_>,
    site: Site,
    location: Location,
    supplier: Supplier,
    occurred_at: Moment,
) -> Result<Facts> {
    let (organisation, past) = (cmd.organisation(), cmd.past(occurred_at));
    let site = crate::versions::at(cmd.db, organisation, site, past)?;
    let location = crate::versions::at(cmd.db, organisation, location, past)?;
    let supplier = crate::versions::at(cmd.db, organisation, supplier, past)?;
    let supplier_licences = crate::licences::service::held_by(cmd.db, organisation, &[supplier.id.as_str()])?;
    let day = occurred_at.day_in(site.time_zone.rules());
    let policy = crate::policies::service::at(cmd.db, organisation, past)?;
    Ok(Facts {
        site,
        location,
        supplier,
        supplier_licences,
        policy,
        occurred_at,
        day,
        is_note_seen: false,
        is_after_closing: false,
        order_currency: None,
    })
}

/// DOMAIN rule 4: the supplier is approved for the class, not denied, and licensed.
pub(super) fn vetting_of_supplier(facts: &Facts, product: &Product, findings: &mut Findings) {
    crate::suppliers::rules::approved(&facts.supplier, product.class, findings);
    crate::policies::rules::supplier_not_denied(&facts.policy, &facts.supplier, findings);
    let occasion = Occasion::of(product.class, &facts.site, facts.day, facts.occurred_at, &facts.policy);
    let need = occasion.needs(HolderRole::Supplier, LicenceKind::Wholesale);
    let holder = Subject::new(SubjectType::Supplier, &facts.supplier.id);
    licensed(&need, &holder, &facts.supplier_licences, findings);
}

/// DOMAIN rule 12: whoever sent these receipts was vetted for the product on the day on which each arrived, and not denied
/// then. What is known of that day now counts, whenever it was recorded.
///
/// # Errors
/// What the database answers.
pub fn vetted(cmd: &mut Command<'_>, receipts: &[ReceiptId], product: &Product, findings: &mut Findings) -> Result<()> {
    let organisation = cmd.organisation();
    for id in receipts {
        let receipt = store::receipt(cmd.db, organisation, id)?.ok_or_else(|| Error::internal("an unknown receipt"))?;
        let at = receipt.occurred_at;
        let site = crate::sites::service::site(cmd.db, organisation, &receipt.site_id)?;
        let location = crate::sites::service::location(cmd.db, organisation, &receipt.location_id)?;
        let supplier = crate::suppliers::service::supplier(cmd.db, organisation, &receipt.supplier_id)?;
        let (Some(site), Some(location), Some(supplier)) = (site, location, supplier) else {
            return Err(Error::internal("a receipt without its site, location or supplier"));
        };
        let facts = judged_by(cmd, site, location, supplier, at)?;
        vetting_of_supplier(&facts, product, findings);
    }
    Ok(())
}
