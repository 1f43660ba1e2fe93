//! The office's own entries are appended (入账): drafts become entries, entries runs, and runs one commit.
//!
//! A run is what travels in one passage; a commit may hold several, where thousands of records of the past come at once.
//!
//! Invariant: nobody hears of an entry before it is durable and the checkpoint file has moved behind it.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use terrace_proto::admission::admission;
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::header::Address;
use terrace_proto::entry::{Entry, JournalId};
use terrace_proto::journal::{self, VerifiedRun};
use terrace_proto::session::{BATCH_BYTES, BATCH_ENTRIES};

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
            let entries = self.passage(&mut drafts, self.size()?, &mut counters)?;
            let batch = Batch { block, ..Batch::default() };
            let said =
                self.commit_own(vec![entries.clone()], counters, (batch, Cases::Asked)).await?;
            news.join(said);
            written.extend(entries);
        }
        Ok((written, news))
    }

    /// As [`Archive::append`] in one commit, of drafts with which their cases begin: nothing of them is held.
    pub async fn append_begun(&mut self, drafts: Vec<Draft>) -> Result<News, ArchiveError> {
        self.refresh().await?;
        self.only_cleared(&drafts).await?;
        let mut drafts = drafts.into_iter().peekable();
        let (mut passages, mut sequence) = (Vec::new(), self.size()?);
        let mut counters = self.counters.clone();
        while drafts.peek().is_some() {
            let entries = self.passage(&mut drafts, sequence, &mut counters)?;
            sequence += entries.len() as u64;
            passages.push(entries);
        }
        if passages.is_empty() {
            return Ok(News::default());
        }
        self.commit_own(passages, counters, (Batch::default(), Cases::AllNew)).await
    }

    /// The entries that the next drafts make from a sequence on, as many as travel in one passage; neighbouring drafts
    /// of one case are never cut apart.
    fn passage(
        &mut self,
        drafts: &mut Peekable<IntoIter<Draft>>,
        first: u64,
        counters: &mut BTreeMap<DivisionCode, Counter>,
    ) -> Result<Vec<Entry>, ArchiveError> {
        let (mut entries, mut bytes, mut case) = (Vec::<Entry>::new(), 0, None);
        while entries.len() < BATCH_ENTRIES as usize && bytes < BATCH_BYTES as usize / 2
            || case.is_some() && drafts.peek().is_some_and(|draft| draft.case == case)
        {
            let Some(draft) = drafts.next() else { break };
            case = draft.case;
            let sequence = first + entries.len() as u64;
            let previous = entries.last().map(Entry::leaf);
            let entry = self.write(draft, sequence, previous, counters);
            bytes += draft::size(&entry)?;
            entries.push(entry);
        }
        Ok(entries)
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
        let batch = (Batch::default(), Cases::Asked);
        let news = self.commit_own(vec![entries.clone()], counters, batch).await?;
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

    /// Commits own entries, each passage as a run of its own, then moves the checkpoint file: only after that may anyone
    /// hear of them.
    async fn commit_own(
        &mut self,
        passages: Vec<Vec<Entry>>,
        counters: BTreeMap<DivisionCode, Counter>,
        (mut batch, cases): (Batch, Cases),
    ) -> Result<News, ArchiveError> {
        let own = self.own_journal()?;
        let (me, mut frontier) = (own.id, own.frontier.clone());
        let (mut grown, mut news) = (BTreeMap::new(), News { up: true, ..News::default() });
        let (mut entries, mut checkpoint) = (Vec::new(), None);
        for passage in passages {
            let run = journal::append(me, frontier, passage, &self.identity.signer);
            frontier = run.frontier().clone();
            self.take_in(&mut batch, &mut grown, &mut news, &run).await?;
            self.grow(&mut batch, &mut grown, &run).await?;
            checkpoint = Some(run.checkpoint().clone());
            entries.extend(run.into_entries());
        }
        batch.all_new = cases == Cases::AllNew;
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
