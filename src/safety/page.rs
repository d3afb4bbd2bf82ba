//! The report on an adverse event as a page: to be read, and to be printed or copied into a regulator's form.

use std::fmt::{Display, Write};

use super::wire::{RegulatorReport, ReportedDevice};
use crate::http::pages;
use crate::values::xml;

const STYLE: &str = "h2{font-size:1.05em;margin:1.4em 0 .3em}table{width:100%}th{font-weight:normal;width:15em;color:#333}\
    td,th{padding:.2em .5em .2em 0;border-bottom:1px solid #ccc;vertical-align:top}tr{break-inside:avoid}\
    td{white-space:pre-line}@page{margin:15mm}@media print{body{padding:0;font-size:9.5pt}}";

/// What is not known is said.
const UNKNOWN: &str = "not known";

/// The page.
pub fn of(report: &RegulatorReport) -> String {
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<p>What MHRA's Yellow Card, FDA's MedWatch 3500A and the European manufacturer's incident report (MIR) ask of whoever used a \
         device. The patient is named by the clinic's own reference only.</p>"
    );
    table(&mut body, "The report", &about(report));
    for (number, device) in report.devices.iter().enumerate() {
        table(&mut body, &format!("Device {}", number.saturating_add(1)), &rows_of(device));
    }
    if report.devices.is_empty() {
        body.push_str("<h2>Device</h2>\n<p>No administration is named.</p>\n");
    }
    table(&mut body, "What happened", &happened(report));
    table(&mut body, "What was done", &done(report));
    table(&mut body, "Course and outcome", &course(report));
    pages::styled(&format!("Adverse event {}", report.adverse_event_id), STYLE, &body)
}

type Line = (&'static str, String);

fn known(value: Option<impl Display>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

fn about(report: &RegulatorReport) -> Vec<Line> {
    let mut lines = vec![
        ("Reference of the reporter", report.adverse_event_id.to_string()),
        ("State", report.state.to_string()),
        ("Reported on", pages::time(report.reported_at)),
        ("Reported at", format!("{} ({})", report.site.name, report.site.jurisdiction)),
        ("Profession of the reporter", known(report.reporter_profession.as_ref())),
        ("Patient", known(report.patient_ref.as_ref())),
    ];
    lines.extend(report.reports.iter().map(|duty| {
        let said = match duty.sent_at {
            Some(sent) => format!("{} ({}): sent {}", duty.to, duty.jurisdiction, pages::time(sent)),
            None => format!("{} ({}): due {}", duty.to, duty.jurisdiction, pages::time(duty.due_at)),
        };
        ("To be reported to", said)
    }));
    lines
}

fn rows_of(device: &ReportedDevice) -> Vec<Line> {
    let mut lines = vec![
        ("Product", device.product.to_string()),
        ("Manufacturer", device.manufacturer.to_string()),
        ("UDI-DI (GTIN)", known(device.udi_di.as_ref())),
        ("Lot", device.lot.to_string()),
        ("Expiry", device.expiry.to_string()),
        ("Serial number", known(device.serial.as_ref())),
        ("Units", device.units.to_string()),
        ("Administered on", pages::time(device.administered_at)),
        ("Area", known(device.area.as_ref())),
        ("Administration", device.administration_id.to_string()),
    ];
    if device.voided {
        lines.push(("Note", "The administration was voided since.".to_owned()));
    }
    lines
}

fn happened(report: &RegulatorReport) -> Vec<Line> {
    let Some(event) = &report.event else {
        return vec![("Description", "The patient was erased: nobody can read it any more.".to_owned())];
    };
    let kind = match &event.kind_text {
        Some(text) => format!("{}: {text}", event.kind),
        None => event.kind.to_string(),
    };
    let serious = if event.serious { "yes" } else { "no" };
    vec![
        ("Kind", kind),
        ("Began on", pages::time(event.onset_at)),
        ("Severity", event.severity.to_string()),
        ("Serious", serious.to_owned()),
        ("Description", event.description.to_string()),
    ]
}

fn done(report: &RegulatorReport) -> Vec<Line> {
    let lines = report.actions.iter().map(|action| {
        let with: Vec<String> = action.administration_ids.iter().map(ToString::to_string).collect();
        let with = if with.is_empty() { String::new() } else { format!(" (with {})", with.join(", ")) };
        ("Action", format!("{}: {}{with}", pages::time(action.at), action.text))
    });
    lines.collect()
}

fn course(report: &RegulatorReport) -> Vec<Line> {
    let mut lines: Vec<Line> = report
        .course
        .iter()
        .map(|said| {
            let severity = said.severity.map_or_else(String::new, |severity| format!(" ({severity})"));
            let seen = said.seen_at.map_or_else(String::new, |at| format!(", patient seen {}", pages::time(at)));
            ("Review", format!("{}{severity}{seen}: {}", pages::time(said.at), said.note))
        })
        .collect();
    let outcome = report.outcome.map(|outcome| outcome.to_string().replace('_', " "));
    lines.push(("Outcome", known(outcome)));
    lines.extend(report.outcome_note.iter().map(|note| ("Of the outcome", note.to_string())));
    lines
}

fn table(body: &mut String, title: &str, lines: &[Line]) {
    let _ = write!(body, "<h2>{}</h2>\n<table>\n", xml::text(title));
    for (name, value) in lines {
        let _ = writeln!(body, "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", xml::text(value));
    }
    if lines.is_empty() {
        body.push_str("<tr><td>Nothing was recorded.</td></tr>\n");
    }
    body.push_str("</table>\n");
}
