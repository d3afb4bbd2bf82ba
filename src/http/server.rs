//! Running the server.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use super::app::{self, Operations};
use super::commands::State;
use super::docs;

/// How a server is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that serve connections.
    pub workers: usize,
    /// Whether SIGTERM and SIGINT stop it.
    pub signals: bool,
}

/// How long a request may take to send its head.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long requests in flight may take to finish when the server stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;

/// Serves on a listener until it is stopped.
///
/// # Errors
/// When the server cannot be started.
pub fn serve(listener: TcpListener, state: State, settings: &Settings) -> std::io::Result<actix_web::dev::Server> {
    let operations = web::Data::new(Operations::of(&docs::document()));
    let state = web::Data::new(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(operations.clone())
            .service(web::scope("/v1").configure(app::operations))
            .configure(app::plain_routes)
            .default_service(web::to(app::no_route))
            .wrap(from_fn(app::authenticate))
            .wrap(from_fn(app::outermost))
    })
    .workers(settings.workers)
    .client_request_timeout(HEAD_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(SHUTDOWN_SECONDS)
    .listen(listener)?;
    Ok(if settings.signals { server.run() } else { server.disable_signals().run() })
}
