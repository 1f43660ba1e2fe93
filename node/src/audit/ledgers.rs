//! Follows the passage ledgers of every link, passage by passage, against the entries that are held.

use std::collections::BTreeMap;

use terrace_proto::audit::{ClockCheck, Finding, LedgerCheck, check_head};
use terrace_proto::digest::Digest;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, Glance, leaf_of};
use terrace_proto::ledger::{Head, Span};

use super::telling::Telling;
use super::{AuditError, Books};
use crate::store::{Direction, EntryBytes, LedgerRecord, PassageRecord, StoreError};

/// Passages read at once.
const PAGE: u32 = 1_024;

/// Verifies both ledgers of every link.
pub(super) async fn verify(books: &Books, telling: &mut Telling) -> Result<(), AuditError> {
    for peer in books.others() {
        if !telling.question().wants_places([peer].into_iter()) {
            continue;
        }
        for direction in [Direction::Out, Direction::In] {
            if let Some(ledger) = books.store.ledger(peer, direction).await? {
                follow(books, telling, &ledger).await?;
                telling.found(other_end(books, peer, &ledger).await?).await?;
            }
        }
    }
    Ok(())
}

/// The head that the other end has signed for, as it is kept here.
pub(super) async fn signed_head(
    books: &Books,
    ledger: &LedgerRecord,
) -> Result<Option<Head>, StoreError> {
    match ledger.proved {
        None => Ok(None),
        Some((number, _)) if number == ledger.head.number => Ok(Some(ledger.head)),
        Some((number, _)) => {
            let passage = books.store.passages(ledger.head.ledger, number, 1).await?.pop();
            Ok(passage.map(|passage| passage.record.head).filter(|head| head.number == number))
        }
    }
}

/// Whether the other end signed what is kept here. Of what was sent it may not have signed anything yet.
pub(super) async fn other_end(
    books: &Books,
    peer: DivisionCode,
    ledger: &LedgerRecord,
) -> Result<Option<Finding>, StoreError> {
    let Some(peer) = books.admitted(peer) else { return Ok(None) };
    let Some((number, signature)) = &ledger.proved else {
        let came_in = ledger.direction == Direction::In;
        return Ok(check_head(&ledger.head, None, &peer.key).filter(|_| came_in));
    };
    match signed_head(books, ledger).await? {
        Some(head) => Ok(check_head(&head, Some(signature), &peer.key)),
        None => {
            let missing = Head { number: *number, ..Head::start(ledger.head.ledger) };
            Ok(check_head(&missing, None, &peer.key))
        }
    }
}

async fn follow(
    books: &Books,
    telling: &mut Telling,
    ledger: &LedgerRecord,
) -> Result<(), AuditError> {
    let mut check = LedgerCheck::new(ledger.head.ledger);
    let mut next = 1;
    loop {
        let page = books.store.passages(ledger.head.ledger, next, PAGE).await?;
        let Some(last) = page.last() else { break };
        next = last.record.head.number + 1;
        for passage in &page {
            telling.summary.passages += 1;
            let (leaves, ahead) = entries(books, telling, ledger.direction, passage).await?;
            telling.found(check.passage(&passage.record, &leaves)).await?;
            telling.found(ahead).await?;
        }
        telling.progress("passages", next - 1, ledger.head.number).await?;
    }
    telling.found(check.finish(&ledger.head)).await
}

/// The leaves of the entries of a passage that are held, in order, and the first that claims an hour after it
/// was stored here.
async fn entries(
    books: &Books,
    telling: &Telling,
    direction: Direction,
    passage: &PassageRecord,
) -> Result<(Vec<Digest>, Option<Finding>), StoreError> {
    let journal = passage.record.journal;
    let tolerance = telling.question().allowance.clock_millis();
    let stored_at = passage.stored_at.filter(|_| direction == Direction::In);
    let mut ahead = None;
    let mut look = |header: &[u8]| {
        if let (Some(stored_at), None) = (stored_at, &ahead)
            && let Ok(glance) = Glance::read(header)
        {
            ahead = ClockCheck::ahead(&glance, stored_at, tolerance);
        }
        leaf_of(header)
    };
    let mut leaves = Vec::new();
    match &passage.record.span {
        Span::Run { first, count } => {
            let mut see = |entry: EntryBytes<'_>| leaves.push(look(entry.header));
            books.store.each_entry(journal, *first, *count, &mut see).await?;
        }
        Span::Picked(sequences) => {
            let ids: Vec<EntryId> =
                sequences.iter().map(|sequence| EntryId { journal, sequence: *sequence }).collect();
            let found = books.store.entries_at(&ids).await?;
            let mut by_place: BTreeMap<EntryId, Digest> =
                found.into_iter().map(|entry| (entry.id, look(&entry.header))).collect();
            leaves.extend(ids.iter().filter_map(|id| by_place.remove(id)));
        }
    }
    Ok((leaves, ahead))
}
