//! Statements over many rows at once.
//!
//! A list of values is cut into [`pieces`] of few sizes, so that each text is prepared once and then kept
//! by the connection; [`Values`] binds the values of one piece. Texts are made of what stands in this
//! folder and of question marks, never of data.

use std::fmt::Write as _;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{
    Arguments, AssertSqlSafe, Decode, Encode, Executor, Row, Sqlite, SqliteConnection, Type,
};

use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;

use super::fault::{StatementError, damaged, meaning};
use crate::store::StoreError;

/// Rows of a statement, largest first. With at most 20 columns this stays far below SQLite's 32,766
/// bound values; larger statements were not faster.
const STEPS: [usize; 5] = [256, 64, 16, 4, 1];

/// The values of one statement, in the order of its question marks.
#[derive(Debug, Default)]
pub(super) struct Values(SqliteArguments);

impl Values {
    /// Binds one value.
    pub(super) fn put<'t, T>(&mut self, value: T) -> Result<&mut Self, StoreError>
    where
        T: Encode<'t, Sqlite> + Type<Sqlite>,
    {
        self.0.add(value).map_err(|error| StoreError::Conflict(error.to_string()))?;
        Ok(self)
    }

    /// Binds a number, which must fit SQLite's signed ones.
    pub(super) fn put_number(&mut self, number: u64) -> Result<&mut Self, StoreError> {
        let signed = i64::try_from(number).map_err(|_| {
            StoreError::Conflict(format!("{number} is more than this store can count to"))
        })?;
        self.put(signed)
    }

    /// The values, to be sent with a text.
    pub(super) fn into_arguments(self) -> SqliteArguments {
        self.0
    }
}

/// Cuts a list into pieces of the sizes of [`STEPS`].
pub(super) fn pieces<T>(mut items: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let step = STEPS.into_iter().find(|step| *step <= items.len())?;
        let (piece, rest) = items.split_at(step);
        items = rest;
        Some(piece)
    })
}

/// `before`, then `rows` rows of `columns` question marks, then `after`.
pub(super) fn with_rows(before: &str, rows: usize, columns: usize, after: &str) -> String {
    let mut row = String::from("(?");
    (1..columns).for_each(|_| row.push_str(",?"));
    row.push(')');
    let mut text = String::with_capacity(before.len() + after.len() + rows * (row.len() + 1));
    text.push_str(before);
    for index in 0..rows {
        let _ = write!(text, "{}{row}", if index == 0 { "" } else { "," });
    }
    text.push_str(after);
    text
}

/// One statement over many rows of values, an `INSERT` or a `DELETE`: what comes before the values, and what follows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Insert {
    /// Up to and with `VALUES`.
    pub(super) into: &'static str,
    /// How many columns it names.
    pub(super) columns: usize,
    /// What follows the values.
    pub(super) after: &'static str,
}

impl Insert {
    /// Writes all rows, in order, as few statements.
    pub(super) async fn all<T>(
        self,
        connection: &mut SqliteConnection,
        items: &[T],
        bind: impl Fn(&mut Values, &T) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for piece in pieces(items) {
            self.piece(connection, piece, &bind).await?;
        }
        Ok(())
    }

    /// Writes one piece as one statement.
    pub(super) async fn piece<T>(
        self,
        connection: &mut SqliteConnection,
        piece: &[T],
        bind: impl Fn(&mut Values, &T) -> Result<(), StoreError>,
    ) -> Result<(), StatementError> {
        let mut values = Values::default();
        for item in piece {
            bind(&mut values, item)?;
        }
        let text = with_rows(self.into, piece.len(), self.columns, self.after);
        execute(connection, text, values).await
    }
}

/// Runs a text made by [`with_rows`].
async fn execute(
    connection: &mut SqliteConnection,
    text: String,
    values: Values,
) -> Result<(), StatementError> {
    sqlx::query_with(AssertSqlSafe(text), values.into_arguments()).execute(connection).await?;
    Ok(())
}

/// A number as the bound of a search: nothing stored lies beyond the largest signed one.
pub(super) fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads rows with a text that is written out in its file.
pub(super) async fn read<'c, T>(
    executor: impl Executor<'c, Database = Sqlite>,
    text: &'static str,
    values: Values,
    row: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let query = sqlx::query_with(text, values.into_arguments());
    let rows = query.fetch_all(executor).await.map_err(|error| meaning(&error))?;
    rows.iter().map(row).collect()
}

/// Reads rows with a text made by [`with_rows`].
pub(super) async fn read_listed<'c, T>(
    executor: impl Executor<'c, Database = Sqlite>,
    text: String,
    values: Values,
    row: impl Fn(&SqliteRow) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let query = sqlx::query_with(AssertSqlSafe(text), values.into_arguments());
    let rows = query.fetch_all(executor).await.map_err(|error| meaning(&error))?;
    rows.iter().map(row).collect()
}

/// A column of a row.
pub(super) fn column<'r, T>(row: &'r SqliteRow, index: usize) -> Result<T, StoreError>
where
    T: Decode<'r, Sqlite> + Type<Sqlite>,
{
    row.try_get(index).map_err(|error| meaning(&error))
}

/// A column that holds a number that is not negative.
pub(super) fn number(row: &SqliteRow, index: usize) -> Result<u64, StoreError> {
    unsigned(column(row, index)?)
}

/// A column that holds an hour, in milliseconds since 1970 UTC.
pub(super) fn hour(row: &SqliteRow, index: usize) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(column(row, index)?).map_err(|error| damaged(error.to_string()))
}

/// A column that holds a fixed number of bytes, read by `read`.
pub(super) fn bytes<T>(
    row: &SqliteRow,
    index: usize,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Result<T, StoreError> {
    read(column(row, index)?).ok_or_else(|| damaged("bytes do not have their form"))
}

/// A column that holds the code of a division.
pub(super) fn division(row: &SqliteRow, index: usize) -> Result<DivisionCode, StoreError> {
    place_of(number(row, index)?)
}

/// The division with this number.
pub(super) fn place_of(number: u64) -> Result<DivisionCode, StoreError> {
    DivisionCode::from_number(number).map_err(|error| damaged(error.to_string()))
}

/// Two columns that name a journal.
pub(super) fn journal(row: &SqliteRow, index: usize) -> Result<JournalId, StoreError> {
    Ok(JournalId { author: division(row, index)?, epoch: bytes(row, index + 1, Epoch::read)? })
}

/// A stored number that may not be negative.
pub(super) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| damaged("a number is negative"))
}
