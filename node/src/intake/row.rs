//! One row as it was read: its bytes, where it stood, and its cells by the names of their columns.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use terrace_proto::digest::Digest;

use super::reason::Reason;

/// A row of a file.
#[derive(Debug)]
pub(crate) struct Row {
    /// The line it begins on, or the row of the sheet, from 1. In a rejects file: where it first stood.
    pub(crate) line: u64,
    /// Whether it comes out of a rejects file.
    pub(crate) mended: bool,
    /// Its bytes with their line end, without what a rejects file put before them.
    pub(crate) raw: Vec<u8>,
    /// Its cells, or why it has none.
    pub(crate) cells: Result<Cells, Reason>,
}

/// The names of a file's columns.
pub(crate) type Names = Arc<[Arc<str>]>;

/// The cells of a row, one behind the other.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells {
    names: Names,
    words: String,
    /// Where each cell ends in the words.
    ends: Vec<usize>,
}

impl Cells {
    /// No cells yet, for columns of these names and about so many bytes.
    pub(crate) fn below(names: Names, bytes: usize) -> Self {
        let ends = Vec::with_capacity(names.len());
        Self { names, words: String::with_capacity(bytes), ends }
    }

    /// Adds the cell of the next column.
    pub(crate) fn push(&mut self, cell: &str) {
        self.words.push_str(cell);
        self.ends.push(self.words.len());
    }

    /// The names of its columns.
    pub(crate) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    /// The cell of a column; an absent one is empty.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.names.iter().position(|name| **name == *column).map_or("", |at| self.at(at))
    }

    /// The cell of the column at a place, from 0; an absent one is empty.
    pub(crate) fn at(&self, column: usize) -> &str {
        let Some(end) = self.ends.get(column) else { return "" };
        let begin = column.checked_sub(1).and_then(|before| self.ends.get(before)).copied();
        &self.words[begin.unwrap_or(0)..*end]
    }

    /// A digest of all cells, whatever their order. Empty ones do not count.
    pub(crate) fn digest(&self) -> Digest {
        let cells = self.names.iter().enumerate().map(|(at, name)| (name, self.at(at)));
        let mut cells: Vec<_> = cells.filter(|(_, cell)| !cell.is_empty()).collect();
        cells.sort();
        let mut hasher = Sha256::new();
        for (name, cell) in cells {
            for part in [name.as_bytes(), cell.as_bytes()] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part);
            }
        }
        Digest(hasher.finalize().into())
    }
}

impl<N: Into<Arc<str>>, C: AsRef<str>> FromIterator<(N, C)> for Cells {
    fn from_iter<I: IntoIterator<Item = (N, C)>>(pairs: I) -> Self {
        let (names, cells): (Vec<Arc<str>>, Vec<C>) =
            pairs.into_iter().map(|(name, cell)| (name.into(), cell)).unzip();
        let mut all = Self::below(names.into(), 0);
        cells.iter().for_each(|cell| all.push(cell.as_ref()));
        all
    }
}
