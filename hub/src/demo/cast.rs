//! The five offices: founded with the product's own commands, run as processes, started again when they die.
//!
//! `offices.json` in the data folder says who they are and under which process ids they run, so that anyone
//! may kill one. A killed office is started again here, unless an outsider was quicker.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;
use terrace_node::folder::{Folder, FolderError};
use terrace_node::link::raised;
use terrace_node::view::name_of;
use terrace_node::window::Window;
use terrace_proto::division::DivisionCode;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpSocket;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The five divisions, from the root down.
const DIVISIONS: [&str; 5] = ["00", "41", "4102", "410221", "410221101"];
/// How long an office may take to join and to start, being killed included.
const START: Duration = Duration::from_secs(60);
/// How long an office may take to stop when asked.
const GRACE: Duration = Duration::from_secs(20);
/// Pause before a dead office is started again, so that one that cannot start does not spin.
const RESTART: Duration = Duration::from_millis(200);

/// One office.
#[derive(Debug, Clone)]
pub(super) struct Player {
    pub(super) division: DivisionCode,
    pub(super) folder: Folder,
    program: PathBuf,
    listen: Option<SocketAddr>,
    console: SocketAddr,
}

/// The five.
#[derive(Debug)]
pub(super) struct Cast {
    players: Vec<Player>,
    /// Kept to the end: the system gives no other program a port that is reserved, also while its office is down.
    _reserved: Vec<TcpSocket>,
    roll: Arc<Roll>,
    stop: watch::Sender<bool>,
    keepers: Mutex<Vec<JoinHandle<()>>>,
}

/// `offices.json`.
#[derive(Debug)]
struct Roll {
    path: PathBuf,
    rows: Mutex<Vec<Row>>,
}

#[derive(Debug, Clone, Serialize)]
struct Row {
    division: String,
    name: String,
    level: &'static str,
    pid: Option<u32>,
    address: Option<String>,
    console: String,
    data: PathBuf,
    program: PathBuf,
}

impl Cast {
    /// Makes and starts the offices below `root`, each admitted by the one above.
    pub(super) async fn found(root: &Path) -> anyhow::Result<Self> {
        let root = std::path::absolute(root)?;
        let reserved =
            (1..2 * DIVISIONS.len()).map(|_| reserve()).collect::<Result<Vec<_>, _>>()?;
        let players = players(&root, &reserved)?;
        if let Some(taken) = players.iter().find(|player| player.folder.path().exists()) {
            anyhow::bail!(
                "{} is there already: name an empty folder",
                taken.folder.path().display()
            );
        }
        let roll = Arc::new(Roll::of(&root, &players));
        let stop = watch::Sender::new(false);
        let cast = Self { players, _reserved: reserved, roll, stop, keepers: Mutex::default() };
        for index in 0..cast.players.len() {
            cast.join(index).await?;
        }
        Ok(cast)
    }

    /// All offices, from the root down.
    pub(super) fn players(&self) -> &[Player] {
        &self.players
    }

    pub(super) fn hub(&self) -> &Player {
        &self.players[0]
    }

    pub(super) fn province(&self) -> &Player {
        &self.players[1]
    }

    pub(super) fn county(&self) -> &Player {
        &self.players[3]
    }

    pub(super) fn town(&self) -> &Player {
        &self.players[4]
    }

    /// The process id under which an office ran last.
    pub(super) fn pid(&self, division: DivisionCode) -> Option<u32> {
        let rows = self.roll.rows.lock().expect("no one panics while holding it");
        rows.iter().find(|row| row.division == division.short()).and_then(|row| row.pid)
    }

    /// Stops all offices and waits until they are gone.
    pub(super) async fn stop(&self) {
        self.stop.send_replace(true);
        let keepers =
            std::mem::take(&mut *self.keepers.lock().expect("no one panics while holding it"));
        for keeper in keepers {
            _ = keeper.await;
        }
    }

    /// Makes an office, has it admitted by the one above, and starts it.
    async fn join(&self, index: usize) -> anyhow::Result<()> {
        let player = &self.players[index];
        let mut init = player.command("init");
        init.args(["--console", &player.console.to_string()]);
        if let Some(listen) = player.listen {
            init.args(["--listen", &listen.to_string()]);
        }
        if index > 0 {
            init.args(["--division", &player.division.short()]);
        }
        run(init).await?;
        if index > 0 {
            self.enrol(&self.players[index - 1], player).await?;
        }
        let (ready, mut started) = watch::channel(false);
        let keeper = keep(player.clone(), self.roll.clone(), self.stop.subscribe(), ready);
        self.keepers.lock().expect("no one panics while holding it").push(tokio::spawn(keeper));
        let waiting = tokio::time::timeout(START, started.wait_for(|ready| *ready));
        waiting.await.with_context(|| format!("{} did not start", player.division.short()))??;
        Ok(())
    }

    /// Enrols an office, again if the superior is killed meanwhile: the same key is answered alike.
    async fn enrol(&self, superior: &Player, player: &Player) -> anyhow::Result<()> {
        let deadline = tokio::time::Instant::now() + START;
        loop {
            match self.try_enrol(superior, player).await {
                Err(_) if tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(RESTART).await
                }
                result => return result,
            }
        }
    }

    async fn try_enrol(&self, superior: &Player, player: &Player) -> anyhow::Result<()> {
        let mut window = Window::knock(&superior.folder).await?;
        let sheet = window.admit(&player.division.short()).await?;
        let path = player.folder.path().join("code-sheet.json");
        std::fs::write(&path, sheet)?;
        let mut enrol = player.command("enrol");
        enrol.arg("--sheet").arg(&path);
        run(enrol).await
    }
}

impl Player {
    /// Where people look at it.
    pub(super) fn console_address(&self) -> String {
        format!("http://{}/", self.console)
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(verb).arg("--data").arg(self.folder.path()).kill_on_drop(true);
        command
    }

    fn serve(&self) -> std::io::Result<Child> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))?;
        // The office stops when this end of its standard input closes, also if this process is killed.
        self.command("serve")
            .arg("--while-stdin-is-open")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // Ctrl-C at the terminal is for this process, which stops the offices in order.
            .process_group(0)
            .spawn()
    }
}

impl Roll {
    fn of(root: &Path, players: &[Player]) -> Self {
        let rows = players.iter().map(|player| Row {
            division: player.division.short(),
            name: name_of(player.division),
            level: player.division.level().en(),
            pid: None,
            address: player.listen.map(|listen| listen.to_string()),
            console: player.console_address(),
            data: player.folder.path().to_path_buf(),
            program: player.program.clone(),
        });
        Self { path: root.join("offices.json"), rows: Mutex::new(rows.collect()) }
    }

    fn note(&self, division: DivisionCode, pid: u32) {
        let mut rows = self.rows.lock().expect("no one panics while holding it");
        if let Some(row) = rows.iter_mut().find(|row| row.division == division.short()) {
            row.pid = Some(pid);
        }
        let text = serde_json::to_string_pretty(&*rows).expect("rows are plain values");
        // The page is for outsiders; the story goes on without it.
        _ = terrace_node::folder::file::replace(&self.path, text.as_bytes());
    }
}

/// Keeps one office running until told to stop, and leaves when nobody runs it any more.
async fn keep(
    player: Player,
    roll: Arc<Roll>,
    mut stop: watch::Receiver<bool>,
    ready: watch::Sender<bool>,
) {
    while !*stop.borrow() {
        if let Ok(child) = player.serve() {
            attend(child, &player, &roll, &mut stop, &ready).await;
        }
        // An outsider may have been quicker; then it is left to them for as long as it answers.
        while let Some(pid) = pid(&player).await.filter(|_| !*stop.borrow()) {
            roll.note(player.division, pid);
            pause(&mut stop).await;
        }
        pause(&mut stop).await;
    }
    dismiss(&player).await;
}

/// Waits until an office ends by itself or is told to.
async fn attend(
    mut child: Child,
    player: &Player,
    roll: &Roll,
    stop: &mut watch::Receiver<bool>,
    ready: &watch::Sender<bool>,
) {
    // Taken out, because waiting for a child closes its standard input.
    let stdin = child.stdin.take();
    let mut lines = BufReader::new(child.stdout.take().expect("its output is piped")).lines();
    if let Ok(Some(_)) = lines.next_line().await {
        roll.note(player.division, child.id().unwrap_or(0));
        ready.send_replace(true);
    }
    tokio::select! {
        _ = child.wait() => {}
        () = raised(stop) => {
            drop(stdin);
            if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
                _ = child.kill().await;
            }
        }
    }
}

async fn pause(stop: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(RESTART) => {}
        () = raised(stop) => {}
    }
}

/// Asks whoever runs the office to stop, until nobody does.
async fn dismiss(player: &Player) {
    let deadline = tokio::time::Instant::now() + GRACE;
    while let Err(FolderError::Running(_)) = player.folder.own() {
        if let Some(pid) = pid(player).await {
            _ = Command::new("sh").args(["-c", &format!("kill -TERM {pid}")]).status().await;
        }
        if tokio::time::Instant::now() > deadline {
            return;
        }
        tokio::time::sleep(RESTART).await;
    }
}

async fn pid(player: &Player) -> Option<u32> {
    let status = Window::knock(&player.folder).await.ok()?.show_status().await.ok()?;
    let status: Value = serde_json::from_str(&status).ok()?;
    status["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok())
}

/// A port of this machine that is an office's to listen on, and nobody else's to be given: a socket that is bound
/// and never listens lets another one bind beside it if both say they share, and the system hands out neither.
fn reserve() -> std::io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    Ok(socket)
}

fn players(root: &Path, reserved: &[TcpSocket]) -> anyhow::Result<Vec<Player>> {
    let hub = std::env::current_exe()?;
    let node = hub.with_file_name(format!("terrace-node{}", std::env::consts::EXE_SUFFIX));
    anyhow::ensure!(node.exists(), "{} is missing: build it beside this program", node.display());
    let (consoles, ports) = reserved.split_at(DIVISIONS.len());
    let mut players = Vec::new();
    for (index, code) in DIVISIONS.iter().enumerate() {
        players.push(Player {
            division: code.parse()?,
            folder: Folder::at(&root.join(code)),
            program: if index == 0 { hub.clone() } else { node.clone() },
            listen: ports.get(index).map(TcpSocket::local_addr).transpose()?,
            console: consoles[index].local_addr()?,
        });
    }
    Ok(players)
}

async fn run(mut command: Command) -> anyhow::Result<()> {
    let output = command.stdin(Stdio::null()).output().await?;
    let told = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{:?}: {}", command.as_std().get_args(), told.trim());
    Ok(())
}
