//! How records lie in a file: each behind its length, as protocol buffers delimit messages.
//!
//! [`frame`] writes one; an [`Unframer`] is fed with bytes in any pieces and gives the frames back with their places.

use prost::{decode_length_delimiter, encode_length_delimiter, length_delimiter_len};

use super::{ExportError, MAGIC, RECORD_LIMIT};

/// Longest length anyone writes, in bytes: the varint of [`RECORD_LIMIT`].
const LENGTH_BYTES: usize = 4;

/// Puts the length before a record's bytes.
#[must_use]
pub fn frame(record: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(record.len() + LENGTH_BYTES);
    encode_length_delimiter(record.len(), &mut framed).expect("a vector has room");
    framed.extend_from_slice(record);
    framed
}

/// One record as it lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where its length begins, in bytes from the beginning of the file.
    pub at: u64,
    /// Length and record.
    pub framed: Vec<u8>,
    head: usize,
}

impl Frame {
    /// The record's bytes.
    #[must_use]
    pub fn record(&self) -> &[u8] {
        &self.framed[self.head..]
    }
}

/// Takes a file apart.
#[derive(Debug, Default)]
pub struct Unframer {
    buffer: Vec<u8>,
    /// What of the buffer was given out.
    taken: usize,
    /// Place in the file of the first byte not given out.
    at: u64,
    begun: bool,
}

impl Unframer {
    /// Begins at the beginning of a file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins at a place where a frame begins.
    #[must_use]
    pub fn resumed(at: u64) -> Self {
        Self { at, begun: true, ..Self::default() }
    }

    /// The next bytes of the file.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame; `None` until more bytes are fed.
    ///
    /// # Errors
    ///
    /// [`ExportError`] when what comes cannot be a frame, whatever follows.
    pub fn poll(&mut self) -> Result<Option<Frame>, ExportError> {
        if !self.begun {
            let rest = &self.buffer[self.taken..];
            let known = rest.len().min(MAGIC.len());
            if rest[..known] != MAGIC[..known] {
                return Err(ExportError::NotAnExport);
            }
            if known < MAGIC.len() {
                return Ok(None);
            }
            self.pass(MAGIC.len());
            self.begun = true;
        }
        let rest = &self.buffer[self.taken..];
        let known = &rest[..rest.len().min(LENGTH_BYTES)];
        let Some(head) = known.iter().position(|byte| byte & 0x80 == 0).map(|last| last + 1) else {
            return if known.len() < LENGTH_BYTES {
                Ok(None)
            } else {
                Err(self.damaged("its length is over the limit"))
            };
        };
        let length = decode_length_delimiter(known).ok();
        let length = length.filter(|length| length_delimiter_len(*length) == head);
        let Some(length) = length.filter(|length| *length <= RECORD_LIMIT) else {
            return Err(self.damaged("its length is none, or over the limit"));
        };
        let Some(framed) = rest.get(..head + length) else { return Ok(None) };
        let frame = Frame { at: self.at, framed: framed.to_vec(), head };
        self.pass(head + length);
        Ok(Some(frame))
    }

    /// The end of the file.
    ///
    /// # Errors
    ///
    /// [`ExportError::Cut`] when it ends within a frame.
    pub fn finish(&self) -> Result<(), ExportError> {
        let rest = self.buffer.len() - self.taken;
        if self.begun && rest == 0 {
            return Ok(());
        }
        Err(ExportError::Cut { at: self.at + rest as u64 })
    }

    fn pass(&mut self, bytes: usize) {
        self.taken += bytes;
        self.at += bytes as u64;
    }

    fn damaged(&self, why: &str) -> ExportError {
        ExportError::Record { at: self.at, why: why.to_owned() }
    }
}
