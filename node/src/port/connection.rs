//! A connection on which the other end has begun to speak HTTP/2, and who that is.
//!
//! The preface of HTTP/2 is read here and played again to whoever serves the connection, so that garbage and
//! silence are met, and named, before anything is set up for them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::sync::OwnedSemaphorePermit;
use tonic::transport::server::Connected;

/// What a client says first in HTTP/2.
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where from: an address, or the desk's socket.
    pub from: Arc<str>,
    /// The certificate chain it proved, if any.
    pub certificates: Arc<Vec<CertificateDer<'static>>>,
}

/// A connection ready to be served.
#[derive(Debug)]
pub struct Connection<S> {
    stream: S,
    caller: Caller,
    /// How much of the preface has been played again.
    played: usize,
    #[expect(dead_code, reason = "held to be given back when the connection ends")]
    room: Option<OwnedSemaphorePermit>,
}

/// Why a connection is not served.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// It went away.
    #[error("it went away before it spoke HTTP/2")]
    Gone,
    /// It speaks something else.
    #[error("it does not speak HTTP/2: it began with \"{0}\"")]
    Foreign(String),
    /// It broke.
    #[error("it broke before it spoke HTTP/2: {0}")]
    Broken(#[source] io::Error),
}

impl Caller {
    /// Whether it showed no certificate.
    #[must_use]
    pub fn is_stranger(&self) -> bool {
        self.certificates.is_empty()
    }
}

impl<S: AsyncRead + Unpin> Connection<S> {
    /// Waits until the caller has begun to speak HTTP/2.
    ///
    /// # Errors
    ///
    /// [`ConnectionError`] as soon as it says anything else.
    pub async fn begin(mut stream: S, caller: Caller) -> Result<Self, ConnectionError> {
        let mut heard = [0; PREFACE.len()];
        let mut length = 0;
        while length < PREFACE.len() {
            let read = stream.read(&mut heard[length..]).await.map_err(ConnectionError::Broken)?;
            if read == 0 {
                return Err(ConnectionError::Gone);
            }
            length += read;
            if heard[..length] != PREFACE[..length] {
                let began = heard[..length].escape_ascii().to_string();
                return Err(ConnectionError::Foreign(began));
            }
        }
        Ok(Self { stream, caller, played: 0, room: None })
    }

    /// The connection, which takes up room until it ends.
    #[must_use]
    pub fn holding(self, room: Option<OwnedSemaphorePermit>) -> Self {
        Self { room, ..self }
    }
}

impl<S> Connected for Connection<S> {
    type ConnectInfo = Caller;

    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let rest = &PREFACE[self.played..];
        if rest.is_empty() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.played += length;
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    fn caller() -> Caller {
        Caller { from: "test".into(), certificates: Arc::default() }
    }

    #[tokio::test]
    async fn preface_is_read_byte_by_byte_and_played_again() {
        let (ours, mut theirs) = tokio::io::duplex(1);
        let said = tokio::spawn(async move {
            theirs.write_all(PREFACE).await.unwrap();
            theirs.write_all(b"and more").await.unwrap();
        });
        let mut connection = Connection::begin(ours, caller()).await.unwrap();
        let mut heard = String::new();
        connection.read_to_string(&mut heard).await.unwrap();
        said.await.unwrap();
        assert_eq!(heard, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nand more");
    }

    #[tokio::test]
    async fn other_words_end_a_connection_at_once_and_are_named() {
        for words in ["GET / HTTP/1.1\r\n", "\0", "PRI * HTTP/2.0\r\n\r\nsm"] {
            let (ours, mut theirs) = tokio::io::duplex(64);
            theirs.write_all(words.as_bytes()).await.unwrap();
            let error = Connection::begin(ours, caller()).await.unwrap_err().to_string();
            assert!(error.contains("it does not speak HTTP/2"), "{error}");
        }
        let (ours, theirs) = tokio::io::duplex(64);
        drop(theirs);
        let gone = Connection::begin(ours, caller()).await;
        assert!(matches!(gone, Err(ConnectionError::Gone)));
    }
}
