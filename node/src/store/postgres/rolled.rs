//! Entries on rolls, and sketches of what cases say.

use sqlx::{PgConnection, PgPool, query, query_scalar};
use terrace_proto::alike::Sketch;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;

use super::column::{
    bound, bytes, code, column, division, journal, list, number, numbers, province, signed, small,
};
use super::fault::{Trouble, damaged};
use super::latest::latest;
use crate::store::{Batch, Rolled, SketchRecord};

/// Writes what a batch has of both.
pub(super) async fn write(connection: &mut PgConnection, batch: &Batch) -> Result<(), Trouble> {
    write_rolled(connection, &batch.rolled).await?;
    write_sketches(connection, &batch.sketches).await?;
    let Some(row) = batch.sketched else { return Ok(()) };
    let text = "UPDATE held SET sketched = $1";
    query(text).bind(signed(row)?).execute(connection).await?;
    Ok(())
}

async fn write_rolled(connection: &mut PgConnection, items: &[Rolled]) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "WITH come AS MATERIALIZED ( \
                SELECT DISTINCT ON (province, author, epoch, sequence) * \
                FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::int8[], $6::bytea[]) \
                WITH ORDINALITY AS c (province, author, epoch, sequence, roll, id, nth) \
                ORDER BY province, author, epoch, sequence, nth) \
                INSERT INTO rolled (position, province, author, epoch, sequence, roll, id) \
                SELECT (SELECT coalesce(max(position + 0), 0) FROM rolled) + row_number() OVER (ORDER BY nth), \
                province, author, epoch, sequence, roll, id FROM come c \
                WHERE NOT EXISTS (SELECT FROM rolled r WHERE (r.province, r.author, r.epoch, r.sequence) = \
                (c.province, c.author, c.epoch, c.sequence))";
    query(text)
        .bind(list(items, |one| province(one.entry.journal.author)))
        .bind(list(items, |one| code(one.entry.journal.author)))
        .bind(list(items, |one| one.entry.journal.epoch.0.to_vec()))
        .bind(numbers(items, |one| one.entry.sequence)?)
        .bind(list(items, |one| i64::from(one.roll)))
        .bind(list(items, |one| one.case.map(|case| case.0.to_vec())))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_sketches(
    connection: &mut PgConnection,
    items: &[SketchRecord],
) -> Result<(), Trouble> {
    let items = &latest(items, |one| (one.place, one.row));
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO sketch (province, place, row, id, category, sketch) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::int8[], $4::bytea[], $5::int2[], \
                $6::bytea[]) ON CONFLICT (province, place, row) DO UPDATE SET sketch = excluded.sketch";
    query(text)
        .bind(list(items, |one| province(one.place)))
        .bind(list(items, |one| code(one.place)))
        .bind(numbers(items, |one| one.row)?)
        .bind(list(items, |one| one.case.0.to_vec()))
        .bind(list(items, |one| i16::from(one.category)))
        .bind(list(items, |one| one.sketch.bytes().to_vec()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Entries of a roll before a place in its order, the newest here first.
pub(super) async fn on(
    pool: &PgPool,
    (roll, author): (u32, Option<DivisionCode>),
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, Rolled)>, Trouble> {
    let text = match author {
        Some(_) => {
            "SELECT author, epoch, sequence, id, position FROM rolled \
             WHERE roll = $1 AND position < $2 AND author = $4 ORDER BY position DESC LIMIT $3"
        }
        None => {
            "SELECT author, epoch, sequence, id, position FROM rolled \
             WHERE roll = $1 AND position < $2 ORDER BY position DESC LIMIT $3"
        }
    };
    let mut asked = query(text).bind(i64::from(roll)).bind(bound(before)).bind(i64::from(limit));
    if let Some(author) = author {
        asked = asked.bind(code(author));
    }
    let rows = asked.fetch_all(pool).await?;
    let read = |row| {
        let entry = EntryId { journal: journal(row, 0)?, sequence: number(row, 2)? };
        let case: Option<&[u8]> = column(row, 3)?;
        let wrong = || damaged("the id of a case has another length");
        let case = case.map(|id| CaseId::read(id).ok_or_else(wrong)).transpose()?;
        Ok((number(row, 4)?, Rolled { entry, roll, case }))
    };
    rows.iter().map(read).collect()
}

/// Sketches of one place behind a row, in order.
pub(super) async fn sketches(
    pool: &PgPool,
    place: DivisionCode,
    after: u64,
    limit: u32,
) -> Result<Vec<SketchRecord>, Trouble> {
    let text = "SELECT place, row, id, category, sketch FROM sketch \
                WHERE province = $1 AND place = $2 AND row > $3 ORDER BY row LIMIT $4";
    let asked = query(text).bind(province(place)).bind(code(place));
    let rows = asked.bind(bound(after)).bind(i64::from(limit)).fetch_all(pool).await?;
    let read = |row| {
        Ok(SketchRecord {
            place: division(row, 0)?,
            row: number(row, 1)?,
            case: bytes(row, 2, CaseId::read)?,
            category: small(row, 3)?,
            sketch: bytes(row, 4, Sketch::read)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Up to which row of the cases there are sketches.
pub(super) async fn sketched(pool: &PgPool) -> Result<u64, Trouble> {
    let row: i64 = query_scalar("SELECT sketched FROM held").fetch_one(pool).await?;
    u64::try_from(row).map_err(|_| damaged("a row is negative"))
}
