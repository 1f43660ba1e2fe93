//! `modules check`: the fifteen modules of the national system, asked of a running office.
//!
//! Exit codes: 0 all are connected; 1 no office answers; 2 wrong arguments; 3 some are missing, each with the reason.

#![allow(clippy::print_stdout, reason = "printing is what commands do")]

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use terrace_node::command::{Data, FOUND};
use terrace_node::view::name_of;

use super::examine;
use super::live::Live;

/// What can be asked about modules.
#[derive(Debug, Subcommand)]
pub enum ModulesCommand {
    /// Ask a running office for each of the fifteen; exit code 3 if one is missing; writes nothing / 十五个模块核验
    Check(Check),
}

/// Ask a running office.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    data: Data,
    /// In whose name it is asked: an officer's staff number, where the office lets only those write who passed a course / 办理人员
    #[arg(long, default_value = "")]
    officer: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl ModulesCommand {
    /// Does what was asked.
    ///
    /// # Errors
    ///
    /// When no office answers in that folder.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let Self::Check(check) = self;
        check.run().await
    }
}

impl Check {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let office = Live::knock(&self.data.folder(), self.officer).await;
        let mut office = office.context("模块要向运行中的单位核验，先用 serve 运行 modules are asked of a running office: start it with `serve`")?;
        let report = examine(&mut office).await;
        if self.json {
            println!("{}", report.as_json(&office.division.short()));
        } else {
            println!("{} {}", office.division.short(), name_of(office.division));
            print!("{}", report.told());
        }
        let whole = report.missing().next().is_none();
        Ok(if whole { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}
