//! Entries on rolls, and sketches of what cases say.

use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::alike::Sketch;
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::EntryId;

use super::fault::{damaged, meaning};
use super::statement::{Insert, Values, bound, bytes, column, number, place_of, read, unsigned};
use super::witness::{bind_journal, journal_at};
use crate::store::{Batch, Rolled, SketchRecord, StoreError};

const ROLLED: Insert = Insert {
    into: "INSERT INTO rolled (author, epoch, sequence, roll, id) VALUES ",
    columns: 5,
    after: " ON CONFLICT (author, epoch, sequence) DO NOTHING",
};

const OF_ALL: &str = "SELECT author, epoch, sequence, id, position FROM rolled \
     WHERE roll = ? AND position < ? ORDER BY position DESC LIMIT ?";
const OF_ONE: &str = "SELECT author, epoch, sequence, id, position FROM rolled \
     WHERE roll = ? AND author = ? AND position < ? ORDER BY position DESC LIMIT ?";

const SKETCHES: Insert = Insert {
    into: "INSERT INTO sketch (place, row, id, category, sketch) VALUES ",
    columns: 5,
    after: " ON CONFLICT (place, row) DO UPDATE SET sketch = excluded.sketch",
};

/// Writes what a batch has of both.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<(), StoreError> {
    let bind = |values: &mut Values, rolled: &Rolled| {
        bind_journal(values, rolled.entry.journal)?;
        values.put_number(rolled.entry.sequence)?.put(rolled.roll)?;
        values.put(rolled.case.map(|case| case.0.to_vec()))?;
        Ok(())
    };
    ROLLED.all(connection, &batch.rolled, bind).await?;
    let bind = |values: &mut Values, one: &SketchRecord| {
        values.put_number(one.place.number())?.put_number(one.row)?;
        values.put(&one.case.0[..])?.put(one.category)?.put(one.sketch.bytes())?;
        Ok(())
    };
    SKETCHES.all(connection, &batch.sketches, bind).await?;
    let Some(row) = batch.sketched else { return Ok(()) };
    let query = sqlx::query("UPDATE sketched SET row = ?").bind(bound(row));
    query.execute(connection).await.map(drop).map_err(|error| meaning(&error))
}

/// Entries of a roll before a place in its order, the newest here first.
pub(super) async fn on(
    pool: &SqlitePool,
    (roll, author): (u32, Option<DivisionCode>),
    before: u64,
    limit: u32,
) -> Result<Vec<(u64, Rolled)>, StoreError> {
    let mut values = Values::default();
    values.put(roll)?;
    if let Some(author) = author {
        values.put_number(author.number())?;
    }
    values.put(bound(before))?.put(limit)?;
    let text = if author.is_some() { OF_ONE } else { OF_ALL };
    read(pool, text, values, |row| {
        let entry = EntryId { journal: journal_at(row, 0)?, sequence: number(row, 2)? };
        let case: Option<Vec<u8>> = column(row, 3)?;
        let wrong = || damaged("the id of a case has another length");
        let case = case.map(|id| CaseId::read(&id).ok_or_else(wrong)).transpose()?;
        Ok((number(row, 4)?, Rolled { entry, roll, case }))
    })
    .await
}

/// Sketches of one place behind a row, in order.
pub(super) async fn sketches(
    pool: &SqlitePool,
    place: DivisionCode,
    after: u64,
    limit: u32,
) -> Result<Vec<SketchRecord>, StoreError> {
    let mut values = Values::default();
    values.put_number(place.number())?.put(bound(after))?.put(limit)?;
    let text = "SELECT place, row, id, category, sketch FROM sketch \
                WHERE place = ? AND row > ? ORDER BY row LIMIT ?";
    read(pool, text, values, |row| {
        let category: i64 = column(row, 3)?;
        Ok(SketchRecord {
            place: place_of(unsigned(column(row, 0)?)?)?,
            row: number(row, 1)?,
            case: bytes(row, 2, CaseId::read)?,
            category: u8::try_from(category).map_err(|_| damaged("no such category"))?,
            sketch: bytes(row, 4, Sketch::read)?,
        })
    })
    .await
}

/// Up to which row of the cases there are sketches.
pub(super) async fn sketched(pool: &SqlitePool) -> Result<u64, StoreError> {
    let query = sqlx::query_scalar("SELECT row FROM sketched");
    let row: i64 = query.fetch_one(pool).await.map_err(|error| meaning(&error))?;
    unsigned(row)
}
