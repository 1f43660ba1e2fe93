//! The office's own entries are appended (入账): drafts become entries, entries runs, and runs one commit.
//!
//! A run is what travels in one passage; a commit may hold several, where thousands of records of the past come at once as
//! a [`FairCopy`].
//!
//! Invariant: nobody hears of an entry before it is durable and the checkpoint file has moved behind it.

use std::collections::BTreeMap;

use terrace_proto::admission::admission;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Address;
use terrace_proto::entry::{Entry, JournalId};
use terrace_proto::journal::{self, VerifiedRun};

use super::fair_copy::FairCopy;
use super::folding::Cases;
use super::growth::Grown;
use super::{Archive, ArchiveError, Draft, News, draft};
use crate::store::{Batch, Counter};
use crate::surroundings::name;

impl Archive {
    /// Writes drafts as the next entries of this office's journal, in order, cut into commits that travel in
    /// one passage each; neighbouring drafts of one case are never cut apart. Entries given back are durable.
    pub async fn append(&mut self, drafts: Vec<Draft>) -> Result<(Vec<Entry>, News), ArchiveError> {
        self.append_with(drafts, None).await
    }

    /// As [`Archive::append`], and notes the block of case numbers they use.
    pub async fn append_with(
        &mut self,
        drafts: Vec<Draft>,
        block: Option<u32>,
    ) -> Result<(Vec<Entry>, News), ArchiveError> {
        self.refresh().await?;
        self.only_cleared(&drafts).await?;
        let mut drafts = drafts.into_iter().peekable();
        let (mut written, mut news) = (Vec::new(), News::default());
        while drafts.peek().is_some() {
            let mut counters = self.counters.clone();
            let first = self.size()?;
            let entries = draft::passage(&mut drafts, |draft, before, previous| {
                self.write(draft, first + before, previous, &mut counters)
            })?;
            let batch = Batch { block, ..Batch::default() };
            news.join(self.commit_own(entries.clone(), counters, batch).await?);
            written.extend(entries);
        }
        Ok((written, news))
    }

    /// Entries of this office's own journal.
    fn size(&self) -> Result<u64, ArchiveError> {
        Ok(self.own_journal()?.frontier.size())
    }

    /// Writes entries the caller has made itself, as an office of a later version makes them: of kinds and
    /// schemas that this version cannot interpret. `make` is told the journal and the first sequence.
    pub async fn append_made(
        &mut self,
        make: impl FnOnce(JournalId, u64) -> Vec<Entry>,
    ) -> Result<(Vec<Entry>, News), ArchiveError> {
        self.refresh().await?;
        let entries = make(self.identity.me, self.size()?);
        let counters = self.counters.clone();
        let news = self.commit_own(entries.clone(), counters, Batch::default()).await?;
        Ok((entries, news))
    }

    fn write(
        &mut self,
        mut draft: Draft,
        sequence: u64,
        previous: Option<Digest>,
        counters: &mut BTreeMap<DivisionCode, Counter>,
    ) -> Entry {
        let known = draft.addressee.and_then(|to| counters.get(&to).copied());
        let address = draft.addressee.map(|division| Address {
            division,
            number: known.map_or(1, |counter| counter.number + 1),
            previous: known.map(|counter| counter.last),
        });
        if let Some(place) = draft.place.as_mut().filter(|_| draft.after_previous) {
            place.predecessor = previous;
        }
        let mut header = draft.header(self.identity.me, sequence, self.clock.now());
        header.address = address;
        let salt = name(self.chance.as_mut());
        let entry = Entry::write_sealed(header, draft.content, salt, draft.sealed);
        if let Some(address) = address {
            let counter =
                Counter { to: address.division, number: address.number, last: entry.leaf() };
            counters.insert(address.division, counter);
        }
        entry
    }

    /// Enters a fair copy in one commit.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`](crate::store::StoreError::Conflict) where it does not begin at the end of the journal:
    /// what came before it was not entered.
    pub async fn enter(&mut self, copy: FairCopy) -> Result<News, ArchiveError> {
        self.refresh().await?;
        let batch = Batch { cases: copy.cases, all_new: true, ..Batch::default() };
        self.commit_runs(copy.runs, self.counters.clone(), (batch, Cases::Folded)).await
    }

    /// Commits own entries as a run, then moves the checkpoint file: only after that may anyone hear of them.
    async fn commit_own(
        &mut self,
        entries: Vec<Entry>,
        counters: BTreeMap<DivisionCode, Counter>,
        batch: Batch,
    ) -> Result<News, ArchiveError> {
        let own = self.own_journal()?;
        let run = journal::append(own.id, own.frontier.clone(), entries, &self.identity.signer);
        self.commit_runs(vec![run], counters, (batch, Cases::Asked)).await
    }

    async fn commit_runs(
        &mut self,
        runs: Vec<VerifiedRun>,
        counters: BTreeMap<DivisionCode, Counter>,
        (mut batch, cases): (Batch, Cases),
    ) -> Result<News, ArchiveError> {
        let (mut grown, mut news) = (BTreeMap::new(), News { up: true, ..News::default() });
        let (mut entries, mut checkpoint) = (Vec::new(), None);
        for run in runs {
            self.take_in(&mut batch, &mut grown, &mut news, &run).await?;
            self.grow(&mut batch, &mut grown, &run).await?;
            checkpoint = Some(run.checkpoint().clone());
            entries.append(&mut run.into_entries());
        }
        self.fold_in(&mut batch, &grown, &mut news, (entries, cases)).await?;
        batch.journals = grown.into_values().collect();
        batch.counters =
            counters.values().filter(|c| self.counters.get(&c.to) != Some(*c)).copied().collect();
        let uneven = self.level.leave().await;
        match self.commit(batch).await {
            Ok(()) => {}
            Err(error) => {
                if error.wrote_nothing() {
                    uneven.settled();
                }
                return Err(error);
            }
        }
        self.counters = counters;
        if let Some(checkpoint) = checkpoint {
            self.watermark.raise(&checkpoint)?;
        }
        uneven.settled();
        self.follow_keys(&news).await?;
        Ok(news)
    }

    /// What own entries tell beside their cases: whom they admit, which keys and rules they announce, and who below is to
    /// hear of it.
    async fn take_in(
        &self,
        batch: &mut Batch,
        grown: &mut Grown,
        news: &mut News,
        run: &VerifiedRun,
    ) -> Result<(), ArchiveError> {
        self.learn_admissions(grown, news, run.entries());
        Self::learn_raised(batch, run.entries());
        Self::learn_sealed(batch, run.entries());
        Self::learn_issued(batch, run.entries());
        Self::learn_rolled(batch, run.entries());
        let announced =
            if news.admitted.is_empty() { Vec::new() } else { self.announcements().await? };
        for entry in run.entries() {
            self.list_announced(batch, news, entry);
            self.list_addressed(batch, news, entry);
            if let Some((journal, _)) = admission(entry, self.tree) {
                self.list_ring(batch, news, (journal.author, entry.id()));
                self.list_announcements(batch, news, (journal.author, &announced));
            }
        }
        Ok(())
    }
}
