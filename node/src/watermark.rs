//! The checkpoint file: the newest head of this office's journal, kept outside the database.
//!
//! After every commit of own entries the file is replaced, and only then is anyone told. A database that is
//! ahead of the file was interrupted in between, which is normal; a file that is ahead of the database means
//! that the database was restored from a copy, and then the office must not write.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use terrace_proto::entry::JournalId;
use terrace_proto::journal::{Frontier, SignedCheckpoint};
use terrace_proto::key::JournalKey;

use crate::folder::file;

/// What the checkpoint file can say against going on.
#[derive(Debug, thiserror::Error)]
pub enum WatermarkError {
    /// It cannot be read or written.
    #[error("checkpoint file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not signed by this office.
    #[error(
        "checkpoint file {path} is not signed by this office's key: it belongs to another office or is damaged"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The database is behind it.
    #[error(
        "checkpoint file {path} says this journal had {file} entries, but the database holds {database}: \
         the database was restored from an older copy, and writing now would fork the journal"
    )]
    Restored {
        /// The file.
        path: PathBuf,
        /// Entries the file speaks of.
        file: u64,
        /// Entries the database holds.
        database: u64,
    },
    /// Same size, another history.
    #[error("checkpoint file {path} and the database hold different histories of {size} entries")]
    Forked {
        /// The file.
        path: PathBuf,
        /// Entries in both.
        size: u64,
    },
}

/// Where the newest head is kept beside the database.
pub trait Watermark: Send + Sync + std::fmt::Debug {
    /// Compares it with what the database holds.
    fn check(
        &self,
        journal: JournalId,
        frontier: &Frontier,
        key: &JournalKey,
    ) -> Result<(), WatermarkError>;

    /// Replaces it; durable when this returns.
    fn raise(&self, checkpoint: &SignedCheckpoint) -> Result<(), WatermarkError>;
}

/// The file.
#[derive(Debug, Clone)]
pub struct CheckpointFile(PathBuf);

impl CheckpointFile {
    /// At `path`, which need not exist yet.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    fn file_error(&self, source: std::io::Error) -> WatermarkError {
        WatermarkError::File { path: self.0.clone(), source }
    }
}

impl Watermark for CheckpointFile {
    fn check(
        &self,
        journal: JournalId,
        frontier: &Frontier,
        key: &JournalKey,
    ) -> Result<(), WatermarkError> {
        let bytes = match std::fs::read(&self.0) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.file_error(error)),
        };
        compare(&self.0, &bytes, journal, frontier, key)
    }

    fn raise(&self, checkpoint: &SignedCheckpoint) -> Result<(), WatermarkError> {
        file::replace(&self.0, checkpoint.note()).map_err(|error| self.file_error(error))
    }
}

/// The same over a modelled disk.
#[derive(Debug, Clone, Default)]
pub struct MemoryWatermark(Arc<Mutex<Vec<u8>>>);

impl Watermark for MemoryWatermark {
    fn check(
        &self,
        journal: JournalId,
        frontier: &Frontier,
        key: &JournalKey,
    ) -> Result<(), WatermarkError> {
        let bytes = self.0.lock().expect("no one panics while holding it").clone();
        if bytes.is_empty() {
            return Ok(());
        }
        compare(Path::new("modelled"), &bytes, journal, frontier, key)
    }

    fn raise(&self, checkpoint: &SignedCheckpoint) -> Result<(), WatermarkError> {
        *self.0.lock().expect("no one panics while holding it") = checkpoint.note().to_vec();
        Ok(())
    }
}

fn compare(
    path: &Path,
    bytes: &[u8],
    journal: JournalId,
    frontier: &Frontier,
    key: &JournalKey,
) -> Result<(), WatermarkError> {
    let path = path.to_path_buf();
    let Some(signed) = SignedCheckpoint::read(bytes, journal, key) else {
        return Err(WatermarkError::Foreign { path });
    };
    let (file, database) = (signed.checkpoint().size, frontier.size());
    if file > database {
        return Err(WatermarkError::Restored { path, file, database });
    }
    if file == database && signed.checkpoint().root != frontier.root() {
        return Err(WatermarkError::Forked { path, size: file });
    }
    Ok(())
}
