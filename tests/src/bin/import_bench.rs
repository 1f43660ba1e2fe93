//! Brings a large synthetic NDJSON file into a fresh office, kills the importer in the middle, and resumes.
//!
//! Office and importer are real processes, so that the importer's memory is its own. No bar: it prints what
//! it measured.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a measurement does"
)]

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use terrace_tests::offices::{Office, OfficeError, binary, command, peak_memory};
use tokio::process::{Child, Command};

/// Size of the file, unless told otherwise, in megabytes.
const MEGABYTES: u64 = 100;
/// How often the importer is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// What the columns of the file mean.
const MAP: &str = "system = \"bench\"\nmode = \"live\"\n[columns]\nid = \"id\"\ntitle = \"title\"\ntext = \"body\"\nsubmitted_at = \"submitted_at\"\ncategory = \"category\"\nchannel = { value = \"WEB\" }\n";
/// Words of a message; a body repeats them to some 1.6 kB, as real messages have on average.
const WORDS: &str = "（虚构）村口到小学的一段路，六盏路灯有五盏不亮，孩子放学摸黑走，夜间通行不便，请求尽快维修并答复。";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let megabytes = match arguments.as_slice() {
        [] => Some(MEGABYTES),
        [name, value] if name == "--megabytes" => value.parse().ok(),
        _ => None,
    };
    let Some(megabytes) = megabytes else {
        eprintln!("usage: import_bench [--megabytes N]");
        return ExitCode::from(2);
    };
    match run(megabytes).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("import_bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(megabytes: u64) -> Result<(), OfficeError> {
    let scratch = tempfile::Builder::new().prefix("terrace-import-").tempdir()?;
    let (file, map) = (scratch.path().join("rows.ndjson"), scratch.path().join("map.toml"));
    let rows = write(&file, megabytes * 1_000_000)?;
    std::fs::write(&map, MAP)?;
    println!("file: {:.1} MB, {rows} rows", std::fs::metadata(&file)?.len() as f64 / 1e6);
    let node = binary("terrace-node")?;
    let data = scratch.path().join("office");
    let text = data.to_string_lossy().into_owned();
    command(&node, &["init", "--data", &text, "--division", "410221"]).await?;
    let office = Office::start(&node, &data).await?;
    let importer = || importer(&node, &file, &map, &data);

    let (started, mut first) = (Instant::now(), importer()?);
    let mut peak = 0;
    while cases(&office).await? < rows / 2 && first.try_wait()?.is_none() {
        peak = peak.max(first.id().and_then(peak_memory).unwrap_or(0));
        tokio::time::sleep(LOOK).await;
    }
    let before = started.elapsed().as_secs_f64();
    first.kill().await?;
    let killed = cases(&office).await?;
    println!("killed: {killed} rows in {before:.1} s: {:.0} rows/s", killed as f64 / before);

    let (started, mut second) = (Instant::now(), importer()?);
    let mut resumed = None;
    while second.try_wait()?.is_none() {
        peak = peak.max(second.id().and_then(peak_memory).unwrap_or(0));
        if resumed.is_none() && cases(&office).await? > killed {
            resumed = Some(started.elapsed().as_secs_f64());
        }
        tokio::time::sleep(LOOK).await;
    }
    let whole = started.elapsed().as_secs_f64();
    let summary = second.wait_with_output().await?.stdout;
    let summary: Value = serde_json::from_slice(&summary).unwrap_or_default();
    println!(
        "resumed: first new row after {:.2} s, done after {whole:.1} s",
        resumed.unwrap_or(whole)
    );
    println!("summary: {summary}");
    println!("peak memory, importer: {:.1} MB", peak as f64 / 1e6);
    println!("peak memory, office: {:.1} MB", office.peak_memory().unwrap_or(0) as f64 / 1e6);
    println!("cases in the office: {} of {rows}", cases(&office).await?);
    office.stop().await
}

/// Writes rows until the file has its size; how many.
fn write(file: &Path, bytes: u64) -> std::io::Result<u64> {
    let mut out = BufWriter::new(std::fs::File::create(file)?);
    let (mut rows, mut written) = (0, 0);
    while written < bytes {
        let row = json!({
            "id": format!("bench-{rows:09}"),
            "submitted_at": format!("2020-{:02}-{:02}T08:00:00+08:00", rows % 12 + 1, rows % 28 + 1),
            "title": format!("路灯损坏 {rows}"),
            "body": format!("{rows}：{}", WORDS.repeat(10)),
            "category": "城乡建设",
        });
        let line = format!("{row}\n");
        out.write_all(line.as_bytes())?;
        (rows, written) = (rows + 1, written + line.len() as u64);
    }
    out.flush()?;
    Ok(rows)
}

fn importer(node: &Path, file: &Path, map: &Path, data: &PathBuf) -> std::io::Result<Child> {
    let mut importer = Command::new(node);
    importer.arg("import").arg(file).arg("--map").arg(map).arg("--json").arg("--data").arg(data);
    importer.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()
}

async fn cases(office: &Office) -> Result<u64, OfficeError> {
    let status = office.window().await?.show_status().await?;
    let status: Value = serde_json::from_str(&status).unwrap_or_default();
    Ok(status["cases"].as_u64().unwrap_or(0))
}
