//! `serve`: runs an office until it is told to stop, or must.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde_json::json;
use terrace_proto::wire::FILE_DESCRIPTOR_SET;
use terrace_proto::wire::desk_service_server::DeskServiceServer;
use terrace_proto::wire::enrolment_service_server::EnrolmentServiceServer;
use terrace_proto::wire::link_service_server::LinkServiceServer;
use terrace_proto::wire::read_service_server::ReadServiceServer;
use tokio::net::{TcpListener, UnixListener};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::codec::CompressionEncoding;
use tonic::transport::Server;
use tracing::{info, warn};

use super::Data;
use crate::console::{Console, port};
use crate::enrolment::ArcAdmitting;
use crate::folder::{Folder, FolderError, Ownership, place};
use crate::identity::TransportName;
use crate::identity::transport::{client_config, server_config};
use crate::link::dial::{Superior, dial};
use crate::link::listen::Listening;
use crate::link::{HTTP2_WINDOW, KEEPALIVE, KEEPALIVE_PATIENCE, MESSAGE_LIMIT, raised};
use crate::port::accept::{on_port, on_socket};
use crate::port::telling::Telling;
use crate::premises::Premises;
use crate::reading;
use crate::store::{Address, IfHeld};

/// Longest request at the desk: a batch of registrations.
const DESK_LIMIT: usize = 64 * 1024 * 1024;

/// Time between two looks for what ought to have come.
const VIGIL: Duration = Duration::from_secs(600);
/// Time between two looks whether the database is still this process's.
const HOLD: Duration = Duration::from_secs(2);
/// How long callers may take to hang up when the office stops.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long a call on the port may take until its answer begins; a half-sent one ends then.
const CALL: Duration = Duration::from_secs(60);

/// Run the office.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    data: Data,
    /// Wait while another process holds the database, and take over when it is gone / 候补
    #[arg(long)]
    standby: bool,
    /// Stop when standard input closes, for a program that starts this one
    #[arg(long, hide = true)]
    while_stdin_is_open: bool,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        crate::telemetry::begin();
        let folder = self.data.folder();
        let starter_gone = watch_stdin(self.while_stdin_is_open);
        let mut gone = starter_gone.clone();
        let (ownership, premises) = tokio::select! {
            opened = open(&folder, self.standby) => opened?,
            () = raised(&mut gone) => return Ok(()),
        };
        serve(&folder, premises, starter_gone).await?;
        drop(ownership);
        Ok(())
    }
}

/// Takes the office in `folder` for this process: at once, or as soon as another that has it is gone.
async fn open(folder: &Folder, standby: bool) -> anyhow::Result<(Ownership, Premises)> {
    let (config, division, _) = folder.config()?;
    if !standby {
        let ownership = folder.own()?;
        return Ok((ownership, Premises::open(folder).await?));
    }
    let address = folder.store(&config);
    anyhow::ensure!(
        matches!(address, Address::Server(_)),
        "候补须用服务器数据库 only for an office whose store is in a database on a server can another process stand by"
    );
    println!("{}", json!({ "standing_by": division.short(), "pid": std::process::id() }));
    let store = address.open(IfHeld::Wait).await?;
    // The predecessor may have lost the database and not know it yet.
    let ownership = loop {
        match folder.own() {
            Err(FolderError::Running(_)) => tokio::time::sleep(HOLD).await,
            owned => break owned?,
        }
    };
    Ok((ownership, Premises::over(folder, store).await?))
}

/// Runs the office in `folder`. Says on standard output, in one line, when it serves.
async fn serve(
    folder: &Folder,
    premises: Premises,
    starter_gone: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let stop = watch::Sender::new(false);
    let mut parts = JoinSet::new();
    let address = listen(&premises, &stop, &mut parts).await?;
    let console = console(&premises, &stop, &mut parts).await?;
    desk(folder, &premises, &stop, &mut parts)?;
    superior(folder, &premises, &stop, &mut parts)?;
    vigil(&premises, &stop, &mut parts);
    hold(&premises, &stop, &mut parts);
    let me = premises.office.identity().me.author;
    println!(
        "{}",
        json!({ "serving": me.short(), "address": address, "console": console, "pid": std::process::id() })
    );
    info!(division = %me.short(), "serving");
    let why = until_stopped(&premises, starter_gone, &mut parts).await;
    stop.send_replace(true);
    let ended = async { while parts.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, ended).await.is_err() {
        warn!("callers that did not hang up in time are cut off");
    }
    _ = std::fs::remove_file(folder.socket());
    why
}

/// Looks from time to time for what ought to have come and did not.
fn vigil(premises: &Premises, stop: &watch::Sender<bool>, parts: &mut JoinSet<anyhow::Result<()>>) {
    let (office, mut stopped) = (premises.office.clone(), stop.subscribe());
    parts.spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(VIGIL) => {}
                () = raised(&mut stopped) => return Ok(()),
            }
            if let Err(error) = office.keep_vigil().await {
                office.observe(&error);
            }
        }
    });
}

/// Looks from time to time whether this process still holds its database; one that was replaced stops.
fn hold(premises: &Premises, stop: &watch::Sender<bool>, parts: &mut JoinSet<anyhow::Result<()>>) {
    let (office, mut stopped) = (premises.office.clone(), stop.subscribe());
    parts.spawn(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(HOLD) => {}
                () = raised(&mut stopped) => return Ok(()),
            }
            if let Err(error) = office.store().hold().await {
                office.observe(&error.into());
            }
        }
    });
}

/// Waits for a signal, for the starter to go away, or for trouble that forbids going on.
async fn until_stopped(
    premises: &Premises,
    mut starter_gone: watch::Receiver<bool>,
    parts: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut trouble = premises.office.trouble();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Ok(()),
        _ = terminate.recv() => Ok(()),
        () = raised(&mut starter_gone) => Ok(()),
        Ok(why) = trouble.wait_for(Option::is_some) => {
            anyhow::bail!("this office stops, because its journal is in doubt: {}", why.as_deref().unwrap_or_default())
        }
        Some(part) = parts.join_next() => match part {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error),
            Err(panic) => Err(anyhow::anyhow!("a part of the office failed: {panic}")),
        },
    }
}

/// Raised when standard input closes, if that is to be watched. A thread of its own reads it, because a
/// pending read would keep the runtime from ending.
fn watch_stdin(watched: bool) -> watch::Receiver<bool> {
    let (gone, flag) = watch::channel(false);
    std::thread::spawn(move || {
        if watched {
            _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
            gone.send_replace(true);
        }
        while !gone.is_closed() {
            std::thread::park();
        }
    });
    flag
}

/// Where others reach the office: link, enrolment and reading. Health and reflection say nothing of cases, and
/// answer whoever completes TLS.
async fn listen(
    premises: &Premises,
    stop: &watch::Sender<bool>,
    parts: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<Option<String>> {
    let (Some(address), Some(credentials)) =
        (&premises.config.listen, premises.admitting.credentials())
    else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!(
            "cannot listen on {address}: choose another port in office.toml, or stop what uses it"
        )
    })?;
    let bound = listener.local_addr()?.to_string();
    let transport = Arc::new(server_config(credentials, &premises.keys.transport)?);
    let listening =
        Listening::new(premises.office.clone(), premises.admitting.clone(), stop.subscribe());
    let link = LinkServiceServer::new(listening)
        .send_compressed(CompressionEncoding::Zstd)
        .accept_compressed(CompressionEncoding::Zstd)
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let enrolment = EnrolmentServiceServer::new(ArcAdmitting(premises.admitting.clone()));
    let read = ReadServiceServer::new(reading::service::Service::new(
        premises.reading.clone(),
        stop.subscribe(),
    ));
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<ReadServiceServer<reading::service::Service>>().await;
    // Older programs, Python's among them, ask for reflection under its first name.
    let (reflection, reflection_v1alpha) =
        (reflection().build_v1()?, reflection().build_v1alpha()?);
    let incoming = on_port(listener, transport, stop.subscribe());
    let mut stopped = stop.subscribe();
    parts.spawn(async move {
        Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE))
            .http2_keepalive_timeout(Some(KEEPALIVE_PATIENCE))
            .initial_stream_window_size(HTTP2_WINDOW)
            .initial_connection_window_size(HTTP2_WINDOW)
            .timeout(CALL)
            .layer(Telling::Everything)
            .add_service(link)
            .add_service(enrolment)
            .add_service(read)
            .add_service(health)
            .add_service(reflection)
            .add_service(reflection_v1alpha)
            .serve_with_incoming_shutdown(incoming, async move {
                _ = stopped.wait_for(|stop| *stop).await
            })
            .await
            .context("the link service ended")
    });
    Ok(Some(bound))
}

/// Where people look at the office.
async fn console(
    premises: &Premises,
    stop: &watch::Sender<bool>,
    parts: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<Option<String>> {
    let Some(address) = &premises.config.console else { return Ok(None) };
    let listener = port::listen(address).await?;
    let shown = format!("http://{}/", listener.local_addr()?);
    let router = Console::new(premises.office.clone(), premises.admitting.clone()).router();
    let stopped = stop.subscribe();
    parts.spawn(async move {
        port::answer(listener, router, stopped).await;
        Ok(())
    });
    Ok(Some(shown))
}

/// The contract, for programs that have no copy of it.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// Where commands reach the office.
fn desk(
    folder: &Folder,
    premises: &Premises,
    stop: &watch::Sender<bool>,
    parts: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let path = folder.socket();
    // This process owns the folder, so a socket that stands here was left by one that died.
    _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path)
        .with_context(|| format!("{}: a path to a socket has at most 107 bytes", path.display()))?;
    let service = DeskServiceServer::new(premises.service())
        .max_decoding_message_size(DESK_LIMIT)
        .max_encoding_message_size(DESK_LIMIT);
    let incoming = on_socket(listener, stop.subscribe());
    let mut stopped = stop.subscribe();
    parts.spawn(async move {
        Server::builder()
            .layer(Telling::Broken)
            .add_service(service)
            .serve_with_incoming_shutdown(incoming, async move {
                _ = stopped.wait_for(|stop| *stop).await;
            })
            .await
            .context("the desk ended")
    });
    Ok(())
}

/// The link to the superior, once enrolled.
fn superior(
    folder: &Folder,
    premises: &Premises,
    stop: &watch::Sender<bool>,
    parts: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let (Some(named), Some(credentials)) =
        (&premises.config.superior, premises.admitting.credentials())
    else {
        return Ok(());
    };
    let division = place(&named.division, &folder.config_file())?;
    let superior = Superior {
        division,
        address: named.address.clone(),
        name: TransportName::of(division)?.server_name(),
        transport: Arc::new(client_config(credentials, &premises.keys.transport)?),
    };
    let (office, stopped) = (premises.office.clone(), stop.subscribe());
    parts.spawn(async move {
        dial(office, superior, stopped).await;
        Ok(())
    });
    Ok(())
}
