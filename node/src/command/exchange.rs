//! `exchange …`: records for the national system, written out of this office, and files of them checked.

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use terrace_proto::exchange::totals::Difference;

use super::watching::Watching;
use super::{Data, UNRECONCILED};
use crate::exchange::bookmark::Bookmark;
use crate::exchange::checking::{Checked, Rejected, check};
use crate::exchange::totals::TotalsFile;
use crate::exchange::{Format, Order, Written, write};

/// What can be done with records of the national system.
#[derive(Debug, Subcommand)]
pub enum ExchangeCommand {
    /// Write the records of the cases held here, all or those that changed / 导出
    Write(Write),
    /// Check a file of records; exit code 6 if rows are rejected or totals do not agree / 核对
    Check(Check),
}

/// Write records.
#[derive(Debug, Args)]
pub struct Write {
    /// The file to write; its totals and a bookmark are put beside it / 文件
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// The format; as the file's name ends if not said / 格式
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Only cases with an entry behind this bookmark of an earlier run / 书签
    #[arg(long, value_name = "BOOKMARK")]
    since: Option<PathBuf>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Check a file.
#[derive(Debug, Args)]
pub struct Check {
    /// The file: CSV in UTF-8 or GB18030, or XLSX / 文件
    file: PathBuf,
    /// The totals it came with, as `write` puts them beside a file / 总数表
    #[arg(long, value_name = "FILE")]
    totals: Option<PathBuf>,
    /// Where rejected rows are kept; FILE.rejects.csv if not said / 退回行
    #[arg(long, value_name = "PATH")]
    rejects: Option<PathBuf>,
    /// For programs: an object for each rejected row, then one with the summary
    #[arg(long)]
    json: bool,
}

impl ExchangeCommand {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Write(write) => write.run().await.map(|()| ExitCode::SUCCESS),
            Self::Check(check) => check.run().await,
        }
    }
}

impl Write {
    /// It reads the database beside a running office, and changes nothing there.
    async fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        let (config, office, _) = folder.config()?;
        let store = folder.store(&config).open_to_read().await?;
        let since = self.since.as_deref().map(Bookmark::read).transpose()?;
        let path = &self.file;
        let format = self.format.unwrap_or_else(|| Format::by_name(path));
        let order = Order { office, at: Timestamp::now(), path, format, since };
        let mut watching = Watching::new();
        let written = write(&store, order, &mut watching).await;
        watching.end();
        let written = written?;
        if self.json {
            println!("{}", self.told(&written));
            return Ok(());
        }
        println!("已写出 written: {} 行 rows: {}", written.totals.rows(), self.file.display());
        if self.since.is_some() {
            println!("未变 unchanged since the bookmark: {}", written.unchanged);
        }
        if written.waiting > 0 {
            println!("登记内容未到 intake not here yet: {}", written.waiting);
        }
        println!("总数表 totals: {}", written.totals_file.display());
        println!("书签 bookmark: {} (--since)", written.bookmark_file.display());
        Ok(())
    }

    fn told(&self, written: &Written) -> Value {
        json!({
            "file": self.file.display().to_string(),
            "rows": written.totals.rows(),
            "unchanged": written.unchanged,
            "waiting": written.waiting,
            "totals": written.totals_file.display().to_string(),
            "bookmark": written.bookmark_file.display().to_string(),
        })
    }
}

impl Check {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let declared = self.totals.as_deref().map(TotalsFile::read).transpose()?;
        let mut watching = Watching::new();
        let bar = watching.bar();
        let as_json = self.json;
        let checking = tokio::task::spawn_blocking(move || {
            let mut out = BufWriter::new(std::io::stdout());
            let mut broken = Ok(());
            let mut tell = |rejected: &Rejected| {
                let line = line(rejected, as_json);
                let told = bar.suspend(|| writeln!(out, "{line}"));
                if broken.is_ok() {
                    broken = told;
                }
            };
            let rejects = self.rejects.as_deref();
            let checked = check(&self.file, declared.as_ref(), rejects, &mut watching, &mut tell);
            watching.end();
            broken.and_then(|()| out.flush()).context("standard output")?;
            Ok::<Checked, anyhow::Error>(checked?)
        });
        let checked = checking.await??;
        if as_json {
            println!("{}", summary(&checked));
        } else {
            tell(&checked);
        }
        let well = checked.is_well();
        Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(UNRECONCILED) })
    }
}

fn line(rejected: &Rejected, as_json: bool) -> String {
    let (line, why) = (rejected.line, rejected.fault.to_string());
    if as_json {
        json!({ "line": line, "rejected": why }).to_string()
    } else {
        format!("第 {line} 行 row {line}: {why}")
    }
}

fn tell(checked: &Checked) {
    let (well, rejected) = (checked.totals.rows(), checked.rejected);
    println!("读取 read {} = 合格 well {well} + 退回 rejected {rejected}", well + rejected);
    for (forbidden, cells) in &checked.dropped {
        let (zh, en) = forbidden.words();
        println!("不予接收 never taken over: {zh} {en}; {cells} 格已丢弃 cells dropped");
    }
    if !checked.unknown.is_empty() {
        println!("未知栏 columns no field is known for: {}", checked.unknown.join(", "));
    }
    if let Some(path) = &checked.rejects {
        println!("退回行 rejected rows: {} (改正后再核对 mend and check it)", path.display());
    }
    for difference in &checked.differences {
        let Difference { part: (division, year), declared, found } = difference;
        println!(
            "{} {division} {year}: 应有 declared {declared}, 实有 found {found}",
            crate::view::name_of(*division)
        );
    }
    match checked.same {
        Some(true) => println!("与总数表一致 it agrees with its totals"),
        Some(false) => println!("内容与总数表不符 the rows are not those the totals were made of"),
        None => {}
    }
}

fn summary(checked: &Checked) -> Value {
    let dropped = checked.dropped.iter();
    let dropped = dropped.map(|(forbidden, cells)| (forbidden.words().1, *cells));
    let parts = checked.totals.parts.iter();
    let parts = parts.map(|((division, year), rows)| {
        json!({ "division": division.to_string(), "year": year, "rows": rows })
    });
    let differences = checked.differences.iter().map(|difference| {
        let (division, year) = difference.part;
        json!({
            "division": division.to_string(), "year": year,
            "declared": difference.declared, "found": difference.found,
        })
    });
    json!({
        "well": checked.totals.rows(),
        "rejected": checked.rejected,
        "rejects": checked.rejects.as_ref().map(|path| path.display().to_string()),
        "dropped": dropped.collect::<std::collections::BTreeMap<_, _>>(),
        "unknown_columns": checked.unknown,
        "parts": parts.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(),
        "same": checked.same,
    })
}
