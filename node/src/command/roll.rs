//! `roll …`: what this office lists across cases.

use clap::Args;
use serde_json::Value;
use terrace_proto::roll::Roll;
use terrace_proto::wire::{Body, EnterRequest, ShowRollRequest};

use super::case::HandArguments;
use super::table::table;
use super::{Data, window};

/// List a roll, the newest here first.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    data: Data,
    /// Which: experts, deputies, links, recusals, panels, certificates, ratings
    name: String,
    /// At most so many
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// Only those behind this place, as the last list printed it
    #[arg(long, default_value_t = 0)]
    before: u64,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let request =
            ShowRollRequest { roll: self.name.clone(), before: self.before, limit: self.limit };
        let json = window(&self.data).await?.show_roll(request).await?.json;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let told: Value = serde_json::from_str(&json)?;
        let title = Roll::named(&self.name).map_or("", Roll::zh);
        let rows = told["rows"].as_array().cloned().unwrap_or_default();
        if rows.is_empty() {
            println!("{title}：无 nothing is on this roll");
            return Ok(());
        }
        let mut table = table(["时间 when", "单位 office", "事项 case", "内容 what", "条目 entry"]);
        for row in &rows {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let what = format!("{} {}{}", text("kind_zh"), text("kind"), said(row));
            table.add_row([
                text("recorded_at").chars().take(16).collect::<String>().replace('T', " "),
                text("office"),
                text("number"),
                what,
                text("leaf"),
            ]);
        }
        println!("{table}");
        Ok(())
    }
}

/// What an entry says, one thing to a line.
fn said(row: &Value) -> String {
    let words = row["said"].as_array().into_iter().flatten();
    let lines = words.map(|word| {
        let text = |key: &str| word[key].as_str().unwrap_or_default().to_owned();
        let (zh, en) = (text("text_zh"), text("text_en"));
        let told = if zh == en { zh } else { format!("{zh} {en}") };
        format!("\n{} {}: {told}", text("zh"), text("en"))
    });
    lines.collect()
}

/// Enters what is of the office itself and of no case.
pub(super) async fn enter(
    data: &Data,
    hand: HandArguments,
    content: terrace_proto::entry::Content,
    json: bool,
) -> anyhow::Result<()> {
    let body = Some(Body { salt: Vec::new(), content: Some(content) });
    let request = EnterRequest { hand: Some(hand.into()), body };
    let done = window(data).await?.enter(request).await?;
    let leaf = data_encoding::HEXLOWER.encode(&done.leaf);
    if json {
        println!("{}", serde_json::json!({ "leaf": leaf, "sequence": done.sequence }));
    } else {
        println!("已记 recorded  {leaf}");
    }
    Ok(())
}
