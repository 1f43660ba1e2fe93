//! What a store owes as to its disk: nothing half taken, and everything there in another life.

use std::time::Duration;

use super::*;

pub(crate) async fn a_full_disk_takes_nothing_and_works_again_when_there_is_room(
    house: impl House,
) {
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

pub(crate) async fn another_life_finds_everything(house: impl House) {
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

/// Commits that are dropped after ever longer whiles, a `step` apart: each is written whole or not at all.
pub(crate) async fn dropped_commits(store: &dyn Store, step: Duration) {
    let mut author = author();
    let (mut whole, mut none) = (0, 0);
    for number in 0..40 {
        let before = store.tally().await.unwrap().entries;
        let mut attempt = author.clone();
        let batch = attempt.batch(300, "a");
        let _ = tokio::time::timeout(step * number, store.commit(batch.clone())).await;
        let again = store.commit(batch).await;
        let after = store.tally().await.unwrap().entries;
        assert_eq!(after, before + 300, "step {number}");
        match again {
            Ok(()) => none += 1,
            Err(StoreError::Conflict(_)) => whole += 1,
            Err(error) => panic!("step {number}: {error}"),
        }
        author = attempt;
    }
    assert!(none > 0, "no commit was dropped in time ({whole} were whole)");
}

pub(crate) async fn a_frozen_view_is_what_it_was_and_the_next_is_of_its_own_time(
    house: impl House,
) {
    let (store, mut author) = (house.store(), author());
    for round in 0..4 {
        let view = store.frozen().await.unwrap();
        let beside = store.frozen().await.unwrap();
        store.commit(author.batch(5, "a")).await.unwrap();
        for view in [&view, &beside] {
            assert_eq!(view.tally().await.unwrap().entries, round * 5);
            let held = view.entries(author.id(), 0, 99).await.unwrap();
            assert_eq!(held.len() as u64, round * 5);
        }
        assert_eq!(store.tally().await.unwrap().entries, (round + 1) * 5);
    }
}
