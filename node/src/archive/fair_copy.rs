//! A fair copy (誊清稿): drafts with which cases begin, written out as entries and folds before it is their turn to be
//! committed, so that further ones are written out while those before are made durable.
//!
//! It is made of values alone, on any thread. It counts for nothing until it is entered ([`Archive::enter`]), and only
//! behind the copy before it.

use jiff::Timestamp;
use terrace_proto::case::Past;
use terrace_proto::entry::{JournalId, SALT_LENGTH};
use terrace_proto::journal::{self, Frontier, VerifiedRun};
use terrace_proto::key::Signer;

use super::{Archive, ArchiveError, Draft, draft};
use crate::store::{CaseRecord, StoreError};

/// Writes fair copies, each behind the one before.
#[derive(Debug)]
pub struct Copyist {
    me: JournalId,
    signer: Signer,
    frontier: Frontier,
}

/// What clock and chance give to entries that are written out elsewhere.
#[derive(Debug)]
pub struct Stamps {
    hour: Timestamp,
    salts: Vec<[u8; SALT_LENGTH]>,
}

/// Entries and folds that await their commit.
#[derive(Debug)]
pub struct FairCopy {
    pub(super) runs: Vec<VerifiedRun>,
    pub(super) cases: Vec<CaseRecord>,
}

impl Archive {
    /// Whoever writes out what is entered next. What is entered otherwise from here on makes the copies useless.
    pub async fn copyist(&mut self) -> Result<Copyist, ArchiveError> {
        self.refresh().await?;
        let own = self.own_journal()?;
        let (me, frontier) = (own.id, own.frontier.clone());
        Ok(Copyist { me, signer: self.identity.signer.clone(), frontier })
    }

    /// Stamps for so many entries.
    pub fn stamps(&mut self, entries: usize) -> Stamps {
        let mut bytes = vec![0; entries * SALT_LENGTH];
        self.chance.fill(&mut bytes);
        let (salts, _) = bytes.as_chunks();
        Stamps { hour: self.clock.now(), salts: salts.to_vec() }
    }
}

impl FairCopy {
    /// Whether there is nothing to enter.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }
}

impl Copyist {
    /// The key that signs the copies.
    #[must_use]
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Writes out drafts of records of the past, with which their cases begin; of none, an empty copy.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] for any other draft: only what a record of the past folds to can be told from it alone.
    ///
    /// # Panics
    ///
    /// Where there are fewer stamps than drafts.
    pub fn copy(
        &mut self,
        drafts: impl IntoIterator<Item = Draft>,
        stamps: Stamps,
    ) -> Result<FairCopy, ArchiveError> {
        let cases = Vec::with_capacity(stamps.salts.len());
        let mut copy = FairCopy { runs: Vec::new(), cases };
        let mut salts = stamps.salts.into_iter();
        let mut drafts = drafts.into_iter().peekable();
        let mut plain = true;
        while drafts.peek().is_some() {
            let first = self.frontier.size();
            let entries = draft::passage(&mut drafts, |draft, before, _| {
                let header = draft.header(self.me, first + before, stamps.hour);
                let salt = salts.next().expect("as many stamps as drafts");
                let (entry, past) = Past::write(header, draft.content, salt);
                plain &= past.is_some();
                copy.cases.extend(past.as_ref().map(CaseRecord::of_past));
                entry
            })?;
            let run = journal::append(self.me, self.frontier.clone(), entries, &self.signer);
            self.frontier = run.frontier().clone();
            copy.runs.push(run);
        }
        if !plain {
            let text = "only records of the past are written out ahead of their commit";
            return Err(StoreError::Conflict(text.into()).into());
        }
        Ok(copy)
    }
}
