//! Looks for what is owed of sealed reports (检举控告): the ciphertext, or the key's every wrap, did not come along with
//! the entry, and whoever passed the entry on owes it; and at the root, for those that nobody has opened.
//!
//! It opens nothing and reads no report. Without the cabinet only the ciphertext is looked for.

use std::collections::BTreeSet;

use jiff::Timestamp;
use terrace_proto::audit::{Finding, Opened};
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::route;
use terrace_proto::seal::KeyId;

use super::telling::Telling;
use super::{AuditError, Books};

/// Reports read at once.
const PAGE: u32 = 256;

/// Verifies that every report came with its ciphertext and a wrap of its key, and was opened.
pub(super) async fn verify(
    books: &Books,
    telling: &mut Telling,
    opened: &Opened,
) -> Result<(), AuditError> {
    // Who else may have opened a report below, or above, only the root can tell; and only when all journals were followed.
    let complete = books.superior.is_none() && telling.question().division.is_none();
    let mut before = u64::MAX;
    loop {
        let page = books.store.reports(before, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        before = *last;
        let keys: Vec<KeyId> = page.iter().filter_map(|(_, report)| report.key).collect();
        let seen = match &books.wraps {
            Some(wraps) => wraps.seen(&keys).await?,
            None => keys.into_iter().collect(),
        };
        for (_, report) in page {
            let at = Timestamp::from_millisecond(report.recorded_at).unwrap_or_default();
            let allowance = telling.question().allowance;
            let sealed = (report.entry, report.leaf);
            let unopened = opened.check(sealed, at, (books.now, Tree::national()), &allowance);
            telling.found(unopened.filter(|_| complete)).await?;
            let ciphertext = report.key.is_some();
            if report.key.is_none_or(|key| !seen.contains(&key)) {
                let by = passed_on_by(books, report.entry.journal.author);
                let owed = Finding::Owed { entry: report.entry, by, ciphertext: !ciphertext };
                telling.found(Some(owed)).await?;
            }
        }
    }
}

/// The neighbour through whom an author's journal comes here; this office itself for its own.
fn passed_on_by(books: &Books, author: DivisionCode) -> DivisionCode {
    let admitted = books
        .journals
        .values()
        .filter(|journal| journal.admitted_by.is_some_and(|entry| entry.journal == books.me));
    let subordinates: BTreeSet<DivisionCode> = admitted.map(|journal| journal.id.author).collect();
    route::towards(Tree::national(), &subordinates, author).unwrap_or(author)
}
