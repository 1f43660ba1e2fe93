//! What a root does until it serves, step by step, in a process of its own.
//!
//! The process opens the folder as `serve` does and prints one line; the one that asks for it reads that line.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use terrace_node::archive::Identity;
use terrace_node::enrolment::Admitting;
use terrace_node::folder::Folder;
use terrace_node::office::Office;
use terrace_node::premises::open_archive;
use terrace_node::reading::Reading;
use terrace_node::store::IfHeld;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::JournalId;
use terrace_tests::offices::{peak_memory, resident_memory};
use tokio::process::Command;

use crate::Failure;

/// How often it is opened; the quickest counts, since other work on the machine can only make it slower.
const TIMES: usize = 3;

/// How a root was opened.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) journals: u64,
    /// Milliseconds of each step.
    pub(crate) steps: Vec<(&'static str, f64)>,
    pub(crate) resident: u64,
    pub(crate) peak: u64,
}

/// The steps, in order.
const STEPS: [&str; 6] = [
    "store opened",
    "archive opened",
    "office opened",
    "journals read",
    "vigil kept",
    "closing key found",
];

/// Milliseconds of one step after another.
struct Watch {
    since: Instant,
    took: Vec<f64>,
}

impl Watch {
    /// Begins with what follows.
    fn begin() -> Self {
        Self { since: Instant::now(), took: Vec::new() }
    }

    /// A step ends, and the next begins.
    fn step(&mut self) {
        self.took.push(self.since.elapsed().as_secs_f64() * 1e3);
        self.since = Instant::now();
    }
}

/// Opens the root in `data`, and prints what that took.
pub(crate) async fn open(data: &Path) -> Result<(), Failure> {
    let folder = Folder::at(data);
    let _owned = folder.own()?;
    let (config, division, epoch) = folder.config()?;
    let keys = folder.keys(division)?;
    let mut watch = Watch::begin();
    let store = folder.store(&config).open(IfHeld::Wait).await?;
    watch.step();
    let me = JournalId { author: division, epoch };
    let identity = Identity { me, signer: keys.journal.clone(), superior: None };
    let mut archive = open_archive(&folder, identity, store).await?;
    archive.announce_keys().await?;
    watch.step();
    let journals = archive.journals().len();
    let office = Office::new(archive, None, None);
    let admitting = Arc::new(Admitting::open(&folder, office.clone(), config.listen)?);
    let _reading = Reading::open(&folder, office.clone(), admitting)?;
    watch.step();
    let (resident, peak) = memory();
    office.store().journals().await?;
    watch.step();
    office.keep_vigil().await?;
    watch.step();
    let below = office.write().await.archive.subordinates().first().copied();
    let mut writing = office.write().await;
    writing.archive.closing_key(below.unwrap_or(DivisionCode::HUB), "").await?;
    watch.step();
    let (took, journals) = (watch.took, journals as u64);
    println!(
        "{}",
        json!({ "journals": journals, "took": took, "resident": resident, "peak": peak })
    );
    Ok(())
}

fn memory() -> (u64, u64) {
    let process = std::process::id();
    (resident_memory(process).unwrap_or(0), peak_memory(process).unwrap_or(0))
}

/// Has the root in `data`, which is not running, opened by other processes.
pub(crate) async fn measure(data: &Path) -> Result<Opened, Failure> {
    let mut best: Option<Opened> = None;
    for _ in 0..TIMES {
        let again = once(data).await?;
        best = Some(match best {
            None => again,
            Some(best) => quicker(best, again),
        });
        // The lock of the database is given up a moment after the process is gone.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    best.ok_or_else(|| "it was never opened".into())
}

fn quicker(best: Opened, again: Opened) -> Opened {
    let steps = best.steps.iter().zip(&again.steps).map(|(a, b)| (a.0, a.1.min(b.1))).collect();
    let (resident, peak) = (best.resident.min(again.resident), best.peak.min(again.peak));
    Opened { steps, resident, peak, ..best }
}

async fn once(data: &Path) -> Result<Opened, Failure> {
    let output = Command::new(std::env::current_exe()?).arg("--open").arg(data).output().await?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| told[name].as_u64().ok_or_else(|| format!("{name} was not told"));
    let took = told["took"].as_array().ok_or("the steps were not told")?;
    let steps = STEPS.into_iter().zip(took.iter().filter_map(Value::as_f64)).collect();
    Ok(Opened {
        journals: number("journals")?,
        steps,
        resident: number("resident")?,
        peak: number("peak")?,
    })
}
