//! A store in one SQLite file.
//!
//! One connection writes, a few read. The file is in WAL mode with `synchronous=FULL`: a commit has been
//! synced when it returns, and readers never wait for the writer. The writer's connection is taken out of
//! its place for the length of a commit and put back only when its transaction has ended for certain; a
//! commit that is dropped or ends in doubt closes it, and SQLite undoes what was not committed.
//!
//! A frozen view ([`Store::frozen`]) is two more connections, each in one transaction that reads, one of them for
//! [`scan`]. While it lives, pages it may still need stay in the log, which grows by what is written meanwhile
//! and is cut back afterwards.
//!
//! It never decides anything, never reads a header's inside, and no other process may write its file.
//!
//! Invariants: 1. a commit is one transaction; 2. a commit that fails leaves no transaction open; 3. a
//! journal's small number is remembered only after the transaction that gave it.

mod case;
mod connecting;
mod counted;
mod entry;
mod fault;
mod issued;
mod journal;
mod link;
mod rolled;
mod scan;
mod schema;
mod sealed;
mod statement;
mod survey;
mod version;
mod witness;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection, SqlitePool};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::figure::cell::Cell;
use terrace_proto::figure::share::Share;
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::LedgerId;
use tokio::sync::Mutex;

pub(crate) use self::connecting::unattended;
use self::connecting::{connecting, frozen, readers, reading};
use self::fault::{meaning, migration};
use self::journal::{Names, Numbers};
use self::scan::Scan;
use super::pages_of;
use super::{
    AnnouncedKey, Batch, CaseRecord, CellsAsked, Cosignature, CountedAsked, CountedRecord, Counter,
    Direction, HeadRecord, Holding, IssuedRules, JournalRecord, LedgerRecord, ParcelRecord,
    PassageRecord, RaisedRecord, Reach, ReportRecord, Rolled, RunRecord, Seeing, SketchRecord,
    Sought, SoughtRecord, Store, StoreError, StoredEntry, Tally, Wanted,
};

/// Pages in the write-ahead log before they are carried into the file: 32 MiB. Fewer carry the pages of an
/// index over and over; more make the one commit that carries them wait, and reading slower.
const CHECKPOINT_PAGES: &str = "4096";
/// What the log is cut back to once it has been carried over, in bytes.
const LOG_LIMIT: &str = "33554432";
/// Memory for pages of the writer, in KiB (negative by SQLite's custom).
const WRITER_CACHE: &str = "-32768";
/// No limit: the most pages SQLite can count.
const ALL_PAGES: u32 = u32::MAX - 1;

/// How a store is opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Most pages of 8 KiB the file may have; `None` for no limit. Plays a full disk.
    pub max_page_count: Option<u32>,
}

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    /// `None` where the store was opened for reading alone.
    writer: Option<Mutex<Writer>>,
    readers: SqlitePool,
    /// How a connection that only reads is made.
    reading: SqliteConnectOptions,
    names: Names,
    /// What shows entries in great number; a frozen view alone has one.
    scan: Option<Scan>,
}

/// The connection that writes. Without one, the next commit opens it.
#[derive(Debug)]
struct Writer {
    connect: SqliteConnectOptions,
    max_page_count: u32,
    connection: Option<SqliteConnection>,
}

impl SqliteStore {
    /// Opens the store in a file, which is made if it is not there.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(path, Options::default()).await
    }

    /// Opens the store in a file with options.
    pub async fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self, StoreError> {
        let common = connecting(path.as_ref());
        let connect = common
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("temp_store", "MEMORY")
            .pragma("journal_size_limit", LOG_LIMIT)
            .pragma("cache_size", WRITER_CACHE);
        let max_page_count = options.max_page_count.unwrap_or(ALL_PAGES);
        let mut writer = Writer { connect, max_page_count, connection: None };
        let mut connection = writer.take().await?;
        version::check(&mut connection).await?;
        schema::migrator().run(&mut connection).await.map_err(|error| migration(&error))?;
        writer.connection = Some(connection);
        Self::with(Some(Mutex::new(writer)), reading(common), readers()).await
    }

    /// Opens the store in a file that is there, for reading alone: nothing is made or brought up to date, and
    /// an office may be running over it.
    pub async fn open_to_read(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::with(None, reading(connecting(path.as_ref())), readers()).await
    }

    async fn with(
        writer: Option<Mutex<Writer>>,
        reading: SqliteConnectOptions,
        pool: SqlitePoolOptions,
    ) -> Result<Self, StoreError> {
        let readers = pool.connect_with(reading.clone()).await.map_err(|error| meaning(&error))?;
        let mut connection = readers.acquire().await.map_err(|error| meaning(&error))?;
        version::check(&mut connection).await?;
        if writer.is_none() {
            schema::check(&mut connection).await?;
        }
        drop(connection);
        Ok(Self { writer, readers, reading, names: Names::default(), scan: None })
    }

    /// Changes the most pages the file may have, from the next commit on.
    pub async fn set_max_page_count(&self, pages: Option<u32>) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let mut writer = writer.lock().await;
        writer.max_page_count = pages.unwrap_or(ALL_PAGES);
        let text = format!("PRAGMA max_page_count = {}", writer.max_page_count);
        let Some(connection) = &mut writer.connection else { return Ok(()) };
        let query = sqlx::query(AssertSqlSafe(text)).persistent(false);
        query.execute(connection).await.map(|_| ()).map_err(|error| meaning(&error))
    }

    /// Closes all connections. Dropping the store does the same, but does not wait for it.
    pub async fn close(self) -> Result<(), StoreError> {
        self.readers.close().await;
        match self.writer {
            Some(writer) => writer.into_inner().close().await,
            None => Ok(()),
        }
    }
}

impl Writer {
    async fn take(&mut self) -> Result<SqliteConnection, StoreError> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        let pages = self.max_page_count.to_string();
        let connect = self.connect.clone().pragma("max_page_count", pages);
        connect.connect().await.map_err(|error| meaning(&error))
    }

    async fn close(&mut self) -> Result<(), StoreError> {
        match self.connection.take() {
            Some(connection) => connection.close().await.map_err(|error| meaning(&error)),
            None => Ok(()),
        }
    }
}

async fn run(connection: &mut SqliteConnection, text: &'static str) -> Result<(), StoreError> {
    sqlx::query(text).execute(connection).await.map_err(|error| meaning(&error))?;
    Ok(())
}

/// Writes a batch as one transaction, up to and with its end.
async fn transact(
    connection: &mut SqliteConnection,
    names: &Names,
    batch: &Batch,
) -> Result<Numbers, StoreError> {
    run(connection, "BEGIN IMMEDIATE").await?;
    let numbers = Numbers::of(connection, names, batch).await?;
    journal::expect_sizes(connection, &numbers, &batch.journals).await?;
    entry::write(connection, &numbers, &batch.entries).await?;
    journal::write(connection, &numbers, batch).await?;
    link::write(connection, &numbers, batch).await?;
    witness::write(connection, batch).await?;
    issued::write(connection, batch).await?;
    sealed::write(connection, batch).await?;
    rolled::write(connection, batch).await?;
    counted::write(connection, batch).await?;
    case::write(connection, &batch.cases, batch.all_new).await?;
    run(connection, "COMMIT").await?;
    Ok(numbers)
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            return Err(StoreError::Conflict("this store was opened for reading alone".into()));
        };
        let mut writer = writer.lock().await;
        let mut connection = writer.take().await?;
        match transact(&mut connection, &self.names, &batch).await {
            Ok(numbers) => {
                self.names.remember(numbers.into_names());
                writer.connection = Some(connection);
                Ok(())
            }
            Err(error) => {
                // SQLite may have ended the transaction itself; then there is nothing to undo, and the
                // connection is not trusted further.
                match run(&mut connection, "ROLLBACK").await {
                    Ok(()) => writer.connection = Some(connection),
                    Err(_) => drop(connection.close().await),
                }
                Err(error)
            }
        }
    }

    async fn frozen(&self) -> Result<Arc<dyn Store>, StoreError> {
        loop {
            let mut view = Self::with(None, self.reading.clone(), frozen()).await?;
            let scan = Scan::begin(self.reading.get_filename().to_path_buf()).await?;
            // Two transactions that began around a commit see different entries: begin both again.
            if view.tally().await?.entries == scan.entries() {
                view.scan = Some(scan);
                return Ok(Arc::new(view));
            }
        }
    }

    async fn journal(&self, id: JournalId) -> Result<Option<JournalRecord>, StoreError> {
        journal::one(&self.readers, id).await
    }

    async fn journals(&self) -> Result<Vec<JournalRecord>, StoreError> {
        journal::all(&self.readers).await
    }

    async fn journals_of(&self, office: DivisionCode) -> Result<Vec<JournalRecord>, StoreError> {
        journal::of(&self.readers, office).await
    }

    async fn reaches(&self) -> Result<Vec<Reach>, StoreError> {
        journal::reaches(&self.readers).await
    }

    async fn entries(
        &self,
        journal: JournalId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let Some(local) = self.names.find(&self.readers, journal).await? else {
            return Ok(Vec::new());
        };
        entry::from(&self.readers, (journal, local), from, limit).await
    }

    async fn each_entry(
        &self,
        journal: JournalId,
        from: u64,
        limit: u64,
        see: &mut Seeing<'_>,
    ) -> Result<u64, StoreError> {
        let Some(local) = self.names.find(&self.readers, journal).await? else { return Ok(0) };
        match (&self.scan, entry::places(local, from)) {
            (Some(scan), Some(places)) => scan.show(places, limit, see).await,
            (_, None) => Ok(0),
            (None, _) => pages_of(self, journal, from, limit, see).await,
        }
    }

    async fn entries_at(&self, ids: &[EntryId]) -> Result<Vec<StoredEntry>, StoreError> {
        entry::at(&self.readers, &self.names, ids).await
    }

    async fn tiles(&self, journal: JournalId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
        let Some(local) = self.names.find(&self.readers, journal).await? else {
            return Ok(Vec::new());
        };
        journal::tiles(&self.readers, local, ids).await
    }

    async fn runs(&self, after: u64, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        link::runs(&self.readers, after, limit).await
    }

    async fn parcels(
        &self,
        to: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        link::parcels(&self.readers, to, after, limit).await
    }

    async fn cases(&self, ids: &[CaseId]) -> Result<Vec<CaseRecord>, StoreError> {
        case::named(&self.readers, ids).await
    }

    async fn cases_numbered(&self, number: &str) -> Result<Vec<CaseRecord>, StoreError> {
        case::numbered(&self.readers, number).await
    }

    async fn cases_after(&self, after: u64, limit: u32) -> Result<Vec<CaseRecord>, StoreError> {
        case::after(&self.readers, after, limit).await
    }

    async fn cases_wanted(
        &self,
        wanted: &Wanted,
        before: u64,
        limit: u32,
    ) -> Result<Vec<CaseRecord>, StoreError> {
        case::wanted(&self.readers, wanted, before, limit).await
    }

    async fn sought(
        &self,
        sought: &Sought,
        holder: Option<DivisionCode>,
        limit: u32,
    ) -> Result<(u64, Vec<SoughtRecord>), StoreError> {
        survey::sought(&self.readers, sought, holder, limit).await
    }

    async fn holdings(&self, today: i32) -> Result<Vec<Holding>, StoreError> {
        case::holdings(&self.readers, today).await
    }

    async fn entries_saying(
        &self,
        words: &str,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        entry::saying(&self.readers, words, limit).await
    }

    async fn ledger(
        &self,
        peer: DivisionCode,
        direction: Direction,
    ) -> Result<Option<LedgerRecord>, StoreError> {
        link::ledger(&self.readers, peer, direction).await
    }

    async fn passages(
        &self,
        ledger: LedgerId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<PassageRecord>, StoreError> {
        link::passages(&self.readers, ledger, from, limit).await
    }

    async fn cosignatures(&self, journal: JournalId) -> Result<Vec<Cosignature>, StoreError> {
        witness::cosignatures(&self.readers, journal).await
    }

    async fn head(&self, journal: JournalId) -> Result<Option<HeadRecord>, StoreError> {
        witness::head(&self.readers, journal).await
    }

    async fn raised(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, RaisedRecord)>, StoreError> {
        witness::raised(&self.readers, before, limit).await
    }

    async fn raised_as(&self, gist: Digest) -> Result<Vec<RaisedRecord>, StoreError> {
        witness::with_gist(&self.readers, gist).await
    }

    async fn issued_rules(&self) -> Result<Vec<IssuedRules>, StoreError> {
        issued::all(&self.readers).await
    }

    async fn sealing_keys(&self, office: DivisionCode) -> Result<Vec<AnnouncedKey>, StoreError> {
        sealed::keys(&self.readers, office).await
    }

    async fn reports(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, ReportRecord)>, StoreError> {
        sealed::reports(&self.readers, before, limit).await
    }

    async fn rolled(
        &self,
        roll: u32,
        author: Option<DivisionCode>,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Rolled)>, StoreError> {
        rolled::on(&self.readers, (roll, author), before, limit).await
    }

    async fn sketches(
        &self,
        place: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SketchRecord>, StoreError> {
        rolled::sketches(&self.readers, place, after, limit).await
    }

    async fn sketched(&self) -> Result<u64, StoreError> {
        rolled::sketched(&self.readers).await
    }

    async fn cells(&self, asked: &CellsAsked) -> Result<Vec<(Cell, Share)>, StoreError> {
        counted::cells(&self.readers, asked).await
    }

    async fn counted(
        &self,
        asked: &CountedAsked,
        limit: u32,
    ) -> Result<Vec<CountedRecord>, StoreError> {
        counted::counted(&self.readers, asked, limit).await
    }

    async fn counters(&self) -> Result<Vec<Counter>, StoreError> {
        link::counters(&self.readers).await
    }

    async fn blocks(&self) -> Result<Vec<u32>, StoreError> {
        link::blocks(&self.readers).await
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        case::tally(&self.readers).await
    }
}
