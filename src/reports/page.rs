//! A report as a page: to be read, and to be printed on a sheet of paper that lies on its side.

use std::fmt::Write;

use chrono::DateTime;

use super::model::Sums;
use super::wire::PeriodReport;
use crate::clock::Moment;
use crate::http::pages;
use crate::values::xml;

/// The columns, as people call them, in the order of [`Sums::fields`].
const COLUMNS: [&str; 13] = [
    "Opening",
    "Received",
    "From other sites",
    "Voided",
    "Not in the books",
    "Adjusted",
    "Administered",
    "Wasted",
    "Returned",
    "Destroyed",
    "Lost",
    "To other sites",
    "Closing",
];

const STYLE: &str = "body{max-width:none}table{width:100%;font-variant-numeric:tabular-nums}thead{display:table-header-group}\
    tr{break-inside:avoid}th,td{padding:.2em .5em;border-bottom:1px solid #ccc}thead th{border-bottom:1px solid #111;\
    vertical-align:bottom;font-weight:normal}td.n,th.n{text-align:right}tr.sum *{border-bottom:1px solid #111;font-weight:bold}\
    tr.all *{border-top:2px solid #111}@page{size:landscape;margin:12mm}@media print{body{padding:0;font-size:8.5pt}}";

/// The page.
pub(super) fn of(report: &PeriodReport) -> String {
    let zone = report.time_zone.rules();
    let local = |moment: Moment| {
        let time = DateTime::from_timestamp_micros(moment.unix_micros()).unwrap_or_default();
        time.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
    };
    let (from, to) = (local(report.from), local(report.to));
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<p>What was there, what came and what went from {from} on and before {to} ({}), in units, by when it happened.</p>",
        xml::text(report.time_zone.as_str())
    );
    let stands = match report.tree_size {
        Some(size) => format!(
            "It stands on the first {size} entries of the custody log: asked for again with <code>as_of={size}</code>, it has the same numbers."
        ),
        None => "It tells what was known then; what is entered late changes it.".to_owned(),
    };
    let _ = writeln!(body, "<p>Made {} for {}. {stands}</p>", pages::time(report.made_at), xml::text(&report.made_for));
    body.push_str("<table>\n<thead><tr><th>Lot</th><th>Expiry</th>");
    for column in COLUMNS {
        let _ = write!(body, "<th class=\"n\">{column}</th>");
    }
    body.push_str("</tr></thead>\n");
    for product in &report.products {
        let lots = || report.lots.iter().filter(|lot| lot.product_id == product.product_id);
        let _ = writeln!(body, "<tbody><tr><th colspan=\"15\">{}</th></tr>", xml::text(product.product.as_str()));
        for lot in lots() {
            let named = format!("<td>{}</td><td>{}</td>", xml::text(lot.lot.as_str()), lot.expiry);
            row(&mut body, "", &named, &lot.sums);
        }
        if lots().count() > 1 {
            row(&mut body, "sum", "<td colspan=\"2\">Together</td>", &product.sums);
        }
        body.push_str("</tbody>\n");
    }
    body.push_str("<tbody>");
    row(&mut body, "sum all", "<td colspan=\"2\">All</td>", &report.totals);
    body.push_str("</tbody></table>\n");
    body.push_str(
        "<p>What was there and what came (received, from other sites, voided, not in the books, adjusted) is what went (administered, wasted, \
         returned, destroyed, lost, to other sites) and what was there at the end. What was undone counts when that happened, so that a \
         number can be below zero. Voided: the administration was recorded by mistake; the units are back, or count as wasted. Not in \
         the books: administered though the books did not have it.</p>\n",
    );
    pages::styled(&format!("Stock of {}: {from} to {to}", report.site), STYLE, &body)
}

fn row(body: &mut String, class: &str, named: &str, sums: &Sums) {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    let _ = write!(body, "<tr{class}>{named}");
    for units in sums.fields() {
        // A nought is no news; a minus is a minus, not a hyphen.
        let said = if units == 0 { "·".to_owned() } else { units.to_string().replace('-', "−") };
        let _ = write!(body, "<td class=\"n\">{said}</td>");
    }
    body.push_str("</tr>\n");
}
