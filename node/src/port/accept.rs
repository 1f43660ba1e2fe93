//! Connections as they are made, each handshake beside the others.
//!
//! TLS is made here, so that a failed handshake is logged with its reason and a slow one is dropped. A caller
//! without a certificate, a stranger, is let in and judged by the services, see
//! [`crate::identity::transport`].

use std::collections::VecDeque;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream, UnixListenerStream};
use tokio_stream::{Stream, StreamExt as _};
use tracing::warn;

use super::{Caller, Connection};
use crate::identity::transport::tell;
use crate::link::{HANDSHAKE, raised};

/// Connections whose handshake is under way at most; then the oldest gives way to a new one, so that callers
/// who say nothing keep nobody out.
pub const HANDSHAKES: usize = 256;
/// Connections at most of callers without a certificate: they may enrol and look at health and contract, which
/// takes no time, and must not use up what those with one need.
pub const STRANGERS: usize = 256;
/// Pause after the system refused to hand over a connection.
const BREATH: Duration = Duration::from_millis(100);

/// Why a stranger finds no room.
const TOO_MANY: &str = "too many callers without a certificate are connected already";

/// Handshakes under way, the oldest first.
#[derive(Debug, Default)]
struct Unfinished(VecDeque<(Arc<str>, AbortHandle)>);

/// Connections on the port, with TLS made, until told to stop.
pub fn on_port(
    listener: TcpListener,
    transport: Arc<ServerConfig>,
    stop: watch::Receiver<bool>,
) -> impl Stream<Item = io::Result<Connection<TlsStream<TcpStream>>>> {
    let acceptor = TlsAcceptor::from(transport);
    let from = |stream: &TcpStream| {
        stream.peer_addr().map_or_else(|_| "unknown".into(), |address| address.to_string().into())
    };
    let strangers = Arc::new(Semaphore::new(STRANGERS));
    let greet = move |stream: TcpStream, from| {
        let (acceptor, strangers) = (acceptor.clone(), strangers.clone());
        async move {
            let stream = acceptor.accept(stream).await.map_err(|error| tell(&error))?;
            _ = stream.get_ref().0.set_nodelay(true);
            let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
            let certificates = chain.iter().map(|one| one.clone().into_owned()).collect();
            let caller = Caller { from, certificates: Arc::new(certificates) };
            let room = caller.is_stranger().then(|| strangers.try_acquire_owned()).transpose();
            let room = room.map_err(|_| TOO_MANY.to_owned())?;
            let connection = Connection::begin(stream, caller).await;
            connection.map(|made| made.holding(room)).map_err(|error| error.to_string())
        }
    };
    receive(TcpListenerStream::new(listener), from, greet, stop)
}

/// Connections of commands on the socket of the desk, until told to stop.
pub fn on_socket(
    listener: UnixListener,
    stop: watch::Receiver<bool>,
) -> impl Stream<Item = io::Result<Connection<UnixStream>>> {
    let greet = |stream: UnixStream, from| async {
        let caller = Caller { from, certificates: Arc::default() };
        Connection::begin(stream, caller).await.map_err(|error| error.to_string())
    };
    receive(UnixListenerStream::new(listener), |_| "desk.sock".into(), greet, stop)
}

fn receive<R, S, F>(
    calls: impl Stream<Item = io::Result<R>> + Send + 'static,
    from: impl Fn(&R) -> Arc<str> + Send + 'static,
    greet: impl Fn(R, Arc<str>) -> F + Send + 'static,
    mut stop: watch::Receiver<bool>,
) -> impl Stream<Item = io::Result<Connection<S>>>
where
    R: Send + 'static,
    S: Send + 'static,
    F: Future<Output = Result<Connection<S>, String>> + Send + 'static,
{
    let (made, connections) = mpsc::channel(HANDSHAKES);
    tokio::spawn(async move {
        let mut calls = pin!(calls);
        let mut unfinished = Unfinished::default();
        loop {
            let call = tokio::select! {
                call = calls.next() => call,
                () = raised(&mut stop) => return,
            };
            let call = match call {
                Some(Ok(call)) => call,
                Some(Err(error)) => {
                    warn!("cannot accept a connection: {error}");
                    tokio::time::sleep(BREATH).await;
                    continue;
                }
                None => return,
            };
            let address = from(&call);
            let handshake = handshake(greet(call, address.clone()), address.clone(), made.clone());
            unfinished.add(address, tokio::spawn(handshake).abort_handle());
        }
    });
    ReceiverStream::new(connections)
}

async fn handshake<S>(
    greeted: impl Future<Output = Result<Connection<S>, String>>,
    address: Arc<str>,
    made: mpsc::Sender<io::Result<Connection<S>>>,
) {
    match tokio::time::timeout(HANDSHAKE, greeted).await {
        Ok(Ok(connection)) => _ = made.send(Ok(connection)).await,
        Ok(Err(why)) => warn!(%address, "refused a connection: {why}"),
        Err(_) => warn!(%address, "dropped a connection that did not finish its handshake"),
    }
}

impl Unfinished {
    fn add(&mut self, address: Arc<str>, handshake: AbortHandle) {
        self.0.retain(|(_, handshake)| !handshake.is_finished());
        while self.0.len() >= HANDSHAKES
            && let Some((address, oldest)) = self.0.pop_front()
        {
            oldest.abort();
            warn!(%address, "dropped the oldest of {HANDSHAKES} connections that had not finished their handshake");
        }
        self.0.push_back((address, handshake));
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.iter().for_each(|(_, handshake)| handshake.abort());
    }
}
