//! Follows the leaves of a journal up to its root, on a thread beside the one that looks at its entries.
//!
//! Half of what a verification hashes are inner nodes; on two threads both halves are done at once. It holds a few
//! thousand leaves on their way, whatever the journal's size.

use std::sync::mpsc::{SyncSender, sync_channel};

use terrace_proto::audit::RootCheck;
use terrace_proto::digest::Digest;
use tokio::task::JoinHandle;

use crate::store::StoreError;

/// Leaves handed over at once.
const LEAVES: usize = 2_048;
/// Batches that may wait. Beyond that whoever brings leaves waits.
const WAITING: usize = 4;

/// Follows the leaves of one journal.
#[derive(Debug)]
pub(super) struct Following {
    gathered: Vec<Digest>,
    leaves: SyncSender<Vec<Digest>>,
    check: JoinHandle<RootCheck>,
}

impl Following {
    /// Begins at the first leaf.
    pub(super) fn begin(mut check: RootCheck) -> Self {
        let (leaves, brought) = sync_channel::<Vec<Digest>>(WAITING);
        let check = tokio::task::spawn_blocking(move || {
            for leaf in brought.into_iter().flatten() {
                check.leaf(leaf);
            }
            check
        });
        Self { gathered: Vec::with_capacity(LEAVES), leaves, check }
    }

    /// The next leaf. Waits, and blocks its thread, where the other is behind.
    pub(super) fn leaf(&mut self, leaf: Digest) {
        self.gathered.push(leaf);
        if self.gathered.len() == LEAVES {
            self.hand_over();
        }
    }

    /// The check behind the last leaf.
    pub(super) async fn finish(mut self) -> Result<RootCheck, StoreError> {
        self.hand_over();
        drop(self.leaves);
        let ended = |error| StoreError::Unavailable(format!("a root was not followed: {error}"));
        self.check.await.map_err(ended)
    }

    fn hand_over(&mut self) {
        let leaves = std::mem::replace(&mut self.gathered, Vec::with_capacity(LEAVES));
        // If nobody follows any more, `finish` says why.
        _ = self.leaves.send(leaves);
    }
}
