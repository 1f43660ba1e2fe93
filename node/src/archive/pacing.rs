//! Folds that were written before it was kept how cases move: that is worked out for them while the office serves, round by
//! round. Whatever is folded anew says it by itself.
//!
//! Nothing but the pace is written: what else stands beside a fold stays as it is, also where it is not what the journals
//! say, for the audit to find.

use terrace_proto::case::Case;
use terrace_proto::roll::pace::Pace;

use super::{Archive, ArchiveError};
use crate::store::{Batch, CaseRecord, Wanted};

/// Folds written in one transaction.
const ROUND: u32 = 500;

impl Archive {
    /// Works out how the next cases move whose folds do not say; how many there were, and behind the last of them none. One
    /// that cannot be read is named in the log and left out.
    pub async fn learn_paces(&mut self) -> Result<usize, ArchiveError> {
        let unpaced = Wanted { unpaced: true, ..Wanted::default() };
        let records = self.store.cases_wanted(&unpaced, self.unpaced, ROUND).await?;
        let (found, last) = (records.len(), records.last().map_or(u64::MAX, |record| record.row));
        let paced = |record: CaseRecord| match Case::read(record.id, &record.facts, self.tree) {
            Ok(case) => Some(CaseRecord { pace: Some(Pace::of(&case)), ..record }),
            Err(error) => {
                tracing::warn!(case = %record.id, %error, "the fold of a case cannot be read; the audit tells more");
                None
            }
        };
        let cases: Vec<CaseRecord> = records.into_iter().filter_map(paced).collect();
        if !cases.is_empty() {
            tracing::info!(cases = cases.len(), before = last, "it is worked out how cases move");
            self.store.commit(Batch { cases, ..Batch::default() }).await?;
        }
        self.unpaced = last;
        Ok(found)
    }
}
