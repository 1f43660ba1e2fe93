//! `rules …`: the law as this office knows it, why a day is what it is, and how packs differ.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use terrace_proto::division::Tree;
use terrace_proto::rules::{Difference, Pack, Rules};
use terrace_proto::wire::{ExplainRulesRequest, IssueRulesRequest};

use super::case::HandArguments;
use super::table::table;
use super::{Data, window};

/// What can be asked about rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// The rule packs this office knows, and the documents they rest on / 规则清单
    List(List),
    /// Which rule set each deadline of a case, and why / 期限依据
    Explain(Explain),
    /// What differs between two packs: names of the program's own, or files / 规则比较
    Diff(Diff),
    /// Read a pack and say what is wrong with it, or what it says / 规则校验
    Check(Check),
    /// Issue a pack (.toml) or a calendar (.csv) for this office and all below / 发布规则
    Issue(Issue),
}

/// The packs this office knows.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Why each deadline is what it is.
#[derive(Debug, Args)]
pub struct Explain {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What differs between two packs.
#[derive(Debug, Args)]
pub struct Diff {
    /// A name such as CN-2005, or a file
    before: String,
    /// A name such as CN-2022, or a file
    after: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Read a pack.
#[derive(Debug, Args)]
pub struct Check {
    /// The file
    file: PathBuf,
}

/// Issue a pack or a calendar.
#[derive(Debug, Args)]
pub struct Issue {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// The file
    file: PathBuf,
}

impl RulesCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List(list) => list.run().await,
            Self::Explain(explain) => explain.run().await,
            Self::Diff(diff) => diff.run(),
            Self::Check(check) => check.run(),
            Self::Issue(issue) => issue.run().await,
        }
    }
}

/// A text of JSON, or nothing.
fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

impl List {
    async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.show_rules().await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let known: Value = serde_json::from_str(&json)?;
        let mut packs =
            table(["规则 pack", "名称 name", "范围 scope", "起 from", "止 to", "启用 on"]);
        for one in known["packs"].as_array().into_iter().flatten() {
            let on = if one["enabled"] == true { "是 yes" } else { "否 no" };
            packs.add_row([
                word(&one["pack"]),
                word(&one["name"]),
                word(&one["scope"]),
                word(&one["from"]),
                word(&one["to"]),
                on.to_owned(),
            ]);
        }
        println!("{packs}");
        let mut documents = table(["文件 document", "名称 name", "文号 number", "规则 packs"]);
        for one in known["documents"].as_array().into_iter().flatten() {
            documents.add_row([
                word(&one["key"]),
                word(&one["name"]),
                word(&one["number"]),
                citing(&known["packs"], &word(&one["key"])),
            ]);
        }
        println!("{documents}");
        let calendar = &known["calendar"];
        println!(
            "工作日历 calendar: {} – {} ({})",
            word(&calendar["from"]),
            word(&calendar["to"]),
            word(&calendar["digest"])
        );
        Ok(())
    }
}

/// The packs with a term that rests on a document.
fn citing(packs: &Value, key: &str) -> String {
    let cites = |pack: &&Value| {
        let mut terms = pack["terms"].as_array().into_iter().flatten();
        terms.any(|term| word(&term["article"]).split(';').any(|one| one.trim().starts_with(key)))
    };
    let packs = packs.as_array().into_iter().flatten().filter(cites);
    packs.map(|pack| word(&pack["pack"])).collect::<Vec<_>>().join(", ")
}

impl Explain {
    async fn run(self) -> anyhow::Result<()> {
        let request = ExplainRulesRequest { case_name: self.case };
        let json = window(&self.data).await?.explain_rules(request).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let told: Value = serde_json::from_str(&json)?;
        let under = told["under"].as_array().into_iter().flatten();
        let under: Vec<String> = under.map(|pack| word(&pack["pack"])).collect();
        println!("{}  适用规则 under {}", word(&told["number"]), under.join(" > "));
        for clock in told["clocks"].as_array().into_iter().flatten() {
            explained(clock);
        }
        Ok(())
    }
}

/// One clock, in a few lines.
fn explained(clock: &Value) {
    println!("\n{} {} / {}", word(&clock["number"]), word(&clock["zh"]), word(&clock["en"]));
    if let Some(rule) = clock["rule"].as_object() {
        println!(
            "  依据 rule: {} {} ({}), {} [{}]",
            word(&rule["pack"]),
            word(&rule["length"]),
            word(&rule["length_en"]),
            word(&rule["article"]),
            word(&rule["sure"])
        );
    }
    for other in clock["precedence"].as_array().into_iter().flatten().skip(1) {
        println!("  让位 behind it: {} {}", word(&other["pack"]), word(&other["length"]));
    }
    for setting in clock["settings"].as_array().into_iter().flatten() {
        let provisional =
            if setting["provisional"] == true { "（暂定 provisional）" } else { "" };
        println!(
            "  {} {}: {} → {}{provisional}",
            word(&setting["kind_zh"]),
            word(&setting["kind"]),
            word(&setting["from_on"]),
            word(&setting["due_on"])
        );
        if setting["as_reckoned"] == false {
            println!("    与规则不符 this is not what the rule pack gives");
        }
        if let Some(day) = setting["today_would_give"].as_str() {
            println!("    按现行规则与日历为 today's rules and calendar would give {day}");
        }
    }
    if let Some(by) = clock["ended_by_zh"].as_str() {
        println!("  止于 ended by {by} {} {}", word(&clock["ended_by"]), word(&clock["ended_on"]));
    }
    if let Some(days) = clock["missed_by"].as_i64().filter(|days| *days > 0) {
        println!("  逾期 missed by {days} 天 days");
    }
}

/// A pack of the program by name, or one out of a file.
fn pack(named: &str) -> anyhow::Result<Pack> {
    if let Some(pack) = Rules::built_in().pack(named) {
        return Ok(pack.clone());
    }
    let path = PathBuf::from(named);
    if !path.exists() {
        let known: Vec<&str> = Rules::built_in().packs().iter().map(Pack::name).collect();
        anyhow::bail!("{named} is neither a file nor one of {}", known.join(", "));
    }
    let text = std::fs::read_to_string(&path)?;
    Ok(Pack::read(named, &text, Rules::built_in().documents(), Tree::national())?)
}

impl Diff {
    fn run(self) -> anyhow::Result<()> {
        let (before, after) = (pack(&self.before)?, pack(&self.after)?);
        let differences = Difference::between(&before, &after);
        let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
        if self.json {
            println!(
                "{}",
                json!({ "before": before.name(), "after": after.name(), "differences": told })
            );
            return Ok(());
        }
        println!("{} → {}", before.name(), after.name());
        if told.is_empty() {
            println!("  无差别 no difference");
        }
        for one in told {
            println!("  {one}");
        }
        Ok(())
    }
}

impl Check {
    fn run(self) -> anyhow::Result<()> {
        let named = self.file.display().to_string();
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| anyhow::anyhow!("{named}: {error}"))?;
        let pack = Pack::read(&named, &text, Rules::built_in().documents(), Tree::national())?;
        println!("规则有效 the pack is sound: {} {}", pack.name(), pack.titles().0);
        for (duty, term) in pack.terms() {
            println!(
                "  {} {} {}: {} {} [{} {}]",
                duty.number(),
                duty.zh(),
                duty.en(),
                term.length().zh(),
                term.length().en(),
                term.article(),
                term.sure().letter()
            );
        }
        Ok(())
    }
}

impl Issue {
    async fn run(self) -> anyhow::Result<()> {
        let text = std::fs::read_to_string(&self.file)
            .map_err(|error| anyhow::anyhow!("{}: {error}", self.file.display()))?;
        let file = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let request = IssueRulesRequest { hand: Some(self.hand.into()), file, text };
        let digest = window(&self.data).await?.issue_rules(request).await?;
        println!("已发布 issued: {digest}");
        Ok(())
    }
}
