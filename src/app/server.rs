//! Running the server.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpService;
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::{App, web};

use super::health::Looks;
use super::process::Process;
use super::requests::{self, Operations};
use super::{docs, housekeeping, operations};
use crate::house;
use crate::http::connection::{Connection, Patience};
use crate::http::crowd::{Crowd, Shares};
use crate::http::input::Inlet;
use crate::http::peers::Proxies;
use crate::http::rates::{Allowances, Rates};
use crate::limits;

/// How a server is run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Threads that serve connections.
    pub workers: usize,
    /// Whether SIGTERM and SIGINT stop it.
    pub signals: bool,
    /// How many connections may be open, of all and of one peer.
    pub shares: Shares,
    /// Whether numbers and documentation are served elsewhere; see [`serve_operations`].
    pub operations_apart: bool,
    /// How often what was recorded becomes part of the custody log; never, where somebody else sees to it.
    pub log_every: Option<Duration>,
    /// How often it may be asked.
    pub rates: Allowances,
    /// How long the first head of a connection may take.
    pub head_timeout: Duration,
    /// How long a body may take, beside the time that its length is given.
    pub body_timeout: Duration,
    /// How long an answer may take to be read, beside the time that its length is given.
    pub answer_timeout: Duration,
    /// How long a connection is kept between two requests.
    pub idle_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            workers: 2,
            signals: false,
            shares: Shares {
                connections_max: limits::CONNECTIONS_MAX.into(),
                peer_max: limits::PEER_CONNECTIONS_MAX.into(),
                proxies: Arc::new(Proxies::default()),
            },
            operations_apart: false,
            log_every: Some(LOG_PERIOD),
            rates: Allowances::default(),
            head_timeout: Duration::from_secs(limits::HEAD_TIMEOUT_SECONDS.into()),
            body_timeout: Duration::from_secs(limits::BODY_TIMEOUT_SECONDS.into()),
            answer_timeout: Duration::from_secs(limits::ANSWER_TIMEOUT_SECONDS.into()),
            idle_timeout: Duration::from_secs(limits::IDLE_TIMEOUT_SECONDS.into()),
        }
    }
}

/// How long from one look at what waits for its leaf to the next: an event has one within a second, and whoever looks has time left.
pub const LOG_PERIOD: Duration = Duration::from_millis(500);
/// How long the rest of a body that was refused is read, so that its sender hears why before the connection ends.
const LINGER: Duration = Duration::from_secs(1);
/// What the system may keep of what a connection sends, and of what it receives, in bytes: enough for a megabyte a second
/// over a line with a tenth of a second to and fro.
const SOCKET_BUFFER: usize = 128 * 1024;
/// How long requests in flight may take to finish when the server stops, in seconds.
const SHUTDOWN_SECONDS: u64 = 5;

/// Serves on a listener until it is stopped: the API, how the process is, and, unless they are apart, its numbers and the
/// documentation.
///
/// # Errors
/// When the server cannot be started.
pub fn serve(listener: TcpListener, process: Process, settings: &Settings) -> std::io::Result<Server> {
    let serves = if settings.operations_apart { Serves::Api } else { Serves::Everything };
    start(listener, process, settings, serves)
}

/// Serves what is not for everybody on a listener of its own, with a thread and connections of its own: how the process
/// is, its numbers, and the documentation. It answers however busy the other one is.
///
/// # Errors
/// When the server cannot be started.
pub fn serve_operations(listener: TcpListener, process: Process, settings: &Settings) -> std::io::Result<Server> {
    start(listener, process, &Settings { workers: 1, ..settings.clone() }, Serves::Operations)
}

fn start(listener: TcpListener, process: Process, settings: &Settings, serves: Serves) -> std::io::Result<Server> {
    allow_files();
    bound(&listener)?;
    let address = listener.local_addr()?;
    let metrics = &process.state.metrics;
    let crowd =
        Crowd::new(settings.shares.clone(), metrics.connections.clone(), metrics.connections_broken_off.clone());
    // Once for a process: what is for its operators has a listener of its own.
    if serves != Serves::Operations {
        housekeeping::begin(&process, settings.log_every);
    }
    let shared = shared(process, settings);
    let application = move || {
        App::new()
            .configure(&shared)
            .configure(|cfg| serves.routes(cfg))
            .default_service(web::to(requests::no_route))
            .wrap(from_fn(requests::authenticate))
            .wrap(from_fn(requests::outermost))
    };
    let most = settings.shares.connections_max.saturating_add(limits::CONNECTIONS_RESERVE);
    let builder = ServerBuilder::default()
        .workers(settings.workers)
        .max_concurrent_connections(most.div_ceil(settings.workers.max(1)))
        .shutdown_timeout(SHUTDOWN_SECONDS);
    let stopping = builder.graceful_shutdown_signal();
    let Settings { head_timeout, idle_timeout, answer_timeout, .. } = *settings;
    let patience = Patience { idle: idle_timeout.saturating_add(head_timeout), answer: answer_timeout };
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
            // A slice is written before the next one is made.
            .h1_write_buffer_size(limits::SLICE)
            .local_addr(address)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.turn());
            })
            .h1(map_config(
                application().into_factory().map_err(|error: actix_web::Error| error.error_response()),
                |()| AppConfig::default(),
            ));
        let crowd = crowd.clone();
        fn_service(move |stream: TcpStream| {
            let (peer, crowd) = (stream.peer_addr().ok(), crowd.clone());
            // An answer is several writes: else the last is kept back until its caller acknowledges the others, 40 ms later.
            let _ = stream.set_nodelay(true);
            async move { Ok((Connection::new(stream, &crowd, patience), peer)) }
        })
        .and_then(http)
    })?;
    Ok(if settings.signals { builder.run() } else { builder.disable_signals().run() })
}

/// What the workers of a server share: one of each, however many they are.
fn shared(process: Process, settings: &Settings) -> impl Fn(&mut web::ServiceConfig) + Clone + Send + use<> {
    let (evidence, pictures) = (web::Data::new(process.evidence), web::Data::new(process.pictures));
    let (witness, bundles) = (web::Data::from(process.witness), web::Data::new(process.bundles));
    let verifier = web::Data::new(process.verifier);
    let (state, known) = (web::Data::new(process.state), web::Data::new(process.known));
    let operations = web::Data::new(Operations::of(docs::document()));
    let rates = web::Data::new(Rates::new(&settings.rates, settings.shares.proxies.clone()));
    let looks = web::Data::new(Looks::default());
    let inlet = web::Data::new(Inlet::new(settings.body_timeout));
    move |cfg| {
        cfg.app_data(state.clone())
            .app_data(known.clone())
            .app_data(evidence.clone())
            .app_data(pictures.clone())
            .app_data(witness.clone())
            .app_data(bundles.clone())
            .app_data(verifier.clone())
            .app_data(inlet.clone())
            .app_data(operations.clone())
            .app_data(rates.clone())
            .app_data(looks.clone());
    }
}

/// What an address answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Serves {
    Everything,
    Api,
    Operations,
}

impl Serves {
    fn routes(self, cfg: &mut web::ServiceConfig) {
        if self != Serves::Operations {
            let slices = |cfg: &mut web::ServiceConfig| house::served().for_each(|slice| (slice.serve)(cfg));
            cfg.service(web::scope("/v1").configure(slices));
        }
        operations::probes(cfg);
        if self != Serves::Api {
            operations::numbers(cfg);
            docs::routes(cfg);
        }
    }
}

/// Bounds what the system keeps for a listener and of its connections, which inherit that.
fn bound(listener: &TcpListener) -> std::io::Result<()> {
    // Once more, with a longer queue than the standard library asks for.
    rustix::net::listen(listener, limits::BACKLOG)?;
    rustix::net::sockopt::set_socket_send_buffer_size(listener, SOCKET_BUFFER)?;
    rustix::net::sockopt::set_socket_recv_buffer_size(listener, SOCKET_BUFFER)?;
    Ok(())
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
