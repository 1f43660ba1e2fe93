//! `survey …`: looking through the cases held here for what nobody has asked about one by one.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::Value;
use terrace_proto::wire::SurveyRequest;

use super::table::table;
use super::{Data, window};
use crate::survey::report::report;
use crate::view::{hour, name_of};

/// What is looked for.
#[derive(Debug, Subcommand)]
pub enum SurveyCommand {
    /// Hard cases by a rule, the oldest first: those for which any bar is reached / 疑难排查
    Hard(Hard),
    /// Cases that stand still: no step for long, not served, not carried out / 停滞事项
    Still(Plain),
    /// Steps that no case of a channel has taken yet / 覆盖情况
    Coverage(Plain),
    /// What this office reports for a year (R2022 41), also as a page to be printed / 年度报告
    Annual(Annual),
}

/// The year.
#[derive(Debug, Args)]
pub struct Annual {
    #[command(flatten)]
    plain: Plain,
    /// Year / 年份
    #[arg(long, value_parser = clap::value_parser!(u32).range(1949..=9999))]
    year: u32,
    /// Write the report to this file, as a page to be printed / 打印文件
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
}

/// Where, and how told.
#[derive(Debug, Args)]
pub struct Plain {
    #[command(flatten)]
    data: Data,
    /// Only cases that this office holds / 仅本单位持有
    #[arg(long)]
    here: bool,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// The rule for hard cases.
#[derive(Debug, Args)]
pub struct Hard {
    #[command(flatten)]
    plain: Plain,
    /// Opened so many days ago or more / 立件天数
    #[arg(long)]
    days: Option<u32>,
    /// Began anew so often or more: reviews, redos, taking up / 重新办理次数
    #[arg(long)]
    reopened: Option<u32>,
    /// Passed on so often or more / 流转次数
    #[arg(long)]
    hops: Option<u32>,
}

impl SurveyCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (mut request, mut page) = (SurveyRequest::default(), None);
        let (what, plain) = match self {
            Self::Hard(Hard { plain, days, reopened, hops }) => {
                request = SurveyRequest { days, reopened, hops, ..request };
                ("hard", plain)
            }
            Self::Still(plain) => ("still", plain),
            Self::Coverage(plain) => ("coverage", plain),
            Self::Annual(Annual { plain, year, page: asked }) => {
                (request.year, page) = (year, asked);
                ("annual", plain)
            }
        };
        (request.what, request.held_here) = (what.to_owned(), plain.here);
        let json = window(&plain.data).await?.survey(request).await?.json;
        if let Some(file) = page {
            let (_, me, _) = plain.data.folder().config()?;
            let office = (name_of(me), me.short());
            let page = report(&serde_json::from_str(&json)?, office, hour(Timestamp::now()))?;
            std::fs::write(&file, page).with_context(|| file.display().to_string())?;
            println!("{}", file.display());
            return Ok(());
        }
        if plain.json {
            println!("{json}");
            return Ok(());
        }
        let told: Value = serde_json::from_str(&json)?;
        if told["incomplete"] == true {
            println!(
                "部分旧件的办理进度尚未补齐，未列入 how some older cases move is still being worked out; they are not listed"
            );
        }
        match what {
            "hard" => hard(&told),
            "still" => still(&told),
            "annual" => annual(&told),
            _ => coverage(&told),
        }
        Ok(())
    }
}

fn hard(told: &Value) {
    let mut table = table(["编号 number", "立件 opened", "重新办理 reopened", "流转 hops"]);
    for row in told["cases"].as_array().into_iter().flatten() {
        let text = |key: &str| row[key].as_str().unwrap_or("-").to_owned();
        let count = |key: &str| row[key].to_string();
        table.add_row([text("number"), text("opened_on"), count("reopened"), count("hops")]);
    }
    println!("{table}\n共 {} in all", told["all"]);
}

fn annual(told: &Value) {
    println!("{} 年 · 登记 registered: {}", told["year"], told["registered"]);
    let rows = |list: &str| told[list].as_array().cloned().unwrap_or_default();
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    for row in rows("channels") {
        println!("  {} {}: {}", text(&row, "zh"), text(&row, "en"), row["count"]);
    }
    for row in rows("acts") {
        println!("{} {}: {}", text(&row, "kind_zh"), text(&row, "kind"), row["count"]);
    }
    for row in rows("fields") {
        let (code, zh, en) = (text(&row, "code"), text(&row, "zh"), text(&row, "en"));
        println!("内容分类 field {code} {zh} {en}: {}", row["count"]);
    }
    for row in rows("organs") {
        println!("责任单位 organ {} {}: {}", text(&row, "organ"), text(&row, "name"), row["count"]);
    }
    let (forms, answers) =
        (["改进工作", "完善政策", "追究责任"], ["尚未反馈", "采纳", "部分采纳", "未采纳"]);
    for row in rows("proposals") {
        let at = |key: &str| usize::try_from(row[key].as_u64().unwrap_or(0)).unwrap_or(0);
        let form = forms.get(at("form").wrapping_sub(1)).unwrap_or(&"");
        let answer = answers.get(at("adoption")).unwrap_or(&"");
        println!("建议 proposal {form} {answer}: {}", row["count"]);
    }
}

fn still(told: &Value) {
    for queue in told["queues"].as_array().into_iter().flatten() {
        let text = |key: &str| queue[key].as_str().unwrap_or_default().to_owned();
        println!("{} {}: {}", text("zh"), text("en"), queue["all"]);
        for number in queue["cases"].as_array().into_iter().flatten() {
            println!("  {}", number.as_str().unwrap_or_default());
        }
    }
    let tickets = told["tickets"].as_array().cloned().unwrap_or_default();
    println!("取号未登记 drawn and not registered: {}", tickets.len());
    for ticket in tickets {
        println!("  {} {}号", ticket["drawn_on"].as_str().unwrap_or_default(), ticket["number"]);
    }
}

fn coverage(told: &Value) {
    let gaps = told["gaps"].as_array().cloned().unwrap_or_default();
    for gap in &gaps {
        let text = |key: &str| gap[key].as_str().unwrap_or_default().to_owned();
        println!(
            "{} {}  {} {}",
            text("channel"),
            text("channel_zh"),
            text("step_zh"),
            text("step")
        );
    }
    println!("未覆盖 missing: {} / {}", gaps.len(), told["all"]);
}
