//! Where the database is: one address, or several of which one takes writing at a time.
//!
//! `postgres://user@first:5432,second:5432/office` names two servers of one cluster, as libpq writes it. Whichever of
//! them is not standing by is spoken to; after a failover that is another one. It never decides which one it should
//! be: that is the cluster's own business (Patroni, or an operator who promotes).

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, query_scalar};
use tokio::task::JoinSet;

use super::fault::Trouble;
use crate::store::StoreError;

/// How long a server may take to answer a call.
const KNOCK: Duration = Duration::from_secs(5);

/// What every connection is set to. Lookups go by index: with few rows in a new table the planner would read all of
/// it, and keep to that plan when there are millions. A peer that is gone is noticed within half a minute, so that its
/// locks do not outlive it.
const SETTINGS: [(&str, &str); 9] = [
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "30000"),
    ("idle_in_transaction_session_timeout", "0"),
];

/// The servers of one database.
#[derive(Debug, Clone)]
pub(super) struct Servers(Vec<PgConnectOptions>);

impl Servers {
    /// Reads an address.
    pub(super) fn read(address: &str) -> Result<Self, StoreError> {
        let wrong = |why: &dyn std::fmt::Display| {
            StoreError::Unavailable(format!(
                "数据库地址有误 the address of the database is wrong ({why}): write \
                 postgres://USER@HOST:PORT/DATABASE, with several HOST:PORT between commas for a cluster"
            ))
        };
        let (scheme, rest) = address.split_once("://").ok_or_else(|| wrong(&"no ://"))?;
        let (authority, path) = rest.split_once('/').ok_or_else(|| wrong(&"no /DATABASE"))?;
        let (user, hosts) = match authority.rsplit_once('@') {
            Some((user, hosts)) => (format!("{user}@"), hosts),
            None => (String::new(), authority),
        };
        let one = |host: &str| {
            let options = PgConnectOptions::from_str(&format!("{scheme}://{user}{host}/{path}"));
            let options = options.map_err(|error| wrong(&error))?;
            Ok(options.options(SETTINGS).application_name("terrace").disable_statement_logging())
        };
        hosts.split(',').map(one).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// How each of them is spoken to.
    pub(super) fn all(&self) -> &[PgConnectOptions] {
        &self.0
    }

    /// A connection to whichever server takes writing, and how another is made. All are asked at once, so that one that
    /// hangs keeps nobody waiting.
    pub(super) async fn primary(&self) -> Result<(PgConnectOptions, PgConnection), Trouble> {
        let mut knocks = JoinSet::new();
        for options in self.0.clone() {
            knocks.spawn(async move {
                let answer = tokio::time::timeout(KNOCK, knock(&options)).await;
                (options, answer)
            });
        }
        let mut why = String::from("no server is named");
        // Final for the server that said it, and perhaps not the one that takes writing.
        let mut refused = None;
        while let Some(knocked) = knocks.join_next().await {
            let Ok((options, answer)) = knocked else { continue };
            match answer {
                Ok(Ok(Some(connection))) => return Ok((options, connection)),
                Ok(Ok(None)) => why = format!("{} is standing by", options.get_host()),
                Ok(Err(Trouble::Away(told) | Trouble::Late(told))) => why = told,
                Ok(Err(Trouble::Told(error))) => refused = Some(error),
                Err(_) => why = format!("{} does not answer", options.get_host()),
            }
        }
        Err(refused.map_or(Trouble::Away(why), Trouble::Told))
    }
}

/// A connection to a server, unless it stands by.
async fn knock(options: &PgConnectOptions) -> Result<Option<PgConnection>, Trouble> {
    let mut connection = PgConnection::connect_with(options).await?;
    let asked = query_scalar("SELECT pg_is_in_recovery()");
    let standing_by: bool = asked.fetch_one(&mut connection).await?;
    Ok((!standing_by).then_some(connection))
}

#[cfg(test)]
mod tests {
    use super::Servers;

    #[test]
    fn an_address_names_one_server_or_several() {
        let one = Servers::read("postgres://terrace@localhost:5433/office").unwrap();
        assert_eq!(one.0.len(), 1);
        let two =
            Servers::read("postgres://terrace:a%40b@one:5432,two:5433/office?sslmode=require");
        let two = two.unwrap();
        let places = two.0.iter().map(|o| (o.get_host().to_owned(), o.get_port()));
        assert_eq!(
            places.collect::<Vec<_>>(),
            [("one".to_owned(), 5432), ("two".to_owned(), 5433)]
        );
        for wrong in ["", "postgres:/x", "postgres://host", "postgres://host:port/x"] {
            assert!(Servers::read(wrong).is_err(), "{wrong}");
        }
    }
}
