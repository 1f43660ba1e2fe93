//! Counts figures again from the journals of a cut (重新统计), as anyone can who holds them.
//!
//! Every journal is followed from its first entry to its head, whose root must come out. Every case is folded anew from
//! its entries within the cut; the stored fold only says which entries those are, and the entries that were folded must
//! be those that the journals hold, by number and by the sum of their hashes. Memory is a page of cases and the cells that
//! are wanted: all cells of the country over years would not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use jiff::civil::Date;
use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Entry, EntryId, Glance, Header, JournalId, Kind, leaf_of};
use terrace_proto::figure::cell::{Cell, Changes, Grain};
use terrace_proto::figure::cut::Cut;
use terrace_proto::figure::measured::{Measured, measured, of_ratings};
use terrace_proto::figure::period::Period;
use terrace_proto::figure::table::Table;
use terrace_proto::figure::tally::Tally;
use terrace_proto::journal::{Checkpoint, Frontier};

use crate::export::Progress;
use crate::store::{CaseRecord, EntryBytes, Store, StoreError};

/// Cases folded at once.
const PAGE: u32 = 512;
/// Entries shown between two words on how far it has come.
const SHOWN: u64 = 65_536;

/// Which cells are kept of what is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    divisions: BTreeSet<DivisionCode>,
    ranges: Vec<(Grain, RangeInclusive<Date>)>,
}

impl Wanted {
    /// Those that the table of a division is read out of, in a period and the year before.
    #[must_use]
    pub fn of_table(division: DivisionCode, period: Period) -> Self {
        let divisions = Table::divisions(Tree::national(), division).into_iter().collect();
        let both = [period, period.year_before()].into_iter().flat_map(Period::ranges);
        Self { divisions, ranges: both.collect() }
    }

    fn has(&self, cell: &Cell) -> bool {
        let in_range = |(grain, days): &(Grain, RangeInclusive<Date>)| {
            *grain == cell.grain && days.contains(&cell.from)
        };
        self.divisions.contains(&cell.division) && self.ranges.iter().any(in_range)
    }
}

/// Why nothing was counted.
#[derive(Debug, thiserror::Error)]
pub enum RecountError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A journal is not the one that was signed for.
    #[error("记录簿 {0} 与截面不符 journal {0} does not lead to the head that the cut names")]
    Journal(JournalId),
    /// A journal holds what no entry is.
    #[error("记录簿 {0} 第 {1} 条无法识读 entry {1} of journal {0} is damaged")]
    Entry(JournalId, u64),
    /// The folds leave entries out, or hold others.
    #[error(
        "归并与记录簿不符：{folds} 条对 {journals} 条 the folds hold {folds} entries of cases and the journals {journals}, or others: run `audit verify`"
    )]
    Folds {
        /// Entries in the folds.
        folds: u64,
        /// Entries in the journals.
        journals: u64,
    },
    /// Somebody ended it.
    #[error("已中断 interrupted: nothing was counted")]
    Interrupted,
}

/// What was counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recounted {
    /// The cells that were wanted.
    pub tally: Tally,
    /// Entries within the cut.
    pub entries: u64,
    /// Cases with entries within it.
    pub cases: u64,
}

/// Which entries were seen: how many, and the sum of their hashes, which is the same in whatever order they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    count: u64,
    sum: [u64; 4],
}

impl Seen {
    fn see(&mut self, leaf: Digest) {
        self.count += 1;
        let (parts, _) = leaf.0.as_chunks::<8>();
        for (sum, part) in self.sum.iter_mut().zip(parts) {
            *sum = sum.wrapping_add(u64::from_be_bytes(*part));
        }
    }
}

/// A recount under way.
struct Counting<'c> {
    view: &'c dyn Store,
    cut: &'c Cut,
    top: DivisionCode,
    wanted: &'c Wanted,
    counted: Recounted,
    in_journals: Seen,
    in_folds: Seen,
    /// Entries looked at, and all that will be: each once in its journal and most once more in a case.
    done: u64,
    whole: u64,
}

/// Counts the figures of a division and all below it in a cut, and keeps the cells that are wanted.
///
/// # Errors
///
/// [`RecountError`] says what does not fit; then nothing is told.
pub async fn recount(
    view: &dyn Store,
    (top, wanted): (DivisionCode, &Wanted),
    cut: &Cut,
    progress: &mut dyn Progress,
) -> Result<Recounted, RecountError> {
    let (counted, seen) = (Recounted::default(), Seen::default());
    let whole = cut.entries() * 2;
    let (in_journals, in_folds, done) = (seen, seen, 0);
    let mut counting =
        Counting { view, cut, top, wanted, counted, in_journals, in_folds, done, whole };
    for head in cut.heads() {
        counting.follow(head, progress).await?;
    }
    let mut after = 0;
    loop {
        let page = view.cases_after(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.row;
        counting.fold(&page).await?;
        counting.stands(progress)?;
    }
    let (folds, journals) = (counting.in_folds, counting.in_journals);
    if folds != journals {
        return Err(RecountError::Folds { folds: folds.count, journals: journals.count });
    }
    Ok(counting.counted)
}

impl Counting<'_> {
    fn stands(&self, progress: &mut dyn Progress) -> Result<(), RecountError> {
        progress.stands(self.done, self.whole);
        if progress.is_over() { Err(RecountError::Interrupted) } else { Ok(()) }
    }

    /// Follows a journal up to its head, and counts what its entries tell by themselves.
    async fn follow(
        &mut self,
        head: Checkpoint,
        progress: &mut dyn Progress,
    ) -> Result<(), RecountError> {
        let mut following = Following::default();
        while following.frontier.size() < head.size {
            let from = following.frontier.size();
            let some = (head.size - from).min(SHOWN);
            let seen = &mut self.in_journals;
            let mut see = |entry: EntryBytes<'_>| following.entry(entry, seen);
            let shown = self.view.each_entry(head.journal, from, some, &mut see).await?;
            if shown != some || following.frontier.size() != from + some {
                return Err(RecountError::Journal(head.journal));
            }
            if let Some(sequence) = following.damaged {
                return Err(RecountError::Entry(head.journal, sequence));
            }
            self.done += some;
            self.stands(progress)?;
        }
        if following.frontier.root() != head.root {
            return Err(RecountError::Journal(head.journal));
        }
        self.counted.entries += head.size;
        self.add(&following.told);
        Ok(())
    }
}

impl Counting<'_> {
    /// Folds cases anew from their entries within the cut, and counts what they add.
    async fn fold(&mut self, page: &[CaseRecord]) -> Result<(), RecountError> {
        let tree = Tree::national();
        let mut ids: Vec<EntryId> = Vec::new();
        for record in page {
            let kept = Case::read(record.id, &record.facts, tree)
                .map_err(|error| StoreError::Corrupt(format!("case {}: {error}", record.id)))?;
            let all = kept.facts().values().map(|fact| fact.header().id());
            ids.extend(all.filter(|id| id.sequence < self.cut.size(id.journal)));
        }
        let mut cases: BTreeMap<CaseId, Case> = BTreeMap::new();
        for stored in self.view.entries_at(&ids).await? {
            let id = stored.id;
            let damaged = |_| RecountError::Entry(id.journal, id.sequence);
            let entry = stored.into_entry().map_err(damaged)?;
            if let Some(case) = entry.header().case {
                self.in_folds.see(entry.leaf());
                cases.entry(case).or_insert_with(|| Case::new(case)).take(&entry);
            }
        }
        self.done += ids.len() as u64;
        self.counted.cases += cases.len() as u64;
        let mut all = Vec::new();
        for mut case in cases.into_values() {
            case.derive(tree);
            all.extend(measured(&case));
        }
        self.add(&all);
        Ok(())
    }

    fn add(&mut self, measured: &[Measured]) {
        let mut changes = Changes::default();
        changes.add(measured, Tree::national(), self.top);
        changes.keep(|cell| self.wanted.has(cell));
        self.counted.tally.change(&changes);
    }
}

/// A journal on its way to its head.
#[derive(Default)]
struct Following {
    frontier: Frontier,
    /// What entries tell that stand in no case.
    told: Vec<Measured>,
    damaged: Option<u64>,
}

impl Following {
    fn entry(&mut self, entry: EntryBytes<'_>, seen: &mut Seen) {
        let leaf = leaf_of(entry.header);
        self.frontier.push(leaf);
        let Ok(glance) = Glance::read(entry.header) else {
            self.damaged.get_or_insert(entry.sequence);
            return;
        };
        if glance.in_case {
            seen.see(leaf);
            return;
        }
        let tells = Header::read(entry.header).is_ok_and(|header| header.kind == Kind::RatingsTold);
        if tells {
            let body = entry.body.map(<[u8]>::to_vec);
            match Entry::read(entry.header.to_vec(), body) {
                Ok(entry) => self.told.extend(of_ratings(&entry)),
                Err(_) => _ = self.damaged.get_or_insert(entry.sequence),
            }
        }
    }
}
