//! The file that is brought: its digest, and whether it stays as it is.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};
use terrace_proto::digest::Digest;

use super::encoding::{Encoding, Mismatch};

/// Judged before anything is read in, in bytes.
const HEAD: usize = 1024 * 1024;
/// Hashed at once, in bytes.
const CHUNK: usize = 1024 * 1024;

/// Why a file cannot be read on. What was registered from it stays registered.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is none.
    #[error("{0}: 文件不存在 there is no such file")]
    Missing(PathBuf),
    /// A folder, or a device.
    #[error("{0}: 不是文件 it is not a file: name one")]
    Folder(PathBuf),
    /// Nothing in it.
    #[error("{0}: 文件为空 the file is empty")]
    Empty(PathBuf),
    /// The disk does not give it.
    #[error("{path}: 无法读取 it cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not what its name says, and the map does not say what it is.
    #[error(
        "{0}: 无法判断格式 its name does not say its format: set format = \"ndjson\", \"csv\" or \"xlsx\" in the map"
    )]
    Format(PathBuf),
    /// Declared to be in another coding.
    #[error("{path}: 声明的编码 {declared} 与内容不符 it is declared as {declared}, but {found}")]
    Encoding {
        /// The file.
        path: PathBuf,
        /// As declared, or the default.
        declared: Encoding,
        /// What it looks like, and what to do.
        found: Mismatch,
    },
    /// Two columns of one name.
    #[error(
        "{path}:{line}: 第 {first} 栏与第 {second} 栏同名 columns {first} and {second} are both called {name:?}: rename one"
    )]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The line of the header.
        line: u64,
        /// The first of the two, from 1.
        first: usize,
        /// The second.
        second: usize,
        /// Their name.
        name: String,
    },
    /// The header cannot be read.
    #[error("{path}:{line}: 表头有误 the header cannot be read: {why}")]
    Header {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
        /// Why.
        why: String,
    },
    /// A line without an end.
    #[error(
        "{path}:{line}: 此行超过 16 MiB the line is longer than 16 MiB: is a quote or a line end missing? Mend it and run it again"
    )]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u64,
    },
    /// Not a workbook, or without the sheet.
    #[error("{path}: 工作簿无法读取 the workbook cannot be read: {why}")]
    Sheet {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is written to while it is read.
    #[error(
        "{0}: 读取期间文件已改变 the file changed while it was read; wait until nobody writes to it and run it again from the beginning: what is in is known and stays single"
    )]
    Changed(PathBuf),
}

impl FileError {
    /// Whether the argument or the map is wrong, rather than what stands in the file.
    #[must_use]
    pub fn is_of_arguments(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Folder(_) | Self::Format(_) | Self::Encoding { .. })
    }
}

/// A file to be read.
#[derive(Debug, Clone)]
pub struct Input {
    path: PathBuf,
    size: u64,
    modified: Option<SystemTime>,
    digest: Digest,
    head: Vec<u8>,
}

impl Input {
    /// Opens a file and takes its digest, which reads it once from end to end.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let unreadable = |source: std::io::Error| {
            let path = path.to_path_buf();
            if source.kind() == ErrorKind::NotFound {
                return FileError::Missing(path);
            }
            FileError::Unreadable { path, source }
        };
        let metadata = std::fs::metadata(path).map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(FileError::Folder(path.to_path_buf()));
        }
        let mut file = File::open(path).map_err(unreadable)?;
        let (mut hasher, mut head) = (Sha256::new(), Vec::new());
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = match file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(error)),
            };
            hasher.update(&chunk[..read]);
            head.extend_from_slice(&chunk[..read.min(HEAD - head.len())]);
        }
        if head.is_empty() {
            return Err(FileError::Empty(path.to_path_buf()));
        }
        let input = Self {
            path: path.to_path_buf(),
            size: metadata.len(),
            modified: metadata.modified().ok(),
            digest: Digest(hasher.finalize().into()),
            head,
        };
        input.unchanged()?;
        Ok(input)
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The SHA-256 of all of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Its first part.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// Whether size and time of change are still those it was opened with.
    pub fn unchanged(&self) -> Result<(), FileError> {
        let metadata = std::fs::metadata(&self.path);
        match metadata {
            Ok(now) if now.len() == self.size && now.modified().ok() == self.modified => Ok(()),
            Ok(_) | Err(_) => Err(FileError::Changed(self.path.clone())),
        }
    }

    /// Whether its head agrees with the coding that is declared.
    pub fn judge(&self, declared: Encoding) -> Result<(), FileError> {
        let whole = self.head.len() as u64 == self.size;
        let end = self.head.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
        let head = if whole { &self.head[..] } else { &self.head[..end.unwrap_or(0)] };
        let judged = declared.judge(head);
        judged.map_err(|found| FileError::Encoding { path: self.path.clone(), declared, found })
    }

    /// The coding that its head shows.
    pub fn coding(&self) -> Result<Encoding, FileError> {
        match self.judge(Encoding::Utf8) {
            Ok(()) => Ok(Encoding::Utf8),
            Err(FileError::Encoding { found: Mismatch::Is(shown), .. }) => Ok(shown),
            Err(error) => Err(error),
        }
    }

    pub(super) fn reader(&self) -> Result<File, FileError> {
        File::open(&self.path).map_err(|source| self.unreadable(source))
    }

    pub(super) fn unreadable(&self, source: std::io::Error) -> FileError {
        FileError::Unreadable { path: self.path.clone(), source }
    }
}
