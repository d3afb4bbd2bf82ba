//! Sensors and readings over HTTP.

use actix_web::{HttpResponse, get, patch, post, put, web};

use super::intake::{self, ReadingsType};
use super::logger_files::{self, Import, LoggerFileType};
use super::model::{Sensor, series_of};
use super::rules;
use super::store::Stretch;
use super::wire::{
    ClimateQuery, ClimateView, NewReadings, NewSensor, ReadingFilter, ReadingView, ReadingsView, SensorFilter,
    SensorView, Verdicts,
};
use super::{service, store};
use crate::clock::Moment;
use crate::command::{Command, View};
use crate::error::Error;
use crate::http::commands::{Commands, Queries};
use crate::http::input::{Body, Query, Upload, path_id};
use crate::http::lists::Asked;
use crate::http::paging::{self, Found, List, Page};
use crate::http::slice::Routes;
use crate::http::versions::{Sent, tagged};
use crate::ids::{LocationId, SensorId};
use crate::problem::Problem;
use crate::values::Prose;
use crate::versions::{Change, Reinstatement, Retirement};

/// The routes of this slice.
pub fn routes(cfg: &mut impl Routes) {
    cfg.service(create_sensor).service(list_sensors).service(get_sensor);
    cfg.service(correct_sensor).service(patch_sensor).service(retire_sensor).service(reinstate_sensor);
    cfg.service(create_readings).service(import_readings).service(list_readings).service(get_climate);
}

/// Registers a sensor at a location.
///
/// Its readings are that location's, also those from before it was registered.
#[utoipa::path(operation_id = "create_sensor", tag = "Sensors", request_body = NewSensor,
    responses((status = 201, description = "The sensor.", body = SensorView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/sensors")]
async fn create_sensor(commands: Commands, body: Body<NewSensor>) -> Result<HttpResponse, Problem> {
    commands.create(body, |cmd, new| service::register(cmd, new).map(SensorView::from)).await.map(tagged)
}

/// Lists sensors.
#[utoipa::path(operation_id = "list_sensors", tag = "Sensors", params(SensorFilter),
    responses((status = 200, description = "A page of sensors.", body = Page<SensorView>)))]
#[get("/sensors")]
async fn list_sensors(queries: Queries, filter: Query<SensorFilter>) -> Result<HttpResponse, Problem> {
    let SensorFilter { site_id, location_id, retired, limit, cursor } = filter.into_inner();
    let filter = store::Filter { site_id, location_id, retired };
    queries
        .page(
            List::of("sensors", [paging::id::<SensorId>]),
            limit,
            cursor,
            move |view, [after], limit| {
                let found = store::list(view.db, view.caller, &filter, &after, limit)?;
                Ok(found.into_iter().map(SensorView::from).collect())
            },
            |sensor: &SensorView| [sensor.id.to_string()],
        )
        .await
}

/// Shows a sensor.
///
/// With what speaks against it now.
#[utoipa::path(operation_id = "get_sensor", tag = "Sensors",
    params(("id" = SensorId, Path, description = "The sensor.")),
    responses((status = 200, description = "The sensor.", body = SensorView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[get("/sensors/{id}")]
async fn get_sensor(queries: Queries, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    queries.find(id, "sensor", |view, id: SensorId| service::show(view, &id)).await.map(tagged)
}

/// Corrects a sensor, as a new version.
///
/// The body is the whole sensor, every field of it; what GET answers may be sent back. Anything but its location can be corrected. Every version stays in the journal.
#[utoipa::path(operation_id = "correct_sensor", tag = "Sensors", request_body = NewSensor,
    params(("id" = SensorId, Path, description = "The sensor."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = String, Header, description = "The ETag of the version that this replaces, or *.")),
    responses((status = 200, description = "The sensor, as it is now.", body = SensorView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[put("/sensors/{id}")]
async fn correct_sensor(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: SensorId = path_id(&id, "sensor")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(SensorView::from))
        .await
        .map(tagged)
}

/// Changes what it names of a sensor, as a new version.
///
/// A JSON merge patch (RFC 7396): what is left out stays, null takes away. The same rules as for the whole.
#[utoipa::path(operation_id = "patch_sensor", tag = "Sensors", request_body = NewSensor,
    params(("id" = SensorId, Path, description = "The sensor."),
        ("reason" = Option<Prose>, Query, description = "Why, for the journal."),
        ("If-Match" = Option<String>, Header, description = "The ETag of the version that this changes.")),
    responses((status = 200, description = "The sensor, as it is now.", body = SensorView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[patch("/sensors/{id}")]
async fn patch_sensor(
    commands: Commands,
    id: web::Path<String>,
    change: Change,
    body: Body<Sent>,
) -> Result<HttpResponse, Problem> {
    let id: SensorId = path_id(&id, "sensor")?;
    commands
        .change(body, move |cmd, sent| service::correct(cmd, &id, &change, sent).map(SensorView::from))
        .await
        .map(tagged)
}

/// Retires a sensor.
///
/// It stays on record with what it measured. Readings of a later moment are not accepted.
#[utoipa::path(operation_id = "retire_sensor", tag = "Sensors", request_body = Retirement,
    params(("id" = SensorId, Path, description = "The sensor.")),
    responses((status = 200, description = "The sensor, now retired.", body = SensorView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/sensors/{id}/retire")]
async fn retire_sensor(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Retirement>,
) -> Result<HttpResponse, Problem> {
    let id: SensorId = path_id(&id, "sensor")?;
    commands.change(body, move |cmd, new| service::retire(cmd, &id, new).map(SensorView::from)).await.map(tagged)
}

/// Puts a retired sensor back into use.
#[utoipa::path(operation_id = "reinstate_sensor", tag = "Sensors", request_body = Reinstatement,
    params(("id" = SensorId, Path, description = "The sensor.")),
    responses((status = 200, description = "The sensor, in use again.", body = SensorView,
        headers(("ETag" = String, description = "Its version in quotes, for If-Match.")))))]
#[post("/sensors/{id}/reinstate")]
async fn reinstate_sensor(
    commands: Commands,
    id: web::Path<String>,
    body: Body<Reinstatement>,
) -> Result<HttpResponse, Problem> {
    let id: SensorId = path_id(&id, "sensor")?;
    commands.change(body, move |cmd, new| service::reinstate(cmd, &id, new).map(SensorView::from)).await.map(tagged)
}

/// Takes readings in.
///
/// In any order, late, and again: a reading is one by its sensor and moment. As JSON, or as one object a line (`application/x-ndjson`). What is wrong with a reading is its verdict, and the others are kept; `reading_conflict` is one of a moment of which another temperature was measured: the first stays, and both are shown; `reading_too_old` is one from so long ago that readings of that time were let go. Readings are taken in by 500; should the request break off, send it again.
#[utoipa::path(operation_id = "create_readings", tag = "Sensors",
    request_body(description = "The readings.", content(
        (NewReadings = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "What became of them.", body = Verdicts)))]
#[post("/readings")]
async fn create_readings(commands: Commands, upload: Upload<ReadingsType>) -> Result<HttpResponse, Problem> {
    // What the rows take is bounded by what the body may: its room is kept until they are done.
    let Upload { media_type, bytes, digest, room: _room } = upload;
    let rows = read_aside(move || intake::rows(media_type, &bytes)).await?;
    let body = Body { value: intake::parts(rows), digest };
    commands.change_in_parts(body, |cmd, rows, verdicts: &mut Verdicts| service::accept(cmd, rows, verdicts)).await
}

/// Reads many rows where nobody's request waits behind them.
async fn read_aside<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    web::block(read).await.map_err(|error| Error::internal(error.to_string()))?
}

/// Takes in the file of a temperature logger.
///
/// CSV, as makers write it: text above the line with the names of the columns, decimal points or commas, UTF-8, UTF-16 or Windows-1252. Times with an offset are what they say; others are of `time_zone`, with the hour that there is twice in autumn in the order of the file. What the file leaves open is asked for (`logger_file_unclear`), and nothing is taken in; what is wrong with a row is its verdict, with its line.
#[utoipa::path(operation_id = "import_readings", tag = "Sensors", params(Import),
    request_body(description = "The file.", content((String = "text/csv"))),
    responses((status = 200, description = "What became of its rows.", body = Verdicts)))]
#[post("/readings/import")]
async fn import_readings(
    commands: Commands,
    import: Query<Import>,
    upload: Upload<LoggerFileType>,
) -> Result<HttpResponse, Problem> {
    let import = import.into_inner();
    let Upload { bytes, digest, room: _room, .. } = upload;
    let asked = import.clone();
    let rows = read_aside(move || logger_files::read(&bytes, &asked)).await?;
    let body = Body { value: intake::parts(rows), digest };
    let sensor = import.sensor_id;
    let take = move |cmd: &mut Command<'_>, rows: &Vec<intake::Row>, verdicts: &mut Verdicts| {
        service::import(cmd, &sensor, rows, verdicts)
    };
    commands.change_in_parts(body, take).await
}

fn find(view: &mut View<'_>, id: &SensorId) -> crate::error::Result<Sensor> {
    service::find(view.db, view.caller, id)?.ok_or_else(|| Error::not_found("sensor"))
}

/// Lists what a sensor measured, oldest first.
///
/// Where the policy keeps readings only for a time, `let_go_before` says before which moment there are none any more.
#[utoipa::path(operation_id = "list_readings", tag = "Sensors",
    params(("id" = SensorId, Path, description = "The sensor."), ReadingFilter),
    responses((status = 200, description = "A page of readings.", body = ReadingsView)))]
#[get("/sensors/{id}/readings")]
async fn list_readings(
    queries: Queries,
    id: web::Path<String>,
    filter: Query<ReadingFilter>,
) -> Result<HttpResponse, Problem> {
    let ReadingFilter { from, to, limit, cursor } = filter.into_inner();
    let id: SensorId = path_id(&id, "sensor")?;
    let fetch = {
        let id = id.clone();
        move |view: &mut View<'_>, [after]: [String; 1], limit| {
            let sensor = find(view, &id)?;
            let after = after.parse::<Moment>().ok().map(Moment::next);
            let from = after.max(from).unwrap_or(Moment::FIRST);
            let to_us = to.map_or(i64::MAX, Moment::unix_micros);
            let stretch = Stretch { series: series_of(&sensor.id), from_us: from.unix_micros(), to_us };
            service::readings(view, &sensor, stretch, limit).map(Found::all)
        }
    };
    let shown = move |view: &mut View<'_>, Page { items, next_cursor, .. }: Page<ReadingView>| {
        let sensor = find(view, &id)?;
        let let_go_before = service::let_go_before(view.db, &sensor)?;
        Ok(ReadingsView { items, next_cursor, let_go_before })
    };
    let asked = Asked { list: List::of("readings", [paging::moment]), limit, cursor, tree_size: None };
    queries.list(asked, fetch, |reading: &ReadingView| [reading.at.to_string()], |_, found| Ok(found), shown).await
}

/// Shows how warm a location was.
///
/// Minimum, maximum, mean and mean kinetic temperature of equal spans of time, of all its sensors. Averages never hide a breach: look at all four. Of readings that were let go hours are kept: spans of whole hours that begin with an hour say what they said before.
#[utoipa::path(operation_id = "get_climate", tag = "Sensors",
    params(("id" = LocationId, Path, description = "The location."), ClimateQuery),
    responses((status = 200, description = "Its temperature.", body = ClimateView)))]
#[get("/locations/{id}/climate")]
async fn get_climate(
    queries: Queries,
    id: web::Path<String>,
    query: Query<ClimateQuery>,
) -> Result<HttpResponse, Problem> {
    let ClimateQuery { from, to, resolution } = query.into_inner();
    let id: LocationId = path_id(&id, "location")?;
    let asked = rules::buckets(from, to, resolution.as_deref())?;
    queries.report().show(move |view| service::climate(view, &id, asked).map(ClimateView::of)).await
}
