//! The configuration: flags and environment, in one place.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::custody_log::witness::Origin;
use crate::db::DatabaseUrl;
use crate::evidence::objects::EvidenceUrl;
use crate::http::peers::Proxies;
use crate::http::rates::{Allowance, Allowances};
use crate::limits;
use crate::sealing::Patients;

/// Where the data is: goes with every subcommand that needs it.
#[derive(Args, Clone, Debug)]
pub struct Deployment {
    /// Folder for the signing keys and the embedded database
    #[arg(long, value_name = "DIR", env = "LOTLINE_DATA_DIR", default_value = "./lotline-data")]
    pub data_dir: PathBuf,
    /// Another database than the embedded one: postgres://USER@HOST/DATABASE or sqlite://PATH
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<DatabaseUrl>,
    /// Another place for the patients' keys than keys.db of the data directory: postgres://USER@HOST/DATABASE or sqlite://PATH.
    /// Never where the database's backups are
    #[arg(long, value_name = "URL", env = "LOTLINE_KEYS_URL", hide_env_values = true)]
    pub keys_url: Option<DatabaseUrl>,
}

impl Deployment {
    /// The patients' keys: where they were put, or in the data directory.
    pub fn patients(&self) -> Patients {
        Patients::at(self.patients_url())
    }

    /// Where the patients' keys are.
    pub fn patients_url(&self) -> DatabaseUrl {
        let beside = || DatabaseUrl::Sqlite(self.data_dir.join("keys.db"));
        self.keys_url.clone().unwrap_or_else(beside)
    }

    /// The database: the one named, or the embedded one of the data directory.
    pub fn database(&self) -> DatabaseUrl {
        self.database_url.clone().unwrap_or_else(|| DatabaseUrl::embedded(&self.data_dir))
    }
}

/// Where evidence is: goes with every subcommand that reads it.
#[derive(Args, Clone, Debug)]
pub struct EvidencePlace {
    /// Where photographs and documents are kept instead of the folder `evidence` of the data directory: file:///FOLDER or s3://BUCKET/PREFIX
    #[arg(long, value_name = "URL", env = "LOTLINE_EVIDENCE_URL")]
    pub evidence_url: Option<EvidenceUrl>,
}

/// What the custody log is called: goes with every subcommand that signs it.
#[derive(Args, Clone, Debug)]
pub struct LogName {
    /// What the origins of the custody logs begin with: a name that is yours, without spaces; the organisation's id follows after a
    /// slash
    #[arg(long, value_name = "NAME", env = "LOTLINE_LOG_ORIGIN", default_value_t = Origin::default())]
    pub log_origin: Origin,
}

/// How a server runs.
#[derive(Args, Clone, Debug)]
pub struct Serving {
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR:PORT", env = "LOTLINE_BIND", default_value = "127.0.0.1:8080")]
    pub bind: SocketAddr,
    /// Another address and port for /metrics and /docs, which are then not on the first one; /healthz and /readyz are on
    /// both
    #[arg(long, value_name = "ADDR:PORT", env = "LOTLINE_OPERATIONS_BIND")]
    pub operations_bind: Option<SocketAddr>,
    /// Threads that serve connections
    #[arg(long, value_name = "N", env = "LOTLINE_WORKERS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: u16,
    /// Database connections for the chair: readers on SQLite, changes too on PostgreSQL
    #[arg(long, value_name = "N", env = "LOTLINE_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub connections: u16,
    /// Database connections for lists, chains of custody and the morning list, which the chair never waits for
    #[arg(long, value_name = "N", env = "LOTLINE_REPORT_CONNECTIONS", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub report_connections: u16,
    /// Connections that may be open at once; beyond, one that waits for its peer gives way
    #[arg(long, value_name = "N", env = "LOTLINE_MAX_CONNECTIONS", default_value_t = limits::CONNECTIONS_MAX, value_parser = clap::value_parser!(u16).range(1..))]
    pub max_connections: u16,
    /// Connections that one peer may have open; beyond, the one of its own that waits longest gives way
    #[arg(long, value_name = "N", env = "LOTLINE_PEER_CONNECTIONS", default_value_t = limits::PEER_CONNECTIONS_MAX, value_parser = clap::value_parser!(u16).range(1..))]
    pub peer_connections: u16,
    /// Proxies in front of it: addresses and networks with commas between. X-Forwarded-For is believed of them, and their
    /// connections are not counted by peer
    #[arg(
        long,
        value_name = "NETWORKS",
        env = "LOTLINE_TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true
    )]
    pub trusted_proxies: Proxies,
    /// Requests of a peer without a valid token: so many in so many seconds (600/60), or off
    #[arg(long, value_name = "N/SECONDS", env = "LOTLINE_RATE_ANONYMOUS", default_value_t = Allowances::default().anonymous)]
    pub rate_anonymous: Allowance,
    /// Requests of a subject that are refused or fail: so many in so many seconds (600/60), or off
    #[arg(long, value_name = "N/SECONDS", env = "LOTLINE_RATE_FAILED", default_value_t = Allowances::default().failed)]
    pub rate_failed: Allowance,
    /// All requests of a subject, accepted ones too: so many in so many seconds, or off
    #[arg(long, value_name = "N/SECONDS", env = "LOTLINE_RATE_REQUESTS", default_value_t = Allowances::default().requests)]
    pub rate_requests: Allowance,
    /// Seconds for the head of the first request of a connection
    #[arg(long, value_name = "SECONDS", env = "LOTLINE_HEAD_TIMEOUT", default_value_t = limits::HEAD_TIMEOUT_SECONDS, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub head_timeout: u16,
    /// Seconds for a body, and one more for each 64 KiB of it
    #[arg(long, value_name = "SECONDS", env = "LOTLINE_BODY_TIMEOUT", default_value_t = limits::BODY_TIMEOUT_SECONDS, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub body_timeout: u16,
    /// Seconds for an answer to be read, and one more for each 64 KiB of it
    #[arg(long, value_name = "SECONDS", env = "LOTLINE_ANSWER_TIMEOUT", default_value_t = limits::ANSWER_TIMEOUT_SECONDS, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub answer_timeout: u16,
    /// Seconds that a connection is kept between two requests
    #[arg(long, value_name = "SECONDS", env = "LOTLINE_IDLE_TIMEOUT", default_value_t = limits::IDLE_TIMEOUT_SECONDS, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub idle_timeout: u16,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", env = "LOTLINE_LOG", default_value = "info")]
    pub log: tracing::Level,
}
