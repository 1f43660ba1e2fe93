//! Views out of a server that stands by (备用服务器), so that whoever looks at figures takes nothing from whoever registers.
//!
//! Such a server follows the one that takes writing and may be behind. A view of it is begun only once it shows the line
//! of the session that writes and every commit there was when the view was asked for: it is never older than one of the
//! server that takes writing, and never of a history that was left. Where none comes up to that at once, that server
//! answers, and for a while no other is asked. Nothing is ever written back from here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::{PgPool, query_as};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tracing::info;

use super::fault::Trouble;
use super::server::Servers;
use super::view::{AT_ONCE, Begun, Of, View, Views};

/// How long none is asked after none could answer.
const REST: Duration = Duration::from_secs(30);

/// The servers that stand by, as far as views need them.
#[derive(Debug, Clone, Default)]
pub(super) struct Standby {
    views: Views,
    not_before: Arc<Mutex<Option<Instant>>>,
}

/// How far a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    /// Of the session that writes.
    pub(super) line: i64,
    /// Transactions done.
    pub(super) commits: i64,
}

impl Standby {
    /// Begins a view of what is there now; `None` where no server that stands by can answer at once. `writing` reads from
    /// the server that takes writing.
    pub(super) async fn begin(&self, servers: &Servers, writing: &PgPool) -> Option<View> {
        if servers.all().len() < 2 || self.rest().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let begun = tokio::time::timeout(AT_ONCE, self.attempt(servers, writing)).await;
        let why = match begun {
            Ok(Ok(view)) => return Some(view),
            Ok(Err(Trouble::Away(why) | Trouble::Late(why))) => why,
            Ok(Err(Trouble::Told(error))) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        info!(why, "备用服务器不可用，由主服务器作答 no server that stands by can answer");
        *self.rest() = Some(Instant::now() + REST);
        None
    }

    /// Closes the connections that are kept.
    pub(super) async fn close(&self) {
        self.views.close().await;
    }

    async fn attempt(&self, servers: &Servers, writing: &PgPool) -> Result<View, Trouble> {
        let text = "SELECT t.line, h.commits FROM tenure t, held h";
        let (line, commits) = query_as(text).fetch_one(writing).await?;
        let of = Of::Standby(Position { line, commits });
        if let Some(begun) = self.views.resume(of).await {
            return seen(begun);
        }
        // All at once: one that hangs keeps the others from nothing.
        let mut begins = JoinSet::new();
        for options in servers.all() {
            let (views, options) = (self.views.clone(), options.clone());
            begins.spawn(async move { views.begin_at(options, of).await });
        }
        let mut why = Trouble::Away("none stands by".into());
        while let Some(begun) = begins.join_next().await {
            match begun.map(|begun| begun.and_then(seen)) {
                Ok(Ok(view)) => return Ok(view),
                Ok(Err(trouble)) => why = trouble,
                Err(_) => {}
            }
        }
        Err(why)
    }

    fn rest(&self) -> MutexGuard<'_, Option<Instant>> {
        self.not_before.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seen(begun: Begun) -> Result<View, Trouble> {
    match begun {
        Begun::View(view) => Ok(view),
        Begun::Behind => Err(Trouble::Away("the server that stands by is behind".into())),
    }
}
