//! Root and province over PostgreSQL, those below over files: the database server and the root are killed under load, a
//! second process takes the root over, and nothing is lost or doubled.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::Value;
use terrace_proto::entry::JournalId;
use terrace_tests::cluster::{Cluster, Stroke};
use terrace_tests::offices::{Office, binary, command, line_over};
use terrace_tests::waiting::until;

const LINE: [&str; 4] = ["41", "4102", "410221", "410221101"];

/// The journal of an office.
fn journal(office: &Office) -> JournalId {
    let (_, author, epoch) = office.folder.config().unwrap();
    JournalId { author, epoch }
}

/// How much of a journal an office holds.
async fn held(office: &Office, journal: JournalId) -> u64 {
    let record = office.store().await.unwrap().journal(journal).await.unwrap();
    record.map_or(0, |record| record.frontier.size())
}

/// Registers at the town until told to stop; how many were taken.
async fn register(town: &Office, stop: &AtomicBool, taken: &AtomicU64) {
    while !stop.load(Ordering::Relaxed) {
        town.register("路灯不亮").await.unwrap();
        taken.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn database_and_root_are_killed_under_load_and_a_second_process_takes_over() {
    let mut cluster = Cluster::start().unwrap();
    for name in ["hub", "province"] {
        cluster.sql("postgres", &format!("CREATE DATABASE {name}")).unwrap();
    }
    let scratch = tempfile::tempdir().unwrap();
    let stores = |division: &str| match division {
        "00" => Some(cluster.address("hub")),
        "41" => Some(cluster.address("province")),
        _ => None,
    };
    let mut offices = line_over(scratch.path(), &LINE, &stores).await.unwrap();
    let town = Arc::new(offices.pop().unwrap());
    let root = offices.remove(0);
    let program = binary("terrace-hub").unwrap();
    let mut second = Office::stand_by(&program, root.folder.path()).await.unwrap();
    let (stop, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let load = tokio::spawn({
        let (town, stop, taken) = (town.clone(), stop.clone(), taken.clone());
        async move { register(&town, &stop, &taken).await }
    });
    let of_town = journal(&town);
    let arrives = async |office: &Office, more: u64| {
        let before = held(office, of_town).await;
        until("entries at the root", || held(office, of_town), |size| *size > before + more).await;
    };
    // The server dies twice; the offices over it go on by themselves.
    for _ in 0..2 {
        arrives(&root, 20).await;
        cluster.stroke(Stroke::Kill).unwrap();
        cluster.stroke(Stroke::Start).unwrap();
    }
    arrives(&root, 20).await;
    // The root dies; the other process has it, with all that was confirmed.
    let confirmed = held(&root, of_town).await;
    root.kill().await.unwrap();
    let word: Value = serde_json::from_str(&second.next_word().await.unwrap()).unwrap();
    assert_eq!(word["serving"], "00", "{word}");
    assert!(held(&second, of_town).await >= confirmed);
    arrives(&second, 20).await;
    stop.store(true, Ordering::Relaxed);
    load.await.unwrap();
    let size = held(&town, of_town).await;
    assert!(size > taken.load(Ordering::Relaxed));
    until("the rest", || held(&second, of_town), |held| *held == size).await;
    let entries = second.store().await.unwrap().entries(of_town, 0, u32::MAX >> 1).await.unwrap();
    let sequences: BTreeSet<u64> = entries.iter().map(|entry| entry.id.sequence).collect();
    assert_eq!((entries.len() as u64, sequences.len() as u64), (size, size));
    assert!(entries.iter().all(|entry| entry.body.is_some()));
    let data = second.folder.path().to_string_lossy().into_owned();
    let told = command(&program, &["audit", "--data", &data, "--json"]).await;
    assert!(told.is_ok(), "the audit finds nothing: {told:?}");
}
