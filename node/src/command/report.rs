//! `status` and `link`.

use clap::{Args, ValueEnum};
use jiff::{Timestamp, tz};
use serde_json::Value;

use super::table::{plain, table};
use super::watch::watch;
use super::{Data, window};

/// How the office and its links stand.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    data: Data,
    /// Look again and again until stopped, every so many seconds / 持续刷新
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2")]
    watch: Option<u64>,
    /// For programs; with --watch, a line each time
    #[arg(long)]
    json: bool,
}

impl Status {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self.watch {
            Some(seconds) => {
                let pause = std::time::Duration::from_secs(seconds.max(1));
                watch(pause, !self.json, async || self.told().await).await
            }
            None => {
                print!("{}", self.told().await?);
                Ok(())
            }
        }
    }

    async fn told(&self) -> anyhow::Result<String> {
        let json = window(&self.data).await?.show_status().await?;
        if self.json {
            return Ok(format!("{json}\n"));
        }
        Ok(tell(&serde_json::from_str(&json)?))
    }
}

/// How an office stands, for people.
fn tell(status: &Value) -> String {
    let mut told = format!(
        "{} {}  {}\n",
        text(&status["division"]),
        text(&status["name"]),
        text(&status["level"])
    );
    if let Some(reason) = status["refusing"].as_str() {
        told += &format!("拒收 accepting nothing: {reason}\n");
    }
    let mut own = plain();
    let open = &status["not_cosigned"];
    let not_held = if open.is_null() {
        "–".to_owned()
    } else {
        format!("{} 条 entries, 最早 oldest {} s", open["entries"], text(&open["oldest_seconds"]))
    };
    let troubled = format!(
        "待前件 waiting {}, 搁置 parked {}, 存争 contested {}",
        status["waiting"], status["parked"], status["contested"]
    );
    own.add_row(["记录簿 journal", &format!("{} 条 entries", status["journal_size"])]);
    own.add_row(["信访事项 cases", &status["cases"].to_string()]);
    own.add_row(["需注意 attention", &troubled]);
    own.add_row(["上级未持有 not held above", &not_held]);
    let days = format!("{} 天 days left", text(&status["certificate_days_left"]));
    own.add_row(["证书 certificate", &days]);
    told += &format!("{own}\n\n");
    let mut links = table([
        "邻居 neighbour",
        "链路 link",
        "已送 sent",
        "已证 proved",
        "已收 received",
        "说明 word",
    ]);
    for neighbour in status["neighbours"].as_array().into_iter().flatten() {
        links.add_row(row(neighbour));
    }
    told + &format!("{links}\n")
}

fn row(neighbour: &Value) -> [String; 6] {
    let side =
        if neighbour["side"] == "superior" { "上级 superior" } else { "下级 subordinate" };
    let connected = neighbour["connected"] == true;
    let link = if connected { "连通 connected" } else { "未连通 not connected" };
    let (sent, received) = (&neighbour["ledgers"]["sent"], &neighbour["ledgers"]["received"]);
    let word = if connected { String::new() } else { text(&neighbour["last_word"]) };
    [
        format!("{side} {} {}", text(&neighbour["division"]), text(&neighbour["name"])),
        format!("{link} {}", text(&neighbour["since"])),
        text(&sent["number"]),
        format!("{} {}", text(&sent["proved_number"]), text(&sent["proved_at"])),
        format!("{} {}", text(&received["number"]), text(&received["sent_at"])),
        word,
    ]
}

/// A value as people read it; nothing known is a dash.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::String(text) => text.parse::<Timestamp>().map_or_else(|_| text.clone(), hour),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// An hour in China.
fn hour(at: Timestamp) -> String {
    tz::offset(8).to_datetime(at).strftime("%m-%d %H:%M:%S").to_string()
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
