//! A store in memory over a modelled disk, for simulation and tests.
//!
//! The [`Disk`] is what survives a crash. It can fail a commit before anything is written, and after all is
//! written but before the answer is given: the two ends of every doubt a real disk leaves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId, Standing, VerifiedEntry};
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::LedgerId;

use super::record::{
    Batch, CaseRecord, Counter, Direction, Holding, JournalRecord, LedgerRecord, ParcelRecord,
    PassageRecord, RunRecord, StoredEntry, Tally, Wanted,
};
use super::{
    AnnouncedKey, Cosignature, HeadRecord, IssuedRules, RaisedRecord, ReportRecord, Store,
    StoreError,
};

/// What the next commit meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    FailBeforeCommit,
    /// All is written, but the answer is lost.
    FailAfterCommit,
    /// There is no room; nothing is written.
    Full,
}

/// What survives a crash.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    journals: BTreeMap<JournalId, JournalRecord>,
    entries: BTreeMap<EntryId, StoredEntry>,
    tiles: BTreeMap<(JournalId, TileId), Tile>,
    runs: Vec<RunRecord>,
    parcels: BTreeMap<DivisionCode, Vec<ParcelRecord>>,
    listed: BTreeSet<(DivisionCode, EntryId)>,
    parcel_count: u64,
    cases: BTreeMap<CaseId, CaseRecord>,
    ledgers: BTreeMap<(DivisionCode, Direction), LedgerRecord>,
    passages: BTreeMap<(LedgerId, u64), PassageRecord>,
    cosignatures: BTreeMap<(JournalId, JournalId), Cosignature>,
    heads: BTreeMap<JournalId, HeadRecord>,
    raised: Vec<RaisedRecord>,
    issued: BTreeMap<EntryId, IssuedRules>,
    sealing_keys: BTreeMap<EntryId, AnnouncedKey>,
    reports: Vec<ReportRecord>,
    counters: BTreeMap<DivisionCode, Counter>,
    blocks: BTreeSet<u32>,
    fault: Option<Fault>,
    commits: u64,
}

/// A store over a [`Disk`] that several lives of an office share.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Disk>>);

impl MemoryStore {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The next commit meets `fault`.
    pub fn inject(&self, fault: Fault) {
        self.disk().fault = Some(fault);
    }

    /// How many commits have been written.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.disk().commits
    }

    /// A copy of the disk as it is now: what a backup would hold.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        Self(Arc::new(Mutex::new(self.disk().clone())))
    }

    /// Looks at all entries held, in order.
    pub fn for_each_entry(&self, mut look: impl FnMut(&StoredEntry)) {
        self.disk().entries.values().for_each(&mut look);
    }

    /// Looks at all cases held.
    pub fn for_each_case(&self, mut look: impl FnMut(&CaseRecord)) {
        self.disk().cases.values().for_each(&mut look);
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().expect("no one panics while holding the disk")
    }
}

impl Disk {
    fn check(&self, batch: &Batch) -> Result<(), StoreError> {
        for (journal, expected) in &batch.journals {
            let size = self.journals.get(&journal.id).map_or(0, |known| known.frontier.size());
            if size != *expected {
                let text = format!("journal {} has {size} entries, not {expected}", journal.id);
                return Err(StoreError::Conflict(text));
            }
        }
        let mut fresh: BTreeMap<EntryId, &[u8]> = BTreeMap::new();
        for entry in &batch.entries {
            let known = self.entries.get(&entry.id()).map(|known| known.header.as_slice());
            let before = known.or_else(|| fresh.insert(entry.id(), entry.header_bytes()));
            if before.is_some_and(|before| before != entry.header_bytes()) {
                return Err(StoreError::Conflict(format!(
                    "another entry stands at {}",
                    entry.id()
                )));
            }
        }
        Ok(())
    }

    fn write(&mut self, batch: Batch) {
        self.commits += 1;
        self.journals.extend(batch.journals.into_iter().map(|(journal, _)| (journal.id, journal)));
        batch.entries.iter().for_each(|entry| self.write_entry(entry));
        let tiles = batch.tiles.into_iter().map(|(journal, tile)| ((journal, tile.id), tile));
        self.tiles.extend(tiles);
        for run in batch.runs {
            let position = self.runs.len() as u64 + 1;
            self.runs.push(RunRecord { position, run });
        }
        for (to, entry) in batch.parcels {
            if self.listed.insert((to, entry)) {
                self.parcel_count += 1;
                let position = self.parcel_count;
                self.parcels.entry(to).or_default().push(ParcelRecord { position, entry });
            }
        }
        for mut case in batch.cases {
            let next = self.cases.len() as u64 + 1;
            case.row = self.cases.get(&case.id).map_or(next, |known| known.row);
            self.cases.insert(case.id, case);
        }
        for ledger in batch.ledgers {
            self.ledgers.insert((ledger.peer, ledger.direction), ledger);
        }
        for passage in batch.passages {
            let head = passage.record.head;
            self.passages.insert((head.ledger, head.number), passage);
        }
        for signed in batch.cosignatures {
            self.cosignatures.insert((signed.journal, signed.by), signed);
        }
        self.heads.extend(batch.heads.into_iter().map(|head| (head.journal, head)));
        for raised in batch.raised {
            if self.raised.iter().all(|known| known.entry != raised.entry) {
                self.raised.push(raised);
            }
        }
        for rules in batch.issued {
            self.issued.entry(rules.entry).or_insert(rules);
        }
        for key in batch.sealing_keys {
            self.sealing_keys.entry(key.entry).or_insert(key);
        }
        for report in batch.reports {
            match self.reports.iter_mut().find(|known| known.entry == report.entry) {
                Some(known) => known.key = known.key.or(report.key),
                None => self.reports.push(report),
            }
        }
        self.counters.extend(batch.counters.into_iter().map(|counter| (counter.to, counter)));
        self.blocks.extend(batch.block);
    }

    fn write_entry(&mut self, entry: &VerifiedEntry) {
        let proof = match entry.standing() {
            Standing::InJournal => None,
            Standing::Proved { checkpoint, path } => Some((checkpoint.clone(), path.clone())),
        };
        let stored = StoredEntry {
            id: entry.id(),
            header: entry.header_bytes().to_vec(),
            body: entry.body().map(<[u8]>::to_vec),
            sealed: entry.sealed().map(|part| part.bytes().to_vec()),
            proof,
        };
        let known = self.entries.entry(entry.id()).or_insert(stored);
        if known.body.is_none() {
            known.body = entry.body().map(<[u8]>::to_vec);
        }
        if known.sealed.is_none() {
            known.sealed = entry.sealed().map(|part| part.bytes().to_vec());
        }
    }
}

fn is_wanted(case: &CaseRecord, wanted: &Wanted) -> bool {
    let holder = case.holder.as_ref().map(|(division, _)| *division);
    let number = case.number.as_deref().unwrap_or_default();
    wanted.holder.is_none_or(|division| holder == Some(division))
        && wanted.open.is_none_or(|open| case.open == open)
        && wanted.state.is_none_or(|state| case.state == Some(state))
        && wanted.due_before.is_none_or(|day| case.due_on.is_some_and(|due| due < day))
        && (!wanted.attention || case.waiting || case.parked || case.contested)
        && wanted.number.as_ref().is_none_or(|begin| number.starts_with(begin.as_str()))
        && wanted.title.as_ref().is_none_or(|words| case.title.contains(words.as_str()))
}

fn page<T: Clone>(items: impl Iterator<Item = T>, limit: u32) -> Vec<T> {
    items.take(limit as usize).collect()
}

#[async_trait]
impl Store for MemoryStore {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut disk = self.disk();
        let fault = disk.fault.take();
        match fault {
            Some(Fault::FailBeforeCommit) => {
                return Err(StoreError::Unavailable("the disk failed before the commit".into()));
            }
            Some(Fault::Full) => {
                return Err(StoreError::Full("no room on the modelled disk".into()));
            }
            Some(Fault::FailAfterCommit) | None => {}
        }
        disk.check(&batch)?;
        disk.write(batch);
        if fault == Some(Fault::FailAfterCommit) {
            return Err(StoreError::Unavailable("the answer was lost".into()));
        }
        Ok(())
    }

    async fn frozen(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(Arc::new(self.snapshot()))
    }

    async fn journal(&self, id: JournalId) -> Result<Option<JournalRecord>, StoreError> {
        Ok(self.disk().journals.get(&id).cloned())
    }

    async fn journals(&self) -> Result<Vec<JournalRecord>, StoreError> {
        Ok(self.disk().journals.values().cloned().collect())
    }

    async fn entries(
        &self,
        journal: JournalId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let first = EntryId { journal, sequence: from };
        let last = EntryId { journal, sequence: u64::MAX };
        Ok(page(self.disk().entries.range(first..=last).map(|(_, entry)| entry.clone()), limit))
    }

    async fn entries_at(&self, ids: &[EntryId]) -> Result<Vec<StoredEntry>, StoreError> {
        let disk = self.disk();
        Ok(ids.iter().filter_map(|id| disk.entries.get(id).cloned()).collect())
    }

    async fn tiles(&self, journal: JournalId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
        let disk = self.disk();
        Ok(ids.iter().filter_map(|id| disk.tiles.get(&(journal, *id)).cloned()).collect())
    }

    async fn runs(&self, after: u64, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(page(self.disk().runs.iter().skip(skip).cloned(), limit))
    }

    async fn parcels(
        &self,
        to: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        let disk = self.disk();
        let listed = disk.parcels.get(&to).map(Vec::as_slice).unwrap_or_default();
        Ok(page(listed.iter().filter(|parcel| parcel.position > after).copied(), limit))
    }

    async fn cases(&self, ids: &[CaseId]) -> Result<Vec<CaseRecord>, StoreError> {
        let disk = self.disk();
        Ok(ids.iter().filter_map(|id| disk.cases.get(id).cloned()).collect())
    }

    async fn cases_numbered(&self, number: &str) -> Result<Vec<CaseRecord>, StoreError> {
        let disk = self.disk();
        Ok(disk
            .cases
            .values()
            .filter(|case| case.number.as_deref() == Some(number))
            .cloned()
            .collect())
    }

    async fn cases_after(&self, after: u64, limit: u32) -> Result<Vec<CaseRecord>, StoreError> {
        let disk = self.disk();
        let mut cases: Vec<&CaseRecord> =
            disk.cases.values().filter(|case| case.row > after).collect();
        cases.sort_by_key(|case| case.row);
        Ok(page(cases.into_iter().cloned(), limit))
    }

    async fn cases_wanted(
        &self,
        wanted: &Wanted,
        before: u64,
        limit: u32,
    ) -> Result<Vec<CaseRecord>, StoreError> {
        let disk = self.disk();
        let fit = |case: &&CaseRecord| case.row < before && is_wanted(case, wanted);
        let mut cases: Vec<&CaseRecord> = disk.cases.values().filter(fit).collect();
        cases.sort_by_key(|case| std::cmp::Reverse(case.row));
        Ok(page(cases.into_iter().cloned(), limit))
    }

    async fn holdings(&self, today: i32) -> Result<Vec<Holding>, StoreError> {
        let disk = self.disk();
        let mut holdings: BTreeMap<(DivisionCode, u8), Holding> = BTreeMap::new();
        for case in disk.cases.values().filter(|case| case.open) {
            let Some(((division, _), state)) = case.holder.as_ref().zip(case.state) else {
                continue;
            };
            let none = Holding { division: *division, state, cases: 0, overdue: 0 };
            let holding = holdings.entry((*division, state)).or_insert(none);
            holding.cases += 1;
            holding.overdue += u64::from(case.due_on.is_some_and(|due| due < today));
        }
        Ok(holdings.into_values().collect())
    }

    async fn entries_saying(
        &self,
        words: &str,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let disk = self.disk();
        let says = |entry: &&StoredEntry| {
            let body = entry.body.as_deref().unwrap_or_default();
            words.is_empty() && entry.body.is_some()
                || body.windows(words.len().max(1)).any(|part| part == words.as_bytes())
        };
        Ok(page(disk.entries.values().rev().filter(says).cloned(), limit))
    }

    async fn ledger(
        &self,
        peer: DivisionCode,
        direction: Direction,
    ) -> Result<Option<LedgerRecord>, StoreError> {
        Ok(self.disk().ledgers.get(&(peer, direction)).cloned())
    }

    async fn passages(
        &self,
        ledger: LedgerId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<PassageRecord>, StoreError> {
        let range = (ledger, from)..=(ledger, u64::MAX);
        Ok(page(self.disk().passages.range(range).map(|(_, passage)| passage.clone()), limit))
    }

    async fn cosignatures(&self, journal: JournalId) -> Result<Vec<Cosignature>, StoreError> {
        let disk = self.disk();
        let signed = disk.cosignatures.values().filter(|signed| signed.journal == journal);
        Ok(signed.cloned().collect())
    }

    async fn head(&self, journal: JournalId) -> Result<Option<HeadRecord>, StoreError> {
        Ok(self.disk().heads.get(&journal).cloned())
    }

    async fn raised(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, RaisedRecord)>, StoreError> {
        let disk = self.disk();
        let placed = (1..).zip(&disk.raised).map(|(place, raised)| (place, raised.clone()));
        let mut found: Vec<_> = placed.filter(|(place, _)| *place < before).collect();
        found.reverse();
        Ok(page(found.into_iter(), limit))
    }

    async fn raised_as(&self, gist: Digest) -> Result<Vec<RaisedRecord>, StoreError> {
        Ok(self.disk().raised.iter().filter(|raised| raised.gist == gist).cloned().collect())
    }

    async fn issued_rules(&self) -> Result<Vec<IssuedRules>, StoreError> {
        Ok(self.disk().issued.values().cloned().collect())
    }

    async fn sealing_keys(&self) -> Result<Vec<AnnouncedKey>, StoreError> {
        Ok(self.disk().sealing_keys.values().cloned().collect())
    }

    async fn reports(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, ReportRecord)>, StoreError> {
        let disk = self.disk();
        let placed = (1..).zip(&disk.reports).map(|(place, report)| (place, report.clone()));
        let mut found: Vec<_> = placed.filter(|(place, _)| *place < before).collect();
        found.reverse();
        Ok(page(found.into_iter(), limit))
    }

    async fn counters(&self) -> Result<Vec<Counter>, StoreError> {
        Ok(self.disk().counters.values().copied().collect())
    }

    async fn blocks(&self) -> Result<Vec<u32>, StoreError> {
        Ok(self.disk().blocks.iter().copied().collect())
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        let disk = self.disk();
        let count = |wanted: fn(&CaseRecord) -> bool| {
            disk.cases.values().filter(|case| wanted(case)).count() as u64
        };
        Ok(Tally {
            entries: disk.entries.len() as u64,
            cases: disk.cases.len() as u64,
            waiting: count(|case| case.waiting),
            parked: count(|case| case.parked),
            contested: count(|case| case.contested),
        })
    }
}
