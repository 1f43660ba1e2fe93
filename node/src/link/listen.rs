//! The superior's end: accepts connections of subordinates and converses with those it has admitted.
//!
//! TLS is made here, so that a failed handshake is logged with its reason and a slow one is dropped. A caller
//! without a certificate may only enrol; one whose certificate names a division this office has not admitted
//! is told so.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::wire::link_service_server::LinkService;
use terrace_proto::wire::{ConverseRequest, ConverseResponse};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_stream::wrappers::{ReceiverStream, UnboundedReceiverStream};
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::server::Connected;
use tonic::{Request, Response, Status, Streaming};
use tracing::{info, warn};

use super::conduct::conduct;
use super::{HANDSHAKE, raised};
use crate::enrolment::Admitting;
use crate::identity::certificate::Certificate;
use crate::identity::transport::{peer_division, tell};
use crate::office::Office;

/// Connections whose handshake is under way; more wait in the kernel's queue.
const HANDSHAKES: usize = 64;

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where from.
    pub address: SocketAddr,
    /// The certificate chain it proved, if any.
    pub certificates: Arc<Vec<CertificateDer<'static>>>,
}

/// A connection with TLS made.
#[derive(Debug)]
pub struct Accepted {
    stream: TlsStream<TcpStream>,
    caller: Caller,
}

impl Connected for Accepted {
    type ConnectInfo = Caller;

    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl AsyncRead for Accepted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Accepted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Connections as they are made, until told to stop.
pub fn accept(
    listener: TcpListener,
    transport: Arc<ServerConfig>,
    mut stop: watch::Receiver<bool>,
) -> impl Stream<Item = std::io::Result<Accepted>> {
    let (made, connections) = mpsc::channel(HANDSHAKES);
    let acceptor = TlsAcceptor::from(transport);
    tokio::spawn(async move {
        let room = Arc::new(Semaphore::new(HANDSHAKES));
        loop {
            let Ok(permit) = room.clone().acquire_owned().await else { return };
            let (stream, address) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        warn!("cannot accept a connection: {error}");
                        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                        continue;
                    }
                },
                () = raised(&mut stop) => return,
            };
            let (acceptor, made) = (acceptor.clone(), made.clone());
            tokio::spawn(async move {
                let _permit = permit;
                match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => _ = made.send(Ok(accepted(stream, address))).await,
                    Ok(Err(error)) => warn!(%address, "refused a connection: {}", tell(&error)),
                    Err(_) => {
                        warn!(%address, "dropped a connection that did not finish its handshake")
                    }
                }
            });
        }
    });
    ReceiverStream::new(connections)
}

fn accepted(stream: TlsStream<TcpStream>, address: SocketAddr) -> Accepted {
    let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let certificates =
        Arc::new(chain.iter().map(|certificate| certificate.clone().into_owned()).collect());
    _ = stream.get_ref().0.set_nodelay(true);
    Accepted { stream, caller: Caller { address, certificates } }
}

/// The certificate must carry the key of the newest admission: an older one may be in other hands.
fn shown_key(chain: &[CertificateDer<'_>], admitted: Option<Digest>) -> Result<(), Status> {
    let shown = chain.first().and_then(|own| Certificate::read(own).ok()).map(|own| own.key_hash);
    if shown.is_some() && shown == admitted {
        return Ok(());
    }
    Err(Status::permission_denied(
        "this certificate was replaced: show the one that the newest enrolment gave",
    ))
}

/// The link service of an office.
#[derive(Debug)]
pub struct Listening {
    office: Arc<Office>,
    admitting: Arc<Admitting>,
    stop: watch::Receiver<bool>,
    /// The live conversation of each subordinate; a new connection takes over from the old.
    live: Arc<Mutex<BTreeMap<DivisionCode, watch::Sender<bool>>>>,
}

impl Listening {
    /// Answers for `office`.
    #[must_use]
    pub fn new(
        office: Arc<Office>,
        admitting: Arc<Admitting>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { office, admitting, stop, live: Arc::default() }
    }

    /// Who calls, if this office converses with it.
    async fn subordinate(&self, caller: Option<&Caller>) -> Result<DivisionCode, Status> {
        let chain = caller.map(|caller| caller.certificates.as_slice()).unwrap_or_default();
        if chain.is_empty() {
            return Err(Status::unauthenticated(
                "this office converses only with subordinates it has admitted: show the certificate it gave you",
            ));
        }
        let division =
            peer_division(chain).map_err(|error| Status::permission_denied(error.to_string()))?;
        let mut writing = self.office.write().await;
        if writing.archive.subordinates().contains(&division) {
            let admitted = writing.archive.transport_key(division).await;
            drop(writing);
            let admitted = admitted.map_err(|error| {
                self.office.observe(&error);
                Status::unavailable(error.to_string())
            })?;
            return shown_key(chain, admitted).map(|()| division);
        }
        let me = self.office.identity().me.author.short();
        Err(Status::permission_denied(format!(
            "{} is not an admitted subordinate of {me}",
            division.short()
        )))
    }

    /// Takes over the place of the division's live conversation.
    fn take_over(&self, division: DivisionCode) -> watch::Receiver<bool> {
        let sender = watch::Sender::new(false);
        let receiver = sender.subscribe();
        let mut live = self.live.lock().expect("no one panics while holding it");
        if let Some(old) = live.insert(division, sender) {
            old.send_replace(true);
        }
        receiver
    }
}

#[tonic::async_trait]
impl LinkService for Listening {
    type ConverseStream = Pin<Box<dyn Stream<Item = Result<ConverseResponse, Status>> + Send>>;

    async fn converse(
        &self,
        request: Request<Streaming<ConverseRequest>>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        let division = match self.subordinate(caller.as_ref()).await {
            Ok(division) => division,
            Err(status) => {
                let address = caller.map(|caller| caller.address.to_string()).unwrap_or_default();
                warn!(address, "refused a caller: {}", status.message());
                return Err(status);
            }
        };
        let start = self.office.write().await.archive.start(division).await.map_err(|error| {
            self.office.observe(&error);
            Status::unavailable(error.to_string())
        })?;
        self.admitting.confirm(start.peer.journal, &start.peer.key);
        let mut replaced = self.take_over(division);
        let mut stop = self.stop.clone();
        let (frames, outgoing) = mpsc::unbounded_channel();
        let incoming = request.into_inner().map(|request| {
            request
                .map(|request| request.frame.unwrap_or_default())
                .map_err(|status| status.message().to_owned())
        });
        let office = self.office.clone();
        tokio::spawn(async move {
            let (end, ended) = watch::channel(false);
            let talk = conduct(office, start, incoming, frames, ended);
            tokio::pin!(talk);
            let ended = tokio::select! {
                ended = &mut talk => ended,
                _ = async { tokio::select! {
                    () = raised(&mut replaced) => {}
                    () = raised(&mut stop) => {}
                } } => {
                    end.send_replace(true);
                    talk.await
                }
            };
            info!(subordinate = %division.short(), "conversation ended: {ended}");
        });
        let responses = UnboundedReceiverStream::new(outgoing)
            .map(|frame| Ok(ConverseResponse { frame: Some(frame) }));
        Ok(Response::new(Box::pin(responses)))
    }
}
