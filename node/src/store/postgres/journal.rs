//! Journals and their tiles.
//!
//! Other tables name a journal by its province and a small number; [`Names`] remembers those that are known to be
//! stored. A number given out in a transaction that failed is forgotten with it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, query, query_scalar};
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::journal::tile::TileId;
use terrace_proto::journal::{Frontier, Tile};
use terrace_proto::key::{Algorithm, JournalKey};

use super::column::{
    bytes, code, column, division, journal, list, number, numbers, province, signed, small,
};
use super::fault::{Trouble, damaged};
use super::latest::latest;
use crate::store::{Batch, JournalRecord, Reach, StoreError};

/// The small numbers of journals, as far as they are known to be stored.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<JournalId, i32>>);

impl Names {
    /// The number of a journal; `None` when nothing stored mentions it.
    pub(super) async fn find(&self, pool: &PgPool, id: JournalId) -> Result<Option<i32>, Trouble> {
        if let Some(local) = self.known(id) {
            return Ok(Some(local));
        }
        let text = "SELECT local FROM journal WHERE province = $1 AND author = $2 AND epoch = $3";
        let asked = query_scalar(text).bind(province(id.author)).bind(code(id.author));
        let found: Option<i32> = asked.bind(id.epoch.0.to_vec()).fetch_optional(pool).await?;
        self.remember(found.map(|local| (id, local)));
        Ok(found)
    }

    /// Remembers what is stored by now.
    pub(super) fn remember(&self, names: impl IntoIterator<Item = (JournalId, i32)>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(names);
    }

    fn known(&self, id: JournalId) -> Option<i32> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }
}

/// The numbers of all journals a batch mentions, within its transaction.
#[derive(Debug)]
pub(super) struct Numbers(HashMap<JournalId, i32>);

impl Numbers {
    /// Looks up or gives out the numbers of all journals that `batch` mentions.
    pub(super) async fn of(
        connection: &mut PgConnection,
        names: &Names,
        batch: &Batch,
    ) -> Result<Self, Trouble> {
        let (mut found, mut missing) = (HashMap::new(), Vec::new());
        for id in mentioned(batch) {
            match names.known(id) {
                Some(local) => _ = found.insert(id, local),
                None => missing.push(id),
            }
        }
        if !missing.is_empty() {
            found.extend(name(connection, &missing).await?);
        }
        Ok(Self(found))
    }

    /// The number of a journal the batch mentions.
    pub(super) fn get(&self, id: JournalId) -> Result<i32, Trouble> {
        self.0.get(&id).copied().ok_or_else(|| damaged(format!("journal {id} has no number")))
    }

    /// The numbers of the journals of some rows, as a column.
    pub(super) fn list<T>(
        &self,
        items: &[T],
        journal: impl Fn(&T) -> JournalId,
    ) -> Result<Vec<i32>, Trouble> {
        items.iter().map(|item| self.get(journal(item))).collect()
    }

    /// All of them.
    pub(super) fn into_names(self) -> impl Iterator<Item = (JournalId, i32)> {
        self.0.into_iter()
    }
}

/// Gives journals that have no number the next ones, and tells the numbers of all that are named.
async fn name(
    connection: &mut PgConnection,
    ids: &[JournalId],
) -> Result<Vec<(JournalId, i32)>, Trouble> {
    let text = "WITH come AS MATERIALIZED (SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[]) \
                AS c (province, author, epoch)), \
                given AS (INSERT INTO journal (local, province, author, epoch) \
                SELECT (SELECT coalesce(max(local), 0) FROM journal) + row_number() OVER (), \
                province, author, epoch FROM come c \
                WHERE NOT EXISTS (SELECT FROM journal j \
                WHERE (j.province, j.author, j.epoch) = (c.province, c.author, c.epoch)) \
                RETURNING author, epoch, local) \
                SELECT * FROM given UNION ALL \
                SELECT j.author, j.epoch, j.local FROM come c JOIN journal j USING (province, author, epoch)";
    let rows = query(text)
        .bind(list(ids, |id| province(id.author)))
        .bind(list(ids, |id| code(id.author)))
        .bind(list(ids, |id| id.epoch.0.to_vec()))
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok((journal(row, 0)?, column(row, 2)?))).collect()
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
    connection: &mut PgConnection,
    given: &Numbers,
    journals: &[(JournalRecord, u64)],
) -> Result<(), Trouble> {
    if journals.is_empty() {
        return Ok(());
    }
    let text = "SELECT j.local, j.size FROM unnest($1::int2[], $2::int4[]) AS w (province, local) \
                JOIN journal j USING (province, local)";
    let rows = query(text)
        .bind(list(journals, |(journal, _)| province(journal.id.author)))
        .bind(given.list(journals, |(journal, _)| journal.id)?)
        .fetch_all(connection)
        .await?;
    let mut sizes: HashMap<i32, u64> = HashMap::new();
    for row in &rows {
        sizes.insert(column(row, 0)?, number(row, 1)?);
    }
    for (journal, expected) in journals {
        let size = sizes.get(&given.get(journal.id)?).copied().unwrap_or_default();
        if size != *expected {
            let text = format!("journal {} has {size} entries, not {expected}", journal.id);
            return Err(StoreError::Conflict(text).into());
        }
    }
    Ok(())
}

/// Writes journals and tiles.
pub(super) async fn write(
    connection: &mut PgConnection,
    given: &Numbers,
    batch: &Batch,
) -> Result<(), Trouble> {
    write_journals(connection, given, &batch.journals).await?;
    write_tiles(connection, given, &batch.tiles).await
}

async fn write_journals(
    connection: &mut PgConnection,
    given: &Numbers,
    items: &[(JournalRecord, u64)],
) -> Result<(), Trouble> {
    let records: Vec<&JournalRecord> = items.iter().map(|(record, _)| record).collect();
    let items = &latest(&records, |record| record.id);
    if items.is_empty() {
        return Ok(());
    }
    let text = "UPDATE journal j SET algorithm = c.algorithm, key = c.key, \
                admitted_author = c.admitted_author, admitted_epoch = c.admitted_epoch, \
                admitted_sequence = c.admitted_sequence, whole = c.whole, size = c.size, \
                frontier = c.frontier, checkpoint = c.checkpoint, stored_at = c.stored_at \
                FROM unnest($1::int2[], $2::int4[], $3::int4[], $4::bytea[], $5::int8[], $6::bytea[], \
                $7::int8[], $8::bool[], $9::int8[], $10::bytea[], $11::bytea[], $12::int8[]) \
                AS c (province, local, algorithm, key, admitted_author, admitted_epoch, admitted_sequence, \
                whole, size, frontier, checkpoint, stored_at) \
                WHERE j.province = c.province AND j.local = c.local";
    let admission = |of: &dyn Fn(EntryId) -> i64| {
        items.iter().map(|record| record.admitted_by.map(of)).collect::<Vec<Option<i64>>>()
    };
    let sequences = items.iter().map(|record| record.admitted_by.map(|by| signed(by.sequence)));
    let sequences = sequences.map(Option::transpose).collect::<Result<Vec<_>, _>>()?;
    query(text)
        .bind(list(items, |record| province(record.id.author)))
        .bind(given.list(items, |record| record.id)?)
        .bind(list(items, |_| Algorithm::Ed25519 as i32))
        .bind(list(items, |record| record.key.bytes().to_vec()))
        .bind(admission(&|by| code(by.journal.author)))
        .bind(list(items, |record| record.admitted_by.map(|by| by.journal.epoch.0.to_vec())))
        .bind(sequences)
        .bind(list(items, |record| record.whole))
        .bind(numbers(items, |record| record.frontier.size())?)
        .bind(list(items, |record| record.frontier.encode()))
        .bind(list(items, |record| record.checkpoint.clone()))
        .bind(list(items, |record| record.stored_at))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_tiles(
    connection: &mut PgConnection,
    given: &Numbers,
    items: &[(JournalId, Tile)],
) -> Result<(), Trouble> {
    let items = &latest(items, |(journal, tile)| (*journal, tile.id.level, tile.id.number));
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO tile (province, journal, level, number, hashes) \
                SELECT * FROM unnest($1::int2[], $2::int4[], $3::int2[], $4::int8[], $5::bytea[]) \
                ON CONFLICT (province, journal, level, number) DO UPDATE SET hashes = excluded.hashes";
    query(text)
        .bind(list(items, |(journal, _)| province(journal.author)))
        .bind(given.list(items, |(journal, _)| *journal)?)
        .bind(list(items, |(_, tile)| i16::from(tile.id.level)))
        .bind(numbers(items, |(_, tile)| tile.id.number)?)
        .bind(list(items, |(_, tile)| tile.encode()))
        .execute(connection)
        .await?;
    Ok(())
}

/// One journal, if its admission is known.
pub(super) async fn one(pool: &PgPool, id: JournalId) -> Result<Option<JournalRecord>, Trouble> {
    let text = "SELECT author, epoch, algorithm, key, admitted_author, admitted_epoch, \
                admitted_sequence, whole, size, frontier, checkpoint, stored_at FROM journal \
                WHERE province = $1 AND author = $2 AND epoch = $3 AND key IS NOT NULL";
    let asked = query(text).bind(province(id.author)).bind(code(id.author));
    let found = asked.bind(id.epoch.0.to_vec()).fetch_optional(pool).await?;
    found.as_ref().map(read_journal).transpose()
}

/// All known journals, in order.
pub(super) async fn all(pool: &PgPool) -> Result<Vec<JournalRecord>, Trouble> {
    let text = "SELECT author, epoch, algorithm, key, admitted_author, admitted_epoch, \
                admitted_sequence, whole, size, frontier, checkpoint, stored_at \
                FROM journal WHERE key IS NOT NULL ORDER BY author, epoch";
    query(text).fetch_all(pool).await?.iter().map(read_journal).collect()
}

/// The journals of an office, in order.
pub(super) async fn of(pool: &PgPool, office: DivisionCode) -> Result<Vec<JournalRecord>, Trouble> {
    let text = "SELECT author, epoch, algorithm, key, admitted_author, admitted_epoch, \
                admitted_sequence, whole, size, frontier, checkpoint, stored_at FROM journal \
                WHERE province = $1 AND author = $2 AND key IS NOT NULL ORDER BY epoch";
    let asked = query(text).bind(province(office)).bind(code(office));
    asked.fetch_all(pool).await?.iter().map(read_journal).collect()
}

/// How far each journal reaches that is held from its beginning, in order.
pub(super) async fn reaches(pool: &PgPool) -> Result<Vec<Reach>, Trouble> {
    let text = "SELECT author, epoch, size, frontier, stored_at FROM journal \
                WHERE whole AND key IS NOT NULL ORDER BY author, epoch";
    let read = |row: &PgRow| {
        let (journal, size) = (journal(row, 0)?, number(row, 2)?);
        let frontier = bytes(row, 3, |bytes| Frontier::read(size, bytes))?;
        Ok(Reach { journal, frontier, stored_at: column(row, 4)? })
    };
    query(text).fetch_all(pool).await?.iter().map(read).collect()
}

fn read_journal(row: &PgRow) -> Result<JournalRecord, Trouble> {
    let id = journal(row, 0)?;
    let algorithm: i32 = column(row, 2)?;
    let key = JournalKey::read(algorithm.cast_unsigned(), column(row, 3)?)
        .map_err(|error| damaged(format!("the key of journal {id}: {error}")))?;
    let size = number(row, 8)?;
    let frontier = bytes(row, 9, |bytes| Frontier::read(size, bytes))?;
    let (whole, checkpoint) = (column(row, 7)?, column(row, 10)?);
    let (admitted_by, stored_at) = (admitted_by(row)?, column(row, 11)?);
    Ok(JournalRecord { id, key, admitted_by, whole, frontier, checkpoint, stored_at })
}

fn admitted_by(row: &PgRow) -> Result<Option<EntryId>, Trouble> {
    if column::<Option<i64>>(row, 6)?.is_none() {
        return Ok(None);
    }
    let journal = JournalId { author: division(row, 4)?, epoch: bytes(row, 5, Epoch::read)? };
    Ok(Some(EntryId { journal, sequence: number(row, 6)? }))
}

/// Those of the named tiles that are kept.
pub(super) async fn tiles(
    pool: &PgPool,
    (id, local): (JournalId, i32),
    ids: &[TileId],
) -> Result<Vec<Tile>, Trouble> {
    // One look-up for each: joined as usual, all tiles of the journal would be read.
    let text = "SELECT t.level, t.number, t.hashes FROM unnest($3::int2[], $4::int8[]) AS w (level, number) \
                CROSS JOIN LATERAL (SELECT * FROM tile t WHERE t.province = $1 AND t.journal = $2 \
                AND t.level = w.level AND t.number = w.number LIMIT 1) t";
    let rows = query(text)
        .bind(province(id.author))
        .bind(local)
        .bind(list(ids, |id| i16::from(id.level)))
        .bind(numbers(ids, |id| id.number)?)
        .fetch_all(pool)
        .await?;
    let read = |row| {
        let id = TileId { level: small(row, 0)?, number: number(row, 1)? };
        bytes(row, 2, |bytes| Tile::read(id, bytes))
    };
    rows.iter().map(read).collect()
}
