//! The archive (档案): the one writer of an office's store.
//!
//! Whatever an office comes to hold, its own entries ([`Archive::append`]) and its neighbours'
//! ([`Archive::receive`]), goes through here: the frontier is extended, the cases concerned are folded, what
//! must be passed down is listed, and all of it is committed as one batch. Reading for the links is in
//! [`shipping`].
//!
//! It never judges law and never talks to anyone; what it reports as [`News`] is durable already.
//!
//! Invariants: 1. nothing is cached that a failed commit could have made untrue: after any error all of it
//! is read again; 2. entry, fold, ledger and frontier are one transaction; 3. the checkpoint file is behind
//! or level with the database, never ahead.

mod appending;
pub mod clearance;
mod counting;
pub mod draft;
pub mod enrolling;
mod error;
pub mod fair_copy;
mod folding;
mod growth;
mod history;
mod identity;
pub mod indexing;
pub mod issuing;
mod ledgers;
mod level;
pub mod matching;
mod news;
mod pacing;
pub mod proofs;
pub mod rated;
mod registering;
pub mod rolling;
pub mod sealing;
pub mod shipping;
pub mod supervising;
pub mod vigil;
mod witnessing;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::entry::JournalId;
use terrace_proto::journal::{Edge, Held, SignedCheckpoint};
use terrace_proto::organ::Registry;
use terrace_proto::rules::Rules;
use terrace_proto::seal::Blinding;
use terrace_proto::session::{Delivery, Passed};

pub use draft::Draft;
pub use error::ArchiveError;
pub use identity::{Identity, own_journal};
pub use level::Level;
pub use news::News;
pub use proofs::Proofs;

use folding::Cases;

use crate::cabinet::Cabinet;
use crate::store::{
    Batch, Counter, Direction, JournalRecord, LedgerRecord, PassageRecord, Store, StoreError,
};
use crate::surroundings::{Chance, Clock};
use crate::watermark::Watermark;

/// The one writer of an office's store.
#[derive(Debug)]
pub struct Archive {
    identity: Identity,
    tree: &'static Tree,
    rules: Arc<Rules>,
    organs: Arc<Registry>,
    store: Arc<dyn Store>,
    watermark: Box<dyn Watermark>,
    clock: Arc<dyn Clock>,
    chance: Box<dyn Chance>,
    /// Journals known here; empty when it must be read again.
    journals: BTreeMap<JournalId, JournalRecord>,
    /// Growing tiles of journals written here lately.
    edges: BTreeMap<JournalId, Edge>,
    counters: BTreeMap<DivisionCode, Counter>,
    /// Direct subordinates.
    subordinates: BTreeSet<DivisionCode>,
    stale: bool,
    level: Level,
    cabinet: Cabinet,
    /// Behind which rows the next round of supervision goes on: among overdue cases, and among all open ones.
    supervised: [u64; 2],
    /// Before which row the next round looks for folds that do not say how their cases move.
    unpaced: u64,
    /// The day on which it was last looked what ratings can be told.
    ratings_told_on: Option<jiff::civil::Date>,
    /// Fields that were blinded and await their answers.
    blindings: BTreeMap<CaseId, Vec<Blinding>>,
}

impl Archive {
    /// Opens the archive of an office whose own journal is in the store, compares the database with the
    /// checkpoint file, and brings the file up to it: the power may have failed between the two.
    pub async fn open(
        identity: Identity,
        store: Arc<dyn Store>,
        watermark: Box<dyn Watermark>,
        clock: Arc<dyn Clock>,
        chance: Box<dyn Chance>,
    ) -> Result<Self, ArchiveError> {
        let mut archive = Self {
            identity,
            tree: Tree::national(),
            rules: Arc::new(Rules::built_in().clone()),
            organs: Arc::default(),
            store,
            watermark,
            clock,
            chance,
            journals: BTreeMap::new(),
            edges: BTreeMap::new(),
            counters: BTreeMap::new(),
            subordinates: BTreeSet::new(),
            stale: true,
            level: Level::default(),
            cabinet: Cabinet::default(),
            supervised: [u64::MAX; 2],
            unpaced: u64::MAX,
            ratings_told_on: None,
            blindings: BTreeMap::new(),
        };
        archive.refresh().await?;
        let own = archive.own_journal()?;
        if let Some(note) = &own.checkpoint {
            let signed = SignedCheckpoint::read(note, own.id, &own.key).ok_or_else(|| {
                StoreError::Corrupt("this office's own checkpoint is not signed by its key".into())
            })?;
            archive.watermark.raise(&signed)?;
        }
        Ok(archive)
    }

    /// Who the office is.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether the checkpoint file is level with the database.
    #[must_use]
    pub fn level(&self) -> &Level {
        &self.level
    }

    /// The store it writes.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Makes proofs out of its store.
    #[must_use]
    pub fn proofs(&self) -> Proofs {
        Proofs::new(self.store.clone())
    }

    /// The tree of divisions.
    #[must_use]
    pub fn tree(&self) -> &'static Tree {
        self.tree
    }

    /// The law as this office knows it.
    #[must_use]
    pub fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The hour.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Random bytes for ids.
    pub fn chance(&mut self) -> &mut dyn Chance {
        self.chance.as_mut()
    }

    /// Direct subordinates, as admitted.
    #[must_use]
    pub fn subordinates(&self) -> &BTreeSet<DivisionCode> {
        &self.subordinates
    }

    /// Every journal known here.
    #[must_use]
    pub fn journals(&self) -> &BTreeMap<JournalId, JournalRecord> {
        &self.journals
    }

    /// Reads again what is cached, if it may be untrue.
    pub async fn refresh(&mut self) -> Result<(), ArchiveError> {
        if !self.stale {
            return Ok(());
        }
        self.edges.clear();
        let journals = self.store.journals().await?.into_iter();
        self.journals = journals.map(|journal| (journal.id, journal)).collect();
        if let Some(own) = self.journals.get(&self.identity.me) {
            // Not at the start alone: a server that lacks the last commits may have taken over.
            self.watermark.check(own.id, &own.frontier, &own.key)?;
        }
        let counters = self.store.counters().await?;
        self.counters = counters.into_iter().map(|counter| (counter.to, counter)).collect();
        let me = self.identity.me;
        self.subordinates = self
            .journals
            .values()
            .filter(|journal| journal.admitted_by.is_some_and(|entry| entry.journal == me))
            .map(|journal| journal.id.author)
            .collect();
        self.load_rules().await?;
        self.load_organs().await?;
        self.stale = false;
        Ok(())
    }

    /// A case as it is held here.
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, ArchiveError> {
        let record = self.store.cases(&[id]).await?.pop();
        record.map(|record| self.read_case(&record)).transpose()
    }

    /// A case out of its row, as a list gave it.
    pub fn read(&self, record: &crate::store::CaseRecord) -> Result<Case, ArchiveError> {
        self.read_case(record)
    }

    /// What is held of a journal, for a session to verify against.
    pub async fn held(&mut self, id: JournalId) -> Result<Option<Held>, ArchiveError> {
        self.refresh().await?;
        Ok(self.journals.get(&id).map(JournalRecord::held))
    }

    /// Stores deliveries of one neighbour with their ledger records, in order and in one transaction.
    pub async fn receive(
        &mut self,
        peer: DivisionCode,
        deliveries: Vec<Delivery>,
    ) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let mut batch = Batch::default();
        let mut grown = BTreeMap::new();
        let stored_at = self.clock.now().as_millisecond();
        let (mut entries, mut handed, mut news) = (Vec::new(), BTreeSet::new(), News::default());
        let known = self.store.ledger(peer, Direction::In).await?;
        let mut before = known.map(|ledger| ledger.head);
        for delivery in deliveries {
            let Delivery { record, head_signature, passed } = delivery;
            ledgers::follows(before, &record)?;
            before = Some(record.head);
            batch.ledgers = vec![LedgerRecord {
                peer,
                direction: Direction::In,
                head: record.head,
                position: 0,
                proved: Some((record.head.number, head_signature)),
                proved_at: record.sent_at,
            }];
            batch.passages.push(PassageRecord { record, position: 0, stored_at: Some(stored_at) });
            self.learn_admissions(&mut grown, &mut news, passed.entries());
            Self::learn_raised(&mut batch, passed.entries());
            Self::learn_sealed(&mut batch, passed.entries());
            Self::learn_issued(&mut batch, passed.entries());
            Self::learn_rolled(&mut batch, passed.entries());
            for entry in passed.entries() {
                self.list_announced(&mut batch, &mut news, entry);
                self.list_addressed(&mut batch, &mut news, entry);
            }
            match passed {
                Passed::Run(run) => {
                    self.same_history(&run, &entries).await?;
                    self.grow(&mut batch, &mut grown, &run).await?;
                    entries.extend(run.entries().iter().cloned());
                }
                Passed::Parcel(parcel) => {
                    handed.extend(
                        parcel
                            .iter()
                            .filter(|e| e.sealed().is_some())
                            .filter_map(|e| e.header().case),
                    );
                    entries.extend(parcel);
                }
            }
        }
        self.fold_in(&mut batch, &grown, &mut news, (entries, Cases::Asked)).await?;
        // A key for whoever has taken a case up goes upwards as well.
        news.up |= !batch.runs.is_empty() || !news.joined.is_empty();
        batch.journals = grown.into_values().collect();
        news.announced = batch.sealing_keys.iter().map(|key| key.entry.journal.author).collect();
        let issued = !batch.issued.is_empty();
        self.commit(batch).await?;
        if issued {
            self.load_rules().await?;
        }
        self.follow_keys(&news).await?;
        self.index(&handed.into_iter().collect::<Vec<_>>()).await?;
        Ok(news)
    }

    fn own_journal(&self) -> Result<&JournalRecord, ArchiveError> {
        let missing =
            || StoreError::Corrupt("this office's own journal is not in its database".into());
        Ok(self.journals.get(&self.identity.me).ok_or_else(missing)?)
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), ArchiveError> {
        let journals: Vec<JournalRecord> =
            batch.journals.iter().map(|(journal, _)| journal.clone()).collect();
        let organs = registering::about_organs(&batch.entries);
        if let Err(error) = self.store.commit(batch).await {
            self.stale = true;
            return Err(error.into());
        }
        let me = self.identity.me;
        for journal in journals {
            if journal.admitted_by.is_some_and(|entry| entry.journal == me) {
                self.subordinates.insert(journal.id.author);
            }
            self.journals.insert(journal.id, journal);
        }
        self.learn_organs(organs);
        Ok(())
    }
}
