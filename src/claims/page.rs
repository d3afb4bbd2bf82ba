//! A claim as the letter that goes to the supplier: a page to print and to send.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::model::{ClaimLine, ClaimReason, ClaimState, Claimed};
use super::wire::total;
use crate::catalogue::model::Product;
use crate::command::View;
use crate::error::{Error, Result};
use crate::http::pages;
use crate::names::service::{Asked, Known, known};
use crate::receiving::model::Received;
use crate::values::{Currency, number, xml};

const STYLE: &str = "table{width:100%;font-variant-numeric:tabular-nums;margin-top:1em}thead{display:table-header-group}\
    tr{break-inside:avoid}th,td{padding:.3em .6em .3em 0;border-bottom:1px solid #ccc}thead th{border-bottom:1px solid #111;\
    font-weight:normal}td.n,th.n{text-align:right;padding-right:0}tr.all *{border-top:2px solid #111;font-weight:bold}\
    @page{margin:18mm}@media print{body{padding:0}}";

/// The page.
///
/// # Errors
/// What the database answers.
pub(super) fn of(view: &mut View<'_>, claimed: Claimed) -> Result<String> {
    let Claimed { claim, lines } = &claimed;
    let organisation = &view.caller.organisation_id;
    let received = crate::receiving::service::find(view.db, view.caller, &claim.receipt_id)?;
    let received = received.ok_or_else(|| Error::internal("a claim without its receipt"))?;
    let supplier = crate::suppliers::service::supplier(view.db, organisation, &claim.supplier_id)?;
    let supplier = supplier.ok_or_else(|| Error::internal("a claim without its supplier"))?;
    let asked = Asked {
        products: lines.iter().map(|line| line.product_id.clone()).collect(),
        sites: BTreeSet::from([claim.site_id.clone()]),
        ..Asked::default()
    };
    let known = known(view.db, organisation, asked)?;
    let site = known.site(&claim.site_id).ok_or_else(|| Error::internal("a claim without its site"))?;
    let (zone, mut body) = (site.time_zone.rules(), String::new());
    let mut says = |what: &str, value: &str| {
        let _ = writeln!(body, "<dt>{what}</dt><dd>{}</dd>", xml::text(value));
    };
    says("To", supplier.name.as_str());
    says("From", site.name.as_str());
    says("Our number", claim.id.as_str());
    if let Some(reference) = &claim.reference {
        says("Your number", reference.as_str());
    }
    if let Some(note) = &received.receipt.delivery_note {
        says("Delivery note", note.as_str());
    }
    says("Delivered on", &received.receipt.occurred_at.day_in(zone).to_string());
    says("Opened on", &claim.opened_at.day_in(zone).to_string());
    says("State", &state(claim.state, claim.ended_at.or(claim.sent_at).map(|at| at.day_in(zone).to_string())));
    let mut page = format!("<dl>\n{body}</dl>\n");
    let units: i64 = lines.iter().map(|line| line.units).sum();
    let _ = writeln!(page, "<p>We claim {} of your delivery:</p>", number(units, "unit"));
    page.push_str(&table(lines, &received, &known, claim.currency.as_ref()));
    if let Some(note) = &claim.note {
        let _ = writeln!(page, "<p>{}</p>", xml::text(note.as_str()));
    }
    let photographs: usize = lines.iter().map(|line| line.evidence.len()).sum();
    if photographs > 0 {
        page.push_str("<h2>Photographs</h2>\n<ul>\n");
        for (place, line) in (1..).zip(lines) {
            for file in line.evidence.iter() {
                let _ = writeln!(page, "<li>Line {place}: <code>{file}</code></li>");
            }
        }
        page.push_str(
            "</ul>\n<p>Each is named by the SHA-256 of its bytes, so that nobody can take another for it.</p>\n",
        );
    }
    Ok(pages::styled(&format!("Claim to {}", supplier.name), STYLE, &page))
}

fn state(state: ClaimState, day: Option<String>) -> String {
    match day {
        Some(day) => format!("{state} on {day}"),
        None => state.to_string(),
    }
}

fn table(lines: &[ClaimLine], received: &Received, known: &Known, currency: Option<&Currency>) -> String {
    let mut table = String::from(
        "<table>\n<thead><tr><th>Product</th><th>Lot, expiry</th><th>Why</th><th class=\"n\">Units</th>\
         <th class=\"n\">Amount</th></tr></thead>\n<tbody>\n",
    );
    let amount = |minor: Option<i64>| match (minor, currency) {
        (Some(minor), Some(currency)) => currency.told(minor),
        _ => String::new(),
    };
    for line in lines {
        let product = known.product(&line.product_id).map(|product: &Product| product.name.as_str());
        let brought = received.lines.iter().find(|(came, _)| Some(&came.id) == line.receipt_line_id.as_ref());
        let lot = brought.map(|(_, lot)| format!("{}, {}", lot.lot, lot.expiry)).unwrap_or_default();
        let note = line.note.as_ref().map(|note| format!(": {note}")).unwrap_or_default();
        let _ = writeln!(
            table,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            xml::text(product.unwrap_or(line.product_id.as_str())),
            xml::text(&lot),
            xml::text(&format!("{}{note}", why(line.reason))),
            line.units,
            amount(line.amount_minor)
        );
    }
    if let Some(total) = total(lines).filter(|_| currency.is_some()) {
        let _ = writeln!(
            table,
            "<tr class=\"all\"><td colspan=\"4\">Together</td><td class=\"n\">{}</td></tr>",
            amount(Some(total))
        );
    }
    table.push_str("</tbody></table>\n");
    table
}

fn why(reason: ClaimReason) -> &'static str {
    match reason {
        ClaimReason::Damaged => "Damaged",
        ClaimReason::ShortDated => "Short-dated",
        ClaimReason::WrongProduct => "Not what was ordered",
        ClaimReason::OverDelivered => "More than was ordered",
        ClaimReason::PriceDifference => "Invoiced dearer than ordered",
        ClaimReason::NotDelivered => "Not delivered",
        ClaimReason::Other => "Other",
    }
}
