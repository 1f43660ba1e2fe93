//! What entries make of cases, of the map of nodes, and of what must be passed down.

use std::collections::{BTreeMap, BTreeSet};

use terrace_proto::admission::admission;
use terrace_proto::case::{Case, Past, Taken};
use terrace_proto::digest::{CaseId, Digest, ThreadId};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId, Kind, VerifiedEntry};
use terrace_proto::journal::Frontier;
use terrace_proto::route;

use super::growth::Grown;
use super::{Archive, ArchiveError, News};
use crate::store::{Batch, CaseRecord, JournalRecord, StoreError};

/// What is known of the cases of entries that are to be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cases {
    /// They are folded already, in the batch.
    Folded,
    /// What is held of them must be asked for.
    Asked,
}

impl Archive {
    /// Learns the keys that entries admit, so that runs behind them in the same batch can grow.
    pub(super) fn learn_admissions(
        &self,
        grown: &mut Grown,
        news: &mut News,
        entries: &[VerifiedEntry],
    ) {
        for entry in entries {
            if let Some((journal, key)) = admission(entry, self.tree) {
                self.learn_journal(grown, journal, key, entry.id());
                news.admitted.insert(journal.author);
            }
        }
    }

    /// Puts entries into `batch`, which has none yet, together with the folds and parcels that follow from them.
    pub(super) async fn fold_in(
        &mut self,
        batch: &mut Batch,
        grown: &Grown,
        news: &mut News,
        (entries, cases): (Vec<VerifiedEntry>, Cases),
    ) -> Result<(), ArchiveError> {
        let mut by_case: BTreeMap<CaseId, Vec<&VerifiedEntry>> = BTreeMap::new();
        for entry in entries.iter().filter(|_| cases == Cases::Asked) {
            // A sealed report is a case of its own to whom it is for, and a leaf to everyone else.
            let header = entry.header();
            if let Some(case) = header.case.filter(|_| header.kind != Kind::ReportSealed) {
                by_case.entry(case).or_default().push(entry);
            }
        }
        let ids: Vec<CaseId> = by_case.keys().copied().collect();
        let mut known: BTreeMap<CaseId, CaseRecord> = BTreeMap::new();
        if !ids.is_empty() {
            known = self.store.cases(&ids).await?.into_iter().map(|case| (case.id, case)).collect();
        }
        for (id, entries) in by_case {
            let mut case = match (known.get(&id), entries.as_slice()) {
                (Some(record), _) => self.read_case(record)?,
                (None, [entry]) if let Some(past) = Past::of(entry.entry()) => {
                    // Nobody below is to hear of it: its author alone is entitled.
                    batch.cases.push(CaseRecord::of_past(&past));
                    continue;
                }
                (None, _) => Case::new(id),
            };
            self.fold_case(batch, grown, news, &mut case, &entries);
        }
        self.count_told(batch, &entries).await?;
        batch.entries = entries;
        Ok(())
    }

    /// A case out of its row.
    pub(super) fn read_case(&self, record: &CaseRecord) -> Result<Case, ArchiveError> {
        Case::read(record.id, &record.facts, self.tree)
            .map_err(|error| StoreError::Corrupt(format!("case {}: {error}", record.id)).into())
    }

    fn fold_case(
        &self,
        batch: &mut Batch,
        grown: &Grown,
        news: &mut News,
        case: &mut Case,
        entries: &[&VerifiedEntry],
    ) {
        let before = route::downward(self.tree, &self.subordinates, case.audience());
        let counted = self.measure(case);
        let mut fresh: BTreeSet<Digest> = BTreeSet::new();
        for entry in entries {
            if case.take(entry.entry()) != Taken::Known {
                fresh.insert(entry.leaf());
            }
        }
        if fresh.is_empty() {
            return;
        }
        let threads: BTreeSet<ThreadId> = case.threads().keys().copied().collect();
        case.derive(self.tree);
        for to in route::downward(self.tree, &self.subordinates, case.audience()) {
            let newcomer = !before.contains(&to);
            self.list_parcels(batch, grown, case, to, |leaf| newcomer || fresh.contains(leaf));
            news.down.insert(to);
        }
        news.joined.extend(self.joined(case, &threads));
        news.erased.extend(case.erasure().map(|_| case.id()));
        self.move_cells(batch, case.id(), &counted, &self.measure(case));
        batch.cases.push(CaseRecord::of(case));
    }

    /// Who has opened a thread, beside those known before, behind one that this office held. It may have come before the
    /// entry it follows.
    fn joined(&self, case: &Case, known: &BTreeSet<ThreadId>) -> Vec<(CaseId, DivisionCode)> {
        let me = self.identity.me.author;
        let held = |ground: Digest| {
            case.threads()
                .values()
                .filter_map(|thread| thread.after(ground))
                .any(|(_, holder)| holder.division == me)
        };
        let threads = case.threads().values().filter(|thread| {
            thread.opener() != me
                && !known.contains(&thread.id())
                && thread.follows().is_some_and(held)
        });
        threads.map(|thread| (case.id(), thread.opener())).collect()
    }

    /// Lists for a subordinate the entries of a case that it is due, oldest first, each author's admission
    /// chain before its first.
    fn list_parcels(
        &self,
        batch: &mut Batch,
        grown: &Grown,
        case: &Case,
        to: DivisionCode,
        due: impl Fn(&Digest) -> bool,
    ) {
        for fact in case.timeline() {
            let id = fact.header().id();
            if due(&fact.leaf()) && route::passes_down(self.tree, id.journal.author, to) {
                let chain = self.chain(id.journal, grown);
                batch.parcels.extend(chain.into_iter().chain([id]).map(|entry| (to, entry)));
            }
        }
    }

    /// The entries that admit a journal's author, from the root down.
    pub(super) fn chain(&self, journal: JournalId, grown: &Grown) -> Vec<EntryId> {
        let mut chain = Vec::new();
        let mut at = journal;
        loop {
            let record =
                grown.get(&at).map(|(record, _)| record).or_else(|| self.journals.get(&at));
            let Some(entry) = record.and_then(|record| record.admitted_by) else { break };
            chain.push(entry);
            at = entry.journal;
        }
        chain.reverse();
        chain
    }

    fn learn_journal(
        &self,
        grown: &mut Grown,
        journal: JournalId,
        key: terrace_proto::key::JournalKey,
        by: EntryId,
    ) {
        let known = grown.get(&journal).cloned().or_else(|| {
            let record = self.journals.get(&journal)?.clone();
            let size = record.frontier.size();
            Some((record, size))
        });
        if let Some((record, size)) = known {
            // The same admitter again: the office has another transport key.
            let newer = record.admitted_by.is_some_and(|before| {
                before.journal == by.journal && before.sequence < by.sequence
            });
            if newer && record.key == key {
                grown.insert(journal, (JournalRecord { admitted_by: Some(by), ..record }, size));
            }
            return;
        }
        let whole = self.tree.is_within(journal.author, self.identity.me.author);
        let record = JournalRecord {
            id: journal,
            key,
            admitted_by: Some(by),
            whole,
            frontier: Frontier::default(),
            checkpoint: None,
            stored_at: None,
        };
        grown.insert(journal, (record, 0));
    }
}
