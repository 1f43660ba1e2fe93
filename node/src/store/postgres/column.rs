//! Columns: many rows as one array a column on the way in, single values on the way out.
//!
//! A statement of this store takes all rows of a batch at once (`unnest`), however many there are, so that its text is
//! prepared once and is never made of data.

use jiff::Timestamp;
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row as _, Type};
use terrace_proto::digest::Epoch;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;

use super::fault::{Trouble, damaged};
use crate::store::StoreError;

/// What a province's code is multiplied with in a division's.
const BELOW_PROVINCE: u64 = 10_000_000_000;

/// The province a division lies in, as the tables name it; 0 for the root.
pub(super) fn province(division: DivisionCode) -> i16 {
    i16::try_from(division.number() / BELOW_PROVINCE).expect("two digits")
}

/// One column of some rows.
pub(super) fn list<T, U>(items: &[T], of: impl Fn(&T) -> U) -> Vec<U> {
    items.iter().map(of).collect()
}

/// One column of numbers, which must fit PostgreSQL's signed ones.
pub(super) fn numbers<T>(items: &[T], of: impl Fn(&T) -> u64) -> Result<Vec<i64>, StoreError> {
    items.iter().map(|item| signed(of(item))).collect()
}

/// A number as PostgreSQL counts.
pub(super) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number)
        .map_err(|_| StoreError::Conflict(format!("{number} is more than this store can count to")))
}

/// The code of a division as a number that is signed.
pub(super) fn code(division: DivisionCode) -> i64 {
    division.number().cast_signed()
}

/// A number as the bound of a search: nothing stored lies beyond the largest signed one.
pub(super) fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A column of a row.
pub(super) fn column<'r, T>(row: &'r PgRow, index: usize) -> Result<T, Trouble>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
{
    Ok(row.try_get(index)?)
}

/// A column that holds a number that is not negative, and not more than it is read as.
pub(super) fn number<T: TryFrom<u64>>(row: &PgRow, index: usize) -> Result<T, Trouble> {
    let stored: i64 = column(row, index)?;
    let number = u64::try_from(stored).ok().and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| damaged(format!("{stored} cannot stand here")))
}

/// A column of small numbers.
pub(super) fn small(row: &PgRow, index: usize) -> Result<u8, Trouble> {
    let stored: i16 = column(row, index)?;
    u8::try_from(stored).map_err(|_| damaged(format!("{stored} cannot stand here")))
}

/// A column that holds an hour, in milliseconds since 1970 UTC.
pub(super) fn hour(row: &PgRow, index: usize) -> Result<Timestamp, Trouble> {
    Timestamp::from_millisecond(column(row, index)?).map_err(|error| damaged(error.to_string()))
}

/// A column that holds a fixed number of bytes, read by `read`.
pub(super) fn bytes<T>(
    row: &PgRow,
    index: usize,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Result<T, Trouble> {
    read(column(row, index)?).ok_or_else(|| damaged("bytes do not have their form"))
}

/// A column that holds words.
pub(super) fn words(row: &PgRow, index: usize) -> Result<String, Trouble> {
    String::from_utf8(column(row, index)?).map_err(|_| damaged("words are not UTF-8"))
}

/// A column that holds the code of a division.
pub(super) fn division(row: &PgRow, index: usize) -> Result<DivisionCode, Trouble> {
    DivisionCode::from_number(number(row, index)?).map_err(|error| damaged(error.to_string()))
}

/// Two columns that name a journal.
pub(super) fn journal(row: &PgRow, index: usize) -> Result<JournalId, Trouble> {
    Ok(JournalId { author: division(row, index)?, epoch: bytes(row, index + 1, Epoch::read)? })
}
