//! Reads what is due to a neighbour, with its proofs.
//!
//! Up go runs, in the order they were written here, each with the checkpoint right behind it. Down go single
//! entries as listed, each proved to its author's newest checkpoint, or by the proof it came with. These are
//! reads of durable rows and take no part in writing; what leaves is also covered by the checkpoint file ([`Level`]).

use std::sync::Arc;

use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::journal::ParcelItem;
use terrace_proto::ledger::{LedgerId, Record, Span};
use terrace_proto::session::{BATCH_ENTRIES, Shipment};

use super::level::Level;
use super::proofs::Proofs;
use crate::store::{PassageRecord, RunRecord, Store, StoreError, StoredEntry};

/// Runs looked at in one load: with one entry to a run, still a full batch.
const RUNS: u32 = BATCH_ENTRIES;
/// Passages loaded again at once.
const RELOADED: u32 = 16;

/// Reads shipments out of a store.
#[derive(Debug, Clone)]
pub struct Shipping {
    store: Arc<dyn Store>,
    proofs: Proofs,
    level: Level,
}

impl Shipping {
    /// Reads from `store`, while the checkpoint file is `level` with it.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, level: Level) -> Self {
        let proofs = Proofs::new(store.clone());
        Self { store, proofs, level }
    }

    /// What goes up behind a position: neighbouring runs of one journal together, within the limits but at
    /// least one run.
    pub async fn up(
        &self,
        after: u64,
        entries: u32,
        bytes: u32,
    ) -> Result<Vec<Shipment>, StoreError> {
        let _level = self.level.read().await?;
        let runs = self.store.runs(after, RUNS.min(entries.max(1))).await?;
        let mut shipments = Vec::new();
        let (mut count, mut total) = (0, 0);
        let mut joined: Option<RunRecord> = None;
        for next in runs {
            count += next.run.size - next.run.first;
            total += next.run.bytes;
            let full = count > u64::from(entries) || total > u64::from(bytes);
            if full && (joined.is_some() || !shipments.is_empty()) {
                break;
            }
            joined = match joined {
                Some(run)
                    if run.run.journal == next.run.journal && run.run.size == next.run.first =>
                {
                    Some(join(run, next))
                }
                Some(run) => {
                    shipments.push(self.run(run).await?);
                    Some(next)
                }
                None => Some(next),
            };
        }
        if let Some(run) = joined {
            shipments.push(self.run(run).await?);
        }
        Ok(shipments)
    }

    /// What goes down to a subordinate behind a position, within the limits but at least one entry, grouped
    /// where one checkpoint proves several.
    pub async fn down(
        &self,
        to: DivisionCode,
        after: u64,
        entries: u32,
        bytes: u32,
    ) -> Result<Vec<Shipment>, StoreError> {
        let _level = self.level.read().await?;
        let parcels = self.store.parcels(to, after, entries.max(1)).await?;
        let ids: Vec<EntryId> = parcels.iter().map(|parcel| parcel.entry).collect();
        let mut proved = self.proofs.of(&ids).await?;
        let mut shipments: Vec<Shipment> = Vec::new();
        let mut total = 0;
        for parcel in parcels {
            let Some((checkpoint, item)) = proved.remove(&parcel.entry) else {
                let text =
                    format!("entry {} is listed for {} but not held", parcel.entry, to.short());
                return Err(StoreError::Corrupt(text));
            };
            total += bytes_of(&item);
            if total > bytes as usize && !shipments.is_empty() {
                break;
            }
            let journal = parcel.entry.journal;
            match shipments.last_mut() {
                Some(last) if last.journal == journal && last.checkpoint == checkpoint => {
                    last.items.push(item);
                    last.position = parcel.position;
                }
                Some(_) | None => shipments.push(Shipment {
                    journal,
                    checkpoint,
                    run: false,
                    items: vec![item],
                    position: parcel.position,
                }),
            }
        }
        Ok(shipments)
    }

    /// Passages of an own ledger again, as recorded, within the limits but at least one.
    pub async fn again(
        &self,
        ledger: LedgerId,
        from: u64,
        entries: u32,
        bytes: u32,
    ) -> Result<Vec<(Record, Shipment)>, StoreError> {
        let _level = self.level.read().await?;
        let passages = self.store.passages(ledger, from, RELOADED).await?;
        let mut again = Vec::with_capacity(passages.len());
        let (mut count, mut total) = (0, 0);
        for passage in passages {
            let shipment = self.recorded(&passage).await?;
            count += shipment.items.len();
            total += shipment.items.iter().map(bytes_of).sum::<usize>();
            if !again.is_empty() && (count > entries as usize || total > bytes as usize) {
                break;
            }
            again.push((passage.record, shipment));
        }
        Ok(again)
    }

    async fn run(&self, run: RunRecord) -> Result<Shipment, StoreError> {
        let RunRecord { position, run } = run;
        let items = self.consecutive(run.journal, run.first, run.size - run.first).await?;
        Ok(Shipment {
            journal: run.journal,
            checkpoint: run.checkpoint,
            run: true,
            items,
            position,
        })
    }

    async fn consecutive(
        &self,
        journal: JournalId,
        first: u64,
        count: u64,
    ) -> Result<Vec<ParcelItem>, StoreError> {
        let limit = u32::try_from(count).unwrap_or(u32::MAX);
        let entries = self.store.entries(journal, first, limit).await?;
        if entries.len() as u64 != count {
            return Err(StoreError::Corrupt(format!(
                "journal {journal} lacks entries from {first} on"
            )));
        }
        let bare = |entry: StoredEntry| ParcelItem {
            header: entry.header,
            body: entry.body,
            sealed: entry.sealed,
            path: Vec::new(),
        };
        Ok(entries.into_iter().map(bare).collect())
    }

    async fn recorded(&self, passage: &PassageRecord) -> Result<Shipment, StoreError> {
        let journal = passage.record.journal;
        let position = passage.position;
        match &passage.record.span {
            Span::Run { first, count } => {
                let run = self.run_ending(journal, first + count, position).await?;
                let items = self.consecutive(journal, *first, *count).await?;
                Ok(Shipment { journal, checkpoint: run.run.checkpoint, run: true, items, position })
            }
            Span::Picked(sequences) => {
                let ids: Vec<EntryId> = sequences
                    .iter()
                    .map(|sequence| EntryId { journal, sequence: *sequence })
                    .collect();
                let mut proved = self.proofs.of(&ids).await?;
                let missing = || {
                    StoreError::Corrupt(format!("entries of a passage of {journal} are not held"))
                };
                let mut shipment = Shipment {
                    journal,
                    checkpoint: Vec::new(),
                    run: false,
                    items: Vec::new(),
                    position,
                };
                for id in ids {
                    let (checkpoint, item) = proved.remove(&id).ok_or_else(missing)?;
                    shipment.checkpoint = checkpoint;
                    shipment.items.push(item);
                }
                Ok(shipment)
            }
        }
    }

    async fn run_ending(
        &self,
        journal: JournalId,
        size: u64,
        position: u64,
    ) -> Result<RunRecord, StoreError> {
        let run = self.store.runs(position.saturating_sub(1), 1).await?.pop();
        run.filter(|run| run.run.journal == journal && run.run.size == size).ok_or_else(|| {
            StoreError::Corrupt(format!(
                "no run of journal {journal} ends at {size}, as a passage says"
            ))
        })
    }
}

/// Bytes of an entry with its path.
fn bytes_of(item: &ParcelItem) -> usize {
    let sealed = item.sealed.as_ref().map_or(0, Vec::len);
    item.header.len() + item.body.as_ref().map_or(0, Vec::len) + sealed + 34 * item.path.len()
}

fn join(mut run: RunRecord, next: RunRecord) -> RunRecord {
    run.position = next.position;
    run.run.size = next.run.size;
    run.run.bytes += next.run.bytes;
    run.run.checkpoint = next.run.checkpoint;
    run
}
