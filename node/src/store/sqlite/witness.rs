//! What offices signed about each other's journals: cosignatures, watched heads, what was raised.

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::{Digest, Epoch};
use terrace_proto::entry::{EntryId, JournalId};

use super::statement::{Insert, Values, bound, bytes, column, division, number, read};
use crate::store::{Batch, Cosignature, HeadRecord, RaisedRecord, StoreError};

const COSIGNATURES: Insert = Insert {
    into: "INSERT INTO cosignature (author, epoch, by_author, by_epoch, size, root, at, line) VALUES ",
    columns: 8,
    after: " ON CONFLICT (author, epoch, by_author, by_epoch) DO UPDATE SET size = excluded.size, \
            root = excluded.root, at = excluded.at, line = excluded.line",
};

const HEADS: Insert = Insert {
    into: "INSERT INTO head (author, epoch, size, root, note, seen_at) VALUES ",
    columns: 6,
    after: " ON CONFLICT (author, epoch) DO UPDATE SET size = excluded.size, root = excluded.root, \
            note = excluded.note, seen_at = excluded.seen_at",
};

const RAISED: Insert = Insert {
    into: "INSERT INTO raised (by_author, by_epoch, sequence, kind, author, epoch, place, gist, \
           raised_at) VALUES ",
    columns: 9,
    after: " ON CONFLICT (by_author, by_epoch, sequence) DO NOTHING",
};

/// Writes what a batch has of all these.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<(), StoreError> {
    let bind = |values: &mut Values, signed: &Cosignature| {
        bind_journal(values, signed.journal)?;
        bind_journal(values, signed.by)?;
        values.put_number(signed.size)?.put(&signed.root.0[..])?.put_number(signed.at)?;
        values.put(signed.line.as_str())?;
        Ok(())
    };
    COSIGNATURES.all(connection, &batch.cosignatures, bind).await?;
    let bind = |values: &mut Values, head: &HeadRecord| {
        bind_journal(values, head.journal)?;
        values.put_number(head.size)?.put(&head.root.0[..])?.put(head.note.as_slice())?;
        values.put(head.seen_at)?;
        Ok(())
    };
    HEADS.all(connection, &batch.heads, bind).await?;
    let bind = |values: &mut Values, raised: &RaisedRecord| {
        bind_journal(values, raised.entry.journal)?;
        values.put_number(raised.entry.sequence)?.put(raised.kind)?;
        bind_journal(values, raised.about)?;
        values.put_number(raised.place)?.put(&raised.gist.0[..])?.put(raised.raised_at)?;
        Ok(())
    };
    RAISED.all(connection, &batch.raised, bind).await
}

pub(super) fn bind_journal(values: &mut Values, journal: JournalId) -> Result<(), StoreError> {
    values.put_number(journal.author.number())?.put(&journal.epoch.0[..])?;
    Ok(())
}

pub(super) fn journal_at(row: &SqliteRow, index: usize) -> Result<JournalId, StoreError> {
    Ok(JournalId { author: division(row, index)?, epoch: bytes(row, index + 1, Epoch::read)? })
}

/// The newest cosignature on a journal by each who signed it.
pub(super) async fn cosignatures(
    pool: &SqlitePool,
    journal: JournalId,
) -> Result<Vec<Cosignature>, StoreError> {
    let mut values = Values::default();
    bind_journal(&mut values, journal)?;
    let text = "SELECT by_author, by_epoch, size, root, at, line FROM cosignature \
                WHERE author = ? AND epoch = ? ORDER BY by_author, by_epoch";
    read(pool, text, values, |row| {
        let (by, size) = (journal_at(row, 0)?, number(row, 2)?);
        let (root, at, line) = (bytes(row, 3, Digest::read)?, number(row, 4)?, column(row, 5)?);
        Ok(Cosignature { journal, by, size, root, at, line })
    })
    .await
}

/// The head of a watched journal.
pub(super) async fn head(
    pool: &SqlitePool,
    journal: JournalId,
) -> Result<Option<HeadRecord>, StoreError> {
    let mut values = Values::default();
    bind_journal(&mut values, journal)?;
    let text = "SELECT size, root, note, seen_at FROM head WHERE author = ? AND epoch = ?";
    let found = read(pool, text, values, |row| {
        let (size, root) = (number(row, 0)?, bytes(row, 1, Digest::read)?);
        Ok(HeadRecord { journal, size, root, note: column(row, 2)?, seen_at: column(row, 3)? })
    });
    Ok(found.await?.pop())
}

fn read_raised(row: &SqliteRow) -> Result<RaisedRecord, StoreError> {
    Ok(RaisedRecord {
        entry: EntryId { journal: journal_at(row, 0)?, sequence: number(row, 2)? },
        kind: column(row, 3)?,
        about: journal_at(row, 4)?,
        place: number(row, 6)?,
        gist: bytes(row, 7, Digest::read)?,
        raised_at: column(row, 8)?,
    })
}

/// What was raised, the newest here first, before a place in that order.
pub(super) async fn raised(
    pool: &SqlitePool,
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, RaisedRecord)>, StoreError> {
    let mut values = Values::default();
    values.put(bound(before))?.put(limit)?;
    let text = "SELECT by_author, by_epoch, sequence, kind, author, epoch, place, gist, raised_at, \
                position FROM raised WHERE position < ? ORDER BY position DESC LIMIT ?";
    read(pool, text, values, |row| Ok((number(row, 9)?, read_raised(row)?))).await
}

/// What was raised with a gist.
pub(super) async fn with_gist(
    pool: &SqlitePool,
    gist: Digest,
) -> Result<Vec<RaisedRecord>, StoreError> {
    let mut values = Values::default();
    values.put(&gist.0[..])?;
    let text = "SELECT by_author, by_epoch, sequence, kind, author, epoch, place, gist, raised_at \
                FROM raised WHERE gist = ? ORDER BY position";
    read(pool, text, values, read_raised).await
}
