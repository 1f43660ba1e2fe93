//! `terrace-hub`: the root office.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use terrace_hub::command::{EXIT_CODES, HubCommand, run};

/// Terrace: the root office of a federated case system for letters and visits (信访)
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: HubCommand,
}

#[tokio::main]
async fn main() -> ExitCode {
    run(Arguments::parse().command, Arguments::command()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_can_be_asked_for() {
        Arguments::command().debug_assert();
    }
}
