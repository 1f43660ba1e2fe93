//! What a store owes as to entries: each at its place, once, whole or without its body.

use super::*;

pub(crate) async fn an_empty_store_holds_nothing(house: impl House) {
    let store = house.store();
    let author = author();
    let content = Content::of(store, &[author.id()]).await.unwrap();
    assert_eq!(content.tally, Tally::default());
    assert!(content.journals.is_empty() && content.entries.is_empty() && content.runs.is_empty());
    assert!(content.heads.is_empty() && content.raised.is_empty());
    assert!(content.issued.is_empty() && content.rolled.is_empty());
    assert_eq!(content.sketches, (Vec::new(), 0));
    assert!(content.cells.is_empty() && content.counted.is_empty());
    assert!(content.sealing_keys.is_empty() && content.reports.is_empty());
    assert!(content.cosignatures.is_empty() && content.cases.is_empty());
    assert_eq!(store.journal(author.id()).await.unwrap(), None);
    assert_eq!(store.entries_at(&[author.entry_id(0)]).await.unwrap(), []);
}

pub(crate) async fn an_empty_batch_is_taken_and_changes_nothing(house: impl House) {
    let mut author = author();
    house.store().commit(full_batch(&mut author, 3, "a")).await.unwrap();
    let before = Content::of(house.store(), &[author.id()]).await.unwrap();
    house.store().commit(Batch::default()).await.unwrap();
    assert_eq!(Content::of(house.store(), &[author.id()]).await.unwrap(), before);
}

pub(crate) async fn all_of_a_batch_is_read_back(house: impl House) {
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
    assert_eq!(content.issued, batch.issued);
    assert_eq!(content.sealing_keys, batch.sealing_keys);
    assert_eq!(content.reports, batch.reports);
    assert_eq!(content.rolled, batch.rolled);
    assert_eq!(content.counted, batch.counted);
    let cells: Vec<_> = batch.cells.cells().collect();
    let held = content
        .cells
        .iter()
        .map(|(cell, share)| (*cell, share.of.cast_signed(), share.all.cast_signed()));
    assert_eq!(held.collect::<Vec<_>>(), cells);
    assert_eq!((Some(content.sketches.1), content.sketches.0), (batch.sketched, batch.sketches));
    assert_eq!(content.counters, batch.counters);
    assert_eq!(content.blocks, [17]);
}

pub(crate) async fn a_journal_of_another_size_is_a_conflict_and_nothing_is_written(
    house: impl House,
) {
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

pub(crate) async fn a_journal_not_known_is_expected_to_be_empty(house: impl House) {
    let mut author = author();
    let mut batch = full_batch(&mut author, 3, "a");
    batch.journals[0].1 = 1;
    refused(house.store(), batch.clone(), &[author.id()]).await;
    batch.journals[0].1 = 0;
    house.store().commit(batch).await.unwrap();
}

pub(crate) async fn another_entry_at_the_same_place_is_a_conflict_and_nothing_is_written(
    house: impl House,
) {
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

pub(crate) async fn of_two_batches_that_build_on_the_same_size_one_is_written(house: impl House) {
    let store = house.store();
    let (mut one, mut other) = (author(), author());
    let (first, second) =
        tokio::join!(store.commit(one.batch(9, "a")), store.commit(other.batch(9, "b")));
    let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert!(matches!(&refused[..], [StoreError::Conflict(_)]), "{refused:?}");
    assert_eq!(store.tally().await.unwrap().entries, 9);
}

pub(crate) async fn an_entry_already_held_is_skipped(house: impl House) {
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

pub(crate) async fn entries_held_and_new_may_be_mixed(house: impl House) {
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

pub(crate) async fn a_body_fills_a_stub_and_a_stub_takes_no_body_away(house: impl House) {
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

pub(crate) async fn a_stub_and_its_body_may_come_in_one_batch(house: impl House) {
    let store = house.store();
    let mut author = author();
    let whole = author.write(5, "a");
    let both = [author.stubs(), whole.clone(), author.stubs()].concat();
    store.commit(entries_alone(both)).await.unwrap();
    assert_eq!(store.entries(author.id(), 0, 100).await.unwrap(), all_stored(&whole));
    assert_eq!(store.tally().await.unwrap().entries, 5);
}

pub(crate) async fn an_entry_keeps_the_proof_it_came_with(house: impl House) {
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

pub(crate) async fn two_entries_for_one_place_in_a_batch_are_a_conflict(house: impl House) {
    let store = house.store();
    let (mut author, mut forger) = (author(), author());
    let batch = entries_alone([author.write(3, "a"), forger.write(3, "b")].concat());
    refused(store, batch, &[author.id()]).await;
}

pub(crate) async fn entries_come_in_order_from_a_sequence_on(house: impl House) {
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

pub(crate) async fn entries_are_found_by_name(house: impl House) {
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
