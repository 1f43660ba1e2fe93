//! `audit verify | traffic | reconcile | case`, without a word it verifies; `audit export | check` for a file
//! (`export.rs`), `audit at` for the file of another office (`inspection.rs`).
//!
//! Rows are printed as they come: as tables for people, with `--json` one object a line and the summary last,
//! with `--csv` as one sheet, findings that have no place in it on standard error. How far it has come is told
//! on standard error.

mod people;
mod progress;
mod sheet;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use futures::StreamExt as _;
use jiff::civil::Date;
use terrace_proto::audit::Allowance;
use terrace_proto::division::DivisionCode;

use self::people::People;
use self::progress::Shown;
use self::sheet::Sheet;
use super::export::{AuditCheck, AuditExport};
use super::inspection::AuditAt;
use super::{FOUND, WRONG};
use crate::audit::asking::ask;
use crate::audit::question::known;
use crate::audit::{Question, Row, Summary, What};
use crate::folder::Folder;

/// What passed between levels, and what does not fit.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Audit {
    #[command(subcommand)]
    what: Option<Asked>,
    #[command(flatten)]
    verify: Look,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Is everything held here what was signed: entries, proofs, ledgers, folds / 核验
    Verify(Look),
    /// How cases were passed on between offices, hop by hop / 流转
    Traffic(Look),
    /// Do both ends of every link agree / 对账
    Reconcile(Look),
    /// One case with all its entries and proofs / 一件事项
    Case {
        /// Its number or id / 编号
        name: String,
        #[command(flatten)]
        look: Look,
    },
    /// Write the auditor's file: checkpoints, headers and proofs, without contents / 审计导出
    Export(AuditExport),
    /// Read another office over the network, unannounced, and keep its auditor's file / 不打招呼的巡查
    At(AuditAt),
    /// Check an auditor's file with the root's key alone. Exit code 0 nothing found, 3 findings, 1 the file itself cannot be trusted / 核对审计导出
    Check(AuditCheck),
}

/// What of the answer is wanted, and how.
#[derive(Debug, Args)]
struct Look {
    // Not required by the parser: before a word such as `traffic` it may stand behind it alone.
    /// The office's data folder / 数据目录
    #[arg(long, value_name = "DIR", env = "TERRACE_DATA")]
    data: Option<PathBuf>,
    /// First day, in China, such as 2026-03-01; `verify` looks at everything and tells what happened on these days, and
    /// what has no day / 起始日
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day / 截止日
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Only what touches this division or its subtree / 下辖区域
    #[arg(long, value_name = "CODE")]
    division: Option<DivisionCode>,
    /// Only hops or findings of this kind; may be repeated / 类别
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Vec<String>,
    /// Hours an office may be silent / 允许无报时数
    #[arg(long, value_name = "HOURS", default_value_t = Allowance::default().silence_hours)]
    silence_hours: u32,
    /// Minutes by which clocks may differ / 时钟容差
    #[arg(long, value_name = "MINUTES", default_value_t = Allowance::default().clock_minutes)]
    clock_minutes: u32,
    /// Days in which an opinion is to be served / 送达天数
    #[arg(long, value_name = "DAYS", default_value_t = Allowance::default().service_days)]
    service_days: u32,
    /// Days until a sealed report must have been opened; looked for at the root, which holds every journal
    #[arg(long, value_name = "DAYS", default_value_t = Allowance::default().report_days)]
    report_days: u32,
    /// For programs: one object a line, the summary last
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// For spreadsheets
    #[arg(long)]
    csv: bool,
}

fn kind(text: &str) -> Result<String, String> {
    known(text).map(|()| text.to_owned()).map_err(|error| error.to_string())
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let (what, look) = match self.what {
            None => (What::Verify, self.verify),
            Some(Asked::Verify(look)) => (What::Verify, look),
            Some(Asked::Traffic(look)) => (What::Traffic, look),
            Some(Asked::Reconcile(look)) => (What::Reconcile, look),
            Some(Asked::Case { name, look }) => (What::Case(name), look),
            Some(Asked::Export(export)) => {
                return export.run().await.map(|()| ExitCode::SUCCESS);
            }
            Some(Asked::At(at)) => return at.run().await.map(|()| ExitCode::SUCCESS),
            Some(Asked::Check(check)) => return check.run().await,
        };
        look.answer(what).await
    }
}

impl Look {
    async fn answer(self, what: What) -> anyhow::Result<ExitCode> {
        let Some(data) = &self.data else {
            eprintln!("错误 error: --data DIR is missing: where the office lives");
            return Ok(ExitCode::from(WRONG));
        };
        let mut printing: Box<dyn Printing> = match (self.json, self.csv) {
            (true, _) => Box::new(Lines),
            (_, true) => Box::new(Sheet::new(&what)),
            (false, false) => Box::new(People::default()),
        };
        let question = Question {
            what,
            from: self.from,
            to: self.to,
            division: self.division,
            kinds: self.kind,
            allowance: Allowance {
                silence_hours: self.silence_hours,
                clock_minutes: self.clock_minutes,
                service_days: self.service_days,
                report_days: self.report_days,
            },
        };
        let mut rows = ask(&Folder::at(data), question).await?;
        let mut shown = Shown::new();
        while let Some(row) = rows.next().await {
            match row? {
                Row::Progress(progress) => shown.stands(&progress),
                Row::Summary(summary) => {
                    shown.clear();
                    printing.finish(&summary)?;
                    let found = summary.findings > 0;
                    return Ok(if found { ExitCode::from(FOUND) } else { ExitCode::SUCCESS });
                }
                row @ (Row::Hop(_)
                | Row::Finding(_)
                | Row::Account(_)
                | Row::Journal(_)
                | Row::Step(_)) => shown.aside(|| printing.print(row))?,
            }
        }
        anyhow::bail!("the audit ended without its summary: ask again")
    }
}

/// A form of the answer.
trait Printing {
    /// The next row.
    fn print(&mut self, row: Row) -> anyhow::Result<()>;

    /// The end.
    fn finish(&mut self, summary: &Summary) -> anyhow::Result<()>;
}

/// One object a line.
struct Lines;

impl Printing for Lines {
    fn print(&mut self, row: Row) -> anyhow::Result<()> {
        println!("{}", serde_json::to_string(&row)?);
        Ok(())
    }

    fn finish(&mut self, summary: &Summary) -> anyhow::Result<()> {
        self.print(Row::Summary(summary.clone()))
    }
}
