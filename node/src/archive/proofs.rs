//! Proofs out of a store: that an entry stands in its author's journal, and that a journal goes on from an earlier
//! head of it.
//!
//! They are made from tiles, a few reads whatever the journal's size, and only of journals held from the beginning;
//! a single entry keeps the proof it came with. Nothing here judges a proof: whoever receives it does.

use std::collections::BTreeMap;
use std::sync::Arc;

use terrace_proto::digest::Digest;
use terrace_proto::entry::{EntryId, JournalId, leaf_of};
use terrace_proto::journal::tile::{Shelf, TileId, WIDTH};
use terrace_proto::journal::{Frontier, ParcelItem, Tile};

use crate::store::{Store, StoreError, StoredEntry};

/// Makes proofs out of a store.
#[derive(Debug, Clone)]
pub struct Proofs {
    store: Arc<dyn Store>,
}

impl Proofs {
    /// Out of `store`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The inclusion path of an entry of a journal held from its beginning, in the tree of the first `size` entries.
    pub async fn to(&self, id: EntryId, size: u64) -> Result<Vec<Digest>, StoreError> {
        self.path(&mut Shelf::default(), id, size).await
    }

    /// The root of the first `size` entries of a journal held that far.
    pub async fn root(&self, journal: JournalId, size: u64) -> Result<Digest, StoreError> {
        let mut shelf = Shelf::default();
        self.fetch(&mut shelf, journal, Shelf::needs_root(size)).await?;
        shelf.root(size).ok_or_else(|| cannot_prove(journal, size))
    }

    /// The frontier behind the first `size` entries of a journal held that far.
    pub async fn frontier(&self, journal: JournalId, size: u64) -> Result<Frontier, StoreError> {
        let mut shelf = Shelf::default();
        self.fetch(&mut shelf, journal, Shelf::needs_root(size)).await?;
        shelf.frontier(size).ok_or_else(|| cannot_prove(journal, size))
    }

    /// The proof that the first `size` entries of a journal held that far begin with its first `before`.
    pub async fn consistency(
        &self,
        journal: JournalId,
        before: u64,
        size: u64,
    ) -> Result<Vec<Digest>, StoreError> {
        let mut shelf = Shelf::default();
        let wanted = Shelf::needs_consistency(before, size);
        self.fetch(&mut shelf, journal, wanted).await?;
        shelf.consistency(before, size).ok_or_else(|| cannot_prove(journal, size))
    }

    /// Entries with proofs, for whoever holds only the root's key.
    pub async fn of(
        &self,
        ids: &[EntryId],
    ) -> Result<BTreeMap<EntryId, (Vec<u8>, ParcelItem)>, StoreError> {
        let mut proved = BTreeMap::new();
        let mut unproved: BTreeMap<JournalId, Vec<StoredEntry>> = BTreeMap::new();
        for entry in self.store.entries_at(ids).await? {
            match entry.proof {
                Some((checkpoint, path)) => {
                    let item = ParcelItem {
                        header: entry.header,
                        body: entry.body,
                        sealed: entry.sealed,
                        path,
                    };
                    proved.insert(entry.id, (checkpoint, item));
                }
                None => unproved.entry(entry.id.journal).or_default().push(entry),
            }
        }
        for (journal, entries) in unproved {
            let (checkpoint, size) = self.head(journal).await?;
            let mut shelf = Shelf::default();
            for entry in entries {
                let path = self.path(&mut shelf, entry.id, size).await?;
                let item = ParcelItem {
                    header: entry.header,
                    body: entry.body,
                    sealed: entry.sealed,
                    path,
                };
                proved.insert(entry.id, (checkpoint.clone(), item));
            }
        }
        Ok(proved)
    }

    async fn head(&self, journal: JournalId) -> Result<(Vec<u8>, u64), StoreError> {
        let damaged =
            || StoreError::Corrupt(format!("journal {journal} has entries but no checkpoint"));
        let record = self.store.journal(journal).await?.ok_or_else(damaged)?;
        Ok((record.checkpoint.ok_or_else(damaged)?, record.frontier.size()))
    }

    async fn path(
        &self,
        shelf: &mut Shelf,
        id: EntryId,
        size: u64,
    ) -> Result<Vec<Digest>, StoreError> {
        self.fetch(shelf, id.journal, Shelf::needs(id.sequence, size)).await?;
        shelf.path(id.sequence, size).ok_or_else(|| cannot_prove(id.journal, size))
    }

    /// Puts tiles on the shelf that are not there yet; a partial one of level 0 is made from its entries.
    async fn fetch(
        &self,
        shelf: &mut Shelf,
        journal: JournalId,
        mut wanted: Vec<TileId>,
    ) -> Result<(), StoreError> {
        wanted.retain(|tile| !shelf.has(*tile));
        for tile in self.store.tiles(journal, &wanted).await? {
            shelf.put(tile);
        }
        for tile in wanted {
            if tile.level == 0 && !shelf.has(tile) {
                let first = tile.number * WIDTH as u64;
                let entries = self.store.entries(journal, first, WIDTH as u32).await?;
                let hashes = entries.iter().map(|entry| leaf_of(&entry.header)).collect();
                shelf.put(Tile { id: tile, hashes });
            }
        }
        Ok(())
    }
}

fn cannot_prove(journal: JournalId, size: u64) -> StoreError {
    StoreError::Corrupt(format!(
        "the tiles of journal {journal} cannot prove its first {size} entries"
    ))
}
