//! Fetching: the auditor's end of an inspection. It dials an office and takes its export home as a file.
//!
//! It believes that an office is who it says by its certificate and the root's, and believes nothing that the file
//! says: that is for [`crate::export::reading`] to check, with the root's key.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::wire::ReadExportRequest;
use terrace_proto::wire::read_service_client::ReadServiceClient;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use crate::identity::TransportName;
use crate::identity::authority::may_have_authority;
use crate::identity::certificate::{Certificate, CertificateError};
use crate::identity::files::Handed;
use crate::identity::name::NameError;
use crate::identity::transport::{TransportError, reader_config};
use crate::link::dial::{connect, reason};

/// Why an office was not read.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It cannot be dialled.
    #[error(
        "乡镇没有端口 {township} is a township and has no port: {county} holds its journal whole, read it there"
    )]
    Township {
        /// The township.
        township: DivisionCode,
        /// The office that holds its journal.
        county: DivisionCode,
    },
    /// The certificate is past its end, which the other end of TLS cannot say in words.
    #[error("已过期 this certificate ended at {0}: have a new one issued by the superior")]
    Ended(Timestamp),
    /// It cannot be read.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// There is no such office.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// No connection came about.
    #[error("未能连接 no connection: {0}")]
    Connection(String),
    /// The office refused, or broke off.
    #[error("{office}: {told}; 未写出文件 no file was written")]
    Refused {
        /// The office.
        office: DivisionCode,
        /// What it said.
        told: String,
    },
    /// The file could not be written.
    #[error("{path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
}

/// Reads the export of `office` at `address` into `path`, the hour being `now`; gives its length in bytes.
///
/// # Errors
///
/// [`FetchError`]; then the file is what it was.
pub async fn fetch_export(
    handed: &Handed,
    office: DivisionCode,
    address: &str,
    path: &Path,
    now: Timestamp,
) -> Result<u64, FetchError> {
    if !may_have_authority(office) {
        let county = Tree::national().superior(office).unwrap_or(office);
        return Err(FetchError::Township { township: office, county });
    }
    let ends = handed.chain.first().map(Certificate::read).transpose()?;
    if let Some(ended) = ends.map(|own| own.not_after).filter(|end| *end < now) {
        return Err(FetchError::Ended(ended));
    }
    let name = TransportName::of(office)?.server_name();
    let transport = Arc::new(reader_config(&handed.chain, &handed.root, &handed.key)?);
    let channel = connect(address.to_owned(), name, transport).await;
    let mut client = ReadServiceClient::new(channel.map_err(FetchError::Connection)?);
    let fresh = path.with_added_extension("part");
    let fetched = fetch(&mut client, office, &fresh).await;
    let moved = match fetched {
        Ok(bytes) => tokio::fs::rename(&fresh, path)
            .await
            .map(|()| bytes)
            .map_err(|why| FetchError::File { path: path.into(), why }),
        Err(error) => Err(error),
    };
    if moved.is_err() {
        match tokio::fs::remove_file(&fresh).await {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!("{}: {error}", fresh.display());
            }
            Ok(()) | Err(_) => {}
        }
    }
    moved
}

async fn fetch(
    client: &mut ReadServiceClient<tonic::transport::Channel>,
    office: DivisionCode,
    path: &Path,
) -> Result<u64, FetchError> {
    let refused = |status: tonic::Status| {
        // A certificate that TLS refuses is heard of only now, and not from the office but from the connection.
        let broken = std::error::Error::source(&status).map(reason);
        let told = broken.unwrap_or_else(|| status.message().to_owned());
        FetchError::Refused { office, told }
    };
    let fault = |why| FetchError::File { path: path.into(), why };
    let mut parts = client.read_export(ReadExportRequest {}).await.map_err(refused)?.into_inner();
    let mut file = File::create(path).await.map_err(fault)?;
    let mut bytes = 0;
    while let Some(next) = parts.message().await.map_err(refused)? {
        file.write_all(&next.part).await.map_err(fault)?;
        bytes += next.part.len() as u64;
    }
    file.sync_all().await.map_err(fault)?;
    Ok(bytes)
}
