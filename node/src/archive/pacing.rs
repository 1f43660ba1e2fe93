//! Folds that were written before it was kept how cases move: that is worked out for them when the office begins, once.
//!
//! It judges nothing anew: the facts stay as they are. It can be interrupted, and goes on where it was.

use terrace_proto::case::Case;

use super::{Archive, ArchiveError};
use crate::store::{Batch, CaseRecord, StoreError, Wanted};

/// Folds written in one transaction.
const ROUND: u32 = 500;

impl Archive {
    /// Works out how cases move whose folds do not say.
    pub(super) async fn learn_paces(&mut self) -> Result<(), ArchiveError> {
        let unpaced = Wanted { unpaced: true, ..Wanted::default() };
        let mut learnt = 0;
        loop {
            let records = self.store.cases_wanted(&unpaced, u64::MAX, ROUND).await?;
            if records.is_empty() {
                break;
            }
            learnt += records.len();
            let again = |record: CaseRecord| {
                let case = Case::read(record.id, &record.facts, self.tree);
                let case = case.map_err(|error| StoreError::Corrupt(error.to_string()))?;
                Ok(CaseRecord { row: record.row, ..CaseRecord::of(&case) })
            };
            let cases = records.into_iter().map(again).collect::<Result<_, StoreError>>()?;
            self.store.commit(Batch { cases, ..Batch::default() }).await?;
            tracing::info!(cases = learnt, "how cases move is worked out for folds written before");
        }
        Ok(())
    }
}
