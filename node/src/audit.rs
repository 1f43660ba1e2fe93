//! The audit of what this office holds: reads everything and says what does not fit.
//!
//! Journals are followed from their first entry to their signed head, single entries by their proofs, ledgers
//! link by link, and every stored fold is compared with what its entries say. It only reads, page by page,
//! so memory does not grow with the journal.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use terrace_proto::audit::{AddresseeCheck, Finding, JournalCheck, check_case};
use terrace_proto::case::Case;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{Entry, EntryId, Header, JournalId, leaf_of};
use terrace_proto::journal::{ParcelItem, verify_parcel};
use terrace_proto::ledger::{Head, Span};

use crate::store::{
    CaseRecord, Direction, JournalRecord, PassageRecord, Store, StoreError, StoredEntry,
};

/// Rows read at once.
const PAGE: u32 = 2_048;

/// What an inspection looked at and found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Entries whose bytes and proofs were checked.
    pub entries: u64,
    /// Journals.
    pub journals: u64,
    /// Passages of ledgers, in both directions.
    pub passages: u64,
    /// Cases.
    pub cases: u64,
    /// What does not fit, in plain words.
    pub findings: Vec<Found>,
}

/// One finding, for people and programs.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// A short name for counting.
    pub kind: &'static str,
    /// What it is.
    pub text: String,
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self { kind: finding.kind(), text: finding.to_string() }
    }
}

/// Inspects the store of the office at `me` from end to end.
pub async fn inspect(store: &Arc<dyn Store>, me: DivisionCode) -> Result<Report, StoreError> {
    let mut inspection = Inspection { store, me, report: Report::default(), case_entries: 0 };
    let journals = store.journals().await?;
    for journal in &journals {
        inspection.journal(journal).await?;
    }
    let mut peers: Vec<DivisionCode> = journals.iter().map(|journal| journal.id.author).collect();
    peers.dedup();
    for peer in peers {
        for direction in [Direction::Out, Direction::In] {
            inspection.ledger(peer, direction).await?;
        }
    }
    inspection.cases().await?;
    Ok(inspection.report)
}

struct Inspection<'a> {
    store: &'a Arc<dyn Store>,
    me: DivisionCode,
    report: Report,
    /// Entries that belong to a case; each must be a fact of it.
    case_entries: u64,
}

impl Inspection<'_> {
    fn found(&mut self, finding: Finding) {
        self.report.findings.push(finding.into());
    }

    async fn journal(&mut self, journal: &JournalRecord) -> Result<(), StoreError> {
        self.report.journals += 1;
        let mut check = journal.whole.then(|| JournalCheck::new(journal.id));
        let mut addressed = AddresseeCheck::default();
        let mut from = 0;
        loop {
            let page = self.store.entries(journal.id, from, PAGE).await?;
            let Some(last) = page.last() else { break };
            from = last.id.sequence + 1;
            for entry in &page {
                self.entry(entry, check.as_mut(), &mut addressed, journal.whole);
            }
            if !journal.whole {
                self.proofs(journal, page);
            }
        }
        if let Some(check) = check {
            let note = journal.checkpoint.as_deref().unwrap_or_default();
            check.finish(note, &journal.key).into_iter().for_each(|finding| self.found(finding));
        }
        Ok(())
    }

    fn entry(
        &mut self,
        entry: &StoredEntry,
        check: Option<&mut JournalCheck>,
        addressed: &mut AddresseeCheck,
        whole: bool,
    ) {
        self.report.entries += 1;
        if let Some(check) = check {
            check.entry(entry.id.sequence, &entry.header, entry.body.as_deref());
        }
        let Ok(header) = Header::read(&entry.header) else { return };
        self.case_entries += u64::from(header.case.is_some());
        // Of a journal that is not held whole, all that is addressed to this subtree must be here.
        let to = header.address.map(|address| address.division);
        let due = whole || to.is_some_and(|to| Tree::national().is_within(to, self.me));
        if due && let Some(gap) = addressed.entry(&header) {
            self.found(gap);
        }
    }

    /// Proves entries of a journal that is not held whole, those with one checkpoint together.
    fn proofs(&mut self, journal: &JournalRecord, page: Vec<StoredEntry>) {
        let mut by_checkpoint: BTreeMap<Vec<u8>, Vec<(EntryId, ParcelItem)>> = BTreeMap::new();
        for entry in page {
            let (checkpoint, path) = entry.proof.unwrap_or_default();
            let item = ParcelItem { header: entry.header, body: entry.body, path };
            by_checkpoint.entry(checkpoint).or_default().push((entry.id, item));
        }
        for (checkpoint, entries) in by_checkpoint {
            let first = entries[0].0;
            let items = entries.into_iter().map(|(_, item)| item).collect();
            if let Err(error) = verify_parcel(journal.id, &journal.key, items, &checkpoint) {
                self.found(Finding::Entry { entry: first, what: error.to_string() });
            }
        }
    }

    async fn ledger(&mut self, peer: DivisionCode, direction: Direction) -> Result<(), StoreError> {
        let Some(ledger) = self.store.ledger(peer, direction).await? else { return Ok(()) };
        let mut at = Head::start(ledger.head.ledger);
        loop {
            let page = self.store.passages(ledger.head.ledger, at.number + 1, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for passage in page {
                self.report.passages += 1;
                if let Some(finding) = self.passage(&at, &passage).await? {
                    self.found(finding);
                }
                at = passage.record.head;
            }
        }
        if at != ledger.head {
            self.found(ledger_gap(&at));
        }
        Ok(())
    }

    /// Whether a passage follows from the one before and from the entries held.
    async fn passage(
        &self,
        before: &Head,
        passage: &PassageRecord,
    ) -> Result<Option<Finding>, StoreError> {
        let record = &passage.record;
        let leaves = self.leaves(record.journal, &record.span).await?;
        let again = before.next(record.sent_at, record.journal, record.span.clone(), &leaves);
        Ok((again.head != record.head).then(|| ledger_gap(before)))
    }

    async fn leaves(&self, journal: JournalId, span: &Span) -> Result<Vec<Digest>, StoreError> {
        let entries = match span {
            Span::Run { first, count } => {
                let limit = u32::try_from(*count).unwrap_or(u32::MAX);
                self.store.entries(journal, *first, limit).await?
            }
            Span::Picked(sequences) => {
                let ids: Vec<EntryId> = sequences
                    .iter()
                    .map(|sequence| EntryId { journal, sequence: *sequence })
                    .collect();
                let found = self.store.entries_at(&ids).await?;
                let mut by_place: BTreeMap<EntryId, StoredEntry> =
                    found.into_iter().map(|entry| (entry.id, entry)).collect();
                ids.iter().filter_map(|id| by_place.remove(id)).collect()
            }
        };
        Ok(entries.iter().map(|entry| leaf_of(&entry.header)).collect())
    }

    async fn cases(&mut self) -> Result<(), StoreError> {
        let (mut after, mut facts) = (0, 0);
        loop {
            let page = self.store.cases_after(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.row;
            for record in page {
                self.report.cases += 1;
                facts += self.case(record).await?;
            }
        }
        if facts != self.case_entries {
            let text = format!(
                "the folds hold {facts} entries of cases, the journals {}",
                self.case_entries
            );
            self.found(Finding::Fold { case: text });
        }
        Ok(())
    }

    /// Compares a fold with its entries; how many facts it holds.
    async fn case(&mut self, record: CaseRecord) -> Result<u64, StoreError> {
        let Some(fresh) = self.refold(record.id, &record.facts).await? else {
            self.found(Finding::Fold { case: record.id.to_string() });
            return Ok(0);
        };
        let again = CaseRecord { row: record.row, ..CaseRecord::of(&fresh) };
        if again != record {
            self.found(Finding::Fold { case: record.id.to_string() });
        }
        check_case(&fresh).into_iter().for_each(|finding| self.found(finding));
        Ok(fresh.facts().len() as u64)
    }

    /// The case folded anew from the entries its facts name; `None` when they are not those of the journals.
    async fn refold(&self, id: CaseId, facts: &[u8]) -> Result<Option<Case>, StoreError> {
        let tree = Tree::national();
        let Ok(kept) = Case::read(id, facts, tree) else { return Ok(None) };
        let ids: Vec<EntryId> = kept.facts().values().map(|fact| fact.header().id()).collect();
        let mut fresh = Case::new(id);
        for stored in self.store.entries_at(&ids).await? {
            match Entry::read(stored.header, stored.body) {
                Ok(entry) if entry.header().case == Some(id) => _ = fresh.take(&entry),
                Ok(_) | Err(_) => return Ok(None),
            }
        }
        fresh.derive(tree);
        Ok((fresh == kept).then_some(fresh))
    }
}

fn ledger_gap(before: &Head) -> Finding {
    Finding::LedgerGap { from: before.ledger.from, to: before.ledger.to, number: before.number + 1 }
}
