//! An office's books, open for an audit: a frozen view of its store, and what must be known to judge it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use terrace_proto::audit::Enrolled;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::{EntryId, Glance, JournalId};
use terrace_proto::journal::Checkpoint;
use terrace_proto::note::Note;
use terrace_proto::rules::Rules;

use crate::archive::issuing;
use crate::cabinet::KeyStore;
use crate::store::{JournalRecord, Store, StoreError};

/// Admissions read at once.
const ADMISSIONS: usize = 1_024;

/// What an audit reads.
#[derive(Debug)]
pub struct Books {
    /// The store as it stood when the audit began.
    pub(super) store: Arc<dyn Store>,
    /// The office's own journal.
    pub(super) me: JournalId,
    /// Its superior, unless it is the root.
    pub(super) superior: Option<DivisionCode>,
    /// The hour of the audit.
    pub(super) now: Timestamp,
    /// Every journal known here.
    pub(super) journals: BTreeMap<JournalId, JournalRecord>,
    /// Since when offices are enrolled.
    pub(super) enrolled: Enrolled,
    /// The rules that days were pinned by.
    pub(super) rules: Rules,
    /// The cabinet, where there is one to look into.
    pub(super) wraps: Option<Arc<dyn KeyStore>>,
}

impl Books {
    /// Opens the books of the office that writes `me`, as they stand now.
    pub async fn open(
        store: &dyn Store,
        me: JournalId,
        superior: Option<DivisionCode>,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let store = store.frozen().await?;
        let all = store.journals().await?;
        let journals: BTreeMap<_, _> =
            all.into_iter().map(|journal| (journal.id, journal)).collect();
        let enrolled = Enrolled::default();
        let rules = issuing::known(store.as_ref()).await?;
        let mut books = Self { store, me, superior, now, journals, enrolled, rules, wraps: None };
        books.learn_enrolled().await?;
        Ok(books)
    }

    /// The same books, with the cabinet beside them; without one, keys are not asked after.
    #[must_use]
    pub fn with_wraps(mut self, wraps: Option<Arc<dyn KeyStore>>) -> Self {
        self.wraps = wraps;
        self
    }

    /// Journals held from their beginning: this office's own and those of its subtree.
    pub(super) fn whole(&self) -> impl Iterator<Item = &JournalRecord> {
        self.journals.values().filter(|journal| journal.whole)
    }

    /// All offices of which a journal is known, but this one.
    pub(super) fn others(&self) -> BTreeSet<DivisionCode> {
        let authors = self.journals.keys().map(|journal| journal.author);
        authors.filter(|author| *author != self.me.author).collect()
    }

    /// The journal of an office that counts. Epochs are random: it is the one admitted last.
    pub(super) fn admitted(&self, office: DivisionCode) -> Option<&JournalRecord> {
        let of_office = self.journals.values().filter(|journal| journal.id.author == office);
        of_office.max_by_key(|journal| journal.admitted_by.map(|entry| entry.sequence))
    }

    /// Whether an office stands below this one.
    pub(super) fn is_below(&self, office: DivisionCode) -> bool {
        office != self.me.author && Tree::national().is_within(office, self.me.author)
    }

    /// Sizes of the signed checkpoints that cover these entries here.
    pub(super) async fn covering(
        &self,
        entries: &[EntryId],
    ) -> Result<BTreeMap<EntryId, u64>, StoreError> {
        let mut sizes = BTreeMap::new();
        let mut single = Vec::new();
        for entry in entries {
            match self.journals.get(&entry.journal).filter(|journal| journal.whole) {
                Some(journal) => _ = sizes.insert(*entry, journal.frontier.size()),
                None => single.push(*entry),
            }
        }
        for stored in self.store.entries_at(&single).await? {
            let note = stored.proof.and_then(|(note, _)| Note::read(&note).ok());
            let read = note.and_then(|note| Checkpoint::read(note.text(), stored.id.journal));
            sizes.extend(read.map(|checkpoint| (stored.id, checkpoint.size)));
        }
        Ok(sizes)
    }

    async fn learn_enrolled(&mut self) -> Result<(), StoreError> {
        // The root and this office need nobody's word.
        for office in [DivisionCode::HUB, self.me.author] {
            self.enrolled.note(office, Timestamp::MIN);
        }
        let admitted: Vec<(EntryId, DivisionCode)> = self
            .journals
            .values()
            .filter_map(|journal| Some((journal.admitted_by?, journal.id.author)))
            .collect();
        for some in admitted.chunks(ADMISSIONS) {
            let by: BTreeMap<EntryId, DivisionCode> = some.iter().copied().collect();
            let ids: Vec<EntryId> = by.keys().copied().collect();
            for stored in self.store.entries_at(&ids).await? {
                if let (Ok(glance), Some(office)) =
                    (Glance::read(&stored.header), by.get(&stored.id))
                {
                    self.enrolled.note(*office, glance.recorded_at());
                }
            }
        }
        Ok(())
    }
}
