//! The passage ledgers as this office keeps them: begun, extended, proved by the neighbour.

use terrace_proto::digest::LinkEpoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::journal::checkpoint::{Checkpoint, Cosigned};
use terrace_proto::ledger::{Head, LedgerId, Record};
use terrace_proto::session::{Peer, Side, Start};

use super::{Archive, ArchiveError, News};
use crate::store::witness::by_superior;
use crate::store::{Batch, Direction, LedgerRecord, PassageRecord, StoreError};
use crate::surroundings::name;

impl Archive {
    /// What a session with a neighbour begins from.
    pub async fn start(&mut self, peer: DivisionCode) -> Result<Start, ArchiveError> {
        self.refresh().await?;
        let journal = self.admitted(peer).ok_or(ArchiveError::NotAdmitted(peer))?;
        let peer_identity = Peer { journal: journal.id, key: journal.key };
        let side =
            if Some(peer) == self.identity.superior { Side::Subordinate } else { Side::Superior };
        let peer_held = (side == Side::Superior && journal.whole).then(|| Checkpoint {
            journal: journal.id,
            size: journal.frontier.size(),
            root: journal.frontier.root(),
        });
        let known = self.store.ledger(peer, Direction::Out).await?;
        let signed_for = self.signed_for(known.as_ref()).await?;
        let (outgoing, position) = match known {
            Some(ledger) => (ledger.head, ledger.position),
            None => (self.begin_ledger(peer, 0).await?, 0),
        };
        let incoming = self.store.ledger(peer, Direction::In).await?.map(|ledger| ledger.head);
        let signed =
            by_superior(self.store.as_ref(), self.identity.me, self.identity.superior).await?;
        let cosigned_size = signed.map_or(0, |signed| signed.size);
        Ok(Start {
            me: self.identity.me,
            signer: self.identity.signer.clone(),
            peer: peer_identity,
            side,
            outgoing,
            position,
            signed_for,
            incoming,
            cosigned_size,
            peer_held,
            checkpoint: self.own_journal()?.checkpoint.clone().unwrap_or_default(),
        })
    }

    /// The place of an outgoing ledger that the neighbour has signed as stored.
    async fn signed_for(
        &self,
        ledger: Option<&LedgerRecord>,
    ) -> Result<Option<(Head, [u8; 64])>, StoreError> {
        let Some(ledger) = ledger else { return Ok(None) };
        let Some((number, signature)) = ledger.proved else { return Ok(None) };
        if number == ledger.head.number {
            return Ok(Some((ledger.head, signature)));
        }
        let passage = self.store.passages(ledger.head.ledger, number, 1).await?.pop();
        let head = passage.map(|passage| passage.record.head);
        Ok(head.filter(|head| head.number == number).map(|head| (head, signature)))
    }

    /// Begins a new outgoing ledger at a position.
    pub async fn begin_ledger(
        &mut self,
        peer: DivisionCode,
        position: u64,
    ) -> Result<Head, ArchiveError> {
        let epoch = LinkEpoch(name(self.chance.as_mut()));
        let head = Head::start(LedgerId { from: self.identity.me.author, to: peer, epoch });
        let ledger = LedgerRecord {
            peer,
            direction: Direction::Out,
            head,
            position,
            proved: None,
            proved_at: 0,
        };
        self.commit(Batch { ledgers: vec![ledger], ..Batch::default() }).await?;
        Ok(head)
    }

    /// Makes outgoing passages durable, before they leave.
    pub async fn record(
        &mut self,
        peer: DivisionCode,
        records: Vec<(Record, u64)>,
    ) -> Result<(), ArchiveError> {
        let Some((last, position)) =
            records.last().map(|(record, position)| (record.head, *position))
        else {
            return Ok(());
        };
        let known = self.store.ledger(peer, Direction::Out).await?;
        let mut before = known.as_ref().map(|ledger| ledger.head);
        for (record, _) in &records {
            follows(before, record)?;
            before = Some(record.head);
        }
        let (proved, proved_at) = known
            .filter(|k| k.head.ledger == last.ledger)
            .map_or((None, 0), |k| (k.proved, k.proved_at));
        let ledger = LedgerRecord {
            peer,
            direction: Direction::Out,
            head: last,
            position,
            proved,
            proved_at,
        };
        let passages = records
            .into_iter()
            .map(|(record, position)| PassageRecord { record, position, stored_at: None })
            .collect();
        self.commit(Batch { ledgers: vec![ledger], passages, ..Batch::default() }).await
    }

    /// Keeps the neighbour's word that it has stored a ledger up to a place.
    pub async fn acknowledged(
        &mut self,
        peer: DivisionCode,
        head: Head,
        stored_at: i64,
        signature: [u8; 64],
    ) -> Result<(), ArchiveError> {
        let Some(mut ledger) = self.store.ledger(peer, Direction::Out).await? else {
            return Ok(());
        };
        if ledger.head.ledger != head.ledger
            || ledger.proved.is_some_and(|(number, _)| number >= head.number)
        {
            return Ok(());
        }
        ledger.proved = Some((head.number, signature));
        ledger.proved_at = stored_at;
        self.commit(Batch { ledgers: vec![ledger], ..Batch::default() }).await
    }

    /// Keeps a cosignature, if it is on a journal as it is held here: the superior's on this office's own, a witness's
    /// on a subordinate's, who is to hear of it.
    pub async fn cosigned(&mut self, cosigned: Cosigned) -> Result<News, ArchiveError> {
        let Cosigned { checkpoint, by, .. } = &cosigned;
        self.refresh().await?;
        let unknown =
            || StoreError::Conflict(format!("journal {} is not known", checkpoint.journal));
        let own = &self.journals.get(&checkpoint.journal).ok_or_else(unknown)?.frontier;
        let level = checkpoint.size == own.size();
        if checkpoint.size > own.size() || level && checkpoint.root != own.root() {
            let text = format!(
                "{} cosigned {} entries that this journal does not have",
                by.author.short(),
                checkpoint.size
            );
            return Err(StoreError::Conflict(text).into());
        }
        let author = cosigned.checkpoint.journal.author;
        let cosignatures = vec![Self::signed(cosigned)];
        self.commit(Batch { cosignatures, ..Batch::default() }).await?;
        // A subordinate is to hear who signed its head.
        let down = Some(author).filter(|author| *author != self.identity.me.author);
        Ok(News { down: down.into_iter().collect(), ..News::default() })
    }
}

/// A ledger has no gaps, whatever became of the passages before: a later one must not cover up a lost one.
pub(super) fn follows(before: Option<Head>, record: &Record) -> Result<(), StoreError> {
    let head = record.head;
    let last =
        before.filter(|before| before.ledger == head.ledger).map_or(0, |before| before.number);
    if head.number == last + 1 {
        return Ok(());
    }
    let (from, to) = (head.ledger.from.short(), head.ledger.to.short());
    let text = format!("the ledger {from} to {to} stands at {last}, {} cannot follow", head.number);
    Err(StoreError::Conflict(text))
}
