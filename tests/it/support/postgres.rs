//! A throw-away PostgreSQL for the tests: one instance for the whole test binary, one database for
//! each test.
//!
//! A small shell, the keeper, owns the instance: it creates it, starts and stops it on request, and
//! when the test process ends, however it ends, stops it and removes its files. The keeper notices
//! the end because its standard input is a pipe that only the test process holds open, and the
//! kernel closes that even after SIGKILL.
//!
//! The instance is reached over a Unix socket in a directory that nobody else may enter. It opens
//! no port, but for tests of connections over the network.

// These are helpers of tests, where a failure is a panic with the reason; clippy only knows that of
// `#[test]` itself.
#![allow(clippy::expect_used, clippy::panic)]

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, Permissions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpListener;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The longest path of a Unix socket that every system takes (Linux 107 bytes, macOS 103), with
/// some to spare.
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// The socket's name is PostgreSQL's own, made of the port; nothing listens on the port.
const SOCKET: &str = ".s.PGSQL.5432";

/// The port that it has where none is open.
const PORT: u16 = 5432;

/// The superuser of the instance.
const USER: &str = "lotline";

/// The database that every test's database is copied from.
const TEMPLATE: &str = "lotline_template";

/// What an instance needs, all from the same directory, so that the versions agree.
const BINARIES: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];

/// Data that nobody will miss needs no protection from a power cut. Autovacuum is off because a
/// worker that is inside the template delays its copies.
const SETTINGS: &str = "
listen_addresses = ''
port = 5432
max_connections = 300
shared_buffers = 64MB
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
";

/// Who a server says it is, and the key that proves it, both as PEM.
pub struct Certificate {
    pub pem: String,
    pub key: String,
}

/// Whether the server may say that a transaction is committed before it has written it down.
#[derive(Clone, Copy)]
enum Commits {
    /// Quickest; a crash of the server loses the last of them.
    MayBeLost,
    /// They outlive a crash of the server, as they do in production. (`fsync` is off: a crash of
    /// the machine is no matter here.)
    Survive,
}

/// The keeper. It ignores the signals that end a test run from a terminal, and it finishes one
/// command before it reads the next: when the process dies in the middle of `create` or `start`, the
/// keeper learns of it afterwards and cleans up what it has then made.
const KEEPER: &str = r#"
trap '' HUP INT TERM PIPE
binaries=$1 directory=$2 user=$3
run() {
    if "$@" </dev/null >>"$directory/log" 2>&1; then echo done; else echo failed; fi
}
create() {
    "$binaries/initdb" --pgdata "$directory/data" --username "$user" --auth trust \
        --encoding UTF8 --no-locale --no-sync &&
    cat "$directory/settings" >>"$directory/data/postgresql.conf"
}
start() {
    "$binaries/pg_ctl" start --silent --wait --pgdata "$directory/data" --log "$directory/log"
}
stop() {
    "$binaries/pg_ctl" stop --silent --wait --pgdata "$directory/data" --mode immediate
}
while read -r command; do
    case $command in create | start | stop) run "$command" ;; esac
done
if [ -e "$directory/data/postmaster.pid" ]; then run stop; fi
rm -rf "$directory"
"#;

/// The instance that all tests share, started by the first that asks; `None` where PostgreSQL is
/// not installed.
///
/// Panics when PostgreSQL is installed and does not start, and when it is not installed although
/// `LOTLINE_REQUIRE_POSTGRES=1` asks for it.
pub fn cluster() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();
    SHARED.get_or_init(|| binaries().map(|binaries| Cluster::launch(&binaries, Commits::MayBeLost, None))).as_ref()
}

/// A running PostgreSQL and the databases in it.
pub struct Cluster {
    directory: PathBuf,
    port: u16,
    psql: PathBuf,
    keeper: Mutex<Keeper>,
    databases: Mutex<Databases>,
}

/// What was created so far. The lock is held while a database is created: copies of one template
/// made at the same time would refuse each other.
struct Databases {
    template_is_ready: bool,
    count: u32,
}

/// The shell process that owns the instance.
struct Keeper {
    process: Child,
    /// `None` only while the cluster is being dropped.
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Cluster {
    /// Creates a database with the schema and returns its URL, fit for libpq.
    ///
    /// The first call has `migrate` build the schema, given the URL of the template; every other
    /// copies that. When `migrate` panics, the next call tries again with its own.
    pub fn database(&self, migrate: impl FnOnce(&str)) -> String {
        let mut databases = self.lock_databases();
        if !databases.template_is_ready {
            self.sql("postgres", &format!("DROP DATABASE IF EXISTS {TEMPLATE}"));
            self.sql("postgres", &format!("CREATE DATABASE {TEMPLATE}"));
            migrate(&self.url(TEMPLATE));
            // A database with a connection cannot be copied, and `migrate` may have left a pool
            // behind.
            self.sql("postgres", &format!("ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false"));
            self.sql(
                "postgres",
                &format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = '{TEMPLATE}'"
                ),
            );
            databases.template_is_ready = true;
        }
        self.create(&mut databases, TEMPLATE)
    }

    /// Copies a database that nobody uses any more, and returns the URL of the copy.
    pub fn copy_of(&self, url: &str) -> String {
        let name = name_of(url);
        let mut databases = self.lock_databases();
        self.sql(
            "postgres",
            &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
        );
        self.create(&mut databases, name)
    }

    /// Removes a database and whoever uses it.
    pub fn remove(&self, url: &str) {
        self.sql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", name_of(url)));
    }

    /// Creates a database with nothing in it and returns its URL.
    pub fn empty_database(&self) -> String {
        self.create(&mut self.lock_databases(), "template0")
    }

    /// Runs SQL in a database, given by name or URL, and returns what it selects, a line for each
    /// row.
    ///
    /// Panics when the server does not answer or refuses it.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        self.try_sql(database, sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// As [`Cluster::sql`], but gives back what `psql` complained of.
    pub fn try_sql(&self, database: &str, sql: &str) -> Result<String, String> {
        let url = if database.contains("://") { database.to_owned() } else { self.url(database) };
        let output = command(&self.psql)
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--command", sql, "--dbname", &url])
            .stdin(Stdio::null())
            .output()
            .expect("psql can be run");
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Where the instance keeps its files: gone when the process has ended.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    fn create(&self, databases: &mut Databases, template: &str) -> String {
        databases.count += 1;
        let name = format!("test_{}", databases.count);
        let strategy = self.copy_strategy();
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}"));
        self.url(&name)
    }

    /// Copying files is the quicker way, as nothing of it goes through the write-ahead log. It has to
    /// be asked for since PostgreSQL 15, and is the only way before.
    fn copy_strategy(&self) -> &'static str {
        let version = fs::read_to_string(self.directory.join("data/PG_VERSION"));
        let version = version.expect("a cluster notes its version");
        match version.trim().parse::<u32>() {
            Ok(15..) => "STRATEGY file_copy",
            _ => "",
        }
    }

    /// Runs SQL as a script, statement by statement, as a user.
    ///
    /// Panics when the server does not answer or refuses it.
    pub fn script(&self, user: &str, database: &str, sql: &str) {
        let mut psql = command(&self.psql)
            .args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", &self.url_as(user, database)])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("psql can be run");
        psql.stdin.take().expect("its input is a pipe").write_all(sql.as_bytes()).expect("psql reads");
        let output = psql.wait_with_output().expect("psql ends");
        assert!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// The port, which is its socket's name where it is not open to the network.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn url(&self, database: &str) -> String {
        self.url_as(USER, database)
    }

    /// The URL of a database for a user.
    pub fn url_as(&self, user: &str, database: &str) -> String {
        // The path is plain, see `parent_directory`: the slash is all there is to encode.
        let socket_directory = self.directory.to_string_lossy().replace('/', "%2F");
        format!("postgres://{user}@localhost:{}/{database}?host={socket_directory}", self.port)
    }

    /// A test that panicked while it held the lock has left nothing half done that the next could
    /// trip over.
    fn lock_databases(&self) -> MutexGuard<'_, Databases> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn launch(binaries: &Path, commits: Commits, certificate: Option<&Certificate>) -> Cluster {
        let owner = unprivileged_owner();
        let directory = create_directory(owner);
        let synchronous_commit = match commits {
            Commits::MayBeLost => "off",
            Commits::Survive => "on",
        };
        let settings = format!(
            "{SETTINGS}synchronous_commit = {synchronous_commit}\n\
             unix_socket_directories = '{}'\n",
            directory.display()
        );
        let (port, network) = match certificate {
            None => (PORT, String::new()),
            Some(_) => {
                let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
                let port = listener.local_addr().expect("it has an address").port();
                let files = "ssl_cert_file = '../server.crt'\nssl_key_file = '../server.key'";
                (port, format!("listen_addresses = '127.0.0.1'\nport = {port}\nssl = on\n{files}\n"))
            }
        };
        let given = |name: &str, content: &str| {
            let path = directory.join(name);
            fs::write(&path, content).expect("the file can be written");
            fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("its mode can be set");
            if let Some(owner) = owner {
                chown(&path, Some(owner.uid), Some(owner.gid)).expect("root can give a file away");
            }
        };
        given("settings", &format!("{settings}{network}"));
        if let Some(Certificate { pem, key }) = certificate {
            given("server.crt", pem);
            given("server.key", key);
        }

        let mut keeper = command("sh");
        keeper
            .args(["-c", KEEPER, "keeper"])
            .args([binaries, &directory])
            .arg(USER)
            .current_dir("/")
            // A group of its own: whoever kills the test's group, by Ctrl-C or a time-out, leaves
            // it its work.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(owner) = owner {
            keeper.uid(owner.uid).gid(owner.gid);
        }
        let mut process = keeper.spawn().expect("sh can be run");
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("the keeper's output is a pipe"));

        let cluster = Cluster {
            psql: binaries.join("psql"),
            port,
            directory,
            keeper: Mutex::new(Keeper { process, commands, answers }),
            databases: Mutex::new(Databases { template_is_ready: false, count: 0 }),
        };
        cluster.order("create");
        cluster.order("start");
        cluster
    }

    /// Has the keeper do something, and waits until it is done.
    fn order(&self, what: &str) {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        let commands = keeper.commands.as_mut().expect("the cluster is not being dropped");
        writeln!(commands, "{what}").expect("the keeper of PostgreSQL is alive");
        let mut answer = String::new();
        keeper.answers.read_line(&mut answer).expect("the keeper of PostgreSQL answers");
        if answer != "done\n" {
            let log = fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            panic!("PostgreSQL: {what} failed:\n{log}");
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let keeper = self.keeper.get_mut().unwrap_or_else(PoisonError::into_inner);
        keeper.commands = None;
        // Nothing is left behind when this returns; a failure here would only hide the test's own.
        let _ = keeper.process.wait();
    }
}

/// The database that a URL of [`Cluster::url`] names.
fn name_of(url: &str) -> &str {
    url.rsplit_once('/').unwrap().1.split('?').next().unwrap()
}

/// An instance of its own, for a test that stops the database under the server. What was committed
/// before [`PrivateCluster::stop`] is there after [`PrivateCluster::start`].
pub struct PrivateCluster(Cluster);

impl PrivateCluster {
    /// Starts an instance; `None` where PostgreSQL is not installed, as with [`cluster`].
    pub fn launch() -> Option<PrivateCluster> {
        binaries().map(|binaries| PrivateCluster(Cluster::launch(&binaries, Commits::Survive, None)))
    }

    /// Starts an instance that is open to the network of this machine, and encrypts what it is asked to.
    pub fn with_certificate(certificate: &Certificate) -> Option<PrivateCluster> {
        let launch = |binaries: PathBuf| Cluster::launch(&binaries, Commits::Survive, Some(certificate));
        binaries().map(|binaries| PrivateCluster(launch(binaries)))
    }

    /// Stops the server at once, as if it had crashed: connections break, and no transaction that
    /// is open is finished.
    pub fn stop(&self) {
        self.0.order("stop");
    }

    /// Starts the server again, with the databases as they were, and returns when it takes
    /// connections.
    pub fn start(&self) {
        self.0.order("start");
    }
}

impl Deref for PrivateCluster {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        &self.0
    }
}

/// The directory of PostgreSQL's binaries, looked for once. Says so loudly, once, when there is
/// none.
fn binaries() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND
        .get_or_init(|| {
            let found = find_binaries();
            if found.is_none() {
                let required = std::env::var_os("LOTLINE_REQUIRE_POSTGRES");
                assert!(
                    required.as_deref() != Some(OsStr::new("1")),
                    "LOTLINE_REQUIRE_POSTGRES=1, but no PostgreSQL server was found: \
                     install postgresql, or name its binaries' directory in LOTLINE_POSTGRES_BIN"
                );
                // Not `eprintln!`, which the test harness hides when the test passes.
                let _ = writeln!(
                    std::io::stderr(),
                    "\n*** No PostgreSQL: THE POSTGRESQL HALF OF THE TESTS IS LEFT OUT. ***\n\
                     *** Install postgresql, or name its binaries' directory in \
                     LOTLINE_POSTGRES_BIN. ***\n"
                );
            }
            found
        })
        .clone()
}

fn find_binaries() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("LOTLINE_POSTGRES_BIN") {
        let named = PathBuf::from(named);
        assert!(is_complete(&named), "LOTLINE_POSTGRES_BIN is {}, which has not all of {BINARIES:?}", named.display());
        return Some(named);
    }
    debian_directories()
        .into_iter()
        .chain(pg_config_directory())
        .chain(path_directories())
        .find(|directory| is_complete(directory))
}

fn is_complete(directory: &Path) -> bool {
    BINARIES.iter().all(|binary| directory.join(binary).is_file())
}

/// Where Debian and its kin keep each version, which is not on the path; the highest version first.
fn debian_directories() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, directory)| directory).collect()
}

fn pg_config_directory() -> Option<PathBuf> {
    let output = command("pg_config").arg("--bindir").output().ok()?;
    let printed = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(printed.trim_end()))
}

fn path_directories() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// A command that no setting of the developer's own PostgreSQL can reach, and that complains in
/// English.
fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C");
    command
}

#[derive(Clone, Copy)]
struct Owner {
    uid: u32,
    gid: u32,
}

/// PostgreSQL refuses to run as root, so for root it runs as somebody with fewer rights; `None` for
/// anybody else.
fn unprivileged_owner() -> Option<Owner> {
    let id = Command::new("id").arg("-u").output().expect("id can be run");
    if id.stdout != b"0\n" {
        return None;
    }
    let passwd = fs::read_to_string("/etc/passwd").expect("/etc/passwd can be read");
    let owner = ["postgres", "nobody"].iter().find_map(|user| {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(user) {
                return None;
            }
            let uid = fields.nth(1)?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            Some(Owner { uid, gid })
        })
    });
    Some(owner.expect("running as root, there is a user postgres or nobody to run PostgreSQL as"))
}

/// Creates a directory that only its owner may enter, with a path short enough for the socket in
/// it.
fn create_directory(owner: Option<Owner>) -> PathBuf {
    let parent = parent_directory(owner.is_some());
    for attempt in 0..1_000 {
        // A process that was killed together with its keeper may have left a directory under the
        // same number.
        let directory = parent.join(format!("lotline-pg-{}-{attempt}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&directory) {
            Ok(()) => {
                if let Some(owner) = owner {
                    chown(&directory, Some(owner.uid), Some(owner.gid)).expect("root can give a directory away");
                }
                return directory;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => panic!("cannot create {}: {error}", directory.display()),
        }
    }
    panic!("{} is full of old directories lotline-pg-*", parent.display());
}

/// The temporary directory, or `/tmp` where that one's path is too long for a socket, has characters
/// that a shell, a setting or a URL would read as something else, or is a place where the other
/// owner of a directory could not remove it.
fn parent_directory(owned_by_another: bool) -> PathBuf {
    let usual = std::path::absolute(std::env::temp_dir()).expect("the temporary directory has a path");
    let longest = usual.join("lotline-pg-4294967295-999").join(SOCKET);
    let path = longest.as_os_str().as_bytes();
    let is_plain = path.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte));
    let others_may_write = || fs::metadata(&usual).is_ok_and(|usual| usual.mode() & 0o003 == 0o003);
    if path.len() <= SOCKET_PATH_BYTES_MAX && is_plain && (!owned_by_another || others_may_write()) {
        usual
    } else {
        PathBuf::from("/tmp")
    }
}
