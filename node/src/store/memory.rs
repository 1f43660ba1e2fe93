//! A store in memory over a modelled disk, for simulation and tests.
//!
//! The [`Disk`] is what survives a crash. It can fail a commit before anything is written, and after all is
//! written but before the answer is given: the two ends of every doubt a real disk leaves.

mod disk;
mod survey;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::figure::cell::Cell;
use terrace_proto::figure::measured::Measured;
use terrace_proto::figure::share::Share;
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::LedgerId;

pub use disk::Disk;

use super::record::{
    Batch, CaseRecord, Counter, Direction, Holding, JournalRecord, LedgerRecord, ParcelRecord,
    PassageRecord, Reach, RunRecord, StoredEntry, Tally, Wanted,
};
use super::{
    AnnouncedKey, CellsAsked, Cosignature, CountedAsked, CountedRecord, HeadRecord, IssuedRules,
    RaisedRecord, ReportRecord, Rolled, SketchRecord, Sought, SoughtRecord, Store, StoreError,
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

    /// All cells.
    #[must_use]
    pub fn counted_in_all(&self) -> terrace_proto::figure::tally::Tally {
        self.disk().cells.clone()
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().expect("no one panics while holding the disk")
    }
}

fn is_wanted(case: &CaseRecord, wanted: &Wanted) -> bool {
    let holder = case.holder.as_ref().map(|(division, _)| *division);
    let begins = |begin: &String| {
        [&case.number, &case.former].into_iter().flatten().any(|number| number.starts_with(begin))
    };
    wanted.holder.is_none_or(|division| holder == Some(division))
        && wanted.open.is_none_or(|open| case.open == open)
        && wanted.state.is_none_or(|state| case.state == Some(state))
        && wanted.due_before.is_none_or(|day| case.due_on.is_some_and(|due| due < day))
        && (!wanted.attention || case.waiting || case.parked || case.contested)
        && (!wanted.unpaced || case.pace.is_none())
        && wanted.number.as_ref().is_none_or(begins)
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

    async fn journals_of(&self, office: DivisionCode) -> Result<Vec<JournalRecord>, StoreError> {
        let disk = self.disk();
        let journals = disk.journals.values().filter(|journal| journal.id.author == office);
        Ok(journals.cloned().collect())
    }

    async fn reaches(&self) -> Result<Vec<Reach>, StoreError> {
        let disk = self.disk();
        Ok(disk.journals.values().filter(|journal| journal.whole).map(Reach::from).collect())
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
            .filter(|case| {
                [&case.number, &case.former].into_iter().flatten().any(|one| one == number)
            })
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

    async fn sought(
        &self,
        sought: &Sought,
        holder: Option<DivisionCode>,
        limit: u32,
    ) -> Result<(u64, Vec<SoughtRecord>), StoreError> {
        let disk = self.disk();
        let held = |case: &&CaseRecord| {
            holder.is_none_or(|holder| case.holder.as_ref().is_some_and(|(at, _)| *at == holder))
        };
        let found = survey::sought(disk.cases.values().filter(held), sought);
        Ok((found.len() as u64, page(found.into_iter(), limit)))
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

    async fn sealing_keys(&self, office: DivisionCode) -> Result<Vec<AnnouncedKey>, StoreError> {
        let disk = self.disk();
        let keys = disk.sealing_keys.values().filter(|key| key.entry.journal.author == office);
        Ok(keys.cloned().collect())
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

    async fn rolled(
        &self,
        roll: u32,
        author: Option<DivisionCode>,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Rolled)>, StoreError> {
        let disk = self.disk();
        let by = |one: &Rolled| author.is_none_or(|author| one.entry.journal.author == author);
        let placed = (1..).zip(&disk.rolled).map(|(place, one)| (place, *one));
        let wanted = placed.filter(|(place, one)| one.roll == roll && *place < before && by(one));
        let mut found: Vec<_> = wanted.collect();
        found.reverse();
        Ok(page(found.into_iter(), limit))
    }

    async fn sketches(
        &self,
        place: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SketchRecord>, StoreError> {
        let disk = self.disk();
        let of_place = disk.sketches.range((place, after.saturating_add(1))..=(place, u64::MAX));
        Ok(page(of_place.map(|(_, one)| one.clone()), limit))
    }

    async fn sketched(&self) -> Result<u64, StoreError> {
        Ok(self.disk().sketched)
    }

    async fn cells(&self, asked: &CellsAsked) -> Result<Vec<(Cell, Share)>, StoreError> {
        let disk = self.disk();
        let wanted = |cell: &Cell| {
            cell.grain == asked.grain
                && asked.days.contains(&cell.from)
                && asked.divisions.contains(&cell.division)
                && asked.figure.is_none_or(|figure| figure == cell.figure)
        };
        let cells = disk.cells.cells().filter(|(cell, _)| wanted(cell));
        Ok(cells.map(|(cell, share)| (*cell, *share)).collect())
    }

    async fn counted(
        &self,
        asked: &CountedAsked,
        limit: u32,
    ) -> Result<Vec<CountedRecord>, StoreError> {
        let wanted = |one: &&CountedRecord| {
            let Measured { figure, facet, office, day, .. } = one.measured;
            (figure, office) == (asked.figure, asked.office)
                && asked.days.contains(&day)
                && asked.after.is_none_or(|after| (day, facet, one.case) > after)
        };
        Ok(page(self.disk().counted.values().filter(wanted).copied(), limit))
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
