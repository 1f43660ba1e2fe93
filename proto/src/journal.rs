//! A node's own append-only Merkle log of entries (RFC 6962).
//!
//! The author [`append`]s; a receiver that holds the journal from its beginning [`verify_run`]s; a
//! receiver that is given single entries [`verify_parcel`]s. Appending and receiving both extend a
//! [`Frontier`]. These three are the only makers of a [`VerifiedEntry`], and one signature check covers
//! a whole run or parcel.
//!
//! It never reads a store and never judges what an entry says.
//!
//! Invariants: 1. sequences of a journal are without gaps; 2. a run is taken only if the frontier it
//! leads to is the one its author signed; 3. a signed checkpoint that contradicts the frontier already
//! held is a fork, and is told apart from a damaged run.

pub mod checkpoint;
pub mod merkle;
pub mod tile;

pub use checkpoint::{Checkpoint, SignedCheckpoint};
pub use merkle::Frontier;
pub use tile::{Edge, Tile};

use crate::digest::Digest;
use crate::entry::{Entry, EntryError, JournalId, Parts, Standing, VerifiedEntry};
use crate::key::{JournalKey, Signer};
use crate::wire;

/// A journal as far as this node holds it from the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Which journal.
    pub journal: JournalId,
    /// The key its author was admitted with.
    pub key: JournalKey,
    /// How far it is held.
    pub frontier: Frontier,
}

/// Consecutive entries of one journal, each proved by the checkpoint behind the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedRun {
    journal: JournalId,
    repeated: Vec<(u64, Digest)>,
    entries: Vec<VerifiedEntry>,
    checkpoint: SignedCheckpoint,
    frontier: Frontier,
}

impl VerifiedRun {
    /// The journal.
    #[must_use]
    pub fn journal(&self) -> JournalId {
        self.journal
    }

    /// The new entries, in order; empty when all were held already.
    #[must_use]
    pub fn entries(&self) -> &[VerifiedEntry] {
        &self.entries
    }

    /// The new entries themselves.
    #[must_use]
    pub fn into_entries(self) -> Vec<VerifiedEntry> {
        self.entries
    }

    /// Sequences and leaves of entries that were held already and that the run repeats. Whoever stores the run
    /// compares them with what is held: the frontier alone cannot tell a second history of its past.
    #[must_use]
    pub fn repeated(&self) -> &[(u64, Digest)] {
        &self.repeated
    }

    /// The checkpoint right behind the last entry.
    #[must_use]
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// The frontier after the last entry.
    #[must_use]
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Sequence of the first new entry.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.frontier.size() - self.entries.len() as u64
    }
}

/// Why a run or parcel is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// An entry is not well-formed.
    #[error("entry {position} of the batch: {error}")]
    Entry {
        /// Position in the batch, from 0.
        position: usize,
        /// What is wrong.
        error: EntryError,
    },
    /// An entry names another journal or place than the batch it came in.
    #[error("entry {position} of the batch says it is {said}, not {expected}")]
    Place {
        /// Position in the batch, from 0.
        position: usize,
        /// What its header says.
        said: String,
        /// What the batch needs.
        expected: String,
    },
    /// The batch starts behind the end of what is held.
    #[error("journal {journal} is held up to {held}, but the run starts at {first}")]
    Gap {
        /// The journal.
        journal: JournalId,
        /// Entries held.
        held: u64,
        /// First sequence received.
        first: u64,
    },
    /// The checkpoint is malformed or is not signed by the author's admitted key.
    #[error("the checkpoint of journal {0} is not signed by its admitted key")]
    Signature(JournalId),
    /// The entries do not lead to the root their author signed: damaged on the way.
    #[error("the entries do not lead to the root that {0} signed")]
    Proof(JournalId),
    /// The author signed two histories.
    #[error("journal {journal} was signed twice with different roots at size {size}: a fork")]
    Fork {
        /// The journal.
        journal: JournalId,
        /// Where.
        size: u64,
    },
}

/// Appends `entries` to the author's own journal and signs a checkpoint behind them.
///
/// # Panics
/// When an entry does not carry the next sequence of this journal: the desk numbers entries by the very
/// frontier it passes here.
#[must_use]
pub fn append(
    journal: JournalId,
    mut frontier: Frontier,
    entries: Vec<Entry>,
    signer: &Signer,
) -> VerifiedRun {
    let mut verified = Vec::with_capacity(entries.len());
    for entry in entries {
        assert_eq!(entry.header().journal, journal, "an author appends to its own journal");
        assert_eq!(entry.header().sequence, frontier.size(), "sequences are without gaps");
        frontier.push(entry.leaf());
        verified.push(VerifiedEntry::new(entry, Standing::InJournal));
    }
    let checkpoint =
        Checkpoint { journal, size: frontier.size(), root: frontier.root() }.sign(signer);
    VerifiedRun { journal, repeated: Vec::new(), entries: verified, checkpoint, frontier }
}

/// Verifies a run against what is held of its journal. Of entries already held only the leaves are given back,
/// to be compared ([`VerifiedRun::repeated`]).
pub fn verify_run(
    held: &Held,
    first: u64,
    parts: Vec<Parts>,
    checkpoint: &[u8],
) -> Result<VerifiedRun, JournalError> {
    let size = held.frontier.size();
    if first > size {
        return Err(JournalError::Gap { journal: held.journal, held: size, first });
    }
    let checkpoint = SignedCheckpoint::read(checkpoint, held.journal, &held.key)
        .ok_or(JournalError::Signature(held.journal))?;
    let entries = read_entries(held.journal, parts, |position| first + position as u64)?;
    let mut frontier = held.frontier.clone();
    let (mut repeated, mut fresh) = (Vec::new(), Vec::with_capacity(entries.len()));
    for entry in entries {
        if entry.header().sequence < size {
            repeated.push((entry.header().sequence, entry.leaf()));
        } else {
            frontier.push(entry.leaf());
            fresh.push(VerifiedEntry::new(entry, Standing::InJournal));
        }
    }
    check_root(held, &frontier, &checkpoint, fresh.is_empty())?;
    Ok(VerifiedRun { journal: held.journal, repeated, entries: fresh, checkpoint, frontier })
}

fn check_root(
    held: &Held,
    frontier: &Frontier,
    checkpoint: &SignedCheckpoint,
    nothing_new: bool,
) -> Result<(), JournalError> {
    let signed = checkpoint.checkpoint();
    if nothing_new && signed.size < frontier.size() {
        return Ok(()); // An old run again: nothing of it is taken, and its leaves will be compared.
    }
    if signed.size == frontier.size() && signed.root == frontier.root() {
        return Ok(());
    }
    if signed.size == held.frontier.size() && signed.root != held.frontier.root() {
        return Err(JournalError::Fork { journal: held.journal, size: signed.size });
    }
    Err(JournalError::Proof(held.journal))
}

/// One entry of a parcel, as it came off the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParcelItem {
    /// The header's bytes.
    pub header: Vec<u8>,
    /// The body, unless withheld.
    pub body: Option<Vec<u8>>,
    /// The sealed part's ciphertext, where there is one and it is passed on.
    pub sealed: Option<Vec<u8>>,
    /// Inclusion path, leaf to root.
    pub path: Vec<Digest>,
}

impl ParcelItem {
    /// An entry with its path.
    #[must_use]
    pub fn of(parts: Parts, path: Vec<Digest>) -> Self {
        let Parts { header, body, sealed } = parts;
        Self { header, body, sealed, path }
    }

    /// An item off the wire; a hash of a wrong length makes the proof fail.
    #[must_use]
    pub fn off_wire(item: wire::Item) -> Self {
        let path = item.path.iter().map(|hash| Digest::read(hash).unwrap_or_default()).collect();
        Self { header: item.header, body: item.body, sealed: item.sealed, path }
    }

    /// The item as it is sent.
    #[must_use]
    pub fn into_wire(self) -> wire::Item {
        let path = self.path.iter().map(|hash| hash.0.to_vec()).collect();
        wire::Item { header: self.header, body: self.body, path, sealed: self.sealed }
    }
}

/// Verifies single entries of one journal, each by its inclusion path to one signed checkpoint.
pub fn verify_parcel(
    journal: JournalId,
    key: &JournalKey,
    items: Vec<ParcelItem>,
    checkpoint: &[u8],
) -> Result<Vec<VerifiedEntry>, JournalError> {
    let signed =
        SignedCheckpoint::read(checkpoint, journal, key).ok_or(JournalError::Signature(journal))?;
    let size = signed.checkpoint().size;
    let root = signed.checkpoint().root;
    let mut verified = Vec::with_capacity(items.len());
    for (position, item) in items.into_iter().enumerate() {
        let ParcelItem { header, body, sealed, path } = item;
        let entry = Entry::of_parts(Parts { header, body, sealed })
            .map_err(|error| JournalError::Entry { position, error })?;
        if entry.header().journal != journal {
            return Err(misplaced(position, &entry, journal.to_string()));
        }
        let sequence = entry.header().sequence;
        if merkle::root_of_path(entry.leaf(), sequence, size, &path) != Some(root) {
            return Err(JournalError::Proof(journal));
        }
        let standing = Standing::Proved { checkpoint: checkpoint.to_vec(), path };
        verified.push(VerifiedEntry::new(entry, standing));
    }
    Ok(verified)
}

/// Proves again an entry read out of a store, by the proof kept with it.
pub fn verify_stored(
    entry: Entry,
    checkpoint: &[u8],
    path: Vec<Digest>,
    key: &JournalKey,
) -> Result<VerifiedEntry, JournalError> {
    let journal = entry.header().journal;
    let items = vec![ParcelItem::of(entry.into_parts(), path)];
    let mut verified = verify_parcel(journal, key, items, checkpoint)?;
    verified.pop().ok_or(JournalError::Proof(journal))
}

fn read_entries(
    journal: JournalId,
    parts: Vec<Parts>,
    sequence: impl Fn(usize) -> u64,
) -> Result<Vec<Entry>, JournalError> {
    let mut entries = Vec::with_capacity(parts.len());
    for (position, parts) in parts.into_iter().enumerate() {
        let entry =
            Entry::of_parts(parts).map_err(|error| JournalError::Entry { position, error })?;
        let expected = crate::entry::EntryId { journal, sequence: sequence(position) };
        if entry.id() != expected {
            return Err(misplaced(position, &entry, expected.to_string()));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn misplaced(position: usize, entry: &Entry, expected: String) -> JournalError {
    JournalError::Place { position, said: entry.id().to_string(), expected }
}
