//! What was on the shelf before Lotline: attested by the quality lead, once for each place and lot.
//!
//! Nobody received it here, so there is no delivery to ask and no inspection to rest on: that it may be used is the word of
//! whoever attests it, with how they know. What may be used goes into a place of purpose stock, by the rules of putting away;
//! what nobody will vouch for, and what has expired, goes into quarantine like a delivery (DOMAIN rules 6, 8 and 13). In the
//! books it counts as received.

use chrono::NaiveDate;
use serde::Deserialize;

use super::events::Deed;
use super::lots::{OfLot, Sought, hold_twin, of_lot, race};
use super::model::Opening;
use super::store;
use crate::catalogue::model::{DeviceIdentifier, Product};
use crate::command::{About, Command};
use crate::decision::{Decision, Findings, ReasonCode, Refusal, Subject, SubjectType};
use crate::error::{Error, Result};
use crate::http::input::as_value;
use crate::ids::{LocationId, LotId, OpeningId, ProductId, SiteId};
use crate::problem::{Problem, ProblemCode};
use crate::sites::model::{Location, Purpose, Site};
use crate::stock::model::{Account, AccountKind, Disposition, Lot, Place, Posting};
use crate::values::{Expiry, Gtin, LotText, Packs, Prose, Units, number};
use crate::versions::not_retired;

/// Units of a lot that were at a place before Lotline.
#[derive(Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewOpening {
    /// The site.
    pub site_id: SiteId,
    /// The place, of that site.
    pub location_id: LocationId,
    /// The GTIN of a unit, a pack or a case.
    #[serde(deserialize_with = "crate::values::gtin_of_any_length")]
    pub gtin: Gtin,
    /// The lot, as labelled.
    pub lot: LotText,
    /// The last day on which it may be used, as labelled: a day, or a month for its last day.
    pub expiry: Expiry,
    /// How many units; or `packs`.
    #[serde(default)]
    pub units: Option<Units>,
    /// How many of what the GTIN names; or `units`.
    #[serde(default)]
    pub packs: Option<Packs>,
    /// How whoever attests it knows where it comes from and how it was kept.
    pub attestation: Prose,
}

/// What became of it.
pub enum Attested {
    /// It is in the books now.
    Now(Opening),
    /// It was attested before, with so many units and in these words.
    Before(Opening),
}

/// Attests opening stock, unless it was attested before; with how many units it says there are. Who may is asked before.
///
/// # Errors
/// `reference_unknown`, `invalid_units`, a refusal by a rule.
pub fn attest(cmd: &mut Command<'_>, new: &NewOpening) -> Result<(Attested, i64)> {
    let site = crate::sites::service::expect_site(cmd.db, cmd.caller, &new.site_id)?;
    let (field, place) = ("location_id", &new.location_id);
    let location = crate::sites::service::expect_location_at(cmd.db, cmd.caller, field, place, &site.id)?;
    let named = DeviceIdentifier::from(&new.gtin);
    let found = crate::catalogue::service::find_named(cmd.db, cmd.organisation(), &named)?;
    let (product, identifier) = found.ok_or_else(|| Error::reference_unknown("gtin"))?;
    let units = units(new, identifier.units)?;
    crate::catalogue::service::lock(cmd, &[&product.id])?;
    let sought = Sought {
        product: &product,
        lot: &new.lot,
        expiry: new.expiry.day(),
        production_date: None,
        arrives_at: cmd.now,
    };
    let OfLot { lot, is_new, twins, .. } = of_lot(cmd, &sought, |_| 0)?;
    crate::stock::service::lock(cmd, std::slice::from_ref(&lot.id))?;
    if let Some(before) = store::opening(cmd.db, cmd.organisation(), &location.id, &lot.id)? {
        return Ok((Attested::Before(before), units));
    }
    let (state, decision) = judge(cmd, new, (&site, &location), &product, &lot)?;
    let opening = Opening {
        id: cmd.mint(OpeningId::mint),
        organisation_id: cmd.organisation().clone(),
        site_id: site.id.clone(),
        location_id: location.id.clone(),
        product_id: product.id,
        lot_id: lot.id.clone(),
        units,
        attestation: new.attestation.clone(),
        attested_by: cmd.caller.subject.clone(),
        attested_at: cmd.now,
    };
    let place = Place { location_id: location.id, site_id: site.id.clone(), use_by: lot.expiry };
    let posting = Posting {
        lot_id: lot.id.clone(),
        from: Account::outside(AccountKind::Supplier),
        to: Account::inside(state, place),
        units,
        pack_id: None,
        at: None,
    };
    let subjects = [vec![opening.id.to_string()], subjects(&opening.lot_id, &opening.product_id, &opening.location_id)];
    let deed = Deed::OpeningStockAttested {
        opening: Box::new(opening.clone()),
        new_lot: is_new.then(|| lot.clone()),
        decision: Box::new(decision),
        postings: vec![posting],
    };
    cmd.record(About { occurred_at: cmd.now, site_id: Some(site.id), subjects: subjects.concat() }, deed)
        .map_err(race)?;
    if is_new && !twins.is_empty() {
        hold_twin(cmd, &lot, &twins)?;
    }
    Ok((Attested::Now(opening), units))
}

/// Under which ids an auditor finds it.
fn subjects(lot: &LotId, product: &ProductId, location: &LocationId) -> Vec<String> {
    vec![lot.to_string(), product.to_string(), location.to_string()]
}

/// Whether the units may be there, and what they are then.
fn judge(
    cmd: &mut Command<'_>,
    new: &NewOpening,
    (site, location): (&Site, &Location),
    product: &Product,
    lot: &Lot,
) -> Result<(Disposition, Decision)> {
    let mut findings = Findings::default();
    not_retired(site, cmd.now, &mut findings);
    not_retired(location, cmd.now, &mut findings);
    not_retired(product, cmd.now, &mut findings);
    let today = cmd.now.day_in(site.time_zone.rules());
    let state = state(product, lot, location, today, &mut findings);
    if crate::stock::service::has_packs(cmd.db, cmd.organisation(), &lot.id)? {
        // Units without a number beside those that have one could be used as any of these.
        let message = format!("Lot {} is kept by serial number: receive what came, pack by pack.", lot.lot);
        findings.refuse(ReasonCode::SerialsRequired, Subject::new(SubjectType::Lot, &lot.id), message);
    }
    let decision = Decision::from(findings, cmd.now);
    if decision.allowed {
        return Ok((state, decision));
    }
    Err(Error::Refused(Box::new(Refusal {
        operation: "attest_opening_stock",
        site_id: Some(site.id.clone()),
        occurred_at: cmd.now,
        subjects: subjects(&lot.id, &product.id, &location.id),
        request: as_value(new)?,
        decision,
    })))
}

/// How many units a row means: it says units, or how many of what its GTIN names.
fn units(new: &NewOpening, each: i64) -> Result<i64> {
    let units = match (new.units, new.packs) {
        (Some(units), None) => units.get(),
        (None, Some(packs)) => packs.get().saturating_mul(each),
        (Some(_), Some(_)) => {
            return Err(Error::invalid(ProblemCode::InvalidUnits, "units", "stands for packs: say one or the other"));
        }
        (None, None) => {
            let detail = "units is missing: say units, or packs.";
            return Err(Error::Problem(Problem::new(ProblemCode::MissingField, detail).at("units")));
        }
    };
    if units > Units::MOST {
        let rule = format!("must be at most {}", Units::MOST);
        return Err(Error::invalid(ProblemCode::InvalidUnits, "packs", rule));
    }
    Ok(units)
}

/// What the units are there: usable in a place for stock that may keep them, in quarantine in a place for that.
fn state(product: &Product, lot: &Lot, location: &Location, today: NaiveDate, findings: &mut Findings) -> Disposition {
    if location.purpose == Purpose::Quarantine {
        return Disposition::Quarantined;
    }
    crate::stock::rules::has_purpose(location, Purpose::Stock, findings);
    crate::stock::rules::not_expired(lot, lot.expiry, today, findings);
    crate::sites::rules::may_be_kept(product, location, findings);
    Disposition::Available
}

impl Opening {
    /// What happened, as a person reads it.
    pub(super) fn sentence(&self) -> String {
        let units = number(self.units, "unit");
        format!(
            "{units} {} there before Lotline, attested: {}",
            crate::journal::model::be(self.units),
            self.attestation
        )
    }
}
