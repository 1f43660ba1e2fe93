//! Figures are kept in step with the folds (统计随归并更新): what a batch makes of cases, it makes of the cells as well.
//!
//! What a case added before is taken back and what it adds now is put in its place, in the transaction that stores the
//! fold. Only what this office's subtree owes or does is counted here; what is owed elsewhere is counted there.

use std::collections::BTreeMap;

use jiff::civil::Date;
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, Kind, VerifiedEntry};
use terrace_proto::figure::Figure;
use terrace_proto::figure::measured::{Measured, measured, of_ratings};

use super::{Archive, ArchiveError};
use crate::store::{Batch, CountedRecord};

impl Archive {
    /// What a case adds to the figures of this office's subtree.
    pub(super) fn measure(&self, case: &Case) -> Vec<Measured> {
        let me = self.identity.me.author;
        let mut all = measured(case);
        all.retain(|one| one.office == me || self.tree.is_within(one.office, me));
        all
    }

    /// Changes the figures from what a case added before to what it adds now.
    pub(super) fn move_cells(
        &self,
        batch: &mut Batch,
        case: CaseId,
        before: &[Measured],
        now: &[Measured],
    ) {
        if before == now {
            return;
        }
        let me = self.identity.me.author;
        batch.cells.take_back(before, self.tree, me);
        batch.cells.add(now, self.tree, me);
        let (before, now) = (by_place(before), by_place(now));
        let gone = before.iter().filter(|(place, _)| !now.contains_key(place));
        batch.uncounted.extend(gone.map(|(_, one)| CountedRecord { case, measured: *one }));
        let fresh = now.iter().filter(|(place, one)| before.get(place) != Some(one));
        batch.counted.extend(fresh.map(|(_, one)| CountedRecord { case, measured: *one }));
    }

    /// Adds what entries that stand in no case tell; of one that is held already it was added when it came.
    pub(super) async fn count_told(
        &self,
        batch: &mut Batch,
        entries: &[VerifiedEntry],
    ) -> Result<(), ArchiveError> {
        let telling = entries.iter().filter(|entry| entry.header().kind == Kind::RatingsTold);
        let mut telling: BTreeMap<EntryId, &VerifiedEntry> =
            telling.map(|entry| (entry.id(), entry)).collect();
        if telling.is_empty() {
            return Ok(());
        }
        let ids: Vec<EntryId> = telling.keys().copied().collect();
        for known in self.store.entries_at(&ids).await? {
            telling.remove(&known.id);
        }
        for entry in telling.into_values() {
            batch.cells.add(&of_ratings(entry.entry()), self.tree, self.identity.me.author);
        }
        Ok(())
    }
}

/// Where a case is counted: figure, facet, office and day.
type Place = (Figure, u32, DivisionCode, Date);

/// All that a case adds at one place together. Of visits no cases are kept, only numbers: nobody is looked up by having
/// come.
fn by_place(measured: &[Measured]) -> BTreeMap<Place, Measured> {
    let mut places: BTreeMap<Place, Measured> = BTreeMap::new();
    for one in measured.iter().filter(|one| one.figure.has_cases()) {
        let place = (one.figure, one.facet, one.office, one.day);
        let known = places.get(&place).map(|known| known.share).unwrap_or_default();
        places.insert(place, Measured { share: known + one.share, ..*one });
    }
    places
}
