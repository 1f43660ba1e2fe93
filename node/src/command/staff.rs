//! `staff …`: officers who are absent or leave (代行与交接).

use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde_json::Value;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire::{self, ShowDeskRequest};

use super::case::HandArguments;
use super::roll::enter;
use super::table::table;
use super::{Data, window};

/// What can be done about staff.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Let one officer act on behalf of another for some days / 代行
    Deputise(Deputise),
    /// Hand the whole desk of an officer who leaves to another, in one act / 工作交接
    HandOver(HandOver),
    /// The open cases on an officer's desk, those due first before the others / 在办事项
    Desk(Desk),
}

/// Deputise.
#[derive(Debug, Args)]
pub struct Deputise {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Staff number of whoever is absent / 被代理人
    absent: String,
    /// Staff number of whoever acts for them / 代理人
    #[arg(long)]
    deputy: String,
    /// First day (YYYY-MM-DD)
    #[arg(long)]
    from: Date,
    /// Last day (YYYY-MM-DD)
    #[arg(long)]
    until: Date,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Hand a desk over.
#[derive(Debug, Args)]
pub struct HandOver {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Staff number of whoever leaves / 移交人
    leaves: String,
    /// Staff number of whoever has the desk from now on / 接收人
    #[arg(long)]
    to: String,
    /// Why / 理由
    #[arg(long)]
    words: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Show a desk.
#[derive(Debug, Args)]
pub struct Desk {
    #[command(flatten)]
    data: Data,
    /// Staff number
    of: String,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl StaffCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Deputise(one) => {
                let said = wire::Deputised {
                    officer: one.absent,
                    deputy: one.deputy,
                    from_on: days_of(one.from),
                    until_on: days_of(one.until),
                };
                enter(&one.data, one.hand, Content::Deputised(said), one.json).await
            }
            Self::HandOver(one) => {
                let said = wire::DeskHandedOver {
                    officer: one.leaves,
                    successor: one.to,
                    reason: one.words,
                };
                enter(&one.data, one.hand, Content::DeskHandedOver(said), one.json).await
            }
            Self::Desk(desk) => desk.run().await,
        }
    }
}

impl Desk {
    async fn run(self) -> anyhow::Result<()> {
        let request = ShowDeskRequest { officer: self.of.clone() };
        let json = window(&self.data).await?.show_desk(request).await?.json;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let told: Value = serde_json::from_str(&json)?;
        let rows = told["cases"].as_array().cloned().unwrap_or_default();
        if rows.is_empty() {
            println!("{} 无在办事项 nothing lies on this desk", self.of);
            return Ok(());
        }
        let mut table = table(["编号 number", "状态 state", "到期 due", "标题 title"]);
        for row in &rows {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            table.add_row([text("number"), text("state"), text("due_on"), text("title")]);
        }
        println!("{table}");
        Ok(())
    }
}
