//! Cells, and which cases were counted in them.

use jiff::civil::Date;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, PgPool, query};
use terrace_proto::digest::CaseId;
use terrace_proto::entry::header::{date_of, days_of};
use terrace_proto::figure::Figure;
use terrace_proto::figure::cell::{Cell, Grain};
use terrace_proto::figure::measured::Measured;
use terrace_proto::figure::share::Share;

use super::column::{bytes, code, column, division, list, number, numbers, province, small};
use super::fault::{Trouble, damaged};
use super::latest::latest;
use crate::store::{Batch, CellsAsked, CountedAsked, CountedRecord, StoreError};

/// Writes what a batch has of both.
pub(super) async fn write(connection: &mut PgConnection, batch: &Batch) -> Result<(), Trouble> {
    write_cells(connection, &batch.cells.cells().collect::<Vec<_>>()).await?;
    strike(connection, &batch.uncounted).await?;
    write_counted(connection, &batch.counted).await
}

async fn write_cells(
    connection: &mut PgConnection,
    cells: &[(Cell, i64, i64)],
) -> Result<(), Trouble> {
    if cells.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO cell (province, division, grain, begins, figure, facet, part, whole) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int4[], $5::int2[], $6::int4[], \
                $7::int8[], $8::int8[]) ON CONFLICT (province, division, grain, begins, figure, facet) \
                DO UPDATE SET part = cell.part + excluded.part, whole = cell.whole + excluded.whole";
    query(text)
        .bind(list(cells, |one| province(one.0.division)))
        .bind(list(cells, |one| code(one.0.division)))
        .bind(list(cells, |one| i16::from(one.0.grain.number())))
        .bind(list(cells, |one| days_of(one.0.from)))
        .bind(list(cells, |one| figure_number(one.0.figure)))
        .bind(facets(cells, |one| one.0.facet)?)
        .bind(list(cells, |one| one.1))
        .bind(list(cells, |one| one.2))
        .execute(connection)
        .await?;
    Ok(())
}

/// What cases add no longer.
async fn strike(connection: &mut PgConnection, items: &[CountedRecord]) -> Result<(), Trouble> {
    if items.is_empty() {
        return Ok(());
    }
    let text = "DELETE FROM counted c USING unnest($1::int2[], $2::int8[], $3::int2[], $4::int4[], $5::int4[], \
                $6::bytea[]) AS gone (province, office, figure, day, facet, id) \
                WHERE (c.province, c.office, c.figure, c.day, c.facet, c.id) = \
                (gone.province, gone.office, gone.figure, gone.day, gone.facet, gone.id)";
    query(text)
        .bind(list(items, |one| province(one.measured.office)))
        .bind(list(items, |one| code(one.measured.office)))
        .bind(list(items, |one| figure_number(one.measured.figure)))
        .bind(list(items, |one| days_of(one.measured.day)))
        .bind(facets(items, |one| one.measured.facet)?)
        .bind(list(items, |one| one.case.0.to_vec()))
        .execute(connection)
        .await?;
    Ok(())
}

async fn write_counted(
    connection: &mut PgConnection,
    items: &[CountedRecord],
) -> Result<(), Trouble> {
    let items = &latest(items, |one| {
        let Measured { figure, facet, office, day, .. } = one.measured;
        (figure.number(), facet, office, day, one.case)
    });
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO counted (province, office, figure, day, facet, id, part, whole) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::int2[], $4::int4[], $5::int4[], $6::bytea[], \
                $7::int8[], $8::int8[]) ON CONFLICT (province, office, figure, day, facet, id) \
                DO UPDATE SET part = excluded.part, whole = excluded.whole";
    query(text)
        .bind(list(items, |one| province(one.measured.office)))
        .bind(list(items, |one| code(one.measured.office)))
        .bind(list(items, |one| figure_number(one.measured.figure)))
        .bind(list(items, |one| days_of(one.measured.day)))
        .bind(facets(items, |one| one.measured.facet)?)
        .bind(list(items, |one| one.case.0.to_vec()))
        .bind(numbers(items, |one| one.measured.share.of)?)
        .bind(numbers(items, |one| one.measured.share.all)?)
        .execute(connection)
        .await?;
    Ok(())
}

fn figure_number(figure: Figure) -> i16 {
    i16::try_from(figure.number()).expect("there are few figures")
}

fn facets<T>(items: &[T], of: impl Fn(&T) -> u32) -> Result<Vec<i32>, StoreError> {
    let signed = |facet: u32| {
        let text = || StoreError::Conflict(format!("{facet} is more than a facet can be"));
        i32::try_from(facet).map_err(|_| text())
    };
    items.iter().map(|one| signed(of(one))).collect()
}

/// The cells of some divisions that begin between two days, in any order.
pub(super) async fn cells(
    pool: &PgPool,
    asked: &CellsAsked,
) -> Result<Vec<(Cell, Share)>, Trouble> {
    let text = "SELECT c.division, c.grain, c.begins, c.figure, c.facet, c.part, c.whole \
                FROM unnest($1::int2[], $2::int8[]) AS w (province, division) \
                JOIN cell c ON c.province = w.province AND c.division = w.division \
                WHERE c.grain = $3 AND c.begins BETWEEN $4 AND $5 AND (c.part, c.whole) <> (0, 0) \
                AND ($6::int2 IS NULL OR c.figure = $6)";
    let rows = query(text)
        .bind(list(&asked.divisions, |one| province(*one)))
        .bind(list(&asked.divisions, |one| code(*one)))
        .bind(i16::from(asked.grain.number()))
        .bind(days_of(*asked.days.start()))
        .bind(days_of(*asked.days.end()))
        .bind(asked.figure.map(figure_number))
        .fetch_all(pool)
        .await?;
    let read = |row| {
        let grain = Grain::from_number(small(row, 1)?).ok_or_else(|| damaged("no such grain"))?;
        let cell = Cell {
            division: division(row, 0)?,
            grain,
            from: day(row, 2)?,
            figure: figure(row, 3)?,
            facet: facet(row, 4)?,
        };
        Ok((cell, Share { of: number(row, 5)?, all: number(row, 6)? }))
    };
    rows.iter().map(read).collect()
}

/// Up to `limit` cases counted in a figure of an office, in the order of days.
pub(super) async fn counted(
    pool: &PgPool,
    asked: &CountedAsked,
    limit: u32,
) -> Result<Vec<CountedRecord>, Trouble> {
    let CountedAsked { figure: of, office, days, after } = asked;
    let (from, behind, id) = after.unwrap_or((*days.start(), 0, CaseId([0; 16])));
    let text = "SELECT office, figure, day, facet, id, part, whole FROM counted \
                WHERE province = $1 AND office = $2 AND figure = $3 AND day BETWEEN $4 AND $5 \
                AND (day, facet, id) > ($4, $6, $7) ORDER BY day, facet, id LIMIT $8";
    let rows = query(text)
        .bind(province(*office))
        .bind(code(*office))
        .bind(figure_number(*of))
        .bind(days_of(from.max(*days.start())))
        .bind(days_of(*days.end()))
        .bind(i32::try_from(behind).unwrap_or(i32::MAX))
        .bind(id.0.to_vec())
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await?;
    let read = |row| {
        let share = Share { of: number(row, 5)?, all: number(row, 6)? };
        let (office, figure, facet) = (division(row, 0)?, figure(row, 1)?, facet(row, 3)?);
        let measured = Measured { figure, facet, office, day: day(row, 2)?, share };
        Ok(CountedRecord { case: bytes(row, 4, CaseId::read)?, measured })
    };
    rows.iter().map(read).collect()
}

fn day(row: &PgRow, index: usize) -> Result<Date, Trouble> {
    date_of(column(row, index)?).map_err(|_| damaged("no such day"))
}

fn figure(row: &PgRow, index: usize) -> Result<Figure, Trouble> {
    let number = u32::from(small(row, index)?);
    Figure::from_number(number).ok_or_else(|| damaged("no such figure"))
}

fn facet(row: &PgRow, index: usize) -> Result<u32, Trouble> {
    let number: i32 = column(row, index)?;
    u32::try_from(number).map_err(|_| damaged("a facet is negative"))
}
