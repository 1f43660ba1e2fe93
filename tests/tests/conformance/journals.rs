//! What a store owes as to journals and what is listed of them: tiles, runs, parcels.

use super::*;

pub(crate) async fn journals_come_in_order_once_their_admission_is_known(house: impl House) {
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

pub(crate) async fn a_tile_that_has_grown_replaces_the_smaller_one(house: impl House) {
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

pub(crate) async fn runs_are_numbered_in_the_order_of_writing(house: impl House) {
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

pub(crate) async fn a_parcel_keeps_its_place(house: impl House) {
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

pub(crate) async fn parcels_come_in_pages_behind_a_position(house: impl House) {
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
