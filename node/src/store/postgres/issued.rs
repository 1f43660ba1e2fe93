//! Rules that offices issued.

use sqlx::{PgConnection, PgPool, query};
use terrace_proto::entry::EntryId;

use super::column::{code, journal, list, number, numbers, province, words};
use super::fault::Trouble;
use crate::store::{Batch, IssuedRules};

/// Writes what a batch has of them.
pub(super) async fn write(connection: &mut PgConnection, batch: &Batch) -> Result<(), Trouble> {
    let items = &batch.issued;
    if items.is_empty() {
        return Ok(());
    }
    let text = "INSERT INTO issued_rules (province, author, epoch, sequence, form, file, text) \
                SELECT * FROM unnest($1::int2[], $2::int8[], $3::bytea[], $4::int8[], $5::int8[], \
                $6::bytea[], $7::bytea[]) ON CONFLICT DO NOTHING";
    query(text)
        .bind(list(items, |one| province(one.entry.journal.author)))
        .bind(list(items, |one| code(one.entry.journal.author)))
        .bind(list(items, |one| one.entry.journal.epoch.0.to_vec()))
        .bind(numbers(items, |one| one.entry.sequence)?)
        .bind(list(items, |one| i64::from(one.form)))
        .bind(list(items, |one| one.file.clone().into_bytes()))
        .bind(list(items, |one| one.text.clone().into_bytes()))
        .execute(connection)
        .await?;
    Ok(())
}

/// All of them, in the order of authors, epochs and sequences.
pub(super) async fn all(pool: &PgPool) -> Result<Vec<IssuedRules>, Trouble> {
    let text = "SELECT author, epoch, sequence, form, file, text FROM issued_rules \
                ORDER BY author, epoch, sequence";
    let rows = query(text).fetch_all(pool).await?;
    let read = |row| {
        let entry = EntryId { journal: journal(row, 0)?, sequence: number(row, 2)? };
        let (form, file, text) = (number(row, 3)?, words(row, 4)?, words(row, 5)?);
        Ok(IssuedRules { entry, form, file, text })
    };
    rows.iter().map(read).collect()
}
