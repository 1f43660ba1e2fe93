//! Frozen views (定格): each is one connection in one transaction that reads, so that what it sees stays as it was when it
//! began. A second connection would see something else, so a view never has one.
//!
//! A connection whose view has ended is kept for the next: it knows the tables, and a new one would learn those of every
//! province first, which takes longer than most of what is asked. While a view lives the server keeps what it sees; an
//! ended one holds nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{PgPool, query, query_as};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::fault::Trouble;
use super::readers;
use super::server::Servers;
use super::standby::Position;

/// Connections kept for views to come.
const KEPT: usize = 4;
/// How long a kept connection may take to begin a view before another is made.
pub(super) const AT_ONCE: Duration = Duration::from_secs(1);
/// How long a server that stands by may take to come up to what is asked for.
const BEHIND: Duration = Duration::from_millis(250);
/// How long between two peeks whether it has.
const PEEK: Duration = Duration::from_millis(2);

/// The connections of ended views.
#[derive(Debug, Clone, Default)]
pub(super) struct Views(Arc<Mutex<Vec<PgPool>>>);

/// A view that lives.
#[derive(Debug)]
pub(super) struct View {
    connection: PgPool,
    views: Views,
}

/// Which server a view may be of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// That which takes writing.
    Writing,
    /// One that stands by and is as far as this.
    Standby(Position),
}

/// What came of beginning a view.
#[derive(Debug)]
pub(super) enum Begun {
    /// It lives.
    View(View),
    /// The server is not as far as was asked.
    Behind,
}

impl Views {
    /// Begins a view of what is there now, at the server that takes writing.
    pub(super) async fn begin(&self, servers: &Servers) -> Result<View, Trouble> {
        if let Some(Begun::View(view)) = self.resume(Of::Writing).await {
            return Ok(view);
        }
        let (options, _) = servers.primary().await?;
        match self.begin_at(options, Of::Writing).await? {
            Begun::View(view) => Ok(view),
            Begun::Behind => Err(Trouble::Away("the server is behind".into())),
        }
    }

    /// Begins a view on a kept connection, if there is one that still answers.
    pub(super) async fn resume(&self, of: Of) -> Option<Begun> {
        loop {
            let kept = self.kept().pop()?;
            match tokio::time::timeout(AT_ONCE, begin(&kept, of)).await {
                Ok(Ok(true)) => return Some(Begun::View(self.view(kept))),
                Ok(Ok(false)) => {
                    self.keep(kept);
                    return Some(Begun::Behind);
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
    }

    /// Begins a view on a new connection.
    pub(super) async fn begin_at(
        &self,
        options: PgConnectOptions,
        of: Of,
    ) -> Result<Begun, Trouble> {
        let begun = AtomicBool::new(false);
        let only = readers().max_connections(1).after_connect(move |_, _| {
            let again = begun.swap(true, Ordering::Relaxed);
            Box::pin(async move { if again { Err(sqlx::Error::WorkerCrashed) } else { Ok(()) } })
        });
        let connection = only.connect_with(options).await?;
        if begin(&connection, of).await? {
            return Ok(Begun::View(self.view(connection)));
        }
        self.keep(connection);
        Ok(Begun::Behind)
    }

    fn view(&self, connection: PgPool) -> View {
        View { connection, views: self.clone() }
    }

    fn keep(&self, connection: PgPool) {
        let mut kept = self.kept();
        if kept.len() < KEPT {
            kept.push(connection);
        }
    }

    /// Closes the connections that are kept.
    pub(super) async fn close(&self) {
        let kept = std::mem::take(&mut *self.kept());
        for connection in kept {
            connection.close().await;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Vec<PgPool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    /// The pool of its one connection.
    pub(super) fn connection(&self) -> PgPool {
        self.connection.clone()
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let (connection, views) = (self.connection.clone(), self.views.clone());
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            // Where the connection was lost there is nothing to end, and no other is to be made for that.
            if connection.size() == 0 {
                return;
            }
            let acquired = tokio::time::timeout(AT_ONCE, connection.acquire()).await;
            let Ok(Ok(mut only)) = acquired else { return };
            if query("ROLLBACK").execute(&mut *only).await.is_ok() {
                drop(only);
                views.keep(connection);
            }
        });
    }
}

/// Begins the transaction; false where the server stands by and does not come as far as was asked in time.
async fn begin(connection: &PgPool, of: Of) -> Result<bool, Trouble> {
    let mut connection = connection.acquire().await?;
    let until = Instant::now() + BEHIND;
    loop {
        let text = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        query(text).execute(&mut *connection).await?;
        // A transaction sees the store as it is at its first read.
        let text = "SELECT pg_is_in_recovery(), t.line, h.commits FROM tenure t, held h";
        let (standing_by, line, commits): (bool, i64, i64) =
            query_as(text).fetch_one(&mut *connection).await?;
        let asked = match (of, standing_by) {
            (Of::Writing, false) => return Ok(true),
            (Of::Writing, true) => return Err(Trouble::Away("the server is standing by".into())),
            (Of::Standby(_), false) => {
                return Err(Trouble::Away("the server takes writing now".into()));
            }
            (Of::Standby(asked), true) => asked,
        };
        if line == asked.line && commits >= asked.commits {
            return Ok(true);
        }
        query("ROLLBACK").execute(&mut *connection).await?;
        if Instant::now() >= until {
            return Ok(false);
        }
        // It tells nobody when it has come further.
        tokio::time::sleep(PEEK).await;
    }
}
