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

/// The cells of a row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cells(pub(crate) Vec<(Arc<str>, String)>);

impl Cells {
    /// The cell of a column; an absent one is empty.
    pub(crate) fn get(&self, column: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| **name == *column);
        found.map_or("", |(_, cell)| cell)
    }

    /// A digest of all cells, whatever their order. Empty ones do not count.
    pub(crate) fn digest(&self) -> Digest {
        let mut cells: Vec<_> = self.0.iter().filter(|(_, cell)| !cell.is_empty()).collect();
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
