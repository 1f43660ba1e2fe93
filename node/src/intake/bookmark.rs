//! The bookmark (书签): how far an import has come, so that the next run goes on there.
//!
//! It is named for the file's and the map's digests, stands in the office's data folder, and is taken out
//! when the file is done. Losing it costs time only: whatever is read again is known.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use terrace_proto::digest::Digest;

use super::lines::Place;
use super::reckoning::Reckoning;
use super::tally::Tally;
use crate::folder::{Folder, file};

/// How far an import has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    pub(super) place: Place,
    pub(super) tally: Tally,
    /// Where the rejects are, and how many bytes of them belong to the rows before the place.
    pub(super) rejects: PathBuf,
    pub(super) rejects_length: u64,
    /// Their digest, in hexadecimal digits.
    pub(super) rejects_digest: String,
    /// Rows so far whose source has no name for them.
    pub(super) unnamed: u64,
    /// Of records of the past: the rows so far by registering division and year.
    #[serde(default)]
    pub(super) reckoning: Reckoning,
}

/// The bookmark of one file and map in one office.
#[derive(Debug)]
pub(super) struct Bookmark {
    path: PathBuf,
    /// Held so that no second import of the same file runs here.
    lock: Option<File>,
}

impl Bookmark {
    pub(super) fn of(folder: &Folder, input: Digest, map: Digest) -> Self {
        let name = Digest::of(&[b"terrace import\0", &input.0, &map.0]);
        Self { path: folder.imports().join(format!("{name}.json")), lock: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes it for this process; false if another has it.
    pub(super) fn take(&mut self) -> io::Result<bool> {
        file::make_folder(self.path.parent().unwrap_or(&self.path))?;
        let mut open = File::options();
        let path = self.path.with_extension("lock");
        let lock = open.create(true).truncate(false).write(true).open(path)?;
        match lock.try_lock() {
            Ok(()) => self.lock = Some(lock),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(true)
    }

    /// What it says; nothing if there is none, or none that can be read.
    pub(super) fn read(&self) -> io::Result<Option<Mark>> {
        let bytes = file::read(&self.path)?;
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    pub(super) fn write(&self, mark: &Mark) -> io::Result<()> {
        file::replace(&self.path, &serde_json::to_vec(mark)?)
    }

    /// Gives it to whoever takes it next.
    pub(super) fn release(&mut self) {
        self.lock = None;
    }

    /// Takes it out, with its lock.
    pub(super) fn take_out(&self) -> io::Result<()> {
        for path in [self.path.clone(), self.path.with_extension("lock")] {
            match std::fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                Ok(()) | Err(_) => {}
            }
        }
        Ok(())
    }
}
