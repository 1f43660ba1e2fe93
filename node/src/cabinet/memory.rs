//! Wraps in memory, for offices that live in a test.

mod index;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::seal::{KeyId, Recipient};

use super::{Change, Kept, KeyStore, digest_of};
use crate::store::StoreError;

/// Wraps that are lost with the process; clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryKeys(Arc<Mutex<Shelf>>);

#[derive(Debug, Default)]
struct Shelf {
    wraps: BTreeMap<Digest, Row>,
    due: Vec<(DivisionCode, Digest)>,
    destroyed: BTreeSet<CaseId>,
    marks: index::Marks,
}

#[derive(Debug)]
struct Row {
    case: CaseId,
    key: KeyId,
    recipient: Recipient,
    held: bool,
    bytes: Vec<u8>,
}

impl MemoryKeys {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().expect("no one panics while holding it")
    }

    /// Everything that is kept, as bytes, for whoever searches it.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.shelf().wraps.values().flat_map(|row| row.bytes.clone()).collect()
    }
}

impl Shelf {
    fn keep(&mut self, kept: Kept) {
        let Kept { wrap, held, due } = kept;
        let bytes = wrap.bytes();
        let digest = digest_of(&bytes);
        if self.destroyed.contains(&wrap.case()) || self.wraps.contains_key(&digest) {
            return;
        }
        let (case, key, recipient) = (wrap.case(), wrap.key_id(), wrap.recipient());
        self.wraps.insert(digest, Row { case, key, recipient, held, bytes });
        self.due.extend(due.map(|to| (to, digest)));
    }

    /// What is only passed on is not kept once it was.
    fn forget_passed(&mut self) {
        let due: BTreeSet<Digest> = self.due.iter().map(|(_, digest)| *digest).collect();
        for (digest, row) in &mut self.wraps {
            if !row.held && !due.contains(digest) {
                row.bytes.clear();
            }
        }
    }
}

#[async_trait]
impl KeyStore for MemoryKeys {
    async fn change(&self, change: Change) -> Result<(), StoreError> {
        let mut shelf = self.shelf();
        change.keep.into_iter().for_each(|kept| shelf.keep(kept));
        let taken: BTreeSet<(DivisionCode, Digest)> = change.taken.into_iter().collect();
        shelf.due.retain(|due| !taken.contains(due));
        for case in change.destroy {
            let gone: BTreeSet<Digest> = shelf
                .wraps
                .iter()
                .filter(|(_, row)| row.case == case)
                .map(|(digest, _)| *digest)
                .collect();
            shelf.wraps.retain(|digest, _| !gone.contains(digest));
            shelf.due.retain(|(_, digest)| !gone.contains(digest));
            shelf.destroyed.insert(case);
            shelf.marks.destroy(case);
        }
        let Shelf { marks, destroyed, .. } = &mut *shelf;
        marks.change(change.index, destroyed);
        shelf.forget_passed();
        Ok(())
    }

    async fn wraps(&self, case: CaseId) -> Result<Vec<Vec<u8>>, StoreError> {
        let shelf = self.shelf();
        let held = shelf.wraps.values().filter(|row| row.held && row.case == case);
        Ok(held.map(|row| row.bytes.clone()).collect())
    }

    async fn due(&self, to: DivisionCode, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let shelf = self.shelf();
        let due = shelf.due.iter().filter(|(neighbour, _)| *neighbour == to);
        let rows = due.filter_map(|(_, digest)| shelf.wraps.get(digest));
        Ok(rows.take(limit as usize).map(|row| row.bytes.clone()).collect())
    }

    async fn handed(&self, case: CaseId) -> Result<BTreeSet<DivisionCode>, StoreError> {
        let shelf = self.shelf();
        let of_case = shelf.wraps.values().filter(|row| row.case == case);
        let named = of_case.filter_map(|row| match row.recipient {
            Recipient::Named(office) => Some(office),
            Recipient::Blind => None,
        });
        Ok(named.collect())
    }

    async fn seen(&self, keys: &[KeyId]) -> Result<BTreeSet<KeyId>, StoreError> {
        let shelf = self.shelf();
        let here: BTreeSet<KeyId> = shelf.wraps.values().map(|row| row.key).collect();
        Ok(keys.iter().filter(|key| here.contains(key)).copied().collect())
    }

    async fn cases(&self) -> Result<Vec<CaseId>, StoreError> {
        let shelf = self.shelf();
        let held: BTreeSet<CaseId> =
            shelf.wraps.values().filter(|row| row.held).map(|row| row.case).collect();
        Ok(held.into_iter().collect())
    }
}
