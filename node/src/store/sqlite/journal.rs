//! Journals, their tiles, and the cosignature on this office's own.
//!
//! Other tables name a journal by a small number; [`Names`] remembers those that are known to be stored.
//! A number given out in a transaction that failed is forgotten with it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::journal::tile::TileId;
use terrace_proto::journal::{Frontier, Tile};
use terrace_proto::key::{Algorithm, JournalKey};

use super::fault::damaged;
use super::statement::{
    Insert, Values, bytes, column, division, journal, number, pieces, read, read_listed, unsigned,
    with_rows,
};
use crate::store::{Batch, JournalRecord, Reach, StoreError};

/// Gives a name its number, or finds the number it has.
const NAME_BEFORE: &str = "INSERT INTO journal (author, epoch) VALUES ";
const NAME_AFTER: &str = " ON CONFLICT (author, epoch) DO UPDATE SET author = excluded.author \
     RETURNING author, epoch, local";

const JOURNALS: Insert = Insert {
    into: "INSERT INTO journal (local, author, epoch, algorithm, key, admitted_author, \
           admitted_epoch, admitted_sequence, whole, size, frontier, checkpoint, stored_at) VALUES ",
    columns: 13,
    after: " ON CONFLICT (local) DO UPDATE SET algorithm = excluded.algorithm, key = excluded.key, \
            admitted_author = excluded.admitted_author, admitted_epoch = excluded.admitted_epoch, \
            admitted_sequence = excluded.admitted_sequence, whole = excluded.whole, \
            size = excluded.size, frontier = excluded.frontier, checkpoint = excluded.checkpoint, \
            stored_at = excluded.stored_at",
};

const TILES: Insert = Insert {
    into: "INSERT INTO tile (journal, level, number, hashes) VALUES ",
    columns: 4,
    after: " ON CONFLICT (journal, level, number) DO UPDATE SET hashes = excluded.hashes",
};

/// The small numbers of journals, as far as they are known to be stored.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<JournalId, i64>>);

impl Names {
    /// The number of a journal; `None` when nothing stored mentions it.
    pub(super) async fn find(
        &self,
        pool: &SqlitePool,
        id: JournalId,
    ) -> Result<Option<i64>, StoreError> {
        if let Some(local) = self.known(id) {
            return Ok(Some(local));
        }
        let mut values = Values::default();
        values.put_number(id.author.number())?.put(&id.epoch.0[..])?;
        let text = "SELECT local FROM journal WHERE author = ? AND epoch = ?";
        let found: Vec<i64> = read(pool, text, values, |row| column(row, 0)).await?;
        self.remember(found.iter().map(|local| (id, *local)));
        Ok(found.first().copied())
    }

    /// Remembers what is stored by now.
    pub(super) fn remember(&self, names: impl IntoIterator<Item = (JournalId, i64)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
    }

    fn known(&self, id: JournalId) -> Option<i64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }
}

/// The numbers of all journals a batch mentions, within its transaction.
#[derive(Debug)]
pub(super) struct Numbers(HashMap<JournalId, i64>);

impl Numbers {
    /// Looks up or gives out the numbers of all journals that `batch` mentions.
    pub(super) async fn of(
        connection: &mut SqliteConnection,
        names: &Names,
        batch: &Batch,
    ) -> Result<Self, StoreError> {
        let mut found = HashMap::new();
        let mut missing = Vec::new();
        for id in mentioned(batch) {
            match names.known(id) {
                Some(local) => {
                    found.insert(id, local);
                }
                None => missing.push(id),
            }
        }
        for piece in pieces(&missing) {
            let mut values = Values::default();
            for id in piece {
                values.put_number(id.author.number())?.put(&id.epoch.0[..])?;
            }
            let text = with_rows(NAME_BEFORE, piece.len(), 2, NAME_AFTER);
            let given = read_listed(&mut *connection, text, values, |row| {
                Ok((journal(row, 0)?, column(row, 2)?))
            });
            found.extend(given.await?);
        }
        Ok(Self(found))
    }

    /// The number of a journal the batch mentions.
    pub(super) fn get(&self, id: JournalId) -> Result<i64, StoreError> {
        self.0.get(&id).copied().ok_or_else(|| damaged(format!("journal {id} has no number")))
    }

    /// All of them.
    pub(super) fn into_names(self) -> impl Iterator<Item = (JournalId, i64)> {
        self.0.into_iter()
    }
}

fn mentioned(batch: &Batch) -> BTreeSet<JournalId> {
    let journals = batch.journals.iter().map(|(journal, _)| journal.id);
    let entries = batch.entries.iter().map(|entry| entry.header().journal);
    let tiles = batch.tiles.iter().map(|(journal, _)| *journal);
    let runs = batch.runs.iter().map(|run| run.journal);
    let parcels = batch.parcels.iter().map(|(_, entry)| entry.journal);
    let passages = batch.passages.iter().map(|passage| passage.record.journal);
    journals.chain(entries).chain(tiles).chain(runs).chain(parcels).chain(passages).collect()
}

/// Compares every journal's size with the one the batch builds on.
pub(super) async fn expect_sizes(
    connection: &mut SqliteConnection,
    numbers: &Numbers,
    journals: &[(JournalRecord, u64)],
) -> Result<(), StoreError> {
    let mut sizes: HashMap<i64, u64> = HashMap::new();
    for piece in pieces(journals) {
        let mut values = Values::default();
        for (journal, _) in piece {
            values.put(numbers.get(journal.id)?)?;
        }
        let before = "WITH wanted (local) AS (VALUES ";
        let after = ") SELECT j.local, j.size FROM wanted w CROSS JOIN journal j USING (local)";
        let text = with_rows(before, piece.len(), 1, after);
        let found = read_listed(&mut *connection, text, values, |row| {
            Ok((column(row, 0)?, number(row, 1)?))
        });
        sizes.extend(found.await?);
    }
    for (journal, expected) in journals {
        let size = sizes.get(&numbers.get(journal.id)?).copied().unwrap_or_default();
        if size != *expected {
            let text = format!("journal {} has {size} entries, not {expected}", journal.id);
            return Err(StoreError::Conflict(text));
        }
    }
    Ok(())
}

/// Writes journals and tiles.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    numbers: &Numbers,
    batch: &Batch,
) -> Result<(), StoreError> {
    let bind = |values: &mut Values, (record, _): &(JournalRecord, u64)| {
        bind_journal(values, numbers.get(record.id)?, record)
    };
    JOURNALS.all(connection, &batch.journals, bind).await?;
    let bind = |values: &mut Values, (journal, tile): &(JournalId, Tile)| {
        values.put(numbers.get(*journal)?)?.put(tile.id.level)?.put_number(tile.id.number)?;
        values.put(tile.encode())?;
        Ok(())
    };
    TILES.all(connection, &batch.tiles, bind).await
}

fn bind_journal(values: &mut Values, local: i64, record: &JournalRecord) -> Result<(), StoreError> {
    values.put(local)?.put_number(record.id.author.number())?.put(&record.id.epoch.0[..])?;
    values.put(Algorithm::Ed25519 as u32)?.put(&record.key.bytes()[..])?;
    match record.admitted_by {
        Some(EntryId { journal, sequence }) => {
            values.put_number(journal.author.number())?.put(&journal.epoch.0[..])?;
            values.put_number(sequence)?;
        }
        None => {
            values.put(None::<i64>)?.put(None::<&[u8]>)?.put(None::<i64>)?;
        }
    }
    values.put(record.whole)?.put_number(record.frontier.size())?.put(record.frontier.encode())?;
    values.put(record.checkpoint.as_deref())?.put(record.stored_at)?;
    Ok(())
}

/// One journal, if its admission is known.
pub(super) async fn one(
    pool: &SqlitePool,
    id: JournalId,
) -> Result<Option<JournalRecord>, StoreError> {
    let mut values = Values::default();
    values.put_number(id.author.number())?.put(&id.epoch.0[..])?;
    let text = "SELECT author, epoch, algorithm, key, admitted_author, admitted_epoch, \
                admitted_sequence, whole, size, frontier, checkpoint, stored_at \
                FROM journal WHERE author = ? AND epoch = ? AND key IS NOT NULL";
    Ok(read(pool, text, values, read_journal).await?.pop())
}

/// All known journals, in order.
pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<JournalRecord>, StoreError> {
    let text = "SELECT author, epoch, algorithm, key, admitted_author, admitted_epoch, \
                admitted_sequence, whole, size, frontier, checkpoint, stored_at \
                FROM journal WHERE key IS NOT NULL ORDER BY author, epoch";
    read(pool, text, Values::default(), read_journal).await
}

/// The journals of an office, in order.
pub(super) async fn of(
    pool: &SqlitePool,
    office: DivisionCode,
) -> Result<Vec<JournalRecord>, StoreError> {
    let mut values = Values::default();
    values.put_number(office.number())?;
    let text = "SELECT author, epoch, algorithm, key, admitted_author, admitted_epoch, \
                admitted_sequence, whole, size, frontier, checkpoint, stored_at \
                FROM journal WHERE author = ? AND key IS NOT NULL ORDER BY epoch";
    read(pool, text, values, read_journal).await
}

/// How far each journal reaches that is held from its beginning, in order.
pub(super) async fn reaches(pool: &SqlitePool) -> Result<Vec<Reach>, StoreError> {
    let text = "SELECT author, epoch, size, frontier, stored_at FROM journal \
                WHERE whole AND key IS NOT NULL ORDER BY author, epoch";
    read(pool, text, Values::default(), |row| {
        let (journal, size) = (journal(row, 0)?, number(row, 2)?);
        let frontier = bytes(row, 3, |bytes| Frontier::read(size, bytes))?;
        Ok(Reach { journal, frontier, stored_at: column(row, 4)? })
    })
    .await
}

fn read_journal(row: &SqliteRow) -> Result<JournalRecord, StoreError> {
    let id = journal(row, 0)?;
    let key = JournalKey::read(column(row, 2)?, column(row, 3)?)
        .map_err(|error| damaged(format!("the key of journal {id}: {error}")))?;
    let size = number(row, 8)?;
    let frontier = bytes(row, 9, |bytes| Frontier::read(size, bytes))?;
    let (whole, checkpoint) = (column(row, 7)?, column(row, 10)?);
    let (admitted_by, stored_at) = (admitted_by(row)?, column(row, 11)?);
    Ok(JournalRecord { id, key, admitted_by, whole, frontier, checkpoint, stored_at })
}

fn admitted_by(row: &SqliteRow) -> Result<Option<EntryId>, StoreError> {
    let Some(sequence) = column::<Option<i64>>(row, 6)? else { return Ok(None) };
    let journal = JournalId { author: division(row, 4)?, epoch: bytes(row, 5, Epoch::read)? };
    Ok(Some(EntryId { journal, sequence: unsigned(sequence)? }))
}

/// Those of the named tiles that are kept.
pub(super) async fn tiles(
    pool: &SqlitePool,
    local: i64,
    ids: &[TileId],
) -> Result<Vec<Tile>, StoreError> {
    let mut tiles = Vec::with_capacity(ids.len());
    for piece in pieces(ids) {
        let mut values = Values::default();
        for id in piece {
            values.put(local)?.put(id.level)?.put_number(id.number)?;
        }
        let before = "WITH wanted (journal, level, number) AS (VALUES ";
        let after = ") SELECT t.level, t.number, t.hashes \
                     FROM wanted w CROSS JOIN tile t USING (journal, level, number)";
        let text = with_rows(before, piece.len(), 3, after);
        tiles.extend(read_listed(pool, text, values, read_tile).await?);
    }
    Ok(tiles)
}

fn read_tile(row: &SqliteRow) -> Result<Tile, StoreError> {
    let id = TileId { level: column(row, 0)?, number: number(row, 1)? };
    bytes(row, 2, |bytes| Tile::read(id, bytes))
}
