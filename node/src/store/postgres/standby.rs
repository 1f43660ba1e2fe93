//! Views out of a server that stands by (备用服务器), so that whoever looks at figures takes nothing from whoever registers.
//!
//! Such a server follows the one that takes writing and may be behind. A view of it is begun only once it has everything
//! that was committed before the view was asked for: it is never older than one of the first server. Where none comes up
//! to that at once, the first server answers, and for a while no other is asked. Nothing is ever written back from here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::{PgConnection, PgPool, query_scalar};
use tokio::time::Instant;
use tracing::info;

use super::fault::Trouble;
use super::server::Servers;
use super::view::{AT_ONCE, Of, View, Views};

/// How long a server may take to come up to what is asked for.
const BEHIND: Duration = Duration::from_millis(250);
/// How long between looks whether it has. The server tells nobody.
const LOOK: Duration = Duration::from_millis(2);
/// How long none is asked after none could answer.
const REST: Duration = Duration::from_secs(30);

/// The servers that stand by, as far as views need them.
#[derive(Debug, Clone, Default)]
pub(super) struct Standby {
    views: Views,
    not_before: Arc<Mutex<Option<Instant>>>,
}

impl Standby {
    /// Begins a view of what is there now; `None` where no server that stands by can answer at once. `first` reads from
    /// the server that takes writing.
    pub(super) async fn begin(&self, servers: &Servers, first: &PgPool) -> Option<View> {
        if servers.all().len() < 2 || self.rest().is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let begun = tokio::time::timeout(AT_ONCE, self.attempt(servers, first));
        let why = match begun.await {
            Ok(Ok(view)) => return Some(view),
            Ok(Err(Trouble::Away(why))) => why,
            Ok(Err(Trouble::Told(error))) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        info!(
            why,
            "备用服务器不可用，由主服务器作答 no server that stands by can answer; the first does"
        );
        *self.rest() = Some(Instant::now() + REST);
        None
    }

    /// Closes the connections that are kept.
    pub(super) async fn close(&self) {
        self.views.close().await;
    }

    async fn attempt(&self, servers: &Servers, first: &PgPool) -> Result<View, Trouble> {
        let position: String =
            query_scalar("SELECT pg_current_wal_flush_lsn()::text").fetch_one(first).await?;
        if let Some(view) = self.views.resume(Of::Standby(&position)).await {
            return Ok(view);
        }
        let mut why = Trouble::Away("none stands by".into());
        for options in servers.all() {
            match self.views.begin_at(options.clone(), Of::Standby(&position)).await {
                Ok(view) => return Ok(view),
                Err(trouble) => why = trouble,
            }
        }
        Err(why)
    }

    fn rest(&self) -> MutexGuard<'_, Option<Instant>> {
        self.not_before.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until a server that stands by has everything up to a position of the log.
pub(super) async fn caught_up(
    connection: &mut PgConnection,
    position: &str,
) -> Result<(), Trouble> {
    let until = Instant::now() + BEHIND;
    let text = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() >= $1::text::pg_lsn END";
    loop {
        let there: Option<bool> =
            query_scalar(text).bind(position).fetch_one(&mut *connection).await?;
        match there {
            Some(true) => return Ok(()),
            None => return Err(Trouble::Away("the server takes writing".into())),
            Some(false) if Instant::now() >= until => {
                return Err(Trouble::Away("the server that stands by is behind".into()));
            }
            Some(false) => tokio::time::sleep(LOOK).await,
        }
    }
}
