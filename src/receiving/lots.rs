//! The lot that arrives: that of the books, or a new one, and what it could be taken for (DOMAIN rule 7).

use chrono::NaiveDate;

use crate::catalogue::model::Product;
use crate::clock::Moment;
use crate::command::Command;
use crate::db::violates_unique;
use crate::error::{Error, Result};
use crate::holds::model::{Cause, CauseType, Scope};
use crate::ids::LotId;
use crate::stock::model::Lot;
use crate::values::LotText;

/// How many of a lot's twins the reason of its hold names.
const TWINS_NAMED: usize = 10;

/// The lot of an arrival, and the others that it could be taken for.
pub(super) struct OfLot {
    pub(super) lot: Lot,
    pub(super) is_new: bool,
    /// Those whose texts are alike, as far as they may be told.
    pub(super) alike: Vec<Lot>,
    /// Those of them that match, with another expiry.
    pub(super) twins: Vec<Lot>,
}

/// What a label says of a lot.
pub(super) struct Sought<'a> {
    pub(super) product: &'a Product,
    pub(super) lot: &'a LotText,
    pub(super) expiry: NaiveDate,
    pub(super) production_date: Option<NaiveDate>,
    pub(super) arrives_at: Moment,
}

/// A lot is (product, lot text, expiry): that of the books, or a new one; and what is like it (DOMAIN rule 7).
pub(super) fn of_lot(cmd: &mut Command<'_>, sought: &Sought<'_>, taken_back: impl Fn(&Lot) -> i64) -> Result<OfLot> {
    let Sought { product, lot: text, expiry, production_date, arrives_at } = *sought;
    let organisation = cmd.organisation();
    let known = crate::stock::service::lots_like(cmd.db, organisation, &product.id, text, Some(expiry), false)?;
    let (same, others): (Vec<Lot>, Vec<Lot>) =
        known.into_iter().partition(|lot| lot.lot == *text && lot.expiry == expiry);
    let alike = crate::stock::service::ever_there(cmd.db, organisation, others, taken_back)?;
    let twins: Vec<_> = alike.iter().filter(|lot| lot.lot.matches(text) && lot.expiry != expiry).cloned().collect();
    // What is suspicious is told to everybody; that something of the kind is at other sites only to those who see them.
    let ids: Vec<_> = alike.iter().map(|lot| &lot.id).collect();
    let seen = crate::stock::service::visible(cmd.db, cmd.caller, &ids)?;
    let alike = alike.into_iter().filter(|lot| seen.contains(&lot.id) || twins.contains(lot)).collect();
    let existing = same.into_iter().next();
    let is_new = existing.is_none();
    let lot = existing.unwrap_or_else(|| Lot {
        id: cmd.mint(LotId::mint),
        organisation_id: organisation.clone(),
        product_id: product.id.clone(),
        lot: text.clone(),
        expiry,
        production_date,
        first_received_at: arrives_at,
    });
    Ok(OfLot { lot, is_new, alike, twins })
}

/// Somebody else received the same lot or serial number at this moment: start again from what is true now.
pub(super) fn race(error: Error) -> Error {
    match error {
        Error::Database(e) if violates_unique(&e) => Error::Race,
        other => other,
    }
}

/// DOMAIN rule 7: a twin lot is held and flagged, never merged.
pub(super) fn hold_twin(cmd: &mut Command<'_>, lot: &Lot, twins: &[Lot]) -> Result<()> {
    let known = |twin: &Lot| {
        let text = if twin.lot == lot.lot { String::new() } else { format!("as {} ", twin.lot) };
        format!("{text}with expiry {}", twin.expiry)
    };
    // Which lots they are is told to those who see them; the hold's cause leads the others there.
    let ids: Vec<_> = twins.iter().map(|twin| &twin.id).collect();
    let seen = crate::stock::service::visible(cmd.db, cmd.caller, &ids)?;
    let mut others: Vec<_> = twins.iter().filter(|twin| seen.contains(&twin.id)).take(TWINS_NAMED).map(known).collect();
    if seen.len() < twins.len() {
        others.push("with another expiry at another site".to_owned());
    }
    let reason = format!(
        "Lot {} was received with expiry {}, and is known {}: a suspected falsification.",
        lot.lot,
        lot.expiry,
        others.join(", ")
    );
    let id = twins.first().map(|twin| twin.id.to_string());
    let cause = Cause { kind: CauseType::Twin, id, reference: None };
    crate::holds::service::open(cmd, Scope::Lot(lot.id.clone()), &reason.parse()?, cause, cmd.now)?;
    Ok(())
}
