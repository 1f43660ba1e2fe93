//! The demonstration: five real offices on this machine, from the root to a town, play one story.
//!
//! Each office is a process of its own with its own key, certificate and database; this process is only an
//! outsider who starts them, asks at their windows as an officer would, and at the end, when all are
//! stopped, counts in their databases what is there. Anyone may kill any office at any moment: it is
//! started again and the story goes on.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the demonstration prints its progress and its result"
)]

mod affairs;
mod cast;
mod material;
mod reckoning;
mod script;
mod stage;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use terrace_node::view::name_of;
use tokio::signal::unix::{SignalKind, signal};

use material::Material;
use stage::Stage;

/// Play the demonstration.
#[derive(Debug, Args)]
pub struct Demo {
    /// End when the story is over, instead of staying to be looked at; exit code 0 only if nothing is missing
    #[arg(long)]
    once: bool,
    /// Print the result as one JSON object
    #[arg(long)]
    json: bool,
    /// Messages for the town to bring in: NDJSON, CSV or XLSX
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// How its rows become intakes; the map for NDJSON with id, title, body, submitted_at, category if none
    #[arg(long, value_name = "FILE", requires = "input")]
    map: Option<PathBuf>,
    /// Keep the five data folders here
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Which cases are picked for the story
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    /// Plays it.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let started = Instant::now();
        let scratch = tempfile::Builder::new().prefix("terrace-").tempdir()?;
        let root = self.data.clone().unwrap_or_else(|| scratch.path().to_path_buf());
        std::fs::create_dir_all(&root).with_context(|| root.display().to_string())?;
        let stage = Stage::new(self.json);
        stage
            .scene("建立五个单位", "five offices are founded, each with its own keys and database");
        let cast = cast::Cast::found(&root).await?;
        let laid_out =
            Material::lay_out(&root, self.input.as_deref(), self.map.as_deref(), cast.town());
        let mut material = match laid_out {
            Ok(material) => material,
            Err(error) => {
                cast.stop().await;
                return Err(error);
            }
        };
        let played = tokio::select! {
            played = script::play(&cast, &stage, &mut material, self.seed) => played,
            () = told_to_stop() => Err(anyhow::anyhow!("stopped in the middle of the story")),
        };
        stage.close();
        if played.is_ok() && !self.once {
            invite(&cast);
            told_to_stop().await;
        }
        cast.stop().await;
        played?;
        let result = reckoning::reckon(&cast, material.rejected(), started).await?;
        if self.json {
            println!("{}", serde_json::to_string(&result)?);
        } else {
            println!("{}", serde_json::to_string_pretty(&result)?);
        }
        Ok(if result.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// Ctrl-C, or a polite request from another program.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Says where to look.
fn invite(cast: &cast::Cast) {
    println!(
        "五个单位正在运行，请在浏览器中打开 five offices are running, open them in a browser:"
    );
    for player in cast.players() {
        let division = player.division;
        println!("  {}  {} {}", player.console_address(), division.short(), name_of(division));
    }
    println!("按 Ctrl-C 结束并核对 press Ctrl-C to end and count");
}
