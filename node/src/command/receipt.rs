//! `receipt …`: give receipts, and examine one whoever shows it.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};
use terrace_proto::division::Tree;
use terrace_proto::receipt::{Unchecked, examine};
use terrace_proto::wire::{AskForEntryRequest, GivenReceipt, ShowReceiptsRequest};

use super::case::HandArguments;
use super::root::Believed;
use super::{Data, FOUND, OPEN, window};
use crate::folder::Folder;
use crate::receipt::told;
use crate::window::Window;

/// What can be done with receipts.
#[derive(Debug, Subcommand)]
pub enum ReceiptCommand {
    /// The receipts for the intakes of a case that were registered here / 出具回执
    Show(Show),
    /// Examine a receipt: with the root's key alone, or with what an office holds. Exit code 0 it holds, 3 it fails, 5 it cannot be settled here / 核验回执
    Verify(Verify),
    /// Ask the office that gave a receipt for the entry it signed for, and put the question on record / 询问
    Ask(Ask),
}

/// Ask for an entry.
#[derive(Debug, Args)]
pub struct Ask {
    #[command(flatten)]
    data: Data,
    /// The receipt as a file; `-` reads standard input
    file: PathBuf,
    #[command(flatten)]
    hand: HandArguments,
}

/// The receipts for a case.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// Add all that proves it by the root's key alone / 附证明
    #[arg(long)]
    evidence: bool,
    /// Only the short form for SMS / 短信格式
    #[arg(long, conflicts_with_all = ["evidence", "json"])]
    sms: bool,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Examine a receipt.
#[derive(Debug, Args)]
pub struct Verify {
    /// The receipt as a file; `-` reads standard input
    file: PathBuf,
    #[command(flatten)]
    believed: Believed,
    /// Let the office in this folder examine it with what it holds / 由该单位核对
    #[arg(long, value_name = "DIR", conflicts_with = "root")]
    data: Option<PathBuf>,
    /// With --data: write the receipt here with all evidence the office can add / 补全证明
    #[arg(long, value_name = "FILE", requires = "data")]
    complete: Option<PathBuf>,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl ReceiptCommand {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show(show) => show.run().await.map(|()| ExitCode::SUCCESS),
            Self::Verify(verify) => verify.run().await,
            Self::Ask(ask) => ask.run().await.map(|()| ExitCode::SUCCESS),
        }
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let request = ShowReceiptsRequest { case_name: self.case, evidence: self.evidence };
        let receipts = window(&self.data).await?.show_receipts(request).await?;
        anyhow::ensure!(
            !receipts.is_empty(),
            "本单位没有登记过这一事项的来件 no intake of this case was registered here"
        );
        for GivenReceipt { text, json } in receipts {
            let said: Value = serde_json::from_str(&json)?;
            if self.json {
                println!("{}", json!({ "text": text, "receipt": said }));
            } else if self.sms {
                println!("{}", said["sms"].as_str().unwrap_or_default());
            } else {
                print!("{text}");
            }
        }
        Ok(())
    }
}

impl Ask {
    async fn run(self) -> anyhow::Result<()> {
        let request =
            AskForEntryRequest { hand: Some(self.hand.into()), receipt: read(&self.file)? };
        let answer = window(&self.data).await?.ask_for_entry(request).await?;
        let verdict: Value = serde_json::from_str(&answer.json)?;
        print_verdict(&verdict, false);
        anyhow::ensure!(
            answer.asked,
            "没有可询问的：条目在此，或者回执不成立 there is nothing to ask: the entry is here, or the receipt does not hold"
        );
        println!("\n已询问并记录在案 asked, and on record");
        Ok(())
    }
}

impl Verify {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let text = read(&self.file)?;
        let verdict = match &self.data {
            Some(data) => {
                let mut window = Window::open(&Folder::at(data)).await?;
                let answer = window.examine_receipt(text).await?;
                if let Some(file) = &self.complete {
                    anyhow::ensure!(
                        !answer.text.is_empty(),
                        "{}: 没有可补的证明 this office holds nothing to add",
                        file.display()
                    );
                    std::fs::write(file, &answer.text)
                        .with_context(|| file.display().to_string())?;
                }
                serde_json::from_str(&answer.json)?
            }
            None => {
                let keyring = self.believed.keyring()?;
                let keyring =
                    keyring.context("name the root to believe (--root), or an office (--data)")?;
                let shown = Unchecked::read(&text)?;
                told::verdict(&examine(&shown, keyring, None, Timestamp::now(), Tree::national()))
            }
        };
        print_verdict(&verdict, self.json);
        Ok(match verdict["outcome"].as_str() {
            Some("holds") => ExitCode::SUCCESS,
            Some("open") => ExitCode::from(OPEN),
            Some(_) | None => ExitCode::from(FOUND),
        })
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_to_string(&mut text).context("standard input")?;
    } else {
        let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
        text = String::from_utf8(bytes)
            .with_context(|| format!("{}: 不是文本 not a text", file.display()))?;
    }
    Ok(text)
}

fn print_verdict(verdict: &Value, json: bool) {
    if json {
        println!("{verdict}");
        return;
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    println!("{}\n{}\n", text(&verdict["zh"]), text(&verdict["en"]));
    for point in verdict["points"].as_array().into_iter().flatten() {
        let mark = match point["answer"].as_str() {
            Some("holds") => "✓",
            Some("open") => "…",
            Some(_) | None => "✗",
        };
        println!("{mark} {}\n  {}", text(&point["zh"]), text(&point["en"]));
    }
    let receipt = &verdict["receipt"];
    println!(
        "\n{} {}  {}",
        text(&receipt["office_name"]),
        text(&receipt["office"]),
        text(&receipt["number"])
    );
    for due in receipt["due"].as_array().into_iter().flatten() {
        let duty = told::duty(due["duty"].as_str().unwrap_or_default());
        println!("{}  {} {}", text(&due["due_on"]), duty.zh, duty.en);
    }
    if verdict["access_log"].is_array() {
        println!();
        print_access_log(&verdict["access_log"]);
    }
}

/// Who opened who the petitioner is, and what for.
pub(super) fn print_access_log(log: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let log = log.as_array().map(Vec::as_slice).unwrap_or_default();
    if log.is_empty() {
        println!("查阅记录 access log: 无人启封 nobody has opened it");
        return;
    }
    println!("查阅记录 access log:");
    for access in log {
        println!(
            "  {}  {} {}  {} {} {}  {}",
            text(&access["at"]),
            text(&access["office_name"]),
            text(&access["officer"]),
            text(&access["kind_zh"]),
            text(&access["kind"]),
            if access["purpose"] == "" { "" } else { "：" },
            text(&access["purpose"])
        );
    }
}
