//! The last word on each row of a batch: PostgreSQL refuses to change a row twice in one statement.

use std::collections::HashMap;
use std::hash::Hash;

/// Of the items with the same key the last, at the place of the first.
pub(super) fn latest<T, K: Eq + Hash>(items: &[T], key: impl Fn(&T) -> K) -> Vec<&T> {
    let mut places: HashMap<K, usize> = HashMap::with_capacity(items.len());
    let mut kept: Vec<&T> = Vec::with_capacity(items.len());
    for item in items {
        let place = *places.entry(key(item)).or_insert(kept.len());
        if place == kept.len() {
            kept.push(item);
        } else {
            kept[place] = item;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::latest;

    #[test]
    fn last_word_stands_at_the_place_of_the_first() {
        let said = [(1, 'a'), (2, 'b'), (1, 'c')];
        assert_eq!(latest(&said, |one| one.0), [&(1, 'c'), &(2, 'b')]);
    }
}
