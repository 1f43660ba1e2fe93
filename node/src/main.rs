//! `terrace-node`: an office below the root.

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};
use terrace_node::command::{SubordinateCommand, run_subordinate};

/// Terrace: an office of a federated case system for letters and visits (信访)
#[derive(Debug, Parser)]
#[command(version, after_help = terrace_node::command::EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: SubordinateCommand,
}

#[tokio::main]
async fn main() -> ExitCode {
    run_subordinate(Arguments::parse().command, Arguments::command()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_can_be_asked_for() {
        Arguments::command().debug_assert();
    }
}
