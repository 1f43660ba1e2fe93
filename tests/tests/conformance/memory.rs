//! The store in memory, over a modelled disk.

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
