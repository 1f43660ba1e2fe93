//! What offices signed about each other's journals: cosignatures, watched heads, what was raised.

use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, query};
use terrace_proto::digest::Digest;
use terrace_proto::entry::{EntryId, JournalId};

use super::column::{bound, bytes, code, column, journal, list, number, numbers, province, words};
use super::fault::Trouble;
use super::latest::latest;
use crate::store::{Batch, Cosignature, HeadRecord, RaisedRecord};

/// Writes what a batch has of all these.
pub(super) async fn write(connection: &mut PgConnection, batch: &Batch) -> Result<(), Trouble> {
    write_cosignatures(connection, &batch.cosignatures).await?;
    write_heads(connection, &batch.heads).await?;
    write_raised(connection, &batch.raised).await
}

async fn write_cosignatures(
    connection: &mut PgConnection,
    items: &[Cosignature],
) -> Result<(), Trouble> {
    let items = &latest(items, |signed| (signed.journal, signed.by));
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO cosignature (province, author, epoch, by_author, by_epoch, size, root, at, line) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::bytea[], \
                $6::int8[], $7::bytea[], $8::int8[], $9::bytea[]) \
                ON CONFLICT (province, author, epoch, by_author, by_epoch) DO UPDATE SET \
                size = excluded.size, root = excluded.root, at = excluded.at, line = excluded.line";
    query(text)
        .bind(list(items, |signed| province(signed.journal.author)))
        .bind(list(items, |signed| code(signed.journal.author)))
        .bind(list(items, |signed| signed.journal.epoch.0.to_vec()))
        .bind(list(items, |signed| code(signed.by.author)))
        .bind(list(items, |signed| signed.by.epoch.0.to_vec()))
        .bind(numbers(items, |signed| signed.size)?)
        .bind(list(items, |signed| signed.root.0.to_vec()))
        .bind(numbers(items, |signed| signed.at)?)
        .bind(list(items, |signed| signed.line.clone().into_bytes()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_heads(connection: &mut PgConnection, items: &[HeadRecord]) -> Result<(), Trouble> {
    let items = &latest(items, |head| head.journal);
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO head (province, author, epoch, size, root, note, seen_at) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::bytea[], \
                $6::bytea[], $7::int8[]) ON CONFLICT (province, author, epoch) DO UPDATE SET \
                size = excluded.size, root = excluded.root, note = excluded.note, seen_at = excluded.seen_at";
    query(text)
        .bind(list(items, |head| province(head.journal.author)))
        .bind(list(items, |head| code(head.journal.author)))
        .bind(list(items, |head| head.journal.epoch.0.to_vec()))
        .bind(numbers(items, |head| head.size)?)
        .bind(list(items, |head| head.root.0.to_vec()))
        .bind(list(items, |head| head.note.clone()))
        .bind(list(items, |head| head.seen_at))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_raised(
    connection: &mut PgConnection,
    items: &[RaisedRecord],
) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "WITH come AS MATERIALIZED ( \
                SELECT DISTINCT ON (province, by_author, by_epoch, sequence) * \
                FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::int8[], $6::int8[], \
                $7::bytea[], $8::int8[], $9::bytea[], $10::int8[]) WITH ORDINALITY \
                AS c (province, by_author, by_epoch, sequence, kind, author, epoch, place, gist, raised_at, nth) \
                ORDER BY province, by_author, by_epoch, sequence, nth) \
                INSERT INTO raised (position, province, by_author, by_epoch, sequence, kind, author, epoch, \
                place, gist, raised_at) \
                SELECT (SELECT coalesce(max(position), 0) FROM raised) + row_number() OVER (ORDER BY nth), \
                province, by_author, by_epoch, sequence, kind, author, epoch, place, gist, raised_at \
                FROM come c WHERE NOT EXISTS (SELECT FROM raised r \
                WHERE (r.province, r.by_author, r.by_epoch, r.sequence) = \
                (c.province, c.by_author, c.by_epoch, c.sequence))";
    query(text)
        .bind(list(items, |raised| province(raised.entry.journal.author)))
        .bind(list(items, |raised| code(raised.entry.journal.author)))
        .bind(list(items, |raised| raised.entry.journal.epoch.0.to_vec()))
        .bind(numbers(items, |raised| raised.entry.sequence)?)
        .bind(list(items, |raised| i64::from(raised.kind)))
        .bind(list(items, |raised| code(raised.about.author)))
        .bind(list(items, |raised| raised.about.epoch.0.to_vec()))
        .bind(numbers(items, |raised| raised.place)?)
        .bind(list(items, |raised| raised.gist.0.to_vec()))
        .bind(list(items, |raised| raised.raised_at))
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest cosignature on a journal by each who signed it.
pub(super) async fn cosignatures(
    pool: &PgPool,
    signed: JournalId,
) -> Result<Vec<Cosignature>, Trouble> {
    let text = "SELECT by_author, by_epoch, size, root, at, line FROM cosignature \
                WHERE province = $1 AND author = $2 AND epoch = $3 ORDER BY by_author, by_epoch";
    let asked = query(text).bind(province(signed.author)).bind(code(signed.author));
    let rows = asked.bind(signed.epoch.0.to_vec()).fetch_all(pool).await?;
    let read = |row| {
        let (by, size) = (journal(row, 0)?, number(row, 2)?);
        let (root, at, line) = (bytes(row, 3, Digest::read)?, number(row, 4)?, words(row, 5)?);
        Ok(Cosignature { journal: signed, by, size, root, at, line })
    };
    rows.iter().map(read).collect()
}

/// The head of a watched journal.
pub(super) async fn head(pool: &PgPool, watched: JournalId) -> Result<Option<HeadRecord>, Trouble> {
    let text = "SELECT size, root, note, seen_at FROM head \
                WHERE province = $1 AND author = $2 AND epoch = $3";
    let asked = query(text).bind(province(watched.author)).bind(code(watched.author));
    let found = asked.bind(watched.epoch.0.to_vec()).fetch_optional(pool).await?;
    let read = |row: &PgRow| {
        let (size, root) = (number(row, 0)?, bytes(row, 1, Digest::read)?);
        let (note, seen_at) = (column(row, 2)?, column(row, 3)?);
        Ok(HeadRecord { journal: watched, size, root, note, seen_at })
    };
    found.as_ref().map(read).transpose()
}

fn read_raised(row: &PgRow) -> Result<RaisedRecord, Trouble> {
    Ok(RaisedRecord {
        entry: EntryId { journal: journal(row, 0)?, sequence: number(row, 2)? },
        kind: number(row, 3)?,
        about: journal(row, 4)?,
        place: number(row, 6)?,
        gist: bytes(row, 7, Digest::read)?,
        raised_at: column(row, 8)?,
    })
}

/// What was raised, the newest here first, before a place in that order.
pub(super) async fn raised(
    pool: &PgPool,
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, RaisedRecord)>, Trouble> {
    let text = "SELECT by_author, by_epoch, sequence, kind, author, epoch, place, gist, raised_at, \
                position FROM raised WHERE position < $1 ORDER BY position DESC LIMIT $2";
    let rows = query(text).bind(bound(before)).bind(i64::from(limit)).fetch_all(pool).await?;
    rows.iter().map(|row| Ok((number(row, 9)?, read_raised(row)?))).collect()
}

/// What was raised with a gist.
pub(super) async fn with_gist(pool: &PgPool, gist: Digest) -> Result<Vec<RaisedRecord>, Trouble> {
    let text = "SELECT by_author, by_epoch, sequence, kind, author, epoch, place, gist, raised_at \
                FROM raised WHERE gist = $1 ORDER BY position";
    let rows = query(text).bind(gist.0.to_vec()).fetch_all(pool).await?;
    rows.iter().map(read_raised).collect()
}
