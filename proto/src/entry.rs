//! One immutable, signed fact of one author.
//!
//! An [`Entry`] is a header, whose bytes are hashed and relayed as they are, a body, which may be
//! withheld or erased, and where there is one the ciphertext of a sealed part. [`Entry::write`] makes it once; [`Entry::read`] takes it off the wire and checks
//! its form. That it stands in its author's journal is proved in [`crate::journal`]: only there is an
//! entry made into a [`VerifiedEntry`], and only that can be stored.
//!
//! It never re-encodes a header, and never judges law.
//!
//! Invariants: 1. the leaf is the hash of the header's bytes as made; 2. a body that is present has the
//! hash its header names; 3. so has a sealed part, and an entry whose header names none has none.

pub mod body;
pub mod category;
pub mod channel;
pub mod glance;
pub mod header;
pub mod kind;

use prost::Message as _;

pub use body::Content;
pub use glance::Glance;
pub use header::{Header, HeaderError, Holder};
pub use kind::Kind;

use crate::digest::{Digest, Epoch};
use crate::division::DivisionCode;
use crate::seal::{PartError, SealedPart};
use crate::wire;

/// Longest header anyone accepts, in bytes.
pub const HEADER_LIMIT: usize = 16 * 1024;
/// Longest body anyone accepts, in bytes. Attachments travel beside the journal.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// Bytes of salt in every body.
pub const SALT_LENGTH: usize = 16;

/// A journal: one author in one epoch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalId {
    /// The node that alone writes it.
    pub author: DivisionCode,
    /// The life of that node's database.
    pub epoch: Epoch,
}

impl std::fmt::Display for JournalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.author.short(), self.epoch)
    }
}

impl std::fmt::Debug for JournalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{:?}", self.author.short(), self.epoch)
    }
}

/// The place of an entry: journal and sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryId {
    /// The journal it stands in.
    pub journal: JournalId,
    /// Its position there, from 0.
    pub sequence: u64,
}

impl std::fmt::Display for EntryId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.journal, self.sequence)
    }
}

/// What is wrong with the form of an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The header cannot be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The body is not the one the header names.
    #[error("the body does not have the hash its header names")]
    BodyHash,
    /// The sealed part is not the one the header names.
    #[error("the sealed part does not have the hash its header names")]
    SealedHash,
    /// The sealed part is not one.
    #[error(transparent)]
    Sealed(#[from] PartError),
    /// Larger than anyone accepts.
    #[error("a {part} of {size} bytes is over the limit of {limit}")]
    TooLarge {
        /// Header or body.
        part: &'static str,
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// A well-formed entry: not yet proved to stand anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    header: Header,
    header_bytes: Vec<u8>,
    leaf: Digest,
    body: Option<Vec<u8>>,
    sealed: Option<SealedPart>,
}

/// The bytes an entry consists of, as they lie in a store or come off the wire.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Parts {
    /// The header.
    pub header: Vec<u8>,
    /// The body, unless withheld or erased.
    pub body: Option<Vec<u8>>,
    /// The sealed part's ciphertext, where there is one and it came along.
    pub sealed: Option<Vec<u8>>,
}

impl Entry {
    /// Makes an entry: encodes the header once, with the hash of `content` under `salt` in it.
    #[must_use]
    pub fn write(header: Header, content: Content, salt: [u8; SALT_LENGTH]) -> Self {
        Self::write_sealed(header, content, salt, None)
    }

    /// As [`Entry::write`], with a sealed part beside the body.
    #[must_use]
    pub fn write_sealed(
        mut header: Header,
        content: Content,
        salt: [u8; SALT_LENGTH],
        sealed: Option<SealedPart>,
    ) -> Self {
        let body = wire::Body { salt: salt.to_vec(), content: Some(content) }.encode_to_vec();
        header.body_hash = Digest::of(&[&body]);
        header.sealed_hash = sealed.as_ref().map(|part| Digest::of(&[part.bytes()]));
        let header_bytes = header.encode();
        let leaf = leaf_of(&header_bytes);
        Self { header, header_bytes, leaf, body: Some(body), sealed }
    }

    /// Reads an entry off the wire or out of a store. A missing body is a stub and well-formed, and so is an entry
    /// whose sealed part did not come along.
    pub fn of_parts(parts: Parts) -> Result<Self, EntryError> {
        let mut entry = Self::read(parts.header, parts.body)?;
        if let Some(sealed) = parts.sealed {
            if entry.header.sealed_hash != Some(Digest::of(&[&sealed])) {
                return Err(EntryError::SealedHash);
            }
            entry.sealed = Some(SealedPart::read(sealed)?);
        }
        Ok(entry)
    }

    /// As [`Entry::of_parts`], where the sealed part does not matter.
    pub fn read(header_bytes: Vec<u8>, body: Option<Vec<u8>>) -> Result<Self, EntryError> {
        within("header", header_bytes.len(), HEADER_LIMIT)?;
        let header = Header::read(&header_bytes)?;
        if let Some(body) = &body {
            within("body", body.len(), BODY_LIMIT)?;
            if Digest::of(&[body]) != header.body_hash {
                return Err(EntryError::BodyHash);
            }
        }
        let leaf = leaf_of(&header_bytes);
        Ok(Self { header, header_bytes, leaf, body, sealed: None })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The header's bytes, as the author made them.
    #[must_use]
    pub fn header_bytes(&self) -> &[u8] {
        &self.header_bytes
    }

    /// The leaf hash: what later entries name as their predecessor.
    #[must_use]
    pub fn leaf(&self) -> Digest {
        self.leaf
    }

    /// The body's bytes, unless withheld or erased.
    #[must_use]
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_deref()
    }

    /// The sealed part, where there is one and it is here.
    #[must_use]
    pub fn sealed(&self) -> Option<&SealedPart> {
        self.sealed.as_ref()
    }

    /// The words of the body; `None` for a stub and for content this version does not know.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        body::content(self.body.as_deref()?)
    }

    /// Where it stands, or claims to.
    #[must_use]
    pub fn id(&self) -> EntryId {
        self.header.id()
    }

    /// Takes the entry apart.
    #[must_use]
    pub fn into_parts(self) -> Parts {
        let sealed = self.sealed.map(SealedPart::into_bytes);
        Parts { header: self.header_bytes, body: self.body, sealed }
    }
}

/// Leaf hash of RFC 6962: SHA-256 of 0x00 and the header's bytes.
#[must_use]
pub fn leaf_of(header_bytes: &[u8]) -> Digest {
    Digest::of(&[&[0x00], header_bytes])
}

fn within(part: &'static str, size: usize, limit: usize) -> Result<(), EntryError> {
    if size > limit { Err(EntryError::TooLarge { part, size, limit }) } else { Ok(()) }
}

/// How an entry is proved to stand in its author's journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// In a run that the node holds from the journal's beginning.
    InJournal,
    /// By an inclusion path to a signed checkpoint, both kept with the entry.
    Proved {
        /// The author's checkpoint as a signed note.
        checkpoint: Vec<u8>,
        /// Inclusion path, leaf to root.
        path: Vec<Digest>,
    },
}

/// An entry proved to stand in its author's journal. Made in [`crate::journal`] alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEntry {
    entry: Entry,
    standing: Standing,
}

impl VerifiedEntry {
    /// Only the journal's own verification may say so.
    pub(crate) fn new(entry: Entry, standing: Standing) -> Self {
        Self { entry, standing }
    }

    /// The entry.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Its proof.
    #[must_use]
    pub fn standing(&self) -> &Standing {
        &self.standing
    }
}

impl std::ops::Deref for VerifiedEntry {
    type Target = Entry;

    fn deref(&self) -> &Entry {
        &self.entry
    }
}
