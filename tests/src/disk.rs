//! What an office keeps through a crash: its database, which remembers what each commit wrote, and its
//! checkpoint file, which can be left behind by one.
//!
//! The modelled store itself is the node's; here it is only watched.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::FutureExt as _;
use terrace_node::store::memory::{Fault, MemoryStore};
use terrace_node::store::{
    AnnouncedKey, Batch, CaseRecord, CellsAsked, Cosignature, CountedAsked, CountedRecord, Counter,
    Direction, HeadRecord, Holding, IssuedRules, JournalRecord, LedgerRecord, ParcelRecord,
    PassageRecord, RaisedRecord, Reach, ReportRecord, Rolled, RunRecord, SketchRecord, Sought,
    SoughtRecord, Store, StoreError, StoredEntry, Tally, Wanted,
};
use terrace_node::watermark::{MemoryWatermark, Watermark, WatermarkError};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::figure::cell::Cell;
use terrace_proto::figure::share::Share;
use terrace_proto::journal::tile::TileId;
use terrace_proto::journal::{Frontier, SignedCheckpoint, Tile};
use terrace_proto::key::JournalKey;
use terrace_proto::ledger::LedgerId;

/// The database of an office, watched.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    store: MemoryStore,
    written: Arc<Mutex<Vec<Batch>>>,
    /// All that ever reached it, in order.
    history: Arc<Mutex<Vec<Batch>>>,
    troubled: Arc<AtomicBool>,
}

impl Disk {
    /// The next commit meets `fault`.
    pub fn inject(&self, fault: Fault) {
        self.troubled.store(true, Ordering::Relaxed);
        self.store.inject(fault);
    }

    /// Whether a fault waits for the next commit.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        self.troubled.load(Ordering::Relaxed)
    }

    /// The store itself.
    #[must_use]
    pub fn store(&self) -> &MemoryStore {
        &self.store
    }

    /// A copy of the disk as it is now: what a backup would hold.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let troubled = Arc::new(AtomicBool::new(self.is_troubled()));
        let history = Arc::new(Mutex::new(self.history()));
        Self { store: self.store.snapshot(), troubled, history, ..Self::default() }
    }

    /// All that commits ever wrote, in order, so that it can be written to another store.
    #[must_use]
    pub fn history(&self) -> Vec<Batch> {
        self.history.lock().expect("no one panics while holding it").clone()
    }

    /// What commits wrote since this was last asked.
    #[must_use]
    pub fn take_written(&self) -> Vec<Batch> {
        std::mem::take(&mut *self.written.lock().expect("no one panics while holding it"))
    }
}

/// The answer of a future that never waits, as those over a modelled disk do not.
///
/// # Panics
/// When it does wait.
pub fn at_once<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("a modelled disk answers at once")
}

#[async_trait]
impl Store for Disk {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let (copy, before) = (batch.clone(), self.store.commits());
        let result = self.store.commit(batch).await;
        self.troubled.store(false, Ordering::Relaxed);
        if self.store.commits() > before {
            self.history.lock().expect("no one panics while holding it").push(copy.clone());
            self.written.lock().expect("no one panics while holding it").push(copy);
        }
        result
    }

    async fn frozen(&self) -> Result<Arc<dyn Store>, StoreError> {
        self.store.frozen().await
    }

    async fn journal(&self, id: JournalId) -> Result<Option<JournalRecord>, StoreError> {
        self.store.journal(id).await
    }

    async fn journals(&self) -> Result<Vec<JournalRecord>, StoreError> {
        self.store.journals().await
    }

    async fn journals_of(&self, office: DivisionCode) -> Result<Vec<JournalRecord>, StoreError> {
        self.store.journals_of(office).await
    }

    async fn reaches(&self) -> Result<Vec<Reach>, StoreError> {
        self.store.reaches().await
    }

    async fn entries(
        &self,
        journal: JournalId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.store.entries(journal, from, limit).await
    }

    async fn entries_at(&self, ids: &[EntryId]) -> Result<Vec<StoredEntry>, StoreError> {
        self.store.entries_at(ids).await
    }

    async fn tiles(&self, journal: JournalId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
        self.store.tiles(journal, ids).await
    }

    async fn runs(&self, after: u64, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        self.store.runs(after, limit).await
    }

    async fn parcels(
        &self,
        to: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        self.store.parcels(to, after, limit).await
    }

    async fn cases(&self, ids: &[CaseId]) -> Result<Vec<CaseRecord>, StoreError> {
        self.store.cases(ids).await
    }

    async fn cases_numbered(&self, number: &str) -> Result<Vec<CaseRecord>, StoreError> {
        self.store.cases_numbered(number).await
    }

    async fn cases_after(&self, after: u64, limit: u32) -> Result<Vec<CaseRecord>, StoreError> {
        self.store.cases_after(after, limit).await
    }

    async fn cases_wanted(
        &self,
        wanted: &Wanted,
        before: u64,
        limit: u32,
    ) -> Result<Vec<CaseRecord>, StoreError> {
        self.store.cases_wanted(wanted, before, limit).await
    }

    async fn sought(
        &self,
        sought: &Sought,
        holder: Option<DivisionCode>,
        limit: u32,
    ) -> Result<(u64, Vec<SoughtRecord>), StoreError> {
        self.store.sought(sought, holder, limit).await
    }

    async fn holdings(&self, today: i32) -> Result<Vec<Holding>, StoreError> {
        self.store.holdings(today).await
    }

    async fn entries_saying(
        &self,
        words: &str,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.store.entries_saying(words, limit).await
    }

    async fn ledger(
        &self,
        peer: DivisionCode,
        direction: Direction,
    ) -> Result<Option<LedgerRecord>, StoreError> {
        self.store.ledger(peer, direction).await
    }

    async fn passages(
        &self,
        ledger: LedgerId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<PassageRecord>, StoreError> {
        self.store.passages(ledger, from, limit).await
    }

    async fn cosignatures(&self, journal: JournalId) -> Result<Vec<Cosignature>, StoreError> {
        self.store.cosignatures(journal).await
    }

    async fn head(&self, journal: JournalId) -> Result<Option<HeadRecord>, StoreError> {
        self.store.head(journal).await
    }

    async fn raised(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, RaisedRecord)>, StoreError> {
        self.store.raised(before, limit).await
    }

    async fn raised_as(&self, gist: Digest) -> Result<Vec<RaisedRecord>, StoreError> {
        self.store.raised_as(gist).await
    }

    async fn issued_rules(&self) -> Result<Vec<IssuedRules>, StoreError> {
        self.store.issued_rules().await
    }

    async fn sealing_keys(&self, office: DivisionCode) -> Result<Vec<AnnouncedKey>, StoreError> {
        self.store.sealing_keys(office).await
    }

    async fn reports(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, ReportRecord)>, StoreError> {
        self.store.reports(before, limit).await
    }

    async fn rolled(
        &self,
        roll: u32,
        author: Option<DivisionCode>,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Rolled)>, StoreError> {
        self.store.rolled(roll, author, before, limit).await
    }

    async fn sketches(
        &self,
        place: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SketchRecord>, StoreError> {
        self.store.sketches(place, after, limit).await
    }

    async fn sketched(&self) -> Result<u64, StoreError> {
        self.store.sketched().await
    }

    async fn cells(&self, asked: &CellsAsked) -> Result<Vec<(Cell, Share)>, StoreError> {
        self.store.cells(asked).await
    }

    async fn counted(
        &self,
        asked: &CountedAsked,
        limit: u32,
    ) -> Result<Vec<CountedRecord>, StoreError> {
        self.store.counted(asked, limit).await
    }

    async fn counters(&self) -> Result<Vec<Counter>, StoreError> {
        self.store.counters().await
    }

    async fn blocks(&self) -> Result<Vec<u32>, StoreError> {
        self.store.blocks().await
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        self.store.tally().await
    }
}

/// The checkpoint file of an office: the power may fail right before it is replaced.
#[derive(Debug, Clone, Default)]
pub struct Mark {
    file: MemoryWatermark,
    fails: Arc<AtomicBool>,
}

impl Mark {
    /// The power fails when the file is to be replaced next.
    pub fn fail_next(&self) {
        self.fails.store(true, Ordering::Relaxed);
    }

    /// Whether the power is about to fail.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        self.fails.load(Ordering::Relaxed)
    }

    /// How many entries of `journal` the file speaks of.
    #[must_use]
    pub fn size(&self, journal: JournalId, key: &JournalKey) -> u64 {
        match self.file.check(journal, &Frontier::default(), key) {
            Err(WatermarkError::Restored { file, .. }) => file,
            Err(_) | Ok(()) => 0,
        }
    }
}

impl Watermark for Mark {
    fn check(
        &self,
        journal: JournalId,
        frontier: &Frontier,
        key: &JournalKey,
    ) -> Result<(), WatermarkError> {
        self.file.check(journal, frontier, key)
    }

    fn raise(&self, checkpoint: &SignedCheckpoint) -> Result<(), WatermarkError> {
        if self.fails.swap(false, Ordering::Relaxed) {
            let source = std::io::Error::other("the power failed before the file was replaced");
            return Err(WatermarkError::File { path: "modelled".into(), source });
        }
        self.file.raise(checkpoint)
    }
}
