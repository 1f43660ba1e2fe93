//! The lines of a file, one after the other, with their place in it.
//!
//! A line is held in memory whole, and none longer than [`LONGEST`].

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

use serde::{Deserialize, Serialize};

use super::input::{FileError, Input};

/// Longest line, and longest record over several lines, in bytes.
pub(crate) const LONGEST: usize = 16 * 1024 * 1024;
/// Read from the disk at once, in bytes.
const CHUNK: usize = 256 * 1024;

/// A place between two rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Bytes before it; in a sheet, rows.
    pub(crate) offset: u64,
    /// Lines before it; in a sheet, rows.
    pub(crate) lines: u64,
}

/// Reads lines.
#[derive(Debug)]
pub(crate) struct Lines {
    input: Input,
    file: BufReader<File>,
    place: Place,
}

impl Lines {
    /// From the beginning of a file, behind a byte order mark of `skipped` bytes.
    pub(crate) fn open(input: &Input, skipped: usize) -> Result<Self, FileError> {
        let file = BufReader::with_capacity(CHUNK, input.reader()?);
        let mut lines = Self { input: input.clone(), file, place: Place::default() };
        lines.seek(Place { offset: skipped as u64, lines: 0 })?;
        Ok(lines)
    }

    /// Where it stands.
    pub(crate) fn place(&self) -> Place {
        self.place
    }

    /// Goes on at `place`.
    pub(crate) fn seek(&mut self, place: Place) -> Result<(), FileError> {
        let sought = self.file.seek(SeekFrom::Start(place.offset));
        sought.map_err(|source| self.input.unreadable(source))?;
        self.place = place;
        Ok(())
    }

    /// Adds the next line, with its end, to `buffer`; false at the end of the file.
    pub(crate) fn read(&mut self, buffer: &mut Vec<u8>) -> Result<bool, FileError> {
        let limit = LONGEST as u64 + 1;
        let read = (&mut self.file).take(limit).read_until(b'\n', buffer);
        let read = read.map_err(|source| self.input.unreadable(source))?;
        if read > LONGEST {
            return Err(self.too_long(self.place.lines + 1));
        }
        self.place.offset += read as u64;
        self.place.lines += u64::from(read > 0);
        Ok(read > 0)
    }

    /// What is said of a record from `line` on that has no end.
    pub(crate) fn too_long(&self, line: u64) -> FileError {
        FileError::TooLong { path: self.input.path().to_path_buf(), line }
    }
}
