//! Signatures of others that an insider has seen: on heads of his journal, and on places of his ledgers.
//!
//! A store keeps the newest of each; every copy of the disk adds older ones. He can make none of them, and shows none
//! that does not fit what he forged.

use std::collections::BTreeMap;

use terrace_node::archive::Identity;
use terrace_node::store::{Cosignature, Direction, Store, StoreError};
use terrace_proto::digest::Digest;
use terrace_proto::entry::JournalId;
use terrace_proto::ledger::LedgerId;

/// What others signed.
#[derive(Debug, Clone, Default)]
pub(super) struct Signatures {
    heads: BTreeMap<(JournalId, u64), Cosignature>,
    places: BTreeMap<(LedgerId, u64), ([u8; 64], i64)>,
}

impl Signatures {
    /// Adds those of one copy of the office's disk.
    pub(super) async fn gather(
        &mut self,
        store: &dyn Store,
        identity: &Identity,
    ) -> Result<(), StoreError> {
        for signed in store.cosignatures(identity.me).await? {
            self.heads.insert((signed.by, signed.size), signed);
        }
        for direction in [Direction::In, Direction::Out] {
            let Some(superior) = identity.superior else { continue };
            let Some(ledger) = store.ledger(superior, direction).await? else { continue };
            if let Some((number, signature)) = ledger.proved {
                self.places.insert((ledger.head.ledger, number), (signature, ledger.proved_at));
            }
        }
        Ok(())
    }

    /// The newest line of each signer that stands on a head of the forged journal; `root` gives its roots.
    pub(super) fn fitting(&self, root: impl Fn(u64) -> Option<Digest>) -> Vec<Cosignature> {
        let mut newest: BTreeMap<JournalId, Cosignature> = BTreeMap::new();
        // In order of size, so that the largest stays.
        for signed in self.heads.values().filter(|signed| root(signed.size) == Some(signed.root)) {
            newest.insert(signed.by, signed.clone());
        }
        newest.into_values().collect()
    }

    /// What the neighbour signed at exactly this place of a ledger, and its hour there.
    pub(super) fn at(&self, ledger: LedgerId, number: u64) -> Option<([u8; 64], i64)> {
        self.places.get(&(ledger, number)).copied()
    }

    /// The farthest place of a ledger up to `number` that the neighbour signed.
    pub(super) fn up_to(&self, ledger: LedgerId, number: u64) -> Option<(u64, [u8; 64], i64)> {
        let signed = self.places.range((ledger, 0)..=(ledger, number)).next_back();
        signed.map(|((_, number), (signature, at))| (*number, *signature, *at))
    }
}
