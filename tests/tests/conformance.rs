//! What every store owes, asked of each.
//!
//! An obligation is one function over any [`Store`]; the list at the end makes it a test of each store.
//! A [`House`] is where a store lives: its disk can fill up, and the store can be opened again. What only
//! one store can show (a lost answer, a damaged file) stands in that store's module. Finally both stores
//! are led through the same random batches and must answer alike.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use terrace_node::store::memory::{Fault, MemoryStore};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{
    Batch, CaseRecord, Counter, Direction, Holding, PassageRecord, Store, StoreError, StoredEntry,
    Tally, Wanted,
};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::entry::{EntryId, JournalId, VerifiedEntry};
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::{Head, Span};
use terrace_tests::sample::{self, Author, Content, case, passage, place, stored};

/// Where a store lives.
trait House: Sized {
    /// The store.
    type Kept: Store;
    /// An empty one.
    async fn build() -> Self;
    /// The store in it.
    fn store(&self) -> &Self::Kept;
    /// From now on there is no room for more than a little.
    async fn fill(&self);
    /// There is room again.
    async fn make_room(&self);
    /// The process ends and another opens what is stored.
    async fn reopen(self) -> Self;
}

// What the tests below say again and again.

fn author() -> Author {
    Author::new(place(0), 1)
}

fn entries_alone(entries: Vec<VerifiedEntry>) -> Batch {
    Batch { entries, ..Batch::default() }
}

fn cases(cases: Vec<CaseRecord>) -> Batch {
    Batch { cases, ..Batch::default() }
}

fn parcels(list: &[(usize, EntryId)]) -> Batch {
    let parcels = list.iter().map(|(to, entry)| (place(*to), *entry)).collect();
    Batch { parcels, ..Batch::default() }
}

fn sequences(entries: &[StoredEntry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.id.sequence).collect()
}

fn all_stored(entries: &[VerifiedEntry]) -> Vec<StoredEntry> {
    entries.iter().map(stored).collect()
}

/// A batch with a row of every kind: `count` entries of `author`'s journal and all that can go with them.
fn full_batch(author: &mut Author, count: u64, text: &str) -> Batch {
    let journal = author.id();
    let first = author.size();
    let head = Head::start(sample::ledger_id(0, 1, 1));
    let run = passage(&head, journal, Span::Run { first, count });
    let picked = passage(&run.record.head, journal, Span::Picked(vec![first, first + 1]));
    Batch {
        tiles: vec![(journal, sample::tile(0, 0, 5, 1)), (journal, sample::tile(1, 0, 2, 2))],
        parcels: vec![(place(2), author.entry_id(first)), (place(1), author.entry_id(first))],
        cases: vec![case(1), CaseRecord { holder: None, number: None, state: None, ..case(2) }],
        ledgers: vec![
            sample::ledger(1, Direction::Out, picked.record.head),
            sample::ledger(1, Direction::In, Head::start(sample::ledger_id(1, 0, 1))),
        ],
        passages: vec![run, picked],
        cosignatures: vec![sample::cosignature(1, first)],
        heads: vec![sample::watched(1, first)],
        raised: vec![sample::raised(first, 1)],
        sealing_keys: vec![
            sample::announced(first, ""),
            sample::announced(first + 1, "discipline"),
        ],
        reports: vec![sample::report(first, first.is_multiple_of(2))],
        counters: vec![Counter { to: place(2), number: 4, last: Digest([8; 32]) }],
        block: Some(17),
        ..author.batch(count, text)
    }
}

/// Commits `batch`, which must be refused as a conflict, and sees that nothing was written.
async fn refused(store: &dyn Store, batch: Batch, journals: &[JournalId]) {
    let before = Content::of(store, journals).await.unwrap();
    let error = store.commit(batch).await.unwrap_err();
    assert!(matches!(error, StoreError::Conflict(_)), "{error}");
    assert_eq!(Content::of(store, journals).await.unwrap(), before, "something was written");
}

// The obligations.

async fn an_empty_store_holds_nothing(house: impl House) {
    let store = house.store();
    let author = author();
    let content = Content::of(store, &[author.id()]).await.unwrap();
    assert_eq!(content.tally, Tally::default());
    assert!(content.journals.is_empty() && content.entries.is_empty() && content.runs.is_empty());
    assert!(content.heads.is_empty() && content.raised.is_empty());
    assert!(content.sealing_keys.is_empty() && content.reports.is_empty());
    assert!(content.cosignatures.is_empty() && content.cases.is_empty());
    assert_eq!(store.journal(author.id()).await.unwrap(), None);
    assert_eq!(store.entries_at(&[author.entry_id(0)]).await.unwrap(), []);
}

async fn an_empty_batch_is_taken_and_changes_nothing(house: impl House) {
    let mut author = author();
    house.store().commit(full_batch(&mut author, 3, "a")).await.unwrap();
    let before = Content::of(house.store(), &[author.id()]).await.unwrap();
    house.store().commit(Batch::default()).await.unwrap();
    assert_eq!(Content::of(house.store(), &[author.id()]).await.unwrap(), before);
}

async fn all_of_a_batch_is_read_back(house: impl House) {
    let mut author = author();
    let batch = full_batch(&mut author, 20, "a");
    house.store().commit(batch.clone()).await.unwrap();
    let content = Content::of(house.store(), &[author.id()]).await.unwrap();
    let journals: Vec<_> = batch.journals.iter().map(|(journal, _)| journal.clone()).collect();
    assert_eq!(content.journals, journals);
    assert_eq!(content.entries, all_stored(&batch.entries));
    assert_eq!(content.tiles, batch.tiles);
    assert_eq!(content.runs.iter().map(|run| run.run.clone()).collect::<Vec<_>>(), batch.runs);
    assert_eq!(content.parcels.len(), 2);
    let cases = content.cases.into_iter().map(|case| CaseRecord { row: 0, ..case });
    assert_eq!(cases.collect::<Vec<_>>(), batch.cases);
    assert_eq!(content.ledgers, batch.ledgers);
    assert_eq!(content.passages, batch.passages);
    assert_eq!(content.cosignatures, batch.cosignatures);
    assert_eq!(content.heads, batch.heads);
    assert_eq!(content.raised, batch.raised);
    assert_eq!(content.sealing_keys, batch.sealing_keys);
    assert_eq!(content.reports, batch.reports);
    assert_eq!(content.counters, batch.counters);
    assert_eq!(content.blocks, [17]);
}

async fn a_journal_of_another_size_is_a_conflict_and_nothing_is_written(house: impl House) {
    let store = house.store();
    let mut author = author();
    store.commit(full_batch(&mut author, 3, "a")).await.unwrap();
    let mut other = Author::new(place(1), 2);
    for expected in [0, 2, 4, u64::from(u32::MAX)] {
        let mut batch = full_batch(&mut author.clone(), 2, "b");
        batch.journals[0].1 = expected;
        batch.journals.insert(0, other.batch(2, "c").journals.remove(0));
        batch.journals[0].1 = 0;
        refused(store, batch, &[author.id(), other.id()]).await;
    }
    store.commit(full_batch(&mut author, 2, "b")).await.unwrap();
}

async fn a_journal_not_known_is_expected_to_be_empty(house: impl House) {
    let mut author = author();
    let mut batch = full_batch(&mut author, 3, "a");
    batch.journals[0].1 = 1;
    refused(house.store(), batch.clone(), &[author.id()]).await;
    batch.journals[0].1 = 0;
    house.store().commit(batch).await.unwrap();
}

async fn another_entry_at_the_same_place_is_a_conflict_and_nothing_is_written(house: impl House) {
    let store = house.store();
    let mut author = author();
    store.commit(author.batch(300, "a")).await.unwrap();
    let mut forger = Author::new(place(0), 1);
    let forged = forger.write(300, "another");
    for sequence in [0, 3, 299] {
        let mut batch = full_batch(&mut author.clone(), 300, "b");
        batch.entries.push(forged[sequence].clone());
        refused(store, batch, &[author.id()]).await;
    }
    refused(store, entries_alone(forged), &[author.id()]).await;
}

async fn of_two_batches_that_build_on_the_same_size_one_is_written(house: impl House) {
    let store = house.store();
    let (mut one, mut other) = (author(), author());
    let (first, second) =
        tokio::join!(store.commit(one.batch(9, "a")), store.commit(other.batch(9, "b")));
    let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(&refused[..], [StoreError::Conflict(_)]), "{refused:?}");
    assert_eq!(store.tally().await.unwrap().entries, 9);
}

async fn an_entry_already_held_is_skipped(house: impl House) {
    let store = house.store();
    let mut author = author();
    store.commit(author.batch(300, "a")).await.unwrap();
    let before = Content::of(store, &[author.id()]).await.unwrap();
    let all: Vec<u64> = (0..300).collect();
    for again in [author.parcel(&all, true), author.parcel(&[7, 7, 299], true), author.stubs()] {
        store.commit(entries_alone(again)).await.unwrap();
        assert_eq!(Content::of(store, &[author.id()]).await.unwrap(), before);
    }
}

async fn entries_held_and_new_may_be_mixed(house: impl House) {
    let store = house.store();
    let mut author = author();
    let all = author.write(700, "a");
    let some: Vec<VerifiedEntry> = (0..700).step_by(3).map(|n| all[n].clone()).collect();
    store.commit(entries_alone(some.clone())).await.unwrap();
    assert_eq!(store.tally().await.unwrap().entries, some.len() as u64);
    store.commit(entries_alone(all.clone())).await.unwrap();
    assert_eq!(store.entries(author.id(), 0, 1_000).await.unwrap(), all_stored(&all));
    assert_eq!(store.tally().await.unwrap().entries, 700);
}

async fn a_body_fills_a_stub_and_a_stub_takes_no_body_away(house: impl House) {
    let store = house.store();
    let mut author = author();
    let whole = author.write(90, "a");
    store.commit(entries_alone(author.stubs())).await.unwrap();
    assert_eq!(
        store.entries(author.id(), 0, 100).await.unwrap(),
        author.stubs().iter().map(stored).collect::<Vec<_>>()
    );
    store.commit(entries_alone(vec![whole[4].clone(), whole[80].clone()])).await.unwrap();
    let filled = |entries: &[StoredEntry]| -> Vec<u64> {
        let with_body = entries.iter().filter(|entry| entry.body.is_some());
        with_body.map(|entry| entry.id.sequence).collect()
    };
    assert_eq!(filled(&store.entries(author.id(), 0, 100).await.unwrap()), [4, 80]);
    store.commit(entries_alone(whole.clone())).await.unwrap();
    store.commit(entries_alone(author.stubs())).await.unwrap();
    assert_eq!(store.entries(author.id(), 0, 100).await.unwrap(), all_stored(&whole));
    assert_eq!(store.tally().await.unwrap().entries, 90);
}

async fn a_stub_and_its_body_may_come_in_one_batch(house: impl House) {
    let store = house.store();
    let mut author = author();
    let whole = author.write(5, "a");
    let both = [author.stubs(), whole.clone(), author.stubs()].concat();
    store.commit(entries_alone(both)).await.unwrap();
    assert_eq!(store.entries(author.id(), 0, 100).await.unwrap(), all_stored(&whole));
    assert_eq!(store.tally().await.unwrap().entries, 5);
}

async fn an_entry_keeps_the_proof_it_came_with(house: impl House) {
    let store = house.store();
    let (mut author, mut other) = (author(), Author::new(place(1), 2));
    author.write(20, "a");
    other.write(9, "b");
    let (parcel, stubs) = (author.parcel(&[3, 4, 11], true), other.parcel(&[0, 8], false));
    store.commit(entries_alone([parcel.clone(), stubs.clone()].concat())).await.unwrap();
    author.write(20, "c");
    let later = author.parcel(&[3, 30], true);
    store.commit(entries_alone(later.clone())).await.unwrap();
    let expected = [&parcel[..], &later[1..]].concat();
    assert_eq!(store.entries(author.id(), 0, 100).await.unwrap(), all_stored(&expected));
    assert_eq!(store.entries(other.id(), 0, 100).await.unwrap(), all_stored(&stubs));
}

async fn two_entries_for_one_place_in_a_batch_are_a_conflict(house: impl House) {
    let store = house.store();
    let (mut author, mut forger) = (author(), author());
    let batch = entries_alone([author.write(3, "a"), forger.write(3, "b")].concat());
    refused(store, batch, &[author.id()]).await;
}

async fn entries_come_in_order_from_a_sequence_on(house: impl House) {
    let store = house.store();
    let (mut author, mut other) = (author(), Author::new(place(0), 2));
    let mut all = author.write(520, "a");
    all.reverse();
    store.commit(entries_alone(all)).await.unwrap();
    store.commit(other.batch(30, "b")).await.unwrap();
    let page =
        async |from, limit| sequences(&store.entries(author.id(), from, limit).await.unwrap());
    assert_eq!(page(0, 4).await, [0, 1, 2, 3]);
    assert_eq!(page(4, 3).await, [4, 5, 6]);
    assert_eq!(page(518, 10).await, [518, 519]);
    assert_eq!(page(0, u32::MAX).await, (0..520).collect::<Vec<_>>());
    assert!(page(520, 10).await.is_empty());
    assert!(page(u64::MAX, 10).await.is_empty());
    assert!(page(0, 0).await.is_empty());
    assert_eq!(sequences(&store.entries(other.id(), 29, 9).await.unwrap()), [29]);
    let stranger = Author::new(place(3), 3);
    assert_eq!(store.entries(stranger.id(), 0, 9).await.unwrap(), []);
}

async fn entries_are_found_by_name(house: impl House) {
    let store = house.store();
    let (mut author, mut other) = (author(), Author::new(place(1), 2));
    store.commit(author.batch(400, "a")).await.unwrap();
    store.commit(other.batch(3, "b")).await.unwrap();
    let mut names: Vec<EntryId> = (0..400).step_by(2).map(|n| author.entry_id(n)).collect();
    names.push(other.entry_id(2));
    names.sort();
    let mut asked = names.clone();
    let stranger = Author::new(place(3), 3);
    asked.extend([author.entry_id(400), author.entry_id(u64::MAX), stranger.entry_id(0)]);
    let mut found: Vec<EntryId> =
        store.entries_at(&asked).await.unwrap().iter().map(|entry| entry.id).collect();
    found.sort();
    assert_eq!(found, names);
    assert_eq!(store.entries_at(&[]).await.unwrap(), []);
}

async fn journals_come_in_order_once_their_admission_is_known(house: impl House) {
    let store = house.store();
    let authors = [(3, 9), (1, 2), (0, 1), (1, 1)].map(|(at, epoch)| Author::new(place(at), epoch));
    let mut mentioned = Author::new(place(2), 4);
    mentioned.write(2, "a");
    let batch = Batch {
        journals: authors.iter().map(|author| (author.record(false), 0)).collect(),
        ..entries_alone(mentioned.parcel(&[1], true))
    };
    store.commit(batch).await.unwrap();
    let mut ids: Vec<JournalId> = authors.iter().map(Author::id).collect();
    ids.sort();
    let known = store.journals().await.unwrap();
    assert_eq!(known.iter().map(|journal| journal.id).collect::<Vec<_>>(), ids);
    assert_eq!(store.journal(mentioned.id()).await.unwrap(), None);
    assert_eq!(store.journal(authors[0].id()).await.unwrap(), Some(authors[0].record(false)));
    let batch = Batch { journals: vec![(mentioned.record(true), 0)], ..Batch::default() };
    store.commit(batch).await.unwrap();
    assert_eq!(store.journal(mentioned.id()).await.unwrap(), Some(mentioned.record(true)));
}

async fn a_tile_that_has_grown_replaces_the_smaller_one(house: impl House) {
    let store = house.store();
    let (one, other) = (author().id(), Author::new(place(1), 2).id());
    for (width, fill) in [(1, 1), (2, 2), (255, 3)] {
        let tiles = vec![
            (one, sample::tile(1, 0, width, fill)),
            (other, sample::tile(1, 0, 1, 9)),
            (one, sample::tile(0, u64::from(width), 255, fill)),
        ];
        store.commit(Batch { tiles, ..Batch::default() }).await.unwrap();
    }
    let ids = [(1, 0), (1, 1), (0, 2), (2, 0)].map(|(level, number)| TileId { level, number });
    let mut found = store.tiles(one, &ids).await.unwrap();
    found.sort_by_key(|tile| tile.id);
    assert_eq!(found, [sample::tile(0, 2, 255, 2), sample::tile(1, 0, 255, 3)]);
    assert_eq!(store.tiles(other, &ids).await.unwrap(), [sample::tile(1, 0, 1, 9)]);
    assert_eq!(store.tiles(Author::new(place(3), 3).id(), &ids).await.unwrap(), []);
}

async fn runs_are_numbered_in_the_order_of_writing(house: impl House) {
    let store = house.store();
    let (mut one, mut other) = (author(), Author::new(place(1), 2));
    for batch in [one.batch(2, "a"), other.batch(1, "b"), one.batch(3, "c")] {
        store.commit(batch).await.unwrap();
    }
    let mut both = one.batch(1, "d");
    both.runs.extend(other.batch(1, "e").runs);
    store.commit(both).await.unwrap();
    let runs = store.runs(0, 9).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.position).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let sizes: Vec<u64> = runs.iter().map(|run| run.run.size).collect();
    assert_eq!(sizes, [2, 1, 5, 6, 2]);
    assert_eq!(store.runs(2, 2).await.unwrap(), runs[2..4]);
    assert_eq!(store.runs(5, 2).await.unwrap(), []);
    assert_eq!(store.runs(u64::MAX, 2).await.unwrap(), []);
}

async fn a_parcel_keeps_its_place(house: impl House) {
    let store = house.store();
    let id = |sequence| author().entry_id(sequence);
    store.commit(parcels(&[(1, id(5)), (1, id(3)), (2, id(5))])).await.unwrap();
    let first = store.parcels(place(1), 0, 9).await.unwrap();
    assert_eq!(first[0].position, 1, "positions begin with 1");
    store
        .commit(parcels(&[(1, id(3)), (1, id(9)), (1, id(5)), (1, id(9)), (2, id(9))]))
        .await
        .unwrap();
    let then = store.parcels(place(1), 0, 9).await.unwrap();
    assert_eq!(then[..2], first);
    let listed: Vec<u64> = then.iter().map(|parcel| parcel.entry.sequence).collect();
    assert_eq!(listed, [5, 3, 9], "each once, in the order they were listed");
    assert!(then.is_sorted_by(|a, b| a.position < b.position));
    let other = store.parcels(place(2), 0, 9).await.unwrap();
    assert_eq!(other.iter().map(|parcel| parcel.entry).collect::<Vec<_>>(), [id(5), id(9)]);
    let positions: BTreeSet<u64> = then.iter().chain(&other).map(|p| p.position).collect();
    assert_eq!(positions.len(), 5, "no two parcels share a position");
}

async fn parcels_come_in_pages_behind_a_position(house: impl House) {
    let store = house.store();
    for sequence in 0..40 {
        let id = author().entry_id(sequence);
        store.commit(parcels(&[(1, id), (2, id)])).await.unwrap();
    }
    let all = store.parcels(place(1), 0, 100).await.unwrap();
    assert_eq!(all.len(), 40);
    let mut after = 0;
    for expected in all.chunks(7) {
        let page = store.parcels(place(1), after, 7).await.unwrap();
        assert_eq!(page, expected);
        after = page.last().unwrap().position;
    }
    assert_eq!(store.parcels(place(1), after, 7).await.unwrap(), []);
    assert_eq!(store.parcels(place(1), u64::MAX, 7).await.unwrap(), []);
    assert_eq!(store.parcels(place(3), 0, 7).await.unwrap(), []);
}

async fn a_case_keeps_its_place_when_it_changes(house: impl House) {
    let store = house.store();
    store.commit(cases(vec![case(5), case(2), case(9)])).await.unwrap();
    let before = store.cases_after(0, 9).await.unwrap();
    assert!(before.is_sorted_by(|a, b| a.row < b.row) && before[0].row > 0);
    let changed = CaseRecord {
        number: None,
        holder: Some((place(2), String::new())),
        state: Some(7),
        facts: vec![1; 9_000],
        row: 77,
        ..case(2)
    };
    store.commit(cases(vec![case(1), changed.clone(), case(1)])).await.unwrap();
    let after = store.cases_after(0, 9).await.unwrap();
    let ids: Vec<CaseId> = after.iter().map(|case| case.id).collect();
    assert_eq!(ids, [5, 2, 9, 1].map(|n| CaseId([n; 16])));
    assert_eq!(after[1], CaseRecord { row: before[1].row, ..changed });
    assert!(after.is_sorted_by(|a, b| a.row < b.row));
    assert_eq!(store.cases_after(after[1].row, 1).await.unwrap(), after[2..3]);
    assert_eq!(store.cases_after(u64::MAX, 9).await.unwrap(), []);
}

async fn cases_are_found_by_id_and_by_number(house: impl House) {
    let store = house.store();
    let clash = CaseRecord { number: case(2).number, ..case(200) };
    let all: Vec<CaseRecord> = (0..90).map(case).chain([clash]).collect();
    store.commit(cases(all)).await.unwrap();
    let ids: Vec<CaseId> = [4, 250, 80, 200].map(|n| CaseId([n; 16])).to_vec();
    let mut found: Vec<u8> =
        store.cases(&ids).await.unwrap().iter().map(|case| case.id.0[0]).collect();
    found.sort_unstable();
    assert_eq!(found, [4, 80, 200]);
    let many: Vec<CaseId> = (0..255).map(|n| CaseId([n; 16])).collect();
    assert_eq!(store.cases(&many).await.unwrap().len(), 91);
    let number = case(2).number.unwrap();
    let numbered = store.cases_numbered(&number).await.unwrap();
    assert_eq!(numbered.iter().map(|case| case.id.0[0]).collect::<BTreeSet<_>>(), [2, 200].into());
    assert_eq!(store.cases_numbered("410221101-2026-99999").await.unwrap(), []);
    assert_eq!(store.cases_numbered("").await.unwrap(), []);
}

async fn wanted_cases_are_found_newest_first(house: impl House) {
    let store = house.store();
    let all: Vec<CaseRecord> = (0..40).map(case).collect();
    store.commit(cases(all)).await.unwrap();
    let ask = async |wanted: Wanted, before: u64, limit: u32| -> Vec<u8> {
        let found = store.cases_wanted(&wanted, before, limit).await.unwrap();
        assert!(found.is_sorted_by(|a, b| a.row > b.row));
        found.iter().map(|case| case.id.0[0]).collect()
    };
    let (any, none) = (Wanted::default(), [0_u8; 0]);
    assert_eq!(ask(any.clone(), u64::MAX, 3).await, [39, 38, 37]);
    let third = store.cases_after(0, 3).await.unwrap()[2].row;
    assert_eq!(ask(any.clone(), third, 9).await, [1, 0]);
    assert_eq!(ask(any.clone(), 0, 9).await, none);
    let closed = Wanted { open: Some(false), ..any.clone() };
    assert_eq!(ask(closed, u64::MAX, 2).await, [39, 35]);
    let open = Wanted { open: Some(true), holder: Some(place(1)), ..any.clone() };
    assert_eq!(ask(open, u64::MAX, 4).await, [38, 37, 36, 34]);
    assert_eq!(ask(Wanted { holder: Some(place(2)), ..any.clone() }, u64::MAX, 4).await, none);
    let overdue = Wanted { due_before: Some(20_002), ..any.clone() };
    assert_eq!(ask(overdue, u64::MAX, 9).await, [1, 0]);
    let attention = Wanted { attention: true, state: Some(2), ..any.clone() };
    assert_eq!(ask(attention.clone(), u64::MAX, 3).await, [39, 37, 36]);
    assert_eq!(ask(Wanted { state: Some(3), ..attention }, u64::MAX, 3).await, none);
    let number = Wanted { number: Some("410221101-2026-0000".into()), ..any.clone() };
    assert_eq!(ask(number, u64::MAX, 3).await, [9, 8, 7]);
    let title = Wanted { title: Some("第17号信访件𠮷".into()), ..any.clone() };
    assert_eq!(ask(title, u64::MAX, 3).await, [17]);
    let like = Wanted { title: Some("第1%".into()), ..any };
    assert_eq!(ask(like, u64::MAX, 3).await, none, "words are words, not patterns");
}

async fn holdings_count_open_cases_by_division_and_state(house: impl House) {
    let store = house.store();
    let mut all: Vec<CaseRecord> = (0..8).map(case).collect();
    all[0].holder = Some((place(2), String::new()));
    all[1].state = Some(4);
    all[2].holder = None;
    all[4].due_on = None;
    store.commit(cases(all)).await.unwrap();
    let found = store.holdings(20_006).await.unwrap();
    let holding = |division, state, cases, overdue| Holding { division, state, cases, overdue };
    let mut expected =
        vec![holding(place(1), 2, 3, 1), holding(place(1), 4, 1, 1), holding(place(2), 2, 1, 1)];
    expected.sort_by_key(|holding| (holding.division, holding.state));
    assert_eq!(found, expected);
}

async fn words_are_found_in_bodies_as_they_stand(house: impl House) {
    let store = house.store();
    let mut author = author();
    store.commit(author.batch(3, "村口路灯不亮，请𠮷某查看")).await.unwrap();
    store.commit(author.batch(2, "渠道渗漏")).await.unwrap();
    let mut other = Author::new(place(1), 2);
    other.write(4, "𠮷某来访");
    store.commit(entries_alone(other.parcel(&[1], true))).await.unwrap();
    store.commit(entries_alone(other.parcel(&[2], false))).await.unwrap();
    let mut found = store.entries_saying("𠮷某", 9).await.unwrap();
    found.sort_by_key(|entry| entry.id);
    let mut expected = vec![other.entry_id(1)];
    expected.extend((0..3).map(|sequence| author.entry_id(sequence)));
    expected.sort();
    assert_eq!(found.iter().map(|entry| entry.id).collect::<Vec<_>>(), expected);
    assert!(found.iter().all(|entry| entry.body.is_some()));
    let found = store.entries_saying("渠道", 1).await.unwrap();
    assert_eq!(sequences(&found), [4], "of one journal the newest first");
    assert_eq!(store.entries_saying("路灯亮", 9).await.unwrap(), []);
}

async fn the_tally_counts_what_needs_attention(house: impl House) {
    let store = house.store();
    let mut author = author();
    let batch = Batch { cases: (0..30).map(case).collect(), ..author.batch(11, "a") };
    store.commit(batch).await.unwrap();
    let mut other = Author::new(place(1), 2);
    other.write(6, "b");
    store.commit(entries_alone(other.parcel(&[1, 5], false))).await.unwrap();
    let tally = store.tally().await.unwrap();
    let expected = Tally { entries: 13, cases: 30, waiting: 15, parked: 10, contested: 6 };
    assert_eq!(tally, expected);
    let quiet =
        (0..30).map(|n| CaseRecord { waiting: false, parked: false, contested: false, ..case(n) });
    store.commit(cases(quiet.collect())).await.unwrap();
    let expected = Tally { entries: 13, cases: 30, ..Tally::default() };
    assert_eq!(store.tally().await.unwrap(), expected);
}

async fn a_ledger_is_kept_for_each_direction_in_its_present_life(house: impl House) {
    let store = house.store();
    let id = author().id();
    let out = Head::start(sample::ledger_id(0, 1, 1));
    let next = passage(&out, id, Span::Picked(Vec::new())).record.head;
    let renewed = Head::start(sample::ledger_id(0, 1, 2));
    let mut incoming = sample::ledger(1, Direction::In, Head::start(sample::ledger_id(1, 0, 1)));
    incoming.proved = None;
    for head in [out, next, renewed] {
        let ledger = sample::ledger(1, Direction::Out, head);
        let batch = Batch { ledgers: vec![ledger.clone(), incoming.clone()], ..Batch::default() };
        store.commit(batch).await.unwrap();
        assert_eq!(store.ledger(place(1), Direction::Out).await.unwrap(), Some(ledger));
    }
    assert_eq!(store.ledger(place(1), Direction::In).await.unwrap(), Some(incoming));
    assert_eq!(store.ledger(place(2), Direction::Out).await.unwrap(), None);
}

async fn passages_come_in_order_from_a_number_on(house: impl House) {
    let store = house.store();
    let id = author().id();
    let mut head = Head::start(sample::ledger_id(0, 1, 1));
    let mut all = Vec::new();
    for n in 0..300 {
        let picked = Span::Picked(vec![n, u64::MAX, 0]);
        let span = if n % 2 == 0 { Span::Run { first: n, count: 2 } } else { picked };
        all.push(passage(&head, id, span));
        head = all.last().unwrap().record.head;
    }
    let elsewhere = passage(&Head::start(sample::ledger_id(0, 1, 2)), id, Span::Picked(vec![]));
    let mut passages: Vec<PassageRecord> = all.iter().rev().cloned().collect();
    passages.push(elsewhere.clone());
    store.commit(Batch { passages, ..Batch::default() }).await.unwrap();
    all[1].stored_at = Some(-3);
    all[1].position = 8;
    store.commit(Batch { passages: vec![all[1].clone()], ..Batch::default() }).await.unwrap();
    let ledger = head.ledger;
    assert_eq!(store.passages(ledger, 0, 1_000).await.unwrap(), all);
    assert_eq!(store.passages(ledger, 2, 3).await.unwrap(), all[1..4]);
    assert_eq!(store.passages(ledger, 301, 3).await.unwrap(), []);
    assert_eq!(store.passages(ledger, u64::MAX, 3).await.unwrap(), []);
    let other = sample::ledger_id(0, 1, 2);
    assert_eq!(store.passages(other, 0, 3).await.unwrap(), [elsewhere]);
}

async fn cosignature_counters_and_blocks_are_the_newest(house: impl House) {
    let store = house.store();
    let counter = |to, number| Counter { to: place(to), number, last: Digest([number as u8; 32]) };
    for n in 1..4 {
        let batch = Batch {
            cosignatures: (n < 3).then(|| sample::cosignature(1, n)).into_iter().collect(),
            counters: vec![counter(1, n), counter(2, 7)],
            block: (n > 1).then_some(30 - n as u32),
            ..Batch::default()
        };
        store.commit(batch).await.unwrap();
    }
    let content = Content::of(store, &[]).await.unwrap();
    assert_eq!(content.cosignatures, [sample::cosignature(1, 2)]);
    assert_eq!(
        content.counters,
        BTreeSet::from([2, 1])
            .into_iter()
            .rev()
            .map(|to| { if to == 1 { counter(1, 3) } else { counter(2, 7) } })
            .collect::<Vec<_>>()
    );
    assert_eq!(content.blocks, [27, 28]);
}

async fn each_signer_and_each_watched_journal_has_its_newest_head(house: impl House) {
    let store = house.store();
    let batch = |cosignatures, heads| Batch { cosignatures, heads, ..Batch::default() };
    let both = vec![sample::cosignature(1, 3), sample::cosignature(2, 5)];
    let heads = vec![sample::watched(1, 3), sample::watched(2, 5)];
    store.commit(batch(both, heads)).await.unwrap();
    let later = batch(vec![sample::cosignature(1, 4)], vec![sample::watched(2, 6)]);
    store.commit(later).await.unwrap();
    let content = Content::of(store, &[]).await.unwrap();
    let mut signed = content.cosignatures;
    signed.sort_by_key(|signed| signed.size);
    assert_eq!(signed, [sample::cosignature(1, 4), sample::cosignature(2, 5)]);
    assert_eq!(content.heads, [sample::watched(1, 3), sample::watched(2, 6)]);
    assert_eq!(store.cosignatures(sample::journal_id(0, 2)).await.unwrap(), []);
    assert_eq!(store.head(sample::journal_id(1, 3)).await.unwrap(), None);
}

async fn what_is_raised_stays_in_its_order_and_is_found_by_its_gist(house: impl House) {
    let store = house.store();
    let said = |sequences: &[u64]| {
        let raised = sequences.iter().map(|n| sample::raised(*n, (n % 2) as u8)).collect();
        Batch { raised, ..Batch::default() }
    };
    store.commit(said(&[7, 3])).await.unwrap();
    store.commit(said(&[3, 5])).await.unwrap();
    store.commit(said(&[4])).await.unwrap();
    let content = Content::of(store, &[]).await.unwrap();
    let newest_first: Vec<u64> = content.raised.iter().map(|one| one.entry.sequence).collect();
    assert_eq!(newest_first, [4, 5, 3, 7]);
    let odd = store.raised_as(Digest([1; 32])).await.unwrap();
    assert_eq!(odd, [7, 3, 5].map(|n| sample::raised(n, 1)));
    assert_eq!(store.raised_as(Digest([9; 32])).await.unwrap(), []);
    assert_eq!(store.raised(0, 5).await.unwrap(), []);
}

async fn a_report_keeps_its_place_and_gets_its_key_once_it_is_whole(house: impl House) {
    let store = house.store();
    let reports = |reports: &[(u64, bool)]| Batch {
        reports: reports.iter().map(|(n, whole)| sample::report(*n, *whole)).collect(),
        ..Batch::default()
    };
    store.commit(reports(&[(5, false), (2, true)])).await.unwrap();
    store.commit(reports(&[(5, true), (2, false), (9, false)])).await.unwrap();
    let newest_first: Vec<_> = store.reports(u64::MAX, 10).await.unwrap();
    let wanted =
        [(3, sample::report(9, false)), (2, sample::report(2, true)), (1, sample::report(5, true))];
    assert_eq!(newest_first, wanted);
    assert_eq!(store.reports(3, 1).await.unwrap(), wanted[1..2]);
}

async fn a_full_disk_takes_nothing_and_works_again_when_there_is_room(house: impl House) {
    let store = house.store();
    let mut author = author();
    store.commit(full_batch(&mut author, 50, "a")).await.unwrap();
    let before = Content::of(store, &[author.id()]).await.unwrap();
    for _ in 0..3 {
        house.fill().await;
        let too_much = full_batch(&mut author.clone(), 900, &"很长".repeat(500));
        let error = store.commit(too_much).await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error}");
        assert_eq!(Content::of(store, &[author.id()]).await.unwrap(), before);
    }
    house.make_room().await;
    let batch = full_batch(&mut author, 900, &"很长".repeat(500));
    store.commit(batch).await.unwrap();
    assert_eq!(store.tally().await.unwrap().entries, 950);
    store.commit(author.batch(3, "b")).await.unwrap();
}

async fn another_life_finds_everything(house: impl House) {
    let (mut author, mut other) = (author(), Author::new(place(1), 2));
    house.store().commit(full_batch(&mut author, 300, "a")).await.unwrap();
    other.write(9, "b");
    house.store().commit(entries_alone(other.parcel(&[1, 8], true))).await.unwrap();
    let journals = [author.id(), other.id()];
    let before = Content::of(house.store(), &journals).await.unwrap();
    let house = house.reopen().await;
    assert_eq!(Content::of(house.store(), &journals).await.unwrap(), before);
    house.store().commit(full_batch(&mut author, 4, "c")).await.unwrap();
    house.store().commit(entries_alone(other.parcel(&[2, 8], true))).await.unwrap();
    assert_eq!(house.store().tally().await.unwrap().entries, 307);
    assert_eq!(house.store().runs(1, 9).await.unwrap()[0].position, 2);
}

/// Batches as an office might write them, and some it never would, with conflicts among them.
struct Weather {
    rng: StdRng,
    authors: Vec<Author>,
}

impl Weather {
    fn new(seed: u64) -> Self {
        let authors = (0..3).map(|n| Author::new(place(n), n as u8 + 1)).collect();
        Self { rng: StdRng::seed_from_u64(seed), authors }
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.rng.random_range(0..limit)
    }

    fn next(&mut self) -> Batch {
        let which = self.below(3) as usize;
        let mut author = self.authors[which].clone();
        let count = self.below(90);
        let mut batch = full_batch(&mut author, count, "a");
        if self.below(5) == 0 {
            batch.journals[0].1 = self.below(200);
        }
        if self.below(4) == 0 {
            batch.entries.retain(|entry| entry.header().sequence % 3 > 0);
        }
        if author.size() > 0 {
            let sequences: Vec<u64> =
                (0..self.below(40)).map(|_| self.below(author.size())).collect();
            let bodies = self.below(2) == 0;
            batch.entries.extend(author.parcel(&sequences, bodies));
            let to = self.below(3) as usize;
            batch.parcels = sequences.iter().map(|n| (place(to), author.entry_id(*n))).collect();
        }
        batch.cases = (0..self.below(9)).map(|_| case(self.below(40) as u8)).collect();
        batch.block = Some(self.below(9) as u32);
        if self.below(4) > 0 {
            self.authors[which] = author;
        }
        batch
    }

    fn journals(&self) -> Vec<JournalId> {
        self.authors.iter().map(Author::id).collect()
    }
}

/// An answer without its words.
fn kind(answer: &Result<(), StoreError>) -> String {
    match answer {
        Ok(()) => "ok".into(),
        Err(error) => format!("{error:?}").split('(').next().unwrap().into(),
    }
}

#[tokio::test]
async fn stores_answer_alike_whatever_is_written() {
    let mut seen = BTreeSet::new();
    for seed in 0..12 {
        let (memory, sqlite) = (memory::Home::build().await, sqlite::Home::build().await);
        let mut weather = Weather::new(seed);
        for step in 0..25 {
            let batch = weather.next();
            let answers = [
                kind(&memory.store().commit(batch.clone()).await),
                kind(&sqlite.store().commit(batch).await),
            ];
            assert_eq!(answers[0], answers[1], "seed {seed}, step {step}");
            seen.insert(answers[0].clone());
            let journals = weather.journals();
            let expected = Content::of(memory.store(), &journals).await.unwrap();
            let content = Content::of(sqlite.store(), &journals).await.unwrap();
            assert_eq!(content, expected, "seed {seed}, step {step}");
        }
    }
    assert_eq!(seen, ["Conflict".to_owned(), "ok".to_owned()].into(), "both were met");
}

/// Makes every obligation a test of the store of this module.
macro_rules! obligations {
    ($($name:ident)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                super::$name(Home::build().await).await;
            }
        )*
    };
}

/// All obligations, for the store whose `Home` is in scope.
macro_rules! every_obligation {
    () => {
        obligations! {
            an_empty_store_holds_nothing
            an_empty_batch_is_taken_and_changes_nothing
            all_of_a_batch_is_read_back
            a_journal_of_another_size_is_a_conflict_and_nothing_is_written
            a_journal_not_known_is_expected_to_be_empty
            another_entry_at_the_same_place_is_a_conflict_and_nothing_is_written
            two_entries_for_one_place_in_a_batch_are_a_conflict
            of_two_batches_that_build_on_the_same_size_one_is_written
            an_entry_already_held_is_skipped
            entries_held_and_new_may_be_mixed
            a_body_fills_a_stub_and_a_stub_takes_no_body_away
            a_stub_and_its_body_may_come_in_one_batch
            an_entry_keeps_the_proof_it_came_with
            entries_come_in_order_from_a_sequence_on
            entries_are_found_by_name
            journals_come_in_order_once_their_admission_is_known
            a_tile_that_has_grown_replaces_the_smaller_one
            runs_are_numbered_in_the_order_of_writing
            a_parcel_keeps_its_place
            parcels_come_in_pages_behind_a_position
            a_case_keeps_its_place_when_it_changes
            cases_are_found_by_id_and_by_number
            wanted_cases_are_found_newest_first
            holdings_count_open_cases_by_division_and_state
            words_are_found_in_bodies_as_they_stand
            the_tally_counts_what_needs_attention
            a_ledger_is_kept_for_each_direction_in_its_present_life
            passages_come_in_order_from_a_number_on
            cosignature_counters_and_blocks_are_the_newest
            each_signer_and_each_watched_journal_has_its_newest_head
            what_is_raised_stays_in_its_order_and_is_found_by_its_gist
            a_report_keeps_its_place_and_gets_its_key_once_it_is_whole
            a_full_disk_takes_nothing_and_works_again_when_there_is_room
            another_life_finds_everything
        }
    };
}

mod memory {
    use super::*;

    /// A modelled disk.
    pub(super) struct Home(MemoryStore);

    impl House for Home {
        type Kept = MemoryStore;

        async fn build() -> Self {
            Self(MemoryStore::new())
        }

        fn store(&self) -> &MemoryStore {
            &self.0
        }

        async fn fill(&self) {
            self.0.inject(Fault::Full);
        }

        async fn make_room(&self) {} // The modelled disk is full for one commit.

        async fn reopen(self) -> Self {
            Self(self.0.snapshot())
        }
    }

    every_obligation!();

    #[tokio::test]
    async fn a_lost_answer_is_in_doubt_but_all_is_written() {
        let (lost, kept) = (MemoryStore::new(), MemoryStore::new());
        let mut author = author();
        let batch = full_batch(&mut author, 9, "a");
        kept.commit(batch.clone()).await.unwrap();
        lost.inject(Fault::FailAfterCommit);
        let error = lost.commit(batch).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        let expected = Content::of(&kept, &[author.id()]).await.unwrap();
        assert_eq!(Content::of(&lost, &[author.id()]).await.unwrap(), expected);
        lost.commit(author.batch(1, "b")).await.unwrap();
    }

    #[tokio::test]
    async fn a_failure_before_the_commit_is_in_doubt_and_nothing_is_written() {
        let store = MemoryStore::new();
        let mut author = author();
        let batch = full_batch(&mut author, 9, "a");
        let before = Content::of(&store, &[author.id()]).await.unwrap();
        store.inject(Fault::FailBeforeCommit);
        let error = store.commit(batch.clone()).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert_eq!(Content::of(&store, &[author.id()]).await.unwrap(), before);
        store.commit(batch).await.unwrap();
    }
}

mod sqlite {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;

    /// A folder with a file.
    pub(super) struct Home {
        folder: tempfile::TempDir,
        store: SqliteStore,
    }

    impl Home {
        fn file(&self) -> PathBuf {
            self.folder.path().join("office.sqlite")
        }
    }

    impl House for Home {
        type Kept = SqliteStore;

        async fn build() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(folder.path().join("office.sqlite")).await.unwrap();
            Self { folder, store }
        }

        fn store(&self) -> &SqliteStore {
            &self.store
        }

        async fn fill(&self) {
            self.store.set_max_page_count(Some(1)).await.unwrap();
        }

        async fn make_room(&self) {
            self.store.set_max_page_count(None).await.unwrap();
        }

        async fn reopen(self) -> Self {
            let file = self.file();
            self.store.close().await.unwrap();
            Self { folder: self.folder, store: SqliteStore::open(file).await.unwrap() }
        }
    }

    every_obligation!();

    #[tokio::test]
    async fn a_commit_that_is_dropped_is_written_whole_or_not_at_all() {
        let home = Home::build().await;
        let mut author = author();
        let (mut whole, mut none) = (0, 0);
        for step in 0..40 {
            let before = home.store.tally().await.unwrap().entries;
            let mut attempt = author.clone();
            let batch = attempt.batch(300, "a");
            let patience = Duration::from_micros(100 * step);
            let _ = tokio::time::timeout(patience, home.store.commit(batch.clone())).await;
            let again = home.store.commit(batch).await;
            let after = home.store.tally().await.unwrap().entries;
            assert_eq!(after, before + 300, "step {step}");
            match again {
                Ok(()) => none += 1,
                Err(StoreError::Conflict(_)) => whole += 1,
                Err(error) => panic!("step {step}: {error}"),
            }
            author = attempt;
        }
        assert!(none > 0, "no commit was dropped in time ({whole} were whole)");
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_damage() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("office.sqlite");
        std::fs::write(&file, "这不是数据库。".repeat(1_000)).unwrap();
        let error = SqliteStore::open(&file).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    }

    #[tokio::test]
    async fn a_database_of_another_wire_version_is_refused_as_such() {
        let home = Home::build().await;
        home.store.commit(author().batch(5, "a")).await.unwrap();
        let file = home.file();
        home.store.close().await.unwrap();
        // Where SQLite keeps `user_version`.
        for (version, word) in [(0_u32, "版本 0"), (2, "newer than this program")] {
            let mut bytes = std::fs::read(&file).unwrap();
            bytes[60..64].copy_from_slice(&version.to_be_bytes());
            std::fs::write(&file, &bytes).unwrap();
            for opened in [SqliteStore::open(&file).await, SqliteStore::open_to_read(&file).await] {
                let error = opened.unwrap_err();
                assert!(
                    matches!(&error, StoreError::Version(why) if why.contains(word)),
                    "{error}"
                );
            }
            assert_eq!(std::fs::read(&file).unwrap(), bytes, "nothing was changed");
        }
    }

    #[tokio::test]
    async fn overwritten_pages_are_damage() {
        let home = Home::build().await;
        let mut author = author();
        home.store.commit(author.batch(500, "a")).await.unwrap();
        let file = home.file();
        home.store.close().await.unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0xAA);
        std::fs::write(&file, bytes).unwrap();
        let store = SqliteStore::open(&file).await.unwrap();
        let error = store.entries(author.id(), 0, 1_000).await.unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let error = SqliteStore::open(folder.path().join("away/office.sqlite")).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    }
}
