//! `lotline serve`

use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::app::{Process, server};
use crate::clock::Clock;
use crate::config::{Deployment, EvidencePlace, LogName, Serving};
use crate::custody_log::witness::Witness;
use crate::db::{Settings, Store};
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::http::auth::Keys;
use crate::http::crowd::Shares;
use crate::http::rates::Allowances;
use crate::ids::Ids;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    evidence: EvidencePlace,
    #[command(flatten)]
    log_name: LogName,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    crate::telemetry::start(options.serving.log);
    let url = options.deployment.database();
    close(options)?;
    let keys = Arc::new(Keys::open(&options.deployment.data_dir)?);
    if options.deployment.keys_url.as_ref() == Some(&url) {
        let why = "--keys-url names the database itself: its backups would hold the keys of what they hold";
        return Err(Error::Unavailable(why.to_owned()));
    }
    let patients = options.deployment.patients();
    patients.ready()?;
    let witness = Witness::open(&options.deployment.data_dir, options.log_name.log_origin.clone())?;
    for note in crate::upgrade::run_to_serve(&url, &patients)? {
        eprintln!("{note}");
    }
    let connections = Settings {
        connections: options.serving.connections.into(),
        report_connections: options.serving.report_connections.into(),
    };
    let store = Store::open(&url, &connections)?;
    let evidence = Objects::open(options.evidence.evidence_url.as_ref(), &options.deployment.data_dir)?;
    Keys::watch(&keys)?;
    let process = Process::new(store, keys, patients, witness, evidence, Clock::system(), Ids::system())?;
    let (listener, address) = listen("--bind", options.serving.bind)?;
    let operations = options.serving.operations_bind.map(|bind| listen("--operations-bind", bind)).transpose()?;
    let settings = settings(&options.serving);
    actix_web::rt::System::new()
        .block_on(async move {
            let server = server::serve(listener, process.clone(), &settings)?;
            let Some((listener, operations)) = operations else {
                tracing::info!(%address, database = ?url, "listening; documentation at /docs");
                return server.await;
            };
            let apart = server::serve_operations(listener, process, &settings)?;
            tracing::info!(%address, %operations, database = ?url, "listening; documentation at /docs of operations");
            futures_util::future::try_join(server, apart).await.map(|_| ())
        })
        .map_err(|e| Error::Unavailable(e.to_string()))?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Closes what an older version left open to others, evidence included, and says so in the log; and what the database's
/// URL leaves open.
fn close(options: &Options) -> Result<()> {
    let Options { deployment, evidence, .. } = options;
    let mut closed = crate::files::close_deployment(&deployment.data_dir, deployment.database().file())?;
    if let Some(folder) = Objects::folder(evidence.evidence_url.as_ref(), &deployment.data_dir)? {
        closed.extend(crate::files::close_evidence(&folder)?);
    }
    for note in closed {
        tracing::warn!(note, "files were open to others");
    }
    if let Some(note) = deployment.database().warning()? {
        tracing::warn!(note, "what is sent to the database may be read on the way");
    }
    Ok(())
}

/// Takes an address that a flag names: whoever asks for port 0 is given one.
fn listen(flag: &str, bind: SocketAddr) -> Result<(TcpListener, SocketAddr)> {
    let refused = |e: std::io::Error| Error::Unavailable(format!("{flag} {bind}: {e}"));
    let listener = TcpListener::bind(bind).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    Ok((listener, address))
}

fn settings(serving: &Serving) -> server::Settings {
    server::Settings {
        workers: serving.workers.into(),
        signals: true,
        log_every: Some(server::LOG_PERIOD),
        operations_apart: serving.operations_bind.is_some(),
        shares: Shares {
            connections_max: serving.max_connections.into(),
            peer_max: serving.peer_connections.into(),
            proxies: Arc::new(serving.trusted_proxies.clone()),
        },
        head_timeout: Duration::from_secs(serving.head_timeout.into()),
        body_timeout: Duration::from_secs(serving.body_timeout.into()),
        rates: Allowances {
            anonymous: serving.rate_anonymous,
            failed: serving.rate_failed,
            requests: serving.rate_requests,
        },
        answer_timeout: Duration::from_secs(serving.answer_timeout.into()),
        idle_timeout: Duration::from_secs(serving.idle_timeout.into()),
    }
}
