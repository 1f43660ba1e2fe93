//! The rows by which sealed parts are found without reading journals, as values. None of them holds a key or a word.

use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::EntryId;
use terrace_proto::seal::{KeyId, SealingPublic};

/// A key by which an organ is handed case keys, as its office announced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedKey {
    /// The entry that announces it.
    pub entry: EntryId,
    /// The organ; empty for the petition office.
    pub organ: String,
    /// Counts from 1; the highest is the one to close for.
    pub generation: u32,
    /// The key.
    pub key: SealingPublic,
}

/// A sealed report (检举控告) that passed here or ended here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportRecord {
    /// The entry.
    pub entry: EntryId,
    /// Its leaf hash.
    pub leaf: Digest,
    /// The case it is.
    pub case: CaseId,
    /// The key its sealed part needs; `None` as long as that did not come along: the neighbour owes it.
    pub key: Option<KeyId>,
    /// When, as the entry says, milliseconds since 1970 UTC.
    pub recorded_at: i64,
}
