//! Why the archive did not do what was asked, and whether it is certain that nothing was written.

use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;

use terrace_proto::seal::{PartError, WrapError};

use crate::store::StoreError;
use crate::watermark::WatermarkError;

/// Why the archive did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The store did not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The checkpoint file could not be read or written, or contradicts the database.
    #[error(transparent)]
    Watermark(#[from] WatermarkError),
    /// A report would go where nobody has found that it may.
    #[error("a report is sent nowhere before its discipline organ has found whom it accuses")]
    Uncleared,
    /// A single entry is too large to travel.
    #[error(
        "an entry of {size} bytes is too long: shorten its words, or names of organ and officer"
    )]
    TooLarge {
        /// Bytes of header and body.
        size: usize,
    },
    /// A journal came with another entry than the one held at its place: its author signed two histories.
    #[error(
        "journal {journal} came with another entry {sequence} than the one held: a second history, a fork"
    )]
    Fork {
        /// The journal.
        journal: JournalId,
        /// The place.
        sequence: u64,
        /// The head that came with it, as its author signed it.
        shown: Vec<u8>,
    },
    /// A part could not be sealed.
    #[error(transparent)]
    Part(#[from] PartError),
    /// A case key could not be wrapped.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The neighbour is not known by any admission.
    #[error("no admission of {0} is known here")]
    NotAdmitted(DivisionCode),
}

impl ArchiveError {
    /// Whether it is certain that nothing was written.
    pub(super) fn wrote_nothing(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict(_) | StoreError::Full(_)))
    }
}
