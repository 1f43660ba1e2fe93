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
use sqlx::{PgPool, query, query_scalar};
use tokio::runtime::Handle;

use super::fault::Trouble;
use super::server::Servers;
use super::{readers, standby};

/// Connections kept for views to come.
const KEPT: usize = 4;
/// How long a kept connection may take to begin a view before another is made.
pub(super) const AT_ONCE: Duration = Duration::from_secs(1);

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
pub(super) enum Of<'p> {
    /// That which takes writing.
    First,
    /// One that stands by and has everything up to this position of the log.
    Standby(&'p str),
}

impl Views {
    /// Begins a view of what is there now, at the server that takes writing.
    pub(super) async fn begin(&self, servers: &Servers) -> Result<View, Trouble> {
        if let Some(view) = self.resume(Of::First).await {
            return Ok(view);
        }
        let (options, _) = servers.primary().await?;
        self.begin_at(options, Of::First).await
    }

    /// Begins a view on a kept connection, if there is one that can.
    pub(super) async fn resume(&self, of: Of<'_>) -> Option<View> {
        loop {
            let kept = self.kept().pop()?;
            if let Ok(Ok(())) = tokio::time::timeout(AT_ONCE, begin(&kept, of)).await {
                return Some(View { connection: kept, views: self.clone() });
            }
        }
    }

    /// Begins a view on a new connection.
    pub(super) async fn begin_at(
        &self,
        options: PgConnectOptions,
        of: Of<'_>,
    ) -> Result<View, Trouble> {
        let begun = AtomicBool::new(false);
        let only = readers().max_connections(1).after_connect(move |_, _| {
            let again = begun.swap(true, Ordering::Relaxed);
            Box::pin(async move { if again { Err(sqlx::Error::WorkerCrashed) } else { Ok(()) } })
        });
        let connection = only.connect_with(options).await?;
        begin(&connection, of).await?;
        Ok(View { connection, views: self.clone() })
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
            if query("ROLLBACK").execute(&connection).await.is_ok() {
                let mut kept = views.kept();
                if kept.len() < KEPT {
                    kept.push(connection);
                }
            }
        });
    }
}

/// Begins the transaction. A server that stands by may be behind, so it has to have come up to where it is asked to be.
async fn begin(connection: &PgPool, of: Of<'_>) -> Result<(), Trouble> {
    let mut connection = connection.acquire().await?;
    if let Of::Standby(position) = of {
        standby::caught_up(&mut connection, position).await?;
    }
    let text = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    query(text).execute(&mut *connection).await?;
    // A transaction sees the store as it is at its first read.
    let text = "SELECT pg_is_in_recovery() FROM held";
    let standing_by: bool = query_scalar(text).fetch_one(&mut *connection).await?;
    match (of, standing_by) {
        (Of::First, false) | (Of::Standby(_), true) => Ok(()),
        (Of::First, true) => Err(Trouble::Away("the server is standing by".into())),
        (Of::Standby(_), false) => Err(Trouble::Away("the server takes writing now".into())),
    }
}
