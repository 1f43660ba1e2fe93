//! Exchange (交换) with the national system: its records written out of an office, and files of them checked.
//!
//! [`write()`] looks through a frozen view of the store, folds each case to a row
//! ([`terrace_proto::exchange`]) and puts it on paper: CSV in UTF-8 or GB18030, or a workbook. Beside the file stand its
//! totals ([`totals`]) and a [`bookmark`] that says, journal by journal, up to where it was written, so that the next
//! run writes only cases with an entry behind it. [`checking`] reads such a file, whoever wrote it, needs no office, and
//! keeps what it rejects as the intake does.
//!
//! It never writes to the store, never opens what is sealed, and never writes a row of a report.
//!
//! Invariants:
//! 1. A file takes its place whole and synced, or not at all; its totals next, the bookmark last.
//! 2. A bookmark covers an entry only if the rows of its case were written behind it, here or before.

pub mod bookmark;
pub mod checking;
pub mod format;
mod paper;
pub mod totals;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use terrace_proto::case::{Case, Fact};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Content, EntryId};
use terrace_proto::exchange::fold::{Folded, WORDS};
use terrace_proto::exchange::{Row, Totals};

pub use self::format::Format;

use self::bookmark::{Bookmark, BookmarkError, Marking};
use self::paper::{Paper, PaperError};
use self::totals::TotalsFile;
use crate::export::Progress;
use crate::folder::file;
use crate::store::{Store, StoreError};

/// Cases read at once.
const PAGE: u32 = 500;

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bookmark does not belong to this store.
    #[error(transparent)]
    Bookmark(#[from] BookmarkError),
    /// The file could not be written.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// Somebody ended it.
    #[error("已中断，未写出文件 interrupted: no file was written")]
    Interrupted,
}

/// What is to be written.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// The office that writes.
    pub office: DivisionCode,
    /// When.
    pub at: Timestamp,
    /// The file.
    pub path: &'a Path,
    /// Its format.
    pub format: Format,
    /// Up to where an earlier run has written; without it everything is.
    pub since: Option<Bookmark>,
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Rows, by registering division and year.
    pub totals: Totals,
    /// Cases without an entry behind the bookmark.
    pub unchanged: u64,
    /// Cases whose intake is not here yet.
    pub waiting: u64,
    /// Where the totals stand.
    pub totals_file: PathBuf,
    /// Where the bookmark for the next run stands.
    pub bookmark_file: PathBuf,
}

/// Writes the records of an office. What was there before is replaced only by a whole file.
///
/// # Errors
///
/// [`WriteError`]; then the file is what it was, and so is the bookmark.
pub async fn write(
    store: &Arc<dyn Store>,
    order: Order<'_>,
    progress: &mut dyn Progress,
) -> Result<Written, WriteError> {
    let store = store.frozen().await?;
    if let Some(since) = &order.since {
        since.agrees(&store, order.office).await?;
    }
    let paper = Paper::create(order.path, order.format)?;
    let fresh = paper.fresh().to_path_buf();
    let written = Writing { store, order, progress, paper, written: Written::default() };
    let written = written.all().await;
    if written.is_err() {
        _ = std::fs::remove_file(fresh);
    }
    written
}

struct Writing<'a> {
    store: Arc<dyn Store>,
    order: Order<'a>,
    progress: &'a mut dyn Progress,
    paper: Paper,
    written: Written,
}

impl Writing<'_> {
    async fn all(mut self) -> Result<Written, WriteError> {
        let mut marking = Marking::of(self.store.as_ref(), self.order.office).await?;
        let (whole, mut done, mut after) = (self.store.tally().await?.cases, 0, 0);
        loop {
            let page = self.store.cases_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            done += page.len() as u64;
            let mut changed = Vec::new();
            for record in &page {
                let case = Case::read(record.id, &record.facts, Tree::national());
                let case = case.map_err(|error| StoreError::Corrupt(error.to_string()))?;
                marking.see(&case);
                if self.order.since.as_ref().is_some_and(|since| since.covers(&case)) {
                    self.written.unchanged += 1;
                } else {
                    changed.push(case);
                }
            }
            self.rows(&changed, &mut marking).await?;
            self.progress.stands(done, whole);
            if self.progress.is_over() {
                return Err(WriteError::Interrupted);
            }
        }
        self.end(marking)
    }

    async fn rows(&mut self, cases: &[Case], marking: &mut Marking) -> Result<(), WriteError> {
        let words = words(self.store.as_ref(), cases).await?;
        for case in cases {
            match Row::of(case, |fact| words.get(&fact.header().id()).cloned()) {
                Folded::Row(row) => {
                    self.paper.put(&row)?;
                    self.written.totals.take(&row);
                }
                Folded::Report => {}
                Folded::Waiting => {
                    self.written.waiting += 1;
                    marking.owe(case.id());
                }
            }
        }
        Ok(())
    }

    /// Puts everything in its place: the bookmark last, so that it is never ahead of the file.
    fn end(self, marking: Marking) -> Result<Written, WriteError> {
        let Self { order, paper, mut written, .. } = self;
        let totals = TotalsFile::of(&order, &written.totals);
        written.totals_file = beside(order.path, "totals.json");
        written.bookmark_file = beside(order.path, "bookmark.json");
        paper.finish()?;
        let put = |path: &Path, bytes: Vec<u8>| {
            let failed = |why| PaperError::File { path: path.to_path_buf(), why };
            file::replace(path, &bytes).map_err(failed)
        };
        put(&written.totals_file, totals.encode())?;
        put(&written.bookmark_file, marking.bookmark().encode())?;
        Ok(written)
    }
}

/// The words that the rows of some cases need.
async fn words(
    store: &dyn Store,
    cases: &[Case],
) -> Result<BTreeMap<EntryId, Content>, StoreError> {
    let asked = |fact: &&Fact| WORDS.contains(&fact.header().kind);
    let facts = cases.iter().flat_map(|case| case.facts().values());
    let ids: Vec<EntryId> = facts.filter(asked).map(|fact| fact.header().id()).collect();
    let stored = store.entries_at(&ids).await?;
    Ok(stored
        .into_iter()
        .filter_map(|one| Some((one.id, one.into_entry().ok()?.content()?)))
        .collect())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    path.with_added_extension(ending)
}
