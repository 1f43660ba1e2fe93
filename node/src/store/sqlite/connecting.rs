//! How connections to the file are made: those that read, and what all have in common.
//!
//! It never opens one.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

/// Connections that only read: as many as can be of use beside one writer on a small machine.
const READERS: u32 = 3;
/// How long a connection waits for a lock. Only checkpoints and a closing predecessor ever hold one.
pub(super) const BUSY: Duration = Duration::from_secs(10);
/// Bytes of a page: a row of usual size should fit one, and every page changed is written whole.
const PAGE_SIZE: u32 = 8192;
/// Rows a reader may be ahead of the task it reads for.
const ROWS_AHEAD: usize = 1024;
/// Memory for pages of each reader, in KiB (negative by SQLite's custom).
const READER_CACHE: &str = "-8192";

/// What all connections have in common.
pub(super) fn connecting(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .page_size(PAGE_SIZE)
        .foreign_keys(false)
        .busy_timeout(BUSY)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

pub(super) fn reading(common: SqliteConnectOptions) -> SqliteConnectOptions {
    common.read_only(true).pragma("cache_size", READER_CACHE)
}

/// A pool that nobody looks after: connections to a file do not grow old. The pool's own housekeeping counts what is idle,
/// can count one below nothing when a connection comes back at that very moment (sqlx 0.9), and then never ends.
pub(crate) fn unattended() -> SqlitePoolOptions {
    SqlitePoolOptions::new().idle_timeout(None).max_lifetime(None)
}

pub(super) fn readers() -> SqlitePoolOptions {
    unattended().max_connections(READERS).test_before_acquire(false)
}

/// One connection in one transaction that reads: what it sees stays as it was when it began. A second
/// connection would see something else, so there is none.
pub(super) fn frozen() -> SqlitePoolOptions {
    let begun = Arc::new(AtomicBool::new(false));
    readers().max_connections(1).after_connect(move |connection, _| {
        let again = begun.swap(true, Ordering::Relaxed);
        Box::pin(async move {
            if again {
                return Err(sqlx::Error::WorkerCrashed);
            }
            sqlx::query("BEGIN").execute(&mut *connection).await?;
            // A transaction sees the store as it is at its first read.
            sqlx::query("SELECT entries FROM held").fetch_one(connection).await?;
            Ok(())
        })
    })
}
