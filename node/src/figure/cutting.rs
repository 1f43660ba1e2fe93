//! The cut (截面) that a view holds for: now, or as it was at an hour that has passed.
//!
//! Only journals held from their beginning have a head. That of an hour comes from the runs in the order in which they were
//! written here: all of them up to the first that was stored later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use terrace_proto::entry::JournalId;
use terrace_proto::figure::cut::Cut;
use terrace_proto::journal::Checkpoint;
use terrace_proto::note::Note;

use crate::store::{NewRun, Reach, RunRecord, Store, StoreError};

/// Runs read at once.
const PAGE: u32 = 2_048;

/// The heads as they are.
///
/// # Errors
///
/// [`StoreError`] when the store does not answer.
pub async fn present(view: &dyn Store) -> Result<Cut, StoreError> {
    Ok(Cut::of(view.reaches().await?.iter().map(Reach::head)))
}

/// The heads as they were at an hour.
///
/// # Errors
///
/// [`StoreError`] when the store does not answer, or holds a run without its checkpoint.
pub async fn at(view: &dyn Store, hour: Timestamp) -> Result<Cut, StoreError> {
    let read = |(journal, run): (JournalId, NewRun)| {
        let note = Note::read(&run.checkpoint).ok();
        let head = note.and_then(|note| Checkpoint::read(note.text(), journal));
        head.ok_or_else(|| StoreError::Corrupt(format!("a run of {journal} has no checkpoint")))
    };
    let runs = runs_until(view, hour).await?.into_iter();
    Ok(Cut::of(runs.map(read).collect::<Result<Vec<Checkpoint>, _>>()?))
}

/// The last run of each journal that had been stored at an hour.
pub(super) async fn runs_until(
    view: &dyn Store,
    hour: Timestamp,
) -> Result<BTreeMap<JournalId, NewRun>, StoreError> {
    let (mut last, mut after) = (BTreeMap::new(), 0);
    loop {
        let page = view.runs(after, PAGE).await?;
        let Some(end) = page.last() else { return Ok(last) };
        after = end.position;
        for RunRecord { run, .. } in page {
            if run.stored_at > hour.as_millisecond() {
                return Ok(last);
            }
            last.insert(run.journal, run);
        }
    }
}
