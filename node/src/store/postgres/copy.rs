//! Many new rows as `COPY` takes them in binary (批量写入): about twice as quick as arrays, and for rows alone that cannot be
//! there already, since `COPY` knows no conflict to settle.
//!
//! Rows are sent while further ones are put together, so that both ends work. It knows nothing of what a column means.

use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;

use super::fault::Trouble;

/// As many rows as make it worth while.
pub(super) const MANY: usize = 256;
/// Bytes sent at once.
const PIECE: usize = 64 * 1024;
/// Signature, flags and extension of the binary format.
const HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What stands in the place of a length where there is no value.
const NULL: i32 = -1;
/// What stands in the place of a row behind the last.
const END: i16 = -1;

/// Rows on their way into one table.
pub(super) struct Copy<'c> {
    into: PgCopyIn<&'c mut PgConnection>,
    piece: Vec<u8>,
    columns: i16,
}

/// One row, column by column.
pub(super) struct Columns<'p>(&'p mut Vec<u8>);

impl<'c> Copy<'c> {
    /// Begins; `columns` are named in the order in which [`Columns`] are put.
    pub(super) async fn into(
        connection: &'c mut PgConnection,
        table: &str,
        columns: &[&str],
    ) -> Result<Self, Trouble> {
        let names = columns.join(", ");
        let text = format!("COPY {table} ({names}) FROM STDIN (FORMAT binary)");
        let into = connection.copy_in_raw(&text).await?;
        let columns = i16::try_from(columns.len()).expect("a table has few columns");
        Ok(Self { into, piece: HEAD.to_vec(), columns })
    }

    /// Sends a row.
    pub(super) async fn row(&mut self, put: impl FnOnce(Columns<'_>)) -> Result<(), Trouble> {
        self.piece.extend(self.columns.to_be_bytes());
        put(Columns(&mut self.piece));
        if self.piece.len() >= PIECE {
            self.into.send(self.piece.as_slice()).await?;
            self.piece.clear();
        }
        Ok(())
    }

    /// Ends; how many rows were written.
    pub(super) async fn finish(mut self) -> Result<u64, Trouble> {
        self.piece.extend(END.to_be_bytes());
        self.into.send(self.piece.as_slice()).await?;
        Ok(self.into.finish().await?)
    }
}

impl Columns<'_> {
    pub(super) fn bytes(self, value: &[u8]) -> Self {
        let length = i32::try_from(value.len()).expect("a value is shorter than a message");
        self.0.extend(length.to_be_bytes());
        self.0.extend(value);
        self
    }

    /// Bytes of several pieces.
    pub(super) fn pieces<'v>(self, size: usize, pieces: impl Iterator<Item = &'v [u8]>) -> Self {
        let length = i32::try_from(size).expect("a value is shorter than a message");
        self.0.extend(length.to_be_bytes());
        pieces.for_each(|piece| self.0.extend(piece));
        self
    }

    pub(super) fn maybe<T>(self, value: Option<T>, put: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => put(self, value),
            None => {
                self.0.extend(NULL.to_be_bytes());
                self
            }
        }
    }

    pub(super) fn int2(self, value: i16) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn int4(self, value: i32) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn int8(self, value: i64) -> Self {
        self.bytes(&value.to_be_bytes())
    }

    pub(super) fn bool(self, value: bool) -> Self {
        self.bytes(&[value.into()])
    }
}
