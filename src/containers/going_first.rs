//! What should go first: of the units here that run out before others, the first that may be used (DOMAIN rule 14).

use chrono::NaiveDate;

use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::db::Db;
use crate::decision::{Basis, Findings, ReasonCode, Subject, SubjectType};
use crate::error::Result;
use crate::ids::SiteId;
use crate::policies::model::{Current, ExpiryOrder};
use crate::stock::model::{Balance, Lot};

/// Units of another lot of the product at a site that may be used on a day and run out before another day. Whoever goes on with
/// an opened unit is right to, and is not asked.
///
/// # Errors
/// What the database answers.
pub fn goes_first(
    db: &mut Db,
    policy: &Current,
    product: &Product,
    (site, lot): (&SiteId, &Lot),
    days: (NaiveDate, NaiveDate),
    past: Option<Moment>,
) -> Result<Option<(Balance, Lot)>> {
    let organisation = &product.organisation_id;
    let found = crate::stock::service::first_out(db, organisation, (site, &product.id), &lot.id, days, past)?;
    for (account, other) in found {
        if crate::policies::rules::is_denied(policy, product, &other.lot) {
            continue;
        }
        // A hold that was entered late took them only from its entry on.
        let is_held = match past {
            Some(_) => {
                let here = std::slice::from_ref(&account);
                !crate::holds::service::on(db, organisation, &other, here, past)?.is_empty()
            }
            None => false,
        };
        if !is_held {
            return Ok(Some((account, other)));
        }
    }
    Ok(None)
}

/// DOMAIN rule 14: first expired, first out, where the organisation asks for it and not only tells.
pub fn first_expired_first(policy: &Current, first: Option<&(Balance, Lot)>, lot: &Lot, findings: &mut Findings) {
    let (Some((balance, first)), ExpiryOrder::Refuse) = (first, policy.expiry_order()) else { return };
    findings.rests_on(Basis::Policy { version: policy.version });
    let day = balance.use_by.unwrap_or(first.expiry);
    let message = format!("Use lot {} first: it is here, and runs out on {day}, before lot {}.", first.lot, lot.lot);
    findings.refuse(ReasonCode::EarlierExpiryFirst, Subject::new(SubjectType::Lot, &first.id), message);
}
