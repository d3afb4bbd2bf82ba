//! What can happen at the chair, and to the record of it.

use super::model::{Administration, Closure, Confirmation, Deviation, Void};
use super::store;
use crate::decision::Decision;
use crate::error::Result;
use crate::journal::events;
use crate::journal::model::{Head, Recordable, once, units_were};
use crate::journal::tables::Tables;
use crate::ledger::Posting;
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
    }
    /// An administration was voided.
    AdministrationVoided "administration_voided" {
        /// The void.
        void: Void,
        /// The units that moved.
        postings: Vec<Posting>,
    }
    /// A practitioner confirmed what another had recorded of them.
    AdministrationConfirmed "administration_confirmed" (Confirmation)
    /// Something happened against a rule.
    DeviationOpened "deviation_opened" (Deviation)
    /// The quality lead closed a deviation.
    DeviationClosed "deviation_closed" (Closure)
}

impl Recordable for Deed {
    fn apply(&self, tables: &mut Tables<'_>, head: &Head) -> Result<()> {
        match self {
            Deed::StockAdministered { administration, new_lot, .. } => {
                if let Some(lot) = new_lot {
                    crate::stock::service::insert_lot(tables, lot)?;
                }
                store::insert(tables, administration)?;
                let (id, decision) = (administration.id.as_str(), &administration.decision);
                crate::licences::service::keep_rested_on(tables, head, id, decision)
            }
            Deed::AdministrationVoided { void, .. } => {
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
            Deed::StockAdministered { administration, .. } => Some(&administration.decision),
            Deed::AdministrationVoided { .. }
            | Deed::AdministrationConfirmed(_)
            | Deed::DeviationOpened(_)
            | Deed::DeviationClosed(_) => None,
        }
    }

    fn summary(&self) -> String {
        match self {
            Deed::StockAdministered { administration, .. } => {
                let late = if administration.retrospective_reason.is_some() { ", recorded in retrospect" } else { "" };
                format!("{} administered{late}.", units_were(administration.units))
            }
            Deed::AdministrationVoided { void, .. } => {
                let back = if void.returned_to_stock { "back in quarantine" } else { "not back" };
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
