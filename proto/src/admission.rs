//! Who is admitted: keys that the root vouches for, link by link.
//!
//! A superior admits a subordinate's key by an entry in its own journal. Whoever holds the root's key and these
//! entries, each proved in its author's journal, can believe the key at the end of the chain: no office in
//! between is taken at its word. A [`Keyring`] grows by such entries alone.
//!
//! It never looks at certificates, which are the transport's affair.
//!
//! Invariants: 1. a key on the keyring was admitted by a journal on the keyring, above it; 2. nothing leaves the keyring.

use std::collections::BTreeMap;

use crate::digest::Epoch;
use crate::division::{DivisionCode, Tree};
use crate::entry::{Content, EntryId, Header, JournalId, Kind, VerifiedEntry};
use crate::journal::{JournalError, ParcelItem, verify_parcel};
use crate::key::JournalKey;

/// The journal and key that an entry admits, if its author may admit it.
#[must_use]
pub fn admission(entry: &VerifiedEntry, tree: &Tree) -> Option<(JournalId, JournalKey)> {
    if entry.header().kind != Kind::NodeAdmitted {
        return None;
    }
    let Some(Content::NodeAdmitted(admitted)) = entry.content() else { return None };
    let author = DivisionCode::from_number(admitted.division).ok()?;
    let admitter = entry.header().journal.author;
    let journal = JournalId { author, epoch: Epoch::read(&admitted.epoch)? };
    let key = JournalKey::read(admitted.algorithm, &admitted.journal_key).ok()?;
    (author != admitter && tree.is_within(author, admitter)).then_some((journal, key))
}

/// Why an admission is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
    /// It cannot be read.
    #[error("an admission cannot be read")]
    Form,
    /// Its author is not on the keyring.
    #[error("{0} admits somebody, but is not admitted itself")]
    Unknown(JournalId),
    /// It is not proved to stand in its author's journal.
    #[error("an admission by {0} does not hold: {1}")]
    Proof(DivisionCode, JournalError),
    /// The entry admits nobody whom its author may admit.
    #[error("{0} admits nobody below it")]
    Nobody(EntryId),
}

/// Journals and their keys, from the root down.
#[derive(Debug, Clone)]
pub struct Keyring {
    keys: BTreeMap<JournalId, JournalKey>,
}

impl Keyring {
    /// A keyring with the root alone, which is known from paper.
    #[must_use]
    pub fn of_root(journal: JournalId, key: JournalKey) -> Self {
        Self { keys: BTreeMap::from([(journal, key)]) }
    }

    /// Takes an admission with its proof.
    pub fn take(
        &mut self,
        checkpoint: &[u8],
        item: ParcelItem,
        tree: &Tree,
    ) -> Result<(VerifiedEntry, JournalId), AdmissionError> {
        let admitter = Header::read(&item.header).map_err(|_| AdmissionError::Form)?.journal;
        let key = self.key(admitter).ok_or(AdmissionError::Unknown(admitter))?;
        let mut verified = verify_parcel(admitter, key, vec![item], checkpoint)
            .map_err(|error| AdmissionError::Proof(admitter.author, error))?;
        let entry = verified.pop().ok_or(AdmissionError::Form)?;
        let (journal, key) =
            admission(&entry, tree).ok_or_else(|| AdmissionError::Nobody(entry.id()))?;
        self.keys.entry(journal).or_insert(key);
        Ok((entry, journal))
    }

    /// The keys of all journals of an office on the keyring.
    pub fn keys_of(&self, author: DivisionCode) -> impl Iterator<Item = &JournalKey> {
        let of_author = self.keys.iter().filter(move |(journal, _)| journal.author == author);
        of_author.map(|(_, key)| key)
    }

    /// The key of a journal on the keyring.
    #[must_use]
    pub fn key(&self, journal: JournalId) -> Option<&JournalKey> {
        self.keys.get(&journal)
    }
}
