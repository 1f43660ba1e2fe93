//! `accusation …`: reports against offices and officials (检举控告), sealed past the accused.
//!
//! The words come from a file or standard input, never from the command line, where other users of the machine could
//! see them.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use data_encoding::HEXLOWER_PERMISSIVE;
use jiff::civil::Date;
use serde_json::{Value, json};
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::{
    ContinueReportRequest, OpenReportRequest, ReportWords, TakeReportRequest,
};

use super::case::HandArguments;
use super::petitioner;
use super::table::table;
use super::{Data, window};

/// What can be done with reports.
#[derive(Debug, Subcommand)]
pub enum AccusationCommand {
    /// Take a report in / 收件
    Take(Take),
    /// List the reports this office's discipline organ can open, and those owed to it / 列表
    List(List),
    /// Open a report, for a purpose that goes on record / 启封
    Open(Open),
    /// Continue a report as a case of this office's discipline organ / 立件
    Continue(Open),
}

/// Take a report in.
#[derive(Debug, Args)]
pub struct Take {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Division accused, or to which the accused belongs, short or with 12 digits
    #[arg(long, default_value = "", required_unless_present = "retaliation")]
    accused: String,
    /// Another division whose organs the accused leads; may be given several times / 被反映人另任职的地方
    #[arg(long)]
    leads: Vec<String>,
    /// Somebody is leaned on for this case: it goes past every office that has held it, unless --accused names one /
    /// 打击报复
    #[arg(long, value_name = "CASE")]
    retaliation: Option<String>,
    /// A JSON file with title, text, and if given accused_organ, accused_person, confidential, name, phone, id_number,
    /// address; `-` reads it from standard input
    file: PathBuf,
    /// Day the reporter was received, if not today (YYYY-MM-DD)
    #[arg(long)]
    received_on: Option<Date>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// List reports.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Open a report.
#[derive(Debug, Args)]
pub struct Open {
    #[command(flatten)]
    data: Data,
    /// The entry: 64 hexadecimal digits, as `accusation list` prints them
    entry: String,
    #[command(flatten)]
    hand: HandArguments,
    /// What for / 启封事由
    #[arg(long)]
    purpose: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl AccusationCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Take(take) => take.run().await,
            Self::List(list) => list.run().await,
            Self::Open(open) => open.run().await,
            Self::Continue(open) => open.go_on().await,
        }
    }
}

impl Take {
    async fn run(self) -> anyhow::Result<()> {
        let text = if self.file.as_os_str() == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        } else {
            let read = std::fs::read_to_string(&self.file);
            read.map_err(|error| anyhow::anyhow!("{}: {error}", self.file.display()))?
        };
        let said: Value = serde_json::from_str(&text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            anyhow::anyhow!(
                "{}, line {line}, column {column}: not the JSON object of a report; nothing was registered",
                self.file.display()
            )
        })?;
        let request = TakeReportRequest {
            hand: Some(self.hand.into()),
            report: Some(ReportWords {
                leads: self.leads,
                retaliation: self.retaliation.unwrap_or_default(),
                ..words(&said, self.accused)
            }),
            received_on: self.received_on.map(days_of),
        };
        let taken = window(&self.data).await?.take_report(request).await?;
        if self.json {
            let leaf = HEXLOWER_PERMISSIVE.encode(&taken.leaf);
            let told = json!({
                "number": taken.number, "leaf": leaf, "sequence": taken.sequence,
                "receipt": taken.receipt,
            });
            println!("{told}");
        } else {
            println!("{} 已密封收件 sealed and registered", taken.number);
            println!("{}", taken.receipt);
        }
        Ok(())
    }
}

fn words(said: &Value, accused_division: String) -> ReportWords {
    let word = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
    let reporter = terrace_proto::wire::PetitionerWords {
        name: word("name"),
        id_kind: u32::from(!word("id_number").is_empty()),
        id_number: word("id_number"),
        phone: word("phone"),
        address: word("address"),
        further_contact: String::new(),
        role: 0,
    };
    ReportWords {
        accused_division,
        accused_organ: word("accused_organ"),
        accused_person: word("accused_person"),
        title: word("title"),
        text: word("text"),
        confidential: said["confidential"].as_bool().unwrap_or(true),
        reporter: (reporter != Default::default()).then_some(reporter),
        ..ReportWords::default()
    }
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.list_reports(self.limit).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let said: Value = serde_json::from_str(&json)?;
        let mut table = table(["条目 entry", "收件单位 taken in at", "时间 when", "状态 standing"]);
        for row in said["reports"].as_array().into_iter().flatten() {
            let word = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            let standing = if row["owed"] == true {
                "欠缺密文或密钥 owed"
            } else {
                "可启封 readable"
            };
            table.add_row([word("leaf"), word("author"), word("recorded_at"), standing.to_owned()]);
        }
        println!("{table}");
        Ok(())
    }
}

impl Open {
    fn leaf(&self) -> anyhow::Result<Vec<u8>> {
        let leaf = HEXLOWER_PERMISSIVE.decode(self.entry.as_bytes());
        leaf.map_err(|_| anyhow::anyhow!("an entry is named by 64 hexadecimal digits"))
    }

    async fn go_on(self) -> anyhow::Result<()> {
        let leaf = self.leaf()?;
        let hand = Some(self.hand.into());
        let request = ContinueReportRequest { hand, leaf, purpose: self.purpose };
        let done = window(&self.data).await?.continue_report(request).await?.registered;
        let done = done.unwrap_or_default();
        if self.json {
            let case = HEXLOWER_PERMISSIVE.encode(&done.case_id);
            println!("{}", json!({ "number": done.number, "case": case, "known": done.known }));
        } else if done.known {
            println!("{} 早已立件 continued before", done.number);
        } else {
            println!("{} 已立件 continued as a case", done.number);
        }
        Ok(())
    }

    async fn run(self) -> anyhow::Result<()> {
        let leaf = self.leaf()?;
        let hand = Some(self.hand.into());
        let request = OpenReportRequest { hand, leaf, purpose: self.purpose };
        let report = window(&self.data).await?.open_report(request).await?.report;
        show(&report.unwrap_or_default(), self.json);
        Ok(())
    }
}

/// Shows what a report says, to the terminal and nowhere else.
pub(super) fn show(report: &ReportWords, json: bool) {
    if json {
        let told = json!({
            "accused_division": report.accused_division, "accused_organ": report.accused_organ,
            "accused_person": report.accused_person, "title": report.title, "text": report.text,
            "confidential": report.confidential, "addressee": report.addressee,
            "reporter": report.reporter.as_ref().map(petitioner::told),
        });
        println!("{told}");
        return;
    }
    let accused = [&report.accused_division, &report.accused_organ, &report.accused_person];
    let accused = accused.map(String::as_str).join(" ");
    println!("被反映 accused: {accused}");
    println!("{}\n\n{}", report.title, report.text);
}
