//! Where a report (检举控告) may go: never to whom it accuses, to anyone below, or to a place the accused leads besides
//! (R2005 23; R2022 30, 46(5); SD2015 56).
//!
//! An entry of a continued report that hands the case to another office, entitles it or is addressed to it is written
//! only with a [`Cleared`] that covers all of these. Only this file makes one, after the discipline organ's own key has
//! opened the report: whoever cannot read whom it accuses can send it nowhere. Every command of the desk comes through
//! here, and so would one that forgot to ask.

use std::collections::{BTreeMap, BTreeSet};

use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::seal::Plain;

use super::{Archive, ArchiveError, Draft};
use crate::cabinet::DISCIPLINE;

/// Offices to which a report may go, as this office found by opening it.
#[derive(Debug, Clone)]
pub struct Cleared {
    case: CaseId,
    to: BTreeSet<DivisionCode>,
}

/// Why a report may not go somewhere.
#[derive(Debug, thiserror::Error)]
pub enum ClearanceError {
    /// It accuses that office, one above it, or somebody who leads it.
    #[error("a report never goes to whom it accuses, or to anyone below")]
    Accused,
    /// It cannot be read here, so nobody knows whom it accuses.
    #[error("the key of this case is not here, so nobody can see whom it accuses")]
    KeyMissing,
    /// The archive could not look.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

impl Cleared {
    fn covers(&self, case: CaseId, to: DivisionCode) -> bool {
        self.case == case && self.to.contains(&to)
    }
}

impl Archive {
    /// Finds whether a case may go to some offices. Of what is no report everything may.
    ///
    /// # Errors
    ///
    /// [`ClearanceError::Accused`], [`ClearanceError::KeyMissing`].
    pub async fn clear(
        &mut self,
        case: &Case,
        to: &[DivisionCode],
    ) -> Result<Option<Cleared>, ClearanceError> {
        if !case.is_report() {
            return Ok(None);
        }
        let ids: Vec<EntryId> = case.sealed_parts().map(|fact| fact.header().id()).collect();
        for (_, part) in self.sealed_entries(&ids).await? {
            let key = self.case_key(DISCIPLINE, case.id(), part.key_id()).await?;
            let text = part.open(&key.ok_or(ClearanceError::KeyMissing)?);
            let plain = text.ok().and_then(|text| Plain::read(&text).ok());
            let Some(Plain::Report(report)) = plain else { continue };
            let kept_from = |to: &DivisionCode| {
                let accused = [report.accused_division].into_iter().chain(report.leads.clone());
                accused.into_iter().any(|accused| self.tree.is_within(*to, accused))
            };
            if to.iter().any(kept_from) {
                return Err(ClearanceError::Accused);
            }
        }
        Ok(Some(Cleared { case: case.id(), to: to.iter().copied().collect() }))
    }

    /// Refuses drafts that would send a report somewhere without having been cleared.
    pub(super) async fn only_cleared(&self, drafts: &[Draft]) -> Result<(), ArchiveError> {
        let me = self.identity.me.author;
        let mut bound: BTreeMap<CaseId, Vec<(&Draft, DivisionCode)>> = BTreeMap::new();
        for draft in drafts {
            let Some(case) = draft.case else { continue };
            for to in draft.destinations().filter(|to| *to != me) {
                bound.entry(case).or_default().push((draft, to));
            }
        }
        if bound.is_empty() {
            return Ok(());
        }
        let ids: Vec<CaseId> = bound.keys().copied().collect();
        for record in self.store.cases(&ids).await? {
            if !self.read_case(&record)?.is_report() {
                continue;
            }
            let covered = |(draft, to): &(&Draft, DivisionCode)| {
                draft.cleared.as_ref().is_some_and(|cleared| cleared.covers(record.id, *to))
            };
            if !bound[&record.id].iter().all(covered) {
                return Err(ArchiveError::Uncleared);
            }
        }
        Ok(())
    }
}
