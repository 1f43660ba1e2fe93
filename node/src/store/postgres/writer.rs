//! The one connection that writes, and holds the database for this process.
//!
//! Whoever writes holds a lock of the database in the same session it writes in: when the session ends, lock and
//! unfinished transaction end together, and another process may take over. Each taking over is counted (`tenure`);
//! a process that finds another number than its own after its connection was lost has been replaced, and must stop.
//!
//! A commit whose answer was lost is found again by its number (`held.commits`): it is done, or it is done once more.

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, query, query_as, query_scalar};
use tokio::time::Instant;
use tracing::{info, warn};

use super::fault::Trouble;
use super::journal::{Names, Numbers};
use super::server::Servers;
use super::{case, counted, entry, issued, journal, link, rolled, sealed, witness};
use crate::store::{Batch, IfHeld, StoreError};

/// The lock, one of each database.
const LOCK: i64 = i64::from_be_bytes(*b"terrace\0");
/// How long a server that is away is waited for before the office stops.
pub(super) const OUTAGE: Duration = Duration::from_secs(60);
/// How long the session of a process that has just ended may take to end at the server.
const GRACE: Duration = Duration::from_secs(2);
/// Time between two calls on a server that is away.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// Draws the line anew.
macro_rules! new_line {
    () => {
        "line = (random() * 9e18)::bigint"
    };
}

/// The connection that writes. Without one, the next commit makes it.
#[derive(Debug)]
pub(super) struct Writer {
    servers: Servers,
    tenure: i64,
    /// Transactions this process knows to be done.
    commits: i64,
    connection: Option<PgConnection>,
}

impl Writer {
    /// Takes the database for this process.
    pub(super) async fn take_over(servers: Servers, if_held: IfHeld) -> Result<Self, StoreError> {
        let mut connection = match if_held {
            IfHeld::Refuse => seize(&servers).await?,
            IfHeld::Wait => wait(&servers).await,
        };
        settle(&mut connection).await?;
        super::schema::prepare(&mut connection).await?;
        let text =
            concat!("UPDATE tenure SET number = number + 1, ", new_line!(), " RETURNING number");
        let tenure = query_scalar(text).fetch_one(&mut connection).await.map_err(Trouble::from)?;
        let text = "SELECT commits FROM held";
        let commits = query_scalar(text).fetch_one(&mut connection).await.map_err(Trouble::from)?;
        Ok(Self { servers, tenure, commits, connection: Some(connection) })
    }

    /// Writes a batch as one transaction, however often the server goes away meanwhile, for [`OUTAGE`].
    pub(super) async fn commit(&mut self, names: &Names, batch: &Batch) -> Result<(), StoreError> {
        let until = Instant::now() + OUTAGE;
        // The number this commit will have had, should its answer be lost.
        let mut doubted = None;
        loop {
            let away = match self.attempt(names, batch, &mut doubted).await {
                Ok(()) => return Ok(()),
                Err(Trouble::Told(error)) => return Err(error),
                Err(Trouble::Away(away) | Trouble::Late(away)) => away,
            };
            if Instant::now() >= until {
                return Err(StoreError::Unavailable(away));
            }
            warn!("数据库不应答 the database does not answer, asking again: {away}");
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Makes sure that this process has not been replaced.
    pub(super) async fn hold(&mut self) -> Result<(), StoreError> {
        if let Some(mut connection) = self.connection.take()
            && in_time(async { Ok(query("SELECT 1").execute(&mut connection).await?) })
                .await
                .is_ok()
        {
            self.connection = Some(connection);
            return Ok(());
        }
        match in_time(self.resume()).await {
            // A server that is away is waited for when there is something to write.
            Ok(_) | Err(Trouble::Away(_) | Trouble::Late(_)) => Ok(()),
            Err(Trouble::Told(error)) => Err(error),
        }
    }

    async fn attempt(
        &mut self,
        names: &Names,
        batch: &Batch,
        doubted: &mut Option<i64>,
    ) -> Result<(), Trouble> {
        if self.connection.is_none() {
            let done = in_time(self.resume()).await?;
            if doubted.take() == Some(done) {
                info!("写入已生效 the commit whose answer was lost is done");
                return Ok(());
            }
        }
        // Out of its place, so that a commit that is dropped half way closes the connection.
        let Some(mut connection) = self.connection.take() else {
            return Err(Trouble::Away("the connection is gone".into()));
        };
        match in_time(transact(&mut connection, names, batch, self.commits)).await {
            Ok(numbers) => {
                names.remember(numbers.into_names());
                self.commits += 1;
                self.connection = Some(connection);
                Ok(())
            }
            Err(Trouble::Away(away) | Trouble::Late(away)) => {
                *doubted = Some(self.commits + 1);
                Err(Trouble::Away(away))
            }
            Err(Trouble::Told(error)) => {
                let undone = async { Ok(query("ROLLBACK").execute(&mut connection).await?) };
                if in_time(undone).await.is_ok() {
                    self.connection = Some(connection);
                }
                Err(Trouble::Told(error))
            }
        }
    }

    /// Makes a new connection, if this process has not been replaced meanwhile and the database is not behind it; how many
    /// commits are done there.
    async fn resume(&mut self) -> Result<i64, Trouble> {
        let (_, mut connection) = self.servers.primary().await?;
        let locked = lock(&mut connection).await?;
        let text = "SELECT t.number, h.commits FROM tenure t, held h";
        let (tenure, commits): (i64, i64) = query_as(text).fetch_one(&mut connection).await?;
        if tenure != self.tenure {
            return Err(Trouble::Told(StoreError::Unavailable(format!(
                "数据库已由另一进程接管 another process has taken this database over ({tenure}, not {}): this one \
                 must stop",
                self.tenure
            ))));
        }
        if !locked {
            // The session that was lost may not have ended yet at the other end.
            return Err(Trouble::Away("the lock of the database is held".into()));
        }
        if commits < self.commits {
            return Err(Trouble::Told(StoreError::Corrupt(format!(
                "数据库落后于已确认的写入 the database is behind what it confirmed ({commits} commits, not {}): a server \
                 that lacked them took the first one's place. Writing now would fork the journal",
                self.commits
            ))));
        }
        settle(&mut connection).await?;
        // What is seen here may not be confirmed by a second server yet. This is, and all before it with it.
        query(concat!("UPDATE tenure SET ", new_line!())).execute(&mut connection).await?;
        self.commits = commits;
        self.connection = Some(connection);
        Ok(commits)
    }

    /// Gives the database back.
    pub(super) async fn close(&mut self) -> Result<(), StoreError> {
        match self.connection.take() {
            Some(connection) => Ok(connection.close().await.map_err(Trouble::from)?),
            None => Ok(()),
        }
    }
}

/// What was asked of a server, if it answers in [`OUTAGE`]: a machine that vanished does not even hang up.
pub(super) async fn in_time<T>(
    asked: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let away = |_| Trouble::Away(format!("no answer in {} seconds", OUTAGE.as_secs()));
    tokio::time::timeout(OUTAGE, asked).await.map_err(away)?
}

async fn lock(connection: &mut PgConnection) -> Result<bool, Trouble> {
    let text = "SELECT pg_try_advisory_lock($1)";
    Ok(query_scalar(text).bind(LOCK).fetch_one(connection).await?)
}

/// A connection with the lock, now; a predecessor that is gone may take a moment to be gone at the server.
pub(super) async fn seize(servers: &Servers) -> Result<PgConnection, StoreError> {
    let (_, mut connection) = servers.primary().await?;
    let until = Instant::now() + GRACE;
    while !lock(&mut connection).await? {
        if Instant::now() >= until {
            return Err(held_by_another());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(connection)
}

fn held_by_another() -> StoreError {
    StoreError::Unavailable(
        "数据库正由另一进程使用 another process holds this database: stop it first, speak to it with a command, or \
         stand by with serve --standby"
            .into(),
    )
}

/// A connection with the lock, as soon as nobody else holds it. It asks again and again, because a server that vanished
/// would leave a call that waits for the lock waiting for ever.
async fn wait(servers: &Servers) -> PgConnection {
    let mut told = false;
    loop {
        let asked = async {
            let (_, mut connection) = servers.primary().await?;
            Ok(lock(&mut connection).await?.then_some(connection))
        };
        match in_time(asked).await {
            Ok(Some(connection)) => {
                info!("接管 taking over the database");
                return connection;
            }
            Ok(None) if told => {}
            Ok(None) => {
                info!("候补 standing by: another process holds the database");
                told = true;
            }
            Err(trouble) => warn!("候补 standing by: {}", StoreError::from(trouble)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Refuses a server that may lose what it has confirmed, and asks for at least a local flush of every commit. More,
/// such as waiting for a second server, is the cluster's to demand.
async fn settle(connection: &mut PgConnection) -> Result<(), Trouble> {
    let text = "SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') \
                IN ('off', 'local', 'remote_write') THEN 'on' ELSE current_setting('synchronous_commit') END, \
                false), current_setting('fsync'), current_setting('full_page_writes')";
    let (_, fsync, pages): (String, String, String) = query_as(text).fetch_one(connection).await?;
    if fsync == "on" && pages == "on" {
        return Ok(());
    }
    Err(Trouble::Told(StoreError::Unavailable(format!(
        "数据库不保证落盘 this PostgreSQL can lose what it confirms (fsync {fsync}, full_page_writes {pages}): switch \
         both on"
    ))))
}

/// Writes a batch as one transaction, up to and with its end. `commits` is how many there were before.
async fn transact(
    connection: &mut PgConnection,
    names: &Names,
    batch: &Batch,
    commits: i64,
) -> Result<Numbers, Trouble> {
    query("BEGIN").execute(&mut *connection).await?;
    let numbers = Numbers::of(connection, names, batch).await?;
    journal::expect_sizes(connection, &numbers, &batch.journals).await?;
    let entries = entry::write(connection, &numbers, &batch.entries).await?;
    journal::write(connection, &numbers, batch).await?;
    link::write(connection, &numbers, batch).await?;
    witness::write(connection, batch).await?;
    issued::write(connection, batch).await?;
    sealed::write(connection, batch).await?;
    rolled::write(connection, batch).await?;
    counted::write(connection, batch).await?;
    let cases = case::write(connection, &batch.cases, batch.all_new).await?;
    let text = "UPDATE held SET commits = $1, entries = entries + $2, cases = cases + $3 WHERE commits = $4";
    let asked = query(text).bind(commits + 1).bind(entries.cast_signed());
    let done = asked.bind(cases).bind(commits).execute(&mut *connection).await?;
    if done.rows_affected() != 1 {
        return Err(Trouble::Told(StoreError::Unavailable(
            "another process has written to this database: this one must stop".into(),
        )));
    }
    query("COMMIT").execute(connection).await?;
    Ok(numbers)
}
