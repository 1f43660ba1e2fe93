//! Drains a backlog over one hop, and PostgreSQL's logical replication in the same run.
//!
//! A province registers while its link is held; then the link is released and the clock runs until the hub
//! has stored, verified and folded everything and the province holds its cosignature. Two real processes,
//! SQLite with `synchronous=FULL` at both ends, mutual TLS between them. No bar: it prints what it measured.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "printing is what a measurement does"
)]

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::Value;
use terrace_node::window::Window;
use terrace_proto::wire::{IntakeRegistered, RegisterRequest, Registration};
use terrace_tests::offices::{Office, OfficeError, binary, command};

/// Entries to drain, unless told otherwise: two for each case.
const ENTRIES: usize = 200_000;
/// Registrations at one call while filling.
const BATCH: usize = 500;
/// How often the end is looked for.
const LOOK: Duration = Duration::from_millis(5);

struct Arguments {
    entries: usize,
    baseline: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(why) => {
            eprintln!("{why}\nusage: bench [--entries N] [--baseline SCRIPT]");
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<Arguments, String> {
    let mut parsed = Arguments { entries: ENTRIES, baseline: None };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        let value = given.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--entries" => {
                parsed.entries = value.parse().map_err(|_| format!("{value} is not a number"))?;
            }
            "--baseline" => parsed.baseline = Some(value.into()),
            other => return Err(format!("{other} is not known")),
        }
    }
    Ok(parsed)
}

async fn run(arguments: &Arguments) -> Result<(), OfficeError> {
    let scratch = tempfile::Builder::new().prefix("terrace-bench-").tempdir()?;
    let (hub, province) = found(scratch.path()).await?;
    fill(&province, arguments.entries).await?;
    let ours = drain(&hub, &province).await?;
    province.stop().await?;
    hub.stop().await?;
    let Some(script) = &arguments.baseline else {
        println!("peer: PostgreSQL was not measured: no baseline script was named");
        return Ok(());
    };
    match baseline(script, arguments.entries).await {
        Some(theirs) => {
            println!(
                "peer: PostgreSQL logical replication (TLS, binary), same run: {theirs:.0} rows/s"
            );
            println!("ratio: {:.2}", ours / theirs);
        }
        None => println!("peer: PostgreSQL could not be measured here"),
    }
    Ok(())
}

/// A hub and a province below it, with the province's link held.
async fn found(root: &Path) -> Result<(Office, Office), OfficeError> {
    let (hub_program, node_program) = (binary("terrace-hub")?, binary("terrace-node")?);
    let (hub_data, province_data) = (root.join("00"), root.join("41"));
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.to_string();
    command(&hub_program, &["init", "--data", &text(&hub_data), "--listen", &address]).await?;
    let hub = Office::start(&hub_program, &hub_data).await?;
    let sheet_file = root.join("sheet.json");
    std::fs::write(&sheet_file, hub.window().await?.admit("41").await?)?;
    let province = text(&province_data);
    command(&node_program, &["init", "--data", &province, "--division", "41"]).await?;
    command(&node_program, &["enrol", "--data", &province, "--sheet", &text(&sheet_file)]).await?;
    let province = Office::start(&node_program, &province_data).await?;
    province.window().await?.set_link(false).await?;
    Ok((hub, province))
}

async fn fill(province: &Office, entries: usize) -> Result<(), OfficeError> {
    let mut window = province.window().await?;
    let started = Instant::now();
    let cases = entries / 2;
    for first in (0..cases).step_by(BATCH) {
        let registrations = (first..cases.min(first + BATCH)).map(registration).collect();
        window.register(RegisterRequest { hand: None, registrations }).await?;
    }
    let rate = cases as f64 / started.elapsed().as_secs_f64();
    println!("filled: {cases} cases, {} entries, by {BATCH}: {rate:.0} cases/s", cases * 2);
    Ok(())
}

/// A case of about the size of the peer's rows: some 360 bytes of words for two entries.
fn registration(index: usize) -> Registration {
    let words = format!(
        "第 {index} 号 反映村口路灯损坏，夜间通行不便，请求尽快维修。网格员已到现场查看并转送值班室，\
         要求在规定期限内办理并答复。reference {:016x}{:016x}",
        index.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        index.wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
    );
    let intake = IntakeRegistered {
        channel: "WEB".into(),
        category: "030000".into(),
        title: format!("路灯损坏 {index}"),
        text: words,
        persons: 1,
        ..IntakeRegistered::default()
    };
    Registration {
        intake: Some(intake),
        received_on: None,
        past: None,
        petitioners: Vec::new(),
        coded: false,
    }
}

async fn drain(hub: &Office, province: &Office) -> Result<f64, OfficeError> {
    let mut window = province.window().await?;
    let backlog = uncosigned(&mut window).await?;
    let bytes_before = loopback_bytes();
    let started = Instant::now();
    window.set_link(true).await?;
    while uncosigned(&mut window).await? > 0 {
        tokio::time::sleep(LOOK).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let rate = backlog as f64 / seconds;
    println!("drained: {backlog} entries in {seconds:.3} s: {rate:.0} entries/s");
    if let (Some(before), Some(after)) = (bytes_before, loopback_bytes()) {
        println!("loopback: {:.0} bytes per entry", (after - before) as f64 / backlog as f64);
    }
    for (name, office) in [("hub", hub), ("province", province)] {
        if let Some(peak) = office.peak_memory() {
            println!("peak memory, {name}: {:.1} MB", peak as f64 / 1e6);
        }
    }
    Ok(rate)
}

async fn uncosigned(window: &mut Window) -> Result<u64, OfficeError> {
    let status: Value = serde_json::from_str(&window.show_status().await?).unwrap_or_default();
    Ok(status["not_cosigned"]["entries"].as_u64().unwrap_or(u64::MAX))
}

fn loopback_bytes() -> Option<u64> {
    std::fs::read_to_string("/sys/class/net/lo/statistics/tx_bytes").ok()?.trim().parse().ok()
}

/// The peer's median rate, rows a second.
async fn baseline(script: &Path, rows: usize) -> Option<f64> {
    let mut peer = tokio::process::Command::new(script);
    let output = peer.args(["-n", &rows.to_string(), "-t", "-B"]).output().await.ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{text}");
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    let median = text.lines().find_map(|line| line.strip_prefix("MEDIAN catchup_events_per_s="))?;
    median.trim().parse().ok()
}
