//! A store in a PostgreSQL database.
//!
//! One connection writes and holds the database for this process ([`writer`]), a few read. Every commit is flushed
//! before it returns, whatever the server's default is. A server that goes away and comes back, or is replaced by one
//! that stood by ([`server`]), is asked again for a while; only then is the office told that there was no answer.
//!
//! A frozen view ([`Store::frozen`], [`view`]) is one more connection in one transaction that reads; while it lives the
//! server keeps the rows it may still need. For figures it may be of a server that stands by ([`standby`]).
//!
//! It never decides anything, and never reads a header's inside.
//!
//! Invariants: 1. a commit is one transaction; 2. it is written by the session that holds the lock of the database;
//! 3. a journal's small number is remembered only after the transaction that gave it.

mod case;
mod column;
mod copy;
mod counted;
mod entry;
mod fault;
mod issued;
mod journal;
mod latest;
pub mod layout;
mod link;
mod rolled;
mod schema;
mod sealed;
mod server;
mod standby;
mod survey;
mod view;
mod witness;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, query_scalar};
use terrace_proto::digest::{CaseId, Digest};
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::{EntryId, JournalId};
use terrace_proto::figure::cell::Cell;
use terrace_proto::figure::share::Share;
use terrace_proto::journal::Tile;
use terrace_proto::journal::tile::TileId;
use terrace_proto::ledger::LedgerId;
use tokio::sync::Mutex;
use tokio::time::Instant;

use self::copy::MANY;
use self::fault::Trouble;
use self::journal::Names;
use self::server::Servers;
use self::standby::Standby;
use self::view::{View, Views};
use self::writer::{OUTAGE, PAUSE, Writer, in_time};
use super::pages_of;
use super::{
    AnnouncedKey, Batch, CaseRecord, CellsAsked, Cosignature, CountedAsked, CountedRecord, Counter,
    Direction, HeadRecord, Holding, IfHeld, IssuedRules, JournalRecord, LedgerRecord, ParcelRecord,
    PassageRecord, RaisedRecord, Reach, ReportRecord, Rolled, RunRecord, Seeing, SketchRecord,
    Sought, SoughtRecord, Store, StoreError, StoredEntry, Tally, Wanted,
};

/// Connections that only read.
const READERS: u32 = 4;
/// How long a read waits for one of them.
const QUEUE: Duration = Duration::from_secs(10);
/// Connections that look whole tables through for words: apart, so that nobody who writes or reads waits for them.
const SEARCHERS: u32 = 2;
/// How long one of them may look, in milliseconds.
const LONGEST_LOOK: &str = "10000";

/// A store in a PostgreSQL database.
#[derive(Debug)]
pub struct PostgresStore {
    /// `None` where the store was opened for reading alone.
    writer: Option<Mutex<Writer>>,
    servers: Servers,
    readers: PgPool,
    searchers: PgPool,
    names: Names,
    /// Connections for views to come.
    views: Views,
    standby: Standby,
    /// The view whose store this is; all is seen as it was when that began.
    view: Option<View>,
}

impl PostgresStore {
    /// Opens the store in a database, whose tables are made if there are none, and takes it for this process.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when no server answers, when it may lose what it confirms, and when another process
    /// holds the database and `if_held` is not to wait; [`StoreError::Version`] and [`StoreError::Corrupt`] for tables that
    /// are not this version's.
    pub async fn open(address: &str, if_held: IfHeld) -> Result<Self, StoreError> {
        let servers = Servers::read(address)?;
        let writer = Writer::take_over(servers.clone(), if_held).await?;
        Self::over(servers, Some(Mutex::new(writer))).await
    }

    /// Opens the store in a database that is there, for reading alone: nothing is made or brought up to date, and an
    /// office may be running over it.
    ///
    /// # Errors
    ///
    /// As [`PostgresStore::open`].
    pub async fn open_to_read(address: &str) -> Result<Self, StoreError> {
        let servers = Servers::read(address)?;
        Self::over(servers, None).await
    }

    async fn over(servers: Servers, writer: Option<Mutex<Writer>>) -> Result<Self, StoreError> {
        let (options, mut connection) = servers.primary().await?;
        schema::check(&mut connection).await?;
        if writer.is_none() {
            schema::check_steps(&mut connection).await?;
        }
        let readers = readers().after_connect(|connection, _| Box::pin(writable(connection)));
        let readers = readers.connect_lazy_with(options.clone());
        let searchers = searchers(options);
        let (names, views, standby) = Default::default();
        Ok(Self { writer, servers, readers, searchers, names, views, standby, view: None })
    }

    /// Asks again while the server is away, for a while. A frozen view that lost its connection is gone for good.
    async fn ask<T, F>(&self, read: impl Fn() -> F) -> Result<T, StoreError>
    where
        F: Future<Output = Result<T, Trouble>>,
    {
        let until = Instant::now() + OUTAGE;
        loop {
            match in_time(read()).await {
                Err(Trouble::Away(_) | Trouble::Late(_))
                    if self.view.is_none() && Instant::now() < until => {}
                answer => return Ok(answer?),
            }
            tokio::time::sleep(PAUSE).await;
            if let Ok((options, _)) = self.servers.primary().await {
                self.searchers.set_connect_options(for_looking(options.clone()));
                self.readers.set_connect_options(options);
            }
        }
    }

    /// Looks whole tables through, once.
    async fn search<T>(
        &self,
        look: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, StoreError> {
        in_time(look).await.map_err(|trouble| match trouble {
            Trouble::Late(why) => StoreError::TooMuch(why),
            Trouble::Away(_) | Trouble::Told(_) => trouble.into(),
        })
    }

    /// The store as a view sees it.
    fn seen_in(&self, view: View) -> Arc<dyn Store> {
        let (servers, views) = (self.servers.clone(), self.views.clone());
        let (readers, searchers, names) = (view.connection(), view.connection(), Names::default());
        let (standby, view) = (self.standby.clone(), Some(view));
        Arc::new(Self { writer: None, servers, readers, searchers, names, views, standby, view })
    }

    /// Closes all connections. Dropping the store does the same, but does not wait for it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the server did not take leave; what was committed is there.
    pub async fn close(self) -> Result<(), StoreError> {
        self.readers.close().await;
        self.searchers.close().await;
        self.views.close().await;
        self.standby.close().await;
        match self.writer {
            Some(writer) => writer.into_inner().close().await,
            None => Ok(()),
        }
    }
}

fn readers() -> PgPoolOptions {
    // Nor is this pool looked after: its housekeeping may never end (see SQLite's), and a lost connection is met in `ask`.
    PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(QUEUE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn searchers(options: PgConnectOptions) -> PgPool {
    let pool = readers().max_connections(SEARCHERS);
    let pool = pool.after_connect(|connection, _| Box::pin(writable(connection)));
    pool.connect_lazy_with(for_looking(options))
}

fn for_looking(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("statement_timeout", LONGEST_LOOK)])
}

/// Refuses a server that stands by: it may be behind, and a fold read there would be written back without what it lacks.
async fn writable(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let text = "SELECT pg_is_in_recovery()";
    let standing_by: bool = query_scalar(text).fetch_one(connection).await?;
    if standing_by { Err(sqlx::Error::WorkerCrashed) } else { Ok(()) }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else {
            return Err(StoreError::Conflict("this store was opened for reading alone".into()));
        };
        let done = writer.lock().await.commit(&self.names, &batch).await;
        if batch.entries.len() > MANY {
            // To free thousands of rows takes a while, and nobody needs to wait for it.
            tokio::task::spawn_blocking(move || drop(batch));
        }
        done
    }

    async fn hold(&self) -> Result<(), StoreError> {
        match &self.writer {
            Some(writer) => writer.lock().await.hold().await,
            None => Ok(()),
        }
    }

    async fn frozen(&self) -> Result<Arc<dyn Store>, StoreError> {
        let view = self.ask(|| self.views.begin(&self.servers)).await?;
        Ok(self.seen_in(view))
    }

    async fn frozen_on_standby(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self.standby.begin(&self.servers, &self.readers).await {
            Some(view) => Ok(self.seen_in(view)),
            None => self.frozen().await,
        }
    }

    async fn journal(&self, id: JournalId) -> Result<Option<JournalRecord>, StoreError> {
        self.ask(|| journal::one(&self.readers, id)).await
    }

    async fn journals(&self) -> Result<Vec<JournalRecord>, StoreError> {
        self.ask(|| journal::all(&self.readers)).await
    }

    async fn journals_of(&self, office: DivisionCode) -> Result<Vec<JournalRecord>, StoreError> {
        self.ask(|| journal::of(&self.readers, office)).await
    }

    async fn reaches(&self) -> Result<Vec<Reach>, StoreError> {
        self.ask(|| journal::reaches(&self.readers)).await
    }

    async fn entries(
        &self,
        journal: JournalId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let asked = || async move {
            match self.names.find(&self.readers, journal).await? {
                Some(local) => entry::from(&self.readers, (journal, local), from, limit).await,
                None => Ok(Vec::new()),
            }
        };
        self.ask(asked).await
    }

    async fn each_entry(
        &self,
        journal: JournalId,
        from: u64,
        limit: u64,
        see: &mut Seeing<'_>,
    ) -> Result<u64, StoreError> {
        if self.view.is_none() {
            return pages_of(self, journal, from, limit, see).await;
        }
        let Some(local) = self.names.find(&self.readers, journal).await? else { return Ok(0) };
        Ok(entry::show(&self.readers, (journal, local), from, limit, see).await?)
    }

    async fn entries_at(&self, ids: &[EntryId]) -> Result<Vec<StoredEntry>, StoreError> {
        self.ask(|| entry::at(&self.readers, &self.names, ids)).await
    }

    async fn tiles(&self, journal: JournalId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError> {
        let asked = || async move {
            match self.names.find(&self.readers, journal).await? {
                Some(local) => journal::tiles(&self.readers, (journal, local), ids).await,
                None => Ok(Vec::new()),
            }
        };
        self.ask(asked).await
    }

    async fn runs(&self, after: u64, limit: u32) -> Result<Vec<RunRecord>, StoreError> {
        self.ask(|| link::runs(&self.readers, after, limit)).await
    }

    async fn parcels(
        &self,
        to: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        self.ask(|| link::parcels(&self.readers, to, after, limit)).await
    }

    async fn cases(&self, ids: &[CaseId]) -> Result<Vec<CaseRecord>, StoreError> {
        self.ask(|| case::named(&self.readers, ids)).await
    }

    async fn cases_numbered(&self, number: &str) -> Result<Vec<CaseRecord>, StoreError> {
        self.ask(|| case::numbered(&self.readers, number)).await
    }

    async fn cases_after(&self, after: u64, limit: u32) -> Result<Vec<CaseRecord>, StoreError> {
        self.ask(|| case::after(&self.readers, after, limit)).await
    }

    async fn cases_wanted(
        &self,
        wanted: &Wanted,
        before: u64,
        limit: u32,
    ) -> Result<Vec<CaseRecord>, StoreError> {
        if wanted.number.is_some() || wanted.title.is_some() {
            return self.search(case::wanted(&self.searchers, wanted, before, limit)).await;
        }
        self.ask(|| case::wanted(&self.readers, wanted, before, limit)).await
    }

    async fn sought(
        &self,
        sought: &Sought,
        holder: Option<DivisionCode>,
        limit: u32,
    ) -> Result<(u64, Vec<SoughtRecord>), StoreError> {
        self.ask(|| survey::sought(&self.readers, sought, holder, limit)).await
    }

    async fn holdings(&self, today: i32) -> Result<Vec<Holding>, StoreError> {
        self.ask(|| case::holdings(&self.readers, today)).await
    }

    async fn entries_saying(
        &self,
        words: &str,
        limit: u32,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        self.search(entry::saying(&self.searchers, words, limit)).await
    }

    async fn ledger(
        &self,
        peer: DivisionCode,
        direction: Direction,
    ) -> Result<Option<LedgerRecord>, StoreError> {
        self.ask(|| link::ledger(&self.readers, peer, direction)).await
    }

    async fn passages(
        &self,
        ledger: LedgerId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<PassageRecord>, StoreError> {
        self.ask(|| link::passages(&self.readers, ledger, from, limit)).await
    }

    async fn cosignatures(&self, journal: JournalId) -> Result<Vec<Cosignature>, StoreError> {
        self.ask(|| witness::cosignatures(&self.readers, journal)).await
    }

    async fn head(&self, journal: JournalId) -> Result<Option<HeadRecord>, StoreError> {
        self.ask(|| witness::head(&self.readers, journal)).await
    }

    async fn raised(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, RaisedRecord)>, StoreError> {
        self.ask(|| witness::raised(&self.readers, before, limit)).await
    }

    async fn raised_as(&self, gist: Digest) -> Result<Vec<RaisedRecord>, StoreError> {
        self.ask(|| witness::with_gist(&self.readers, gist)).await
    }

    async fn issued_rules(&self) -> Result<Vec<IssuedRules>, StoreError> {
        self.ask(|| issued::all(&self.readers)).await
    }

    async fn sealing_keys(&self, office: DivisionCode) -> Result<Vec<AnnouncedKey>, StoreError> {
        self.ask(|| sealed::keys(&self.readers, office)).await
    }

    async fn reports(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, ReportRecord)>, StoreError> {
        self.ask(|| sealed::reports(&self.readers, before, limit)).await
    }

    async fn rolled(
        &self,
        roll: u32,
        author: Option<DivisionCode>,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Rolled)>, StoreError> {
        self.ask(|| rolled::on(&self.readers, (roll, author), before, limit)).await
    }

    async fn sketches(
        &self,
        place: DivisionCode,
        after: u64,
        limit: u32,
    ) -> Result<Vec<SketchRecord>, StoreError> {
        self.ask(|| rolled::sketches(&self.readers, place, after, limit)).await
    }

    async fn sketched(&self) -> Result<u64, StoreError> {
        self.ask(|| rolled::sketched(&self.readers)).await
    }

    async fn cells(&self, asked: &CellsAsked) -> Result<Vec<(Cell, Share)>, StoreError> {
        self.ask(|| counted::cells(&self.readers, asked)).await
    }

    async fn counted(
        &self,
        asked: &CountedAsked,
        limit: u32,
    ) -> Result<Vec<CountedRecord>, StoreError> {
        self.ask(|| counted::counted(&self.readers, asked, limit)).await
    }

    async fn counters(&self) -> Result<Vec<Counter>, StoreError> {
        self.ask(|| link::counters(&self.readers)).await
    }

    async fn blocks(&self) -> Result<Vec<u32>, StoreError> {
        self.ask(|| link::blocks(&self.readers)).await
    }

    async fn tally(&self) -> Result<Tally, StoreError> {
        self.ask(|| case::tally(&self.readers)).await
    }
}
