//! A forwarder on the loopback that counts what passes: bytes each way, and how many connections were made.
//!
//! It reads nothing of what it carries.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Bytes carried at once.
const PIECE: usize = 64 * 1024;

/// What has passed.
#[derive(Debug, Default)]
pub struct Passed {
    up: AtomicU64,
    down: AtomicU64,
    connections: AtomicU64,
}

impl Passed {
    /// Bytes from those who dial.
    #[must_use]
    pub fn up(&self) -> u64 {
        self.up.load(Ordering::Relaxed)
    }

    /// Bytes to those who dial.
    #[must_use]
    pub fn down(&self) -> u64 {
        self.down.load(Ordering::Relaxed)
    }

    /// Connections that were made.
    #[must_use]
    pub fn connections(&self) -> u64 {
        self.connections.load(Ordering::Relaxed)
    }
}

/// A forwarder; it ends when it is dropped.
#[derive(Debug)]
pub struct Forwarder {
    /// Where it is dialled.
    pub address: String,
    passed: Arc<Passed>,
    listening: JoinHandle<()>,
}

impl Forwarder {
    /// Forwards to `target`; whoever dials while nobody answers there is hung up on.
    ///
    /// # Errors
    ///
    /// When the loopback gives no port.
    pub async fn to(target: String) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let passed = Arc::new(Passed::default());
        let counted = passed.clone();
        let listening = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (target, counted) = (target.clone(), counted.clone());
                tokio::spawn(async move {
                    // A broken connection is told by either end to its own office.
                    _ = forward(near, &target, &counted).await;
                });
            }
        });
        Ok(Self { address, passed, listening })
    }

    /// What has passed so far.
    #[must_use]
    pub fn passed(&self) -> &Passed {
        &self.passed
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn forward(near: TcpStream, target: &str, passed: &Passed) -> io::Result<()> {
    let far = TcpStream::connect(target).await?;
    passed.connections.fetch_add(1, Ordering::Relaxed);
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let (from_near, to_near) = near.into_split();
    let (from_far, to_far) = far.into_split();
    tokio::select! {
        ended = carry(from_near, to_far, &passed.up) => ended,
        ended = carry(from_far, to_near, &passed.down) => ended,
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    bytes: &AtomicU64,
) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = from.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&piece[..count]).await?;
        bytes.fetch_add(count as u64, Ordering::Relaxed);
    }
}
