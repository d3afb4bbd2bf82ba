//! Reports over HTTP.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};

use super::wire::{PeriodReport, PeriodReportQuery, ReportedLot, Scorecard, ScorecardQuery};
use super::{gathering, page, scorecard};
use crate::custody_log::past::Log;
use crate::http::accept::Format;
use crate::http::commands::Queries;
use crate::http::files::{self, Writer};
use crate::http::input::Query;
use crate::http::slice::Routes;
use crate::ids::SupplierId;
use crate::problem::Problem;

/// The forms of a report, the usual one first.
const FORMS: &[Format] = &[Format::Json, Format::Html, Format::Csv, Format::Ndjson];

/// Lots of a part of a file.
const PART: usize = 500;

/// The routes of this overview.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(get_period_report).service(get_supplier_scorecard);
}

/// Shows what a site had when a period began, what came, what went, and what it had at its end.
///
/// Lot by lot, product by product and together. Each row adds up: opening + received + transferred_in + voided + unaccounted +
/// adjusted = administered + wasted + returned + destroyed + lost + transferred_out + closing; and the closing of one period is the opening of
/// the next. What counts is when something happened, not when it was entered. With `Accept: text/csv` or `application/x-ndjson` the answer
/// is a file of its lots, with `text/html` a page to print.
#[utoipa::path(operation_id = "get_period_report", tag = "Reports", params(PeriodReportQuery),
    responses((status = 200, description = "The report.", content(
        (PeriodReport = "application/json"), (String = "application/x-ndjson"), (String = "text/csv"), (String = "text/html")))))]
#[get("/reports/period")]
async fn get_period_report(
    request: HttpRequest,
    queries: Queries,
    log: Log,
    query: Query<PeriodReportQuery>,
) -> Result<HttpResponse, Problem> {
    let PeriodReportQuery { site_id, from, to, as_of } = query.into_inner();
    let past = log.past(&queries, None, as_of).await?;
    let queries = queries.report();
    let report = gathering::report(&queries, site_id, (from, to), past).await?;
    let format = Format::wanted(&request, FORMS);
    if let Some(writer) = Writer::of::<ReportedLot>(format) {
        let writer = writer.beginning_with(&["product_id", "product", "lot_id", "lot", "expiry"]);
        return file(queries, format, writer, report).await;
    }
    if format == Format::Html {
        // A page of data: it may load and run nothing.
        return Ok(HttpResponse::Ok()
            .content_type(format.content_type())
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((header::VARY, "Accept"))
            .body(page::of(&report)));
    }
    Ok(HttpResponse::Ok().insert_header((header::VARY, "Accept")).json(report))
}

/// Shows what was ordered of a supplier in a period, what came and when, and what was wrong with it.
///
/// Every figure is a count, beside what it rests on. Orders count by when they were placed, deliveries by when they arrived, claims by when
/// they were opened; what was corrected, voided or withdrawn since counts as it stands now. A token for some sites is told of theirs.
#[utoipa::path(operation_id = "get_supplier_scorecard", tag = "Reports",
    params(("id" = SupplierId, Path, description = "The supplier."), ScorecardQuery),
    responses((status = 200, description = "The scorecard.", body = Scorecard)))]
#[get("/suppliers/{id}/scorecard")]
async fn get_supplier_scorecard(
    queries: Queries,
    id: web::Path<String>,
    query: Query<ScorecardQuery>,
) -> Result<HttpResponse, Problem> {
    let ScorecardQuery { from, to } = query.into_inner();
    queries
        .report()
        .find(id, "supplier", move |view, id: SupplierId| scorecard::of(view, &id, (from, to)).map(Some))
        .await
}

/// The lots of a report, as a file.
async fn file(queries: Queries, format: Format, writer: Writer, report: PeriodReport) -> Result<HttpResponse, Problem> {
    let zone = report.time_zone.rules();
    let days = (report.from.day_in(zone), report.to.day_in(zone));
    let name = format!("stock-of-{}-from-{}-to-{}", report.site_id, days.0, days.1);
    let part = move |from: usize| {
        let lots: Vec<&ReportedLot> = report.lots.iter().skip(from).take(PART).collect();
        let mut text = if from == 0 { writer.head() } else { String::new() };
        let written = writer.write(&mut text, &lots, queries.caller(), queries.access());
        let next = from.saturating_add(PART);
        let next = (next < report.lots.len()).then_some(next);
        std::future::ready(written.map(|()| (files::ready(text), next)).map_err(Problem::from))
    };
    files::stream(format, &name, 0, part).await
}
