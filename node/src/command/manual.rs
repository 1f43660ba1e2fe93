//! What is written from the commands themselves: completions for a shell, and manual pages.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Command};
use clap_complete::Shell;

/// Print completions for a shell.
#[derive(Debug, Args)]
pub struct Completions {
    /// Which shell
    shell: Shell,
}

/// Write the manual pages.
#[derive(Debug, Args)]
pub struct Manual {
    /// Folder the pages are written to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Completions {
    pub(super) fn run(&self, mut program: Command) {
        let name = program.get_name().to_owned();
        clap_complete::generate(self.shell, &mut program, name, &mut std::io::stdout());
    }
}

impl Manual {
    pub(super) fn run(&self, program: Command) -> anyhow::Result<()> {
        std::fs::create_dir_all(&self.out).with_context(|| self.out.display().to_string())?;
        clap_mangen::generate_to(program, &self.out)
            .with_context(|| self.out.display().to_string())?;
        println!("{}", self.out.display());
        Ok(())
    }
}
