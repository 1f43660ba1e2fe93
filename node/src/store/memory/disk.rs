//! The rows of a store in memory, and what a batch does to them.
//!
//! It checks a batch as a whole before anything of it is written.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId, Standing, VerifiedEntry};
use terrace_proto::figure::Figure;
use terrace_proto::figure::tally::Tally;
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::LedgerId;

use super::Fault;
use crate::store::{
    AnnouncedKey, Batch, CaseRecord, Cosignature, CountedRecord, Counter, Direction, HeadRecord,
    IssuedRules, JournalRecord, LedgerRecord, ParcelRecord, PassageRecord, RaisedRecord,
    ReportRecord, Rolled, RunRecord, SketchRecord, StoreError, StoredEntry,
};

/// Where a case is counted, in the order in which the cases of an office are shown.
type CountedKey = (DivisionCode, Figure, Date, u32, CaseId);

fn key(one: &CountedRecord) -> CountedKey {
    let of = one.measured;
    (of.office, of.figure, of.day, of.facet, one.case)
}

/// What survives a crash.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    pub(super) journals: BTreeMap<JournalId, JournalRecord>,
    pub(super) entries: BTreeMap<EntryId, StoredEntry>,
    pub(super) tiles: BTreeMap<(JournalId, TileId), Tile>,
    pub(super) runs: Vec<RunRecord>,
    pub(super) parcels: BTreeMap<DivisionCode, Vec<ParcelRecord>>,
    pub(super) listed: BTreeSet<(DivisionCode, EntryId)>,
    pub(super) parcel_count: u64,
    pub(super) cases: BTreeMap<CaseId, CaseRecord>,
    pub(super) ledgers: BTreeMap<(DivisionCode, Direction), LedgerRecord>,
    pub(super) passages: BTreeMap<(LedgerId, u64), PassageRecord>,
    pub(super) cosignatures: BTreeMap<(JournalId, JournalId), Cosignature>,
    pub(super) heads: BTreeMap<JournalId, HeadRecord>,
    pub(super) raised: Vec<RaisedRecord>,
    pub(super) issued: BTreeMap<EntryId, IssuedRules>,
    pub(super) sealing_keys: BTreeMap<EntryId, AnnouncedKey>,
    pub(super) reports: Vec<ReportRecord>,
    pub(super) rolled: Vec<Rolled>,
    pub(super) sketches: BTreeMap<(DivisionCode, u64), SketchRecord>,
    pub(super) sketched: u64,
    pub(super) cells: Tally,
    pub(super) counted: BTreeMap<CountedKey, CountedRecord>,
    pub(super) counters: BTreeMap<DivisionCode, Counter>,
    pub(super) blocks: BTreeSet<u32>,
    pub(super) fault: Option<Fault>,
    pub(super) commits: u64,
}

impl Disk {
    pub(super) fn check(&self, batch: &Batch) -> Result<(), StoreError> {
        for (journal, expected) in &batch.journals {
            let size = self.journals.get(&journal.id).map_or(0, |known| known.frontier.size());
            if size != *expected {
                let text = format!("journal {} has {size} entries, not {expected}", journal.id);
                return Err(StoreError::Conflict(text));
            }
        }
        let held = batch.cases.iter().find(|case| self.cases.contains_key(&case.id));
        if let Some(case) = held.filter(|_| batch.all_new) {
            return Err(StoreError::Conflict(format!("case {} is held already", case.id)));
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

    pub(super) fn write(&mut self, batch: Batch) {
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
        for rolled in batch.rolled {
            if self.rolled.iter().all(|known| known.entry != rolled.entry) {
                self.rolled.push(rolled);
            }
        }
        self.sketches.extend(batch.sketches.into_iter().map(|one| ((one.place, one.row), one)));
        self.sketched = batch.sketched.unwrap_or(self.sketched);
        self.cells.change(&batch.cells);
        for one in &batch.uncounted {
            self.counted.remove(&key(one));
        }
        self.counted.extend(batch.counted.into_iter().map(|one| (key(&one), one)));
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
