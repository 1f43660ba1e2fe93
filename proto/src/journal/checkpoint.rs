//! The signed head of a journal (C2SP tlog-checkpoint on a signed note).
//!
//! Three lines: origin, size, root. The origin names author and epoch and is the key name as well, so a
//! checkpoint of one epoch can never pass for another's.

use data_encoding::BASE64;

use crate::digest::Digest;
use crate::entry::JournalId;
use crate::key::{JournalKey, Signer};
use crate::note::{self, Note};

/// Head of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which journal.
    pub journal: JournalId,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
}

impl Checkpoint {
    /// The origin line of a journal.
    #[must_use]
    pub fn origin(journal: JournalId) -> String {
        format!("terrace/{}/{}", journal.author, journal.epoch)
    }

    /// The journal that an origin line names.
    #[must_use]
    pub fn read_origin(origin: &str) -> Option<JournalId> {
        let (author, epoch) = origin.strip_prefix("terrace/")?.split_once('/')?;
        let journal = JournalId { author: author.parse().ok()?, epoch: epoch.parse().ok()? };
        (Self::origin(journal) == origin).then_some(journal)
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", Self::origin(self.journal), self.size, BASE64.encode(&self.root.0))
    }

    /// Signs it as the journal's author.
    #[must_use]
    pub fn sign(self, signer: &Signer) -> SignedCheckpoint {
        let note = Note::sign(self.text(), &Self::origin(self.journal), signer).to_bytes();
        SignedCheckpoint { checkpoint: self, note }
    }

    /// Reads the text of a checkpoint of `journal`; says nothing about signatures.
    #[must_use]
    pub fn read(text: &str, journal: JournalId) -> Option<Self> {
        let mut lines = text.split('\n');
        if lines.next()? != Self::origin(journal) {
            return None;
        }
        let digits = lines.next()?;
        let size: u64 = digits.parse().ok()?;
        let root = Digest::read(&BASE64.decode(lines.next()?.as_bytes()).ok()?)?;
        (size.to_string() == digits).then_some(Self { journal, size, root })
    }
}

/// A checkpoint with its author's signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Vec<u8>,
}

impl SignedCheckpoint {
    /// Reads a signed note; `None` unless `key` signed a checkpoint of `journal` on it.
    #[must_use]
    pub fn read(bytes: &[u8], journal: JournalId, key: &JournalKey) -> Option<Self> {
        let note = Note::read(bytes).ok()?;
        let checkpoint = Checkpoint::read(note.text(), journal)?;
        note.signed_by(&Checkpoint::origin(journal), key)
            .then(|| Self { checkpoint, note: bytes.to_vec() })
    }

    /// The head.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note's bytes.
    #[must_use]
    pub fn note(&self) -> &[u8] {
        &self.note
    }
}

/// Another's line on an author's checkpoint. The superior's says: durably stored up to here, at this hour; a witness's:
/// this goes on from every head of this journal I have signed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The head it stands on.
    pub checkpoint: Checkpoint,
    /// Whose key signed.
    pub by: JournalId,
    /// The hour, in seconds since 1970 UTC, by the signer's clock.
    pub at: u64,
    /// The signature line.
    pub line: String,
}

impl Cosigned {
    /// Cosigns `checkpoint` as the node of `journal`.
    #[must_use]
    pub fn sign(checkpoint: Checkpoint, by: JournalId, signer: &Signer, at: u64) -> Self {
        let line = note::cosign(&checkpoint.text(), &Checkpoint::origin(by), signer, at);
        Self { checkpoint, by, at, line }
    }

    /// Reads a cosignature line; `None` unless the key of journal `by` made it on this very head.
    #[must_use]
    pub fn read(
        checkpoint: Checkpoint,
        line: &str,
        by: JournalId,
        key: &JournalKey,
    ) -> Option<Self> {
        let at = note::cosigned_at(&checkpoint.text(), line, &Checkpoint::origin(by), key)?;
        Some(Self { checkpoint, by, at, line: line.to_owned() })
    }
}
