//! One author, one history: what a run repeats must be what is held.
//!
//! The frontier tells a fork at the end of a journal, but a run that lies wholly in the past leads nowhere. Its
//! leaves are compared with the entries held, so that "stored" is never said for a second history. One that begins in
//! the past and goes on beyond what is held is not taken either; if its author did sign it, that is put on record with
//! the very entry at which the histories part ([`Archive::compare`]). A damaged run accuses nobody.

use std::collections::BTreeMap;

use terrace_proto::digest::Digest;
use terrace_proto::entry::{JournalId, VerifiedEntry, leaf_of};
use terrace_proto::journal::{SignedCheckpoint, VerifiedRun};
use terrace_proto::objection::{Ground, Objection};

use super::{Archive, ArchiveError, News};

impl Archive {
    /// Compares what `run` repeats with what is held, or lies in `gathered` to be stored with it.
    pub(super) async fn same_history(
        &self,
        run: &VerifiedRun,
        gathered: &[VerifiedEntry],
    ) -> Result<(), ArchiveError> {
        let (journal, repeated) = (run.journal(), run.repeated());
        let Some((first, _)) = repeated.first().copied() else { return Ok(()) };
        let limit = u32::try_from(repeated.len()).unwrap_or(u32::MAX);
        let stored = self.store.entries(journal, first, limit).await?;
        let stored = stored.into_iter().map(|entry| (entry.id.sequence, leaf_of(&entry.header)));
        let of_journal = gathered.iter().filter(|entry| entry.header().journal == journal);
        let waiting = of_journal.map(|entry| (entry.header().sequence, entry.leaf()));
        let held: BTreeMap<u64, Digest> = stored.chain(waiting).collect();
        match repeated.iter().find(|(sequence, leaf)| held.get(sequence) != Some(leaf)) {
            Some((sequence, _)) => Err(ArchiveError::Fork {
                journal,
                sequence: *sequence,
                shown: run.checkpoint().note().to_vec(),
            }),
            None => Ok(()),
        }
    }

    /// Finds out whether leaves from `first` on, which come with the head `shown`, are a second history of a journal
    /// held from its beginning: its author must have signed just that head. Then it is put on record.
    pub async fn compare(
        &mut self,
        about: JournalId,
        first: u64,
        leaves: &[Digest],
        shown: Vec<u8>,
    ) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let whole = self.journals.get(&about).filter(|journal| journal.whole);
        let Some(record) = whole.filter(|journal| first <= journal.frontier.size()) else {
            return Ok(News::default());
        };
        let Some(signed) = SignedCheckpoint::read(&shown, about, &record.key) else {
            return Ok(News::default());
        };
        let mut frontier = self.proofs().frontier(about, first).await?;
        leaves.iter().for_each(|leaf| frontier.push(*leaf));
        let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
        if (size, root) != (frontier.size(), frontier.root()) {
            return Ok(News::default());
        }
        let limit = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
        let held = self.store.entries(about, first, limit).await?;
        let parted = held.iter().zip(leaves).find(|(entry, leaf)| leaf_of(&entry.header) != **leaf);
        let Some(place) = parted.map(|(entry, _)| entry.id.sequence) else {
            return Ok(News::default());
        };
        let (ground, held, since) = (Ground::Forked, Vec::new(), None);
        self.object(Objection { ground, about, place, shown, held, since }).await
    }
}
