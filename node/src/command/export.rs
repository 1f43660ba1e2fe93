//! `export` and `check`: the auditor's file, written by an office and checked by anyone.
//!
//! `check` needs the file and the root's key, and nothing else: no office, no database, no network.

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use terrace_proto::entry::JournalId;
use terrace_proto::export::{Finding, Limits};

use super::root::Believed;
use super::watching::Watching;
use super::{Data, FOUND};
use crate::archive::Identity;
use crate::export::reading::{Checked, check};
use crate::export::{told, write};
use crate::folder::place;

const HOURS_A_DAY: i64 = 24;

/// Write all that proves this office's journals into one signed file, without contents.
#[derive(Debug, Args)]
pub(super) struct AuditExport {
    /// The file to write / 导出文件
    file: PathBuf,
    #[command(flatten)]
    data: Data,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Check an auditor's file with the root's key alone.
#[derive(Debug, Args)]
pub(super) struct AuditCheck {
    /// The file, as `export` wrote it / 导出文件
    file: PathBuf,
    #[command(flatten)]
    believed: Believed,
    /// Days after which an office that shows nothing is named / 多少天无新条目即列出
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    silent_days: u32,
    /// Minutes an entry may be dated before the one before it: clocks are set / 允许的时钟误差
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    clock_minutes: u32,
    /// For programs: an object for each finding, then one with the summary
    #[arg(long)]
    json: bool,
}

impl AuditExport {
    /// Writes the file. It reads the database beside a running office, and changes nothing.
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let folder = self.data.folder();
        let (config, division, epoch) = folder.config()?;
        let superior = config.superior.as_ref();
        let superior =
            superior.map(|named| place(&named.division, &folder.config_file())).transpose()?;
        let signer = folder.keys(division)?.journal;
        let identity = Identity { me: JournalId { author: division, epoch }, signer, superior };
        let store = folder.store(&config).open_to_read().await?;
        let mut watching = Watching::new();
        let now = Timestamp::now();
        let written = write(&store, &identity, now, &self.file, &mut watching).await;
        watching.end();
        let written = written?;
        let (journals, entries, passages) = (written.journals, written.entries, written.passages);
        if self.json {
            let file = self.file.display().to_string();
            println!(
                "{}",
                json!({ "file": file, "journals": journals, "entries": entries, "passages": passages, "bytes": written.bytes })
            );
        } else {
            println!(
                "已导出 exported: {} 册 journals, {} 条 entries, {} 次往来 passages, {:.1} MB: {}",
                journals,
                entries,
                passages,
                written.bytes as f64 / 1e6,
                self.file.display()
            );
        }
        Ok(())
    }
}

impl AuditCheck {
    /// Checks the file; exit code 0 nothing found, 3 findings, 1 the file itself cannot be trusted.
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let root = self.believed.keyring()?;
        let root = root.context(
            "用 --root 指明根密钥 name the root to believe with --root: the word that `root` prints, or the root certificate",
        )?;
        let limits = Limits {
            backwards: SignedDuration::from_mins(i64::from(self.clock_minutes)),
            silent: SignedDuration::from_hours(HOURS_A_DAY * i64::from(self.silent_days)),
            ..Limits::default()
        };
        let mut watching = Watching::new();
        let bar = watching.bar();
        let as_json = self.json;
        let checking = tokio::task::spawn_blocking(move || {
            let mut out = BufWriter::new(std::io::stdout());
            let mut broken = Ok(());
            let checked = check(&self.file, &root, limits, &mut watching, &mut |finding| {
                let line = line(&finding, as_json);
                let told = bar.suspend(|| writeln!(out, "{line}"));
                if broken.is_ok() {
                    broken = told;
                }
            });
            bar.finish_and_clear();
            broken.and_then(|()| out.flush()).context("standard output")?;
            Ok::<Checked, anyhow::Error>(checked?)
        });
        let checked = checking.await??;
        summarise(&checked, as_json);
        Ok(if checked.findings == 0 { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

fn line(finding: &Finding, as_json: bool) -> String {
    if as_json { told::finding(finding).to_string() } else { told::text(finding) }
}

fn summarise(checked: &Checked, as_json: bool) {
    if as_json {
        println!("{}", told::summary(checked));
        return;
    }
    let (manifest, tally) = (&checked.manifest, checked.tally);
    println!(
        "文件可信 the file is what {} signed at {}",
        told::office(manifest.exporter.author),
        manifest.exported_at
    );
    println!(
        "核对 checked: {} 项准入 admissions, {} 册 journals, {} 条 entries, {} 次往来 passages",
        tally.admissions, tally.journals, tally.entries, tally.passages
    );
    println!("未含 left out:");
    manifest.left_out.iter().for_each(|what| println!("  {what}"));
    println!("发现 findings: {}", checked.findings);
}
