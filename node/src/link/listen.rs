//! The superior's end: converses with the subordinates it has admitted.
//!
//! A caller without a certificate is refused, and so is one whose certificate is a reader's, or names a
//! division this office has not admitted; each is told so.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use rustls::pki_types::CertificateDer;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::wire::link_service_server::LinkService;
use terrace_proto::wire::{ConverseRequest, ConverseResponse};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Request, Response, Status, Streaming};
use tracing::info;

use super::conduct::conduct;
use super::raised;
use crate::enrolment::Admitting;
use crate::identity::certificate::Certificate;
use crate::identity::transport::peer_division;
use crate::office::Office;
use crate::port::Caller;

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
        let division = self.subordinate(caller.as_ref()).await?;
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
