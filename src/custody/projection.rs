//! What each event does to the tables: the only writer of them all.
//!
//! Commands apply an event when they record it, and [`super::verify`] applies the same events to an empty database. This
//! is the one module that reaches into every slice's store.

use super::model::{Deed, Event};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::ids::{OrganisationId, SiteId};
use crate::purchasing::model::{Counted, OrderStatus};
use crate::receiving::model::ReceiptLine;
use crate::stock::ledger;
use crate::values::Sha256Hex;
use crate::versions::Versioned;

/// Applies an event to the tables.
///
/// # Errors
/// [`Error::Race`] when stock that it moves is not there; what the database answers otherwise.
pub fn apply(db: &mut Db, event: &Event) -> Result<()> {
    let organisation = &event.organisation_id;
    apply_deed(db, organisation, event)?;
    keep_people(db, event)?;
    keep_licences(db, event)?;
    keep_owners(db, event)?;
    super::refusals::count(db, event)?;
    ledger::post(db, organisation, &event.id, event.occurred_at, event.deed.postings())
}

fn apply_deed(db: &mut Db, organisation: &OrganisationId, event: &Event) -> Result<()> {
    match &event.deed {
        Deed::OrganisationRegistered(new) => crate::organisations::store::insert(db, new),
        Deed::SiteRegistered(new) => crate::sites::store::insert_site(db, new),
        Deed::LocationRegistered(new) => crate::sites::store::insert_location(db, new),
        Deed::ProductRegistered(new) => crate::catalogue::store::insert(db, new),
        Deed::SupplierRegistered(new) => crate::suppliers::store::insert(db, new),
        Deed::PractitionerRegistered(new) => crate::practitioners::store::insert(db, new),
        Deed::SiteCorrected(new) | Deed::SiteRetired(new) | Deed::SiteReinstated(new) => new.row.replace(db),
        Deed::LocationCorrected(new) | Deed::LocationRetired(new) | Deed::LocationReinstated(new) => {
            new.row.replace(db)
        }
        Deed::ProductCorrected(new) => {
            new.row.replace(db)?;
            crate::catalogue::store::replace_identifiers(db, &new.row)?;
            crate::catalogue::store::replace_approvals(db, &new.row)
        }
        Deed::ProductRetired(new) | Deed::ProductReinstated(new) => new.row.replace(db),
        Deed::SupplierCorrected(new) | Deed::SupplierRetired(new) | Deed::SupplierReinstated(new) => {
            new.row.replace(db)
        }
        Deed::PractitionerCorrected(new) | Deed::PractitionerRetired(new) | Deed::PractitionerReinstated(new) => {
            new.row.replace(db)
        }
        Deed::LicenceRegistered(new) => crate::licences::store::insert(db, new, &event.actor.subject),
        Deed::LicenceChecked(new) => crate::licences::store::insert_check(db, new),
        Deed::LicenceReversed(new) | Deed::LicenceCheckReversed(new) => {
            crate::licences::store::insert_reversal(db, new)
        }
        Deed::LicenceCheckDiscounted(new) => crate::licences::people::insert(db, new),
        Deed::LicenceAcknowledged(new) => crate::licences::store::insert_acknowledgement(db, new),
        Deed::PolicySet(new) => crate::policies::store::insert(db, new),
        Deed::OrderCreated(new) => crate::purchasing::store::insert(db, new),
        Deed::OrderPlaced(placement) => once(crate::purchasing::store::place(db, organisation, placement)?),
        Deed::OrderCancelled(ending) => {
            once(crate::purchasing::store::end(db, organisation, ending, OrderStatus::Cancelled)?)
        }
        Deed::OrderClosed(ending) => {
            once(crate::purchasing::store::end(db, organisation, ending, OrderStatus::Received)?)
        }
        Deed::ReceiptRecorded(new) => crate::receiving::store::insert(db, new),
        Deed::StockReceived { line, new_lot, packs, back, .. } => {
            if let Some(lot) = new_lot {
                crate::stock::store::insert_lot(db, lot)?;
            }
            crate::receiving::store::insert_line(db, line)?;
            crate::stock::store::insert_packs(db, packs)?;
            if !back.is_empty() {
                crate::stock::store::move_packs(db, organisation, back, &line.lot_id, &line.id)?;
            }
            count(db, organisation, line, 1)
        }
        Deed::ReceiptCorrected { corrected, line, new_lot, production_date, packs, new_packs, postings, holds } => {
            if let Some(lot) = new_lot {
                crate::stock::store::insert_lot(db, lot)?;
            }
            if let Some(day) = production_date {
                crate::stock::store::set_production_date(db, organisation, &line.lot_id, *day)?;
            }
            once(crate::receiving::store::take_back(db, organisation, &corrected.id)?)?;
            crate::receiving::store::insert_line(db, line)?;
            crate::stock::store::insert_packs(db, new_packs)?;
            crate::stock::store::move_packs(db, organisation, packs, &line.lot_id, &line.id)?;
            crate::holds::store::follow(db, organisation, holds, postings)?;
            count(db, organisation, corrected, -1)?;
            count(db, organisation, line, 1)
        }
        Deed::ReceiptReassigned(correction) => once(crate::receiving::store::correct(db, correction)?),
        Deed::ReceiptLineVoided { void, line, .. } => {
            once(crate::receiving::store::take_back(db, organisation, &line.id)?)?;
            crate::receiving::store::insert_void(db, void)?;
            count(db, organisation, line, -1)
        }
        Deed::ReceiptVoided(void) => crate::receiving::store::insert_void(db, void),
        Deed::PackagingInspected(new) => crate::inspections::store::insert(db, new),
        Deed::StockReleased { release, allocations, .. } => {
            crate::inspections::store::insert_release(db, release, allocations)
        }
        Deed::EvidenceStored(new) => crate::evidence::store::insert(db, &new.evidence),
        Deed::HoldOpened { hold, .. } => crate::holds::store::insert(db, hold),
        Deed::HoldLifted { lift, .. } => once(crate::holds::store::lift(db, organisation, lift)?),
        Deed::StockAdministered { administration, new_lot, .. } => {
            if let Some(lot) = new_lot {
                crate::stock::store::insert_lot(db, lot)?;
            }
            crate::treatment::store::insert(db, administration)
        }
        Deed::AdministrationVoided { void, .. } => {
            crate::treatment::store::await_nobody(db, organisation, &void.administration_id)?;
            crate::treatment::store::insert_void(db, void)
        }
        Deed::AdministrationConfirmed(new) => once(crate::treatment::store::confirm(db, new)?),
        Deed::DeviationOpened(new) => crate::treatment::store::insert_deviation(db, new),
        Deed::DeviationClosed(closure) => once(crate::treatment::store::close_deviation(db, organisation, closure)?),
        Deed::StockTransferred { movement, postings, holds } => {
            crate::holds::store::follow(db, organisation, holds, postings)?;
            crate::movements::store::insert(db, movement)
        }
        Deed::StockWasted { movement, .. }
        | Deed::StockReturned { movement, .. }
        | Deed::StockDestroyed { movement, .. }
        | Deed::StockCounted { movement, .. } => crate::movements::store::insert(db, movement),
        Deed::CountReviewed { review, .. } => crate::movements::store::insert_review(db, review),
        Deed::MovementReversed { reversal, postings, holds, .. } => {
            crate::holds::store::follow(db, organisation, holds, postings)?;
            crate::movements::store::insert_reversal(db, reversal)
        }
        Deed::InspectionReversed { reversal, .. } => crate::inspections::store::insert_reversal(db, reversal),
        Deed::PostingsContinued { postings, holds, .. } => {
            crate::holds::store::follow(db, organisation, holds, postings)
        }
        // what they change is postings, or nothing at all
        Deed::TokenIssued(_)
        | Deed::HoldContinued { .. }
        | Deed::StockPassed { .. }
        | Deed::PassesSettled { .. }
        | Deed::EvidenceRepeated(_)
        | Deed::StockRejected { .. }
        // counted below
        | Deed::GateRefused { .. } => Ok(()),
    }
}

/// Keeps who is who, as people are compared: every subject that a practitioner ever had, and who checked whose licence.
fn keep_people(db: &mut Db, event: &Event) -> Result<()> {
    match &event.deed {
        Deed::PractitionerRegistered(new) => crate::practitioners::store::keep_subject(db, new, event.recorded_at),
        Deed::PractitionerCorrected(new) => crate::practitioners::store::keep_subject(db, &new.row, event.recorded_at),
        Deed::LicenceChecked(new) => crate::licences::people::keep(db, new),
        _ => Ok(()),
    }
}

/// Keeps which licences an order, an administration and a release rested on: what a licence that is found lost later has
/// touched.
fn keep_licences(db: &mut Db, event: &Event) -> Result<()> {
    let subject = match &event.deed {
        Deed::OrderPlaced(placement) => placement.order_id.as_str(),
        Deed::StockAdministered { administration, .. } => administration.id.as_str(),
        Deed::StockReleased { release, .. } => release.id.as_str(),
        _ => return Ok(()),
    };
    let (Some(site), Some(decision)) = (&event.site_id, event.deed.decision()) else { return Ok(()) };
    let rested_on = crate::licences::rules::rested_on(decision);
    let about = crate::licences::store::About {
        organisation: &event.organisation_id,
        subject,
        site,
        recorded_at: event.recorded_at,
    };
    crate::licences::store::insert_rested_on(db, &about, &rested_on)
}

/// Keeps whose files of evidence are: the sites' for which they were uploaded, and where they are named.
fn keep_owners(db: &mut Db, event: &Event) -> Result<()> {
    let organisation = &event.organisation_id;
    let sites = |sites: &'_ [SiteId]| sites.iter().map(ToString::to_string).collect::<Vec<_>>();
    let (files, owners): (Vec<&Sha256Hex>, Vec<String>) = match &event.deed {
        Deed::EvidenceStored(new) => (vec![&new.evidence.sha256], sites(&new.sites)),
        Deed::EvidenceRepeated(again) => (vec![&again.sha256], sites(&again.sites)),
        Deed::PackagingInspected(inspection) => (inspection.evidence.iter().collect(), sites(event.site_id.as_slice())),
        Deed::ReceiptRecorded(receipt) => {
            let documents = receipt.documents.iter().flat_map(|documents| documents.iter());
            (documents.map(|document| &document.sha256).collect(), sites(event.site_id.as_slice()))
        }
        Deed::LicenceChecked(check) => {
            let Some(file) = &check.evidence_sha256 else { return Ok(()) };
            let site = crate::licences::store::site_of(db, organisation, &check.licence_id)?;
            (vec![file], vec![site.unwrap_or_else(|| organisation.to_string())])
        }
        _ => return Ok(()),
    };
    let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
    crate::evidence::store::insert_owners(db, organisation, files, &owners)
}

/// Counts a receipt line into the order that it answers, or (`sign` -1) takes it back.
fn count(db: &mut Db, organisation: &OrganisationId, line: &ReceiptLine, sign: i64) -> Result<()> {
    let Some(counted) = &line.ordered else { return Ok(()) };
    let signed: Vec<_> = counted.iter().map(|c| Counted { units: sign * c.units, ..c.clone() }).collect();
    crate::purchasing::store::count(db, organisation, &signed)
}

/// What can happen only once did not: another command was first.
fn once(changed: bool) -> Result<()> {
    if changed { Ok(()) } else { Err(Error::Race) }
}
