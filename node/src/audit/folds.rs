//! Compares every stored fold with what its entries say, and with how many there are.

use terrace_proto::audit::{Finding, check_competence, check_custody};
use terrace_proto::case::Case;
use terrace_proto::digest::CaseId;
use terrace_proto::division::Tree;
use terrace_proto::entry::{Entry, EntryId};

use super::telling::Telling;
use super::{AuditError, Books};
use crate::store::{CaseRecord, StoreError};

/// Cases read at once.
pub(super) const PAGE: u32 = 512;

/// Verifies the folds. `in_cases` is how many entries of cases the journals hold.
pub(super) async fn verify(
    books: &Books,
    telling: &mut Telling,
    in_cases: u64,
) -> Result<(), AuditError> {
    let whole = books.store.tally().await?.cases;
    let (mut after, mut facts) = (0, 0);
    loop {
        let page = books.store.cases_after(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.row;
        for record in page {
            telling.summary.cases += 1;
            facts += compare(books, telling, record).await?;
        }
        telling.progress("cases", telling.summary.cases, whole).await?;
    }
    // Journals that were not asked for were not counted.
    let comparable = telling.question().division.is_none();
    let differ = comparable && facts != in_cases;
    telling.found(differ.then_some(Finding::FoldCount { folds: facts, journals: in_cases })).await
}

/// Compares a fold with its entries; how many facts it holds.
async fn compare(
    books: &Books,
    telling: &mut Telling,
    record: CaseRecord,
) -> Result<u64, AuditError> {
    let Some(fresh) = refold(books, record.id, &record.facts).await? else {
        telling.found([Finding::Fold { case: record.id }]).await?;
        return Ok(0);
    };
    let mut again = CaseRecord { row: record.row, ..CaseRecord::of(&fresh) };
    // Written before it was kept; the surveys say that such are not listed.
    again.pace = again.pace.filter(|_| record.pace.is_some());
    telling.found((again != record).then_some(Finding::Fold { case: record.id })).await?;
    telling.found(check_custody(&fresh)).await?;
    telling.found(check_competence(&fresh)).await?;
    Ok(fresh.facts().len() as u64)
}

/// The case folded anew from the entries its facts name; `None` when they are not those of the journals.
async fn refold(books: &Books, id: CaseId, facts: &[u8]) -> Result<Option<Case>, StoreError> {
    let tree = Tree::national();
    let Ok(kept) = Case::read(id, facts, tree) else { return Ok(None) };
    let ids: Vec<EntryId> = kept.facts().values().map(|fact| fact.header().id()).collect();
    let mut fresh = Case::new(id);
    for stored in books.store.entries_at(&ids).await? {
        match Entry::read(stored.header, stored.body) {
            Ok(entry) if entry.header().case == Some(id) => _ = fresh.take(&entry),
            Ok(_) | Err(_) => return Ok(None),
        }
    }
    fresh.derive(tree);
    Ok((fresh == kept).then_some(fresh))
}
