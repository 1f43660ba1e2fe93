//! Whether the checkpoint file is level with the database.
//!
//! Own entries are committed first and the file is replaced after; what a neighbour were given in between could
//! not be told from a fork if the power failed just then. So reading for neighbours waits until both are level.

use std::sync::Arc;

use tokio::sync::{OwnedRwLockWriteGuard, RwLock, RwLockReadGuard};

use crate::store::StoreError;

/// Shared by the one writer and those who read for neighbours.
#[derive(Debug, Clone)]
pub struct Level(Arc<RwLock<bool>>);

/// Held while database and file may differ; afterwards they are level only if it was said.
#[derive(Debug)]
pub(super) struct Uneven(OwnedRwLockWriteGuard<bool>);

impl Default for Level {
    fn default() -> Self {
        Self(Arc::new(RwLock::new(true)))
    }
}

impl Level {
    /// Held while something is read for a neighbour.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when a commit or the file has failed: the process must read both again.
    pub async fn read(&self) -> Result<RwLockReadGuard<'_, bool>, StoreError> {
        let level = self.0.read().await;
        if *level {
            return Ok(level);
        }
        let text = "the checkpoint file may be behind the database: nothing leaves until both are read again";
        Err(StoreError::Unavailable(text.into()))
    }

    /// Database and file are about to differ.
    pub(super) async fn leave(&self) -> Uneven {
        let mut level = self.0.clone().write_owned().await;
        *level = false;
        Uneven(level)
    }
}

impl Uneven {
    /// They are level again.
    pub(super) fn settled(mut self) {
        *self.0 = true;
    }
}
