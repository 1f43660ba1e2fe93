//! Where the console answers: an address of this machine alone, with patience for slow callers that ends.
//!
//! Until officers have accounts, whoever can reach the address can read everything this office holds. A slow or
//! silent caller is dropped after [`PATIENCE`], and no more than [`CALLERS`] are answered at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tracing::{debug, warn};

use crate::link::raised;

/// How long a caller may take to say what it wants.
pub const PATIENCE: Duration = Duration::from_secs(10);
/// How long one question and its answer may take in all.
const WHOLE: Duration = Duration::from_secs(60);
/// Callers at once; more wait in the kernel's queue.
pub const CALLERS: usize = 64;
/// Bytes of a request's head.
const HEAD: usize = 16 * 1024;

/// Why the console cannot answer.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// Not an address.
    #[error("console = {0:?}: expected an address such as 127.0.0.1:7080")]
    Address(String),
    /// Other machines could reach it.
    #[error(
        "console = \"{0}\": only an address of this machine itself is allowed (127.0.0.1 or [::1]), because the \
         console asks nobody who they are"
    )]
    Reachable(SocketAddr),
    /// It is taken.
    #[error(
        "cannot show the console on {address}: choose another port in office.toml, or stop what uses it: {source}"
    )]
    Taken {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

/// The address a text names, if it is one of this machine itself.
pub fn check(address: &str) -> Result<SocketAddr, PortError> {
    let address: SocketAddr =
        address.parse().map_err(|_| PortError::Address(address.to_owned()))?;
    if address.ip().is_loopback() { Ok(address) } else { Err(PortError::Reachable(address)) }
}

/// Listens at an address of this machine; port 0 lets the system choose.
pub async fn listen(address: &str) -> Result<TcpListener, PortError> {
    let address = check(address)?;
    TcpListener::bind(address).await.map_err(|source| PortError::Taken { address, source })
}

/// Answers until told to stop.
pub async fn answer(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(CALLERS));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    warn!("the console cannot accept a connection: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = raised(&mut stop) => return,
        };
        let (router, mut stop) = (router.clone(), stop.clone());
        tokio::spawn(async move {
            let _permit = permit;
            tokio::select! {
                () = converse(stream, router) => {}
                () = raised(&mut stop) => {}
            }
        });
    }
}

async fn converse(stream: TcpStream, router: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    match tokio::time::timeout(WHOLE, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => debug!("a caller of the console was dropped: {error}"),
        Err(_) => debug!("a caller of the console took too long"),
    }
}
