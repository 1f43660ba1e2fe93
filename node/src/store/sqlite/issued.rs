//! Rules that offices issued.

use sqlx::{SqliteConnection, SqlitePool};
use terrace_proto::entry::EntryId;

use super::statement::{Insert, Values, column, number, read};
use super::witness::{bind_journal, journal_at};
use crate::store::{Batch, IssuedRules, StoreError};

const RULES: Insert = Insert {
    into: "INSERT INTO issued_rules (author, epoch, sequence, form, file, text) VALUES ",
    columns: 6,
    after: " ON CONFLICT (author, epoch, sequence) DO NOTHING",
};

/// Writes what a batch has of them.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    batch: &Batch,
) -> Result<(), StoreError> {
    let bind = |values: &mut Values, issued: &IssuedRules| {
        bind_journal(values, issued.entry.journal)?;
        values.put_number(issued.entry.sequence)?.put(issued.form)?;
        values.put(issued.file.as_str())?.put(issued.text.as_str())?;
        Ok(())
    };
    RULES.all(connection, &batch.issued, bind).await
}

/// All of them, in the order of authors, epochs and sequences.
pub(super) async fn all(pool: &SqlitePool) -> Result<Vec<IssuedRules>, StoreError> {
    let text = "SELECT author, epoch, sequence, form, file, text FROM issued_rules \
                ORDER BY author, epoch, sequence";
    read(pool, text, Values::default(), |row| {
        let entry = EntryId { journal: journal_at(row, 0)?, sequence: number(row, 2)? };
        let (form, file, text) = (column(row, 3)?, column(row, 4)?, column(row, 5)?);
        Ok(IssuedRules { entry, form, file, text })
    })
    .await
}
