//! Cells, and which cases were counted in them.

use jiff::civil::Date;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::{Cell, Grain};
use terrace_proto::figure::measured::Measured;
use terrace_proto::figure::share::Share;

use super::fault::damaged;
use super::statement::{
    Insert, Values, bytes, column, division, number, pieces, read, read_listed, with_rows,
};
use crate::store::{Batch, CellsAsked, CountedAsked, CountedRecord, StoreError};

const CELLS: Insert = Insert {
    into: "INSERT INTO cell (division, grain, begins, figure, facet, part, whole) VALUES ",
    columns: 7,
    after: " ON CONFLICT (division, grain, begins, figure, facet) DO UPDATE SET \
            part = part + excluded.part, whole = whole + excluded.whole",
};

const COUNTED: Insert = Insert {
    into: "INSERT INTO counted (office, figure, day, facet, id, part, whole) VALUES ",
    columns: 7,
    after: " ON CONFLICT (office, figure, day, facet, id) DO UPDATE SET part = excluded.part, whole = excluded.whole",
};

const GONE: Insert = Insert {
    into: "DELETE FROM counted WHERE (office, figure, day, facet, id) IN (VALUES ",
    columns: 5,
    after: ")",
};

/// Writes what a batch has of both.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<(), StoreError> {
    let cells: Vec<(Cell, i64, i64)> = batch.cells.cells().collect();
    let bind = |values: &mut Values, (cell, part, whole): &(Cell, i64, i64)| {
        values.put_number(cell.division.number())?.put(cell.grain.number())?;
        values.put(days_of(cell.from))?.put(cell.figure.number())?.put(cell.facet)?;
        values.put(*part)?.put(*whole)?;
        Ok(())
    };
    CELLS.all(connection, &cells, bind).await?;
    GONE.all(connection, &batch.uncounted, key).await?;
    let bind = |values: &mut Values, one: &CountedRecord| {
        key(values, one)?;
        values.put_number(one.measured.share.of)?.put_number(one.measured.share.all)?;
        Ok(())
    };
    COUNTED.all(connection, &batch.counted, bind).await
}

fn key(values: &mut Values, one: &CountedRecord) -> Result<(), StoreError> {
    let Measured { figure, facet, office, day, .. } = one.measured;
    values.put_number(office.number())?.put(figure.number())?;
    values.put(days_of(day))?.put(facet)?.put(&one.case.0[..])?;
    Ok(())
}

/// The cells of some divisions that begin between two days, in any order.
pub(super) async fn cells(
    pool: &SqlitePool,
    asked: &CellsAsked,
) -> Result<Vec<(Cell, Share)>, StoreError> {
    let mut cells = Vec::new();
    for piece in pieces(&asked.divisions) {
        let mut values = Values::default();
        for one in piece {
            values.put_number(one.number())?;
        }
        values.put(asked.grain.number())?;
        values.put(days_of(*asked.days.start()))?.put(days_of(*asked.days.end()))?;
        values.put(asked.figure.map(Figure::number))?;
        let before = "WITH wanted (division) AS (VALUES ";
        let after = ") SELECT c.division, c.grain, c.begins, c.figure, c.facet, c.part, c.whole \
                     FROM wanted w CROSS JOIN cell c USING (division) \
                     WHERE c.grain = ? AND c.begins BETWEEN ? AND ? AND c.figure = coalesce(?, c.figure)";
        let text = with_rows(before, piece.len(), 1, after);
        cells.extend(read_listed(pool, text, values, read_cell).await?);
    }
    cells.retain(|(_, share)| *share != Share::default());
    Ok(cells)
}

fn read_cell(row: &SqliteRow) -> Result<(Cell, Share), StoreError> {
    let cell = Cell {
        division: division(row, 0)?,
        grain: Grain::from_number(column(row, 1)?).ok_or_else(|| damaged("no such grain"))?,
        from: day(row, 2)?,
        figure: figure(row, 3)?,
        facet: column(row, 4)?,
    };
    Ok((cell, Share { of: number(row, 5)?, all: number(row, 6)? }))
}

/// Up to `limit` cases counted in a figure of an office, in the order of days.
pub(super) async fn counted(
    pool: &SqlitePool,
    asked: &CountedAsked,
    limit: u32,
) -> Result<Vec<CountedRecord>, StoreError> {
    let CountedAsked { figure: of, office, days, after } = asked;
    let (from, facet, id) = after.unwrap_or((*days.start(), 0, CaseId([0; 16])));
    let mut values = Values::default();
    values.put_number(office.number())?.put(of.number())?;
    values.put(days_of(from.max(*days.start())))?.put(days_of(*days.end()))?;
    values.put(days_of(from))?.put(facet)?.put(&id.0[..])?.put(limit)?;
    let text = "SELECT office, figure, day, facet, id, part, whole FROM counted \
                WHERE office = ? AND figure = ? AND day BETWEEN ? AND ? AND (day, facet, id) > (?, ?, ?) \
                ORDER BY day, facet, id LIMIT ?";
    read(pool, text, values, |row| {
        let share = Share { of: number(row, 5)?, all: number(row, 6)? };
        let (office, figure, facet) = (division(row, 0)?, figure(row, 1)?, column(row, 3)?);
        let measured = Measured { figure, facet, office, day: day(row, 2)?, share };
        Ok(CountedRecord { case: bytes(row, 4, CaseId::read)?, measured })
    })
    .await
}

fn day(row: &SqliteRow, index: usize) -> Result<Date, StoreError> {
    date_of(column(row, index)?).map_err(|_| damaged("no such day"))
}

fn figure(row: &SqliteRow, index: usize) -> Result<Figure, StoreError> {
    Figure::from_number(column(row, index)?).ok_or_else(|| damaged("no such figure"))
}
