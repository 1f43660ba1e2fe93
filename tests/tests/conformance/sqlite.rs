//! The store in SQLite, and what only it can show: a lost answer, a damaged file, another version.

use std::path::PathBuf;
use std::time::Duration;

use super::*;

/// A folder with a file.
pub(super) struct Home {
    folder: tempfile::TempDir,
    store: SqliteStore,
}

impl Home {
    fn file(&self) -> PathBuf {
        self.folder.path().join("office.sqlite")
    }
}

impl House for Home {
    type Kept = SqliteStore;

    async fn build() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("office.sqlite")).await.unwrap();
        Self { folder, store }
    }

    fn store(&self) -> &SqliteStore {
        &self.store
    }

    async fn fill(&self) {
        self.store.set_max_page_count(Some(1)).await.unwrap();
    }

    async fn make_room(&self) {
        self.store.set_max_page_count(None).await.unwrap();
    }

    async fn reopen(self) -> Self {
        let file = self.file();
        self.store.close().await.unwrap();
        Self { folder: self.folder, store: SqliteStore::open(file).await.unwrap() }
    }
}

every_obligation!();

#[tokio::test]
async fn a_commit_that_is_dropped_is_written_whole_or_not_at_all() {
    dropped_commits(Home::build().await.store(), Duration::from_micros(100)).await;
}

#[tokio::test]
async fn a_file_that_is_no_database_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("office.sqlite");
    std::fs::write(&file, "这不是数据库。".repeat(1_000)).unwrap();
    let error = SqliteStore::open(&file).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
}

#[tokio::test]
async fn a_database_of_another_wire_version_is_refused_as_such() {
    let home = Home::build().await;
    home.store.commit(author().batch(5, "a")).await.unwrap();
    let file = home.file();
    home.store.close().await.unwrap();
    // Where SQLite keeps `user_version`.
    for (version, word) in [(0_u32, "版本 0"), (2, "newer than this program")] {
        let mut bytes = std::fs::read(&file).unwrap();
        bytes[60..64].copy_from_slice(&version.to_be_bytes());
        std::fs::write(&file, &bytes).unwrap();
        for opened in [SqliteStore::open(&file).await, SqliteStore::open_to_read(&file).await] {
            let error = opened.unwrap_err();
            assert!(matches!(&error, StoreError::Version(why) if why.contains(word)), "{error}");
        }
        assert_eq!(std::fs::read(&file).unwrap(), bytes, "nothing was changed");
    }
}

#[tokio::test]
async fn whoever_only_reads_is_told_to_bring_the_tables_up_to_date_first() {
    let home = Home::build().await;
    let file = home.file();
    home.store.close().await.unwrap();
    let newest = "WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    for (text, word) in [
        ("DELETE FROM _sqlx_migrations", "start the office once"),
        ("UPDATE _sqlx_migrations SET version = version + 100", "run the newer one"),
    ] {
        let connection = rusqlite::Connection::open(&file).unwrap();
        connection.execute_batch(&format!("{text} {newest}")).unwrap();
        drop(connection);
        let error = SqliteStore::open_to_read(&file).await.unwrap_err();
        assert!(matches!(&error, StoreError::Version(why) if why.contains(word)), "{error}");
    }
}

#[tokio::test]
async fn overwritten_pages_are_damage() {
    let home = Home::build().await;
    let mut author = author();
    let said = "these words lie in the pages that are damaged";
    home.store.commit(author.batch(500, said)).await.unwrap();
    let file = home.file();
    home.store.close().await.unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    let page = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    for page in bytes.chunks_mut(page) {
        if page.windows(said.len()).any(|at| at == said.as_bytes()) {
            page.fill(0xAA);
        }
    }
    std::fs::write(&file, bytes).unwrap();
    let store = SqliteStore::open(&file).await.unwrap();
    let error = store.entries(author.id(), 0, 1_000).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let error = SqliteStore::open(folder.path().join("away/office.sqlite")).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
}
