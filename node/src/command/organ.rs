//! `organ …`: the registry of organs (机构编码): looked at, proposed, registered, declined, brought in a table.

mod bringing;
mod generating;
mod proposing;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::Value;
use terrace_proto::division::DivisionCode;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::organ::OrganCode;
use terrace_proto::wire::{OrganDeclined, OrganRegistered, ShowOrgansRequest};

use super::case::{HandArguments, leaf};
use super::roll::enter;
use super::table::table;
use super::{Data, window};

/// What can be done with the registry.
#[derive(Debug, Subcommand)]
pub enum OrganCommand {
    /// The organs of a division on a day, or what is proposed / 机构清单
    List(List),
    /// What a code means on a day, and what it meant before / 机构查询
    Show(Show),
    /// Propose a new, changed or closed organ of this office's own subtree / 提请
    Propose(proposing::Propose),
    /// Register what an office below proposed; the root its own / 核定
    Approve(Approve),
    /// Decline what an office below proposed / 不予核定
    Decline(Decline),
    /// Propose the organs of a table (CSV); exit code 4 if some rows were rejected / 导入机构表
    Import(bringing::Import),
    /// A table of generated organs, for tests and exercises / 生成机构表
    Generate(generating::Generate),
}

/// The organs of a division.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// Whose; this office's own if not said / 区划
    #[arg(long)]
    division: Option<DivisionCode>,
    /// Those below it as well / 含下级
    #[arg(long)]
    below: bool,
    /// On which day (YYYY-MM-DD); today if not said / 日期
    #[arg(long)]
    on: Option<Date>,
    /// Instead: proposals that nobody has registered, and what does not count / 待核定
    #[arg(long, conflicts_with_all = ["division", "below", "on"])]
    proposals: bool,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What a code means.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    data: Data,
    /// The code, such as 410221000-001-1 / 机构编码
    code: OrganCode,
    /// On which day (YYYY-MM-DD); today if not said / 日期
    #[arg(long)]
    on: Option<Date>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Register proposals.
#[derive(Debug, Args)]
pub struct Approve {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// The proposals: 64 hexadecimal digits each, as `organ list --proposals` prints them
    #[arg(required = true)]
    proposals: Vec<String>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Decline a proposal.
#[derive(Debug, Args)]
pub struct Decline {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// The proposal: 64 hexadecimal digits
    proposal: String,
    /// Why / 理由
    #[arg(long)]
    reason: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl OrganCommand {
    pub(super) async fn run(self) -> anyhow::Result<std::process::ExitCode> {
        match self {
            Self::List(list) => list.run().await?,
            Self::Show(show) => show.run().await?,
            Self::Propose(propose) => propose.run().await?,
            Self::Approve(approve) => approve.run().await?,
            Self::Decline(decline) => decline.run().await?,
            Self::Import(import) => return import.run().await,
            Self::Generate(generate) => generate.run()?,
        }
        Ok(std::process::ExitCode::SUCCESS)
    }
}

/// A text of JSON, or nothing.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        if self.proposals {
            return self.proposed().await;
        }
        let mut request = ShowOrgansRequest {
            division: self.division.map(DivisionCode::short).unwrap_or_default(),
            below: self.below,
            on: self.on.map(days_of),
            ..ShowOrgansRequest::default()
        };
        let mut window = window(&self.data).await?;
        let mut organs = Vec::new();
        let told = loop {
            let json = window.show_organs(request.clone()).await?;
            let mut page: Value = serde_json::from_str(&json)?;
            if let Some(rows) = page["organs"].as_array_mut() {
                organs.append(rows);
            }
            match page["after"].as_u64() {
                Some(after) => request.after = after,
                None => break page,
            }
        };
        if self.json {
            let (on, division, free) = (&told["on"], &told["division"], &told["free"]);
            println!(
                "{}",
                serde_json::json!({ "on": on, "division": division, "free": free, "organs": organs })
            );
            return Ok(());
        }
        let mut table = table([
            "编码 code",
            "区划 place",
            "名称 name",
            "类别 category",
            "上级 answers to",
            "起 from",
        ]);
        for row in &organs {
            table.add_row([
                word(&row["code"]),
                word(&row["place"]),
                word(&row["name"]),
                format!("{} {}", word(&row["category_zh"]), word(&row["category_en"])),
                word(&row["answers_to"]["name"]),
                word(&row["valid_from"]),
            ]);
        }
        println!("{table}");
        println!("{} 个机构 organs, {}", organs.len(), word(&told["on"]));
        Ok(())
    }

    async fn proposed(self) -> anyhow::Result<()> {
        let request = ShowOrgansRequest { proposals: true, ..ShowOrgansRequest::default() };
        let json = window(&self.data).await?.show_organs(request).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let told: Value = serde_json::from_str(&json)?;
        let mut proposals = table([
            "日期 day",
            "提请单位 office",
            "机构数 organs",
            "首个 first",
            "结果 outcome",
            "条目 entry",
        ]);
        for one in told["proposals"].as_array().into_iter().flatten() {
            let declined = one["declined"].as_array().into_iter().flatten();
            let declined = declined.map(|said| {
                format!("不予核定 declined by {}: {}", word(&said["office"]), word(&said["reason"]))
            });
            proposals.add_row([
                word(&one["recorded_on"]),
                format!("{} {}", word(&one["place"]), word(&one["office"])),
                one["organs"].to_string(),
                word(&one["first"]),
                declined.collect::<Vec<_>>().join("\n"),
                word(&one["entry"]),
            ]);
        }
        println!("{proposals}");
        let irregular: Vec<&Value> = told["irregular"].as_array().into_iter().flatten().collect();
        if !irregular.is_empty() {
            let mut without_effect =
                table(["单位 office", "编码 code", "不计 does not count", "条目 entry"]);
            for one in irregular {
                without_effect
                    .add_row(["office", "code", "why", "entry"].map(|key| word(&one[key])));
            }
            println!("{without_effect}");
        }
        Ok(())
    }
}

impl Show {
    async fn run(self) -> anyhow::Result<()> {
        let request = ShowOrgansRequest {
            code: self.code.to_string(),
            on: self.on.map(days_of),
            ..ShowOrgansRequest::default()
        };
        let json = window(&self.data).await?.show_organs(request).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let told: Value = serde_json::from_str(&json)?;
        let organ = &told["organ"];
        println!("{} {}", word(&organ["code"]), word(&organ["name"]));
        let named = |one: &Value| format!("{} {}", word(&one["name"]), word(&one["code"]));
        let mut lines = super::table::plain();
        for (name, text) in [
            (
                "类别 category",
                format!("{} {}", word(&organ["category_zh"]), word(&organ["category_en"])),
            ),
            ("区划 division", format!("{} {}", word(&organ["place"]), word(&organ["division"]))),
            ("节点 node", word(&organ["node"])),
            ("上级 answers to", named(&organ["answers_to"])),
            (
                "存续 valid",
                format!("{} – {}", word(&organ["valid_from"]), word(&organ["valid_to"])),
            ),
            ("不存续 not there", word(&organ["why_not"])),
            ("现由 acted for by", named(&organ["acting"])),
            ("核定单位 registered by", word(&organ["registered_by"])),
            ("变更次数 revision", organ["revision"].to_string()),
            ("条目 entry", word(&organ["entry"])),
        ] {
            if !text.trim().is_empty() {
                lines.add_row([name.to_owned(), text]);
            }
        }
        println!("{lines}");
        let mut history = table([
            "次 revision",
            "起 from",
            "止 to",
            "名称 name",
            "继任 successor",
            "核定单位 by",
        ]);
        for one in told["history"].as_array().into_iter().flatten() {
            let texts = ["valid_from", "valid_to", "name", "successor", "registered_by"];
            let cells = texts.map(|key| word(&one[key]));
            history.add_row([one["revision"].to_string()].into_iter().chain(cells));
        }
        println!("{history}");
        Ok(())
    }
}

impl Approve {
    async fn run(self) -> anyhow::Result<()> {
        for one in &self.proposals {
            let said = OrganRegistered { proposal: leaf(one)?, ..OrganRegistered::default() };
            let hand = self.hand.clone();
            enter(&self.data, hand, Content::OrganRegistered(said), self.json).await?;
        }
        Ok(())
    }
}

impl Decline {
    async fn run(self) -> anyhow::Result<()> {
        let (proposal, proposer) = (leaf(&self.proposal)?, 0);
        let said = OrganDeclined { proposal, proposer, reason: self.reason };
        enter(&self.data, self.hand, Content::OrganDeclined(said), self.json).await
    }
}
