//! A real PostgreSQL cluster, made out of the installed programs and gone with the process that asked for it.
//!
//! It listens on a socket in its own folder alone. A small keeper holds it and waits for the end of its standard input:
//! when the test process ends, however it ends, the keeper stops the server and removes the folder. As root, everything
//! runs as the user `postgres`, because PostgreSQL refuses root.
//!
//! It never stands in for a server that is not installed: without one, asking for a cluster is an error that names the
//! apt line.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use terrace_node::store::postgres::PostgresStore;
use terrace_node::store::postgres::layout::{Layout, lay_out};
use terrace_node::store::{IfHeld, StoreError};

/// What the keeper does: `$1` is the folder of the programs, `$2` that of the cluster, `$3` how it comes to be.
const KEEPER: &str = r#"
set -eu
trap '' INT TERM
bin=$1 home=$2
trap '"$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1 || :; rm -rf "$home"' EXIT
if [ "$3" = new ]; then
    "$bin/initdb" -D "$home/data" -A trust -U terrace -E UTF8 --locale=C --no-instructions --no-sync >/dev/null
    cat >>"$home/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$home'
max_connections = 300
shared_buffers = 64MB
max_wal_size = 2GB
wal_level = replica
# A round over all databases each minute, of which there may be hundreds and none lives so long.
autovacuum = off
log_min_messages = warning
END
else
    "$bin/pg_basebackup" -h "$3" -U terrace -D "$home/data" -R -X stream -c fast
    echo "unix_socket_directories = '$home'" >>"$home/data/postgresql.conf"
fi
"$bin/pg_ctl" -D "$home/data" -l "$home/log" -w start >/dev/null
echo ready
while read -r word; do
    case $word in
        start) "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w start >/dev/null ;;
        promote) PATH="$bin:$PATH" sh "$home/promote.sh" "$home/data" "$3" >/dev/null 2>>"$home/log" || word=refused ;;
        stop) "$bin/pg_ctl" -D "$home/data" -m fast -w stop >/dev/null ;;
        kill)
            pid=$(head -n 1 "$home/data/postmaster.pid")
            pkill -KILL -P "$pid" || :
            kill -KILL "$pid"
            # Until the system has buried it, its number is taken for a running server.
            while [ -d "/proc/$pid" ]; do sleep 0.05; done ;;
    esac
    echo "$word"
done
"#;

/// How an operator makes a server that stood by take writing.
const PROMOTE: &str = include_str!("../../deploy/postgres/promote.sh");

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    home: PathBuf,
    keeper: Child,
    told: BufReader<std::process::ChildStdout>,
}

/// What can be done to a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Every process of it is told to end without a word, as by a power cut.
    Kill,
    /// It is shut down in order; sessions are cut off.
    Stop,
    /// It is started again, and recovers.
    Start,
    /// It takes writing from now on, by the operator's script; refused while the one it followed answers.
    Promote,
}

impl Cluster {
    /// A new cluster.
    ///
    /// # Errors
    ///
    /// In words, with the apt line, when PostgreSQL is not installed or does not start.
    pub fn start() -> Result<Self, String> {
        Self::keep("new")
    }

    /// A cluster that follows this one and stands by, fed by streaming replication.
    ///
    /// # Errors
    ///
    /// In words, when it cannot be made.
    pub fn follower(&self) -> Result<Self, String> {
        Self::keep(&self.home.to_string_lossy())
    }

    fn keep(origin: &str) -> Result<Self, String> {
        let programs = programs()?;
        let home = tempfile::Builder::new().prefix("terrace-pg-").tempdir();
        let home = home.map_err(|error| error.to_string())?.keep();
        std::fs::write(home.join("promote.sh"), PROMOTE).map_err(|error| error.to_string())?;
        let mut command = if is_root() {
            let owned = Command::new("chown").arg("postgres").arg(&home).status();
            owned.map_err(|error| format!("chown: {error}"))?;
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh"]);
            command
        } else {
            Command::new("sh")
        };
        command.args(["-c", KEEPER, "keeper"]).arg(&programs).arg(&home).arg(origin);
        let mut keeper = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("the keeper of PostgreSQL: {error}"))?;
        let told = BufReader::new(keeper.stdout.take().expect("its output is piped"));
        let mut cluster = Self { home, keeper, told };
        cluster.hear("ready")?;
        Ok(cluster)
    }

    /// Does something to it; returns when it is done.
    ///
    /// # Errors
    ///
    /// In words, when the keeper is gone.
    pub fn stroke(&mut self, stroke: Stroke) -> Result<(), String> {
        let word = match stroke {
            Stroke::Kill => "kill",
            Stroke::Stop => "stop",
            Stroke::Start => "start",
            Stroke::Promote => "promote",
        };
        let stdin = self.keeper.stdin.as_mut().expect("its input is piped");
        writeln!(stdin, "{word}").map_err(|error| error.to_string())?;
        self.hear(word)
    }

    fn hear(&mut self, word: &str) -> Result<(), String> {
        let mut line = String::new();
        self.told.read_line(&mut line).map_err(|error| error.to_string())?;
        if line.trim() == word {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.home.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL did not do it ({word}): {log}"))
    }

    /// The folder of its socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.home
    }

    /// Runs a statement as the operator would, in a database.
    ///
    /// # Errors
    ///
    /// What psql says.
    pub fn sql(&self, database: &str, text: &str) -> Result<String, String> {
        sql(&self.home, database, text)
    }

    /// The address of one of its databases.
    #[must_use]
    pub fn address(&self, database: &str) -> String {
        address(&[&self.home], database)
    }
}

/// The address of a database on whichever of these clusters takes writing.
#[must_use]
pub fn address(sockets: &[&Path], database: &str) -> String {
    let hosts: Vec<String> =
        sockets.iter().map(|socket| socket.to_string_lossy().replace('/', "%2F")).collect();
    format!("postgres://terrace@{}/{database}", hosts.join(","))
}

fn sql(socket: &Path, database: &str, text: &str) -> Result<String, String> {
    let output = Command::new(programs()?.join("psql"))
        .arg("-h")
        .arg(socket)
        .args(["-U", "terrace", "-d", database, "-v", "ON_ERROR_STOP=1", "-XAtq", "-c", text])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("psql: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs a statement in the database at an address that [`address`] made.
///
/// # Errors
///
/// What psql says.
pub fn run(address: &str, text: &str) -> Result<String, String> {
    let named = address.strip_prefix("postgres://terrace@").and_then(|rest| rest.split_once('/'));
    let (hosts, database) = named.ok_or("not an address of a cluster")?;
    let socket = hosts.split(',').next().unwrap_or_default().replace("%2F", "/");
    sql(Path::new(&socket), database, text)
}

/// What is in a database when it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Furnished {
    /// Nothing: the first office to open it makes its tables.
    Empty,
    /// The tables of an office.
    Tables,
    /// The tables of the root, laid out over provinces.
    Provinces,
}

/// A new database in the one cluster of this process, which is started when it is first asked for.
///
/// Tables are made once, by the store itself, and copied from then on: making them takes many times as long.
///
/// # Panics
///
/// When PostgreSQL is not installed: a test that needs it fails, and says what to install.
#[must_use]
pub fn database(furnished: Furnished) -> String {
    static TABLES: OnceLock<()> = OnceLock::new();
    static PROVINCES: OnceLock<()> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let origin = match furnished {
        Furnished::Empty => "template1",
        Furnished::Tables => {
            TABLES.get_or_init(|| furnish("tables", None));
            "tables"
        }
        Furnished::Provinces => {
            PROVINCES.get_or_init(|| furnish("provinces", Some(Layout::Provinces)));
            "provinces"
        }
    };
    let name = format!("office{}", COUNT.fetch_add(1, Ordering::Relaxed));
    create(&name, origin)
}

/// Makes a database whose tables others are copies of. Nobody is connected to it afterwards, or it could not be copied.
fn furnish(name: &str, layout: Option<Layout>) {
    let address = create(name, "template1");
    // Whoever asks may already be inside a runtime, which does not wait for another in the same thread.
    let made = std::thread::scope(|scope| {
        let making = scope.spawn(|| {
            tokio::runtime::Runtime::new().expect("a runtime").block_on(make(&address, layout))
        });
        making.join().expect("it does not panic")
    });
    made.unwrap_or_else(|error| panic!("{name}: {error}"));
}

async fn make(address: &str, layout: Option<Layout>) -> Result<(), StoreError> {
    if let Some(layout) = layout {
        lay_out(address, layout).await?;
    }
    PostgresStore::open(address, IfHeld::Refuse).await?.close().await
}

/// Creates a database as a copy of another; gives its address.
fn create(name: &str, origin: &str) -> String {
    static SHARED: OnceLock<PathBuf> = OnceLock::new();
    let socket = SHARED.get_or_init(|| {
        let cluster = Cluster::start().unwrap_or_else(|error| panic!("{error}"));
        let socket = cluster.home.clone();
        // Never dropped: its keeper lives as long as this process.
        std::mem::forget(cluster);
        socket
    });
    sql(socket, "postgres", &format!("CREATE DATABASE {name} TEMPLATE {origin}"))
        .unwrap_or_else(|error| panic!("{error}"));
    address(&[socket], name)
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout == b"0\n")
}

/// The programs of the newest PostgreSQL that is installed.
fn programs() -> Result<PathBuf, String> {
    let missing = "PostgreSQL is not installed, and its tests are not skipped. As root on Debian:\n    \
                   apt-get update && apt-get install -y --no-install-recommends postgresql";
    if let Some(folder) = std::env::var_os("TERRACE_POSTGRES") {
        return Ok(folder.into());
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").map_err(|_| missing.to_owned())?;
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(number);
    newest.map(|path| path.join("bin")).ok_or_else(|| missing.to_owned())
}
