//! The subordinate's end: dials its superior, converses, and dials again.
//!
//! No inbound port is needed at a township. While an operator holds the link nothing is dialled and the
//! office works on.

use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use terrace_proto::division::DivisionCode;
use terrace_proto::session::Closing;
use terrace_proto::wire::ConverseRequest;
use terrace_proto::wire::link_service_client::LinkServiceClient;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_rustls::TlsConnector;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::codec::CompressionEncoding;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;
use tracing::{info, warn};

use super::conduct::{Ended, conduct};
use super::redial::Redial;
use super::{HANDSHAKE, HTTP2_WINDOW, KEEPALIVE, KEEPALIVE_PATIENCE, MESSAGE_LIMIT, raised};
use crate::identity::transport::tell;
use crate::office::Office;

/// Whom to dial.
#[derive(Debug, Clone)]
pub struct Superior {
    /// The superior.
    pub division: DivisionCode,
    /// Its address, `host:port`.
    pub address: String,
    /// The name its certificate must carry.
    pub name: ServerName<'static>,
    /// This office's transport.
    pub transport: Arc<ClientConfig>,
}

/// Dials until told to stop.
pub async fn dial(office: Arc<Office>, superior: Superior, mut stop: watch::Receiver<bool>) {
    let mut redial = Redial::new();
    let mut held = office.held();
    loop {
        if *held.borrow_and_update() {
            let held_by = Some("held by an operator".into());
            office.contact(office.meet(superior.division), false, held_by);
            tokio::select! {
                _ = held.wait_for(|held| !*held) => redial.reset(),
                () = raised(&mut stop) => return,
            }
        }
        let at_once = tokio::select! {
            ended = once(&office, &superior, &stop, &mut redial) => match ended {
                Ok(Ended::Stopped) if *stop.borrow() => return,
                Ok(ended) => {
                    info!(superior = %superior.division.short(), "conversation ended: {ended}");
                    matches!(ended, Ended::Closed(Closing::Renewed))
                }
                Err(why) => {
                    warn!(superior = %superior.division.short(), "cannot reach the superior: {why}");
                    office.contact(office.meet(superior.division), false, Some(why));
                    false
                }
            },
            () = raised(&mut held) => true,
        };
        if !at_once {
            tokio::select! {
                () = tokio::time::sleep(redial.wait()) => {}
                _ = held.changed() => {}
                () = raised(&mut stop) => return,
            }
        }
    }
}

async fn once(
    office: &Arc<Office>,
    superior: &Superior,
    stop: &watch::Receiver<bool>,
    redial: &mut Redial,
) -> Result<Ended, String> {
    let Superior { address, name, transport, .. } = superior.clone();
    let channel = connect(address, name, transport).await?;
    let mut client = LinkServiceClient::new(channel)
        .send_compressed(CompressionEncoding::Zstd)
        .accept_compressed(CompressionEncoding::Zstd)
        .max_decoding_message_size(MESSAGE_LIMIT)
        .max_encoding_message_size(MESSAGE_LIMIT);
    let (frames, outgoing) = mpsc::unbounded_channel();
    let requests =
        UnboundedReceiverStream::new(outgoing).map(|frame| ConverseRequest { frame: Some(frame) });
    // The session says hello before anything else, so the stream opens without waiting for the other end.
    let start = office.write().await.archive.start(superior.division).await;
    let start = start.map_err(|error| {
        office.observe(&error);
        error.to_string()
    })?;
    let response = client.converse(requests).await.map_err(|status| status.message().to_owned())?;
    redial.reset();
    let incoming = response.into_inner().map(|response| {
        response
            .map(|response| response.frame.unwrap_or_default())
            .map_err(|status| status.message().to_owned())
    });
    Ok(conduct(office.clone(), start, incoming, frames, stop.clone()).await)
}

/// A channel over the caller's own TLS, with the name of the office it dials checked.
pub(crate) async fn connect(
    address: String,
    name: ServerName<'static>,
    transport: Arc<ClientConfig>,
) -> Result<Channel, String> {
    let (tls, dialled) = (TlsConnector::from(transport), address.clone());
    let connector = service_fn(move |_: Uri| {
        let (tls, address, name) = (tls.clone(), dialled.clone(), name.clone());
        async move {
            let stream = TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            tls.connect(name, stream).await.map(TokioIo::new)
        }
    });
    // The address is the connector's affair; HTTP/2 only wants a name here.
    Endpoint::from_static("http://office")
        .connect_timeout(HANDSHAKE)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE_PATIENCE)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(HTTP2_WINDOW)
        .initial_connection_window_size(HTTP2_WINDOW)
        .connect_with_connector(connector)
        .await
        .map_err(|error| format!("{address}: {}", reason(&error)))
}

/// The innermost reason of a transport error, which is the one that helps; of a refused handshake, a sentence.
pub(crate) fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let mut at = error;
    loop {
        if let Some(handshake) = at.downcast_ref::<std::io::Error>() {
            return tell(handshake);
        }
        match at.source() {
            Some(source) => at = source,
            None => return at.to_string(),
        }
    }
}
