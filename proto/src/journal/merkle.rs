//! The Merkle tree of RFC 6962 over leaf hashes.
//!
//! A [`Frontier`] is the row of complete subtrees that a tree of some size consists of: appending is
//! amortised O(1), the root O(log n). [`path`] produces an inclusion path out of complete subtree hashes,
//! and [`root_of_path`] checks one. Nothing here knows what a leaf stands for.

use crate::digest::Digest;

/// Hash of an inner node: SHA-256 of 0x01 and both children.
#[must_use]
pub fn parent(left: &Digest, right: &Digest) -> Digest {
    Digest::of(&[&[0x01], &left.0, &right.0])
}

/// Root of the tree without leaves: SHA-256 of nothing.
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(&[])
}

/// The complete subtrees of a tree, largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// Reads a frontier as [`Frontier::encode`] wrote it; `None` when it is not one.
    #[must_use]
    pub fn read(size: u64, bytes: &[u8]) -> Option<Self> {
        let (chunks, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() || chunks.len() != size.count_ones() as usize {
            return None;
        }
        Some(Self { size, peaks: chunks.iter().map(|chunk| Digest(*chunk)).collect() })
    }

    /// The peaks' bytes, largest first.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|peak| peak.0).collect()
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Digest) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("a peak stands for every one bit of the size");
            node = parent(&left, &node);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(first) = peaks.next() else { return empty_root() };
        peaks.fold(*first, |right, left| parent(left, &right))
    }
}

/// A complete subtree: `2^level` leaves from `number * 2^level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subtree {
    /// Height: 0 is a leaf.
    pub level: u8,
    /// Position among the subtrees of that height.
    pub number: u64,
}

/// The inclusion path of leaf `index` in a tree of `size` leaves, leaf to root. `hash` gives complete
/// subtrees; `None` when one is missing or `index` is not in the tree.
pub fn path(
    index: u64,
    size: u64,
    hash: &impl Fn(Subtree) -> Option<Digest>,
) -> Option<Vec<Digest>> {
    if index >= size {
        return None;
    }
    let mut siblings = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            siblings.push(range_hash(middle, end, hash)?);
            end = middle;
        } else {
            siblings.push(range_hash(start, middle, hash)?);
            start = middle;
        }
    }
    siblings.reverse();
    Some(siblings)
}

/// The root that `path` leads to from `leaf` at `index` in a tree of `size`; `None` when the path does not
/// have the length such a leaf's path has.
#[must_use]
pub fn root_of_path(leaf: Digest, index: u64, size: u64, path: &[Digest]) -> Option<Digest> {
    if index >= size {
        return None;
    }
    let (mut node, mut rest) = (leaf, path.iter());
    let (mut position, mut last) = (index, size - 1);
    while last > 0 {
        if position % 2 == 1 {
            node = parent(rest.next()?, &node);
        } else if position < last {
            node = parent(&node, rest.next()?);
        }
        position /= 2;
        last /= 2;
    }
    rest.next().is_none().then_some(node)
}

/// Largest power of two below `n`, for `n` of at least 2.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

fn range_hash(start: u64, end: u64, hash: &impl Fn(Subtree) -> Option<Digest>) -> Option<Digest> {
    let length = end - start;
    if length.is_power_of_two() {
        let level = u8::try_from(length.trailing_zeros()).ok()?;
        return hash(Subtree { level, number: start >> level });
    }
    let middle = start + split(length);
    Some(parent(&range_hash(start, middle, hash)?, &range_hash(middle, end, hash)?))
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::*;
    use crate::entry::leaf_of;

    fn item(n: u64) -> Vec<u8> {
        format!("entry {n}").into_bytes()
    }

    fn subtree(s: Subtree) -> Option<Digest> {
        if s.level == 0 {
            return Some(leaf_of(&item(s.number)));
        }
        let half = |side| subtree(Subtree { level: s.level - 1, number: s.number * 2 + side });
        Some(parent(&half(0)?, &half(1)?))
    }

    fn oracle(size: u64) -> MemoryBackedTree<Sha256, Vec<u8>> {
        let mut tree = MemoryBackedTree::new();
        (0..size).for_each(|n| tree.push(item(n)));
        tree
    }

    fn frontier(size: u64) -> Frontier {
        let mut frontier = Frontier::default();
        (0..size).for_each(|n| frontier.push(leaf_of(&item(n))));
        frontier
    }

    proptest! {
        #[test]
        fn frontier_has_the_root_of_the_independent_implementation(size in 0_u64..700) {
            let root = oracle(size).root();
            prop_assert_eq!(&frontier(size).root().0[..], &root.as_bytes()[..]);
        }

        #[test]
        fn path_is_the_one_of_the_independent_implementation(size in 1_u64..500, pick in any::<u64>()) {
            let index = pick % size;
            let ours = path(index, size, &subtree).unwrap();
            let proof = oracle(size).prove_inclusion(usize::try_from(index).unwrap());
            let bytes: Vec<u8> = ours.iter().flat_map(|d| d.0).collect();
            prop_assert_eq!(&bytes[..], proof.as_bytes());
            prop_assert_eq!(root_of_path(leaf_of(&item(index)), index, size, &ours), Some(frontier(size).root()));
        }

        #[test]
        fn path_for_another_place_or_longer_does_not_hold(size in 2_u64..300, pick in any::<u64>()) {
            let index = pick % size;
            let root = Some(frontier(size).root());
            let mut siblings = path(index, size, &subtree).unwrap();
            let other = (index + 1) % size;
            prop_assert_ne!(root_of_path(leaf_of(&item(index)), other, size, &siblings), root);
            siblings.push(Digest::default());
            prop_assert_eq!(root_of_path(leaf_of(&item(index)), index, size, &siblings), None);
        }

        #[test]
        fn frontier_reads_back(size in 0_u64..300) {
            let whole = frontier(size);
            prop_assert_eq!(Frontier::read(size, &whole.encode()), Some(whole));
            prop_assert_eq!(Frontier::read(size + 1, &frontier(size).encode()).is_some_and(|f| f.root() == frontier(size + 1).root()), false);
        }
    }
}
