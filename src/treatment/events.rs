//! What can happen at the chair, and to the record of it.

use super::model::{Administration, Closure, Confirmation, Deviation, Void};
use super::store;
use crate::containers::model::Share;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once, units_were};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
use crate::prescriptions::model::Draw;
use crate::stock::model::Lot;
use crate::values::number;

events! {
    /// Units were administered to a patient.
    StockAdministered "stock_administered" {
        /// The administration.
        administration: Box<Administration>,
        /// The lot, when it was used though it was never received.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        new_lot: Option<Lot>,
        /// The units that moved.
        postings: Vec<Posting>,
        /// What it took of an opened unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
        /// What it took of a prescription.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draw: Option<Draw>,
    }
    /// An administration was voided.
    AdministrationVoided "administration_voided" {
        /// The void.
        void: Void,
        /// The units that moved.
        postings: Vec<Posting>,
        /// What it never took of an opened unit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        share: Option<Share>,
        /// What it never took of a prescription.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        draw: Option<Draw>,
    }
    /// A practitioner confirmed what another had recorded of them.
    AdministrationConfirmed "administration_confirmed" (Confirmation)
    /// Something happened against a rule.
    DeviationOpened "deviation_opened" (Deviation)
    /// The quality lead closed a deviation.
    DeviationClosed "deviation_closed" (Closure)
}

impl Recordable for Deed {
    fn version(&self) -> i32 {
        // Until version 2, what is sealed stood there in clear.
        if self.sealed().is_empty() { 1 } else { 2 }
    }

    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::StockAdministered { administration, new_lot, share, draw, .. } => {
                if let Some(lot) = new_lot {
                    crate::stock::service::insert_lot(tables, lot)?;
                }
                if let Some(share) = share {
                    once(crate::containers::service::take(tables, &head.organisation_id, share)?)?;
                }
                if let Some(draw) = draw {
                    once(crate::prescriptions::service::draw(tables, &head.organisation_id, draw)?)?;
                }
                store::insert(tables, administration)?;
                let (id, decision) = (administration.id.as_str(), &administration.said.decision);
                crate::licences::service::keep_rested_on(tables, head, id, decision)
            }
            Deed::AdministrationVoided { void, share, draw, .. } => {
                if let Some(share) = share {
                    once(crate::containers::service::give_back(tables, &head.organisation_id, share)?)?;
                }
                if let Some(draw) = draw {
                    once(crate::prescriptions::service::give_back(tables, &head.organisation_id, draw)?)?;
                }
                store::await_nobody(tables, &head.organisation_id, &void.administration_id)?;
                store::insert_void(tables, void)
            }
            Deed::AdministrationConfirmed(new) => once(store::confirm(tables, new)?),
            Deed::DeviationOpened(new) => store::insert_deviation(tables, new),
            Deed::DeviationClosed(closure) => once(store::close_deviation(tables, &head.organisation_id, closure)?),
        }
    }

    fn postings(&self) -> &[Posting] {
        match self {
            Deed::StockAdministered { postings, .. } | Deed::AdministrationVoided { postings, .. } => postings,
            Deed::AdministrationConfirmed(_) | Deed::DeviationOpened(_) | Deed::DeviationClosed(_) => &[],
        }
    }

    fn decision(&self) -> Option<&Decision> {
        match self {
            Deed::StockAdministered { administration, .. } => Some(&administration.said.decision),
            Deed::AdministrationVoided { .. }
            | Deed::AdministrationConfirmed(_)
            | Deed::DeviationOpened(_)
            | Deed::DeviationClosed(_) => None,
        }
    }

    fn sealed(&self) -> &'static [&'static str] {
        match self {
            Deed::StockAdministered { .. } => &["/administration/clinical"],
            Deed::AdministrationVoided { .. } => &["/void/reason"],
            Deed::DeviationClosed(_) => &["/resolution"],
            Deed::AdministrationConfirmed(_) | Deed::DeviationOpened(_) => &[],
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::StockAdministered { administration, .. } => {
                let late = if administration.said.retrospective { ", recorded in retrospect" } else { "" };
                match &administration.container_id {
                    Some(_) => format!("Part or all of an opened unit was administered{late}."),
                    None => format!("{} administered{late}.", units_were(administration.units)),
                }
            }
            Deed::AdministrationVoided { void, share, .. } => {
                let back = match (void.returned_to_stock, share) {
                    (_, Some(_)) => "still in the opened unit",
                    (true, None) => "back in quarantine",
                    (false, None) => "not back",
                };
                let to_count = match void.units_to_count {
                    0 => String::new(),
                    units => format!("; {} that the books never had must be counted there", number(units, "unit")),
                };
                format!("An administration was voided, its units are {back}{to_count}.")
            }
            Deed::AdministrationConfirmed(confirmation) => {
                let roles: Vec<_> = confirmation.roles.iter().map(ToString::to_string).collect();
                format!("An administration was confirmed by its {}.", roles.join(" and "))
            }
            Deed::DeviationOpened(deviation) => {
                let codes: Vec<_> = deviation.reason_codes.iter().map(|code| code.as_str()).collect();
                format!("A deviation was opened: {}.", codes.join(", "))
            }
            Deed::DeviationClosed(_) => "A deviation was closed.".to_owned(),
        }
    }
}
