//! `roll …`: what this office lists across cases.

use clap::Args;
use serde_json::Value;
use terrace_proto::roll::Roll;
use terrace_proto::wire::{Body, EnterRequest, ShowRollRequest};

use super::case::HandArguments;
use super::table::table;
use super::{Data, window};
use crate::view::roll::{LISTS, plain};

/// List a roll, the newest here first.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    data: Data,
    /// Which: experts, deputies, links, recusals, panels, certificates, ratings, packages, crossings, backlog, assistance,
    /// receptions, campaigns, training, tickets, urgent, organs
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
                text("recorded_at").parse().map(crate::view::hour).unwrap_or_default(),
                text("office"),
                text("number"),
                what,
                text("leaf"),
            ]);
        }
        println!("{table}");
        mean(&told["meaning"]);
        Ok(())
    }
}

/// What a roll comes to: shares, and one table of what is listed.
fn mean(meaning: &Value) {
    for level in meaning["levels"].as_array().into_iter().flatten() {
        println!("{}", share(&format!("{} {}", level["zh"], level["en"]), &level["settled"]));
    }
    for (key, name) in
        [("below_province", "省级以下 below the province"), ("settled", "合计 in all")]
    {
        if meaning[key].is_object() {
            println!("{}", share(name, &meaning[key]));
        }
    }
    for (list, columns) in LISTS {
        let Some(rows) = meaning[*list].as_array() else { continue };
        let mut table = super::table::plain();
        table.set_header(columns.iter().map(|(_, zh, en)| format!("{zh} {en}")));
        for row in rows {
            table.add_row(columns.iter().map(|(key, ..)| plain(&row[*key])));
        }
        println!("{table}");
    }
}

fn share(name: &str, share: &Value) -> String {
    let told = share["share"].as_str().unwrap_or_default();
    format!("{}: {} / {} = {told}", name.replace('"', ""), share["of"], share["all"])
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
