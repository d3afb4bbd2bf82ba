//! What a regulator asks of an adverse event, gathered.

use super::model::{Harm, Said};
use super::service::{Whole, find, whole};
use super::wire::{RegulatorReport, ReportedCourse, ReportedDevice, ReportedHarm, ReportedSite};
use super::{model::HarmOutcome, rules};
use crate::command::View;
use crate::error::{Error, Result};
use crate::ids::{AdverseEventId, ProductId};
use crate::protocols::model::Severity;
use crate::values::UdiDi;

/// The report on an adverse event, if the caller sees its site.
///
/// # Errors
/// What the database and the store of patients' keys answer.
pub fn report(view: &mut View<'_>, id: &AdverseEventId) -> Result<Option<RegulatorReport>> {
    let organisation = &view.caller.organisation_id;
    let Some(event) = find(view.db, view.caller, id)? else { return Ok(None) };
    let whole = whole(view.db, view.patients, event)?;
    let devices = devices(view, &whole)?;
    let site = crate::sites::service::site(view.db, organisation, &whole.event.site_id)?;
    let site = site.ok_or_else(|| Error::internal("an adverse event at no site"))?;
    let protocol = match &whole.event.protocol_id {
        Some(protocol) => crate::protocols::service::find(view.db, organisation, protocol)?,
        None => None,
    };
    let severity = whole.severity();
    let outcome = whole.closure().map(|closure| closure.outcome);
    let event = whole.harm.as_ref().zip(severity).map(|(harm, severity)| {
        let known = protocol.as_ref().and_then(|protocol| rules::kind_in(protocol, &harm.kind));
        harmed(harm, severity, outcome, known.map(|known| known.text.clone()))
    });
    Ok(Some(RegulatorReport {
        adverse_event_id: whole.event.id.clone(),
        state: whole.event.standing.state,
        reported_at: whole.event.recorded_at,
        site: ReportedSite { site_id: site.id, name: site.name, jurisdiction: site.jurisdiction },
        patient_ref: whole.harm.as_ref().map(|harm| harm.patient_ref.clone()),
        event,
        devices,
        actions: whole.actions(),
        course: course(&whole),
        outcome,
        outcome_note: whole.closure().map(|closure| closure.note.clone()),
        reports: whole.event.standing.duties.to_vec(),
        reporter_profession: whole.harm.as_ref().and_then(|harm| harm.profession.clone()),
    }))
}

fn harmed(
    harm: &Harm,
    severity: Severity,
    outcome: Option<HarmOutcome>,
    kind_text: Option<crate::values::Prose>,
) -> ReportedHarm {
    ReportedHarm {
        kind: harm.kind.clone(),
        kind_text,
        severity,
        serious: severity == Severity::Serious || outcome == Some(HarmOutcome::Fatal),
        onset_at: harm.onset_at,
        description: harm.description.clone(),
    }
}

fn course(whole: &Whole) -> Vec<ReportedCourse> {
    let reviews = whole.entries.iter().filter_map(|(entry, said)| match said {
        Some(Said::Review(review)) => Some(ReportedCourse {
            at: entry.recorded_at,
            severity: review.severity,
            seen_at: review.seen_at,
            note: review.note.clone(),
        }),
        _ => None,
    });
    reviews.collect()
}

/// What it is about: at sites that the caller sees.
fn devices(view: &mut View<'_>, whole: &Whole) -> Result<Vec<ReportedDevice>> {
    let organisation = &view.caller.organisation_id;
    let products: Vec<&ProductId> = whole.suspects.iter().map(|suspect| &suspect.product_id).collect();
    let products = match products.is_empty() {
        true => Vec::new(),
        false => crate::catalogue::service::by_ids(view.db, organisation, &products)?,
    };
    let mut devices = Vec::new();
    for suspect in &whole.suspects {
        let Some(given) = crate::treatment::service::seen(view.db, view.caller, &suspect.administration_id)? else {
            continue;
        };
        let product = products.iter().find(|product| product.id == suspect.product_id);
        let product = product.ok_or_else(|| Error::internal("an administration without its product"))?;
        let clinical = view.patients.open(organisation, &given.administration.said.clinical)?;
        devices.push(ReportedDevice {
            administration_id: given.administration.id,
            product_id: product.id.clone(),
            product: product.name.clone(),
            manufacturer: product.manufacturer.clone(),
            udi_di: given.administration.udi_di.or_else(|| product.gtin.as_ref().map(UdiDi::from)),
            lot_id: given.lot.id,
            lot: given.lot.lot,
            expiry: given.lot.expiry,
            serial: given.administration.serial,
            units: given.administration.units,
            administered_at: given.administration.occurred_at,
            area: clinical.map(|clinical| clinical.treatment.area),
            voided: given.void.is_some(),
        });
    }
    Ok(devices)
}
