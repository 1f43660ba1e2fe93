//! What SQLite's errors mean to the callers of a store.
//!
//! Only the primary result code decides: full, damaged, or no answer. Everything not known to have left
//! the database untouched is "no answer", so that the caller reads again.

use sqlx::migrate::MigrateError;

use crate::store::{StoreError, is_unreadable};

/// Primary result codes of SQLite.
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_NOTADB: i32 = 26;

/// A stored row that cannot be what was written.
pub(super) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt(what.into())
}

/// What an error of the driver means.
pub(super) fn meaning(error: &sqlx::Error) -> StoreError {
    let text = error.to_string();
    match primary_code(error) {
        Some(SQLITE_FULL) => StoreError::Full(text),
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => StoreError::Corrupt(text),
        None if is_unreadable(error) => StoreError::Corrupt(text),
        _ => StoreError::Unavailable(text),
    }
}

/// What an error of a migration means: a schema that is not the one expected must not be written to.
pub(super) fn migration(error: &MigrateError) -> StoreError {
    if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) = error {
        return meaning(error);
    }
    StoreError::Corrupt(format!("the tables are not those of this version: {error}"))
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// Why one statement failed: a row that must be unique is there, or what a caller can be told.
#[derive(Debug)]
pub(super) enum StatementError {
    /// A row with this key is there already; the statement wrote nothing.
    Taken,
    /// Anything else.
    Other(StoreError),
}

impl From<sqlx::Error> for StatementError {
    fn from(error: sqlx::Error) -> Self {
        let taken = error.as_database_error().is_some_and(|error| error.is_unique_violation());
        if taken { Self::Taken } else { Self::Other(meaning(&error)) }
    }
}

impl From<StoreError> for StatementError {
    fn from(error: StoreError) -> Self {
        Self::Other(error)
    }
}

impl From<StatementError> for StoreError {
    fn from(error: StatementError) -> Self {
        match error {
            StatementError::Taken => Self::Conflict("a row with this key is there already".into()),
            StatementError::Other(error) => error,
        }
    }
}
