//! Takes the past over: made-up rows of the old national system into a root office on PostgreSQL, killed in the middle and
//! taken up again, beside a bare `COPY` of the very same rows into the same indexed tables, all in one run.
//!
//! Importer and office are real processes, so that their memory is their own. Afterwards the overview is asked for a
//! thousand times and everything is counted again from the journals. It prints what it measured.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "printing is what a measurement does, and failing ends it"
)]

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use terrace_node::store::postgres::layout::{Layout, lay_out};
use terrace_tests::cluster::Cluster;
use terrace_tests::legacy;
use terrace_tests::offices::{Office, binary, command, free_address, peak_memory};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Rows, unless told otherwise.
const ROWS: u64 = 1_000_000;
const SEED: u64 = 20_141_121;
/// How often the importer is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// After how many looks the server is asked how much it holds, which starts a program that the import would pay for.
const ASK: u32 = 10;
/// How often the overview is asked for.
const ASKED: usize = 1_000;
/// The tables that a record of the past leads to.
const TABLES: [&str; 5] = ["entry", "case_home", "folded_case", "run", "tile"];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let rows = match arguments.as_slice() {
        [] => Some(ROWS),
        [name, value] if name == "--rows" => value.parse().ok(),
        _ => None,
    };
    let Some(rows) = rows else {
        eprintln!("usage: past_bench [--rows N]");
        return ExitCode::from(2);
    };
    let scratch = tempfile::Builder::new().prefix("terrace-past-").tempdir().unwrap();
    let file = scratch.path().join("rows.csv");
    let mut out = BufWriter::new(std::fs::File::create(&file).unwrap());
    let written = legacy::write(&mut out, rows, SEED).unwrap();
    out.flush().unwrap();
    let faulty = written.faults();
    println!(
        "file: {:.2} GB, {rows} rows: {faulty} with an error of {} kinds, {} twice, {} not done",
        std::fs::metadata(&file).unwrap().len() as f64 / 1e9,
        written.faulty.iter().filter(|count| **count > 0).count(),
        written.twice,
        written.undone
    );

    let cluster = Cluster::start().unwrap();
    for name in ["office", "bare"] {
        cluster.sql("postgres", &format!("CREATE DATABASE {name}")).unwrap();
    }
    let data = scratch.path().join("00");
    let folder = data.to_string_lossy().into_owned();
    let (hub, console) = (binary("terrace-hub").unwrap(), free_address().unwrap());
    let database = cluster.address("office");
    let init = ["init", "--data", &folder, "--database", &database];
    command(&hub, &[&init[..], &["--console", &console]].concat()).await.unwrap();

    let summary = brought(&hub, &file, &data, &cluster).await;
    assert_eq!(summary["read"], rows);
    assert_eq!(summary["rejected"], faulty);
    assert_eq!(summary["accepted"], rows - faulty);
    let mut again = importer(&hub, &file, &data).unwrap();
    let (began, peak) = (Instant::now(), watched(&mut again, None, &cluster).await);
    let summary = summary_of(again).await;
    assert_eq!((&summary["new"], &summary["rejected"]), (&0.into(), &faulty.into()));
    println!(
        "brought again: 0 new in {:.1} s; peak memory {:.0} MB",
        began.elapsed().as_secs_f64(),
        peak as f64 / 1e6
    );
    std::fs::remove_file(&file).unwrap();
    on_disk(&cluster, rows - faulty - written.twice);
    asked(&hub, &data, &console).await;
    counted_again(&hub, &folder, scratch.path()).await;
    ExitCode::SUCCESS
}

/// Brings the file, with a kill in the middle; tells the rate beside the bare `COPY`.
async fn brought(hub: &Path, file: &Path, data: &Path, cluster: &Cluster) -> Value {
    let mut first = importer(hub, file, data).unwrap();
    let began = Instant::now();
    let half = std::fs::metadata(file).unwrap().len() / 900;
    let mut peak = watched(&mut first, Some(half), cluster).await;
    first.kill().await.unwrap();
    let killed = began.elapsed();
    let held = cases(cluster);
    println!("killed: {held} records after {:.1} s", killed.as_secs_f64());
    let mut second = importer(hub, file, data).unwrap();
    let began = Instant::now();
    peak = peak.max(watched(&mut second, None, cluster).await);
    let took = killed + began.elapsed();
    let summary = summary_of(second).await;
    println!("summary: {summary}");
    let read = summary["read"].as_u64().unwrap() as f64;
    let ours = read / took.as_secs_f64();
    println!(
        "import: {ours:.0} rows/s ({:.1} s); peak memory {:.0} MB",
        took.as_secs_f64(),
        peak as f64 / 1e6
    );
    let copied = bare(cluster).await;
    let records = cases(cluster) as f64;
    let (ours, peer) = (records / took.as_secs_f64(), records / copied.as_secs_f64());
    println!(
        "bare COPY of the same rows: {peer:.0} records/s ({:.1} s); ratio {:.2}",
        copied.as_secs_f64(),
        ours / peer
    );
    summary
}

/// Copies what the import has written into tables of the same kind, in one process and without a thought.
async fn bare(cluster: &Cluster) -> Duration {
    lay_out(&cluster.address("bare"), Layout::Provinces).await.unwrap();
    let mut took = Duration::ZERO;
    for table in TABLES {
        let file = cluster.socket().join("rows");
        let out = format!("COPY (SELECT * FROM {table}) TO '{}' (FORMAT binary)", file.display());
        cluster.sql("office", &out).unwrap();
        cluster.sql("bare", "CHECKPOINT").unwrap();
        let began = Instant::now();
        let text = format!("COPY {table} FROM '{}' (FORMAT binary)", file.display());
        cluster.sql("bare", &text).unwrap();
        took += began.elapsed();
    }
    cluster.sql("postgres", "DROP DATABASE bare").unwrap();
    took
}

fn on_disk(cluster: &Cluster, records: u64) {
    let text = "SELECT pg_database_size('office')";
    let size: u64 = cluster.sql("office", text).unwrap().parse().unwrap();
    println!("on disk: {:.2} GB, {} bytes a record", size as f64 / 1e9, size / records);
}

/// Asks the running office for its overview.
async fn asked(hub: &Path, data: &Path, console: &str) {
    let began = Instant::now();
    let office = Office::start(hub, data).await.unwrap();
    println!("the office serves after {:.2} s", began.elapsed().as_secs_f64());
    for page in ["/", "/figures", "/subtree", "/surveys", "/surveys?what=hard&days=365"] {
        let mut took: Vec<Duration> = Vec::with_capacity(ASKED);
        for _ in 0..ASKED {
            let began = Instant::now();
            assert!(get(console, page).await, "{page}");
            took.push(began.elapsed());
        }
        took.sort();
        let at =
            |share: usize| took[(took.len() * share / 100).min(took.len() - 1)].as_secs_f64() * 1e3;
        println!("{page}: p50 {:.1} ms, p99 {:.1} ms of {ASKED}", at(50), at(99));
    }
    println!("peak memory, office: {:.0} MB", office.peak_memory().unwrap_or(0) as f64 / 1e6);
    office.stop().await.unwrap();
}

async fn get(console: &str, page: &str) -> bool {
    let mut stream = TcpStream::connect(console).await.unwrap();
    let request = format!("GET {page} HTTP/1.1\r\nHost: {console}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    answer.starts_with(b"HTTP/1.1 200")
}

/// Publishes the figures and counts them again from the journals.
async fn counted_again(hub: &Path, folder: &str, scratch: &Path) {
    let cut = scratch.join("published").to_string_lossy().into_owned();
    let period = ["--period", "2014"];
    let publish = ["national", "publish", &cut, "--data", folder];
    let began = Instant::now();
    command(hub, &[&publish[..], &period].concat()).await.unwrap();
    println!("published in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let mut recompute = Command::new(hub)
        .args(["national", "recompute", &cut, "--data", folder])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while recompute.try_wait().unwrap().is_none() {
        peak = peak.max(recompute.id().and_then(peak_memory).unwrap_or(0));
        tokio::time::sleep(LOOK).await;
    }
    let output = recompute.wait_with_output().await.unwrap();
    assert!(output.status.success());
    print!("{}", String::from_utf8_lossy(&output.stdout));
    println!(
        "counted again in {:.1} s; peak memory {:.0} MB",
        began.elapsed().as_secs_f64(),
        peak as f64 / 1e6
    );
}

fn importer(hub: &Path, file: &Path, data: &Path) -> std::io::Result<Child> {
    let mut importer = Command::new(hub);
    importer.arg("import").arg(file).args(["--map", "national-past", "--json", "--data"]).arg(data);
    importer.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    importer.kill_on_drop(true).spawn()
}

/// Waits for the importer's end, or until so many records are held; the most memory it has held.
async fn watched(importer: &mut Child, until: Option<u64>, cluster: &Cluster) -> u64 {
    let (mut peak, mut looks) = (0, 0);
    while importer.try_wait().unwrap().is_none() {
        peak = peak.max(importer.id().and_then(peak_memory).unwrap_or(0));
        looks += 1;
        if looks % ASK == 0 && until.is_some_and(|until| cases(cluster) >= until) {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    peak
}

async fn summary_of(importer: Child) -> Value {
    let output = importer.wait_with_output().await.unwrap();
    serde_json::from_slice(&output.stdout).expect("the importer says what became of the file")
}

fn cases(cluster: &Cluster) -> u64 {
    let held = cluster.sql("office", "SELECT cases FROM held");
    held.ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}
