//! Where an office's store is: a file in its data folder, or a database on a server.
//!
//! It only opens what its caller names, and knows nothing of offices.

use std::path::PathBuf;
use std::sync::Arc;

use super::postgres::PostgresStore;
use super::sqlite::SqliteStore;
use super::{Store, StoreError};

/// What a process does where another holds the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfHeld {
    /// It gives up, and says so.
    Refuse,
    /// It waits until the other is gone.
    Wait,
}

/// Where a store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// In this file, by SQLite.
    File(PathBuf),
    /// In this PostgreSQL database.
    Server(String),
}

impl Address {
    /// Opens the store for this process, and makes it where there is none. A file belongs to whoever owns its folder; what
    /// is done where another process holds a database, `if_held` says.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be opened, is held by another, or is not this version's.
    pub async fn open(&self, if_held: IfHeld) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open(path).await?),
            Self::Server(address) => Arc::new(PostgresStore::open(address, if_held).await?),
        })
    }

    /// Opens the store for reading alone; an office may be running over it.
    ///
    /// # Errors
    ///
    /// As [`Address::open`].
    pub async fn open_to_read(&self) -> Result<Arc<dyn Store>, StoreError> {
        Ok(match self {
            Self::File(path) => Arc::new(SqliteStore::open_to_read(path).await?),
            Self::Server(address) => Arc::new(PostgresStore::open_to_read(address).await?),
        })
    }
}
