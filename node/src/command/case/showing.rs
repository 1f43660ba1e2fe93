//! `case show` and `case list`: what an office holds, for people and for programs.

use clap::Args;
use serde_json::Value;
use terrace_proto::wire::ListCasesRequest;

use crate::command::receipt::print_access_log;
use crate::command::table::table;
use crate::command::timeline::{Language, told};
use crate::command::{Data, window};

/// Show a case.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    data: Data,
    /// Case number, or the 32 digits of its id
    case: String,
    /// Tell what happened in plain sentences / 用句子讲述经过
    #[arg(long)]
    timeline: bool,
    /// Language of the sentences
    #[arg(long, value_enum, default_value_t)]
    language: Language,
    /// For programs
    #[arg(long, conflicts_with = "timeline")]
    json: bool,
}

/// List cases.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
    /// Only those this office holds now
    #[arg(long)]
    held: bool,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Behind this row of an earlier list
    #[arg(long, default_value = "")]
    after: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.show_case(&self.case).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let case: Value = serde_json::from_str(&json)?;
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        println!("{}  {} {}", word(&case["number"]), word(&case["state_zh"]), word(&case["state"]));
        println!("  持有 held by {}", word(&case["holder"]));
        if let Some(reason) = case["parked"].as_str() {
            println!("  搁置 parked: {reason}");
        }
        if case["contested"] == true {
            println!("  存争 contested: nobody can advance it until it is settled");
        }
        if self.timeline {
            told(&case, self.language).iter().for_each(|sentence| println!("{sentence}"));
            return Ok(());
        }
        if case["access_log"].as_array().is_some_and(|log| !log.is_empty()) {
            print_access_log(&case["access_log"]);
        }
        for step in case["timeline"].as_array().into_iter().flatten() {
            let aside =
                step["aside"].as_str().map(|aside| format!("  [{aside}]")).unwrap_or_default();
            let to = step["to"].as_str().map(|to| format!(" → {to}")).unwrap_or_default();
            println!(
                "  {}  {} {} {}{to}{aside}",
                word(&step["recorded_at"]),
                word(&step["author"]),
                word(&step["kind_zh"]),
                word(&step["kind"])
            );
        }
        Ok(())
    }
}

impl List {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request =
            ListCasesRequest { held_here: self.held, after: self.after, limit: self.limit };
        let json = window(&self.data).await?.list_cases(request).await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let page: Value = serde_json::from_str(&json)?;
        let mut table =
            table(["编号 number", "标题 title", "状态 state", "持有 held by", "到期 due"]);
        for row in page["cases"].as_array().into_iter().flatten() {
            let word = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
            table.add_row([
                word("number"),
                word("title"),
                word("state"),
                word("holder"),
                word("due_on"),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}
