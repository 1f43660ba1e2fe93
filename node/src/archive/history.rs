//! One author, one history: what a run repeats must be what is held.
//!
//! The frontier tells a fork at the end of a journal, but a run that lies wholly in the past leads nowhere. Its
//! leaves are compared with the entries held, so that "stored" is never said for a second history.

use std::collections::BTreeMap;

use terrace_proto::digest::Digest;
use terrace_proto::entry::{VerifiedEntry, leaf_of};
use terrace_proto::journal::VerifiedRun;

use super::{Archive, ArchiveError};

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
}
