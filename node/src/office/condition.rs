//! How an office and its links stand, gathered from rows for whoever shows it.
//!
//! It only reads. What it says of the own journal may be a moment ahead of the checkpoint file: who shows it
//! to others than the office's own people holds the [`Level`](crate::archive::Level) meanwhile.

use jiff::Timestamp;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Header;

use super::raised::Raised;
use super::{Contact, Office};
use crate::store::witness::by_superior;
use crate::store::{Cosignature, Direction, JournalRecord, LedgerRecord, StoreError, Tally};

/// Questions and objections shown with an office's condition.
const RAISED: u32 = 20;

/// How an office stands.
#[derive(Debug, Clone)]
pub struct Condition {
    /// Its own journal; `None` only before its first entry.
    pub journal: Option<JournalRecord>,
    /// The superior's newest line under it.
    pub cosignature: Option<Cosignature>,
    /// The newest signatures of others, a sibling as its witness.
    pub witnessed: Vec<Cosignature>,
    /// The newest questions and objections on record here.
    pub raised: Vec<Raised>,
    /// How much is held of everything.
    pub tally: Tally,
    /// Why it accepts nothing now, if so.
    pub refusing: Option<String>,
    /// Whether an operator holds the link to the superior.
    pub link_held: bool,
}

/// How the link with a neighbour stands.
#[derive(Debug, Clone)]
pub struct Neighbour {
    /// Who.
    pub division: DivisionCode,
    /// Whether it is the superior.
    pub up: bool,
    /// What the last conversation told; `None` when there was none since the start.
    pub contact: Option<Contact>,
    /// The ledger of what was sent.
    pub sent: Option<LedgerRecord>,
    /// The ledger of what was received.
    pub received: Option<LedgerRecord>,
    /// Whether something is due to it that no passage carries yet.
    pub unsent: bool,
}

impl Condition {
    /// How many entries the own journal has.
    #[must_use]
    pub fn journal_size(&self) -> u64 {
        self.journal.as_ref().map_or(0, |journal| journal.frontier.size())
    }
}

impl Office {
    /// The superior's newest signature on this office's journal.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn cosigned_by_superior(&self) -> Result<Option<Cosignature>, StoreError> {
        by_superior(self.store.as_ref(), self.identity.me, self.identity.superior).await
    }

    /// The newest signatures on this office's journal by others than the superior.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn witnessed(&self) -> Result<Vec<Cosignature>, StoreError> {
        let mut signed = self.store.cosignatures(self.identity.me).await?;
        signed.retain(|signed| Some(signed.by.author) != self.identity.superior);
        Ok(signed)
    }

    /// How this office stands.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn condition(&self) -> Result<Condition, StoreError> {
        Ok(Condition {
            journal: self.store.journal(self.identity.me).await?,
            cosignature: self.cosigned_by_superior().await?,
            witnessed: self.witnessed().await?,
            raised: self.raised(RAISED).await?,
            tally: self.store.tally().await?,
            refusing: self.refusing(),
            link_held: *self.held().borrow(),
        })
    }

    /// When the oldest entry was recorded that the superior has not cosigned; `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn oldest_uncosigned(
        &self,
        condition: &Condition,
    ) -> Result<Option<Timestamp>, StoreError> {
        let from = condition.cosignature.as_ref().map_or(0, |cosignature| cosignature.size);
        let oldest = self.store.entries(self.identity.me, from, 1).await?.pop();
        let oldest = oldest.and_then(|entry| Header::read(&entry.header).ok());
        Ok(oldest.map(|header| header.recorded_at))
    }

    /// How the links stand, the superior first. Waits for the writing hand to know the subordinates.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store does not answer.
    pub async fn neighbours(&self) -> Result<Vec<Neighbour>, StoreError> {
        let subordinates = self.write().await.archive.subordinates().clone();
        let mut contacts = self.contacts();
        let mut neighbours = Vec::new();
        for division in self.identity.superior.into_iter().chain(subordinates) {
            let up = Some(division) == self.identity.superior;
            let sent = self.store.ledger(division, Direction::Out).await?;
            let position = sent.as_ref().map_or(0, |ledger| ledger.position);
            let unsent = if up {
                !self.store.runs(position, 1).await?.is_empty()
            } else {
                !self.store.parcels(division, position, 1).await?.is_empty()
            };
            let received = self.store.ledger(division, Direction::In).await?;
            let contact = contacts.remove(&division);
            neighbours.push(Neighbour { division, up, contact, sent, received, unsent });
        }
        Ok(neighbours)
    }
}
