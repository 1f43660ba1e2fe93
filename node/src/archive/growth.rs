//! A journal grows: frontier, tiles and run for a batch.

use std::collections::BTreeMap;

use terrace_proto::digest::Digest;
use terrace_proto::entry::{JournalId, VerifiedEntry, leaf_of};
use terrace_proto::journal::{Edge, VerifiedRun};

use super::{Archive, ArchiveError};
use crate::store::{Batch, JournalRecord, NewRun, StoreError};

/// Journals as a batch will leave them, each with the size it had before.
pub(super) type Grown = BTreeMap<JournalId, (JournalRecord, u64)>;

impl Archive {
    /// Adds to `batch` what a run makes of its journal. Its entries are added with their folds.
    pub(super) async fn grow(
        &mut self,
        batch: &mut Batch,
        grown: &mut Grown,
        run: &VerifiedRun,
    ) -> Result<(), ArchiveError> {
        if run.entries().is_empty() {
            return Ok(());
        }
        let id = run.journal();
        let (record, before) = match grown.remove(&id) {
            Some(grown) => grown,
            None => {
                let known =
                    self.journals.get(&id).cloned().ok_or(ArchiveError::NotAdmitted(id.author))?;
                let size = known.frontier.size();
                (known, size)
            }
        };
        if record.frontier.size() != run.first() {
            let text = format!(
                "journal {id} has {} entries, the run starts at {}",
                record.frontier.size(),
                run.first()
            );
            return Err(StoreError::Conflict(text).into());
        }
        let mut edge = self.edge(id, before, &record).await?;
        let tiles = edge.push(run.entries().iter().map(|entry| entry.leaf()));
        batch.tiles.extend(tiles.into_iter().map(|tile| (id, tile)));
        self.edges.insert(id, edge);
        let stored_at = self.clock.now().as_millisecond();
        batch.runs.push(new_run(run, stored_at));
        let record = JournalRecord {
            frontier: run.frontier().clone(),
            checkpoint: Some(run.checkpoint().note().to_vec()),
            whole: true,
            stored_at: Some(stored_at),
            ..record
        };
        grown.insert(id, (record, before));
        Ok(())
    }

    /// The growing end of a journal's tiles: cached, or restored from what is stored.
    async fn edge(
        &mut self,
        id: JournalId,
        stored: u64,
        record: &JournalRecord,
    ) -> Result<Edge, ArchiveError> {
        if let Some(edge) =
            self.edges.remove(&id).filter(|edge| edge.size() == record.frontier.size())
        {
            return Ok(edge);
        }
        let first = Edge::first_leaf(stored);
        let count = u32::try_from(stored - first).expect("an edge has fewer than 256 leaves");
        let entries = self.store.entries(id, first, count).await?;
        let leaves: Vec<Digest> = entries.iter().map(|entry| leaf_of(&entry.header)).collect();
        let tiles = self.store.tiles(id, &Edge::needs(stored)).await?;
        let damaged = || {
            StoreError::Corrupt(format!(
                "the tiles of journal {id} do not fit its {stored} entries"
            ))
        };
        Ok(Edge::restore(stored, leaves, &tiles).ok_or_else(damaged)?)
    }
}

/// A run as it is written.
fn new_run(run: &VerifiedRun, stored_at: i64) -> NewRun {
    let bytes = |entry: &VerifiedEntry| {
        let sealed = entry.sealed().map_or(0, |part| part.bytes().len());
        entry.header_bytes().len() + entry.body().map_or(0, <[u8]>::len) + sealed
    };
    NewRun {
        journal: run.journal(),
        first: run.first(),
        size: run.frontier().size(),
        bytes: run.entries().iter().map(bytes).sum::<usize>() as u64,
        stored_at,
        checkpoint: run.checkpoint().note().to_vec(),
    }
}
