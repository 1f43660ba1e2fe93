//! Wraps in a small database of their own, `keys.db`.
//!
//! It keeps no write-ahead log, in which destroyed rows would go on living, and SQLite overwrites what is deleted with
//! zeros (`secure_delete`). What the disk below does with old blocks is beyond it; a wrap that is found there is still
//! closed.

mod index;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqliteSynchronous};
use sqlx::{Row as _, SqliteConnection};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::seal::{KeyId, Recipient};

use super::{Change, KeyStore, digest_of};
use crate::store::StoreError;
use crate::store::sqlite::unattended;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS wrap (
    place INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    case_id BLOB NOT NULL,
    key_id BLOB NOT NULL,
    recipient INTEGER,
    held INTEGER NOT NULL,
    bytes BLOB
) STRICT;
CREATE INDEX IF NOT EXISTS wrap_by_case ON wrap (case_id);
CREATE INDEX IF NOT EXISTS wrap_by_key ON wrap (key_id);
CREATE TABLE IF NOT EXISTS due (
    neighbour INTEGER NOT NULL,
    wrap INTEGER NOT NULL,
    PRIMARY KEY (neighbour, wrap)
) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS destroyed (case_id BLOB PRIMARY KEY) WITHOUT ROWID, STRICT;
";

/// Wraps in a file.
#[derive(Debug)]
pub struct KeyFile(SqlitePool);

impl KeyFile {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be opened or is damaged.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Truncate)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY");
        let pool = unattended().max_connections(1).connect_with(options).await;
        let pool = pool.map_err(|error| unavailable(&error))?;
        for tables in [TABLES, index::TABLES] {
            sqlx::raw_sql(tables).execute(&pool).await.map_err(|error| unavailable(&error))?;
        }
        Ok(Self(pool))
    }
}

impl KeyFile {
    /// Opens the file for reading alone, where there is one: an office may be running over it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be opened or is damaged.
    pub async fn open_to_read(path: &Path) -> Result<Option<Self>, StoreError> {
        if !path.exists() {
            return Ok(None);
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .read_only(true)
            .busy_timeout(Duration::from_secs(10));
        let pool = unattended().max_connections(1).connect_with(options).await;
        pool.map(|pool| Some(Self(pool))).map_err(|error| unavailable(&error))
    }
}

fn unavailable(error: &sqlx::Error) -> StoreError {
    StoreError::Unavailable(format!("keys.db: {error}"))
}

fn case_id(bytes: &[u8]) -> Result<CaseId, StoreError> {
    let wrong = || StoreError::Corrupt("keys.db: a case id has another length".into());
    CaseId::read(bytes).ok_or_else(wrong)
}

async fn write(connection: &mut SqliteConnection, change: &Change) -> Result<(), sqlx::Error> {
    for kept in &change.keep {
        let wrap = &kept.wrap;
        let bytes = wrap.bytes();
        let text = "INSERT INTO wrap (digest, case_id, key_id, recipient, held, bytes) \
                    SELECT ?1, ?2, ?3, ?4, ?5, ?6 \
                    WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE case_id = ?2) \
                    ON CONFLICT (digest) DO NOTHING RETURNING place";
        let query = sqlx::query(text)
            .bind(digest_of(&bytes).0.to_vec())
            .bind(wrap.case().0.to_vec())
            .bind(wrap.key_id().bytes().to_vec())
            .bind(match wrap.recipient() {
                Recipient::Named(office) => Some(office.number().cast_signed()),
                Recipient::Blind => None,
            })
            .bind(kept.held)
            .bind(bytes);
        let new = query.fetch_optional(&mut *connection).await?;
        if let Some((row, to)) = new.zip(kept.due) {
            let query = sqlx::query("INSERT INTO due (neighbour, wrap) VALUES (?, ?)")
                .bind(to.number().cast_signed())
                .bind(row.get::<i64, _>(0));
            query.execute(&mut *connection).await?;
        }
    }
    for (to, digest) in &change.taken {
        let text = "DELETE FROM due WHERE neighbour = ?1 \
                    AND wrap = (SELECT place FROM wrap WHERE digest = ?2)";
        let query = sqlx::query(text).bind(to.number().cast_signed()).bind(digest.0.to_vec());
        query.execute(&mut *connection).await?;
        // What is only passed on is not kept once it was; that it was here stays known.
        let text = "UPDATE wrap SET bytes = NULL WHERE digest = ? AND held = 0 \
                    AND NOT EXISTS (SELECT 1 FROM due WHERE due.wrap = wrap.place)";
        sqlx::query(text).bind(digest.0.to_vec()).execute(&mut *connection).await?;
    }
    for case in &change.destroy {
        let id = case.0.to_vec();
        let text = "DELETE FROM due WHERE wrap IN (SELECT place FROM wrap WHERE case_id = ?)";
        sqlx::query(text).bind(id.clone()).execute(&mut *connection).await?;
        let text = "DELETE FROM wrap WHERE case_id = ?";
        sqlx::query(text).bind(id.clone()).execute(&mut *connection).await?;
        let text = "INSERT INTO destroyed (case_id) VALUES (?) ON CONFLICT DO NOTHING";
        sqlx::query(text).bind(id).execute(&mut *connection).await?;
        index::destroy(connection, *case).await?;
    }
    index::write(connection, &change.index).await
}

#[async_trait]
impl KeyStore for KeyFile {
    async fn change(&self, change: Change) -> Result<(), StoreError> {
        let done = async {
            let mut transaction = self.0.begin_with("BEGIN IMMEDIATE").await?;
            write(&mut transaction, &change).await?;
            transaction.commit().await
        };
        done.await.map_err(|error| unavailable(&error))
    }

    async fn wraps(&self, case: CaseId) -> Result<Vec<Vec<u8>>, StoreError> {
        let text = "SELECT bytes FROM wrap WHERE case_id = ? AND held = 1 ORDER BY place";
        let query = sqlx::query_scalar(text).bind(case.0.to_vec());
        query.fetch_all(&self.0).await.map_err(|error| unavailable(&error))
    }

    async fn due(&self, to: DivisionCode, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let text = "SELECT wrap.bytes FROM due JOIN wrap ON wrap.place = due.wrap \
                    WHERE due.neighbour = ? ORDER BY due.wrap LIMIT ?";
        let query = sqlx::query_scalar(text).bind(to.number().cast_signed()).bind(limit);
        query.fetch_all(&self.0).await.map_err(|error| unavailable(&error))
    }

    async fn handed(&self, case: CaseId) -> Result<BTreeSet<DivisionCode>, StoreError> {
        let text =
            "SELECT DISTINCT recipient FROM wrap WHERE case_id = ? AND recipient IS NOT NULL";
        let rows: Vec<i64> = sqlx::query_scalar(text)
            .bind(case.0.to_vec())
            .fetch_all(&self.0)
            .await
            .map_err(|error| unavailable(&error))?;
        let wrong = |_| StoreError::Corrupt("keys.db: a recipient is no division".into());
        rows.iter()
            .map(|row| DivisionCode::from_number(row.cast_unsigned()).map_err(wrong))
            .collect()
    }

    async fn seen(&self, keys: &[KeyId]) -> Result<BTreeSet<KeyId>, StoreError> {
        let mut seen = BTreeSet::new();
        for key in keys {
            let query = sqlx::query_scalar("SELECT 1 FROM wrap WHERE key_id = ? LIMIT 1");
            let found: Option<i64> = query
                .bind(key.bytes().to_vec())
                .fetch_optional(&self.0)
                .await
                .map_err(|error| unavailable(&error))?;
            seen.extend(found.map(|_| *key));
        }
        Ok(seen)
    }

    async fn cases(&self) -> Result<Vec<CaseId>, StoreError> {
        let text = "SELECT DISTINCT case_id FROM wrap WHERE held = 1 ORDER BY case_id";
        let rows: Vec<Vec<u8>> = sqlx::query_scalar(text)
            .fetch_all(&self.0)
            .await
            .map_err(|error| unavailable(&error))?;
        rows.iter().map(|id| case_id(id)).collect()
    }
}
