//! `campaign`: campaigns for suggestions or publicity (征集、宣传).

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use terrace_proto::entry::Content;
use terrace_proto::entry::header::days_of;
use terrace_proto::wire;

use super::Data;
use super::case::HandArguments;
use super::roll::enter;

/// Begin a campaign.
#[derive(Debug, Args)]
pub struct Campaign {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    hand: HandArguments,
    /// Title / 名称
    title: String,
    /// What for
    #[arg(long, value_enum)]
    form: CampaignForm,
    /// What it is about / 内容
    #[arg(long, default_value = "")]
    words: String,
    /// First day (YYYY-MM-DD)
    #[arg(long)]
    from: Date,
    /// Last day (YYYY-MM-DD)
    #[arg(long)]
    until: Date,
    /// Where: television, press, SMS, WeChat, brochure; may be given several times / 渠道
    #[arg(long)]
    channel: Vec<String>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// What a campaign is for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum CampaignForm {
    /// 人民建议征集
    Suggestions = 1,
    /// 宣传
    Publicity = 2,
}

impl Campaign {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let said = wire::CampaignOpened {
            form: self.form as u32,
            title: self.title,
            words: self.words,
            from_on: days_of(self.from),
            until_on: days_of(self.until),
            channels: self.channel,
        };
        enter(&self.data, self.hand, Content::CampaignOpened(said), self.json).await
    }
}
