//! Marks, questions and answers in `keys.db`.

use std::collections::BTreeSet;
use std::ops::Range;

use async_trait::async_trait;
use sqlx::{Row as _, SqliteConnection};
use terrace_proto::digest::CaseId;
use terrace_proto::division::DivisionCode;
use terrace_proto::seal::Mark;

use super::{KeyFile, case_id, unavailable};
use crate::cabinet::{IndexChange, MarkStore, Question};
use crate::store::StoreError;

pub(super) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS mark (
    mark BLOB NOT NULL,
    case_id BLOB NOT NULL,
    PRIMARY KEY (mark, case_id)
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS mark_by_case ON mark (case_id);
CREATE TABLE IF NOT EXISTS indexed (case_id BLOB PRIMARY KEY) WITHOUT ROWID, STRICT;
CREATE TABLE IF NOT EXISTS question (
    case_id BLOB PRIMARY KEY,
    sequence INTEGER NOT NULL,
    same INTEGER
) WITHOUT ROWID, STRICT;
CREATE INDEX IF NOT EXISTS question_open ON question (sequence) WHERE same IS NULL;
CREATE TABLE IF NOT EXISTS matched (
    place INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    mark BLOB NOT NULL,
    case_id BLOB NOT NULL,
    UNIQUE (generation, mark, case_id)
) STRICT;
CREATE INDEX IF NOT EXISTS matched_by_case ON matched (case_id);
CREATE TABLE IF NOT EXISTS measure (
    office INTEGER NOT NULL,
    day INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    PRIMARY KEY (office, day)
) WITHOUT ROWID, STRICT;
";

/// Every table that names a case, for when its key is destroyed.
const BY_CASE: [&str; 4] = [
    "DELETE FROM mark WHERE case_id = ?",
    "DELETE FROM indexed WHERE case_id = ?",
    "DELETE FROM question WHERE case_id = ?",
    "DELETE FROM matched WHERE case_id = ?",
];

pub(super) async fn write(
    connection: &mut SqliteConnection,
    change: &IndexChange,
) -> Result<(), sqlx::Error> {
    for (case, marks) in &change.marks {
        let id = case.0.to_vec();
        let text = "INSERT INTO indexed (case_id) SELECT ?1 \
                    WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE case_id = ?1) \
                    ON CONFLICT DO NOTHING";
        sqlx::query(text).bind(id.clone()).execute(&mut *connection).await?;
        for mark in marks {
            let text = "INSERT INTO mark (mark, case_id) SELECT ?1, ?2 \
                        WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE case_id = ?2) \
                        ON CONFLICT DO NOTHING";
            let query = sqlx::query(text).bind(mark.bytes().to_vec()).bind(id.clone());
            query.execute(&mut *connection).await?;
        }
    }
    for question in &change.questions {
        let text = "INSERT INTO question (case_id, sequence) SELECT ?1, ?2 \
                    WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE case_id = ?1) \
                    ON CONFLICT DO NOTHING";
        let query = sqlx::query(text).bind(question.case.0.to_vec());
        query.bind(question.sequence.cast_signed()).execute(&mut *connection).await?;
    }
    for answer in &change.answers {
        let query = sqlx::query("UPDATE question SET same = ? WHERE case_id = ?");
        query.bind(answer.same).bind(answer.case.0.to_vec()).execute(&mut *connection).await?;
    }
    for matched in &change.matched {
        let id = matched.case.0.to_vec();
        let text = "SELECT EXISTS (SELECT 1 FROM matched WHERE case_id = ?1 AND generation = ?2) \
                    OR EXISTS (SELECT 1 FROM destroyed WHERE case_id = ?1)";
        let query = sqlx::query_scalar(text).bind(id.clone()).bind(matched.generation);
        if query.fetch_one(&mut *connection).await? {
            continue;
        }
        for mark in &matched.marks {
            let text = "INSERT INTO matched (generation, mark, case_id) VALUES (?, ?, ?) \
                        ON CONFLICT DO NOTHING";
            let query = sqlx::query(text).bind(matched.generation).bind(mark.bytes().to_vec());
            query.bind(id.clone()).execute(&mut *connection).await?;
        }
    }
    if let Some(measure) = change.measure {
        let text = "INSERT INTO measure (office, day, cases) VALUES (?, ?, ?) \
                    ON CONFLICT (office, day) DO UPDATE SET cases = cases + excluded.cases";
        let query = sqlx::query(text).bind(measure.office.number().cast_signed());
        query.bind(measure.day).bind(measure.cases).execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn destroy(
    connection: &mut SqliteConnection,
    case: CaseId,
) -> Result<(), sqlx::Error> {
    for text in BY_CASE {
        sqlx::query(text).bind(case.0.to_vec()).execute(&mut *connection).await?;
    }
    Ok(())
}

#[async_trait]
impl MarkStore for KeyFile {
    async fn marked(&self, marks: &[Mark]) -> Result<BTreeSet<CaseId>, StoreError> {
        let mut found = BTreeSet::new();
        for mark in marks {
            let query = sqlx::query_scalar("SELECT case_id FROM mark WHERE mark = ?");
            let query = query.bind(mark.bytes().to_vec());
            let rows: Vec<Vec<u8>> =
                query.fetch_all(&self.0).await.map_err(|error| unavailable(&error))?;
            for id in rows {
                found.insert(case_id(&id)?);
            }
        }
        Ok(found)
    }

    async fn indexed(&self, cases: &[CaseId]) -> Result<BTreeSet<CaseId>, StoreError> {
        let mut found = BTreeSet::new();
        for case in cases {
            let query = sqlx::query_scalar("SELECT 1 FROM indexed WHERE case_id = ?");
            let row: Option<i64> = query
                .bind(case.0.to_vec())
                .fetch_optional(&self.0)
                .await
                .map_err(|error| unavailable(&error))?;
            found.extend(row.map(|_| *case));
        }
        Ok(found)
    }

    async fn questions(&self, places: Range<u64>, limit: u32) -> Result<Vec<Question>, StoreError> {
        let text = "SELECT case_id, sequence FROM question \
                    WHERE same IS NULL AND sequence >= ? AND sequence < ? ORDER BY sequence LIMIT ?";
        let place = |place: u64| i64::try_from(place).unwrap_or(i64::MAX);
        let query = sqlx::query(text).bind(place(places.start)).bind(place(places.end)).bind(limit);
        let rows = query.fetch_all(&self.0).await.map_err(|error| unavailable(&error))?;
        let question = |row: &sqlx::sqlite::SqliteRow| {
            let case = case_id(&row.get::<Vec<u8>, _>(0))?;
            Ok(Question { case, sequence: row.get::<i64, _>(1).cast_unsigned() })
        };
        rows.iter().map(question).collect()
    }

    async fn answered(&self, case: CaseId) -> Result<Option<Option<bool>>, StoreError> {
        let query = sqlx::query_scalar("SELECT same FROM question WHERE case_id = ?");
        let query = query.bind(case.0.to_vec());
        query.fetch_optional(&self.0).await.map_err(|error| unavailable(&error))
    }

    async fn same_before(&self, case: CaseId, generation: u32) -> Result<bool, StoreError> {
        let text = "SELECT EXISTS (SELECT 1 FROM matched AS own JOIN matched AS other \
                    ON other.generation = own.generation AND other.mark = own.mark \
                    AND other.case_id <> own.case_id AND other.place < own.place \
                    WHERE own.case_id = ? AND own.generation = ?)";
        let query = sqlx::query_scalar(text).bind(case.0.to_vec()).bind(generation);
        query.fetch_one(&self.0).await.map_err(|error| unavailable(&error))
    }

    async fn measured(&self, office: DivisionCode, day: i32) -> Result<u32, StoreError> {
        let query = sqlx::query_scalar("SELECT cases FROM measure WHERE office = ? AND day = ?");
        let query = query.bind(office.number().cast_signed()).bind(day);
        let row: Option<u32> =
            query.fetch_optional(&self.0).await.map_err(|error| unavailable(&error))?;
        Ok(row.unwrap_or(0))
    }
}
