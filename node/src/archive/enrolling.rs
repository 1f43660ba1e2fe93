//! How an office begins, admits its subordinates, and learns who stands above it.
//!
//! An admission is an entry in the superior's journal. The chain of admissions from the root down to an
//! office, each entry proved in its author's journal, is what lets anyone who holds only the root's key
//! trust that office's key.

use terrace_proto::admission::{AdmissionError, Keyring};
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Hand;
use terrace_proto::entry::{Content, Entry, EntryId, JournalId};
use terrace_proto::journal::{Frontier, ParcelItem};
use terrace_proto::key::{Algorithm, JournalKey};
use terrace_proto::wire;

use super::{Archive, ArchiveError, Draft, Identity, News, own_journal};
use crate::store::{Batch, JournalRecord, Store, StoreError};

/// An entry with the checkpoint and path that prove it.
pub type Proved = (Vec<u8>, ParcelItem);

/// Why a chain of admissions is not believed.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// A link of it does not hold.
    #[error("admission {position} of the chain does not hold: {why}")]
    Link {
        /// Position in the chain, from 0 at the root.
        position: usize,
        /// What is wrong.
        why: AdmissionError,
    },
    /// It holds, but does not lead to this office.
    #[error("the chain of admissions does not lead to this office's key")]
    Elsewhere,
    /// The archive could not keep it.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// Puts an office's own journal, still empty, into a new store.
pub async fn found(store: &dyn Store, identity: &Identity) -> Result<(), StoreError> {
    let own = own_journal(identity.me, &identity.signer);
    store.commit(Batch { journals: vec![(own, 0)], ..Batch::default() }).await
}

impl Archive {
    /// Writes the first entry of this epoch, unless it stands already.
    pub async fn open_epoch(&mut self) -> Result<News, ArchiveError> {
        self.refresh().await?;
        if self.own_journal()?.frontier.size() > 0 {
            return Ok(News::default());
        }
        let opened = Content::EpochOpened(wire::EpochOpened::default());
        let (_, news) = self.append(vec![Draft::plain(Hand::default(), None, opened)]).await?;
        Ok(news)
    }

    /// Admits a subordinate's keys; the same keys again change nothing. Another transport key takes the place of
    /// the one before: a certificate that carries that one is refused from then on.
    pub async fn admit(
        &mut self,
        hand: Hand,
        journal: JournalId,
        key: JournalKey,
        transport_key_hash: Digest,
    ) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let known = self.journals.get(&journal).is_some_and(|known| known.key == key);
        if known && self.transport_key(journal.author).await? == Some(transport_key_hash) {
            return Ok(News::default());
        }
        let admitted = Content::NodeAdmitted(wire::NodeAdmitted {
            division: journal.author.number(),
            epoch: journal.epoch.0.to_vec(),
            algorithm: Algorithm::Ed25519 as u32,
            journal_key: key.bytes().to_vec(),
            transport_key_hash: transport_key_hash.0.to_vec(),
        });
        let (_, news) = self.append(vec![Draft::plain(hand, None, admitted)]).await?;
        Ok(news)
    }

    /// The journal of a neighbour that counts. Epochs are random: it is the one admitted last.
    pub(super) fn admitted(&self, peer: DivisionCode) -> Option<&JournalRecord> {
        let journal = |epoch| JournalId { author: peer, epoch: Epoch([epoch; 16]) };
        let of_peer = self.journals.range(journal(u8::MIN)..=journal(u8::MAX));
        let of_peer = of_peer.map(|(_, journal)| journal);
        of_peer.max_by_key(|journal| journal.admitted_by.map(|entry| entry.sequence))
    }

    /// SHA-256 of the transport key that a neighbour's newest admission names. `None` for the root, whom
    /// nobody admits: its certificate leads to the pinned one.
    pub async fn transport_key(
        &mut self,
        peer: DivisionCode,
    ) -> Result<Option<Digest>, ArchiveError> {
        self.refresh().await?;
        let admitted = self.admitted(peer).ok_or(ArchiveError::NotAdmitted(peer))?;
        let Some(by) = admitted.admitted_by else { return Ok(None) };
        let damaged = || StoreError::Corrupt(format!("admission {by} is not held as it was made"));
        let stored = self.store.entries_at(&[by]).await?.pop().ok_or_else(damaged)?;
        let entry = Entry::read(stored.header, stored.body).map_err(|_| damaged())?;
        match entry.content() {
            Some(Content::NodeAdmitted(admitted)) => Ok(Digest::read(&admitted.transport_key_hash)),
            Some(_) | None => Err(damaged().into()),
        }
    }

    /// The admissions from the root down to `journal`, each with its proof.
    pub async fn admission_chain(
        &mut self,
        journal: JournalId,
    ) -> Result<Vec<Proved>, ArchiveError> {
        self.refresh().await?;
        let chain = self.chain(journal, &std::collections::BTreeMap::new());
        let mut proved = self.proofs().of(&chain).await?;
        let missing =
            |entry: &EntryId| StoreError::Corrupt(format!("admission {entry} is not held"));
        chain
            .iter()
            .map(|entry| proved.remove(entry).ok_or_else(|| missing(entry).into()))
            .collect()
    }

    /// Believes a chain of admissions that begins at the pinned root and ends at this office, and keeps it.
    pub async fn enrolled(
        &mut self,
        root: (JournalId, JournalKey),
        chain: Vec<Proved>,
    ) -> Result<(), ChainError> {
        self.refresh().await?;
        let own = self.own_journal()?.clone();
        let mut batch = Batch::default();
        let (mut journal, mut key) = root;
        let mut admitted_by = None;
        let mut keyring = Keyring::of_root(journal, key);
        for (position, (checkpoint, item)) in chain.into_iter().enumerate() {
            self.learn(&mut batch, journal, key, admitted_by);
            let taken = keyring.take(&checkpoint, item, self.tree);
            let (entry, next) = taken.map_err(|why| ChainError::Link { position, why })?;
            key = *keyring.key(next).ok_or(ChainError::Elsewhere)?;
            journal = next;
            admitted_by = Some(entry.id());
            batch.entries.push(entry);
        }
        if (journal, key) != (own.id, own.key) {
            return Err(ChainError::Elsewhere);
        }
        let size = own.frontier.size();
        batch.journals.push((JournalRecord { admitted_by, ..own }, size));
        Ok(self.commit(batch).await?)
    }

    fn learn(
        &self,
        batch: &mut Batch,
        journal: JournalId,
        key: JournalKey,
        admitted_by: Option<EntryId>,
    ) {
        if self.journals.contains_key(&journal) {
            return;
        }
        let record = JournalRecord {
            id: journal,
            key,
            admitted_by,
            whole: false,
            frontier: Frontier::default(),
            checkpoint: None,
            stored_at: None,
        };
        batch.journals.push((record, 0));
    }
}
