//! `organ import`: the organs of a table, proposed as many at once as an entry holds; rejected rows are kept.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use terrace_proto::organ::Organ;
use terrace_proto::wire::{Hand, ProposeOrgansRequest};

use crate::command::case::HandArguments;
use crate::command::{Data, REJECTED, window};
use crate::intake::organs::OrganTable;

/// Rejects that are printed; the file has all of them.
const PRINTED: usize = 20;

/// Propose the organs of a table.
#[derive(Debug, Args)]
pub struct Import {
    /// The table: CSV in UTF-8 or GB18030; see docs/ORGANS.md for its columns / 机构表
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Where rejected rows are kept; FILE.rejects.csv if not said / 退回行
    #[arg(long, value_name = "PATH")]
    rejects: Option<PathBuf>,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Import {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let mut table = OrganTable::open(&self.file, self.rejects.as_deref())?;
        let mut window = window(&self.data).await?;
        let (mut leaves, mut known) = (Vec::new(), 0);
        for places in table.batches() {
            let organs = places.iter().filter_map(|place| table.organ(*place));
            let request = ProposeOrgansRequest {
                hand: Some(Hand::from(self.hand.clone())),
                organs: organs.map(Organ::to_wire).collect(),
                whole: false,
            };
            let done = window.propose_organs(request).await?;
            known += done.known.len();
            for one in done.refused {
                let place = usize::try_from(one.place).ok().and_then(|at| places.get(at));
                if let Some(place) = place {
                    table.refuse(*place, one.why);
                }
            }
            if !done.leaf.is_empty() {
                leaves.push(data_encoding::HEXLOWER.encode(&done.leaf));
            }
        }
        let rows = table.rows();
        let wrong: Vec<(u64, String)> =
            table.refused().map(|(line, why)| (line, why.to_string())).collect();
        let rejects = table.keep_rejects()?;
        let (rejected, proposed) = (wrong.len(), rows - wrong.len() - known);
        if self.json {
            let lines: Vec<_> =
                wrong.iter().map(|(line, why)| json!({ "line": line, "why": why })).collect();
            println!(
                "{}",
                json!({
                    "rows": rows, "proposed": proposed, "known": known, "rejected": lines,
                    "rejects": rejects, "proposals": leaves,
                })
            );
        } else {
            println!(
                "读取 read {rows} = 提请 proposed {proposed} + 已有 known {known} + 退回 rejected {rejected}"
            );
            for leaf in &leaves {
                println!("提请 proposal  {leaf}");
            }
            for (line, why) in wrong.iter().take(PRINTED) {
                eprintln!("{}:{line}: {why}", self.file.display());
            }
            if let Some(path) = rejects {
                println!(
                    "退回行 rejected rows: {} (改正后再导入 mend and import it)",
                    path.display()
                );
            }
        }
        Ok(if rejected > 0 { ExitCode::from(REJECTED) } else { ExitCode::SUCCESS })
    }
}
