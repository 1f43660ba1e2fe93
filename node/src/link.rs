//! The connection to a neighbour: the shell around [`terrace_proto::session`].
//!
//! The subordinate [`dial`]s, the superior [`listen`]s; either way [`conduct`] carries one conversation: it
//! feeds frames and finished work to the session and performs what it asks for. Nothing is decided here.

pub mod conduct;
pub mod dial;
pub mod listen;
mod redial;
mod scribe;

use std::time::Duration;

use tokio::sync::watch;

/// How often a silent connection is asked whether it lives.
pub const KEEPALIVE: Duration = Duration::from_secs(20);
/// How long it may take to answer: on a slow line the question waits behind a passage under way.
pub const KEEPALIVE_PATIENCE: Duration = Duration::from_secs(60);
/// How long a connection may take to be made, TLS included.
pub const HANDSHAKE: Duration = Duration::from_secs(10);
/// Bytes HTTP/2 lets be under way unasked: above a session's own window, which is what governs.
pub const HTTP2_WINDOW: u32 = 16 * 1024 * 1024;
/// Longest message accepted: a full passage with one entry of the largest kind on top.
pub const MESSAGE_LIMIT: usize = 8 * 1024 * 1024;

/// Waits until a flag is raised; at once when it is, or when nobody can raise it any more.
pub async fn raised(flag: &mut watch::Receiver<bool>) {
    _ = flag.wait_for(|raised| *raised).await;
}
