//! The office's own blind index: the petitioners of what it may read, marked under its own key.
//!
//! A case is marked as soon as its sealed part and its key are both here: where it is registered, and where its key is
//! handed over. Its identities are opened for that by the machine and shown to nobody; the marks stay in the cabinet
//! and go when the key is destroyed. What a crash left unmarked is marked at the next start.
//! It answers only with cases, and never lists a mark.

use std::collections::{BTreeMap, BTreeSet};

use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{Content, Entry, EntryId};
use terrace_proto::seal::index::place_of_matter;
use terrace_proto::seal::{Identity, Mark, Plain, SealedPart};

use super::{Archive, ArchiveError};
use crate::cabinet::{Change, IndexChange, Question};

/// Who brings a case, and what about, as far as an index needs it.
#[derive(Debug)]
pub(super) struct Brought {
    /// The intake, or the election of representatives.
    pub(super) intake: EntryId,
    /// Where the problem lies.
    pub(super) place: DivisionCode,
    /// Who.
    pub(super) identity: Identity,
}

impl Archive {
    /// Entries with their sealed parts, those whose ciphertext is here.
    pub async fn sealed_entries(
        &self,
        ids: &[EntryId],
    ) -> Result<Vec<(Entry, SealedPart)>, ArchiveError> {
        let stored = self.store.entries_at(ids).await?;
        let read = stored.into_iter().filter_map(|one| {
            let entry = one.into_entry().ok()?;
            let part = entry.sealed()?.clone();
            Some((entry, part))
        });
        Ok(read.collect())
    }

    /// Marks who brings these cases, as far as this office can open that, and notes which are to be asked about. Gives
    /// the marks of each matter.
    pub async fn index(
        &mut self,
        cases: &[CaseId],
    ) -> Result<BTreeMap<CaseId, Vec<Mark>>, ArchiveError> {
        let mut matters: BTreeMap<CaseId, Vec<Mark>> = BTreeMap::new();
        let Some(keys) = self.cabinet.index().cloned() else { return Ok(matters) };
        let mut change = IndexChange::default();
        for case in cases {
            let mut marks = Vec::new();
            for brought in self.brought(*case).await? {
                let person = keys.own.of_person(&brought.identity);
                let own = brought.intake.journal == self.identity.me;
                if own && !person.is_empty() && self.identity.superior.is_some() {
                    let sequence = brought.intake.sequence;
                    change.questions.push(Question { case: *case, sequence });
                }
                marks.extend(person);
                let matter = keys.own.of_matter(&brought.identity, brought.place);
                matters.entry(*case).or_default().extend_from_slice(&matter);
                marks.extend(matter);
            }
            if !marks.is_empty() {
                change.marks.push((*case, marks));
            }
        }
        if !change.marks.is_empty() {
            self.cabinet.store().change(Change { index: change, ..Change::default() }).await?;
        }
        Ok(matters)
    }

    /// The other cases here with one of the marks of this matter: one of the same petitioners has brought them about the
    /// same place. Proposals, for an officer to look at.
    pub async fn same_here(
        &self,
        case: CaseId,
        matter: &[Mark],
    ) -> Result<BTreeSet<CaseId>, ArchiveError> {
        let mut same = self.cabinet.store().marked(matter).await?;
        same.remove(&case);
        Ok(same)
    }

    /// What the superior answered about a case; see [`crate::cabinet::MarkStore::answered`].
    pub async fn same_above(&self, case: CaseId) -> Result<Option<Option<bool>>, ArchiveError> {
        Ok(self.cabinet.store().answered(case).await?)
    }

    /// Who brings a case, by every intake and election whose sealed part this office can open now.
    pub(super) async fn brought(&mut self, id: CaseId) -> Result<Vec<Brought>, ArchiveError> {
        let Some(case) = self.case(id).await? else { return Ok(Vec::new()) };
        if case.erasure().is_some() {
            return Ok(Vec::new());
        }
        let sealed: Vec<EntryId> = case.sealed_parts().map(|fact| fact.header().id()).collect();
        let parts = self.sealed_entries(&sealed).await?;
        let keys: BTreeMap<_, _> =
            self.case_keys("", id).await?.into_iter().map(|key| (key.id(), key)).collect();
        let place = parts.iter().find_map(|(entry, _)| {
            let Some(Content::IntakeRegistered(intake)) = entry.content() else { return None };
            Some(intake.place)
        });
        let read = parts.into_iter().filter_map(|(entry, part)| {
            let said = match entry.content() {
                Some(Content::IntakeRegistered(intake)) => intake.place,
                Some(Content::RepresentativesElected(_)) => place?,
                Some(_) | None => return None,
            };
            let text = part.open(keys.get(&part.key_id())?).ok()?;
            let Ok(Plain::Identity(identity)) = Plain::read(&text) else { return None };
            let intake_at = entry.id();
            let place = place_of_matter(said, intake_at.journal.author);
            Some(Brought { intake: intake_at, place, identity })
        });
        Ok(read.collect())
    }

    /// Marks what a crash, or a version without an index, has left unmarked.
    pub(super) async fn index_left(&mut self, cases: &[CaseId]) -> Result<(), ArchiveError> {
        let done = self.cabinet.store().indexed(cases).await?;
        let left: Vec<CaseId> = cases.iter().filter(|case| !done.contains(case)).copied().collect();
        self.index(&left).await.map(drop)
    }
}
