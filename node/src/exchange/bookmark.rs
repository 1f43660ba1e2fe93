//! The bookmark (书签) of an exchange: up to where, journal by journal, rows were written.
//!
//! Of a journal that is held from its beginning it keeps size and root, the checkpoint of that moment; of one of which
//! single entries are held, which entries. Cases whose intake was not here are owed. It is read against the store it is
//! used on: a database that was restored, or another office's, does not lead to the same root.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};

use crate::archive::Proofs;
use crate::store::{Store, StoreError};

/// The version of the file.
const VERSION: u32 = 1;

/// Why a bookmark cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BookmarkError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be read.
    #[error("{path}: 书签无法读取 the bookmark cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// Another office's.
    #[error(
        "书签属于 {found}，不属于 {office} the bookmark is of {found} and not of {office}: write without --since"
    )]
    Office {
        /// This office.
        office: DivisionCode,
        /// Its office.
        found: DivisionCode,
    },
    /// Of another history.
    #[error(
        "{journal}: 书签与本库不符，数据库可能已恢复 the bookmark does not fit this database, which may have been restored: write everything anew, without --since"
    )]
    Journal {
        /// The journal.
        journal: JournalId,
    },
}

/// Up to where rows were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bookmark {
    office: DivisionCode,
    journals: BTreeMap<JournalId, (u64, Digest)>,
    single: BTreeMap<JournalId, Vec<Run>>,
    owed: BTreeSet<CaseId>,
}

/// Consecutive entries, the first and the last.
type Run = (u64, u64);

/// The bookmark of a run, as it grows.
#[derive(Debug)]
pub(super) struct Marking {
    bookmark: Bookmark,
    seen: BTreeMap<JournalId, BTreeSet<u64>>,
}

/// A bookmark as it stands in its file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BookmarkFile {
    exchange_bookmark: u32,
    office: String,
    journals: Vec<Whole>,
    single: Vec<Single>,
    owed: Vec<String>,
}

/// A journal held from its beginning.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    author: String,
    epoch: String,
    size: u64,
    root: String,
}

/// A journal of which single entries are held.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Single {
    author: String,
    epoch: String,
    entries: Vec<Run>,
}

impl Bookmark {
    /// Reads a bookmark.
    ///
    /// # Errors
    ///
    /// [`BookmarkError::Unreadable`] when there is none, or it is not one.
    pub fn read(path: &Path) -> Result<Self, BookmarkError> {
        let wrong = |why: String| BookmarkError::Unreadable { path: path.to_path_buf(), why };
        let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let written: BookmarkFile =
            serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if written.exchange_bookmark != VERSION {
            let version = written.exchange_bookmark;
            return Err(wrong(format!("版本 version {version}, this program reads {VERSION}")));
        }
        written.parse().map_err(wrong)
    }

    /// Its bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let whole = self.journals.iter().map(|(journal, (size, root))| Whole {
            author: journal.author.to_string(),
            epoch: journal.epoch.to_string(),
            size: *size,
            root: root.to_string(),
        });
        let single = self.single.iter().map(|(journal, entries)| Single {
            author: journal.author.to_string(),
            epoch: journal.epoch.to_string(),
            entries: entries.clone(),
        });
        let written = BookmarkFile {
            exchange_bookmark: VERSION,
            office: self.office.to_string(),
            journals: whole.collect(),
            single: single.collect(),
            owed: self.owed.iter().map(ToString::to_string).collect(),
        };
        serde_json::to_vec_pretty(&written).expect("words and numbers are JSON")
    }

    /// Whether it is of this office and this history.
    ///
    /// # Errors
    ///
    /// [`BookmarkError`] when it is not.
    pub async fn agrees(
        &self,
        store: &Arc<dyn Store>,
        office: DivisionCode,
    ) -> Result<(), BookmarkError> {
        if self.office != office {
            return Err(BookmarkError::Office { office, found: self.office });
        }
        let proofs = Proofs::new(store.clone());
        for (journal, (size, root)) in &self.journals {
            let journal = *journal;
            let held = store.journal(journal).await?.filter(|held| held.whole);
            if held.is_none_or(|held| held.frontier.size() < *size) {
                return Err(BookmarkError::Journal { journal });
            }
            if proofs.root(journal, *size).await? != *root {
                return Err(BookmarkError::Journal { journal });
            }
        }
        Ok(())
    }

    /// Whether all that is known of a case was written before.
    #[must_use]
    pub fn covers(&self, case: &Case) -> bool {
        let known = |id: EntryId| {
            let whole = self.journals.get(&id.journal);
            let single = self.single.get(&id.journal);
            whole.is_some_and(|(size, _)| id.sequence < *size)
                || single.is_some_and(|runs| holds(runs, id.sequence))
        };
        let all = case.facts().values().all(|fact| known(fact.header().id()));
        all && !self.owed.contains(&case.id())
    }
}

impl Marking {
    /// Begins with the journals of a frozen store.
    pub(super) async fn of(store: &dyn Store, office: DivisionCode) -> Result<Self, StoreError> {
        let journals = store.journals().await?;
        let whole = journals.into_iter().filter(|journal| journal.whole);
        let whole = whole
            .map(|journal| (journal.id, (journal.frontier.size(), journal.frontier.root())))
            .collect();
        let (single, owed) = (BTreeMap::new(), BTreeSet::new());
        let bookmark = Bookmark { office, journals: whole, single, owed };
        Ok(Self { bookmark, seen: BTreeMap::new() })
    }

    /// Takes in what is held of a case out of journals that are not whole here.
    pub(super) fn see(&mut self, case: &Case) {
        for id in case.facts().values().map(|fact| fact.header().id()) {
            if !self.bookmark.journals.contains_key(&id.journal) {
                self.seen.entry(id.journal).or_default().insert(id.sequence);
            }
        }
    }

    /// A row of a case could not be made yet.
    pub(super) fn owe(&mut self, case: CaseId) {
        self.bookmark.owed.insert(case);
    }

    pub(super) fn bookmark(mut self) -> Bookmark {
        let single = self.seen.iter().map(|(journal, entries)| (*journal, runs(entries)));
        self.bookmark.single = single.collect();
        self.bookmark
    }
}

impl BookmarkFile {
    fn parse(self) -> Result<Bookmark, String> {
        let mut bookmark = Bookmark {
            office: division(&self.office)?,
            journals: BTreeMap::new(),
            single: BTreeMap::new(),
            owed: BTreeSet::new(),
        };
        for Whole { author, epoch, size, root } in self.journals {
            let root = data_encoding::HEXLOWER.decode(root.as_bytes()).unwrap_or_default();
            let root =
                Digest::read(&root).ok_or("root: 应为 64 位十六进制 64 hexadecimal digits")?;
            bookmark.journals.insert(journal(&author, &epoch)?, (size, root));
        }
        for Single { author, epoch, entries } in self.single {
            let ordered = entries.windows(2).all(|pair| pair[0].1 < pair[1].0);
            if !ordered || entries.iter().any(|(first, last)| first > last) {
                return Err("entries: 须为递增区间 runs shall stand in order".to_owned());
            }
            bookmark.single.insert(journal(&author, &epoch)?, entries);
        }
        for case in self.owed {
            bookmark.owed.insert(case.parse().map_err(|error| format!("owed: {error}"))?);
        }
        Ok(bookmark)
    }
}

fn division(text: &str) -> Result<DivisionCode, String> {
    text.parse().map_err(|error: terrace_proto::division::CodeError| error.to_string())
}

fn journal(author: &str, epoch: &str) -> Result<JournalId, String> {
    let epoch = epoch.parse().map_err(|error| format!("epoch: {error}"))?;
    Ok(JournalId { author: division(author)?, epoch })
}

/// Whether one of some runs, which stand in order, holds a number.
fn holds(runs: &[Run], number: u64) -> bool {
    let at = runs.partition_point(|(_, last)| *last < number);
    runs.get(at).is_some_and(|(first, _)| *first <= number)
}

/// Runs of consecutive numbers.
fn runs(numbers: &BTreeSet<u64>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            Some(_) | None => runs.push((*number, *number)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use terrace_proto::digest::Epoch;

    use super::*;

    #[test]
    fn a_bookmark_that_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b.json");
        let journal =
            |number| JournalId { author: "410221".parse().unwrap(), epoch: Epoch([number; 16]) };
        let bookmark = Bookmark {
            office: "4102".parse().unwrap(),
            journals: BTreeMap::from([(journal(1), (7, Digest([3; 32])))]),
            single: BTreeMap::from([(journal(2), vec![(0, 2), (9, 9)])]),
            owed: BTreeSet::from([CaseId([5; 16])]),
        };
        std::fs::write(&path, bookmark.encode()).unwrap();
        assert_eq!(Bookmark::read(&path).unwrap(), bookmark);
        for (was, is) in
            [("\"exchange_bookmark\": 1", "\"exchange_bookmark\": 2"), ("0303", "zz03")]
        {
            let spoilt = String::from_utf8(bookmark.encode()).unwrap().replacen(was, is, 1);
            std::fs::write(&path, spoilt).unwrap();
            let told = Bookmark::read(&path).unwrap_err().to_string();
            assert!(told.contains("b.json"), "{told}");
        }
    }

    #[test]
    fn runs_hold_what_they_were_made_of() {
        let runs = runs(&BTreeSet::from([0, 1, 2, 9]));
        assert_eq!(runs, [(0, 2), (9, 9)]);
        let held: Vec<u64> = (0..12).filter(|number| holds(&runs, *number)).collect();
        assert_eq!(held, [0, 1, 2, 9]);
    }
}
