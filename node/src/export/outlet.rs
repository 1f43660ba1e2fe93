//! Where an export goes as it is written: into a file, or to an auditor, part by part.
//!
//! It never holds more than a part, and looks at nothing that passes.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use terrace_proto::export::PAGE_BYTES;
use terrace_proto::wire::ReadExportResponse;
use tokio::sync::mpsc;
use tonic::Status;

use super::WriteError;

/// Bytes of a part: well below the messages that any client takes.
const PART: usize = 64 * 1024;

/// The parts of an answer on their way to whoever asked.
pub type Answer = mpsc::Sender<Result<ReadExportResponse, Status>>;

/// Takes the bytes of an export in their order.
pub(super) trait Outlet: Send {
    /// Takes the next bytes.
    fn put(&mut self, bytes: &[u8]) -> impl Future<Output = Result<(), WriteError>> + Send;

    /// There are no more.
    fn end(self) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// A file.
pub(super) struct FileOutlet {
    file: BufWriter<File>,
    path: PathBuf,
}

/// An answer to a call.
pub(super) struct Parts {
    part: Vec<u8>,
    to: Answer,
}

impl FileOutlet {
    pub(super) fn create(path: &Path) -> Result<Self, WriteError> {
        let file = File::create(path).map_err(|why| WriteError::File { path: path.into(), why })?;
        Ok(Self { file: BufWriter::with_capacity(PAGE_BYTES, file), path: path.into() })
    }

    fn fault(&self, why: std::io::Error) -> WriteError {
        WriteError::File { path: self.path.clone(), why }
    }
}

impl Outlet for FileOutlet {
    async fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.file.write_all(bytes).map_err(|why| self.fault(why))
    }

    async fn end(mut self) -> Result<(), WriteError> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(|why| self.fault(why))
    }
}

impl Parts {
    pub(super) fn to(to: Answer) -> Self {
        Self { part: Vec::with_capacity(PART), to }
    }

    async fn send(&mut self) -> Result<(), WriteError> {
        let part = std::mem::replace(&mut self.part, Vec::with_capacity(PART));
        let sent = self.to.send(Ok(ReadExportResponse { part })).await;
        sent.map_err(|_| WriteError::HungUp)
    }
}

impl Outlet for Parts {
    async fn put(&mut self, mut bytes: &[u8]) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            let (next, rest) = bytes.split_at(bytes.len().min(PART - self.part.len()));
            self.part.extend_from_slice(next);
            bytes = rest;
            if self.part.len() == PART {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn end(mut self) -> Result<(), WriteError> {
        if self.part.is_empty() { Ok(()) } else { self.send().await }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn parts_are_the_same_bytes_in_order_and_none_is_long() {
        let (to, mut parts) = mpsc::channel(64);
        let bytes: Vec<u8> = (0..3 * PART + 7).map(|at| (at % 251) as u8).collect();
        let mut outlet = Parts::to(to);
        for piece in bytes.chunks(PART - 1) {
            outlet.put(piece).await.unwrap();
        }
        outlet.end().await.unwrap();
        let mut heard = Vec::new();
        while let Some(part) = parts.recv().await {
            let part = part.unwrap().part;
            assert!((1..=PART).contains(&part.len()));
            heard.extend(part);
        }
        assert_eq!(heard, bytes);
    }

    #[tokio::test]
    async fn whoever_hung_up_ends_the_writing() {
        let (to, parts) = mpsc::channel(1);
        drop(parts);
        let mut outlet = Parts::to(to);
        let told = outlet.put(&[0; PART]).await;
        assert!(matches!(told, Err(WriteError::HungUp)));
    }
}
