//! The commands of the root office.

#![allow(clippy::print_stdout, reason = "printing is what commands do")]

use std::process::ExitCode;

use clap::{Args, Command, Subcommand};
use serde_json::{Value, json};
use terrace_node::command::{OfficeCommand, code, founding};
use terrace_proto::division::{DivisionCode, Tree, show};

use crate::assessment::AssessmentCommand;
use crate::demo::Demo;
use crate::modules::check::ModulesCommand;
use crate::national::NationalCommand;

/// What `--help` says of exit codes.
pub const EXIT_CODES: &str = "Exit codes: 0 done; 1 not done, reason on standard error; 2 wrong arguments or map; 3 an audit found something, a scheme is refused, or a module is missing; 4 imported, but some rows were rejected; 5 a receipt cannot be settled here; 6 exchanged records are rejected or do not agree with their totals";

/// What the root office can be asked.
#[derive(Debug, Subcommand)]
pub enum HubCommand {
    /// Make the root office: its keys, the root of trust, its database / 建立
    Init(founding::InitRoot),
    /// The national tree of divisions / 行政区划
    #[command(subcommand)]
    Divisions(DivisionsCommand),
    /// The figures of the whole country, and their proof / 全国统计
    #[command(subcommand)]
    National(NationalCommand),
    /// Schemes by which offices are assessed / 考核方案
    #[command(subcommand)]
    Assessment(AssessmentCommand),
    /// The fifteen modules of the national system, asked of a running office / 十五个模块
    #[command(subcommand)]
    Modules(ModulesCommand),
    /// Five offices on this machine play one story / 演示
    Demo(Demo),
    /// What every office can be asked.
    #[command(flatten)]
    Office(OfficeCommand),
}

/// What can be asked of the tree.
#[derive(Debug, Subcommand)]
pub enum DivisionsCommand {
    /// One place / 一处
    Show(Place),
    /// A place and what stands below it / 以下
    Tree {
        /// The place
        #[command(flatten)]
        place: Place,
        /// How many levels down
        #[arg(long, default_value_t = 1)]
        depth: usize,
    },
    /// The way from the root to a place / 路径
    Path(Place),
}

/// A place.
#[derive(Debug, Args)]
pub struct Place {
    /// Its code, short or with 12 digits
    code: DivisionCode,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Runs a command of the root office. `program` is the whole command line, for what is written from it.
pub async fn run(command: HubCommand, program: Command) -> ExitCode {
    match command {
        HubCommand::Init(init) => code(init.run().await.map(|()| ExitCode::SUCCESS)),
        HubCommand::Divisions(command) => code(divisions(&command).map(|()| ExitCode::SUCCESS)),
        HubCommand::National(command) => code(command.run().await),
        HubCommand::Assessment(command) => code(command.run()),
        HubCommand::Modules(command) => code(command.run().await),
        HubCommand::Demo(demo) => code(demo.run().await),
        HubCommand::Office(command) => terrace_node::command::run(command, program).await,
    }
}

fn divisions(command: &DivisionsCommand) -> anyhow::Result<()> {
    let tree = Tree::national();
    if let Some(value) = as_json(tree, command)? {
        println!("{value}");
        return Ok(());
    }
    let text = match command {
        DivisionsCommand::Show(place) => show::division(tree, place.code)?,
        DivisionsCommand::Tree { place, depth } => show::subtree(tree, place.code, *depth)?,
        DivisionsCommand::Path(place) => show::path(tree, place.code)?,
    };
    print!("{text}");
    Ok(())
}

/// What was asked of the tree, for programs; `None` when a person asked.
fn as_json(tree: &Tree, command: &DivisionsCommand) -> anyhow::Result<Option<Value>> {
    let (DivisionsCommand::Show(place)
    | DivisionsCommand::Tree { place, .. }
    | DivisionsCommand::Path(place)) = command;
    if !place.json {
        return Ok(None);
    }
    tree.find(place.code)?;
    Ok(Some(match command {
        DivisionsCommand::Show(place) => one(tree, place.code)?,
        DivisionsCommand::Tree { place, depth } => below(tree, place.code, *depth)?,
        DivisionsCommand::Path(place) => {
            let path: Result<Vec<Value>, _> =
                tree.path(place.code).into_iter().map(|code| one(tree, code)).collect();
            Value::Array(path?)
        }
    }))
}

fn one(tree: &Tree, code: DivisionCode) -> anyhow::Result<Value> {
    let division = tree.find(code)?;
    Ok(json!({
        "code": code.to_string(),
        "short": code.short(),
        "name": division.name,
        "level": division.level.en(),
        "kind": division.kind.en(),
        "node": division.has_node(),
        "superior": division.superior().map(DivisionCode::short),
    }))
}

fn below(tree: &Tree, code: DivisionCode, depth: usize) -> anyhow::Result<Value> {
    let mut value = one(tree, code)?;
    if depth > 0 {
        let codes: Vec<DivisionCode> = tree.answering_to(code).map(|below| below.code).collect();
        let below: Result<Vec<Value>, _> =
            codes.into_iter().map(|code| below(tree, code, depth - 1)).collect();
        value["subordinates"] = Value::Array(below?);
    }
    Ok(value)
}
