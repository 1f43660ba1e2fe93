//! Exports a large synthetic journal at the root and checks the file: entries a second, and the most memory held.
//!
//! The journal is a province's, replicated to the root over a real link, so that the ledger is checked too. Every
//! part is a process of its own. No bar: it prints what it measured.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a measurement does"
)]

use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use terrace_tests::offices::{Office, OfficeError, binary, command, line, peak_memory};
use tokio::process::Command;

/// Registrations, unless told otherwise: two entries each.
const REGISTRATIONS: u64 = 100_000;
/// How often a process is looked at.
const LOOK: Duration = Duration::from_millis(5);
/// What the columns of the file mean.
const MAP: &str = "system = \"bench\"\nmode = \"live\"\n[columns]\nid = \"id\"\ntitle = \"title\"\ntext = \"body\"\nchannel = { value = \"WEB\" }\n";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let registrations = match arguments.as_slice() {
        [] => Some(REGISTRATIONS),
        [name, value] if name == "--registrations" => value.parse().ok(),
        _ => None,
    };
    let Some(registrations) = registrations else {
        eprintln!("usage: export_bench [--registrations N]");
        return ExitCode::from(2);
    };
    match run(registrations).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("export_bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(registrations: u64) -> Result<(), OfficeError> {
    let scratch = tempfile::Builder::new().prefix("terrace-export-").tempdir()?;
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (rows, map) = (scratch.path().join("rows.ndjson"), scratch.path().join("map.toml"));
    write(&rows, registrations)?;
    std::fs::write(&map, MAP)?;
    let node = binary("terrace-node")?;
    let offices = line(scratch.path(), &["41"]).await?;
    let (root, province) = (text(offices[0].folder.path()), text(offices[1].folder.path()));
    let import = ["import", &text(&rows), "--map", &text(&map), "--data", &province];
    command(&node, &import).await?;
    all_above(&offices[1]).await?;
    for office in offices {
        office.stop().await?;
    }
    let told = command(&node, &["root", "--json", "--data", &root]).await?;
    let told: Value = serde_json::from_str(&told).unwrap_or_default();
    let key = told["root"].as_str().unwrap_or_default().to_owned();
    let file = text(&scratch.path().join("audit.export"));
    measured("export", &node, &["audit", "export", &file, "--data", &root, "--json"]).await?;
    measured("check", &node, &["audit", "check", &file, "--root", &key, "--json"]).await
}

/// Waits until the superior has signed all of an office's journal.
async fn all_above(office: &Office) -> Result<(), OfficeError> {
    loop {
        let status = office.window().await?.show_status().await?;
        let status: Value = serde_json::from_str(&status).unwrap_or_default();
        if status["not_cosigned"]["entries"] == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Runs a command to its end and prints what it took.
async fn measured(what: &str, program: &Path, arguments: &[&str]) -> Result<(), OfficeError> {
    let began = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()?;
    let mut peak = 0;
    while child.try_wait()?.is_none() {
        peak = peak.max(child.id().and_then(peak_memory).unwrap_or(0));
        tokio::time::sleep(LOOK).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let output = child.wait_with_output().await?;
    let told = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let summary: Value =
        told.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    let entries = summary["entries"].as_f64().unwrap_or(0.0);
    println!(
        "{what}: {entries} entries in {seconds:.2} s: {:.0} entries/s, peak {:.1} MB, {}",
        entries / seconds,
        peak as f64 / 1e6,
        output.status
    );
    println!("  {summary}");
    Ok(())
}

fn write(path: &Path, registrations: u64) -> std::io::Result<()> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    for number in 0..registrations {
        writeln!(
            file,
            "{{\"id\":\"{number}\",\"title\":\"（虚构）第{number}盏路灯不亮\",\"body\":\"夜间通行不便，请求维修并答复。\"}}"
        )?;
    }
    file.flush()
}
