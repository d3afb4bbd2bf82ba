//! Running the server.

use std::net::TcpListener;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};

use super::app::{self, Operations};
use super::commands::State;
use super::connection::Connection;
use super::docs;
use super::input::Inlet;
use super::limits;

/// How a server is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that serve connections.
    pub workers: usize,
    /// Whether SIGTERM and SIGINT stop it.
    pub signals: bool,
    /// How many connections may be open.
    pub connections_max: usize,
    /// How long the first head of a connection may take.
    pub head_timeout: Duration,
    /// How long a body may take, beside the time that its length is given.
    pub body_timeout: Duration,
    /// How long a connection is kept between two requests.
    pub idle_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            workers: 2,
            signals: false,
            connections_max: limits::CONNECTIONS_MAX.into(),
            head_timeout: Duration::from_secs(limits::HEAD_TIMEOUT_SECONDS.into()),
            body_timeout: Duration::from_secs(limits::BODY_TIMEOUT_SECONDS.into()),
            idle_timeout: Duration::from_secs(limits::IDLE_TIMEOUT_SECONDS.into()),
        }
    }
}

/// How long the rest of a body that was refused is read, so that its sender hears why before the connection ends.
const LINGER: Duration = Duration::from_secs(1);
/// How long requests in flight may take to finish when the server stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;

/// Serves on a listener until it is stopped.
///
/// # Errors
/// When the server cannot be started.
pub fn serve(listener: TcpListener, state: State, settings: &Settings) -> std::io::Result<Server> {
    allow_files();
    // Once more, with a longer queue than the standard library asks for.
    rustix::net::listen(&listener, limits::BACKLOG)?;
    let address = listener.local_addr()?;
    let operations = web::Data::new(Operations::of(&docs::document()));
    let inlet = web::Data::new(Inlet::new(settings.body_timeout));
    let open = state.metrics.connections.clone();
    let state = web::Data::new(state);
    let application = move || {
        App::new()
            .app_data(state.clone())
            .app_data(inlet.clone())
            .app_data(operations.clone())
            .service(web::scope("/v1").configure(app::operations))
            .configure(app::plain_routes)
            .default_service(web::to(app::no_route))
            .wrap(from_fn(app::authenticate))
            .wrap(from_fn(app::outermost))
    };
    let builder = ServerBuilder::default()
        .workers(settings.workers)
        .max_concurrent_connections(settings.connections_max.div_ceil(settings.workers.max(1)))
        .shutdown_timeout(SHUTDOWN_SECONDS);
    let stopping = builder.graceful_shutdown_signal();
    let Settings { head_timeout, idle_timeout, .. } = *settings;
    // What actix-web's own HttpServer does, around connections that have a deadline.
    let builder = builder.listen("lotline", listener, move || {
        let stopping = stopping.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(head_timeout)
            .keep_alive(idle_timeout)
            .client_disconnect_timeout(LINGER)
            .local_addr(address)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.deadline());
            })
            .h1(map_config(
                application().into_factory().map_err(|error: actix_web::Error| error.error_response()),
                |()| AppConfig::default(),
            ));
        let patience = idle_timeout.saturating_add(head_timeout);
        let open = open.clone();
        fn_service(move |stream: TcpStream| {
            let (peer, open) = (stream.peer_addr().ok(), open.clone());
            async move { Ok((Connection::new(stream, patience, open), peer)) }
        })
        .and_then(http)
    })?;
    Ok(if settings.signals { builder.run() } else { builder.disable_signals().run() })
}

/// Lets this process open as many files as the system allows it at most: each connection is one.
fn allow_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current < limit.maximum {
        limit.current = limit.maximum;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "the soft limit of open files stays as it is");
        }
    }
}
