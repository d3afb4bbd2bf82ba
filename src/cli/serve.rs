//! `lotline serve`

use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::clock::Clock;
use crate::config::{Deployment, EvidencePlace, Serving};
use crate::db::{Settings, Store};
use crate::error::{Error, Result};
use crate::evidence::objects::Objects;
use crate::http::auth::Keys;
use crate::http::commands::State;
use crate::http::server;
use crate::ids::Ids;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    deployment: Deployment,
    #[command(flatten)]
    serving: Serving,
    #[command(flatten)]
    evidence: EvidencePlace,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    crate::telemetry::start(options.serving.log);
    let url = options.deployment.database();
    close(options)?;
    let keys = Arc::new(Keys::open(&options.deployment.data_dir)?);
    super::upgrade(&url)?;
    let store = Store::open(&url, &Settings { connections: options.serving.connections.into() })?;
    let evidence = Objects::open(options.evidence.evidence_url.as_ref(), &options.deployment.data_dir)?;
    Keys::watch(&keys)?;
    let state = State::new(store, keys, evidence, Clock::system(), Ids::system())?;
    let bind = options.serving.bind;
    let listener = TcpListener::bind(bind).map_err(|e| Error::Unavailable(format!("--bind {bind}: {e}")))?;
    let address = listener.local_addr().map_err(|e| Error::Unavailable(e.to_string()))?;
    let settings = server::Settings {
        workers: options.serving.workers.into(),
        signals: true,
        connections_max: options.serving.max_connections.into(),
        head_timeout: Duration::from_secs(options.serving.head_timeout.into()),
        body_timeout: Duration::from_secs(options.serving.body_timeout.into()),
        idle_timeout: Duration::from_secs(options.serving.idle_timeout.into()),
    };
    actix_web::rt::System::new()
        .block_on(async move {
            let server = server::serve(listener, state, &settings)?;
            tracing::info!(%address, database = ?url, "listening; documentation at /docs");
            server.await
        })
        .map_err(|e| Error::Unavailable(e.to_string()))?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Closes what an older version left open to others, evidence included, and says so in the log; and what the database's
/// URL leaves open.
fn close(options: &Options) -> Result<()> {
    let Options { deployment, evidence, .. } = options;
    let mut closed = crate::files::close_deployment(&deployment.data_dir, &deployment.database())?;
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
