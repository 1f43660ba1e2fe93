//! Writes the same batches into SQLite and into PostgreSQL, beside a bare `COPY` of the very same rows into the same
//! indexed tables, all in one run.
//!
//! A batch is what the root commits: 500 entries of one journal with their run, and the folds of 125 cases, of which one
//! in five is new. The bare `COPY` proves nothing, folds nothing and flushes once: it is what the tables themselves cost.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "printing is what a measurement does, and failing ends it"
)]

use std::time::{Duration, Instant};

use terrace_node::store::postgres::PostgresStore;
use terrace_node::store::postgres::layout::{Layout, lay_out};
use terrace_node::store::sqlite::SqliteStore;
use terrace_node::store::{Batch, CaseRecord, IfHeld, Store};
use terrace_proto::digest::CaseId;
use terrace_tests::cluster::Cluster;
use terrace_tests::sample::{Author, case};

/// Entries in all, unless told otherwise.
const ENTRIES: u64 = 200_000;
const BATCH: u64 = 500;
const CASES: u64 = 125;
/// Counties of as many provinces, one journal each.
const AUTHORS: [&str; 8] =
    ["410221", "110101", "130102", "320102", "330102", "440103", "510104", "610102"];

/// What stands in a body of usual size.
const TEXT: &str =
    "路灯不亮，已有两周，夜间行走不便，请核实处理并答复；网格员已到现场查看，转有关单位办理。";

#[tokio::main]
async fn main() {
    let entries = std::env::args().nth(1).map_or(ENTRIES, |text| text.parse().unwrap());
    let batches = batches(entries / BATCH);
    let rows: u64 = batches.iter().map(|batch| batch.entries.len() as u64).sum();
    println!("{rows} entries in batches of {BATCH}, each with {CASES} folds");
    let scratch = tempfile::tempdir().unwrap();
    let file = SqliteStore::open(scratch.path().join("office.db")).await.unwrap();
    told("SQLite", rows, write(&file, &batches).await);
    file.close().await.unwrap();

    let cluster = Cluster::start().unwrap();
    let sql = |database: &str, text: &str| cluster.sql(database, text).unwrap();
    for name in ["office", "bare"] {
        sql("postgres", &format!("CREATE DATABASE {name}"));
        lay_out(&cluster.address(name), Layout::Provinces).await.unwrap();
    }
    let store = PostgresStore::open(&cluster.address("office"), IfHeld::Refuse).await.unwrap();
    let ours = told("PostgreSQL", rows, write(&store, &batches).await);
    let held = store.tally().await.unwrap();
    assert_eq!(held.entries, rows);
    let size = |tables: &str, count: u64| {
        let text = format!(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname ~ '^({tables})' AND relkind = 'r'"
        );
        sql("office", &text).parse::<u64>().unwrap() / count
    };
    sql("office", "VACUUM FULL");
    println!(
        "on disk with indexes: {} bytes an entry, {} bytes a case",
        size("entry", rows),
        size("folded_case|case_home", held.cases)
    );
    for table in ["entry", "case_home", "folded_case"] {
        let file = cluster.socket().join(table);
        let text = format!("COPY (SELECT * FROM {table}) TO '{}' (FORMAT binary)", file.display());
        sql("office", &text);
    }
    sql("bare", "CHECKPOINT");
    let began = Instant::now();
    for table in ["entry", "case_home", "folded_case"] {
        let file = cluster.socket().join(table);
        sql("bare", &format!("COPY {table} FROM '{}' (FORMAT binary)", file.display()));
    }
    let peer = told("bare COPY of the same rows", rows, began.elapsed());
    println!("ratio to the bare COPY: {:.2}", ours / peer);
}

/// Writes all batches; how long that took.
async fn write(store: &dyn Store, batches: &[Batch]) -> Duration {
    let began = Instant::now();
    for batch in batches {
        store.commit(batch.clone()).await.unwrap();
    }
    began.elapsed()
}

fn told(what: &str, rows: u64, took: Duration) -> f64 {
    let rate = rows as f64 / took.as_secs_f64();
    println!("{what}: {rate:.0} entries/s ({:.2} s)", took.as_secs_f64());
    rate
}

fn batches(count: u64) -> Vec<Batch> {
    let mut authors: Vec<Author> = (1..)
        .zip(AUTHORS)
        .map(|(epoch, place)| Author::new(place.parse().unwrap(), epoch))
        .collect();
    let lives = AUTHORS.len();
    let mut batches = Vec::new();
    for number in 0..count {
        let author = &mut authors[number as usize % lives];
        let mut batch = author.batch(BATCH, TEXT);
        let home = author.id().author;
        // A fifth of the cases is new; the others moved on.
        let first = number * CASES / 5;
        batch.cases = (0..CASES).map(|nth| fold((first + nth / 5) * 8 + nth % 5, home)).collect();
        batches.push(batch);
    }
    batches
}

fn fold(number: u64, home: terrace_proto::division::DivisionCode) -> CaseRecord {
    let mut id = [0; 16];
    // Ids are random in life, so that their index is met everywhere.
    id[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    CaseRecord {
        id: CaseId(id),
        number: Some(format!("{}-2026-{number:08}", home.short())),
        holder: Some((home, "zj".into())),
        facts: vec![7; 900],
        row: 0,
        ..case(1)
    }
}
