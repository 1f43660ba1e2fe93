//! The rejects (退回行): rows that were not taken in, as they were, each with its line and reason.
//!
//! The file can be mended and brought again through the same map. Nothing is truncated but what an
//! interrupted import had written behind its bookmark, and only where all before that is still as it wrote it; any other
//! file is moved aside, over none.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use terrace_proto::digest::Digest;

use super::csv::ANNOTATIONS;
use super::encoding::Encoding;
use super::row::Row;

/// Longest reason kept, in characters.
const REASON_LIMIT: usize = 400;

/// Bytes looked at together.
const PAGE: usize = 64 * 1024;

/// Rows hold what petitioners said.
const ONLY_OWNER: u32 = 0o600;

/// How rejected rows are kept.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// Before each line one that says why.
    Ndjson(Encoding),
    /// Two columns before the others.
    Csv {
        encoding: Encoding,
        delimiter: u8,
        /// The header's bytes.
        header: Vec<u8>,
        /// Whether it begins with a byte order mark.
        mark: bool,
    },
}

/// The rejects file of an import.
#[derive(Debug)]
pub(crate) struct Rejects {
    path: PathBuf,
    shape: Shape,
    file: Option<File>,
    length: u64,
    written: Sha256,
}

impl Shape {
    fn ending(&self) -> &'static str {
        match self {
            Self::Ndjson(_) => "ndjson",
            Self::Csv { .. } => "csv",
        }
    }

    fn beginning(&self) -> Vec<u8> {
        match self {
            Self::Ndjson(_) => Vec::new(),
            Self::Csv { encoding, delimiter, header, mark } => {
                let mark = if *mark { encoding.mark() } else { b"" };
                let [line, reason] = ANNOTATIONS.map(str::as_bytes);
                let between = &[*delimiter][..];
                ended(&[mark, line, between, reason, between, header].concat())
            }
        }
    }

    fn annotated(&self, row: &Row, reason: &dyn Display) -> Vec<u8> {
        let reason: String = reason.to_string().chars().take(REASON_LIMIT).collect();
        match self {
            Self::Ndjson(encoding) => {
                let reason = serde_json::Value::String(reason);
                let before = format!("{{\"_line\":{},\"_reason\":{reason}}}\n", row.line);
                [&encoding.encode(&before), &*ended(&row.raw)].concat()
            }
            Self::Csv { encoding, delimiter, .. } => {
                let between = char::from(*delimiter);
                // Without quotes, so that a quote left open in a row opens the same here.
                let special = |letter: char| letter == between || letter.is_control();
                let reason = reason.replace('"', "'").replace(special, " ");
                let before = format!("{}{between}{reason}{between}", row.line);
                [&encoding.encode(&before), &*ended(&row.raw)].concat()
            }
        }
    }
}

impl Rejects {
    /// The rejects of `input`, at `path` or beside it. Nothing is written yet.
    pub(crate) fn of(input: &Path, path: Option<&Path>, shape: Shape) -> Self {
        let beside = || input.with_extension(format!("rejects.{}", shape.ending()));
        let path = path.map_or_else(beside, Path::to_path_buf);
        Self { path, shape, file: None, length: 0, written: Sha256::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The digest of all that was written.
    pub(crate) fn digest(&self) -> Digest {
        Digest(self.written.clone().finalize().into())
    }

    /// Begins anew: what stands there is moved aside, its name ending in `~`.
    pub(crate) fn begin(&mut self) -> io::Result<()> {
        (self.file, self.length, self.written) = (None, 0, Sha256::new());
        if !self.path.try_exists()? {
            return Ok(());
        }
        let mut aside = self.path.as_os_str().to_owned();
        aside.push("~");
        while Path::new(&aside).try_exists()? {
            aside.push("~");
        }
        std::fs::rename(&self.path, aside)
    }

    /// Goes on behind the first `length` bytes; false if the file does not begin with what was written.
    pub(crate) fn resume(&mut self, length: u64, written: &str) -> io::Result<bool> {
        if length == 0 {
            // Whose they are cannot be told.
            self.begin()?;
            return Ok(true);
        }
        let mut file = match OpenOptions::new().read(true).write(true).open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        let (mut hasher, mut begun) = (Sha256::new(), (&mut file).take(length));
        let mut page = vec![0; PAGE];
        loop {
            match begun.read(&mut page)? {
                0 => break,
                read => hasher.update(&page[..read]),
            }
        }
        if Digest(hasher.clone().finalize().into()).to_string() != written {
            return Ok(false);
        }
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        (self.file, self.length, self.written) = (Some(file), length, hasher);
        Ok(true)
    }

    /// Keeps a row. It is durable after [`Rejects::sync`].
    pub(crate) fn keep(&mut self, row: &Row, reason: &dyn Display) -> io::Result<()> {
        let mut bytes = if self.length == 0 { self.shape.beginning() } else { Vec::new() };
        bytes.extend(self.shape.annotated(row, reason));
        let file = match &mut self.file {
            Some(file) => file,
            empty => {
                let mut open = OpenOptions::new();
                empty.insert(
                    open.write(true)
                        .create(true)
                        .truncate(true)
                        .mode(ONLY_OWNER)
                        .open(&self.path)?,
                )
            }
        };
        file.write_all(&bytes)?;
        self.written.update(&bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Makes durable what was kept.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), File::sync_data)
    }
}

/// With a line end.
fn ended(bytes: &[u8]) -> Vec<u8> {
    let end: &[u8] = if bytes.ends_with(b"\n") { b"" } else { b"\n" };
    [bytes, end].concat()
}
