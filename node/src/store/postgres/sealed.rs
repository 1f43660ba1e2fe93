//! Announced sealing keys, and the sealed reports that are held.

use sqlx::{PgConnection, PgPool, query};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;
use terrace_proto::seal::sealing_key::SUITE;
use terrace_proto::seal::{KeyId, SealingPublic};

use super::column::{bound, bytes, code, column, journal, list, number, numbers, province, words};
use super::fault::{Trouble, damaged};
use crate::store::{AnnouncedKey, Batch, ReportRecord};

/// Writes what a batch has of both.
pub(super) async fn write(connection: &mut PgConnection, batch: &Batch) -> Result<(), Trouble> {
    write_keys(connection, &batch.sealing_keys).await?;
    write_reports(connection, &batch.reports).await
}

async fn write_keys(connection: &mut PgConnection, items: &[AnnouncedKey]) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO sealing_key (province, author, epoch, sequence, organ, generation, key) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::bytea[], \
                $6::int8[], $7::bytea[]) ON CONFLICT DO NOTHING";
    query(text)
        .bind(list(items, |one| province(one.entry.journal.author)))
        .bind(list(items, |one| code(one.entry.journal.author)))
        .bind(list(items, |one| one.entry.journal.epoch.0.to_vec()))
        .bind(numbers(items, |one| one.entry.sequence)?)
        .bind(list(items, |one| one.organ.clone().into_bytes()))
        .bind(list(items, |one| i64::from(one.generation)))
        .bind(list(items, |one| one.key.bytes().to_vec()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes reports that are new behind all others, and the keys of those that were known without.
async fn write_reports(
    connection: &mut PgConnection,
    items: &[ReportRecord],
) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "WITH come AS MATERIALIZED ( \
                SELECT DISTINCT ON (province, author, epoch, sequence) province, author, epoch, sequence, leaf, id, \
                key, recorded_at, min(nth) OVER (PARTITION BY province, author, epoch, sequence) AS nth \
                FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::bytea[], $6::bytea[], \
                $7::bytea[], $8::int8[]) WITH ORDINALITY \
                AS c (province, author, epoch, sequence, leaf, id, key, recorded_at, nth) \
                ORDER BY province, author, epoch, sequence, key IS NULL, c.nth), \
                told AS (UPDATE report r SET key = c.key FROM come c \
                WHERE r.key IS NULL AND c.key IS NOT NULL \
                AND (r.province, r.author, r.epoch, r.sequence) = (c.province, c.author, c.epoch, c.sequence)) \
                INSERT INTO report (position, province, author, epoch, sequence, leaf, id, key, recorded_at) \
                SELECT (SELECT coalesce(max(position), 0) FROM report) + row_number() OVER (ORDER BY nth), \
                province, author, epoch, sequence, leaf, id, key, recorded_at FROM come c \
                WHERE NOT EXISTS (SELECT FROM report r WHERE (r.province, r.author, r.epoch, r.sequence) = \
                (c.province, c.author, c.epoch, c.sequence))";
    query(text)
        .bind(list(items, |one| province(one.entry.journal.author)))
        .bind(list(items, |one| code(one.entry.journal.author)))
        .bind(list(items, |one| one.entry.journal.epoch.0.to_vec()))
        .bind(numbers(items, |one| one.entry.sequence)?)
        .bind(list(items, |one| one.leaf.0.to_vec()))
        .bind(list(items, |one| one.case.0.to_vec()))
        .bind(list(items, |one| one.key.map(|key| key.bytes().to_vec())))
        .bind(list(items, |one| one.recorded_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// The keys an office announced, in the order of epochs and sequences.
pub(super) async fn keys(
    pool: &PgPool,
    office: DivisionCode,
) -> Result<Vec<AnnouncedKey>, Trouble> {
    let text = "SELECT author, epoch, sequence, organ, generation, key FROM sealing_key \
                WHERE province = $1 AND author = $2 ORDER BY epoch, sequence";
    let asked = query(text).bind(province(office)).bind(code(office));
    let rows = asked.fetch_all(pool).await?;
    let read = |row| {
        let entry = EntryId { journal: journal(row, 0)?, sequence: number(row, 2)? };
        let (organ, generation) = (words(row, 3)?, number(row, 4)?);
        let key = SealingPublic::read(SUITE, column(row, 5)?);
        let key = key.map_err(|error| damaged(error.to_string()))?;
        Ok(AnnouncedKey { entry, organ, generation, key })
    };
    rows.iter().map(read).collect()
}

/// Sealed reports, the newest here first, before a place in that order.
pub(super) async fn reports(
    pool: &PgPool,
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, ReportRecord)>, Trouble> {
    let text = "SELECT author, epoch, sequence, leaf, id, key, recorded_at, position FROM report \
                WHERE position < $1 ORDER BY position DESC LIMIT $2";
    let rows = query(text).bind(bound(before)).bind(i64::from(limit)).fetch_all(pool).await?;
    let read = |row| {
        let key: Option<&[u8]> = column(row, 5)?;
        let wrong = || damaged("a key id has another length");
        let report = ReportRecord {
            entry: EntryId { journal: journal(row, 0)?, sequence: number(row, 2)? },
            leaf: bytes(row, 3, Digest::read)?,
            case: bytes(row, 4, CaseId::read)?,
            key: key.map(|key| KeyId::read(key).ok_or_else(wrong)).transpose()?,
            recorded_at: column(row, 6)?,
        };
        Ok((number(row, 7)?, report))
    };
    rows.iter().map(read).collect()
}
