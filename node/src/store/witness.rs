//! The rows of what offices signed about each other's journals, as values.

use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};

use super::{Store, StoreError};

/// A signature by another on the head of a journal; a later one by the same takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The journal signed.
    pub journal: JournalId,
    /// Whose key signed.
    pub by: JournalId,
    /// Size of the journal it covers.
    pub size: u64,
    /// The root at that size.
    pub root: Digest,
    /// The hour, in seconds since 1970 UTC, by the signer's clock.
    pub at: u64,
    /// The signature line.
    pub line: String,
}

/// The newest head of a journal that this office watches as a witness and holds no entries of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadRecord {
    /// The journal.
    pub journal: JournalId,
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
    /// The note its author signed.
    pub note: Vec<u8>,
    /// When it was first seen here, milliseconds since 1970 UTC.
    pub seen_at: i64,
}

/// Something that an office put on record about a journal: a question, or an objection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RaisedRecord {
    /// The entry that says so.
    pub entry: EntryId,
    /// The kind of that entry, by its number on the wire.
    pub kind: u32,
    /// About which journal.
    pub about: JournalId,
    /// About which place of it.
    pub place: u64,
    /// The same for what is said again: an office says a thing once.
    pub gist: Digest,
    /// When, as the entry says, milliseconds since 1970 UTC.
    pub raised_at: i64,
}

/// The superior's newest signature on the journal of an office.
pub async fn by_superior(
    store: &dyn Store,
    journal: JournalId,
    superior: Option<DivisionCode>,
) -> Result<Option<Cosignature>, StoreError> {
    let signed = store.cosignatures(journal).await?;
    let by_it = signed.into_iter().filter(|signed| Some(signed.by.author) == superior);
    Ok(by_it.max_by_key(|signed| (signed.size, signed.at)))
}
