//! Real offices as processes, for journeys and measurements.
//!
//! It starts the product's own binaries and speaks to them as an officer would. An office stops when this
//! process drops it or dies.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use terrace_node::folder::Folder;
use terrace_node::identity::TransportName;
use terrace_node::premises::PremisesError;
use terrace_node::store::Store;
use terrace_node::window::{Window, WindowError};
use terrace_proto::wire::{IntakeRegistered, RegisterRequest, Registration};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tonic::transport::{Channel, Endpoint, Uri};

use crate::cluster::{self, Furnished};

/// The division of the root, whose program lays its tables out over provinces.
const ROOT: &str = "00";

/// The lowest port an office of a test listens on, and how many there are: all below the system's own, from 32768.
const FIRST_PORT: u16 = 12_000;
const PORTS: u32 = 20_000;

/// Why an office could not be made or started.
#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    /// A binary is not built.
    #[error("{0} is missing: build the workspace's binaries first (cargo build --bins)")]
    NotBuilt(PathBuf),
    /// A command failed.
    #[error("{command} failed: {told}")]
    Command {
        /// The command.
        command: String,
        /// What it said.
        told: String,
    },
    /// The process could not be run.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It turned a request down.
    #[error(transparent)]
    Window(#[from] WindowError),
}

/// A running office.
#[derive(Debug)]
pub struct Office {
    /// Its data folder.
    pub folder: Folder,
    child: Child,
    told: Lines<BufReader<ChildStdout>>,
}

/// A binary of this workspace, built in the same profile as the caller.
pub fn binary(name: &str) -> Result<PathBuf, OfficeError> {
    let own = std::env::current_exe()?;
    let mut folders = own.ancestors().skip(1).take(2);
    let found = folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.exists()));
    found.ok_or_else(|| OfficeError::NotBuilt(PathBuf::from(name)))
}

/// Runs a command of the product to its end; gives what it printed.
pub async fn command(program: &Path, arguments: &[&str]) -> Result<String, OfficeError> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().await?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let told = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(OfficeError::Command { command: arguments.join(" "), told })
}

/// The most memory a running process has held, in bytes, as the kernel counts it.
#[must_use]
pub fn peak_memory(process: u32) -> Option<u64> {
    memory(process, "VmHWM:")
}

/// The memory a running process holds now, in bytes, as the kernel counts it.
#[must_use]
pub fn resident_memory(process: u32) -> Option<u64> {
    memory(process, "VmRSS:")
}

fn memory(process: u32, of: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(of))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Where the store of an office is to be: `None` is a file in its folder.
pub type Stores<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Files, or databases of this process's own PostgreSQL where `TERRACE_STORE=postgres` asks for them: so that whatever
/// runs over one runs over the other.
#[must_use]
pub fn as_asked(division: &str) -> Option<String> {
    let asked = std::env::var("TERRACE_STORE").unwrap_or_default();
    assert!(["", "sqlite", "postgres"].contains(&asked.as_str()), "TERRACE_STORE={asked}");
    let furnished = if division == ROOT { Furnished::Provinces } else { Furnished::Tables };
    (asked == "postgres").then(|| cluster::database(furnished))
}

/// Files always: for whoever forges the very file, or lays an old copy of it back.
#[must_use]
pub fn in_files(_division: &str) -> Option<String> {
    None
}

/// A line of running offices, the root first, each enrolled with the one before and listening on a port that
/// the system chose. Each lives in a folder below `data` that is named after its division.
pub async fn line(data: &Path, divisions: &[&str]) -> Result<Vec<Office>, OfficeError> {
    line_over(data, divisions, &as_asked).await
}

/// The same with their stores where `stores` says.
pub async fn line_over(
    data: &Path,
    divisions: &[&str],
    stores: &Stores<'_>,
) -> Result<Vec<Office>, OfficeError> {
    let hub = binary("terrace-hub")?;
    let folder = data.join("00");
    let root = folder.to_string_lossy();
    let listen = free_address()?;
    let mut init = vec!["init", "--data", &root, "--listen", &listen];
    let database = stores("00");
    init.extend(database.iter().flat_map(|address| ["--database", address]));
    command(&hub, &init).await?;
    let mut offices = vec![Office::start(&hub, &folder).await?];
    for division in divisions {
        let superior = offices.last().expect("the root is the first");
        offices.push(join_over(data, superior, division, stores).await?);
    }
    Ok(offices)
}

/// One more office below `data`, enrolled with `superior` and running.
pub async fn join(data: &Path, superior: &Office, division: &str) -> Result<Office, OfficeError> {
    join_over(data, superior, division, &as_asked).await
}

/// The same with its store where `stores` says.
pub async fn join_over(
    data: &Path,
    superior: &Office,
    division: &str,
    stores: &Stores<'_>,
) -> Result<Office, OfficeError> {
    let node = binary("terrace-node")?;
    let folder = data.join(division);
    let (own, listen) = (folder.to_string_lossy(), free_address()?);
    let mut init = vec!["init", "--data", &own, "--division", division, "--listen", &listen];
    let database = stores(division);
    init.extend(database.iter().flat_map(|address| ["--database", address]));
    command(&node, &init).await?;
    let sheet = folder.join("sheet.json");
    std::fs::write(&sheet, superior.window().await?.admit(division).await?)?;
    command(&node, &["enrol", "--data", &own, "--sheet", &sheet.to_string_lossy()]).await?;
    Office::start(&node, &folder).await
}

/// The store of the office in a folder, for reading.
pub async fn store_of(folder: &Folder) -> Result<Arc<dyn Store>, OfficeError> {
    let (config, ..) = folder.config().map_err(WindowError::from)?;
    let store = folder.store(&config).open_to_read().await;
    Ok(store.map_err(|error| WindowError::from(PremisesError::from(error)))?)
}

/// Copies a data folder with all that is in it, as a disk of last week would have it. Sockets are left out.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &to)?;
        } else if kind.is_file() {
            std::fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

/// A connection to an office's port with this TLS.
pub async fn dial(office: &Office, config: rustls::ClientConfig) -> Result<Channel, String> {
    let (config_of, division, _) = office.folder.config().map_err(|error| error.to_string())?;
    let name = TransportName::of(division).map_err(|error| error.to_string())?.server_name();
    let address = config_of.listen.unwrap_or_default();
    let tls = tokio_rustls::TlsConnector::from(Arc::new(config));
    let connector = tower::service_fn(move |_: Uri| {
        let (tls, address, name) = (tls.clone(), address.clone(), name.clone());
        async move {
            let stream = tokio::net::TcpStream::connect(address).await?;
            tls.connect(name, stream).await.map(hyper_util::rt::TokioIo::new)
        }
    });
    let endpoint = Endpoint::from_static("http://office");
    endpoint.connect_with_connector(connector).await.map_err(|error| format!("{error:?}"))
}

/// An address on the loopback whose port was free a moment ago. The ports the system itself would give are also given
/// to whoever dials, and could be taken before the office listens: these lie below them, and each is given once.
pub fn free_address() -> std::io::Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id().wrapping_mul(97);
    loop {
        let nth = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = FIRST_PORT + u16::try_from(nth).expect("it is less than all ports");
        match std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => return Ok(listener.local_addr()?.to_string()),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
}

impl Office {
    /// Starts the office in `data`; returns when it serves.
    pub async fn start(program: &Path, data: &Path) -> Result<Self, OfficeError> {
        Self::run(program, data, &[]).await
    }

    /// Starts a second process of the office in `data`; returns when it stands by. It says [`Office::next_word`] when it
    /// has taken over.
    pub async fn stand_by(program: &Path, data: &Path) -> Result<Self, OfficeError> {
        Self::run(program, data, &["--standby"]).await
    }

    async fn run(program: &Path, data: &Path, more: &[&str]) -> Result<Self, OfficeError> {
        let log = std::fs::File::options().create(true).append(true).open(data.join("log"))?;
        let mut child = Command::new(program)
            .args(["serve", "--while-stdin-is-open", "--data"])
            .arg(data)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()?;
        let told = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
        let mut office = Self { folder: Folder::at(data), child, told };
        office.next_word().await?;
        Ok(office)
    }

    /// The next line it says on its standard output.
    pub async fn next_word(&mut self) -> Result<String, OfficeError> {
        if let Some(line) = self.told.next_line().await? {
            return Ok(line);
        }
        let log = self.folder.path().join("log");
        let told = std::fs::read_to_string(log).unwrap_or_default();
        Err(OfficeError::Command { command: "serve".into(), told })
    }

    /// Its store, for reading, whatever it lives in.
    pub async fn store(&self) -> Result<Arc<dyn Store>, OfficeError> {
        store_of(&self.folder).await
    }

    /// Ends it without a word, as a power cut would.
    pub async fn kill(mut self) -> Result<(), OfficeError> {
        Ok(self.child.kill().await?)
    }

    /// Its window.
    pub async fn window(&self) -> Result<Window, OfficeError> {
        Ok(Window::knock(&self.folder).await?)
    }

    /// Registers a visit with this title; gives the number of its case.
    pub async fn register(&self, title: &str) -> Result<String, OfficeError> {
        let (title, persons) = (title.to_owned(), 1);
        let intake = IntakeRegistered { title, persons, ..IntakeRegistered::default() };
        let registration = Registration { intake: Some(intake), ..Registration::default() };
        let request = RegisterRequest { hand: None, registrations: vec![registration] };
        let registered = self.window().await?.register(request).await?.registered;
        Ok(registered.into_iter().map(|one| one.number).next().unwrap_or_default())
    }

    /// The most memory it has held, in bytes, as the kernel counts it.
    #[must_use]
    pub fn peak_memory(&self) -> Option<u64> {
        peak_memory(self.child.id()?)
    }

    /// The memory it holds now, in bytes, as the kernel counts it.
    #[must_use]
    pub fn resident_memory(&self) -> Option<u64> {
        resident_memory(self.child.id()?)
    }

    /// Stops it and waits until it is gone.
    pub async fn stop(mut self) -> Result<(), OfficeError> {
        drop(self.child.stdin.take());
        self.child.wait().await?;
        Ok(())
    }
}
