//! Tiles: complete subtree hashes, 256 to a tile, as in C2SP tlog-tiles.
//!
//! Tile `number` of level L holds the hashes of the subtrees of height 8·L from `256·number` on. Tiles of
//! level 0 are kept when complete (a partial one is recomputed from the entries); tiles above are kept as
//! they grow. An [`Edge`] is the growing end of all levels; [`Shelf`] answers for subtrees out of tiles, so
//! that a proof reads a few tiles whatever the journal's size.

use std::collections::BTreeMap;

use super::merkle::{self, Frontier, Subtree};
use crate::digest::Digest;

/// Hashes in a complete tile.
pub const WIDTH: usize = 256;
const HEIGHT: u8 = 8;

/// Name of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TileId {
    /// Level: its hashes stand for subtrees of `256^level` leaves.
    pub level: u8,
    /// Position on that level.
    pub number: u64,
}

/// A tile with up to 256 hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Its name.
    pub id: TileId,
    /// Its hashes, in order.
    pub hashes: Vec<Digest>,
}

impl Tile {
    /// Reads the hashes of a tile; `None` when they are not 1 to 256 digests.
    #[must_use]
    pub fn read(id: TileId, bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && (1..=WIDTH).contains(&chunks.len());
        fits.then(|| Self { id, hashes: chunks.iter().map(|chunk| Digest(*chunk)).collect() })
    }

    /// The hashes' bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }
}

/// The growing end of a journal's tiles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Edge {
    size: u64,
    /// Partial tile of each level, from level 0; none is ever complete.
    partial: Vec<Vec<Digest>>,
}

impl Edge {
    /// The tiles an edge of `size` leaves is restored from, besides the leaves of [`Edge::first_leaf`] on.
    #[must_use]
    pub fn needs(size: u64) -> Vec<TileId> {
        (1..)
            .map(|level| (level, size >> (u32::from(level) * u32::from(HEIGHT))))
            .take_while(|(_, count)| *count > 0)
            .filter(|(_, count)| count % WIDTH as u64 > 0)
            .map(|(level, count)| TileId { level, number: count / WIDTH as u64 })
            .collect()
    }

    /// First leaf of the partial tile of level 0 in a journal of `size`.
    #[must_use]
    pub fn first_leaf(size: u64) -> u64 {
        size - size % WIDTH as u64
    }

    /// Restores an edge from the leaves since [`Edge::first_leaf`] and the tiles of [`Edge::needs`]; `None`
    /// when they do not fit the size.
    #[must_use]
    pub fn restore(size: u64, leaves: Vec<Digest>, tiles: &[Tile]) -> Option<Self> {
        let mut partial = vec![leaves];
        let fits = partial[0].len() as u64 == size % WIDTH as u64;
        let mut level = 1_u8;
        loop {
            let count = size >> (u32::from(level) * u32::from(HEIGHT));
            if count == 0 {
                break;
            }
            let width = usize::try_from(count % WIDTH as u64).ok()?;
            let id = TileId { level, number: count / WIDTH as u64 };
            let hashes = if width == 0 {
                Vec::new()
            } else {
                tiles.iter().find(|tile| tile.id == id)?.hashes.get(..width)?.to_vec()
            };
            partial.push(hashes);
            level += 1;
        }
        fits.then_some(Self { size, partial })
    }

    /// Appends leaf hashes and gives the tiles that are to be kept because of them.
    pub fn push(&mut self, leaves: impl IntoIterator<Item = Digest>) -> Vec<Tile> {
        let mut changed = BTreeMap::new();
        for leaf in leaves {
            self.push_one(leaf, &mut changed);
        }
        changed.into_values().collect()
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    fn push_one(&mut self, leaf: Digest, changed: &mut BTreeMap<TileId, Tile>) {
        self.size += 1;
        let mut carry = Some(leaf);
        let mut level = 0_u8;
        while let Some(hash) = carry.take() {
            let index = usize::from(level);
            if self.partial.len() <= index {
                self.partial.push(Vec::new());
            }
            self.partial[index].push(hash);
            let count = self.size >> (u32::from(level) * u32::from(HEIGHT));
            let id = TileId { level, number: (count - 1) / WIDTH as u64 };
            let complete = self.partial[index].len() == WIDTH;
            if complete || level > 0 {
                changed.insert(id, Tile { id, hashes: self.partial[index].clone() });
            }
            if complete {
                carry = Some(fold(&self.partial[index]));
                self.partial[index].clear();
            }
            level += 1;
        }
    }
}

/// Tiles at hand, answering for complete subtrees.
#[derive(Debug, Default)]
pub struct Shelf(BTreeMap<TileId, Vec<Digest>>);

impl Shelf {
    /// The tiles needed to prove leaf `index` in a tree of `size`; those of level 0 may have to be made from
    /// entries.
    #[must_use]
    pub fn needs(index: u64, size: u64) -> Vec<TileId> {
        let mut ids = Vec::new();
        let mut level = 0_u8;
        loop {
            let shift = u32::from(level) * u32::from(HEIGHT);
            let count = size >> shift;
            if count == 0 {
                return ids;
            }
            let (own, edge) = ((index >> shift) / WIDTH as u64, count / WIDTH as u64);
            ids.push(TileId { level, number: own });
            if edge != own && !count.is_multiple_of(WIDTH as u64) {
                ids.push(TileId { level, number: edge });
            }
            level += 1;
        }
    }

    /// Puts a tile on the shelf.
    pub fn put(&mut self, tile: Tile) {
        self.0.insert(tile.id, tile.hashes);
    }

    /// Whether a tile is there.
    #[must_use]
    pub fn has(&self, id: TileId) -> bool {
        self.0.contains_key(&id)
    }

    /// The hash of a complete subtree; `None` when its tile is not there.
    #[must_use]
    pub fn subtree(&self, subtree: Subtree) -> Option<Digest> {
        let level = subtree.level / HEIGHT;
        let within = subtree.level % HEIGHT;
        let first = subtree.number << within;
        let hashes = self.0.get(&TileId { level, number: first / WIDTH as u64 })?;
        let offset = usize::try_from(first % WIDTH as u64).ok()?;
        hashes.get(offset..offset + (1 << within)).map(fold)
    }

    /// The tiles needed for the root of the first `size` leaves.
    #[must_use]
    pub fn needs_root(size: u64) -> Vec<TileId> {
        size.checked_sub(1).map(|last| Self::needs(last, size)).unwrap_or_default()
    }

    /// The tiles needed to prove that a tree of `size` begins with the tree of `before` leaves: those of both roots, and
    /// those on the way from the last leaf of the smaller one up to the larger root.
    #[must_use]
    pub fn needs_consistency(before: u64, size: u64) -> Vec<TileId> {
        let way = before.checked_sub(1).map(|last| Self::needs(last, size)).unwrap_or_default();
        [way, Self::needs_root(before), Self::needs_root(size)].concat()
    }

    /// The frontier of the first `size` leaves.
    #[must_use]
    pub fn frontier(&self, size: u64) -> Option<Frontier> {
        merkle::frontier(size, &|subtree| self.subtree(subtree))
    }

    /// The root of the first `size` leaves.
    #[must_use]
    pub fn root(&self, size: u64) -> Option<Digest> {
        merkle::root(size, &|subtree| self.subtree(subtree))
    }

    /// The proof that a tree of `size` begins with the tree of `before` leaves.
    #[must_use]
    pub fn consistency(&self, before: u64, size: u64) -> Option<Vec<Digest>> {
        merkle::consistency(before, size, &|subtree| self.subtree(subtree))
    }

    /// The inclusion path of leaf `index` in a tree of `size`.
    #[must_use]
    pub fn path(&self, index: u64, size: u64) -> Option<Vec<Digest>> {
        merkle::path(index, size, &|subtree| self.subtree(subtree))
    }
}

/// Root over a power of two of hashes.
fn fold(hashes: &[Digest]) -> Digest {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| merkle::parent(&pair[0], &pair[1])).collect();
    }
    row[0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::merkle::{Frontier, root_of_path};
    use super::*;

    fn leaf(n: u64) -> Digest {
        Digest::of(&[&n.to_be_bytes()])
    }

    /// Grows a journal in batches and keeps its tiles as a store would.
    fn grow(size: u64, batch: u64) -> (Edge, BTreeMap<TileId, Tile>) {
        let (mut edge, mut kept) = (Edge::default(), BTreeMap::new());
        let mut at = 0;
        while at < size {
            let end = size.min(at + batch);
            kept.extend(edge.push((at..end).map(leaf)).into_iter().map(|tile| (tile.id, tile)));
            at = end;
        }
        (edge, kept)
    }

    fn shelf(index: u64, size: u64, whole: u64, kept: &BTreeMap<TileId, Tile>) -> Shelf {
        let mut shelf = Shelf::default();
        for id in Shelf::needs(index, size) {
            shelf.put(tile(id, whole, kept));
        }
        shelf
    }

    fn tile(id: TileId, whole: u64, kept: &BTreeMap<TileId, Tile>) -> Tile {
        kept.get(&id).cloned().unwrap_or_else(|| {
            assert_eq!(id.level, 0, "only tiles of level 0 are made from entries");
            let first = id.number * WIDTH as u64;
            Tile { id, hashes: (first..whole.min(first + WIDTH as u64)).map(leaf).collect() }
        })
    }

    /// A few leaves, and a tree whose tiles of level 1 are already several.
    #[test]
    fn small_checkpoint_is_proved_to_a_much_larger_one() {
        let whole = 77_066;
        let (_, kept) = grow(whole, 4_096);
        for before in [1, 3, 200, 256, 300, 65_535, 65_536] {
            let mut shelf = Shelf::default();
            for id in Shelf::needs_consistency(before, whole) {
                shelf.put(tile(id, whole, &kept));
            }
            let root = |size| {
                let mut frontier = Frontier::default();
                (0..size).for_each(|n| frontier.push(leaf(n)));
                (size, frontier.root())
            };
            let proof = shelf.consistency(before, whole);
            let proof = proof.unwrap_or_else(|| panic!("a tile is missing for {before}"));
            assert!(merkle::is_continuation(root(before), root(whole), &proof), "{before}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn tiles_prove_every_leaf_to_every_checkpoint(
            whole in 1_u64..140_000, a in any::<u64>(), b in any::<u64>(), batch in 1_u64..5_000,
        ) {
            let size = 1 + a % whole;
            let index = b % size;
            let (_, kept) = grow(whole, batch);
            let mut frontier = Frontier::default();
            (0..size).for_each(|n| frontier.push(leaf(n)));
            let path = shelf(index, size, whole, &kept).path(index, size).unwrap();
            prop_assert_eq!(root_of_path(leaf(index), index, size, &path), Some(frontier.root()));
        }

        #[test]
        fn tiles_prove_every_checkpoint_to_every_later_one(
            whole in 1_u64..140_000, a in any::<u64>(), b in any::<u64>(), batch in 1_u64..5_000,
        ) {
            let size = 1 + a % whole;
            let before = b % (size + 1);
            let (_, kept) = grow(whole, batch);
            let mut shelf = Shelf::default();
            for id in Shelf::needs_consistency(before, size) {
                shelf.put(tile(id, whole, &kept));
            }
            let root = |size| {
                let mut frontier = Frontier::default();
                (0..size).for_each(|n| frontier.push(leaf(n)));
                (size, frontier.root())
            };
            let (old, new) = (root(before), root(size));
            prop_assert_eq!(shelf.root(before), Some(old.1));
            let frontier = shelf.frontier(before).unwrap();
            prop_assert_eq!((frontier.size(), frontier.root()), old);
            let proof = shelf.consistency(before, size).unwrap();
            prop_assert!(merkle::is_continuation(old, new, &proof));
        }

        #[test]
        fn edge_is_restored_from_what_is_kept(size in 0_u64..140_000, batch in 1_u64..5_000) {
            let (edge, kept) = grow(size, batch);
            let leaves = (Edge::first_leaf(size)..size).map(leaf).collect();
            let tiles: Vec<_> = Edge::needs(size).iter().map(|id| kept[id].clone()).collect();
            let mut again = Edge::restore(size, leaves, &tiles).unwrap();
            let mut before = edge;
            prop_assert_eq!(again.push([leaf(size)]), before.push([leaf(size)]));
        }
    }
}
