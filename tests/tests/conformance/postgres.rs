//! The store in PostgreSQL, and what only it can show: a server that goes away, another that takes its place, a process
//! that takes the database over.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use terrace_node::store::IfHeld;
use terrace_node::store::postgres::PostgresStore;
use terrace_tests::cluster::{self, Cluster, Furnished, Stroke};
use terrace_tests::waiting::until;

use super::*;

/// Cuts off the session that writes.
const CUT_OFF: &str = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A database of its own in the cluster of this process.
pub(super) struct Home {
    address: String,
    store: PostgresStore,
}

impl Home {
    /// In this database.
    pub(super) async fn at(address: String) -> Self {
        let store = PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
        Self { address, store }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }
}

impl House for Home {
    type Kept = PostgresStore;

    async fn build() -> Self {
        Self::at(cluster::database(Furnished::Tables)).await
    }

    fn store(&self) -> &PostgresStore {
        &self.store
    }

    /// The server says what it says of a full disk, as soon as more than a little is written.
    async fn fill(&self) {
        let text = "CREATE OR REPLACE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS \
                    $$BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END$$; \
                    CREATE OR REPLACE TRIGGER fill BEFORE INSERT ON entry FOR EACH STATEMENT \
                    EXECUTE FUNCTION fill()";
        cluster::run(&self.address, text).unwrap();
    }

    async fn make_room(&self) {
        cluster::run(&self.address, "DROP TRIGGER fill ON entry").unwrap();
    }

    async fn reopen(self) -> Self {
        self.store.close().await.unwrap();
        Self::at(self.address).await
    }
}

every_obligation!();

#[tokio::test]
async fn a_commit_that_is_dropped_is_written_whole_or_not_at_all() {
    dropped_commits(Home::build().await.store(), Duration::from_micros(300)).await;
}

/// As after a failover to a server that lacked the last commits: going on would fork the own journal.
#[tokio::test]
async fn a_database_that_fell_behind_what_it_confirmed_is_not_written_to() {
    let Home { address, store } = Home::build().await;
    let mut author = author();
    for _ in 0..3 {
        store.commit(author.batch(5, "a")).await.unwrap();
    }
    cluster::run(&address, "UPDATE held SET commits = commits - 1").unwrap();
    cluster::run(&address, CUT_OFF).unwrap();
    let error = store.commit(author.batch(5, "b")).await.unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(why) if why.contains("behind")), "{error}");
}

#[tokio::test]
async fn only_one_process_writes_and_the_next_stands_by() {
    let Home { address, store } = Home::build().await;
    let refused = PostgresStore::open(&address, IfHeld::Refuse).await.unwrap_err();
    assert!(refused.to_string().contains("another process holds"), "{refused}");
    let reading = PostgresStore::open_to_read(&address).await.unwrap();
    let waiting = PostgresStore::open(&address, IfHeld::Wait);
    let mut waiting = std::pin::pin!(waiting);
    let soon = Duration::from_millis(300);
    assert!(tokio::time::timeout(soon, &mut waiting).await.is_err(), "it waits");
    let mut author = author();
    store.commit(author.batch(5, "a")).await.unwrap();
    store.close().await.unwrap();
    let next = waiting.await.unwrap();
    next.commit(author.batch(5, "b")).await.unwrap();
    assert_eq!(reading.tally().await.unwrap().entries, 10);
    let conflict = reading.commit(author.batch(1, "c")).await.unwrap_err();
    assert!(matches!(conflict, StoreError::Conflict(_)), "{conflict}");
}

/// A process whose session was cut off while another took over must not go on.
#[tokio::test]
async fn who_was_replaced_writes_no_more() {
    let Home { address, store } = Home::build().await;
    let mut author = author();
    store.commit(author.batch(5, "a")).await.unwrap();
    let next = PostgresStore::open(&address, IfHeld::Wait);
    let mut next = std::pin::pin!(next);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut next).await.is_err());
    cluster::run(&address, CUT_OFF).unwrap();
    let next = next.await.unwrap();
    next.commit(author.batch(5, "b")).await.unwrap();
    let replaced = store.commit(Author::new(place(1), 2).batch(1, "c")).await.unwrap_err();
    assert!(replaced.to_string().contains("taken this database over"), "{replaced}");
    assert_eq!(next.tally().await.unwrap().entries, 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let mut cluster = Cluster::start().unwrap();
    cluster.sql("postgres", "CREATE DATABASE office").unwrap();
    let store = PostgresStore::open(&cluster.address("office"), IfHeld::Refuse).await.unwrap();
    let store = Arc::new(store);
    let (writing, stop) = (store.clone(), Arc::new(AtomicBool::new(false)));
    let stopped = stop.clone();
    let load = tokio::spawn(async move {
        let mut author = author();
        let mut count = 0;
        while !stopped.load(Ordering::Relaxed) {
            // Whatever happens meanwhile: each is done, and done once.
            writing.commit(author.batch(50, "a")).await.unwrap();
            count += 50;
            assert_eq!(writing.tally().await.unwrap().entries, count);
        }
        (author, count)
    });
    for stroke in [Stroke::Kill, Stroke::Stop, Stroke::Kill, Stroke::Kill] {
        let before = store.tally().await.unwrap().entries;
        let more = |held: &u64| *held > before + 200;
        until("load", async || store.tally().await.unwrap().entries, more).await;
        cluster.stroke(stroke).unwrap();
        cluster.stroke(Stroke::Start).unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    let (author, count) = load.await.unwrap();
    assert!(count > 800, "{count}");
    let held = store.entries(author.id(), 0, u32::MAX >> 1).await.unwrap();
    assert_eq!(sequences(&held), (0..count).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_is_promoted_and_nothing_confirmed_is_lost() {
    let mut first = Cluster::start().unwrap();
    first.sql("postgres", "CREATE DATABASE office").unwrap();
    let mut second = first.follower().unwrap();
    first.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'").unwrap();
    first.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    let address = cluster::address(&[first.socket(), second.socket()], "office");
    let store = PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
    let mut author = author();
    for _ in 0..20 {
        store.commit(author.batch(50, "a")).await.unwrap();
    }
    let error = second.stroke(Stroke::Promote).unwrap_err();
    assert!(error.contains("still answers"), "refused while the first answers: {error}");
    first.stroke(Stroke::Kill).unwrap();
    let starting = starts_up(&first.socket().join(".s.PGSQL.5432"));
    let error = second.stroke(Stroke::Promote).unwrap_err();
    assert_eq!(error.matches("still answers, or is starting").count(), 2, "{error}");
    starting.join().unwrap();
    second.sql("postgres", "ALTER SYSTEM SET synchronous_standby_names = ''").unwrap();
    second.stroke(Stroke::Promote).unwrap();
    second.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    for _ in 0..20 {
        store.commit(author.batch(50, "b")).await.unwrap();
    }
    let held = store.entries(author.id(), 0, 9_999).await.unwrap();
    assert_eq!(sequences(&held), (0..2_000).collect::<Vec<_>>());
}

/// A server that starts up, to one caller: it listens, and refuses whoever comes (SQLSTATE 57P03).
fn starts_up(socket: &Path) -> JoinHandle<()> {
    let _ = std::fs::remove_file(socket);
    let (listener, socket) = (UnixListener::bind(socket).unwrap(), socket.to_owned());
    // The server's programs run as another user, where this is root.
    std::fs::set_permissions(&socket, Permissions::from_mode(0o777)).unwrap();
    std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().unwrap();
        let _ = caller.read(&mut [0; 1_024]).unwrap();
        let said = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0";
        let length = u32::try_from(said.len() + 4).unwrap().to_be_bytes();
        caller.write_all(&[&b"E"[..], &length, said].concat()).unwrap();
        std::fs::remove_file(socket).unwrap();
    })
}

#[tokio::test]
async fn a_server_that_may_lose_what_it_confirms_is_refused() {
    let mut cluster = Cluster::start().unwrap();
    cluster.sql("postgres", "ALTER SYSTEM SET fsync = off").unwrap();
    cluster.sql("postgres", "SELECT pg_reload_conf()").unwrap();
    cluster.stroke(Stroke::Stop).unwrap();
    cluster.stroke(Stroke::Start).unwrap();
    let error =
        PostgresStore::open(&cluster.address("postgres"), IfHeld::Refuse).await.unwrap_err();
    assert!(error.to_string().contains("fsync off"), "{error}");
}

#[tokio::test]
async fn a_database_of_another_wire_version_is_refused_as_such() {
    let Home { address, store } = Home::build().await;
    store.close().await.unwrap();
    cluster::run(&address, "UPDATE tenure SET wire = 2").unwrap();
    for opened in [
        PostgresStore::open(&address, IfHeld::Refuse).await,
        PostgresStore::open_to_read(&address).await,
    ] {
        let error = opened.unwrap_err();
        assert!(matches!(&error, StoreError::Version(why) if why.contains("newer one")), "{error}");
    }
}

#[tokio::test]
async fn whoever_only_reads_is_told_to_bring_the_tables_up_to_date_first() {
    let Home { address, store } = Home::build().await;
    store.close().await.unwrap();
    let newest = "WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
    for (text, word) in [
        ("DELETE FROM _sqlx_migrations", "start the office once"),
        ("UPDATE _sqlx_migrations SET version = version + 100", "run the newer one"),
    ] {
        cluster::run(&address, &format!("{text} {newest}")).unwrap();
        let error = PostgresStore::open_to_read(&address).await.unwrap_err();
        assert!(matches!(&error, StoreError::Version(why) if why.contains(word)), "{error}");
    }
}

/// A transaction left open would keep the server from clearing up for as long as the office runs.
#[tokio::test]
async fn an_ended_view_holds_nothing_and_lends_its_connection_to_the_next() {
    let Home { address, store } = Home::build().await;
    let sessions = |which: &str| {
        let text = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND backend_type = 'client backend' AND pid <> pg_backend_pid() {which}"
        );
        cluster::run(&address, &text).unwrap()
    };
    let mut seen = BTreeSet::new();
    for _ in 0..20 {
        let view = store.frozen().await.unwrap();
        view.tally().await.unwrap();
        let text = "SELECT pid FROM pg_stat_activity WHERE state = 'idle in transaction' \
                    AND datname = current_database()";
        seen.insert(cluster::run(&address, text).unwrap());
        drop(view);
        let open = async || sessions("AND state LIKE 'idle in transaction%'");
        until("the end of the view", open, |open| open == "0").await;
    }
    assert!(seen.len() <= 2, "a view begins on the connection of one that has ended: {seen:?}");
    // That which writes, those that read, and a few for views.
    assert!(sessions("").parse::<usize>().unwrap() < 12, "{}", sessions(""));
    // A session that ended meanwhile is not asked again.
    let all = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
               AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    cluster::run(&address, all).unwrap();
    assert_eq!(store.frozen().await.unwrap().tally().await.unwrap().entries, 0);
}

/// Figures are read from a server that stands by, and are never older than what was committed before they were asked for;
/// where it is behind, or gone, the first one answers.
#[tokio::test(flavor = "multi_thread")]
async fn figures_come_from_a_server_that_stands_by_and_are_no_older_for_it() {
    let first = Cluster::start().unwrap();
    first.sql("postgres", "CREATE DATABASE office").unwrap();
    let mut second = first.follower().unwrap();
    let address = cluster::address(&[first.socket(), second.socket()], "office");
    let store = PostgresStore::open(&address, IfHeld::Refuse).await.unwrap();
    let mut author = author();
    let looking = |at: &Cluster| {
        let text = "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'";
        at.sql("office", text).unwrap()
    };
    for round in 1..=20 {
        store.commit(author.batch(50, "a")).await.unwrap();
        let view = store.frozen_on_standby().await.unwrap();
        assert_eq!(view.tally().await.unwrap().entries, 50 * round);
        assert_eq!((looking(&first), looking(&second)), ("0".to_owned(), "1".to_owned()));
        drop(view);
        until("the end of the view", async || looking(&second), |looking| looking == "0").await;
    }
    second.sql("postgres", "SELECT pg_wal_replay_pause()").unwrap();
    store.commit(author.batch(50, "b")).await.unwrap();
    let view = store.frozen_on_standby().await.unwrap();
    assert_eq!(view.tally().await.unwrap().entries, 1_050, "it is behind, and is not asked");
    assert_eq!(looking(&second), "0");
    // Opened anew, so that the one that stands by is asked at once, and is not there.
    second.stroke(Stroke::Kill).unwrap();
    let reading = PostgresStore::open_to_read(&address).await.unwrap();
    assert_eq!(reading.frozen_on_standby().await.unwrap().tally().await.unwrap().entries, 1_050);
}

/// Words are looked for beside the work of the office: whoever looks a whole table through waits alone, and not for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_through_everything_keeps_no_connection_from_the_office() {
    let Home { address, store } = Home::build().await;
    let (mut author, store) = (author(), Arc::new(store));
    store.commit(author.batch(50, "a")).await.unwrap();
    let lock = "BEGIN; LOCK entry IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)";
    let held = address.clone();
    let holder = std::thread::spawn(move || cluster::run(&held, lock));
    let held = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted";
    until("the lock", async || cluster::run(&address, held).unwrap(), |held| held != "0").await;
    let look = |words: &'static str| {
        let store = store.clone();
        tokio::spawn(async move { store.entries_saying(words, 9).await })
    };
    let looks = [look("灯"), look("井"), look("路")];
    let waiting =
        "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    let count = format!("SELECT count(*) {waiting}");
    until("two looks", async || cluster::run(&address, &count).unwrap(), |looks| looks == "2")
        .await;
    for _ in 0..20 {
        assert!(store.journal(author.id()).await.unwrap().is_some());
    }
    // As when their time is over.
    cluster::run(&address, &format!("SELECT count(pg_cancel_backend(pid)) {waiting}")).unwrap();
    until("the next look", async || cluster::run(&address, &count).unwrap(), |looks| looks == "1")
        .await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' \
               AND pid <> pg_backend_pid()";
    cluster::run(&address, end).unwrap();
    assert!(holder.join().unwrap().is_err());
    let mut cut_short = 0;
    for look in looks {
        match look.await.unwrap() {
            Ok(found) => assert_eq!(found.len(), 0),
            Err(StoreError::TooMuch(why)) => {
                assert!(why.contains("57014"), "{why}");
                cut_short += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(cut_short, 2);
    store.commit(author.batch(50, "b")).await.unwrap();
}
