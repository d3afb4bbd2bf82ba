//! A fresh database for one test, and SQL behind the server's back.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::{InstrumentationEvent, SimpleConnection};
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use lotline::db::{DatabaseUrl, Db};
use lotline::sealing::Patients;
use lotline::upgrade;

use super::postgres::cluster;

/// Which database a scenario runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A folder that goes when it is dropped.
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new() -> Self {
        lotline::files::make_for_owner_only(); // as every process of the program does
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("lotline-it-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path); // left by a killed process that had the same id
        fs::create_dir_all(&path).unwrap();
        TempDir(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A database and the data directory beside it.
pub struct Database {
    pub kind: Kind,
    pub url: DatabaseUrl,
    /// Whose connection is behind the server's back, where that is not the server's own role.
    owner: Option<DatabaseUrl>,
    /// Where the patients' keys are, if not in the data directory.
    pub keys: Option<DatabaseUrl>,
    connection: Mutex<Option<Db>>,
    dir: TempDir,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

/// A URL as the command line takes it.
fn text(url: &DatabaseUrl) -> String {
    match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
        DatabaseUrl::Postgres(url) => url.clone(),
    }
}

/// The embedded database as the migrations leave it: done once, and copied.
fn migrated() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let original = Database::embedded();
        upgrade::run(&original.url, &Patients::none()).unwrap();
        original.execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
        original.disconnect();
        fs::read(original.dir().join("lotline.db")).unwrap()
    })
}

impl Database {
    /// A database with the schema and nothing in it; `None` where it is not installed.
    pub fn create(kind: Kind) -> Option<Self> {
        let dir = TempDir::new();
        let url = match kind {
            Kind::Sqlite => {
                OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(dir.path().join("lotline.db"))
                    .and_then(|mut file| file.write_all(migrated()))
                    .unwrap();
                DatabaseUrl::embedded(dir.path())
            }
            Kind::Postgres => {
                let url = cluster()?.database(|template| {
                    upgrade::run(&template.parse().unwrap(), &Patients::none()).unwrap();
                });
                url.parse().unwrap()
            }
        };
        Some(Database { kind, url, owner: None, keys: None, connection: Mutex::default(), dir })
    }

    /// The embedded database of a new data directory, before anybody has made it.
    pub fn embedded() -> Self {
        let dir = TempDir::new();
        Database {
            kind: Kind::Sqlite,
            url: DatabaseUrl::embedded(dir.path()),
            owner: None,
            keys: None,
            connection: Mutex::default(),
            dir,
        }
    }

    /// A database that is there already, with a data directory of its own.
    pub fn at(url: DatabaseUrl) -> Self {
        let kind = if matches!(url, DatabaseUrl::Sqlite(_)) { Kind::Sqlite } else { Kind::Postgres };
        Database { kind, url, owner: None, keys: None, connection: Mutex::default(), dir: TempDir::new() }
    }

    /// A database whose role may not what its owner may.
    pub fn of_application(url: DatabaseUrl, owner: DatabaseUrl) -> Self {
        Database { owner: Some(owner), ..Database::at(url) }
    }

    /// The data directory: signing keys, and the embedded database.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The patients' keys, as every process with this data directory has them.
    pub fn patients(&self) -> Patients {
        let beside = || DatabaseUrl::Sqlite(self.dir().join("keys.db"));
        Patients::at(self.keys.clone().unwrap_or_else(beside))
    }

    /// The URL as `--database-url` takes it.
    pub fn url_text(&self) -> String {
        text(&self.url)
    }

    /// Where the patients' keys are as `--keys-url` takes it, if not in the data directory.
    pub fn keys_text(&self) -> Option<String> {
        self.keys.as_ref().map(text)
    }

    /// Runs SQL behind the server's back.
    pub fn execute(&self, sql: &str) -> diesel::QueryResult<()> {
        self.with_connection(|db| db.batch_execute(sql))
    }

    /// Runs SQL that its triggers would refuse, and leaves them as they were.
    pub fn tamper(&self, change: &str) {
        let sql = match self.kind {
            Kind::Postgres => format!("BEGIN; SET LOCAL session_replication_role = replica; {change}; COMMIT"),
            Kind::Sqlite => {
                let triggers = |what: &str| {
                    self.lines(&format!("SELECT {what} AS line FROM sqlite_master WHERE type = 'trigger'")).join("; ")
                };
                format!("BEGIN; {}; {change}; {}; COMMIT", triggers("'DROP TRIGGER ' || name"), triggers("sql"))
            }
        };
        self.execute(&sql).unwrap_or_else(|error| panic!("{change}: {error}"));
    }

    /// What `SELECT … AS line` finds.
    pub fn lines(&self, sql: &str) -> Vec<String> {
        let lines: Vec<Line> = self.with_connection(|db| sql_query(sql).load(db)).unwrap();
        lines.into_iter().map(|line| line.line).collect()
    }

    /// One connection for all: what a test looks at most often is cheap to look at.
    fn with_connection<T>(&self, run: impl FnOnce(&mut Db) -> T) -> T {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || match self.owner.as_ref().unwrap_or(&self.url) {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF").unwrap();
                Db::Sqlite(conn)
            }
            DatabaseUrl::Postgres(url) => Db::Postgres(PgConnection::establish(url).unwrap()),
        };
        run(connection.get_or_insert_with(|| {
            let mut db = open();
            // What a test asks is no statement of the server's.
            db.set_instrumentation(|_: InstrumentationEvent<'_>| ());
            db
        }))
    }

    /// Ends the connection of the test, so that the database can be copied.
    pub fn disconnect(&self) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> i64 {
        self.lines(&format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {table}"))[0].parse().unwrap()
    }

    /// What must be the same when nothing was changed: the journal and kept answers by number, stock by content.
    pub fn state(&self) -> Vec<String> {
        let mut sql = "SELECT id || ' ' || CAST(units AS TEXT) AS line FROM accounts".to_owned();
        for table in ["events", "idempotency_keys", "lots", "packs", "holds", "administrations"] {
            sql.push_str(&format!(" UNION ALL SELECT '{table} ' || CAST(COUNT(*) AS TEXT) FROM {table}"));
        }
        self.lines(&format!("{sql} ORDER BY line"))
    }
}
