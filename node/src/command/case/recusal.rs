//! `case …` about who keeps out of a case, and who sits in a review.

use clap::{Args, Subcommand};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::link::leaf;
use super::{Subject, Words, say};

/// Who keeps out of a case, and who sits in a review.
#[derive(Debug, Subcommand)]
pub enum RecusalCommand {
    /// Take down that somebody is to keep out of a case / 申请回避
    AskRecusal(AskRecusal),
    /// Decide whether they do / 回避决定
    DecideRecusal(DecideRecusal),
    /// Draw a panel of experts by lot for a review / 抽取专家
    DrawPanel(DrawPanel),
}

/// Ask for a recusal.
#[derive(Debug, Args)]
pub struct AskRecusal {
    #[command(flatten)]
    words: Words,
    /// Staff number of the officer who is to keep out / 工作人员
    #[arg(long, default_value = "", conflicts_with = "expert")]
    who: String,
    /// Or an expert: the enlisting, 64 hexadecimal digits as `expert list` prints them / 专家
    #[arg(long, default_value = "")]
    expert: String,
    /// The petitioner asks / 信访人申请
    #[arg(long)]
    by_petitioner: bool,
    /// Day it was asked (YYYY-MM-DD)
    #[arg(long)]
    on: Date,
}

/// Decide on a recusal.
#[derive(Debug, Args)]
pub struct DecideRecusal {
    #[command(flatten)]
    words: Words,
    /// The request: 64 hexadecimal digits
    #[arg(long)]
    entry: String,
    /// They keep out / 准予
    #[arg(long)]
    grant: bool,
}

/// Draw a panel.
#[derive(Debug, Args)]
pub struct DrawPanel {
    #[command(flatten)]
    subject: Subject,
    /// How many sit / 席位
    #[arg(long, default_value_t = 3)]
    seats: u32,
}

impl RecusalCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::AskRecusal(ask) => {
                let AskRecusal { words: Words { subject, words }, who, expert, by_petitioner, on } =
                    ask;
                let said = wire::RecusalAsked {
                    officer: who,
                    expert: if expert.is_empty() { Vec::new() } else { leaf(&expert)? },
                    grounds: words,
                    by_petitioner,
                    asked_on: days_of(on),
                };
                say(subject, Content::RecusalAsked(said)).await
            }
            Self::DecideRecusal(decide) => {
                let DecideRecusal { words: Words { subject, words }, entry, grant } = decide;
                let said =
                    wire::RecusalDecided { request: leaf(&entry)?, granted: grant, reason: words };
                say(subject, Content::RecusalDecided(said)).await
            }
            Self::DrawPanel(DrawPanel { subject, seats }) => {
                let said = wire::PanelDrawn { seats, ..wire::PanelDrawn::default() };
                say(subject, Content::PanelDrawn(said)).await
            }
        }
    }
}
