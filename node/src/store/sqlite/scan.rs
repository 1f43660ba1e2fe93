//! Shows entries in great number, for an audit: one thread reads, the other looks.
//!
//! A row at a time through sqlx costs several times what SQLite needs to find it, because every value becomes a
//! piece of memory of its own and every row wakes the task that waits for it. Here rows are copied behind each
//! other into a few buffers that go back and forth between the two threads. It stands on rusqlite, over the same
//! SQLite as everything else, and reads nothing but entries.
//!
//! Invariants: 1. all that one [`Scan`] shows belongs to one transaction; 2. its memory is that of its buffers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags, params};
use tokio::sync::mpsc;

use super::entry::sequence;
use super::statement::{bound, unsigned};
use crate::store::{EntryBytes, Seeing, StoreError};

/// Bytes of entries in a buffer, before it is handed over.
const FULL: usize = 256 * 1024;
/// Buffers on the way: one is read, one looked at, one waits.
const BUFFERS: usize = 3;
/// Memory for pages, in KiB (negative by SQLite's custom).
const CACHE: i64 = -8192;

const ENTRIES: &str =
    "SELECT place, header, body FROM entry WHERE place BETWEEN ? AND ? ORDER BY place LIMIT ?";

/// A connection in one transaction that reads.
#[derive(Debug)]
pub(super) struct Scan {
    connection: Arc<Mutex<Connection>>,
    entries: u64,
}

/// Entries behind each other.
#[derive(Debug, Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Of each its sequence, and the lengths of header and body.
    entries: Vec<(u64, usize, Option<usize>)>,
}

impl Scan {
    /// Begins the transaction over the store in a file.
    pub(super) async fn begin(file: PathBuf) -> Result<Self, StoreError> {
        let begun = tokio::task::spawn_blocking(move || begin(&file)).await;
        let (connection, entries) =
            begun.map_err(|error| gone(&error))?.map_err(|e| meaning(&e))?;
        let entries = unsigned(entries)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), entries })
    }

    /// How many entries there are in what it shows.
    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    /// Shows the entries between two places, up to `limit`; how many.
    pub(super) async fn show(
        &self,
        places: (i64, i64),
        limit: u64,
        see: &mut Seeing<'_>,
    ) -> Result<u64, StoreError> {
        let (full, mut filled) = mpsc::channel(BUFFERS);
        let (back, empty) = mpsc::channel(BUFFERS);
        let connection = self.connection.clone();
        let reading =
            tokio::task::spawn_blocking(move || read(&connection, places, limit, &full, empty));
        let mut shown = 0;
        while let Some(buffer) = filled.recv().await {
            shown += buffer.entries.len() as u64;
            buffer.each(see);
            // The reader may have ended; then nobody needs the buffer.
            _ = back.try_send(buffer);
        }
        reading.await.map_err(|error| gone(&error))?.map_err(|error| meaning(&error))?;
        Ok(shown)
    }
}

impl Buffer {
    fn put(&mut self, sequence: u64, header: &[u8], body: Option<&[u8]>) {
        self.bytes.extend_from_slice(header);
        self.bytes.extend_from_slice(body.unwrap_or_default());
        self.entries.push((sequence, header.len(), body.map(<[u8]>::len)));
    }

    fn each(&self, see: &mut Seeing<'_>) {
        let mut rest = self.bytes.as_slice();
        for (sequence, header, body) in &self.entries {
            let (header, behind) = rest.split_at(*header);
            let (bytes, behind) = behind.split_at(body.unwrap_or_default());
            rest = behind;
            see(EntryBytes { sequence: *sequence, header, body: body.map(|_| bytes) });
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }
}

fn begin(file: &std::path::Path) -> rusqlite::Result<(Connection, i64)> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(super::connecting::BUSY)?;
    connection.pragma_update(None, "cache_size", CACHE)?;
    connection.execute_batch("BEGIN")?;
    // A transaction sees the store as it is at its first read.
    let entries = connection.query_row("SELECT entries FROM held", [], |row| row.get(0))?;
    Ok((connection, entries))
}

/// Fills buffers until there is nothing more, or nobody looks any more.
fn read(
    connection: &Mutex<Connection>,
    (first, last): (i64, i64),
    limit: u64,
    full: &mpsc::Sender<Buffer>,
    mut empty: mpsc::Receiver<Buffer>,
) -> rusqlite::Result<()> {
    let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statement = connection.prepare(ENTRIES)?;
    let mut rows = statement.query(params![first, last, bound(limit)])?;
    let mut buffer = Buffer::default();
    while let Some(row) = rows.next()? {
        let (header, body) = (row.get_ref(1)?.as_blob()?, row.get_ref(2)?.as_blob_or_null()?);
        buffer.put(sequence(row.get(0)?), header, body);
        if buffer.bytes.len() >= FULL {
            if full.blocking_send(buffer).is_err() {
                return Ok(());
            }
            buffer = empty.try_recv().unwrap_or_default();
            buffer.clear();
        }
    }
    if !buffer.entries.is_empty() {
        // Whoever looked may have gone.
        _ = full.blocking_send(buffer);
    }
    Ok(())
}

fn meaning(error: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Corrupt(error.to_string())
        }
        Some(_) => StoreError::Unavailable(error.to_string()),
        // A column that does not have its type.
        None => StoreError::Corrupt(error.to_string()),
    }
}

fn gone(error: &tokio::task::JoinError) -> StoreError {
    StoreError::Unavailable(format!("the reading thread ended: {error}"))
}
