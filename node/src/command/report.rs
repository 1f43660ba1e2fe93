//! `status`, `audit` and `link`.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{Data, FOUND, window};

/// How the office and its links stand.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    data: Data,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let json = window(&self.data).await?.show_status().await?;
        if self.json {
            println!("{json}");
            return Ok(());
        }
        let status: Value = serde_json::from_str(&json)?;
        println!(
            "{} {}  {}",
            text(&status["division"]),
            text(&status["name"]),
            text(&status["level"])
        );
        println!("  簿记 journal        {} 条 entries", status["journal_size"]);
        println!("  事项 cases          {}", status["cases"]);
        println!(
            "  等待 waiting {}  搁置 parked {}  存争 contested {}",
            status["waiting"], status["parked"], status["contested"]
        );
        let open = &status["not_cosigned"];
        if !open.is_null() {
            println!(
                "  未副署 not cosigned {} 条 entries, 最早 oldest {} s",
                open["entries"],
                text(&open["oldest_seconds"])
            );
        }
        println!("  证书 certificate    {} 天 days left", text(&status["certificate_days_left"]));
        if let Some(reason) = status["refusing"].as_str() {
            println!("  拒收 accepting nothing: {reason}");
        }
        for neighbour in status["neighbours"].as_array().into_iter().flatten() {
            print_neighbour(neighbour);
        }
        Ok(())
    }
}

fn print_neighbour(neighbour: &Value) {
    let side =
        if neighbour["side"] == "superior" { "上级 superior" } else { "下级 subordinate" };
    println!("{side} {} {}", text(&neighbour["division"]), text(&neighbour["name"]));
    let since = text(&neighbour["since"]);
    if neighbour["connected"] == true {
        println!("  连通 connected since {since}");
    } else {
        println!("  未连通 not connected since {since}: {}", text(&neighbour["last_word"]));
    }
    let (sent, received) = (&neighbour["ledgers"]["sent"], &neighbour["ledgers"]["received"]);
    println!(
        "  已送 sent {}, 对方已证 proved {} at {}",
        text(&sent["number"]),
        text(&sent["proved_number"]),
        text(&sent["proved_at"])
    );
    println!(
        "  已收 received {}, 对方发出 sent at {}",
        text(&received["number"]),
        text(&received["sent_at"])
    );
}

/// A value as people read it; nothing known is a dash.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// Check everything this office holds.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(flatten)]
    data: Data,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let json = window(&self.data).await?.audit().await?;
        let report: Value = serde_json::from_str(&json)?;
        let findings = report["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        if self.json {
            println!("{json}");
        } else {
            println!(
                "核对 checked: {} 条 entries, {} 册 journals, {} 次往来 passages, {} 件事项 cases",
                report["entries"], report["journals"], report["passages"], report["cases"]
            );
            for finding in findings {
                println!("  [{}] {}", text(&finding["kind"]), text(&finding["text"]));
            }
            println!("发现 findings: {}", findings.len());
        }
        Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
    }
}

/// Hold or release the link to the superior.
#[derive(Debug, Args)]
pub struct Link {
    #[command(flatten)]
    data: Data,
    /// What to do
    action: LinkAction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LinkAction {
    /// Stop dialling; the office works on
    Hold,
    /// Dial again
    Release,
}

impl Link {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        Ok(window(&self.data).await?.set_link(self.action == LinkAction::Release).await?)
    }
}
