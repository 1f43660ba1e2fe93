//! `organ generate`: the table of organs that a province could have, in the counts of domain C4. Needs no office.

use std::path::PathBuf;

use clap::Args;
use terrace_proto::division::{DivisionCode, Tree};
use terrace_proto::organ::{Organ, generated};

use crate::intake::organs::written;

/// Generate a table of organs, for tests and exercises; they are like real ones in form alone.
#[derive(Debug, Args)]
pub struct Generate {
    /// Of which province; 00 is the whole country / 省
    #[arg(long)]
    province: DivisionCode,
    /// Instead: the petition offices and governments of root and provinces, which those answer to / 国家与省级
    #[arg(long)]
    seats: bool,
    /// Where to; standard output if not said / 文件
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Generate {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let tree = Tree::national();
        tree.node(self.province)?;
        let organs: Vec<Organ> = if self.seats {
            let above = |at: DivisionCode| {
                self.province == DivisionCode::HUB || tree.is_within(self.province, at)
            };
            generated::seats(tree).filter(|seat| above(seat.division())).collect()
        } else {
            generated::below(self.province, tree).collect()
        };
        let text = written(organs.iter());
        match &self.out {
            Some(path) => {
                std::fs::write(path, text)
                    .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
                println!("{} 个机构 organs: {}", organs.len(), path.display());
            }
            None => print!("{text}"),
        }
        Ok(())
    }
}
