//! Announced sealing keys, and the sealed reports that are held.

use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::seal::sealing_key::SUITE;
use terrace_proto::seal::{KeyId, SealingPublic};

use super::fault::damaged;
use super::statement::{Insert, Values, bound, bytes, column, number, read};
use super::witness::{bind_journal, journal_at};
use crate::store::{AnnouncedKey, Batch, ReportRecord, StoreError};

const KEYS: Insert = Insert {
    into: "INSERT INTO sealing_key (author, epoch, sequence, organ, generation, key) VALUES ",
    columns: 6,
    after: " ON CONFLICT (author, epoch, sequence) DO NOTHING",
};

const REPORTS: Insert = Insert {
    into: "INSERT INTO report (author, epoch, sequence, leaf, id, key, recorded_at) VALUES ",
    columns: 7,
    after: " ON CONFLICT (author, epoch, sequence) DO UPDATE SET key = coalesce(key, excluded.key)",
};

/// Writes what a batch has of both.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<(), StoreError> {
    let bind = |values: &mut Values, key: &AnnouncedKey| {
        bind_journal(values, key.entry.journal)?;
        values.put_number(key.entry.sequence)?.put(key.organ.as_str())?.put(key.generation)?;
        values.put(&key.key.bytes()[..])?;
        Ok(())
    };
    KEYS.all(connection, &batch.sealing_keys, bind).await?;
    let bind = |values: &mut Values, report: &ReportRecord| {
        bind_journal(values, report.entry.journal)?;
        values.put_number(report.entry.sequence)?.put(&report.leaf.0[..])?;
        values.put(&report.case.0[..])?.put(report.key.map(|key| key.bytes().to_vec()))?;
        values.put(report.recorded_at)?;
        Ok(())
    };
    REPORTS.all(connection, &batch.reports, bind).await
}

/// The keys an office announced, in the order of epochs and sequences.
pub(super) async fn keys(
    pool: &SqlitePool,
    office: DivisionCode,
) -> Result<Vec<AnnouncedKey>, StoreError> {
    let mut values = Values::default();
    values.put_number(office.number())?;
    let text = "SELECT author, epoch, sequence, organ, generation, key FROM sealing_key \
                WHERE author = ? ORDER BY epoch, sequence";
    read(pool, text, values, |row| {
        let entry = EntryId { journal: journal_at(row, 0)?, sequence: number(row, 2)? };
        let (organ, generation) = (column(row, 3)?, column(row, 4)?);
        let bytes: Vec<u8> = column(row, 5)?;
        let key = SealingPublic::read(SUITE, &bytes).map_err(|error| damaged(error.to_string()))?;
        Ok(AnnouncedKey { entry, organ, generation, key })
    })
    .await
}

/// Sealed reports, the newest here first, before a place in that order.
pub(super) async fn reports(
    pool: &SqlitePool,
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, ReportRecord)>, StoreError> {
    let mut values = Values::default();
    values.put(bound(before))?.put(limit)?;
    let text = "SELECT author, epoch, sequence, leaf, id, key, recorded_at, position FROM report \
                WHERE position < ? ORDER BY position DESC LIMIT ?";
    read(pool, text, values, |row| {
        let key: Option<Vec<u8>> = column(row, 5)?;
        let wrong = || damaged("a key id has another length");
        let report = ReportRecord {
            entry: EntryId { journal: journal_at(row, 0)?, sequence: number(row, 2)? },
            leaf: bytes(row, 3, Digest::read)?,
            case: bytes(row, 4, CaseId::read)?,
            key: key.map(|key| KeyId::read(&key).ok_or_else(wrong)).transpose()?,
            recorded_at: column(row, 6)?,
        };
        Ok((number(row, 7)?, report))
    })
    .await
}
