//! Plays the demonstration many times while an outsider kills the town, or in every second run any
//! office, at random moments, and every second time starts it again before its keeper does.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "printing is what this program does")]

use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::Duration;

use serde_json::Value;
use terrace_tests::offices::binary;
use terrace_tests::outsider::Outsider;
use tokio::process::Command;

/// Times, unless told otherwise.
const RUNS: u64 = 20;
/// The office that is killed in odd runs; in even ones it may be any.
const TOWN: &str = "410221101";
const ALL: [&str; 5] = ["00", "41", "4102", "410221", TOWN];
/// A kill falls within this time after the last, in milliseconds.
const BETWEEN: std::ops::Range<u64> = 100..2_500;

#[tokio::main]
async fn main() -> ExitCode {
    let mut input: Option<PathBuf> = None;
    let mut runs = RUNS;
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        match (name.as_str(), given.next()) {
            ("--input", Some(file)) => input = Some(file.into()),
            ("--runs", Some(count)) => runs = count.parse().unwrap_or(RUNS),
            _ => {
                eprintln!("usage: endurance [--input FILE] [--runs N]");
                return ExitCode::from(2);
            }
        }
    }
    let mut failed = 0;
    for seed in 1..=runs {
        match once(input.as_ref(), seed).await {
            Ok((kills, result)) => println!(
                "run {seed}: {kills} kills, imported {}, rejected {}, at_hub {}, offline {}, \
                 views_agree {}, audit_findings {}, {} ms",
                result["imported"],
                result["rejected"],
                result["at_hub"],
                result["registered_offline"],
                result["views_agree"],
                result["audit_findings"],
                result["elapsed_ms"]
            ),
            Err(why) => {
                failed += 1;
                println!("run {seed}: FAILED: {why}");
            }
        }
    }
    println!("{} passed, {failed} failed", runs - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn once(input: Option<&PathBuf>, seed: u64) -> Result<(usize, Value), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let hub = binary("terrace-hub").map_err(|error| error.to_string())?;
    let mut demo = Command::new(hub);
    demo.args(["demo", "--once", "--json", "--seed", &seed.to_string(), "--data"])
        .arg(scratch.path());
    if let Some(input) = input {
        demo.arg("--input").arg(input);
    }
    let demo = demo.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn();
    let ended = demo.map_err(|error| error.to_string())?.wait_with_output();
    tokio::pin!(ended);
    let outsider = Outsider::of(scratch.path());
    let mut kills = 0;
    let mut restarted = Vec::new();
    let output = loop {
        let pause = Duration::from_millis(rand::random_range(BETWEEN));
        tokio::select! {
            output = &mut ended => break output.map_err(|error| error.to_string())?,
            () = tokio::time::sleep(pause) => {
                let office = if seed.is_multiple_of(2) { ALL[rand::random_range(0..ALL.len())] } else { TOWN };
                if outsider.kill(office) {
                    kills += 1;
                    if kills % 2 == 0 {
                        restarted.extend(outsider.restart(office));
                    }
                }
            }
        }
    };
    for mut office in restarted {
        // Most were told to stop when the story ended; one started after that is still there.
        _ = office.kill();
        office.wait().map_err(|error| error.to_string())?;
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let result: Value = serde_json::from_slice(&output.stdout).map_err(|_| told.clone())?;
    if output.status.success() { Ok((kills, result)) } else { Err(format!("{result} {told}")) }
}
